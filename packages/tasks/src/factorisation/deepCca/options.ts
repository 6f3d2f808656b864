import { deepCcaRecords } from 'southwell/training';
import { dataOptions, readingOptions, timeLimitOption } from '../../declaration/data-options.ts';
import { choice, flag, option, positive, real, texts, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { ccaInputs, ccaOptions } from '../cca/options.ts';

const network = 'The networks:';
const training = 'The training:';
const run = 'The run:';
const advanced = { advanced: true };

const { x, y, components } = ccaOptions;
const { batchSize, patience, seed } = deepCcaRecords;

export const deepCcaOptions = {
  ...{ x, y, components },
  hidden: option(texts(), {
    title: 'Hidden layers',
    about: 'hidden layer sizes of both networks, separated by commas; 0 for none, a linear model',
    argument: 'units',
    otherwise: '64,64',
    group: network,
    form: { hint: '64, 64' },
  }),
  activation: option(choice({ relu: 'ReLU', gelu: 'GELU', silu: 'SiLU', tanh: 'tanh' }), {
    title: 'Activation',
    about: 'activation function of hidden layers',
    argument: 'name',
    default: 'relu',
    group: network,
    form: advanced,
  }),
  ridge: option(real(0, 1), {
    title: 'Ridge: 0 CCA, 1 PLS',
    about:
      'ridge parameter of the last hidden layers: 0 for canonical correlation analysis, 1 for partial least squares, or in between',
    argument: 'weight',
    default: 0,
    group: network,
    form: advanced,
  }),
  epochs: option(whole(1), {
    title: 'Epochs',
    about: 'maximum number of epochs',
    default: 50,
    group: training,
  }),
  ...optionsOf({ batchSize }, () => ({ group: training })),
  learningRate: option(positive(), {
    title: 'Learning rate',
    about: 'maximum learning rate, with cosine decay',
    argument: 'rate',
    default: 0.001,
    group: training,
    form: advanced,
  }),
  validation: option(real(0, 0.9), {
    title: 'Validation fraction',
    about:
      'fraction of the rows used for validation, drawn by {seed}: the epoch with the largest total validation correlation is kept; 0 disables validation and keeps the last epoch',
    argument: 'fraction',
    default: 0.1,
    group: training,
    form: advanced,
  }),
  ...optionsOf({ patience }, () => ({ group: training })),
  holdout: option(real(0, 0.9), {
    title: 'Held-out fraction',
    about:
      'fraction of the rows held out for testing, drawn in the same way: their correlations estimate those of new rows; 0 for none',
    argument: 'fraction',
    default: 0.2,
    group: training,
  }),
  standardize: option(flag(), {
    title: 'standardise',
    about: 'use columns unscaled, instead of with mean 0 and variance 1',
    default: true,
    form: advanced,
  }),
  missing: dataOptions.missing,
  ...readingOptions,
  ...optionsOf({ seed }, () => ({ group: run })),
  timeLimit: timeLimitOption('stop after this time', run, { form: false }),
};

export const deepCcaInputs = ccaInputs;
export type DeepCcaRequest = RequestOf<typeof deepCcaInputs, typeof deepCcaOptions>;
