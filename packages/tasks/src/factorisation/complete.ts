import { fingerprint, type Status } from '@southwell/numerics/core';
import { Random } from 'southwell';
import {
  type Completion,
  type CompletionMethod,
  type CompletionOptions,
  heldOutError,
  prepareCompletion,
} from 'southwell/factorisation';
import { type Stage, Stages } from '../checkpoints.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { JobTools } from '../progress.ts';
import { type Entries, type EntryColumns, entriesOf, matrixOf, type Names, type Titles } from './completeEntries.ts';

/** Plain data, so that it can be sent to a worker. */
export interface CompleteRequest extends EntryColumns {
  readonly data: string;
  readonly format?: string;
  /** Default 10, or the shorter side of a smaller matrix. */
  readonly rank?: number;
  readonly method: CompletionMethod;
  readonly lambda?: number;
  readonly biases?: boolean;
  readonly nonNegative?: boolean;
  /** Share of the entries that are kept back and predicted. */
  readonly holdout?: number;
  /** So many entries a row, the largest first, in place of all. */
  readonly top?: number;
  readonly tol?: number;
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly seed: number;
}

type Ranked = CompleteRequest & { readonly rank: number };

/** Plain data: what the command prints and writes. */
export interface CompletedMatrix {
  readonly data: { readonly name: string; readonly notes: readonly string[] };
  readonly rows: number;
  readonly cols: number;
  readonly observed: number;
  /** Names of the columns of the table of entries, and of the rows and columns of the matrix. */
  readonly titles: Titles;
  readonly names: { readonly rows: Names; readonly cols: Names };
  readonly rank: number;
  readonly lambda?: number;
  /** λ was chosen by errors on entries that were kept back. */
  readonly tried?: ReadonlyArray<{ readonly lambda: number; readonly error: number }>;
  /** Of the fit that left them out: mean alone, and the method. */
  readonly heldOut?: { readonly entries: number; readonly mean: number; readonly error: number };
  readonly trainError: number;
  readonly unidentified: { readonly rows: number; readonly cols: number };
  readonly factors: { readonly left: Float64Array; readonly right: Float64Array };
  readonly biases?: { readonly mean: number; readonly row: Float64Array; readonly col: Float64Array };
  /** Entries that were not observed, by rows; the largest of each row first where `top` was asked for. */
  readonly predictions: { readonly row: Int32Array; readonly col: Int32Array; readonly value: Float64Array };
  /** For a dense matrix: by rows, observed entries as they were. */
  readonly filled?: Float64Array;
  readonly status: Status;
  readonly iterations: number;
  readonly seconds: number;
}

/** What there is to beware of, one sentence each. */
export function completionCautions(r: CompletedMatrix): string[] {
  const cautions: string[] = [];
  if (r.heldOut && r.heldOut.error > 0.95 * r.heldOut.mean) {
    cautions.push('That is no better than the mean, or hardly: do not trust what was filled in.');
  }
  const nothing = [
    ...(r.unidentified.rows > 0 ? [count(r.unidentified.rows, 'row')] : []),
    ...(r.unidentified.cols > 0 ? [count(r.unidentified.cols, 'column')] : []),
  ];
  if (nothing.length > 0) {
    const given = r.biases ? 'they get the mean and biases' : 'they stay empty';
    cautions.push(`Nothing is known of ${nothing.join(' and ')}: ${given}.`);
  }
  return cautions;
}

/** Multiples of the size of the values that λ is chosen from. */
const REGULARISATIONS = [0, 0.1, 0.5, 1.5, 4, 8, 12, 20];
const MOST_PREDICTIONS = 5_000_000;

/** Reads, completes and predicts. Throws where the request or the data are at fault, or when stopped before a sweep. */
export async function completeJob(given: CompleteRequest, tools: JobTools): Promise<CompletedMatrix> {
  const started = performance.now();
  const table = await tools.read();
  const entries = entriesOf(table, given);
  const { rows, cols } = entries;
  const request = { ...given, rank: given.rank ?? Math.min(10, rows.length, cols.length) };
  const missing = rows.length * cols.length - entries.value.length;
  const wanted = request.top === undefined ? missing : Math.min(missing, request.top * rows.length);
  if (wanted > MOST_PREDICTIONS) {
    throw new RequestError(
      `${missing.toLocaleString('en')} entries are missing, too many to write; --top 10 takes ten a row.`,
    );
  }
  const random = new Random(request.seed);
  const order = random.permutation(entries.value.length);
  const all = order.slice().sort();
  const fits = new Fits(entries, tools, tools.checkpoint && problemOf(request, entries));

  const { lambda, tried } = chooseLambda(request, fits, order);
  const heldOut = holdOut({ ...request, lambda }, fits, order);
  const completion = fits.complete(all, { ...request, lambda }, { stage: 'fit' });
  const predictions = predict(completion, entries, request.top);
  const { biases } = completion;
  return {
    data: { name: table.name, notes: [...table.notes, ...entries.notes] },
    rows: rows.length,
    cols: cols.length,
    observed: entries.value.length,
    titles: entries.titles,
    names: { rows, cols },
    rank: request.rank,
    lambda,
    tried,
    heldOut,
    trainError: completion.trainError,
    unidentified: { rows: completion.unidentified.rows.length, cols: completion.unidentified.cols.length },
    factors: completion.factors,
    biases: biases && { mean: biases.mean, row: biases.row, col: biases.col },
    predictions,
    filled: request.dense ? fill(completion, entries) : undefined,
    status: completion.solution.status,
    iterations: completion.solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What shapes the course of a job, its limits left out. */
function problemOf(request: Ranked, { row, col, value, weight }: Entries): string {
  const { rank, method, lambda, biases, nonNegative, holdout, tol, seed } = request;
  return fingerprint(row, col, value, weight, { rank, method, lambda, biases, nonNegative, holdout, tol, seed });
}

/** Completions from some of the entries, with what they share. */
class Fits {
  private readonly stages: Stages | undefined;

  constructor(
    readonly entries: Entries,
    private readonly tools: JobTools,
    problem: string | undefined,
  ) {
    this.stages = problem === undefined ? undefined : new Stages('factor complete', problem, tools.checkpoint);
  }

  stage<S>(name: string): Stage<S> {
    return this.stages?.stage<S>(name) ?? {};
  }

  complete(which: Int32Array, request: Ranked, run: { readonly stage: string; readonly title?: string }): Completion {
    return this.prepare(which, request, run).solve();
  }

  /** The entries, to be completed with one λ after the other. */
  prepare(which: Int32Array, request: Ranked, { stage, title }: { readonly stage?: string; readonly title?: string }) {
    const { entries } = this;
    const { signal, progress } = this.tools;
    const { rank, method, lambda, biases, nonNegative, tol, maxIter, timeLimit, seed } = request;
    const M = matrixOf(entries, which, entries.value);
    const W = entries.weight && matrixOf(entries, which, entries.weight);
    const options: CompletionOptions = {
      ...{ rank, method, lambda, biases, nonNegative, tol, maxIter, timeLimit, seed, signal },
      ...(stage !== undefined && this.stage<never>(stage)),
      weights: W?.values.slice(0, W.nnz),
      onIterate: ({ iteration, objective }) =>
        progress({
          text: `${title === undefined ? '' : `${title}: `}sweep ${iteration}: objective ${objective.toPrecision(6)}`,
          ...{ iteration, objective },
        }),
    };
    try {
      return prepareCompletion(M, options);
    } finally {
      M.free();
      W?.free();
    }
  }

  /** Root mean squared error on some of the entries. */
  errorOn(completion: Completion, which: Int32Array): number {
    const held = matrixOf(this.entries, which, this.entries.value);
    const error = heldOutError(completion, held);
    held.free();
    return error;
  }

  stopped(): void {
    this.tools.signal.throwIfAborted();
  }
}

/** Completes without some of the entries, and says how well they are predicted. */
function holdOut(request: Ranked, fits: Fits, order: Int32Array): CompletedMatrix['heldOut'] {
  if (request.holdout === undefined) return undefined;
  const { value } = fits.entries;
  const away = Math.max(1, Math.round(request.holdout * order.length));
  if (away >= order.length) throw new RequestError('--holdout leaves no entry to complete from.');
  const [test, train] = [order.slice(0, away), order.slice(away)];
  const fit = fits.complete(train, request, { stage: 'held out', title: 'held out' });
  fits.stopped();
  const mean = average(train, value);
  const squares = test.reduce((s, e) => s + (value[e] - mean) ** 2, 0);
  return { entries: away, mean: Math.sqrt(squares / away), error: fits.errorOn(fit, test) };
}

/** The λ asked for; else that of the smallest error on a tenth that is kept back, where λ is a weight of the method's. */
function chooseLambda(request: Ranked, fits: Fits, order: Int32Array): Pick<CompletedMatrix, 'lambda' | 'tried'> {
  const { lambda, method } = request;
  const { value } = fits.entries;
  const tenth = Math.floor(order.length / 10);
  if (lambda !== undefined || method === 'svt' || tenth < 5) return { lambda };
  // What --holdout keeps back has no say in it.
  const free = order.slice(Math.round((request.holdout ?? 0) * order.length));
  const [check, train] = [free.slice(0, tenth), free.slice(tenth)];
  if (train.length === 0) return { lambda };
  const mean = request.biases ? average(train, value) : 0;
  const size = Math.sqrt(train.reduce((s, e) => s + (value[e] - mean) ** 2, 0) / train.length);
  const { resume, checkpoint } = fits.stage<Tried>('lambda');
  const tried = [...(resume ?? [])];
  // Methods with λ minimise the same; this one is the fastest.
  const short = { ...request, method: 'robust', maxIter: 30, tol: 1e-4 } as const;
  const problem = fits.prepare(train, short, { title: 'choosing lambda' });
  for (const share of REGULARISATIONS.slice(tried.length)) {
    const candidate = Number((share * size).toPrecision(3));
    const fit = problem.solve(undefined, { lambda: candidate });
    fits.stopped();
    tried.push({ lambda: candidate, error: fits.errorOn(fit, check) });
    checkpoint?.save([...tried], tried.length);
  }
  const best = tried.reduce((a, b) => (b.error < a.error || !Number.isFinite(a.error) ? b : a));
  return { lambda: best.lambda, tried };
}

type Tried = NonNullable<CompletedMatrix['tried']>;

const average = (which: Int32Array, values: Float64Array): number =>
  which.reduce((s, e) => s + values[e], 0) / which.length;

/** Entry (i, j); NaN, which is written as a gap, where neither entries nor biases tell anything. */
function guess(completion: Completion): (i: number, j: number) => number {
  if (completion.biases) return (i, j) => completion.predict(i, j);
  const rows = new Set(completion.unidentified.rows);
  const cols = new Set(completion.unidentified.cols);
  return (i, j) => (rows.has(i) || cols.has(j) ? Number.NaN : completion.predict(i, j));
}

function predict(completion: Completion, entries: Entries, top?: number): CompletedMatrix['predictions'] {
  const rows = entries.rows.length;
  const cols = entries.cols.length;
  const seen = Array.from({ length: rows }, () => new Set<number>());
  for (let e = 0; e < entries.value.length; e++) seen[entries.row[e]].add(entries.col[e]);
  const at = guess(completion);
  const [row, col, value]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < rows; i++) {
    if (top !== undefined) {
      for (const found of completion.topN(i, top, seen[i])) {
        row.push(i);
        col.push(found.col);
        value.push(found.value);
      }
      continue;
    }
    for (let j = 0; j < cols; j++) {
      if (seen[i].has(j)) continue;
      row.push(i);
      col.push(j);
      value.push(at(i, j));
    }
  }
  return { row: Int32Array.from(row), col: Int32Array.from(col), value: Float64Array.from(value) };
}

function fill(completion: Completion, entries: Entries): Float64Array {
  const cols = entries.cols.length;
  const find = guess(completion);
  const out = Float64Array.from({ length: entries.rows.length * cols }, (_, at) =>
    find(Math.floor(at / cols), at % cols),
  );
  for (let e = 0; e < entries.value.length; e++) out[entries.row[e] * cols + entries.col[e]] = entries.value[e];
  return out;
}
