import { designMatrix } from '@southwell/data';
import { fingerprint, type Iterate, type Status } from '@southwell/numerics/core';
import type { DenseMatrix, Matrix } from 'southwell';
import { type Stage, Stages } from '../../checkpoints.ts';
import { columnMeans, unitVariance } from '../../stats.ts';
import type { TaskTools } from '../../task.ts';
import { type SavedComponents, savedText } from './model.ts';
import type { Decomposed } from './result.ts';

/** What all three verbs ask for. */
interface Request {
  readonly components: number;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly standardize?: boolean;
  readonly maxIter?: number;
  readonly timeLimit?: number;
}

/** Reads and factors. Throws where the request or the data are at fault, or when stopped before there is a result. */
export async function decomposeJob<Q extends Request>(
  method: Decomposed['method'],
  request: Q,
  tools: TaskTools,
  factor: (request: Q, X: Matrix, run: Run) => Found,
): Promise<Decomposed> {
  const started = performance.now();
  const { signal, progress } = tools;
  const table = await tools.read();
  const design = designMatrix(table, {
    features: request.features,
    drop: request.drop,
    missing: request.missing,
    spell: tools.spell,
  });
  signal.throwIfAborted();
  const { X } = design;
  const notes = [...table.notes, ...design.notes];
  let deviations: Float64Array | undefined;
  if (request.standardize) {
    deviations = unitVariance(X);
    const constant = deviations.filter((sd) => sd === 0).length;
    if (constant > 0) notes.push(`${constant} constant columns were left as they are.`);
  }
  progress({ text: 'factoring' });
  const { checkpoint } = tools;
  const found = factor(request, X, {
    ...(checkpoint && new Stages(`factor ${method}`, problemOf(request, X), checkpoint).stage('rounds')),
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
  const { scores: _, scoring, centred, ...rest } = found;
  const means = centred ? columnMeans(X) : undefined;
  return {
    ...rest,
    command: tools.command,
    method,
    data: table.name,
    rows: table.rows,
    features: X.cols,
    featureNames: design.featureNames,
    scores,
    modelText: savedText({
      ...{ encoding: design.encoding, components: found.loadings.map((row) => [...row]), scoring },
      ...(deviations && { deviations: [...deviations] }),
      ...(means && { means: [...means] }),
    }),
    notes,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What shapes the course of a decomposition, its limits left out. */
function problemOf(request: object, X: Matrix): string {
  const names = ['components', 'center', 'loss', 'init', 'alpha', 'l1Ratio', 'ridge', 'tol', 'seed'];
  const options = Object.fromEntries(names.map((name) => [name, (request as Readonly<Record<string, unknown>>)[name]]));
  const data =
    X.kind === 'dense' ? [X.data] : [X.values.subarray(0, X.nnz), X.rowIndices.subarray(0, X.nnz), X.colPointers];
  return fingerprint(X.rows, data, options);
}

export type Run = Stage<never> & {
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly signal: AbortSignal;
  readonly onIterate: (it: Iterate<unknown>) => void;
};

export type Found = Omit<
  Decomposed,
  'command' | 'method' | 'data' | 'rows' | 'features' | 'featureNames' | 'scores' | 'notes' | 'seconds' | 'modelText'
> & {
  readonly scores: DenseMatrix;
  /** How new rows get their scores, and whether means were taken off. */
  readonly scoring: SavedComponents['scoring'];
  readonly centred: boolean;
};

export const ending = ({
  status,
  iterations,
  objective,
}: {
  status: Status;
  iterations: number;
  objective: number;
}) => ({
  status,
  iterations,
  objective,
});

export const rowsOf = (M: DenseMatrix): number[][] =>
  Array.from({ length: M.rows }, (_, a) => Array.from({ length: M.cols }, (__, j) => M.get(a, j)));
