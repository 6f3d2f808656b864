import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import { list, said, status } from '../../result.ts';
import { quality } from '../result.ts';

const line = v.object({
  barrier: said(v.number(), 'Largest excess of the loss over the line between those of the ends; 0 if there is none.'),
  losses: said(list(v.number()), 'At each λ.'),
});

export const mergeResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  models: said(list(v.string()), 'The files, the first one first.'),
  method: v.string(),
  data: v.optional(said(v.string(), 'The name of the data.')),
  calibrated: said(v.number(), 'Rows or windows of text that may have been used to match.'),
  judged: said(v.number(), 'Rows or windows of text that were kept apart to judge; 0 if there were too few.'),
  loss: v.optional(said(v.string(), 'What the loss is.')),
  lambdas: said(
    list(v.number()),
    'Places on the line from the first network (0) to another one (1); empty without data.',
  ),
  matches: said(
    list(
      v.object({
        model: said(v.string(), 'The network that was matched to the first.'),
        sweeps: said(v.number(), 'Sweeps over all permutations, or steps.'),
        permutations: said(v.number(), 'Groups of neurons, or of heads, that may be ordered.'),
        places: said(v.number(), 'Neurons and heads in them.'),
        moved: said(v.number(), 'Those that another one took the place of.'),
        distance: said(
          v.object({ before: v.number(), after: v.number() }),
          'Euclidean distance of the parameters from those of the first network.',
        ),
        before: v.optional(said(line, 'The line from the first network to this one as it is.')),
        after: v.optional(said(line, 'The line to this one with its neurons in their new order.')),
      }),
    ),
    'The networks after the first.',
  ),
  qualities: said(
    list(v.object({ network: v.string(), quality })),
    'The networks, their average as they are, and the merged one, on rows that did not match; empty without data. Errors are those from the first network.',
  ),
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
  file: said(v.instance(Uint8Array) as v.GenericSchema<Uint8Array>, 'The merged network as safetensors.'),
  orders: said(
    list(v.object({ model: v.string(), permutations: v.record(v.string(), list(v.number())) })),
    'The permutations of each network after the first, by name: entry i is the place from which place i is taken.',
  ),
});

export type MergeResult = ResultOf<typeof mergeResult.entries>;
