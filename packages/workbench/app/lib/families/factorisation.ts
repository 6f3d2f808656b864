import { completionMethods, nmfLosses, nmfStarts } from 'southwell/factorisation';
import type { JobRequests } from '../../workers/jobs.ts';
import type { TableSummary } from '../../workers/summary.ts';
import { type Control, check, choice, chosenNames, number, type Values } from '../controls.ts';
import {
  type Asked,
  allColumns,
  type Family,
  none,
  numberColumns,
  optionsOf,
  shared,
  sharedDefaults,
  sharedOptions,
} from './family.ts';

const is =
  (...tasks: string[]) =>
  (v: Values): boolean =>
    tasks.includes(String(v.task));
/** Of a dictionary, by these methods. */
const learns =
  (...methods: string[]) =>
  (v: Values): boolean =>
    v.task === 'dictionary' && methods.includes(String(v.dictionary));
const completes =
  (...methods: string[]) =>
  (v: Values): boolean =>
    v.task === 'complete' && methods.includes(String(v.completion));
const stochastic = (v: Values) => v.task === 'cca' && v.cca === 'stochastic';
const listed = (v: Values) => v.task === 'complete' && v.shape === 'list';
const supervised = learns('supervised');
const titles: Readonly<Record<string, string>> = {
  robust: 'alternating, a few steps each',
  als: 'alternating least squares',
  'soft-impute': 'soft-impute',
  svt: 'singular value thresholding',
  frobenius: 'squares',
  'kullback-leibler': 'Kullback–Leibler',
  nndsvda: 'from singular vectors, no zeros',
  nndsvd: 'from singular vectors',
  random: 'random',
};
const titled = (names: readonly string[]) => names.map((name) => [name, titles[name] ?? name] as const);

/** Three columns or a few more without gaps, the first two of names or whole numbers. */
const listsEntries = ({ columns }: TableSummary): boolean =>
  columns.length >= 3 &&
  columns.length <= 6 &&
  columns.every((c) => c.missing === 0) &&
  columns.slice(0, 2).every((c) => c.type !== 'number' || c.sample.every((v) => Number.isInteger(Number(v))));

export const factorisation: Family<'factorisation'> = {
  id: 'factorisation',
  title: 'Factorisation',
  about: 'Writes the table as a product of smaller ones: components, parts, atoms; or fills in what it lacks.',
  controls(table) {
    const { drop, missing, seed } = shared(table, false);
    const numeric = numberColumns(table).map(([name]) => name);
    const most = listsEntries(table) ? 5 : (table.sparse?.cols ?? table.columns.length) - 1;
    const half = Math.ceil(numeric.length / 2);
    // A sparse matrix has entries, no columns to name.
    const named = table.columns.length > 0;
    const column = (name: string, title: string): Control => ({
      ...choice(name, title, [['', 'by place'], ...allColumns(table)]),
      when: (v) => named && listed(v),
      more: true,
    });
    return [
      choice('task', 'Task', [
        ['svd', 'principal components'],
        ['nmf', 'non-negative parts'],
        ['sparse-pca', 'sparse components'],
        ['dictionary', 'dictionary of atoms'],
        ...(named ? ([['cca', 'canonical correlations of two groups of columns']] as const) : []),
        ['complete', 'completion'],
      ]),
      {
        ...choice('dictionary', 'Method', [
          ['batch', 'all samples at a time'],
          ['online', 'online, by batches'],
          ['orthogonal', 'orthogonal, by batches'],
          ...(named ? ([['supervised', 'supervised, atoms that tell labels']] as const) : []),
        ]),
        when: is('dictionary'),
      },
      { ...choice('completion', 'Method', titled(completionMethods)), when: is('complete') },
      {
        ...choice('cca', 'Method', [
          ['exact', 'exact'],
          ['stochastic', 'stochastic, by batches'],
        ]),
        when: is('cca'),
      },
      {
        ...number('k', 'Components', 2, 1),
        when: (v) => !is('complete', 'cca')(v) && !learns('orthogonal')(v),
      },
      { ...number('pairs', 'Pairs', Math.max(1, Math.min(2, numeric.length - half)), 1), when: is('cca') },
      { ...number('rank', 'Rank', Math.max(1, Math.min(5, most)), 1), when: is('complete') },
      {
        ...choice(
          'target',
          'Labels',
          allColumns(table),
          (table.columns.findLast((c) => c.type === 'category') ?? table.columns.at(-1))?.name,
        ),
        when: supervised,
      },
      {
        name: 'covariates',
        title: 'Covariates, not rebuilt',
        kind: 'columns',
        initial: [],
        when: supervised,
      },
      { ...number('xi', 'Weight of rebuilding', '', 0, undefined, false), hint: '1', when: supervised },
      {
        ...choice('model', 'Labels depend on', [
          ['filter', 'what atoms see'],
          ['feature', 'the codes'],
        ]),
        when: supervised,
      },
      {
        ...choice('algorithm', 'Algorithm', [
          ['bcd', 'blocks in turn'],
          ['lifted', 'the lifted problem'],
        ]),
        when: supervised,
      },
      {
        ...choice(
          'shape',
          'The table',
          [
            ['list', 'lists entries: row, column, value'],
            ['dense', 'is the matrix, with gaps'],
          ],
          listsEntries(table) ? 'list' : 'dense',
        ),
        when: (v) => named && is('complete')(v),
      },
      { ...choice('loss', 'Loss', titled(nmfLosses)), when: is('nmf') },
      {
        ...number('alpha', 'Sparsity', '', 0, undefined, false),
        when: (v) => is('nmf', 'sparse-pca')(v) || learns('batch', 'online')(v),
      },
      { ...number('sparsity', 'Codes a sample', '', 0), hint: 'all', when: learns('orthogonal') },
      { ...number('ridge', 'Ridge: 0 CCA, 1 PLS', 0, 0, 1, false), when: is('cca') },
      { name: 'x', title: 'First columns', kind: 'columns', initial: numeric.slice(0, half), when: is('cca') },
      { name: 'y', title: 'Second columns', kind: 'columns', initial: numeric.slice(half), when: is('cca') },
      { ...number('lambda', 'Penalty', '', 0, undefined, false), when: is('complete') },
      { ...drop, when: (v) => !is('complete', 'cca')(v) },
      { ...missing, when: (v) => !is('complete')(v) },
      { ...check('biases', 'take off biases', true), when: is('complete') },
      {
        ...check('nonNegative', 'no entry below zero'),
        // Biases have signs, and so have the atoms of the lifted problem.
        when: (v) =>
          (completes('robust')(v) && !v.biases) ||
          learns('batch', 'online')(v) ||
          (supervised(v) && v.algorithm !== 'lifted'),
      },
      { ...check('center', 'take off the means', true), when: is('svd') },
      { ...check('standardize', 'standardise', true), when: is('svd', 'sparse-pca', 'cca') },
      { ...check('whiten', 'whiten'), when: learns('orthogonal') },
      { ...choice('init', 'Start', titled(nmfStarts)), when: is('nmf'), more: true },
      { ...number('l1Ratio', 'L1 share of the sparsity', '', 0, 1, false), hint: '0', when: is('nmf'), more: true },
      {
        ...number('threshold', 'Codes up to', '', 0, undefined, false),
        hint: 'kept',
        when: learns('orthogonal'),
        more: true,
      },
      {
        ...number('batchSize', 'Rows a step', '', 2),
        hint: '20',
        when: (v) => stochastic(v) || learns('online', 'orthogonal')(v),
        more: true,
      },
      { ...number('passes', 'Passes', '', 1), hint: '10', when: learns('online', 'orthogonal'), more: true },
      { ...number('epochs', 'Passes', '', 1), hint: '10', when: stochastic, more: true },
      {
        ...number('learningRate', 'Learning rate', '', 0, undefined, false),
        hint: '0.001',
        when: stochastic,
        more: true,
      },
      column('row', 'Column of rows'),
      column('col', 'Column of columns'),
      column('value', 'Column of values'),
      {
        ...choice('weights', 'Weights of entries', [none, ...numberColumns(table)]),
        when: (v) => listed(v) && completes('robust', 'als')(v),
        more: true,
      },
      seed,
    ];
  },
  asked(v, table): Asked {
    const { drop, missing, seed } = sharedOptions(v);
    /** Only where the form shows it. */
    const where = (shown: boolean, options: Record<string, unknown>) => (shown ? options : {});
    switch (v.task) {
      case 'cca':
        return {
          verb: ['factor', 'cca'],
          defaults: { components: 1, ridge: 0, method: 'exact', ...sharedDefaults },
          options: {
            ...{ x: chosenNames(v.x), y: chosenNames(v.y), components: v.pairs, method: v.cca, ridge: v.ridge },
            ...where(stochastic(v), { batchSize: v.batchSize, epochs: v.epochs, learningRate: v.learningRate }),
            ...{ standardize: v.standardize, missing, seed },
          },
          files: { 'out-scores': 'scores.csv', 'out-weights': 'weights.csv' },
        };
      case 'complete': {
        const dense = table.columns.length > 0 && v.shape === 'dense';
        return {
          verb: ['factor', 'complete'],
          defaults: { rank: 10, method: 'robust', seed: 0 },
          options: {
            ...{ rank: v.rank, method: v.completion, lambda: v.lambda, biases: v.biases },
            nonNegative: v.completion === 'robust' && !v.biases && v.nonNegative,
            ...where(!dense, { row: v.row, col: v.col, value: v.value, top: 10 }),
            ...where(!dense && completes('robust', 'als')(v), { weights: v.weights }),
            ...{ dense, holdout: 0.1, seed },
          },
          files: { out: 'completed.csv' },
        };
      }
      case 'dictionary':
        return {
          verb: ['factor', 'dictionary'],
          defaults: { method: 'batch', batchSize: 20, passes: 10, ...sharedDefaults },
          options: {
            ...where(!learns('orthogonal')(v), { k: v.k }),
            method: v.dictionary,
            ...where(learns('batch', 'online')(v), { alpha: v.alpha, nonNegative: v.nonNegative }),
            ...where(learns('orthogonal')(v), { sparsity: v.sparsity, threshold: v.threshold, whiten: v.whiten }),
            ...where(learns('online', 'orthogonal')(v), { batchSize: v.batchSize, passes: v.passes }),
            ...where(supervised(v), {
              target: v.target,
              covariates: chosenNames(v.covariates),
              xi: v.xi,
              model: v.model === 'filter' ? undefined : v.model,
              algorithm: v.algorithm === 'bcd' ? undefined : v.algorithm,
              nonNegative: v.algorithm !== 'lifted' && v.nonNegative,
            }),
            ...{ drop, missing, seed },
          },
          files: { 'out-codes': 'codes.csv', 'out-dictionary': 'dictionary.csv' },
        };
      default:
        return {
          verb: ['factor', String(v.task)],
          defaults: { ...(v.task === 'nmf' && { loss: 'frobenius', init: 'nndsvda' }), ...sharedDefaults },
          options: {
            components: v.k,
            ...where(v.task === 'svd', { center: v.center }),
            ...where(v.task === 'nmf', { loss: v.loss, init: v.init, l1Ratio: v.l1Ratio }),
            ...where(v.task !== 'nmf', { standardize: v.standardize }),
            ...where(v.task !== 'svd', { alpha: v.alpha }),
            ...{ drop, missing, seed },
          },
          files: { 'out-scores': 'scores.csv', 'out-components': 'components.csv' },
        };
    }
  },
  request(asked: Asked, data) {
    const verb = asked.verb[1];
    const request = { data, ...optionsOf(asked) };
    const task = verb === 'cca' || verb === 'complete' || verb === 'dictionary' ? verb : 'decompose';
    return {
      task,
      request: task === 'decompose' ? { ...request, job: verb } : request,
    } as JobRequests['factorisation'];
  },
};
