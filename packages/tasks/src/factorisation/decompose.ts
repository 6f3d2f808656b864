import { designMatrix } from '@southwell/data';
import { fingerprint, type Iterate, type Status } from '@southwell/numerics/core';
import { truncatedSvd } from '@southwell/numerics/krylov';
import type { DenseMatrix, Matrix } from 'southwell';
import { type NmfLoss, type NmfStart, nmf, sparsePca } from 'southwell/factorisation';
import { type Stage, Stages } from '../checkpoints.ts';
import type { JobTools } from '../progress.ts';
import { unitVariance } from '../stats.ts';

export const decompositions = ['svd', 'nmf', 'sparse-pca'] as const;
export type Decomposition = (typeof decompositions)[number];

/** Plain data, so that it can be sent to a worker. */
export interface DecomposeRequest {
  readonly job: Decomposition;
  readonly data: string;
  readonly format?: string;
  readonly components: number;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly center?: boolean;
  readonly standardize?: boolean;
  readonly loss?: NmfLoss;
  readonly init?: NmfStart;
  readonly alpha?: number;
  readonly l1Ratio?: number;
  readonly ridge?: number;
  readonly tol?: number;
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly seed: number;
}

/** Plain data: what the commands print and write. */
export interface Decomposed {
  readonly data: string;
  readonly rows: number;
  readonly features: number;
  readonly featureNames: readonly string[];
  /** A vector of scores for each component, null where a row was left out. */
  readonly scores: ReadonlyArray<ReadonlyArray<number | null>>;
  /** A vector of loadings, one a feature, for each component. */
  readonly loadings: ReadonlyArray<readonly number[]>;
  /** Singular values (svd), the norm of each part (nmf), or standard deviations (sparse-pca). */
  readonly sizes: readonly number[];
  /** Of the squares of the data (of their variance where they were centred); absent for nmf, whose parts overlap. */
  readonly shares?: readonly number[];
  /** Of all components together. */
  readonly explained?: number;
  readonly objective: number;
  /** ‖Xᵀu − σv‖ of each triplet, or of wide data ‖Xv − σu‖. */
  readonly residuals?: readonly number[];
  readonly status: Status;
  readonly iterations: number;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Reads and factors. Throws where the request or the data are at fault, or when stopped before there is a result. */
export async function decomposeJob(request: DecomposeRequest, tools: JobTools): Promise<Decomposed> {
  const started = performance.now();
  const { signal, progress } = tools;
  const table = await tools.read();
  const design = designMatrix(table, { features: request.features, drop: request.drop, missing: request.missing });
  signal.throwIfAborted();
  const { X } = design;
  const notes = [...table.notes, ...design.notes];
  if (request.standardize) {
    const constant = unitVariance(X).filter((sd) => sd === 0).length;
    if (constant > 0) notes.push(`${constant} constant columns were left as they are.`);
  }
  progress({ text: 'factoring' });
  const { checkpoint } = tools;
  const found = decompose(request, X, {
    ...(checkpoint && new Stages(`factor ${request.job}`, problemOf(request, X), checkpoint).stage('rounds')),
    maxIter: request.maxIter,
    timeLimit: request.timeLimit,
    signal,
    onIterate: ({ iteration, objective }: Iterate<unknown>) =>
      progress({ text: `round ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
  });
  const k = request.components;
  const at = (i: number) => (design.rows ? design.rows[i] : i);
  const scores = Array.from({ length: k }, (_, a) => {
    const out = new Array<number | null>(table.rows).fill(null);
    for (let i = 0; i < X.rows; i++) out[at(i)] = found.scores.get(i, a);
    return out;
  });
  const { scores: _, ...rest } = found;
  return {
    ...rest,
    data: table.name,
    rows: table.rows,
    features: X.cols,
    featureNames: design.featureNames,
    scores,
    notes,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What shapes the course of a decomposition, its limits left out. */
function problemOf(request: DecomposeRequest, X: Matrix): string {
  const { components, center, loss, init, alpha, l1Ratio, ridge, tol, seed } = request;
  const data =
    X.kind === 'dense' ? [X.data] : [X.values.subarray(0, X.nnz), X.rowIndices.subarray(0, X.nnz), X.colPointers];
  return fingerprint(X.rows, data, { components, center, loss, init, alpha, l1Ratio, ridge, tol, seed });
}

type Run = Stage<never> & {
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly signal: AbortSignal;
  readonly onIterate: (it: Iterate<unknown>) => void;
};

type Found = Omit<Decomposed, 'data' | 'rows' | 'features' | 'featureNames' | 'scores' | 'notes' | 'seconds'> & {
  readonly scores: DenseMatrix;
};

function decompose(request: DecomposeRequest, X: Matrix, run: Run): Found {
  const { job, components: rank, seed, tol, alpha, l1Ratio, loss, init, ridge } = request;
  const common = { rank, seed, tol, ...run };
  if (job === 'svd') {
    const { U, V, singularValues, residuals, solution } = truncatedSvd(X, { ...common, centre: request.center });
    const sizes = [...singularValues];
    const total = solution.objective + sizes.reduce((s, v) => s + v * v, 0);
    const shares = sizes.map((v) => (total > 0 ? (v * v) / total : 0));
    // Scores are the rows' coordinates along the components: Uσ.
    sizes.forEach((v, a) => {
      const column = U.column(a);
      for (let i = 0; i < column.length; i++) column[i] *= v;
    });
    const loadings = sizes.map((_, a) => Array.from(V.column(a)));
    const explained = shares.reduce((s, v) => s + v, 0);
    return { scores: U, loadings, sizes, shares, explained, residuals: [...residuals], ...ending(solution) };
  }
  if (job === 'nmf') {
    const model = nmf(X, { ...common, alpha, l1Ratio, loss, init });
    const { scores, components, solution } = model;
    const loadings = rowsOf(components);
    const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((s, x) => s + x * x, 0));
    const sizes = loadings.map((row, a) => norm(scores.column(a)) * norm(row));
    let squares = 0;
    for (const v of X.kind === 'dense' ? X.data : X.values) squares += v * v;
    const explained = loss === 'kullback-leibler' || squares === 0 ? undefined : 1 - (2 * model.loss) / squares;
    return { scores, loadings, sizes, explained, ...ending(solution), objective: model.solution.objective };
  }
  const model = sparsePca(X, { ...common, alpha, ridge });
  const { totalVariance, explainedVariance } = model;
  const shares = Array.from(explainedVariance, (v) => (totalVariance > 0 ? v / totalVariance : 0));
  return {
    scores: model.scores,
    loadings: rowsOf(model.components),
    sizes: Array.from(explainedVariance, Math.sqrt),
    shares,
    explained: shares.reduce((s, v) => s + v, 0),
    ...ending(model.solution),
  };
}

const ending = ({ status, iterations, objective }: { status: Status; iterations: number; objective: number }) => ({
  status,
  iterations,
  objective,
});

const rowsOf = (M: DenseMatrix): number[][] =>
  Array.from({ length: M.rows }, (_, a) => Array.from({ length: M.cols }, (__, j) => M.get(a, j)));
