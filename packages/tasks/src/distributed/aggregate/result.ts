import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import { list, said, status } from '../../result.ts';

const worker = v.object({
  worker: said(v.string(), 'Its name in the table, or its number from 1 on.'),
  state: said(
    v.picklist(['counted', 'suspected', 'excluded', 'zero']),
    'Suspected: unusually far from the direction; excluded: not finite; zero: a gradient of zeros that the rule leaves out.',
  ),
  norm: said(v.nullable(v.number()), 'Norm of its gradient.'),
  cosine: said(v.nullable(v.number()), 'Cosine of the angle between its gradient and the direction.'),
  distance: said(
    v.nullable(v.number()),
    'Distance of its gradient from the direction; of the unit gradient where the rule takes these.',
  ),
  weight: v.optional(said(v.number(), 'The direction is the sum of gradients times these.')),
  explained: v.optional(said(v.nullable(v.number()), 'Share of the squared norm in the subspace of the rule.')),
  score: v.optional(said(v.nullable(v.number()), 'Score of Krum: squared distances from the nearest gradients.')),
  selected: v.optional(said(v.boolean(), 'Whether Krum, Multi-Krum or Bulyan keeps it.')),
});

export const aggregateResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  rule: v.string(),
  title: said(v.string(), 'The rule in words.'),
  entries: said(v.number(), 'Entries of a gradient.'),
  workers: list(worker),
  norm: said(v.number(), 'Norm of the direction.'),
  dimension: v.optional(said(v.number(), 'Dimensions of the subspace of the flag aggregator.')),
  iterations: v.optional(v.number()),
  certificate: v.optional(
    said(v.number(), 'Relative duality gap of the geometric median, or relative gradient of the flag aggregator.'),
  ),
  advice: list(v.string()),
  names: v.optional(said(list(v.string()), 'Names of the entries.')),
  direction: list(v.number()),
  seconds: said(v.number(), 'Reading included.'),
});

export type AggregateResult = ResultOf<typeof aggregateResult.entries>;
