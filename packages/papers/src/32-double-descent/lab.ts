import type { Random } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  type FitLinearOptions,
  type LinearExamples,
  peakHeight,
  type SweepRow,
  sweepModelSizeIterates,
} from 'southwell/training';
import type { ExperimentEvent } from '../experiment.ts';
import type { Images } from '../material/images.ts';
import { type Pause, pointOf } from '../pauses.ts';

/** P/N of complete curves. */
export const RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5];

export interface Digits {
  readonly train: LinearExamples;
  readonly test: LinearExamples;
  /** Digits by whose errors training is stopped early. */
  readonly held: LinearExamples;
}

/**
 * Random training and test digits, with one-hot classes; inputs are divided by the standard deviation of all training
 * pixels.
 */
export function drawDigits(
  { X, labels }: Images,
  { examples, tests, held = 1 }: { readonly examples: number; readonly tests: number; readonly held?: number },
  random: Random,
): Digits {
  const order = random.permutation(X.rows);
  const pick = (rows: Int32Array, scale: number): LinearExamples => {
    const [inputs, targets] = [DenseMatrix.create(rows.length, X.cols), DenseMatrix.create(rows.length, 10)];
    for (let j = 0; j < X.cols; j++) {
      const [from, to] = [X.column(j), inputs.column(j)];
      for (let i = 0; i < rows.length; i++) to[i] = scale * from[rows[i]];
    }
    for (let i = 0; i < rows.length; i++) targets.set(i, labels[rows[i]], 1);
    return { X: inputs, Y: targets };
  };
  const chosen = order.subarray(0, examples);
  const { data } = pick(chosen, 1).X;
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
  return {
    train: pick(chosen, 1 / deviation),
    test: pick(order.subarray(examples, examples + tests), 1 / deviation),
    held: pick(order.subarray(examples + tests, examples + tests + held), 1 / deviation),
  };
}

export type Solvers = Readonly<Record<string, FitLinearOptions>>;

/** Rows of a sweep by solver. */
export type Swept = ReadonlyMap<string, readonly SweepRow[]>;

export async function sweep(
  { train, test }: Pick<Digits, 'train' | 'test'>,
  solvers: Solvers,
  ratios: readonly number[],
  seed: number,
  pause: Pause,
): Promise<Swept> {
  const rows = await pointOf(sweepModelSizeIterates(train, test, { ratios, solvers, seed }), pause);
  const names = [...new Set(rows.map(({ solver }) => solver))];
  return new Map(names.map((name) => [name, rows.filter(({ solver }) => solver === name)]));
}

export const at = (swept: Swept, solver: string, ratio: number): SweepRow =>
  swept.get(solver)!.find((row) => row.ratio === ratio)!;

export const heights = (swept: Swept): Record<string, number> =>
  Object.fromEntries([...swept].map(([solver, rows]) => [solver, peakHeight(rows)]));

/**
 * The rows of an optimiser that is stopped early: for each size after the number of steps, of those given, with the least
 * error on the held-out digits.
 */
export async function stoppedEarly(
  { train, test, held }: Digits,
  solver: FitLinearOptions,
  stops: readonly number[],
  ratios: readonly number[],
  seed: number,
  pause: Pause,
): Promise<readonly SweepRow[]> {
  const solvers = Object.fromEntries(stops.map((iterations) => [`${iterations}`, { ...solver, iterations }]));
  const looked = await sweep({ train, test: held }, solvers, ratios, seed, pause);
  const rows: SweepRow[] = [];
  for (const ratio of ratios) {
    const errors = stops.map((stop) => at(looked, `${stop}`, ratio).testError);
    const best = `${stops[errors.indexOf(Math.min(...errors))]}`;
    const swept = await sweep({ train, test }, { [best]: solvers[best] }, [ratio], seed, pause);
    rows.push(at(swept, best, ratio));
  }
  return rows;
}

/** An optimiser's training loss at P = N and the height of its peak. */
export interface Reached {
  readonly loss: number;
  readonly height: number;
}

/**
 * How many optimisers are on the wrong side of the best threshold, if those with a peak are to have at most this training
 * loss and the others more; all of them if none or all have a peak.
 */
export function wrongSide(all: readonly Reached[], peak: number): number {
  const peaked = all.filter(({ height }) => height > peak).length;
  if (peaked === 0 || peaked === all.length) return all.length;
  const thresholds = [Number.NEGATIVE_INFINITY, ...all.map(({ loss }) => loss)];
  return Math.min(
    ...thresholds.map((threshold) => all.filter((one) => one.height > peak !== one.loss <= threshold).length),
  );
}

/** Curves of a sweep in a panel, in place of those that it had, with a marker at P = N. */
export function* curves(
  panel: string,
  swept: Swept,
  of: (row: SweepRow) => number,
): Generator<Extract<ExperimentEvent, { kind: 'points' }>> {
  const all = [...swept.values()].flat().map(of);
  for (const [series, rows] of swept) {
    yield { kind: 'points', panel, series, restart: true, x: rows.map(({ ratio }) => ratio), y: rows.map(of) };
  }
  yield {
    kind: 'points',
    panel,
    series: 'P = N',
    restart: true,
    x: [1, 1.001],
    y: [Math.min(...all), Math.max(...all)],
  };
}
