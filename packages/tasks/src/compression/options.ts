import { compressRecords } from 'southwell/compression';
import { readingOptions, TABLE, timeLimitOption } from '../declaration/data-options.ts';
import { input } from '../declaration/input.ts';
import { flag, option, tableFile, text, texts } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import type { RequestOf } from '../declaration/task.ts';
import { materialOptions } from './materialOptions.ts';

const group = 'The run:';

export const compressInputs = {
  model: input(
    'model',
    'network: a file written by train --save, ONNX, TensorFlow.js, or a language model (.bin of llama2.c, or safetensors with config.json)',
    { title: 'Model' },
  ),
};

const { seed, ...own } = optionsOf(compressRecords, () => ({}));

export const compressOptions = {
  ...own,
  pattern: option(text(), {
    title: 'Pattern',
    about: 'how many of consecutive inputs stay, such as 2:4, in place of {density}',
    argument: 'N:M',
    otherwise: 'by {density}; for armor 2:4',
    only: { method: ['magnitude', 'wanda', 'nowag', 'sparsegpt', 'armor'] },
  }),
  calib: option(tableFile(), {
    title: 'Calibration data',
    about: `data that the network is for, in rows or as a text: ${TABLE}; three quarters calibrate, the rest judges`,
    otherwise: 'none, for int8 and magnitude',
    first: true,
  }),
  samples: materialOptions.samples,
  keep: option(texts(), {
    title: 'Layers to keep',
    about: 'layers that stay as they are, names of parameters in which * stands for anything (repeatable)',
    argument: 'names',
    form: { advanced: true },
  }),
  budget: option(text(), {
    title: 'Budget',
    about:
      'size that the file may have, such as 2MB: bits or densities are then chosen for each layer by measured loss',
    argument: 'size',
    only: { method: ['gptq', 'codebooks', 'magnitude', 'wanda', 'nowag', 'sparsegpt'] },
  }),
  compare: option(flag(), {
    title: 'Compare',
    about: 'do not compress again by int8, and with or without {reconstruct}, for the table',
    default: true,
    group,
    form: { advanced: true },
  }),
  tokenizer: materialOptions.tokenizer,
  divide: materialOptions.divide,
  ...readingOptions,
  seed,
  timeLimit: timeLimitOption('stop after this long, with the layers that are done', group),
};

export type CompressRequest = RequestOf<typeof compressInputs, typeof compressOptions>;
