import { trainingRecords } from 'southwell/training';
import {
  DATA_GROUP,
  dropOption,
  predictorMissing,
  readingOptions,
  timeLimitOption,
} from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import {
  choice,
  column,
  columns,
  type FormTable,
  flag,
  given,
  nameOf,
  option,
  orWord,
  positive,
  real,
  share,
  tableFile,
  textFile,
  texts,
  whole,
} from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import { likelyTarget } from '../declaration/targets.ts';
import type { RequestOf } from '../declaration/task.ts';
import { LABEL } from '../labels.ts';
import { optimisers, schedules } from './methods.ts';
import { rankOptions } from './ranks/options.ts';

const network = 'The network:';
const training = 'The training:';
const run = 'The run:';
const advanced = { advanced: true };
const { batchSize, accumulate, clip, patience, seed } = trainingRecords;
const ofTraining = () => ({ group: training });
/** Excludes `from`, since a saved network determines these options. */
const taken = { from: true } as const;
/** Excludes a network that was saved with its columns and classes; an ONNX file has neither. */
const known = { from: { file: /^(?!.*\.onnx$)/i, are: 'a saved network' } } as const;
/** Data that are a text, not a table. */
const ofText = { predicts: ['characters'] } as const;
const titles = <K extends string>(all: Readonly<Record<K, { readonly title: string }>>) =>
  Object.fromEntries(Object.entries<{ title: string }>(all).map(([name, { title }]) => [name, title])) as Record<
    K,
    string
  >;

const imageText = ({ height, width, channels }: NonNullable<FormTable['images']>): string =>
  [height, width, ...(channels > 1 ? [channels] : [])].join('x');

const labelOf = ({ columns: all }: FormTable): string => all.find(({ name }) => name === LABEL)?.name ?? '';

const tableOptions = {
  target: option(column(), {
    title: 'Target',
    about: 'column to predict',
    otherwise: 'known for bundled sets, LIBSVM files, {labels} and image folders',
    without: { ...known, ...ofText },
    // Pixels are not targets.
    form: { initial: (table) => (table.images ? labelOf(table) : likelyTarget(table)) },
  }),
  predicts: option(choice({ classes: 'classes', numbers: 'a number', characters: 'characters of a text' }), {
    title: 'Target as',
    about:
      'type of the target; characters: the data are a text, and each character is predicted from the preceding ones',
    otherwise: 'characters for a .txt file without {target}; classes for categories or two values; else numbers',
    without: known,
    form: { hint: 'by its values', initial: ({ format }) => (format === 'text' ? 'characters' : ''), ...advanced },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns to use, separated by commas (repeatable)',
    without: { ...known, ...ofText },
    group: DATA_GROUP,
    form: false,
  }),
  drop: dropOption(advanced, ofText),
  weights: option(column({ numbers: true }), {
    title: 'Sample weights',
    about: 'column of sample weights',
    without: ofText,
    group: DATA_GROUP,
    form: advanced,
  }),
  labels: option(tableFile(), {
    title: 'Labels',
    about: 'file with the class of each row, such as an idx label file',
    argument: 'file',
    otherwise: 'a column of the data',
    without: { ...ofText, target: true },
    group: DATA_GROUP,
    form: { advanced: ({ format }) => format !== 'idx' },
  }),
  missing: predictorMissing,
  standardize: option(flag(), {
    title: 'standardise',
    about: 'use columns and numeric targets unscaled, instead of with mean 0 and variance 1',
    default: true,
    group: DATA_GROUP,
    form: advanced,
  }),
  validation: option(real(0, 0.9), {
    title: 'Validation fraction',
    about:
      'fraction of the rows used for validation, drawn by {seed} and stratified by class: selects the best epoch and evaluates the model; 0 for none',
    argument: 'fraction',
    default: 0.1,
    group: DATA_GROUP,
  }),
  holdout: option(share(), {
    title: 'Held-out fraction',
    first: true,
    about: 'fraction of the rows held out for testing, drawn in the same way; the model is evaluated on these only',
    argument: 'fraction',
    without: ofText,
    group: DATA_GROUP,
    form: advanced,
  }),
  ...readingOptions,
};

const networkOptions = {
  from: option(textFile(), {
    title: 'Pre-trained network',
    first: true,
    about: 'network to start from: a saved one with its columns and classes, or an ONNX file with weights and layers',
    group: network,
    form: advanced,
  }),
  divide: option(positive(), {
    title: 'Divide',
    about: 'ONNX networks: divide all columns by this first, such as 255 for pixels',
    argument: 'number',
    otherwise: '1',
    only: { from: true },
    without: known,
    group: network,
    form: advanced,
  }),
  image: option(texts(), {
    title: 'Images of',
    about:
      'image size, height x width or height x width x channels, such as 28x28 or 32x32x3; pixels are the columns in row-major order, and convolutions precede the hidden layers; known for idx files and pictures',
    argument: 'size',
    without: { ...taken, ...ofText },
    group: network,
    form: {
      hint: 'none; or 28x28',
      initial: ({ images }) => (images ? imageText(images) : ''),
      ...advanced,
    },
  }),
  filters: option(texts(), {
    title: 'Filters',
    about:
      'number of 3 × 3 filters of each convolution, each halving height and width while the size allows; 0 for none, a multilayer perceptron',
    argument: 'numbers',
    otherwise: '16,32',
    group: network,
    form: { hint: '16, 32', only: { image: true }, ...advanced },
  }),
  hidden: option(texts(), {
    title: 'Hidden layers',
    about: 'hidden layer sizes, separated by commas; 0 for none, a linear model',
    without: { ...taken, ...ofText },
    argument: 'units',
    otherwise: '64,64; 64 after convolutions',
    group: network,
    form: { hint: '64, 64' },
  }),
  activation: option(choice({ relu: 'ReLU', gelu: 'GELU', silu: 'SiLU', tanh: 'tanh' }), {
    title: 'Activation',
    about: 'activation function of hidden layers',
    without: taken,
    argument: 'name',
    default: 'relu',
    group: network,
    form: advanced,
  }),
  dropout: option(real(0, 0.95), {
    title: 'Dropout',
    about: 'dropout rate of hidden units, drawn by {seed}',
    without: taken,
    argument: 'rate',
    default: 0,
    group: network,
    form: advanced,
  }),
};

const textGroup = 'A text:';
const texting = { only: ofText };
const textOptions = {
  context: option(whole(1, 8192), {
    title: 'Context',
    about: 'context length: number of preceding characters',
    otherwise: '64, or a quarter of a shorter text',
    without: taken,
    group: textGroup,
    form: { hint: '64', ...texting },
  }),
  width: option(whole(1, 8192), {
    title: 'Width',
    first: false,
    about: 'model width of the transformer',
    otherwise: '64',
    without: taken,
    group: textGroup,
    form: { hint: '64', ...texting },
  }),
  blocks: option(whole(1, 100), {
    title: 'Blocks',
    first: false,
    about: 'number of transformer blocks',
    otherwise: '2',
    without: taken,
    group: textGroup,
    form: { hint: '2', ...texting },
  }),
  heads: option(whole(1, 1024), {
    title: 'Heads',
    about: 'attention heads per block; must divide the width',
    otherwise: '4, or fewer to divide the width',
    without: taken,
    group: textGroup,
    form: { hint: '4', ...advanced, ...texting },
  }),
  characters: option(whole(1, 100000), {
    title: 'Vocabulary size',
    about: 'vocabulary size: the most frequent characters; rarer ones are mapped to one unknown token',
    otherwise: '256',
    without: taken,
    group: textGroup,
    form: { hint: '256', ...advanced, ...texting },
  }),
};

const trainingOptions = {
  epochs: option(whole(1), {
    title: 'Epochs',
    about: 'maximum number of passes over the rows, or the windows of a text',
    otherwise: '100; for a text as many as give about 1,000 steps',
    group: training,
    form: { hint: '100' },
  }),
  ...optionsOf({ batch: batchSize, accumulate }, ofTraining),
  optimiser: option(choice(titles(optimisers)), {
    title: 'Optimiser',
    about: 'optimiser',
    argument: 'name',
    default: 'adamw',
    group: training,
  }),
  rate: option(orWord(positive(), 'find'), {
    title: 'Learning rate',
    about: 'maximum learning rate; find: by a learning-rate range test of 100 steps',
    argument: 'rate',
    otherwise: Object.entries(optimisers)
      .map(([name, { rate }]) => `${name} ${rate}`)
      .join(', '),
    group: training,
    form: { hint: 'by the optimiser' },
  }),
  schedule: option(choice(titles(schedules)), {
    title: 'Schedule',
    about: 'learning-rate schedule',
    argument: 'name',
    default: 'cosine',
    group: training,
    form: advanced,
  }),
  weightDecay: option(real(0), {
    title: 'Weight decay',
    about: 'weight decay, times the learning rate; not applied to biases',
    argument: 'weight',
    default: 0.01,
    group: training,
    form: advanced,
  }),
  ...optionsOf({ clip }, () => ({ otherwise: 'none; 1 for texts', group: training })),
  average: option(choice({ none: 'none', exponential: 'exponential', equal: 'equal weights' }), {
    title: 'Weight averaging',
    about:
      'average of the weights along the run, used for evaluation and saving: exponential, over about the last hundred steps, or over all steps',
    argument: 'kind',
    default: 'none',
    group: training,
    form: advanced,
  }),
  shift: option(whole(0, 1000), {
    title: 'Shift',
    about: 'data augmentation: random shifts of images by up to this many pixels, drawn by {seed}',
    argument: 'pixels',
    otherwise: '0',
    group: training,
    form: { only: { image: true }, ...advanced },
  }),
  flip: option(flag(), {
    title: 'horizontal flips',
    about: 'data augmentation: random horizontal flips with probability ½, drawn by {seed}',
    group: training,
    form: { only: { image: true }, ...advanced },
  }),
  ...optionsOf({ patience }, ofTraining),
};

const runOptions = {
  ...optionsOf({ seed }, () => ({ group: run })),
  maxIter: option(whole(1), {
    title: 'Maximum steps',
    about: 'maximum number of steps',
    otherwise: 'determined by the epochs',
    group: run,
    form: { hint: 'none', ...advanced },
  }),
  timeLimit: timeLimitOption('stop after this time', run, { form: false }),
};

export const trainInputs = { data: table() };
export const trainOptions = {
  ...tableOptions,
  ...networkOptions,
  ...textOptions,
  ...trainingOptions,
  ...rankOptions,
  ...runOptions,
};
export type TrainRequest = RequestOf<typeof trainInputs, typeof trainOptions>;

/** Whether the pre-trained network is an ONNX file, which knows neither columns nor their scaling. */
export const fromOthers = ({ from }: Pick<TrainRequest, 'from'>): boolean =>
  from !== undefined && /\.onnx$/i.test(nameOf(from));

/** Whether the data are a text: as requested, or by the file name. */
export const isText = ({ data, predicts, target, format, from }: TrainRequest): boolean =>
  predicts === 'characters' ||
  (predicts === undefined &&
    target === undefined &&
    from === undefined &&
    (format === 'text' || (format === undefined && /\.txt(\.gz)?$/i.test(data))));

/** Options for tables only, and options for texts only. */
const OF_TABLES = [
  ...([
    'target',
    'labels',
    'features',
    'drop',
    'weights',
    'holdout',
    'image',
    'filters',
    'hidden',
    'shift',
    'flip',
  ] as const),
];
const OF_TEXTS = ['context', 'width', 'blocks', 'heads', 'characters'] as const;

/** An option that was given although it is for the other kind of data. */
export const misplaced = (request: TrainRequest): string | undefined =>
  request.from === undefined || request.predicts === 'characters'
    ? (isText(request) ? OF_TABLES : OF_TEXTS).find((name) => given(request[name]))
    : undefined;
