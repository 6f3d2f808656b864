import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ name: v.string(), rows: v.number(), notes: list(v.string()) }),
  method: said(v.string(), 'With its score and its variances.'),
  lambda: v.optional(said(v.number(), 'Of the L1 penalty, where there is one.')),
  threshold: said(v.number(), 'Edges up to this size were left out.'),
  nodes: list(v.string()),
  edges: said(
    list(
      v.object({
        from: v.string(),
        to: v.string(),
        weight: v.number(),
        confidence: v.optional(said(v.number(), 'Share of the samples with replacement in which it was found.')),
      }),
    ),
    'Strongest first.',
  ),
  order: said(list(v.string()), 'Causes first.'),
  noise: v.optional(
    said(v.record(v.string(), v.number()), 'Standard deviation of each node’s noise, where the method estimates it.'),
  ),
  bootstrap: v.optional(
    said(
      v.object({ asked: v.number(), done: v.number(), finished: v.number() }),
      'How many samples there were to be, were drawn, and had a fit that ended as it should.',
    ),
  ),
  warnings: list(v.string()),
  status: said(status, 'Of the fit; where that has ended as it should, of the samples after it if they have not.'),
  error: v.optional(said(v.string(), 'Of a fit that failed: what went wrong.')),
  objective: v.number(),
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const learnResult = v.object(entries);
export type LearnedGraph = ResultOf<typeof entries>;
