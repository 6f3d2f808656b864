import { type Design, designMatrix, type Table } from '@southwell/data';
import { fingerprint, run, type Status } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  type CanonicalVariates,
  ccaExactIterates,
  StochasticCca,
  type StochasticCcaState,
} from 'southwell/factorisation';
import { Stages } from '../checkpoints.ts';
import { RequestError } from '../errors.ts';
import type { JobTools } from '../progress.ts';
import { unitVariance } from '../stats.ts';
import { EigenResidual } from './eigenResidual.ts';

export const ccaMethods = ['exact', 'stochastic'] as const;

/** Plain data, so that it can be sent to a worker. */
export interface CcaRequest {
  readonly data: string;
  /** A file of its own for the second view. */
  readonly second?: string;
  readonly format?: string;
  readonly x?: readonly string[];
  readonly y?: readonly string[];
  readonly components: number;
  readonly ridge: number;
  readonly method: (typeof ccaMethods)[number];
  readonly batchSize?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly standardize?: boolean;
  readonly missing: 'error' | 'drop-rows' | 'mean';
  /** Of LIBSVM by blocks: the first column has index 0. */
  readonly zeroBased?: boolean;
  readonly seed: number;
}

/** Plain data: what the command prints and writes. */
export interface CcaResult {
  readonly data: readonly string[];
  readonly rows: number;
  readonly used: number;
  readonly featureNames: ReadonlyArray<readonly string[]>;
  /** Canonical correlations, or covariances where ridge is 1. */
  readonly eigenvalues: readonly number[];
  /** Of the scores of the rows. */
  readonly correlations: readonly number[];
  /** By view and component: of the columns in the units of the data, and of each row, null where it was left out. */
  readonly weights: ReadonlyArray<ReadonlyArray<readonly number[]>>;
  readonly scores: ReadonlyArray<ReadonlyArray<ReadonlyArray<number | null>>>;
  readonly steps?: number;
  readonly halvings?: number;
  /** Of stochastic fits: what their eigenvalue equations leave, as a share of their sides; 0 where they are solved. */
  readonly residual?: number;
  readonly status: Status;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Throws a sentence unless there are two groups of columns, or two tables. */
export function checkViews({ second, x = [], y = [] }: CcaRequest): void {
  if (second !== undefined) return;
  if (x.length === 0 || y.length === 0) {
    throw new RequestError('Which columns go together? Give --x and --y, or a second file.');
  }
  const both = x.find((name) => y.includes(name));
  if (both !== undefined) throw new RequestError(`'${both}' is in --x and in --y; it would correlate with itself.`);
}

/** What there is to beware of, one sentence each. */
export function ccaCautions(r: CcaResult): string[] {
  const cautions: string[] = [];
  if (r.used < 10 * Math.max(...r.featureNames.map((list) => list.length))) {
    cautions.push('Few rows for so many columns: these correlations would be smaller on other rows.');
  }
  if (r.residual !== undefined && r.residual > UNSOLVED) {
    cautions.push(
      `Too few steps, or too small ones: the equations that canonical variates solve are off by ${Math.round(100 * r.residual)} %. Take more epochs or a larger learning rate.`,
    );
  }
  return cautions;
}

/** Fits that had enough steps were off by 0.02 to 0.05. */
const UNSOLVED = 0.1;

/** Reads and correlates. Throws where the request or the data are at fault, or when stopped before there is a result. */
export async function ccaJob(request: CcaRequest, tools: JobTools): Promise<CcaResult> {
  checkViews(request);
  const started = performance.now();
  const { signal } = tools;
  const first = await tools.read();
  const second = request.second === undefined ? first : await tools.read('second');
  if (first.rows !== second.rows) {
    throw new RequestError(
      `The views are about the same rows, but ${first.name} has ${first.rows} and ${second.name} has ${second.rows}.`,
    );
  }
  const { missing } = request;
  const designs = [viewOf(first, request.x, missing), viewOf(second, request.y, missing)];
  signal.throwIfAborted();
  const kept = commonRows(designs, first.rows);
  const views = designs.map((design) => rowsOf(design, kept));
  const scales = views.map((X) =>
    request.standardize ? unitVariance(X).map((sd) => sd || 1) : new Float64Array(X.cols).fill(1),
  );
  const { found, ...ending } = correlate(request, views, tools);
  const Z = found.transform(views);
  const check = request.method === 'stochastic' ? new EigenResidual(found.weights, request.ridge) : undefined;
  check?.add(kept.length, (v, i, j) => views[v].get(i, j) - found.means[v][j], Z);
  const k = request.components;
  const components = Array.from({ length: k }, (_, c) => c);
  return {
    data: first === second ? [first.name] : [first.name, second.name],
    rows: first.rows,
    used: kept.length,
    featureNames: designs.map((d) => d.featureNames),
    eigenvalues: [...found.eigenvalues],
    correlations: [...found.correlations(views)],
    weights: found.weights.map((W, v) => components.map((c) => Array.from(W.column(c), (w, j) => w / scales[v][j]))),
    scores: Z.map((M) =>
      components.map((c) => {
        const out = new Array<number | null>(first.rows).fill(null);
        kept.forEach((row, i) => {
          out[row] = M.get(i, c);
        });
        return out;
      }),
    ),
    ...ending,
    residual: check?.largest(),
    notes: [...new Set([...first.notes, ...second.notes, ...designs.flatMap((d) => d.notes)])],
    seconds: (performance.now() - started) / 1000,
  };
}

/** The columns of one view; of a file without column names they are x1, x2, …, as when it is read by blocks. */
function viewOf(table: Table, features: readonly string[] | undefined, missing: CcaRequest['missing']) {
  if (!table.sparse || !features) return designMatrix(table, { features, missing, sparse: false });
  const { X } = table.sparse;
  const chosen = features.map((name) => {
    const j = /^x[1-9]\d{0,8}$/.test(name) ? Number(name.slice(1)) - 1 : X.cols;
    if (j >= X.cols) throw new RequestError(`${table.name} has no column '${name}'; it has x1 to x${X.cols}.`);
    return j;
  });
  const dense = DenseMatrix.create(table.rows, chosen.length);
  chosen.forEach((j, to) => {
    for (let e = X.colPointers[j]; e < X.colPointers[j + 1]; e++) dense.set(X.rowIndices[e], to, X.values[e]);
  });
  return { X: dense, featureNames: features, rows: undefined, notes: [] };
}

interface Correlated {
  readonly found: CanonicalVariates;
  readonly status: Status;
  readonly steps?: number;
  readonly halvings?: number;
}

function correlate(
  request: CcaRequest,
  views: readonly DenseMatrix[],
  { signal, progress, checkpoint }: JobTools,
): Correlated {
  const { components, ridge, method, batchSize, epochs = 10, learningRate, seed } = request;
  if (method === 'exact') {
    const { point, status } = run(ccaExactIterates(views, { components, ridge }), {
      signal,
      onIterate: () => progress({ text: 'solving' }),
    });
    if (!point) throw signal.reason;
    return { found: point, status };
  }
  const options = { components, ridge, batchSize, epochs, learningRate, seed };
  const problem = fingerprint(
    options,
    views.map((X) => X.data),
  );
  const model = new StochasticCca(options);
  const { point, status } = model.fit(views, {
    signal,
    ...new Stages('factor cca', problem, checkpoint).stage<StochasticCcaState>('passes'),
    onIterate: ({ iteration }) => progress({ text: `step ${model.steps.toLocaleString('en')}`, iteration }),
  });
  return { found: point, status, steps: model.steps, halvings: model.halvings };
}

/** Rows of the table that every view has. */
function commonRows(designs: ReadonlyArray<Pick<Design, 'rows'>>, rows: number): number[] {
  const count = new Int32Array(rows);
  for (const { rows: own } of designs) {
    if (own) for (const i of own) count[i]++;
    else for (let i = 0; i < rows; i++) count[i]++;
  }
  return Array.from(count.keys()).filter((i) => count[i] === designs.length);
}

function rowsOf({ X, rows }: Pick<Design, 'X' | 'rows'>, kept: readonly number[]): DenseMatrix {
  const dense = X.kind === 'dense' ? X : X.toDense();
  const place = new Map(rows ? Array.from(rows, (row, i) => [row, i]) : []);
  const out = DenseMatrix.create(kept.length, dense.cols, { fill: false });
  kept.forEach((row, i) => {
    const from = rows ? place.get(row)! : row;
    for (let j = 0; j < dense.cols; j++) out.set(i, j, dense.get(from, j));
  });
  dense.free();
  return out;
}
