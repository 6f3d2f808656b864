import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate } from '@southwell/numerics/core';
import { invert, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { Adam } from '../optimisers/index.ts';
import { addPenaltyGradients, exponentialInto } from './acyclicity.ts';
import { type EstimateOptions, estimateGraph, type GraphEstimate, type GraphPoint } from './estimate.ts';
import type { GraphData, Moments } from './moments.ts';

export interface GolemOptions {
  /** Noise of equal or unequal size. Default 'equal'. */
  readonly variance?: 'equal' | 'unequal';
  /** Weight of ‖W‖₁. Default 0.02 for equal noise, 0.002 for unequal. */
  readonly lambda?: number;
  /** Weight of h(W) = tr e^(W∘W) − d. Default 5. */
  readonly acyclicity?: number;
  /** Most iterations of a stage. Default 100000. */
  readonly iterations?: number;
  /** Adam's step. Default 1e-3. */
  readonly learningRate?: number;
  /** A stage ends when its objective changes by no more than this times d over 1000 iterations. Default 1e-5; 0: never. */
  readonly stageTol?: number;
}

export interface GolemIterate extends Iterate<GraphPoint> {
  /** 0 for equal noise, 1 for unequal. */
  readonly stage: number;
  readonly h: number;
  /** Most iterations that may still come are this less `iteration`. */
  readonly most: number;
}

const CHECK = 1000;

/**
 * GOLEM (Ng, Ghassami & Zhang, NeurIPS 2020): the Gaussian likelihood with the scale of the noise profiled out,
 * (d/2) log Σⱼqⱼ (equal) or ½Σⱼ log qⱼ (unequal) less log |det(I − W)|, plus λ‖W‖₁ and a soft penalty of cycles; q are
 * the variances of the residuals. Adam from W = 0; unequal noise starts from where equal noise (with its own λ) ends, as
 * the authors advise. In the unequal score a variance below 1e-4 of its column's counts as that much, without which few
 * rows would have no minimum. Throws INVALID_PARAMETER, and NUMERICAL where I − W becomes singular. O(16d³) an iteration.
 */
export function* golemIterates(data: Moments, options: GolemOptions = {}): Generator<GolemIterate> {
  const { variance = 'equal', acyclicity = 5, iterations = 100_000, learningRate = 1e-3, stageTol = 1e-5 } = options;
  const stages: ReadonlyArray<{ readonly unequal: boolean; readonly lambda: number }> =
    variance === 'equal'
      ? [{ unequal: false, lambda: options.lambda ?? 0.02 }]
      : [
          { unequal: false, lambda: 0.02 },
          { unequal: true, lambda: options.lambda ?? 0.002 },
        ];
  check('lambda', options.lambda ?? 0, (options.lambda ?? 0) >= 0);
  check('acyclicity', acyclicity, acyclicity >= 0);
  check('learningRate', learningRate, learningRate > 0);
  check('stageTol', stageTol, stageTol >= 0);
  if (!(Number.isInteger(iterations) && iterations >= 1)) {
    fail('INVALID_PARAMETER', `iterations must be a whole number above 0, not ${iterations}.`);
  }

  const { C, d } = data;
  const make = () => DenseMatrix.create(d, d, { arena: C.arena });
  const [W, R, inverse, squares, E, spare, G] = [make(), make(), make(), make(), make(), make(), make()];
  const adam = new Adam(d * d, { arena: C.arena });
  const residuals = new Float64Array(d);
  const every = d <= 30 ? 100 : d <= 150 ? 10 : 1;
  const most = iterations * stages.length;
  let count = 0;

  /** The objective at W, and its gradient. */
  const evaluate = ({ unequal, lambda }: (typeof stages)[number]): { readonly value: number; readonly h: number } => {
    const w = W.data;
    R.data.set(C.data);
    matrixProduct(C, W, R, { alpha: -1, beta: 1 });
    const r = R.data;
    let total = 0;
    for (let j = 0; j < d; j++) {
      let q = r[j * d + j];
      for (let i = 0; i < d; i++) q -= w[j * d + i] * r[j * d + i];
      residuals[j] = Math.max(q, 0);
      total += residuals[j];
    }
    const inv = inverse.data;
    for (let k = 0; k < inv.length; k++) inv[k] = -w[k];
    for (let j = 0; j < d; j++) inv[j * d + j] += 1;
    const logDet = invert(inverse);
    const h = exponentialInto(W, squares, E, spare);
    let value = acyclicity * h - logDet;
    if (!unequal) value += (d / 2) * elementary.log(total);
    let norm = 0;
    const g = G.data;
    for (let j = 0; j < d; j++) {
      const floor = 1e-4 * C.data[j * d + j];
      if (unequal) value += elementary.log(Math.max(residuals[j], floor)) / 2;
      const factor = unequal ? (residuals[j] > floor ? 1 / residuals[j] : 0) : d / total;
      for (let i = 0; i < d; i++) {
        const [k, turned] = [j * d + i, i * d + j];
        norm += Math.abs(w[k]);
        g[k] = inv[turned] - factor * r[k];
      }
    }
    addPenaltyGradients(W, E, G, { weight: lambda, factor: acyclicity });
    // No loops: the diagonal stays 0.
    for (let j = 0; j < d; j++) g[j * d + j] = 0;
    value += lambda * norm;
    if (!Number.isFinite(value))
      fail('NUMERICAL', 'The likelihood is not finite: smaller steps may keep away from there.');
    return { value, h };
  };
  const iterate = (
    stage: number,
    { value, h }: { readonly value: number; readonly h: number },
    done?: Iterate<GraphPoint>['done'],
  ): GolemIterate => ({
    iteration: count,
    objective: value,
    work: { oracleCalls: count },
    done,
    stage,
    h,
    most,
    snapshot: () => {
      const mean = residuals.reduce((a, b) => a + b) / d;
      const sigma = residuals.map((q) => Math.sqrt(stages[stage].unequal ? q : mean));
      return { W: DenseMatrix.fromColumnMajor(W.data, d, d), sigma };
    },
  });

  try {
    for (const [stage, what] of stages.entries()) {
      adam.reset();
      let previous = Number.POSITIVE_INFINITY;
      for (let k = 0; ; k++) {
        const now = evaluate(what);
        const settled = k > 0 && k % CHECK === 0 && Math.abs(previous - now.value) <= stageTol * d;
        if (k % CHECK === 0) previous = now.value;
        if (settled || k === iterations) {
          const last = stage === stages.length - 1;
          yield iterate(stage, now, last ? (settled ? 'converged' : 'iteration-limit') : undefined);
          break;
        }
        if (k % every === 0) yield iterate(stage, now);
        adam.take(G.data);
        adam.descend(W, learningRate);
        count++;
      }
    }
  } finally {
    for (const used of [W, R, inverse, squares, E, spare, G, adam]) used.free();
  }
}

function check(name: string, value: number, ok: boolean): void {
  if (!ok || !Number.isFinite(value)) fail('INVALID_PARAMETER', `${name} cannot be ${value}.`);
}

/** Learns a graph and the scale of its noise; see {@link golemIterates}. */
export const golem = (X: GraphData, options: GolemOptions & EstimateOptions = {}): GraphEstimate =>
  estimateGraph(X, (data) => golemIterates(data, options), options);
