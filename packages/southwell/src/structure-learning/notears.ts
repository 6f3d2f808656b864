import { DenseMatrix } from '../arrays/index.ts';
import { fail, type Iterate } from '../core/index.ts';
import { matrixProduct } from '../linalg/index.ts';
import { exponentialInto } from './acyclicity.ts';
import { type EstimateOptions, estimateGraph, type GraphEstimate, type GraphPoint } from './estimate.ts';
import { lbfgs } from './lbfgs.ts';
import type { GraphData, Moments } from './moments.ts';

export interface NotearsOptions {
  /** Weight of ‖W‖₁. Default 0.1. */
  readonly lambda?: number;
  /** Ends when h is at most this. Default 1e-8. */
  readonly hTol?: number;
  /** Ends when the weight of h² reaches this. Default 1e16. */
  readonly rhoMax?: number;
}

export interface NotearsIterate extends Iterate<GraphPoint> {
  readonly h: number;
  readonly rho: number;
}

/**
 * NOTEARS (Zheng, Aragam, Ravikumar & Xing, NeurIPS 2018) for linear least squares: an augmented Lagrangian of
 * h(W) = tr e^(W∘W) − d. Where the authors bound positive and negative parts, the orthant-wise form of L-BFGS does the
 * same here. Iterates are steps of L-BFGS; the objective is ½tr[(I−W)ᵀC(I−W)] + λ‖W‖₁ without the terms of h.
 * Throws INVALID_PARAMETER. O(20d³) a step.
 */
export function* notearsIterates(data: Moments, options: NotearsOptions = {}): Generator<NotearsIterate> {
  const { lambda = 0.1, hTol = 1e-8, rhoMax = 1e16 } = options;
  if (!(lambda >= 0 && hTol > 0 && rhoMax > 0)) {
    fail('INVALID_PARAMETER', 'lambda cannot be below 0, and hTol and rhoMax must be above 0.');
  }
  const { C, d } = data;
  const make = () => DenseMatrix.create(d, d, { arena: C.arena });
  const [W, R, squares, E, spare] = [make(), make(), make(), make(), make()];
  const x = new Float64Array(d * d);
  const accepted = new Float64Array(d * d);
  let [rho, alpha, h, loss] = [1, 0, Number.POSITIVE_INFINITY, 0];
  let [steps, evaluations] = [0, 0];

  const lagrangian = (w: Float64Array, g: Float64Array): number => {
    W.data.set(w);
    h = exponentialInto(W, squares, E, spare);
    R.data.set(C.data);
    matrixProduct(C, W, R, { alpha: -1, beta: 1 });
    const [r, e] = [R.data, E.data];
    loss = 0;
    const weight = rho * h + alpha;
    for (let j = 0; j < d; j++) {
      loss += r[j * d + j] / 2;
      for (let i = 0; i < d; i++) {
        const k = j * d + i;
        loss -= (w[k] * r[k]) / 2;
        // No loops: the diagonal stays 0.
        g[k] = i === j ? 0 : -r[k] + weight * 2 * w[k] * e[i * d + j];
      }
    }
    return loss + (rho / 2) * h * h + alpha * h;
  };
  const norm = (w: Float64Array) => w.reduce((sum, v) => sum + Math.abs(v), 0);
  const iterate = (point: Float64Array, objective: number, done?: Iterate<GraphPoint>['done']): NotearsIterate => ({
    iteration: steps,
    objective,
    work: { oracleCalls: evaluations },
    done,
    h,
    rho,
    snapshot: () => ({ W: DenseMatrix.fromColumnMajor(point, d, d) }),
  });

  try {
    const spareGradient = new Float64Array(d * d);
    lagrangian(x, spareGradient);
    yield iterate(x, loss);
    let reached = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 100; round++) {
      while (rho < rhoMax) {
        x.set(accepted);
        const before = evaluations;
        for (const state of lbfgs(x, lagrangian, lambda)) {
          steps++;
          evaluations = before + state.evaluations;
          if (steps % 10 !== 0) continue;
          // The last evaluation may have been a step that was refused.
          lagrangian(x, spareGradient);
          yield iterate(x, loss + lambda * norm(x));
        }
        lagrangian(x, spareGradient);
        if (h <= 0.25 * reached) break;
        rho *= 10;
      }
      accepted.set(x);
      reached = h;
      alpha += rho * h;
      if (h <= hTol || rho >= rhoMax) break;
    }
    yield iterate(accepted, loss + lambda * norm(accepted), h <= hTol ? 'converged' : 'stalled');
  } finally {
    for (const matrix of [W, R, squares, E, spare]) matrix.free();
  }
}

/** Learns a graph by {@link notearsIterates}. */
export const notears = (X: GraphData, options: NotearsOptions & EstimateOptions = {}): GraphEstimate =>
  estimateGraph(X, (data) => notearsIterates(data, options), options);
