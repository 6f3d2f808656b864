import {
  DATA_GROUP,
  dropOption,
  predictorMissing,
  readingOptions,
  seedOption,
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
import { likelyTarget } from '../declaration/targets.ts';
import type { RequestOf } from '../declaration/task.ts';
import { LABEL } from '../labels.ts';
import { optimisers, schedules } from './methods.ts';

const network = 'The network:';
const training = 'The training:';
const run = 'The run:';
const advanced = { advanced: true };
/** What a saved network says of itself. */
const taken = { from: true } as const;
/** What is no table. */
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
    otherwise: 'known for bundled sets, LIBSVM files, {labels} and folders of pictures',
    without: { ...taken, ...ofText },
    // Pixels are no targets.
    form: { initial: (table) => (table.images ? labelOf(table) : likelyTarget(table)) },
  }),
  predicts: option(choice({ classes: 'classes', numbers: 'a number', characters: 'characters of a text' }), {
    title: 'Target as',
    about:
      'what the target is taken for; characters: the data are a text, each of whose characters is guessed from those before it',
    otherwise: 'characters for a .txt file without {target}; else classes for words or two values, else numbers',
    without: taken,
    form: { hint: 'by its values', initial: ({ format }) => (format === 'text' ? 'characters' : ''), ...advanced },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns to use, separated by commas (repeatable)',
    without: { ...taken, ...ofText },
    group: DATA_GROUP,
    form: false,
  }),
  drop: dropOption(advanced, ofText),
  weights: option(column({ numbers: true }), {
    title: 'Weights of rows',
    about: 'how much each row counts',
    without: ofText,
    group: DATA_GROUP,
    form: advanced,
  }),
  labels: option(tableFile(), {
    title: 'Labels',
    about: 'a file with the class of each row, such as the labels of images in idx',
    argument: 'file',
    otherwise: 'a column of the data',
    without: { ...ofText, target: true },
    group: DATA_GROUP,
    form: { advanced: ({ format }) => format !== 'idx' },
  }),
  missing: predictorMissing,
  standardize: option(flag(), {
    title: 'standardise',
    about: 'take columns and a target of numbers as they are, not at mean 0 and variance 1',
    default: true,
    group: DATA_GROUP,
    form: advanced,
  }),
  validation: option(real(0, 0.9), {
    title: 'Rows for validation',
    about:
      'keep this share of the rows from the training, drawn by {seed}, of every class alike: the best epoch is chosen by them, and the model is judged on them; 0 keeps none',
    argument: 'share',
    default: 0.1,
    group: DATA_GROUP,
  }),
  holdout: option(share(), {
    title: 'Rows held out',
    about: 'keep this share of the rows from everything, drawn in the same way, and judge the model on these alone',
    argument: 'share',
    without: ofText,
    group: DATA_GROUP,
    form: advanced,
  }),
  ...readingOptions,
};

const networkOptions = {
  from: option(textFile(), {
    title: 'Saved network to go on from',
    about:
      'a file that {save} wrote: its weights are the first ones, and its columns, classes and layers are taken over',
    group: network,
    form: advanced,
  }),
  image: option(texts(), {
    title: 'Images of',
    about:
      'rows are images of this height and width, and channels where there are several, such as 28x28 or 32x32x3, whose pixels are the columns in their order, row by row: convolutions come before the hidden layers; idx and pictures say so themselves',
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
      'numbers of filters of 3 × 3 of the convolutions, each halved in height and width while there is room; 0 for none, a perceptron',
    argument: 'numbers',
    otherwise: '16,32',
    group: network,
    form: { hint: '16, 32', only: { image: true }, ...advanced },
  }),
  hidden: option(texts(), {
    title: 'Hidden layers',
    about: 'numbers of units of the hidden layers, from the first, separated by commas; 0 for none, a linear model',
    without: { ...taken, ...ofText },
    argument: 'units',
    otherwise: '64,64; 64 after convolutions',
    group: network,
    form: { hint: '64, 64' },
  }),
  activation: option(choice({ relu: 'ReLU', gelu: 'GELU', silu: 'SiLU', tanh: 'tanh' }), {
    title: 'Activation',
    about: 'of hidden units',
    without: taken,
    argument: 'name',
    default: 'relu',
    group: network,
    form: advanced,
  }),
  dropout: option(real(0, 0.95), {
    title: 'Dropout',
    about: 'share of the hidden units that are left out of a step, drawn by {seed}',
    without: taken,
    argument: 'share',
    default: 0,
    group: network,
    form: advanced,
  }),
};

const text = 'A text:';
const texting = { only: ofText };
const textOptions = {
  context: option(whole(1, 8192), {
    title: 'Context',
    about: 'characters before it by which one is guessed',
    otherwise: '64, or a quarter of a shorter text',
    without: taken,
    group: text,
    form: { hint: '64', ...texting },
  }),
  width: option(whole(1, 8192), {
    title: 'Width',
    about: 'numbers for each character in the blocks of the transformer',
    otherwise: '64',
    without: taken,
    group: text,
    form: { hint: '64', ...texting },
  }),
  blocks: option(whole(1, 100), {
    title: 'Blocks',
    about: 'blocks of the transformer, attention and two products each',
    otherwise: '2',
    without: taken,
    group: text,
    form: { hint: '2', ...texting },
  }),
  heads: option(whole(1, 1024), {
    title: 'Heads',
    about: 'heads of attention in each block, which divide the width',
    otherwise: '4, or as many as divide the width',
    without: taken,
    group: text,
    form: { hint: '4', ...advanced, ...texting },
  }),
  characters: option(whole(1, 100000), {
    title: 'Different characters',
    about: 'so many are told apart, the most frequent ones; rarer ones are one unknown',
    otherwise: '256',
    without: taken,
    group: text,
    form: { hint: '256', ...advanced, ...texting },
  }),
};

const trainingOptions = {
  epochs: option(whole(1), {
    title: 'Epochs',
    about: 'passes over the rows, or the windows of a text, at most',
    otherwise: '100; of a text as many as make some 1,000 steps',
    group: training,
    form: { hint: '100' },
  }),
  batch: option(whole(1), {
    title: 'Batch',
    about: 'rows, or windows of a text, at a time',
    otherwise: '32, or all where there are fewer',
    group: training,
    form: { hint: '32' },
  }),
  accumulate: option(whole(1), {
    title: 'Batches a step',
    about: 'batches whose gradients are added up to one step',
    argument: 'batches',
    default: 1,
    group: training,
    form: advanced,
  }),
  optimiser: option(choice(titles(optimisers)), {
    title: 'Optimiser',
    about: 'how parameters follow their gradient',
    argument: 'name',
    default: 'adamw',
    group: training,
  }),
  rate: option(orWord(positive(), 'find'), {
    title: 'Rate',
    about: 'the largest rate of steps; find: by a hundred steps of growing rates, which are then forgotten',
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
    about: 'what a step takes off the weights, times the rate; biases have none',
    argument: 'share',
    default: 0.01,
    group: training,
    form: advanced,
  }),
  clip: option(positive(), {
    title: 'Longest gradient',
    about: 'gradients of a larger norm are shortened to this',
    argument: 'norm',
    otherwise: 'none; 1 for texts',
    group: training,
    form: { hint: 'none', ...advanced },
  }),
  average: option(choice({ none: 'none', exponential: 'exponential', equal: 'of all steps alike' }), {
    title: 'Average',
    about: 'of the weights along the run, which is what is judged and kept: of the last hundred steps or so, or of all',
    argument: 'kind',
    default: 'none',
    group: training,
    form: advanced,
  }),
  shift: option(whole(0, 1000), {
    title: 'Shift',
    about: 'images move by up to so many pixels each way, drawn by {seed} at every step',
    argument: 'pixels',
    otherwise: '0',
    group: training,
    form: { only: { image: true }, ...advanced },
  }),
  flip: option(flag(), {
    title: 'left and right exchanged',
    about: 'every second image has left and right exchanged, drawn by {seed} at every step',
    group: training,
    form: { only: { image: true }, ...advanced },
  }),
  patience: option(whole(1), {
    title: 'Patience',
    about: 'end after so many epochs without a smaller loss of the validation',
    argument: 'epochs',
    otherwise: '20',
    group: training,
    form: { hint: '20', ...advanced },
  }),
};

const runOptions = {
  seed: seedOption('of the rows for validation, first weights, the order of the rows and dropout', run),
  maxIter: option(whole(1), {
    title: 'Most steps',
    about: 'steps at most',
    otherwise: 'as many as the epochs have',
    group: run,
    form: { hint: 'none', ...advanced },
  }),
  timeLimit: timeLimitOption('stop after this long', run, { form: false }),
};

export const trainInputs = { data: table() };
export const trainOptions = { ...tableOptions, ...networkOptions, ...textOptions, ...trainingOptions, ...runOptions };
export type TrainRequest = RequestOf<typeof trainInputs, typeof trainOptions>;

/** Whether a request is about a text: as it says, or by the name of its file. */
export const isText = ({ data, predicts, target, format, from }: TrainRequest): boolean =>
  predicts === 'characters' ||
  (predicts === undefined &&
    target === undefined &&
    from === undefined &&
    (format === 'text' || (format === undefined && /\.txt(\.gz)?$/i.test(data))));

/** Options of tables that a text has none of, and the reverse. */
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

/** An option that was given though the data are of the other kind. */
export const misplaced = (request: TrainRequest): string | undefined =>
  request.from === undefined || request.predicts === 'characters'
    ? (isText(request) ? OF_TABLES : OF_TEXTS).find((name) => given(request[name]))
    : undefined;
