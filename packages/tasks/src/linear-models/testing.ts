/** Fits to rows that are spread over ranks, as threads run them for tests. */
import { type Ranks, rowsOfRank } from '@southwell/distributed';
import { CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { Random, type SplitRows } from '@southwell/numerics/core';
import { type AnyModel, LinearModel, linearModels, type ModelOptions } from 'southwell/linear-models';
import { jobRanks } from '../ranks.ts';
import { splitRows } from '../splitRows.ts';

/** A fit of drawn data: what, of how much, and what comes with it. */
export interface SpreadFit {
  readonly model: string;
  readonly rows: number;
  readonly columns: number;
  readonly options?: ModelOptions;
  readonly mode?: 'fit' | 'path' | 'cv';
  readonly scoring?: string;
  readonly sparse?: boolean;
  readonly weights?: boolean;
  readonly offset?: boolean;
}

export interface Spread {
  readonly coef: number[];
  readonly intercept: number[];
  readonly status: string;
  readonly alphas: number[];
  /** Of a path its criteria, of a cross-validation its scores. */
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

/** Rows [first, first + own) of a matrix. */
function rowsOf(X: DenseMatrix, first: number, own: number): DenseMatrix {
  const part = DenseMatrix.create(own, X.cols);
  for (let j = 0; j < X.cols; j++) part.column(j).set(X.column(j).subarray(first, first + own));
  return part;
}

/** The fit of the rows that are here; without `rows` of all. */
export async function fitSpread(input: SpreadFit, rows?: SplitRows): Promise<Spread> {
  const { model: name, options = {}, mode = 'fit', scoring } = input;
  const all = drawn(input);
  const [first, own] = rows ? [rows.first, rows.own] : [0, input.rows];
  const part = rowsOf(all.X, first, own);
  const X: Matrix = input.sparse ? CscMatrix.fromDense(part) : part;
  const { target } = linearModels[name];
  const y = all.y.slice(first, first + own);
  const given = target === 'number' ? Float64Array.from(y as number[]) : y;
  const fit = {
    ...(input.weights && { sampleWeight: all.weights.slice(first, first + own) }),
    ...(input.offset && { offset: all.offset.slice(first, first + own) }),
    ...(rows && { rows }),
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
  const grid = { ...fit, nAlphas: 12, eps: 0.02 };
  if (mode === 'path') {
    const path = estimator.path(X, given, grid);
    return told(path.models[path.models.length - 1], path.alphas, [...path.bic, ...path.ebic, ...path.devianceRatio]);
  }
  const cv = await estimator.crossValidate(X, given, {
    ...grid,
    folds: 4,
    seed: 5,
    ...(scoring !== undefined && { scoring: scoring as 'mse' }),
  });
  return told(cv.best, cv.alphas, [...cv.mean, ...cv.standardError]);
}

export default async (ranks: Ranks, inputs: readonly SpreadFit[]): Promise<Spread[]> => {
  const job = jobRanks(ranks, new AbortController().signal);
  const out: Spread[] = [];
  for (const input of inputs) {
    const { rows: all } = input;
    const [before, end] = rowsOfRank(all, job.rank, job.size);
    out.push(await fitSpread(input, splitRows(job, { before, rows: end - before, all })));
  }
  return out;
};
