import * as v from 'valibot';
import { classification } from '../classes/result.ts';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const finite = v.nullable(v.number());
const cell = v.nullable(v.union([v.string(), v.number()]));

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({
    name: v.string(),
    rows: said(v.number(), 'That were used, for validation, too; of a text its characters.'),
    features: said(v.number(), 'Columns; of a text the characters by which one is guessed.'),
    notes: list(v.string()),
    target: v.string(),
    classes: v.optional(list(v.object({ label: v.string(), rows: v.number() }))),
    targetMean: v.optional(v.number()),
    targetSd: v.optional(v.number()),
  }),
  network: v.object({
    layers: said(v.string(), 'Numbers of units from the columns to the outputs, activation and dropout.'),
    parameters: said(v.number(), 'Numbers that were trained.'),
  }),
  training: v.object({
    optimiser: v.string(),
    rate: said(v.number(), 'The largest one.'),
    batch: v.number(),
    epochs: said(v.number(), 'Whole ones that were made.'),
    planned: said(v.number(), 'Epochs that were asked for.'),
    best: said(v.number(), 'The epoch of the weights that are kept; 0 for those before the end of the first.'),
    loss: said(finite, 'Mean loss of the last epoch: cross-entropy, or squares in units of the target’s variance.'),
  }),
  validation: said(v.number(), 'Rows that were kept from the training, by which the best epoch was chosen.'),
  holdout: v.optional(said(v.number(), 'Rows that were kept from both, for the score alone.')),
  score: v.optional(
    said(
      v.object({ name: v.string(), value: v.number(), rows: v.number(), of: v.picklist(['held out', 'fitted']) }),
      'Accuracy, R² or perplexity, on the rows that were held out, else on those for validation, else on those of the training.',
    ),
  ),
  text: v.optional(
    said(
      v.object({
        characters: said(v.number(), 'Different ones.'),
        known: said(v.number(), 'Of these told apart.'),
        bits: said(finite, 'Mean loss of a character, to the base 2.'),
        sample: said(v.string(), 'What the network writes, at a temperature of 0.8.'),
      }),
      'Where the data are a text.',
    ),
  ),
  history: said(
    v.object({
      loss: list(finite),
      validation: v.optional(list(finite)),
      accuracy: v.optional(list(finite)),
      rate: list(v.number()),
    }),
    'A number for each epoch.',
  ),
  search: v.optional(said(v.object({ rates: list(v.number()), losses: list(finite) }), 'Of the rate that was found.')),
  classification: v.optional(classification),
  worst: said(
    list(v.object({ row: v.number(), truth: v.union([v.string(), v.number()]), predicted: cell, error: v.number() })),
    'Rows of the table, from 1, that were predicted worst: by the probability of their own class, or the distance.',
  ),
  pictures: v.optional(
    said(
      list(v.object({ title: v.string(), width: v.number(), height: v.number(), values: list(v.number()) })),
      'Images that were predicted worst, grey values by rows; for pictures alone.',
    ),
  ),
  predictions: said(
    v.record(v.string(), list(cell)),
    'For every row of the table, null where one was left out; of a text for those characters on which it was judged.',
  ),
  status,
  next: v.optional(said(v.string(), 'What to try.')),
  ended: said(v.string(), 'A sentence.'),
  iterations: said(v.number(), 'Steps.'),
  seconds: said(v.number(), 'Reading included.'),
  modelText: said(v.string(), 'The model as it is saved.'),
};

export const trainResult = v.object(entries);
export type TrainResult = ResultOf<typeof entries>;
