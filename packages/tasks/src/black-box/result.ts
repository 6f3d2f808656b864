import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const numbers = list(v.number());
const line = v.object({ x: numbers, y: numbers });

const drawn = v.object({
  history: said(
    v.object({ evaluations: numbers, best: numbers }),
    'The best values so far, and after how many evaluations they were found.',
  ),
  points: v.optional(
    said(
      v.object({
        labels: list(v.string()),
        at: list(numbers),
        numbers: said(numbers, 'Of the evaluations, counted from 1.'),
        values: numbers,
        best: numbers,
        value: v.number(),
      }),
      'Of one or two coordinates: where evaluations were, in their order, every so many of them; and the best.',
    ),
  ),
  curve: v.optional(said(line, 'The function of one coordinate.')),
  levels: v.optional(
    said(
      v.object({
        least: said(v.number(), 'The least value seen.'),
        box: said(list(numbers), 'From where to where, of both coordinates.'),
        levels: list(v.object({ above: v.number(), lines: list(line) })),
      }),
      'The function of two coordinates: lines where it is so much above the least value.',
    ),
  ),
});

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  objective: said(v.string(), 'The name of the function, the expression, the program, or the file of the module.'),
  dim: said(v.number(), 'Coordinates.'),
  variables: v.optional(said(list(v.string()), 'Of an expression: what its coordinates are called, in their order.')),
  method: v.string(),
  noisy: v.optional(said(v.literal(true), 'The point is the mean of the search, the value a fresh one there.')),
  repeats: v.optional(said(v.number(), 'Evaluations of each point, where there are several; the value is their mean.')),
  asynchronous: v.optional(v.literal(true)),
  seed: v.number(),
  value: said(v.union([v.number(), v.string()]), 'The least that was found; a text where it is not finite.'),
  x: said(list(v.union([v.number(), v.string()])), 'Where; words for categories.'),
  constraints: v.optional(said(v.number(), 'Values that were to be at most 0.')),
  violation: v.optional(said(v.union([v.number(), v.string()]), 'The largest of them at the point, at least 0.')),
  known: v.optional(said(v.number(), 'The least value there is, of a test function.')),
  status,
  message: said(v.string(), 'Why it ended, a sentence.'),
  why: v.optional(said(v.string(), 'Of the method auto: which it has chosen, and why.')),
  next: v.optional(v.string()),
  error: v.optional(said(v.string(), 'What failed.')),
  evaluations: v.number(),
  repeated: v.optional(said(v.number(), 'Of these, values of points seen before, from memory.')),
  iterations: v.number(),
  seconds: v.number(),
  checkpoint: v.optional(said(v.string(), 'The file that the search can go on from.')),
  drawn: v.optional(said(drawn, 'What pictures are drawn from, where one is asked for.')),
};

export const minimizeResult = v.object(entries);
export type Minimum = ResultOf<typeof entries>;

/** What the coordinates are called. */
export const namesOf = (variables: readonly string[] | undefined, dim: number): readonly string[] =>
  variables ?? Array.from({ length: dim }, (_, k) => `x${k + 1}`);
