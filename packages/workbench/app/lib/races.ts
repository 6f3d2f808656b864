// What the page of races asks and shows for each problem; the problems and the racers are in workers/races.
import { families, formOf } from '@southwell/tasks';
import { bbobNames, methodNames } from 'southwell/black-box';
import { completionMethods } from 'southwell/factorisation';
import { type Control, check, choice, number } from './controls.ts';

/** One problem of a family, and those who can race on it. */
export interface RaceProblem {
  readonly id: string;
  readonly title: string;
  /** How all are measured. */
  readonly about: string;
  readonly controls: readonly Control[];
  readonly racers: ReadonlyArray<readonly [id: string, title: string]>;
  /** What is measured, and what else the table of the finish shows. */
  readonly measure: string;
  readonly extra: string;
  /** What a racer's work is counted in. */
  readonly work: string;
  readonly logY: boolean;
}

export interface RaceFamily {
  readonly id: string;
  readonly title: string;
  readonly problems: readonly RaceProblem[];
}

const seed = number('seed', 'Seed', 1, 0, 2 ** 31);
/** The choice of data that asks for a file. */
export const OWN_FILE = 'file';
const own = [OWN_FILE, 'a file of yours'] as const;
const isOwn: Control['when'] = (v) => v.data === OWN_FILE;
const generated: Control['when'] = (v) => v.data === 'generated';
const file: Control = {
  name: 'file',
  title: 'File, read here and never sent',
  kind: 'file',
  initial: '',
  required: true,
};
const ownFile: Control = { ...file, when: isOwn };
const column = (name: string, title: string, hint = 'auto'): Control => ({
  name,
  title,
  kind: 'text',
  initial: '',
  hint,
  when: isOwn,
});
/** What a matrix is made from: rows, columns, and a seed that also draws starts. */
const shape = (rows: number, cols: number, most: number): Control[] => [
  { ...number('rows', 'Rows', rows, 2, most), when: generated },
  { ...number('cols', 'Columns', cols, 2, most), when: generated },
];
const noise: Control = { ...number('noise', 'Noise', 0.1, 0, 10, false), when: generated };

const factorisation: readonly RaceProblem[] = [
  {
    id: 'completion',
    title: 'completion',
    about: 'A matrix of low rank, measured by the relative error on entries that were not seen.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, of low rank'], own]),
      ownFile,
      ...shape(300, 300, 1000),
      number('rank', 'Rank', 5, 1, 50),
      number('share', 'Share seen', 0.3, 0.01, 0.99, false),
      { ...noise, initial: 0 },
      number('lambda', 'Penalty', 0, 0, 1e6, false),
      seed,
    ],
    racers: completionMethods.map((name) => [name, name] as const),
    measure: 'relative error',
    extra: 'sweeps',
    work: 'sweeps',
    logY: true,
  },
  {
    id: 'svd',
    title: 'singular vectors',
    about:
      'The leading singular triplets, measured by what proves them: the largest ‖Xᵀu − σv‖ or ‖Xv − σu‖ as a share of σ₁. The relative error is ‖X − UΣVᵀ‖/‖X‖. Random projections end after so many products with XXᵀ; they show as points.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, of decaying singular values'], ['digits', 'digits'], own]),
      ownFile,
      ...shape(2000, 400, 10_000),
      number('rank', 'Rank', 10, 1, 100),
      seed,
    ],
    racers: [
      ['truncated', 'truncated, to a tolerance'],
      ['randomised-0', 'randomised, no power'],
      ['randomised-2', 'randomised, 2 powers'],
      ['randomised-6', 'randomised, 6 powers'],
    ],
    measure: 'largest residual over σ₁',
    extra: 'relative error',
    work: 'cycles',
    logY: true,
  },
  {
    id: 'nmf',
    title: 'non-negative parts',
    about:
      'X ≈ WH without negative entries, measured by ‖X − WH‖/‖X‖. All are coordinate descent; they differ in the start and in the loss, and Kullback–Leibler descends on another loss than the one shown.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, of non-negative parts'], ['digits', 'digits'], own]),
      ownFile,
      ...shape(500, 100, 10_000),
      number('rank', 'Rank', 10, 1, 100),
      noise,
      seed,
    ],
    racers: [
      ['nndsvda', 'squares, from singular vectors, zeros filled'],
      ['nndsvd', 'squares, from singular vectors'],
      ['random', 'squares, from a random start'],
      ['kullback-leibler', 'Kullback–Leibler, zeros filled'],
    ],
    measure: 'relative error',
    extra: 'share of zeros in W and H',
    work: 'rounds',
    logY: true,
  },
  {
    id: 'dictionaries',
    title: 'dictionaries',
    about:
      'Atoms D, measured alike by the lasso: the mean over samples of the smallest ½‖y − Dx‖² + α‖x‖₁, on at most 300 of them. Orthogonal dictionaries have as many atoms as there are columns.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, sparse in atoms'], ['digits', 'digits'], own]),
      ownFile,
      ...shape(1000, 16, 10_000),
      number('atoms', 'Atoms', 16, 1, 256),
      { ...check('orthogonal', 'orthogonal atoms', true), when: generated },
      noise,
      number('alpha', 'alpha, of a sample’s size', 0.1, 0, 1, false),
      seed,
    ],
    racers: [
      ['batch', 'all samples at a time'],
      ['online', 'online, 20 samples a step'],
      ['msp', 'orthogonal, matching and projection'],
      ['procrustes', 'orthogonal, Procrustes'],
      ['online-orthogonal', 'orthogonal, online, 20 samples a step'],
    ],
    measure: 'lasso objective a sample',
    extra: 'codes a sample',
    work: 'steps',
    logY: true,
  },
  {
    id: 'cca',
    title: 'canonical correlations',
    about:
      'Two groups of columns, directions from four fifths of the rows, measured by one minus the mean correlation of the pairs on the rows held out. The exact method ends at once and shows as a point.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, with common causes'], ['diabetes', 'diabetes'], own]),
      ownFile,
      column('second', 'Second columns', 'a, b, c'),
      ...shape(5000, 40, 20_000),
      number('pairs', 'Pairs', 3, 1, 20),
      number('ridge', 'Ridge: 0 CCA, 1 PLS', 0, 0, 1, false),
      seed,
    ],
    racers: [
      ['exact', 'exact'],
      ['small', 'stochastic, 20 rows a step'],
      ['large', 'stochastic, 200 rows a step'],
      ['fast', 'stochastic, 200 rows, ten times the rate'],
    ],
    measure: '1 − mean held-out correlation',
    extra: '1 − mean correlation of the other rows',
    work: 'steps',
    logY: true,
  },
];

const blackBox: RaceProblem = {
  id: 'black-box',
  title: 'the functions of BBOB',
  about: 'The noiseless functions of BBOB, measured by the distance to the smallest value.',
  controls: [
    choice(
      'function',
      'Function',
      bbobNames.map((name, k) => [String(k + 1), `${k + 1} ${name}`] as const),
      '8',
    ),
    number('dim', 'Dimensions', 10, 2, 40),
    number('budget', 'Evaluations', 50_000, 10, 1_000_000),
    seed,
  ],
  racers: methodNames.map((name) => [name, name] as const),
  measure: 'f − smallest f',
  extra: 'evaluations',
  work: 'evaluations',
  logY: true,
};

/** Of the families that are declared. */
const declaredRaces = families.flatMap(({ id, title, races }): RaceFamily[] =>
  races ? [{ id, title, problems: races.map((race) => ({ ...race, controls: formOf(race.options) })) }] : [],
);

export const raceFamilies: readonly RaceFamily[] = [
  ...declaredRaces,
  { id: 'factorisation', title: 'Factorisation', problems: factorisation },
  { id: 'black-box', title: 'Black-box search', problems: [blackBox] },
];
