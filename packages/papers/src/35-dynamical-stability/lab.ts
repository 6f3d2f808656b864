import { DenseMatrix, Random } from 'southwell';
import { effectiveNorm, type Stability, stabilityAnalysis } from 'southwell/diagnostics';
import type { ExperimentContext } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { drawBatch } from './drawBatch.ts';

/** An independent random generator for each seed of the run and each draw. */
export const drawRandom = (context: ExperimentContext, draw: number): Random => new Random(context.seed).split(draw);

export const normals = (random: Random, n: number): Float64Array =>
  Float64Array.from({ length: n }, () => random.normal());

/**
 * The growth factor of the mean squared residual (over chains) after some steps of SGD on a linear model: r ← r −
 * (η/B)Σ K·ᵢrᵢ. O(chains · steps · batch · n).
 */
export async function simulatedGrowth(
  jacobian: DenseMatrix,
  { rate, batch, chains, steps }: { rate: number; batch: number; chains: number; steps: number },
  random: Random,
  pause: Pause,
): Promise<number> {
  const [n, p] = [jacobian.rows, jacobian.cols];
  const K = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < p; k++) sum += jacobian.get(i, k) * jacobian.get(j, k);
      return sum;
    }),
  );
  const chosen: number[] = [];
  let [before, after] = [0, 0];
  for (let chain = 0; chain < chains; chain++) {
    const r = normals(random, n);
    for (const v of r) before += v * v;
    for (let step = 0; step < steps; step++) {
      const drawn = drawBatch(random, n, batch, chosen);
      const old = drawn.map((i) => r[i]);
      drawn.forEach((i, k) => {
        const move = (rate * old[k]) / drawn.length;
        const row = K[i];
        for (let j = 0; j < n; j++) r[j] -= move * row[j];
      });
    }
    for (const v of r) after += v * v;
    await pause();
  }
  return after / before;
}

/** Noise-free sparse regression with more coefficients than examples. */
export interface SparseProblem {
  readonly n: number;
  readonly d: number;
  /** Row by row. */
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly coefficients: Float64Array;
  /** The initial point. */
  readonly start: { readonly a: Float64Array; readonly b: Float64Array };
}

export function sparseProblem(random: Random, n = 40, d = 100, relevant = 5): SparseProblem {
  const X = normals(random, n * d);
  const coefficients = Float64Array.from({ length: d }, (_, j) => Number(j < relevant));
  const y = Float64Array.from({ length: n }, (_, i) => coefficients.reduce((sum, w, j) => sum + w * X[i * d + j], 0));
  return { n, d, X, y, coefficients, start: { a: normals(random, d), b: normals(random, d) } };
}

export interface DescentOptions {
  readonly rate: number;
  /** Infinite for full gradients. */
  readonly batch: number;
  readonly steps: number;
}

/** The end of a run. */
export interface Reached {
  /** Diverged runs became non-finite or exceeded 1e8 times the initial loss; unfinished ones did not get below 1e-7. */
  readonly status: 'converged' | 'diverged' | 'unfinished';
  readonly steps: number;
  readonly loss: number;
  /** Only for converged runs. */
  readonly stability?: Stability;
  /** ‖a⊙b‖₁ or the path norm. */
  readonly norm?: number;
  /** On new inputs: ‖w − w*‖² for a diagonal network on independent normal inputs, the loss for a two-layer network. */
  readonly error?: number;
}

/** Runs at one rate, from several initial points. */
export interface AtRate {
  readonly rate: number;
  readonly runs: readonly Reached[];
}

export const converged = ({ runs }: AtRate): Array<Required<Reached>> =>
  runs.filter((run): run is Required<Reached> => run.status === 'converged');

/** Rates count if at least this fraction of their runs converged. */
const RELIABLE = 0.8;
export const reliable = (one: AtRate): boolean => converged(one).length >= RELIABLE * one.runs.length;

/** Not a number for a rate that is missing. */
export const errorAt = (one: AtRate | undefined): number =>
  one ? mean(converged(one).map((run) => run.error)) : Number.NaN;

/** Not a number if there are none: a bound of no run is not met. */
export const largestOf = (values: readonly number[]): number => (values.length > 0 ? Math.max(...values) : Number.NaN);
export const leastOf = (values: readonly number[]): number => (values.length > 0 ? Math.min(...values) : Number.NaN);

const INTERPOLATES = 1e-7;

/** SGD on a diagonal linear network ⟨a⊙b, x⟩ until the loss is below 1e-7. */
export async function diagonalDescent(
  { n, d, X, y, coefficients, start }: SparseProblem,
  { rate, batch, steps }: DescentOptions,
  random: Random,
  pause: Pause,
): Promise<Reached> {
  const [a, b] = [start.a.slice(), start.b.slice()];
  const slope = new Float64Array(d);
  const chosen: number[] = [];
  const residual = (i: number): number => {
    let sum = -y[i];
    for (let j = 0, at = i * d; j < d; j++) sum += a[j] * b[j] * X[at + j];
    return sum;
  };
  const lossOf = (): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += residual(i) ** 2;
    return sum / (2 * n);
  };
  const first = lossOf();
  const every = Number.isFinite(batch) ? 200 : 20;
  for (let step = 0; ; step++) {
    if (step % every === 0 || step === steps) {
      const loss = lossOf();
      if (!(loss < 1e8 * first)) return { status: 'diverged', steps: step, loss };
      if (loss < INTERPOLATES) {
        const w = a.map((v, j) => v * b[j]);
        return {
          ...{ status: 'converged', steps: step, loss },
          stability: stabilityAnalysis(diagonalJacobian(X, n, a, b), { batch }),
          norm: effectiveNorm(a, b),
          error: w.reduce((sum, v, j) => sum + (v - coefficients[j]) ** 2, 0),
        };
      }
      if (step === steps) return { status: 'unfinished', steps, loss };
      await pause();
    }
    const drawn = drawBatch(random, n, batch, chosen);
    slope.fill(0);
    for (const i of drawn) {
      const r = residual(i) / drawn.length;
      for (let j = 0, at = i * d; j < d; j++) slope[j] += r * X[at + j];
    }
    for (let j = 0; j < d; j++) {
      const [u, v] = [a[j], b[j]];
      a[j] = u - rate * slope[j] * v;
      b[j] = v - rate * slope[j] * u;
    }
  }
}

/** ∂⟨a⊙b, x⟩ at each example: [b⊙x, a⊙x]. */
export function diagonalJacobian(X: Float64Array, n: number, a: Float64Array, b: Float64Array): DenseMatrix {
  const d = a.length;
  const J = DenseMatrix.create(n, 2 * d);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) {
      J.column(j)[i] = b[j] * X[i * d + j];
      J.column(d + j)[i] = a[j] * X[i * d + j];
    }
  }
  return J;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
