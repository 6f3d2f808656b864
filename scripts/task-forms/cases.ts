/** Over 400 lines: a table of the cases for the forms of all tasks. */
import {
  type Control,
  declared,
  type FormTable,
  type FormValue,
  type FormValues,
  formOf,
  type Task,
} from '@southwell/tasks';
import { rulesWithFaulty } from 'southwell/distributed-methods';
import { tables } from './tables.ts';

/** All columns except a to d, with y as the target. */
const pixels = { target: 'y', drop: ['two', 'three', 'seen', 'w', 'count'] };
export type Case = readonly [table: string, changed: FormValues];
const X = { drop: ['two', 'three', 'seen', 'w', 'count', 'y'] };
export interface Tried {
  readonly table: string;
  /** The quick suite runs the first case only. */
  readonly together: readonly Case[];
  /** Values added to every case, unless the tested option excludes them. */
  readonly usual?: FormValues;
  /** Values that a value of an option requires on that table: `model=cox`, or any value of it: `group`. */
  readonly company?: Readonly<Record<string, FormValues>>;
}
const linear = (changed: FormValues): Case => ['rows.csv', { target: 'y', alpha: 0.01, ...changed }];
const beside: FormValues = { second: new File([tables['rows.csv']], 'rows.csv'), x: ['a', 'b'], y: ['c', 'y'] };
const laidOn: FormValues = { target: new File([tables['cloud2.csv']], 'cloud2.csv') };
const further: FormValues = {
  more: ['cloud2.csv', 'cloud1.csv'].map((name) => new File([tables[name as 'cloud1.csv']], name)),
};
/**
 * The table for testing every value of every option, and some combinations, by the words of the command; `made` returns
 * a file written by the command.
 */
export const triedWith = (made: (name: string) => File): Readonly<Record<string, Tried>> => ({
  fit: {
    table: 'rows.csv',
    together: [
      linear({}),
      linear({ alpha: '', cv: 4, seed: 2, scoring: 'r2', drop: ['w', 'count'] }),
      linear({ alpha: '', cv: 3, rule: 'min', target: 'two', drop: ['three', 'y', 'count'], nAlphas: 20, eps: 1e-4 }),
      linear({
        alpha: '',
        path: true,
        model: 'lasso',
        positive: true,
        weights: 'w',
        intercept: false,
        standardize: false,
      }),
      linear({ model: 'elastic-net', l1Ratio: 0.2, offset: 'c', missing: 'mean' }),
      linear({ model: 'logistic', target: 'two', drop: ['three', 'y'], l1Ratio: 0.5 }),
      linear({ model: 'group-lasso', group: 'a, b; c,d', drop: ['two'] }),
      linear({ model: 'group-logistic', target: 'two', drop: ['y', 'three'], group: 'a,b' }),
      linear({ model: 'multitask-lasso', targets: ['y', 'count'], drop: ['two', 'three'] }),
    ],
    // Otherwise folds would be fitted for every option.
    usual: { alpha: 0.01 },
    company: {
      'model=logistic': { target: 'two' },
      'model=svc': { target: 'two', alpha: 0.1 },
      'model=group-logistic': { target: 'two' },
      'model=multinomial': { target: 'three', drop: ['two', 'y'] },
      'model=poisson': { target: 'count', drop: ['y', 'two', 'three'] },
      'model=gamma': { drop: ['count', 'two', 'three'] },
      'model=cox': { time: 'y', event: 'seen', drop: ['count', 'two', 'three'] },
      'model=multitask-lasso': { targets: ['y', 'count'] },
      target: { drop: ['y', 'three'] },
      targets: { drop: ['two', 'three'] },
      'model=nnls': { alpha: '' },
      time: { time: 'y', event: 'seen', drop: ['two', 'three'] },
      event: { time: 'y', event: 'seen', drop: ['two', 'three'] },
      strata: { time: 'y', event: 'seen', drop: ['two', 'count'] },
      scoring: { nAlphas: 10 },
      foldColumn: { nAlphas: 10 },
      seed: { holdout: 0.3 },
      federated: { clients: 'three' },
      perRound: { clients: 'three' },
      noise: { clients: 'three' },
      hierarchy: { interactions: 2 },
      classWeight: { classWeight: 'yes=3, no=1' },
      penaltyFactor: { penaltyFactor: 'a=0, two=2' },
      sketchRows: { sketchRows: 40 },
      lower: { lower: 'a=0' },
      upper: { upper: 'a=1, two=yes=0.5' },
      'adaptive=unpenalised': { drop: ['two', 'three'] },
      'scoring=logLoss': { target: 'two' },
      'scoring=error': { target: 'two' },
      'scoring=accuracy': { target: 'two' },
      'scoring=rocAuc': { target: 'two' },
      // Large alphas: at small ones the columns almost determine the times, and folds take half a minute.
      'scoring=concordance': { model: 'cox', time: 'y', event: 'seen', drop: ['count', 'two', 'three'], eps: 0.1 },
      grouped: { target: 'three', drop: ['two', 'y'] },
    },
  },
  cluster: {
    table: 'rows.csv',
    together: [
      ['parts.csv', {}],
      ['rows.csv', { ...X, method: 'kmeans', k: 4, restarts: 2, seed: 3, standardize: false, missing: 'mean' }],
      ['known.csv', { labels: 'kind', method: 'laplacian', lambda: 0.5, k: 3, missing: 'drop-rows' }],
      ['rows.csv', { ...X, method: 'mixture', k: 2 }],
    ],
  },
  solve: {
    table: 'square.csv',
    together: [
      ['square.csv', { method: 'gmres', preconditioner: 'jacobi', restart: 3 }],
      ['parts.csv', {}],
      ['sparse.mtx', { method: 'lsmr' }],
    ],
    company: {
      'preconditioner=incomplete-lu': { method: 'gmres' },
      omega: { method: 'cg' },
      dropTolerance: { method: 'cg' },
      rhs: { rhs: new File([tables['square.csv']], 'square.csv') },
    },
  },
  register: {
    table: 'cloud1.csv',
    together: [
      ['cloud1.csv', {}],
      ['cloud1.csv', { ...laidOn, method: 'generalised', robustKernel: 'huber', robustScale: 0.5, voxel: 0.2 }],
      ['cloud1.csv', { ...laidOn, coarse: 'always', maxDistance: 0.5, tol: 1e-4 }],
      ['cloud1.csv', { ...laidOn, ...further }],
    ],
    usual: laidOn,
    company: {
      initial: { initial: new File([tables['first.txt']], 'first.txt') },
      robustScale: { robustKernel: 'tukey' },
      reference: { ...further, reference: 2 },
      leastOverlap: further,
    },
  },
  train: {
    table: 'rows.csv',
    together: [
      ['rows.csv', { target: 'three', drop: ['y', 'count'], hidden: '', epochs: 5 }],
      [
        'rows.csv',
        { target: 'y', validation: 0, hidden: '0', weights: 'w', standardize: false, epochs: 3, rate: 0.001 },
      ],
      [
        'rows.csv',
        {
          ...{
            target: 'two',
            drop: ['y'],
            hidden: '8',
            epochs: 4,
            batch: 10,
            accumulate: 2,
            optimiser: 'muon',
            seed: 1,
          },
          ...{ dropout: 0.2, clip: 1, average: 'exponential', schedule: 'one-cycle', missing: 'indicator' },
        },
      ],
    ],
    usual: { epochs: 2, hidden: '4' },
    company: {
      from: { from: made('saved.json') },
      divide: { from: made('given.onnx'), target: 'three', drop: ['y', 'count', 'two', 'seen', 'w'] },
      filters: { filters: '4' },
      image: { ...pixels, image: '2x2' },
      'image=x': { ...pixels, image: '2x2' },
      hidden: { hidden: '8, 4' },
      patience: { patience: 1 },
      'predicts=classes': { target: 'seen' },
      'predicts=characters': { width: 12, blocks: 1 },
      labels: { target: '', labels: new File([tables['kinds.csv']], 'kinds.csv') },
    },
  },
  'graph learn': {
    table: 'bits.csv',
    together: [
      ['rows.csv', { ...X, method: 'topo', bootstrap: 3, seed: 4 }],
      ['rows.csv', { drop: ['two', 'three'], threshold: 0.1 }],
      ['rows.csv', { ...X, variance: 'equal', lambda: 0.02, refine: true }],
      ['rows.csv', { ...X, method: 'golem', variance: 'unequal' }],
      ['bits.csv', { method: 'dagma', score: 'logistic' }],
      ['bits.csv', { method: 'notears', score: 'logistic', refine: true }],
      ['bits.csv', { method: 'topo', score: 'logistic', lambda: 0.02 }],
      ['bits.csv', { method: 'notears', score: 'mlp', lambda: 0.05, refine: true }],
      ['bits.csv', { method: 'topo', score: 'mlp', lambda: 0.05 }],
    ],
    company: {
      'score=logistic': { method: 'notears' },
      'score=mlp': { method: 'notears', lambda: 0.05 },
      intercepts: { method: 'topo' },
      require: { require: 'a:b' },
      forbid: { forbid: 'a:b, c:a' },
      tiers: { tiers: new File([tables['tiers.csv']], 'tiers.csv') },
    },
  },
  'factor svd': {
    table: 'parts.csv',
    together: [
      ['parts.csv', { components: 3 }],
      ['rows.csv', { ...X, center: false, standardize: false, seed: 1, missing: 'mean' }],
    ],
  },
  'factor nmf': {
    table: 'parts.csv',
    together: [['parts.csv', { loss: 'kullback-leibler', init: 'random', alpha: 0.01, l1Ratio: 0.5 }]],
  },
  'factor sparse-pca': { table: 'parts.csv', together: [['parts.csv', { alpha: 2 }]] },
  'factor dictionary': {
    table: 'rows.csv',
    together: [
      ['parts.csv', { k: 4, alpha: 0.1 }],
      ['parts.csv', { method: 'online', nonNegative: true, batchSize: 10, passes: 3 }],
      ['parts.csv', { method: 'orthogonal', sparsity: 2, whiten: true, threshold: 0.01 }],
      ['rows.csv', { method: 'supervised', target: 'two', covariates: ['w'], drop: ['three'], xi: 0.5 }],
      ['rows.csv', { method: 'supervised', target: 'three', drop: ['two'], model: 'feature', nonNegative: true }],
      ['rows.csv', { method: 'supervised', target: 'two', drop: ['three'], algorithm: 'lifted' }],
    ],
    usual: X,
    company: {
      target: { target: 'two', drop: ['three'] },
      'method=supervised': { target: 'two', drop: ['three'] },
      covariates: { covariates: ['w'] },
    },
  },
  'factor cca': {
    table: 'rows.csv',
    together: [
      ['rows.csv', { x: ['a', 'b'], y: ['c', 'y'] }],
      ['rows.csv', { x: ['a', 'b', 'c'], y: ['y', 'w'], ridge: 1, components: 1, standardize: false }],
      [
        'rows.csv',
        {
          ...{ method: 'stochastic', x: ['a', 'b'], y: ['c', 'y'] },
          ...{ ridge: 0.1, batchSize: 10, epochs: 5, learningRate: 0.01 },
        },
      ],
    ],
    usual: { x: ['a', 'b'], y: ['c', 'y'] },
    company: {
      x: { y: ['c', 'y'], components: 1 },
      y: { x: ['b', 'd'], components: 1 },
      components: { x: ['a', 'b', 'd'], y: ['c', 'y', 'w'] },
      second: { ...beside },
    },
  },
  'factor deep-cca': {
    table: 'rows.csv',
    together: [
      ['rows.csv', { x: ['a', 'b'], y: ['c', 'y'], epochs: 2 }],
      [
        'rows.csv',
        {
          ...{
            x: ['a', 'b', 'c'],
            y: ['y', 'w'],
            components: 1,
            hidden: '8',
            activation: 'tanh',
            ridge: 0.1,
            epochs: 2,
          },
          ...{ batchSize: 5, learningRate: 0.01, validation: 0, holdout: 0.3, standardize: false },
        },
      ],
    ],
    usual: { x: ['a', 'b'], y: ['c', 'y'], epochs: 2 },
    company: {
      second: { ...beside },
      x: { y: ['c', 'y'], components: 1 },
      y: { x: ['b', 'd'], components: 1 },
      hidden: { hidden: '6, 4' },
      components: { x: ['a', 'b', 'd'], y: ['c', 'y', 'w'] },
    },
  },
  'factor tensor': {
    table: 'cube.csv',
    together: [
      ['entries.csv', { index: ['user', 'item'], value: 'mark', missing: true }],
      ['gaps.csv', { missing: true, method: 'tucker' }],
      ['places.csv', { method: 'tt' }],
    ],
    usual: { index: ['i', 'j', 'k'], value: 'v' },
    company: {
      index: { index: ['j', 'i', 'k'], value: 'v' },
      value: { index: ['i', 'j', 'k'], value: 'v' },
      shape: { index: ['i', 'j', 'k'], shape: '5, 4, 9' },
      rank: { rank: '3, 3, 2', method: 'tucker' },
      randomized: { rank: '2' },
    },
  },
  'factor functional': {
    table: 'rows.csv',
    together: [
      ['rows.csv', { axes: ['a', 'b'], target: 'y', rank: 1 }],
      ['gaps.csv', { axes: ['a', 'b'], target: 'e', rank: 1, missing: 'drop-rows' }],
    ],
    usual: { axes: ['a', 'b'], target: 'y', rank: 1, sweeps: 5, starts: 1 },
    company: {
      axes: { target: 'y' },
      target: { axes: ['a', 'b'] },
      noise: { noise: 'w' },
      range: { range: 'a=-1:9' },
      lengthscale: { lengthscale: '0.3, 0.5' },
    },
  },
  'factor chebyshev': {
    table: 'grid.npy',
    together: [['grid.npy', {}]],
    usual: { tol: 1e-3 },
    company: {
      domain: { domain: 'x=0:1, z=-2:2' },
      degree: { degree: '8, 7, 6' },
      rank: { rank: '2' },
      maxDegree: { maxDegree: 8 },
    },
  },
  'factor recommend': {
    table: 'entries.csv',
    together: [
      ['entries.csv', { rank: 2, lambda: 1, row: 'user', col: 'item', value: 'mark' }],
      ['entries.csv', { rank: 1, lambda: 10, alpha: 5, top: 2, holdout: 0.2 }],
      ['sparse.mtx', { rank: 2, lambda: 5, seed: 5 }],
    ],
    usual: { rank: 2, lambda: 10 },
    company: { row: { row: 'user' }, col: { col: 'item' }, value: { value: 'mark' } },
  },
  'factor complete': {
    table: 'places.csv',
    together: [
      ['entries.csv', { rank: 2, row: 'user', col: 'item', value: 'mark' }],
      ['entries.csv', { rank: 2, method: 'als', weights: 'sure', lambda: 0.5 }],
      ['entries.csv', { rank: 2, biases: false, nonNegative: true, lambda: 0.1 }],
      ['gaps.csv', { rank: 1, method: 'soft-impute' }],
      ['gaps.csv', { rank: 2, method: 'svt', biases: false }],
      ['sparse.mtx', { rank: 2, seed: 5 }],
    ],
    usual: { rank: 2 },
    company: {
      nonNegative: { biases: false, lambda: 0.1 },
      row: { row: 'user' },
      col: { col: 'item' },
      value: { value: 'mark' },
      weights: { weights: 'sure' },
      pairs: { pairs: new File([tables['pairs.csv']], 'pairs.csv'), top: '' },
    },
  },
  'plan-private': {
    table: 'rows.csv',
    together: [
      ['rows.csv', { features: 6, people: 60_000, epsilon: 4, effects: '0.1,0.5' }],
      ['rows.csv', { mode: 'public', clipX: 3, clipY: 1, correlation: 0.5, power: 0.9 }],
    ],
  },
  privatise: {
    table: 'rows.csv',
    together: [
      ['rows.csv', { target: 'y', features: ['a', 'b'], epsilon: 1, delta: 0, seed: 7 }],
      ['parts.csv', { target: 'f', mode: 'public', scale: 'a=1:2, f=3:2', clipX: 4, seed: 7 }],
    ],
    // Without a seed runs are not reproducible, and a person with many rows would exceed the budget.
    usual: { target: 'y', features: ['a', 'b'], seed: 3, epsilon: 0.01 },
    company: {
      scale: { scale: 'a=1:2, y=5:3' },
      person: { person: 'c', budgetEpsilon: 1, budgetDelta: 0.5 },
      budgetEpsilon: { person: 'c', budgetDelta: 0.5 },
      budgetDelta: { person: 'c', budgetEpsilon: 1 },
      spent: { person: 'd', spent: made('spent.json'), budgetEpsilon: 501, budgetDelta: 0.6 },
    },
  },
  'fit-private': {
    table: 'open.csv',
    together: [['sent.csv', { protocol: made('sent.json'), eigenFloor: 0.2 }]],
    usual: { protocol: made('open.json'), public: made('rows.csv') },
    company: { protocol: { protocol: made('open.json') }, public: { public: made('rows.csv') } },
  },
  aggregate: {
    table: 'parts.csv',
    together: [
      ['parts.csv', { rule: 'multi-krum', faulty: 2, m: 3 }],
      ['parts.csv', { rule: 'flag', m: 2, scale: 'median-norm' }],
    ],
    company: Object.fromEntries(rulesWithFaulty.map((rule) => [`rule=${rule}`, { faulty: 1 }])),
  },
  gossip: {
    table: 'links.csv',
    together: [
      ['links.csv', {}],
      ['links.csv', { to: 'far', rate: 'price', cost: 'cost', objective: 'lambda2', tol: 0.01 }],
    ],
    company: { rate: { rate: 'price' }, cost: { cost: 'price' }, from: { from: 'far' }, to: { to: 'far' } },
  },
  stragglers: {
    table: 'delays.csv',
    together: [['delays.csv', { slope: 2, load: 0.2, workers: 'columns', maxDelay: 1, mu: 0.5 }]],
    usual: { slope: 1 },
  },
  game: {
    table: 'moves.csv',
    together: [
      ['moves.csv', { names: 'move', drop: ['wait'], tol: 1e-6 }],
      ['sparse.mtx', {}],
    ],
  },
  'schedule refine': {
    table: 'rows.csv',
    together: [
      ['rows.csv', { column: 'w', norm: 'l1', smoothing: 0, steps: 9 }],
      ['gaps.csv', { column: 'b', missing: 'drop-rows' }],
    ],
    usual: { column: 'w' },
  },
});

/** A value of an option that others require, of whatever it takes. */
const anyOf = ({ kind, min = 0 }: { readonly kind: string; readonly min?: number }): string | number | true =>
  kind === 'flag' ? true : kind === 'whole' || kind === 'number' ? min + 1 : 'x';

/** Values of an option other than the initial value of the form. */
function others({ kind, choices, min, max, whole, initial }: Control, { columns }: FormTable): FormValue[] {
  if (kind === 'choice')
    return (choices ?? []).map(([value]) => value).filter((value) => value !== initial && value !== '');
  if (kind === 'check') return [initial !== true];
  if (kind === 'columns') return [columns.slice(0, 1).map((c) => c.name)];
  if (kind !== 'number') return [];
  // Of ranges of many orders of magnitude the geometric mean.
  if (!whole && min !== undefined && max !== undefined)
    return [min > 0 && max > 1e6 * min ? Math.sqrt(min) * Math.sqrt(max) : (min + max) / 2];
  const step = whole ? 1 : 0.5;
  const next = typeof initial === 'number' ? initial + step : (min ?? 0) + 2 * step;
  return [Math.min(next, max ?? next)];
}

/** A case for each value of each option, with the values that it requires. */
export function casesOf(task: Task, table: FormTable, { usual = {}, company = {} }: Tried): FormValues[] {
  const controls = formOf(task.options, table);
  const files = Object.keys(task.inputs).filter((name) => company[name]);
  const ofInputs = files.map((name) => ({ ...usual, ...company[name] }));
  const ofOptions = controls.flatMap((control) => {
    const { kind, numbers, only = {}, without = {}, form } = declared(task.options[control.name]);
    const { name } = control;
    // For columns, one that is not another control's initial value, preferably a text column if allowed.
    const named = controls.flatMap((other) => (other === control ? [] : other.initial));
    const fitting = table.columns.filter((c) => (c.type === 'number') === (numbers === true));
    const own = (fitting.find((c) => !named.includes(c.name)) ?? fitting[0] ?? table.columns[0]).name;
    const values =
      kind === 'column'
        ? [company[name]?.[name] ?? own]
        : kind === 'groups'
          ? ['a, b; c']
          : kind === 'texts' || kind === 'numbers' || kind === 'file'
            ? [company[name][name]]
            : (kind === 'columns' || kind === 'whole') && company[name]?.[name]
              ? [company[name][name]]
              : others(control, table);
    const wanted = Object.entries((form !== false && form?.only) || only);
    const needed = Object.fromEntries(
      wanted.map(([other, w]) => [other, w !== true ? w[0] : anyOf(declared(task.options[other]))]),
    );
    const shared = Object.fromEntries(Object.entries(usual).filter(([other]) => !Object.hasOwn(without, other)));
    return values.map((value) => ({
      ...shared,
      ...needed,
      ...company[`${Object.keys(needed)[0]}=${Object.values(needed)[0]}`],
      ...company[name],
      ...company[`${name}=${value}`],
      [name]: value,
    }));
  });
  return [...ofInputs, ...ofOptions];
}
