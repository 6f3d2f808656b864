import { DenseMatrix, type Random } from 'southwell';
import { pathNorm, type Stability, stabilityAnalysis } from 'southwell/diagnostics';
import type { Pause } from '../pauses.ts';
import { drawBatch } from './drawBatch.ts';
import { type DescentOptions, normals, type Reached } from './lab.ts';

/** A teacher of one ReLU unit, on inputs from the unit sphere, and the initial weights of a student with many units. */
export interface TwoLayerProblem {
  readonly n: number;
  readonly d: number;
  readonly units: number;
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly test: { readonly X: Float64Array; readonly y: Float64Array };
  readonly start: { readonly W: Float64Array; readonly a: Float64Array };
}

/** Rows of unit norm, uniformly distributed. */
export function sphere(random: Random, n: number, d: number): Float64Array {
  const X = normals(random, n * d);
  for (let i = 0; i < n; i++) {
    const row = X.subarray(i * d, (i + 1) * d);
    const length = Math.hypot(...row);
    for (let k = 0; k < d; k++) row[k] /= length;
  }
  return X;
}

/** The last layer is initialised at `sharp` times the usual scale, where the curvature is large. */
export function twoLayerProblem(random: Random, n = 200, d = 20, units = 200, sharp = 3): TwoLayerProblem {
  const teacher = sphere(random, 1, d);
  const labelled = (count: number) => {
    const X = sphere(random, count, d);
    // Outputs have a variance of about ½.
    const y = Float64Array.from({ length: count }, (_, i) => {
      const z = teacher.reduce((sum, w, k) => sum + w * X[i * d + k], 0);
      return Math.sqrt(d) * Math.max(0, z);
    });
    return { X, y };
  };
  const W = normals(random, units * d).map((v) => v / Math.sqrt(d));
  const a = normals(random, units).map((v) => (sharp * v) / Math.sqrt(units));
  return { n, d, units, ...labelled(n), test: labelled(1000), start: { W, a } };
}

interface Weights {
  readonly W: Float64Array;
  readonly a: Float64Array;
}

/** Σ aⱼ·relu(wⱼᵀx) at row i; `active` receives relu(wⱼᵀx). */
function output({ W, a }: Weights, X: Float64Array, i: number, d: number, active: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    let z = 0;
    for (let k = 0, u = j * d, v = i * d; k < d; k++) z += W[u + k] * X[v + k];
    active[j] = Math.max(z, 0);
    sum += a[j] * active[j];
  }
  return sum;
}

/** ∂output at each example: with respect to W unit by unit, then to a; 0 for a unit at its kink. */
export function twoLayerJacobian(weights: Weights, X: Float64Array, n: number, d: number): DenseMatrix {
  const units = weights.a.length;
  const J = DenseMatrix.create(n, units * (d + 1));
  const active = new Float64Array(units);
  for (let i = 0; i < n; i++) {
    output(weights, X, i, d, active);
    for (let j = 0; j < units; j++) {
      J.set(i, units * d + j, active[j]);
      if (active[j] > 0) for (let k = 0; k < d; k++) J.set(i, j * d + k, weights.a[j] * X[i * d + k]);
    }
  }
  return J;
}

/** Half the mean squared residual. */
export function twoLayerLoss(weights: Weights, X: Float64Array, y: Float64Array, d: number): number {
  const active = new Float64Array(weights.a.length);
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (output(weights, X, i, d, active) - y[i]) ** 2;
  return sum / (2 * y.length);
}

const INTERPOLATES = 1e-6;

/** SGD on the student until its loss is below 1e-6; `error` is the loss on new inputs, `norm` the path norm. */
export async function twoLayerDescent(
  { n, d, units, X, y, test, start }: TwoLayerProblem,
  { rate, batch, steps }: DescentOptions,
  random: Random,
  pause: Pause,
): Promise<Reached> {
  const weights = { W: start.W.slice(), a: start.a.slice() };
  const { W, a } = weights;
  const active = new Float64Array(units);
  const [moveW, moveA] = [new Float64Array(units * d), new Float64Array(units)];
  const chosen: number[] = [];
  const first = twoLayerLoss(weights, X, y, d);
  const every = Number.isFinite(batch) ? 1000 : 20;
  for (let step = 0; ; step++) {
    if (step % every === 0 || step === steps) {
      const loss = twoLayerLoss(weights, X, y, d);
      if (!(loss < 1e4 * first)) return { status: 'diverged', steps: step, loss };
      if (loss < INTERPOLATES) {
        const stability: Stability = stabilityAnalysis(twoLayerJacobian(weights, X, n, d), { batch, tol: 1e-6 });
        const error = twoLayerLoss(weights, test.X, test.y, d);
        return { status: 'converged', steps: step, loss, stability, norm: pathNorm(W, a), error };
      }
      if (step === steps) return { status: 'unfinished', steps, loss };
      await pause();
    }
    const drawn = drawBatch(random, n, batch, chosen);
    const several = drawn.length > 1;
    if (several) {
      moveW.fill(0);
      moveA.fill(0);
    }
    for (const i of drawn) {
      const r = (rate * (output(weights, X, i, d, active) - y[i])) / drawn.length;
      for (let j = 0; j < units; j++) {
        if (active[j] === 0) continue;
        const share = r * a[j];
        const [toW, toA] = several ? [moveW, moveA] : [W, a];
        toA[j] -= r * active[j];
        for (let k = 0, u = j * d, v = i * d; k < d; k++) toW[u + k] -= share * X[v + k];
      }
    }
    if (!several) continue;
    for (let k = 0; k < W.length; k++) W[k] += moveW[k];
    for (let j = 0; j < units; j++) a[j] += moveA[j];
  }
}
