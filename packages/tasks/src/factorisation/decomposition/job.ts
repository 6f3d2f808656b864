import { designMatrix } from '@southwell/data';
import { fingerprint, type Iterate, type SplitRows, type Status } from '@southwell/numerics/core';
import type { DenseMatrix, Matrix } from 'southwell';
import { type Stage, Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { scaleNotes } from '../../scales.ts';
import { rowPrints } from '../../spread/rowPrints.ts';
import { rowsOf as rowsOfTable } from '../../spread/splitRows.ts';
import { columnMeans, unitVariance } from '../../stats.ts';
import { type SavedComponents, savedText } from './model.ts';
import type { Decomposed } from './result.ts';

/** The request fields that all three verbs have. */
interface Request {
  readonly components: number;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly standardize?: boolean;
  readonly maxIter?: number;
  readonly timeLimit?: number;
}

/**
 * Reads and decomposes. Throws on errors in the request or the data, or when stopped before there is a result.
 * @param scalable Whether the verb can scale the columns.
 */
export async function decomposeJob<Q extends Request>(
  method: Decomposed['method'],
  request: Q,
  tools: TaskTools,
  factor: (request: Q, X: Matrix, run: Run, rows: SplitRows) => Found,
  scalable = true,
): Promise<Decomposed> {
  const started = performance.now();
  const { progress } = tools;
  const table = await tools.read();
  const signal = tools.ranks?.signal ?? tools.signal;
  const split = rowsOfTable(tools.ranks, table);
  const design = designMatrix(table, {
    features: request.features,
    drop: request.drop,
    missing: request.missing,
    spell: tools.spell,
    rows: split,
  });
  signal.throwIfAborted();
  const { X, spread: rows } = design;
  const { all } = rows;
  const most = Math.min(all, X.cols);
  if (request.components > most) {
    throw new RequestError(
      `${tools.spell('components')} must be a whole number from 1 to ${most} for ${count(all, 'row')} and ${count(X.cols, 'column')}, but is ${request.components}.`,
    );
  }
  const notes = [...table.notes, ...design.notes];
  let deviations: Float64Array | undefined;
  if (request.standardize) {
    deviations = unitVariance(X, rows);
    const constant = deviations.filter((sd) => sd === 0).length;
    if (constant > 0) notes.push(`Not scaled, since constant: ${count(constant, 'column')}.`);
  } else if (scalable) notes.push(...scaleNotes(X, rows, design.featureNames, 'the components', tools.spell));
  progress({ text: 'factoring' });
  const { checkpoint } = tools;
  const run: Run = {
    ...(checkpoint && new Stages(`factor ${method}`, problemOf(request, X, rows), checkpoint).stage('rounds')),
    maxIter: request.maxIter,
    timeLimit: request.timeLimit,
    signal,
    onIterate: ({ iteration, objective }: Iterate<unknown>) =>
      progress({ text: `round ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
  };
  const found = factor(request, X, run, rows);
  notes.push(...emptyNotes(found, tools.spell));
  const k = request.components;
  const at = (i: number) => (design.rows ? design.rows[i] : i);
  const scores = Array.from({ length: k }, (_, a) => {
    const own = new Float64Array(table.rows).fill(Number.NaN);
    for (let i = 0; i < X.rows; i++) own[at(i)] = found.scores.get(i, a);
    return Array.from(split.gather(own), (v) => (Number.isNaN(v) ? null : v));
  });
  const { scores: _, scoring, centred, ...rest } = found;
  const means = centred ? columnMeans(X, rows) : undefined;
  return {
    ...rest,
    command: tools.command,
    method,
    data: table.name,
    rows: table.all ?? table.rows,
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

/** Components below this fraction of the largest are rounding errors. */
const ROUNDING = 1e-12;

/** A sentence on components that explain nothing. */
function emptyNotes({ sizes, loadings, scoring }: Found, spell: TaskTools['spell']): string[] {
  const largest = Math.max(...sizes);
  const empty = sizes.filter((size) => !(size > ROUNDING * largest)).length;
  if (empty === 0) return [];
  const bare = loadings.filter((row) => row.every((v) => v === 0)).length;
  if (scoring.by === 'ridge' && bare > 0) {
    return [
      `${bare} of ${count(sizes.length, 'component')} have only zero loadings: use a smaller ${spell('alpha')}, unless columns are constant.`,
    ];
  }
  return [
    `The data have rank ${sizes.length - empty}: the other ${count(empty, 'component')} ${empty === 1 ? 'is arbitrary and explains' : 'are arbitrary and explain'} nothing.`,
  ];
}

/** All that determines the course of a decomposition, without its limits. */
function problemOf(request: object, X: Matrix, rows: SplitRows): string {
  const names = ['components', 'center', 'loss', 'init', 'alpha', 'l1Ratio', 'ridge', 'tol', 'seed'];
  const options = Object.fromEntries(names.map((name) => [name, (request as Readonly<Record<string, unknown>>)[name]]));
  if (rows.spread) return fingerprint(...rowPrints(X, rows), options);
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
  /** How scores of new rows are computed, and whether means are subtracted. */
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
