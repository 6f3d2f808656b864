import { CscMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { type SequenceTuner, type TunerOptions, tuneAcrossSequence } from 'southwell/linear-systems';
import type { ExperimentContext } from '../experiment.ts';

/** The arms of every learner. */
export const ARMS: readonly number[] = Array.from({ length: 20 }, (_, i) => 1 + (0.95 * i) / 19);

/** The learners by name, constructed for a range of contexts. */
export const LEARNERS = {
  'Tsallis-INF': () => ({}),
  'Tsallis-INF, binned': (range: Range, bins: number) => ({
    learner: 'tsallis-inf-binned',
    contextRange: range,
    bins,
  }),
  ChebCB: (range: Range) => ({ learner: 'cheb-cb', contextRange: range }),
} as const satisfies Record<string, (range: Range, bins: number) => Partial<TunerOptions>>;
export type LearnerName = keyof typeof LEARNERS;
export const learnerNames = Object.keys(LEARNERS) as LearnerName[];
export type Range = readonly [number, number];

/** How a parameter is chosen across a sequence: the library's tuner, or a negative control. */
export type Tuning = (options: TunerOptions) => Pick<SequenceTuner, 'choose' | 'report'>;
export const libraryTuning: Tuning = tuneAcrossSequence;

export const tunerOf = (tuning: Tuning, name: LearnerName, range: Range, bins: number, seed: number) =>
  tuning({ arms: ARMS, seed, ...LEARNERS[name](range, bins) });

/** An independent seed for each seed of the run and each draw. */
export const drawSeed = ({ seed }: ExperimentContext, draw: number): number => 1000 * seed + draw;

/**
 * −Δ by the five-point stencil on an m × m grid, not divided by the squared spacing: 4 on the diagonal, −1 beside it.
 */
export function laplacian(m: number): CscMatrix {
  const [rows, cols, values]: number[][] = [[], [], []];
  const put = (i: number, j: number, v: number) => {
    rows.push(i);
    cols.push(j);
    values.push(v);
  };
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const i = a * m + b;
      put(i, i, 4);
      if (b > 0) put(i, i - 1, -1);
      if (b < m - 1) put(i, i + 1, -1);
      if (a > 0) put(i, i - m, -1);
      if (a < m - 1) put(i, i + m, -1);
    }
  }
  return CscMatrix.fromTriplets(m * m, m * m, rows, cols, values);
}

/** A ← off · S + (diagonal) on the pattern of S, whose own values are unchanged. */
export function rescaled(S: CscMatrix): { readonly A: CscMatrix; set(off: number, diagonal: number): void } {
  const values = S.values.slice();
  const A = CscMatrix.fromColumns(S.rows, S.cols, S.colPointers, S.rowIndices, values);
  const { colPointers, rowIndices } = S;
  const at = Int32Array.from({ length: S.cols }, (_, j) => {
    let k = colPointers[j];
    while (rowIndices[k] !== j) k++;
    return k;
  });
  return {
    A,
    set(off, diagonal) {
      const to = A.values;
      for (let k = 0; k < to.length; k++) to[k] = off * values[k];
      for (const k of at) to[k] += diagonal;
    },
  };
}

/** n standard normal numbers, redrawn until their norm is at most √n. */
export function truncatedNormal(n: number, random: Random): Float64Array {
  for (;;) {
    const out = Float64Array.from({ length: n }, () => random.normal());
    if (out.reduce((sum, v) => sum + v * v, 0) <= n) return out;
  }
}
