import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const strategies = list(
  v.object({
    strategy: v.string(),
    probability: v.number(),
    payoff: said(
      v.number(),
      'Payoff to the row player of this strategy against the mixed strategy of the other player.',
    ),
  }),
);

export const gameResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  value: said(v.number(), 'What the row player receives on average: the middle of the bounds.'),
  lower: said(v.number(), 'What the row player secures against every strategy of the other.'),
  upper: said(v.number(), 'What the column player concedes at most.'),
  gap: said(v.number(), 'upper − lower.'),
  relativeGap: said(v.number(), 'The gap divided by the range of the payoffs; 0 where they are all equal.'),
  rows: said(strategies, 'The strategies of the row player, who maximises, in the order of the table.'),
  columns: said(strategies, 'Those of the column player, who minimises.'),
  iterations: v.number(),
  course: said(
    v.object({ steps: list(v.number()), gaps: list(v.number()) }),
    'Relative gaps in the course of the run.',
  ),
  payoffs: said(
    v.object({ rows: list(v.number()), columns: list(v.number()), values: list(v.number()) }),
    'Payoffs of the picture, row by row: of all strategies (by their indices), or of the likeliest ones of a large game.',
  ),
  seconds: said(v.number(), 'Reading included.'),
});

export type GameResult = ResultOf<typeof gameResult.entries>;
