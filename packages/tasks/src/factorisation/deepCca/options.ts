import { dataOptions, readingOptions, seedOption, timeLimitOption } from '../../declaration/data-options.ts';
import { choice, flag, option, positive, real, texts, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { ccaInputs, ccaOptions } from '../cca/options.ts';

const network = 'The networks:';
const training = 'The training:';
const run = 'The run:';
const advanced = { advanced: true };

const { x, y, components } = ccaOptions;

export const deepCcaOptions = {
  ...{ x, y, components },
  hidden: option(texts(), {
    title: 'Hidden layers',
    about:
      'numbers of units of the hidden layers of either network, from the first, separated by commas; 0 for none, which is linear',
    argument: 'units',
    otherwise: '64,64',
    group: network,
    form: { hint: '64, 64' },
  }),
  activation: option(choice({ relu: 'ReLU', gelu: 'GELU', silu: 'SiLU', tanh: 'tanh' }), {
    title: 'Activation',
    about: 'of hidden units',
    argument: 'name',
    default: 'relu',
    group: network,
    form: advanced,
  }),
  ridge: option(real(0, 1), {
    title: 'Ridge: 0 CCA, 1 PLS',
    about: '0 canonical correlation, 1 partial least squares, or between, of what the last layers see',
    argument: 'share',
    default: 0,
    group: network,
    form: advanced,
  }),
  epochs: option(whole(1), {
    title: 'Passes',
    about: 'passes over the rows, at most',
    default: 50,
    group: training,
  }),
  batchSize: option(whole(2), {
    title: 'Rows a step',
    about: 'rows a step, which may be fewer than {components}',
    argument: 'rows',
    otherwise: '32, or all where there are fewer',
    group: training,
    form: { hint: '32', ...advanced },
  }),
  learningRate: option(positive(), {
    title: 'Learning rate',
    about: 'the largest rate of steps, which goes down by half a cosine',
    argument: 'rate',
    default: 0.001,
    group: training,
    form: advanced,
  }),
  validation: option(real(0, 0.9), {
    title: 'Rows for validation',
    about:
      'keep this share of the rows from the training, drawn by {seed}: the epoch with their largest total correlation is chosen; 0 keeps none and takes the last',
    argument: 'share',
    default: 0.1,
    group: training,
    form: advanced,
  }),
  patience: option(whole(1), {
    title: 'Patience',
    about: 'end after so many epochs without a larger correlation of the validation',
    argument: 'epochs',
    otherwise: '20',
    group: training,
    form: { hint: '20', ...advanced },
  }),
  holdout: option(real(0, 0.9), {
    title: 'Rows held out',
    about:
      'keep this share of the rows from everything, drawn in the same way: their correlations are what new rows would have; 0 keeps none',
    argument: 'share',
    default: 0.2,
    group: training,
  }),
  standardize: option(flag(), {
    title: 'standardise',
    about: 'take columns as they are, not at mean 0 and variance 1',
    default: true,
    form: advanced,
  }),
  missing: dataOptions.missing,
  ...readingOptions,
  seed: seedOption('of first weights, the order of the rows, second batches and the rows that are kept', run),
  timeLimit: timeLimitOption('stop after this long', run, { form: false }),
};

export const deepCcaInputs = ccaInputs;
export type DeepCcaRequest = RequestOf<typeof deepCcaInputs, typeof deepCcaOptions>;
