/** Fits to rows distributed over ranks, run by threads for tests. */
import { type Ranks, rowsOfRank } from '@southwell/distributed';
import { type AnyMatrix, CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random, rowsAmong, type SplitRows } from '@southwell/numerics/core';
import { type AnyModel, LinearModel, linearModels, type ModelOptions } from 'southwell/linear-models';
import { type JobRanks, jobRanks } from '../spread/ranks.ts';
import { splitColumns } from '../spread/splitColumns.ts';
import { splitRows } from '../spread/splitRows.ts';

/** A fit of random data: the model, the size of the data, and additional inputs. */
export interface SpreadFit {
  readonly model: string;
  readonly rows: number;
  readonly columns: number;
  readonly options?: ModelOptions;
  readonly mode?: 'fit' | 'path' | 'cv';
  readonly scoring?: string;
  readonly sparse?: boolean;
  /** Whether some rows are dropped after they were distributed. */
  readonly dropped?: boolean;
  readonly weights?: boolean;
  readonly offset?: boolean;
  /** Whether columns are distributed instead of rows. */
  readonly byColumns?: boolean;
}

const size = { rows: 300, columns: 12 };
/** Fits to distributed rows. */
export const rowFits: Readonly<Record<string, SpreadFit>> = {
  'lasso, dense': { model: 'lasso', ...size, options: { alpha: 0.05, standardize: true } },
  'lasso, sparse, weights': {
    model: 'lasso',
    rows: 300,
    columns: 40,
    sparse: true,
    weights: true,
    options: { alpha: 0.01 },
  },
  'lasso, wide': { model: 'lasso', rows: 100, columns: 400, options: { alpha: 0.05 } },
  'ridge, offset': { model: 'ridge', ...size, offset: true, options: { alpha: 0.1, standardize: true } },
  'logistic, dense': { model: 'logistic', ...size, weights: true, options: { alpha: 0.01, l1Ratio: 0.5 } },
  'logistic, sparse': {
    model: 'logistic',
    rows: 300,
    columns: 40,
    sparse: true,
    options: { alpha: 0.005, standardize: true },
  },
  'poisson, offset': { model: 'poisson', ...size, offset: true, options: { alpha: 0.01 } },
  'huber, no intercept': { model: 'huber', ...size, options: { alpha: 0.01, fitIntercept: false } },
  mcp: { model: 'mcp', ...size, options: { alpha: 0.1, standardize: true } },
  'l1/2': { model: 'l1/2', ...size, options: { alpha: 0.1, standardize: true } },
  'proximal gradient': {
    model: 'lasso',
    ...size,
    options: { alpha: 0.05, solver: 'proximal-gradient', tol: 1e-8 },
  },
  'five rows': { model: 'lasso', rows: 5, columns: 3, options: { alpha: 0.1 } },
  'lasso, path': { model: 'lasso', ...size, mode: 'path' },
  'logistic, path': { model: 'logistic', ...size, mode: 'path', weights: true },
  'lasso, folds': { model: 'lasso', ...size, mode: 'cv' },
  'lasso, sparse, folds, weights': {
    model: 'lasso',
    ...size,
    mode: 'cv',
    sparse: true,
    weights: true,
    scoring: 'r2',
  },
  'logistic, folds by ranks of scores': { model: 'logistic', ...size, mode: 'cv', scoring: 'rocAuc' },
  // Starts from the solution for a subset of the rows.
  'logistic, many rows': { model: 'logistic', rows: 12_000, columns: 4, options: { alpha: 0.001 } },
  'logistic, many rows, some left out': {
    model: 'logistic',
    rows: 12_500,
    columns: 4,
    dropped: true,
    options: { alpha: 0.001 },
  },
  'lasso, folds, rows left out': { model: 'lasso', ...size, dropped: true, mode: 'cv' },
  multinomial: { model: 'multinomial', ...size, weights: true, options: { alpha: 0.01, standardize: true } },
  'group lasso, offset': {
    model: 'group-lasso',
    ...size,
    offset: true,
    options: { groups: 3, alpha: 0.02, l1Ratio: 0.3 },
  },
  'poisson, folds': { model: 'poisson', ...size, mode: 'cv', weights: true, scoring: 'mae' },
};
/** Slower fits. */
export const slowRowFits: Readonly<Record<string, SpreadFit>> = {
  'logistic, folds': { model: 'logistic', ...size, mode: 'cv', options: { standardize: true } },
  'multinomial, folds, sparse': {
    model: 'multinomial',
    ...size,
    mode: 'cv',
    sparse: true,
    options: { l1Ratio: 0.5 },
  },
  'group lasso, logistic, folds': { model: 'group-logistic', ...size, mode: 'cv', options: { groups: 4 } },
};

export interface Spread {
  readonly coef: number[];
  readonly intercept: number[];
  readonly status: string;
  readonly alphas: number[];
  /** The criteria of a path, or the scores of a cross-validation. */
  readonly numbers: number[];
}

const LABELS: Readonly<Record<string, (eta: number) => unknown>> = {
  class: (eta) => (eta > 0 ? 'yes' : 'no'),
  classes: (eta) => (eta > 1 ? 'high' : eta < -1 ? 'low' : 'middle'),
};

function drawn({ model, rows, columns, sparse }: SpreadFit) {
  const random = new Random(7);
  const X = DenseMatrix.create(rows, columns);
  const eta = new Float64Array(rows);
  for (let j = 0; j < columns; j++) {
    const column = X.column(j);
    for (let i = 0; i < rows; i++) {
      column[i] = sparse ? (random.uniform() < 0.1 ? random.normal() : 0) : random.normal() + (j % 3);
      if (j < 5) eta[i] += ((j % 2 ? -1 : 1) * (column[i] - (sparse ? 0 : j % 3))) / (j + 1);
    }
  }
  for (let i = 0; i < rows; i++) eta[i] += 0.5 * random.normal();
  const { target } = linearModels[model];
  const of =
    LABELS[target] ?? (model === 'poisson' ? (e: number) => Math.floor(Math.exp(0.5 * e)) : (e: number) => e + 3);
  const y = Array.from(eta, of);
  const weights = Float64Array.from({ length: rows }, (_, i) => (i % 11 === 0 ? 0 : 1 + (i % 3)));
  const offset = Float64Array.from({ length: rows }, (_, i) => 0.1 * (i % 5));
  return { X, y, weights, offset };
}

function rowsHere(ranks: JobRanks, all: number): SplitRows {
  const [before, end] = rowsOfRank(all, ranks.rank, ranks.size);
  return splitRows(ranks, { before, rows: end - before, all });
}

/** Some rows of a matrix. */
function rowsOf(X: DenseMatrix, list: readonly number[]): DenseMatrix {
  const part = DenseMatrix.create(list.length, X.cols);
  for (let j = 0; j < X.cols; j++) {
    const [from, to] = [X.column(j), part.column(j)];
    for (const [k, i] of list.entries()) to[k] = from[i];
  }
  return part;
}

/** The fit of the rows on this rank; without ranks, of all rows. */
export async function fitSpread(input: SpreadFit, ranks?: JobRanks): Promise<Spread> {
  const { model: name, options = {}, mode = 'fit', scoring } = input;
  const all = drawn(input);
  const split = ranks && rowsHere(ranks, input.rows);
  const [first, own] = split ? [split.first, split.own] : [0, input.rows];
  const list = Array.from({ length: own }, (_, k) => first + k).filter((i) => !input.dropped || i % 7 !== 3);
  const rows =
    split &&
    rowsAmong(
      split,
      list.map((i) => i - first),
    );
  const part = rowsOf(all.X, list);
  const whole = input.sparse ? CscMatrix.fromDense(part) : part;
  const columns = input.byColumns && ranks && rows && splitColumns(ranks, whole, rows);
  const X: AnyMatrix = columns || whole;
  const kept = columns
    ? Array.from({ length: input.rows }, (_, i) => i).filter((i) => !input.dropped || i % 7 !== 3)
    : list;
  const here = (values: ArrayLike<number>) => Float64Array.from(kept, (i) => values[i]);
  const { target } = linearModels[name];
  const y = kept.map((i) => all.y[i]);
  const given = target === 'number' ? Float64Array.from(y as number[]) : y;
  const fit = {
    ...(input.weights && { sampleWeight: here(all.weights) }),
    ...(input.offset && { offset: here(all.offset) }),
    ...(rows && !columns && { rows }),
  };
  const estimator = linearModels[name].make(options);
  const told = (model: AnyModel, alphas: ArrayLike<number>, numbers: number[]): Spread => ({
    coef: model instanceof LinearModel ? [...model.coef] : model.coef.flatMap((one) => [...one]),
    intercept: model instanceof LinearModel ? [model.intercept] : [...model.intercepts],
    status: model.status,
    alphas: Array.from(alphas),
    numbers,
  });
  if (mode === 'fit') {
    const model = estimator.fit(X, given, fit);
    return told(model, [model.alpha], []);
  }
  const grid = { ...fit, nAlphas: 7, eps: 0.02 };
  if (mode === 'path') {
    const path = estimator.path(X, given, grid);
    return told(path.models[path.models.length - 1], path.alphas, [...path.bic, ...path.ebic, ...path.devianceRatio]);
  }
  const cv = await estimator.crossValidate(X, given, {
    ...grid,
    folds: 3,
    seed: 5,
    ...(scoring !== undefined && { scoring: scoring as 'mse' }),
  });
  return told(cv.best, cv.alphas, [...cv.mean, ...cv.standardError]);
}

export default async (ranks: Ranks, inputs: readonly SpreadFit[]): Promise<Spread[]> => {
  const job = jobRanks(ranks, new AbortController().signal, 60);
  const out: Spread[] = [];
  for (const input of inputs) out.push(await fitSpread(input, job));
  return out;
};
