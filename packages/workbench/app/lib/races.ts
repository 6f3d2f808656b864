// What the page of races asks and shows for each family; the problems and the racers are in workers/races.
import { bbobNames, methodNames } from 'southwell/black-box';
import { completionMethods } from 'southwell/factorisation';
import type { Control } from './controls.ts';

export interface RaceFamily {
  readonly id: string;
  readonly title: string;
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

const number = (name: string, title: string, initial: number, min: number, max: number, whole = true): Control => ({
  name,
  title,
  kind: 'number',
  initial,
  min,
  max,
  whole,
});
const choice = (
  name: string,
  title: string,
  choices: Control['choices'] & object,
  initial = choices[0][0],
): Control => ({
  name,
  title,
  kind: 'choice',
  initial,
  choices,
});
const seed = number('seed', 'Seed', 1, 0, 2 ** 31);
/** The choice of data that asks for a file; the page shows the input for it. */
export const OWN_FILE = 'file';
const own = [OWN_FILE, 'a file of yours'] as const;
const column = (name: string, title: string): Control => ({
  name,
  title,
  kind: 'text',
  initial: '',
  when: (v) => v.data === OWN_FILE,
});
const generated: Control['when'] = (v) => v.data === 'generated';

export const races: readonly RaceFamily[] = [
  {
    id: 'linear-models',
    title: 'Sparse linear models',
    about: 'L1-penalised models, measured by the duality gap relative to the objective at zero.',
    controls: [
      choice('data', 'Data', [
        ['generated', 'generated, correlated columns'],
        ['spambase', 'spambase'],
        ['diabetes', 'diabetes'],
        own,
      ]),
      column('target', 'Target column'),
      choice('loss', 'Loss', [
        ['squared', 'squared'],
        ['logistic', 'logistic'],
      ]),
      { ...number('rows', 'Rows', 400, 2, 5000), when: generated },
      { ...number('cols', 'Columns', 2000, 2, 20_000), when: generated },
      { ...seed, when: generated },
      number('part', 'alphaMax divided by', 20, 1, 10_000, false),
    ],
    racers: [
      ['working-sets', 'working sets + Newton (the library’s)'],
      ['cyclic', 'coordinate descent, cyclic'],
      ['random', 'coordinate descent, random'],
      ['greedy', 'coordinate descent, greedy (Gauss–Southwell)'],
      ['greedy-50', 'greedy blocks of 50, proximal Newton'],
      ['support', 'support + 50, proximal Newton'],
    ],
    measure: 'relative duality gap',
    extra: 'features',
    work: 'epochs',
    logY: true,
  },
  {
    id: 'clustering',
    title: 'Clustering',
    about: 'Measured by the share of the squares about the mean that clusters leave unexplained.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, groups of points'], ['digits', 'digits'], own]),
      column('labels', 'Column of true labels'),
      { ...number('rows', 'Points', 4000, 2, 50_000), when: generated },
      { ...number('cols', 'Dimensions', 16, 1, 500), when: generated },
      number('k', 'Clusters', 20, 1, 200),
      seed,
    ],
    racers: [
      ['kmeans', 'k-means, greedy k-means++ start'],
      ['kmeans-random', 'k-means, random start'],
      ['soft', 'bound optimiser, no graph'],
      ['graph', 'bound optimiser, graph of neighbours'],
    ],
    measure: 'share unexplained',
    extra: 'adjusted Rand index',
    work: 'iterations',
    logY: true,
  },
  {
    id: 'structure-learning',
    title: 'Structure learning',
    about: 'Linear causes, measured by the structural Hamming distance to the graph that made the data.',
    controls: [
      number('nodes', 'Variables', 30, 2, 100),
      number('degree', 'Edges a variable', 2, 0.1, 8, false),
      choice('graph', 'Graph', [
        ['er', 'Erdős–Rényi'],
        ['sf', 'scale-free'],
      ]),
      choice('noise', 'Noise', [
        ['gaussian', 'Gaussian'],
        ['exponential', 'exponential'],
        ['laplace', 'Laplace'],
      ]),
      { name: 'unequal', title: 'of unequal size', kind: 'check', initial: false },
      number('rows', 'Rows', 1000, 2, 20_000),
      seed,
    ],
    racers: [
      ['colide-equal', 'CoLiDE, noise of equal size'],
      ['colide-unequal', 'CoLiDE, noise of unequal size'],
      ['dagma', 'DAGMA'],
      ['golem-equal', 'GOLEM, noise of equal size'],
      ['golem-unequal', 'GOLEM, noise of unequal size'],
      ['notears', 'NOTEARS'],
      ['topo', 'TOPO, swaps of orders'],
    ],
    measure: 'structural Hamming distance',
    extra: 'edges',
    work: 'iterations',
    logY: false,
  },
  {
    id: 'factorisation',
    title: 'Matrix completion',
    about: 'A matrix of low rank, measured by the relative error on entries that were not seen.',
    controls: [
      choice('data', 'Data', [['generated', 'generated, of low rank'], own]),
      { ...number('rows', 'Rows', 300, 2, 1000), when: generated },
      { ...number('cols', 'Columns', 300, 2, 1000), when: generated },
      number('rank', 'Rank', 5, 1, 50),
      number('share', 'Share seen', 0.3, 0.01, 0.99, false),
      { ...number('noise', 'Noise', 0, 0, 10, false), when: generated },
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
    id: 'black-box',
    title: 'Black-box search',
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
  },
];
