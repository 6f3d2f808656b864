import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), rows: v.number(), notes: list(v.string()) }),
  method: said(v.string(), 'The method, with its score and noise variances.'),
  lambda: v.optional(said(v.number(), 'Weight of the L1 penalty, where there is one.')),
  threshold: said(v.number(), 'Edges with weights up to this size were removed.'),
  nodes: list(v.string()),
  edges: said(
    list(
      v.object({
        from: v.string(),
        to: v.string(),
        weight: v.number(),
        confidence: v.optional(said(v.number(), 'Fraction of the bootstrap samples in which the edge was found.')),
      }),
    ),
    'Strongest first.',
  ),
  order: said(list(v.string()), 'Causes first.'),
  noise: v.optional(
    said(v.record(v.string(), v.number()), 'Standard deviation of each node’s noise, where the method estimates it.'),
  ),
  standardized: v.optional(said(v.literal(true), 'Weights and noise are those of columns scaled to unit variance.')),
  varsortability: v.optional(
    said(
      v.number(),
      'Fraction of the directed paths that lead from smaller to larger variance: near 0.5 where variances say nothing about the order, 1 where sorting by variance gives it. Paths whose direction is given by prior knowledge are not counted.',
    ),
  ),
  bootstrap: v.optional(
    said(
      v.object({ asked: v.number(), done: v.number(), finished: v.number() }),
      'Number of samples requested, drawn, and drawn with a fit that ended normally.',
    ),
  ),
  warnings: list(v.string()),
  status: said(status, 'Status of the fit, or of the bootstrap after it where only that did not end normally.'),
  error: v.optional(said(v.string(), 'The error message of a fit that failed.')),
  objective: v.number(),
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const learnResult = v.object(entries);
export type LearnedGraph = ResultOf<typeof entries>;
