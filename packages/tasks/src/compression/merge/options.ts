import { barrierRecords, matchRecords } from 'southwell/merging';
import { readingOptions, TABLE, timeLimitOption } from '../../declaration/data-options.ts';
import { input } from '../../declaration/input.ts';
import { choice, option, positive, tableFile, textFile, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';

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
  samples: option(whole(1), {
    title: 'Samples',
    about: 'rows or windows of text to use at most',
    argument: 'count',
    default: 512,
    form: { advanced: true },
  }),
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
  tokenizer: option(textFile(), {
    title: 'Tokeniser',
    about: 'language models: tokenizer.json, .model of SentencePiece, or tokenizer.bin of llama2.c',
    otherwise: 'a file beside the model',
    form: false,
  }),
  divide: option(positive(), {
    title: 'Divide',
    about: 'ONNX networks: divide all columns by this first, such as 255 for pixels',
    argument: 'number',
    otherwise: '1',
    form: { advanced: true },
  }),
  ...readingOptions,
  seed,
  timeLimit: timeLimitOption('stop after this long, with the neurons that are matched', group),
};

export type MergeRequest = RequestOf<typeof mergeInputs, typeof mergeOptions>;
