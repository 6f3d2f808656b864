import { barrierRecords, matchRecords } from 'southwell/merging';
import { readingOptions, TABLE, timeLimitOption } from '../../declaration/data-options.ts';
import { input } from '../../declaration/input.ts';
import { choice, option, tableFile, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { materialOptions } from '../materialOptions.ts';

const group = 'The run:';

export const mergeInputs = {
  model: input(
    'model',
    'network to which the others are matched: a file written by train --save, ONNX, TensorFlow.js, or a language model',
    { title: 'First network' },
  ),
  other: input('model', 'network of the same form', { title: 'Second network' }),
  more: input('model', 'further networks of the same form', {
    ...{ optional: true, several: true, title: 'Further networks' },
  }),
};

// What is matched may be nothing here.
const { method: _, ...matching } = matchRecords;
const { seed, points, rate, noise } = optionsOf({ ...barrierRecords, ...matching }, (name) =>
  name === 'rate' || name === 'noise' ? { only: { method: ['ste'] } } : {},
);

export const mergeOptions = {
  method: option(
    choice({
      weights: 'neurons by their weights',
      activations: 'neurons by their activations',
      ste: 'whatever lowers the loss halfway, by gradients',
      average: 'nothing',
    }),
    { title: 'What is matched', about: 'what is matched before the average', argument: 'name', default: 'weights' },
  ),
  calib: option(tableFile(), {
    title: 'Data',
    about: `data that the networks are for, in rows or as a text: ${TABLE}; three quarters match, the rest judges`,
    otherwise: 'none, for weights and average',
    first: true,
  }),
  samples: materialOptions.samples,
  points,
  steps: option(whole(1), {
    title: 'Steps',
    about: 'steps of the gradients',
    argument: 'count',
    default: 400,
    only: { method: ['ste'] },
    form: { advanced: true },
  }),
  rate,
  noise,
  tokenizer: materialOptions.tokenizer,
  divide: materialOptions.divide,
  ...readingOptions,
  seed,
  timeLimit: timeLimitOption('stop after this long, with the neurons that are matched', group),
};

export type MergeRequest = RequestOf<typeof mergeInputs, typeof mergeOptions>;
