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

/** Number of training digits, which is also the number of features at the interpolation threshold. */
export const EXAMPLES = 200;
/** P/N of complete curves. */
export const RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5];
/** P/N required for the height of the peak. */
export const AROUND = [0.5, 1, 2];

export interface Digits {
  readonly train: LinearExamples;
  readonly test: LinearExamples;
}

/**
 * Random training and test digits, with one-hot classes; inputs are divided by the standard deviation of all training
 * pixels.
 */
export function drawDigits({ X, labels }: Images, testCount: number, random: Random): Digits {
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
  const chosen = order.subarray(0, EXAMPLES);
  const { data } = pick(chosen, 1).X;
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
  return {
    train: pick(chosen, 1 / deviation),
    test: pick(order.subarray(EXAMPLES, EXAMPLES + testCount), 1 / deviation),
  };
}

export type Solvers = Readonly<Record<string, FitLinearOptions>>;

/** Rows of a sweep by solver. */
export type Swept = ReadonlyMap<string, readonly SweepRow[]>;

export async function sweep(
  { train, test }: Digits,
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

/** Curves of a sweep in a panel, with a marker at P = N. */
export function* curves(
  panel: string,
  swept: Swept,
  of: (row: SweepRow) => number,
): Generator<Extract<ExperimentEvent, { kind: 'points' }>> {
  const all = [...swept.values()].flat().map(of);
  for (const [series, rows] of swept) {
    yield { kind: 'points', panel, series, x: rows.map(({ ratio }) => ratio), y: rows.map(of) };
  }
  yield { kind: 'points', panel, series: 'P = N', x: [1, 1.001], y: [Math.min(...all), Math.max(...all)] };
}
