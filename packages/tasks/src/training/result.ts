import * as v from 'valibot';
import { classification } from '../classes/result.ts';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const finite = v.nullable(v.number());
const cell = v.nullable(v.union([v.string(), v.number()]));

const entries = {
  command: said(v.string(), 'The command line of this run.'),
  data: v.object({
    name: v.string(),
    rows: said(v.number(), 'Number of rows used, validation included; for a text, of characters.'),
    features: said(v.number(), 'Number of features; for a text, the context length.'),
    notes: list(v.string()),
    target: v.string(),
    classes: v.optional(list(v.object({ label: v.string(), rows: v.number() }))),
    targetMean: v.optional(v.number()),
    targetSd: v.optional(v.number()),
  }),
  network: v.object({
    layers: said(v.string(), 'Layer sizes from the columns to the outputs, activation and dropout.'),
    parameters: said(v.number(), 'Number of trained parameters.'),
  }),
  training: v.object({
    optimiser: v.string(),
    rate: said(v.number(), 'The maximum learning rate.'),
    batch: v.number(),
    epochs: said(v.number(), 'Number of completed epochs.'),
    planned: said(v.number(), 'Maximum number of epochs.'),
    best: said(v.number(), 'The epoch whose weights are kept; 0 for weights from before the end of the first.'),
    loss: said(
      finite,
      'Mean loss of the last epoch: cross-entropy, or squared error in units of the target’s variance.',
    ),
  }),
  ranks: v.optional(
    said(
      v.object({
        ranks: said(v.number(), 'Number of ranks that trained.'),
        of: said(v.number(), 'Number of ranks that were available.'),
        seconds: said(
          list(v.object({ ranks: v.number(), step: v.number() })),
          'Predicted seconds of a step on one rank, on those that trained and on all.',
        ),
        batch: said(finite, 'The predicted batch size from which all ranks are faster than one; null if none is.'),
      }),
      'On several ranks: times predicted from some steps before the training, and the choice of --ranks auto.',
    ),
  ),
  sent: v.optional(
    said(
      v.object({
        rounds: said(v.number(), 'Rounds in which ranks exchanged gradients or changes of parameters.'),
        bytes: said(v.number(), 'Bytes of the messages of the first rank, for each of the others.'),
        whole: said(v.number(), 'Bytes that whole gradients in each step would have taken.'),
        leftOut: v.optional(
          said(
            list(v.number()),
            'Of each rank: rounds in which what it sent was not finite and did not count; absent if there were none.',
          ),
        ),
      }),
      'With --compress, --local-steps or --aggregate.',
    ),
  ),
  coded: v.optional(
    said(
      v.object({
        steps: said(v.number(), 'Gradients: one a step, and one at the last point.'),
        without: said(list(v.number()), 'Of each rank: gradients that were decoded before it had answered.'),
      }),
      'With --straggler-code.',
    ),
  ),
  validation: said(
    v.number(),
    'Number of validation rows, which were not used for training and by which the best epoch was chosen.',
  ),
  holdout: v.optional(said(v.number(), 'Number of held-out rows, which were used for the score only.')),
  score: v.optional(
    said(
      v.object({
        name: v.string(),
        value: v.number(),
        rows: v.number(),
        of: v.picklist(['held out', 'validation', 'fitted']),
      }),
      'Accuracy, R² or perplexity on the held-out rows; without any on the validation rows, and without these on the training rows.',
    ),
  ),
  text: v.optional(
    said(
      v.object({
        characters: said(v.number(), 'Number of different characters.'),
        known: said(v.number(), 'Vocabulary size.'),
        bits: said(finite, 'Mean loss per character, in bits.'),
        sample: said(v.string(), 'A text sampled from the network at a temperature of 0.8.'),
      }),
      'For texts.',
    ),
  ),
  history: said(
    v.object({
      loss: list(finite),
      validation: v.optional(list(finite)),
      accuracy: v.optional(list(finite)),
      rate: list(v.number()),
    }),
    'One value per epoch.',
  ),
  search: v.optional(said(v.object({ rates: list(v.number()), losses: list(finite) }), 'The learning-rate search.')),
  classification: v.optional(classification),
  worst: said(
    list(v.object({ row: v.number(), truth: v.union([v.string(), v.number()]), predicted: cell, error: v.number() })),
    'The rows of the table, from 1, with the lowest predicted probability of the true class or the largest absolute error.',
  ),
  pictures: v.optional(
    said(
      list(v.object({ title: v.string(), width: v.number(), height: v.number(), values: list(v.number()) })),
      'The images with the worst predictions, grey values in row-major order; only for image files.',
    ),
  ),
  predictions: said(
    v.record(v.string(), list(cell)),
    'For every row of the table, null for excluded rows; for a text, for the characters of the evaluation.',
  ),
  status,
  next: v.optional(said(v.string(), 'What to try next.')),
  ended: said(v.string(), 'A sentence on how the training ended.'),
  iterations: said(v.number(), 'Number of steps.'),
  seconds: said(v.number(), 'Total time, reading included.'),
  modelText: said(v.string(), 'The contents of the model file.'),
};

export const trainResult = v.object(entries);
export type TrainResult = ResultOf<typeof entries>;
