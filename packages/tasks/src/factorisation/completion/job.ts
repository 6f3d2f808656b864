import { fingerprint } from '@southwell/numerics/core';
import { Random } from 'southwell';
import { type Completion, type CompletionOptions, heldOutError, prepareCompletion } from 'southwell/factorisation';
import { type Stage, Stages } from '../../checkpoints.ts';
import type { Columns } from '../../columns.ts';
import { RequestError } from '../../errors.ts';
import type { TaskTools } from '../../task.ts';
import { type Entries, entriesOf, matrixOf } from './entries.ts';
import type { CompleteRequest } from './options.ts';
import type { CompletedMatrix } from './result.ts';

/** Multiples of the size of the values that λ is chosen from. */
const REGULARISATIONS = [0, 0.1, 0.5, 1.5, 4, 8, 12, 20];
const MOST_PREDICTIONS = 5_000_000;

type Ranked = CompleteRequest & { readonly rank: number };

/** Reads, completes and predicts. Throws where the request or the data are at fault, or when stopped before a sweep. */
export async function completeJob(given: CompleteRequest, tools: TaskTools): Promise<CompletedMatrix> {
  const started = performance.now();
  const table = await tools.read();
  const { spell } = tools;
  const entries = entriesOf(table, given, spell);
  const { rows, cols, titles } = entries;
  const request = { ...given, rank: given.rank ?? Math.min(10, rows.length, cols.length) };
  const missing = rows.length * cols.length - entries.value.length;
  const wanted = request.top === undefined ? missing : Math.min(missing, request.top * rows.length);
  if (wanted > MOST_PREDICTIONS) {
    throw new RequestError(
      `${missing.toLocaleString('en')} entries are missing, too many to write; ${spell('top')} 10 takes ten a row.`,
    );
  }
  const random = new Random(request.seed);
  const order = random.permutation(entries.value.length);
  const all = order.slice().sort();
  const fits = new Fits(entries, tools, tools.checkpoint && problemOf(request, entries));

  const { lambda, tried } = chooseLambda(request, fits, order);
  const heldOut = holdOut({ ...request, lambda }, fits, order);
  const completion = fits.complete(all, { ...request, lambda }, { stage: 'fit' });
  const { biases, factors } = completion;
  const { row, col, value } = predict(completion, entries, request.top);
  return {
    command: tools.command,
    method: request.method,
    data: { name: table.name, notes: [...table.notes, ...entries.notes] },
    rows: rows.length,
    cols: cols.length,
    observed: entries.value.length,
    titles,
    rank: request.rank,
    lambda,
    tried,
    heldOut,
    trainError: completion.trainError,
    unidentified: { rows: completion.unidentified.rows.length, cols: completion.unidentified.cols.length },
    biases: biases !== undefined,
    factors: factorColumns(entries, request.rank, factors, biases),
    predictions: {
      [titles.row]: row.map((i) => rows[i]),
      [titles.col]: col.map((j) => cols[j]),
      [titles.value]: value,
    },
    matrix: request.dense ? fill(completion, entries) : undefined,
    status: completion.solution.status,
    iterations: completion.solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Factors and biases of rows, then of columns. */
function factorColumns(
  { rows, cols }: Entries,
  rank: number,
  { left, right }: Completion['factors'],
  biases: Completion['biases'],
): Columns {
  const both = <T>(of: (i: number) => T, ofColumn: (j: number) => T): T[] => [
    ...rows.map((_, i) => of(i)),
    ...cols.map((_, j) => ofColumn(j)),
  ];
  const factor = (a: number) =>
    both(
      (i) => left[i * rank + a],
      (j) => right[j * rank + a],
    );
  return {
    of: both(
      () => 'row',
      () => 'column',
    ),
    name: both(
      (i) => String(rows[i]),
      (j) => String(cols[j]),
    ),
    ...(biases && {
      bias: both(
        (i) => biases.row[i],
        (j) => biases.col[j],
      ),
    }),
    ...Object.fromEntries(Array.from({ length: rank }, (_, a) => [`factor_${a + 1}`, factor(a)])),
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
    private readonly tools: TaskTools,
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

  spell(option: string): string {
    return this.tools.spell(option);
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
  if (away >= order.length) throw new RequestError(`${fits.spell('holdout')} leaves no entry to complete from.`);
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

/** Entries that were not observed, by rows; the largest of each row first where `top` says how many. */
function predict(completion: Completion, entries: Entries, top?: number) {
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
  return { row, col, value };
}

/** The full matrix, observed entries as they were. */
function fill(completion: Completion, { rows, cols, row, col, value, titles }: Entries): Columns {
  const find = guess(completion);
  const columns = cols.map((_, j) => rows.map((__, i) => find(i, j)));
  for (let e = 0; e < value.length; e++) columns[col[e]][row[e]] = value[e];
  // Rows that had no names are numbers.
  const named = rows.some((name) => typeof name === 'string');
  return Object.fromEntries([
    ...(named ? [[titles.row, [...rows]]] : []),
    ...cols.map((name, j) => [String(name), columns[j]]),
  ]);
}
