import { DenseMatrix } from '@southwell/numerics/arrays';
import { cholesky } from '@southwell/numerics/linalg';
import type { Pause } from '../pauses.ts';
import type { Labelled } from './sets.ts';

/**
 * Stopping criterion of Newton's method: half the squared Newton decrement is approximately the suboptimality of the
 * loss.
 */
const ENOUGH = 1e-13;
const STEPS = 60;

export interface Optimum {
  readonly loss: number;
  /** Approximate suboptimality. */
  readonly above: number;
}

/**
 * The minimum loss of multinomial logistic regression, with zero scores for the last class: Newton's method with step
 * halving and a negligible ridge, on all data. It has no code in common with the methods under test.
 * O(n·(width·classes)²) per step.
 */
export async function optimum({ X, labels, width, classes }: Labelled, pause: Pause): Promise<Optimum> {
  const n = labels.length;
  const free = classes - 1;
  const size = width * free;
  /** Probabilities of all classes but the last, one row per example; and the mean loss. */
  const look = (P: Float64Array): { readonly loss: number; readonly shares: Float64Array } => {
    const shares = new Float64Array(n * free);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const row = X.subarray(i * width, (i + 1) * width);
      const scores = Array.from({ length: classes }, (_, c) =>
        c === free ? 0 : row.reduce((sum, v, j) => sum + v * P[c * width + j], 0),
      );
      const most = scores.reduce((a, b) => Math.max(a, b));
      const total = scores.reduce((sum, s) => sum + Math.exp(s - most), 0);
      for (let c = 0; c < free; c++) shares[i * free + c] = Math.exp(scores[c] - most) / total;
      loss += most + Math.log(total) - scores[labels[i]];
    }
    return { loss: loss / n, shares };
  };

  let P = new Float64Array(size);
  let now = look(P);
  let above = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS && above > ENOUGH; step++) {
    const g = new Float64Array(size);
    const curvature = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      const at = i * width;
      for (let c = 0; c < free; c++) {
        const share = now.shares[i * free + c];
        const left = (share - (labels[i] === c ? 1 : 0)) / n;
        for (let j = 0; j < width; j++) g[c * width + j] += left * X[at + j];
        for (let k = 0; k <= c; k++) {
          const curved = (share * ((k === c ? 1 : 0) - now.shares[i * free + k])) / n;
          for (let j = 0; j < width; j++) {
            const v = curved * X[at + j];
            const to = (c * width + j) * size + k * width;
            for (let l = 0; l < width; l++) curvature[to + l] += v * X[at + l];
          }
        }
      }
    }
    const H = DenseMatrix.create(size, size);
    for (let j = 0; j < size; j++)
      for (let l = 0; l <= j; l++) H.column(l)[j] = H.column(j)[l] = curvature[j * size + l];
    const trace = g.reduce((sum, _, j) => sum + H.get(j, j), 0);
    for (let j = 0; j < size; j++) H.column(j)[j] += (1e-13 * trace) / size + 1e-15;
    const factor = cholesky(H);
    const move = factor.solve(g);
    factor.free();
    H.free();
    const slope = g.reduce((sum, v, j) => sum + v * move[j], 0);
    above = slope / 2;
    for (let length = 1; length > 1e-8; length /= 2) {
      const there = P.map((v, j) => v - length * move[j]);
      const next = look(there);
      if (next.loss > now.loss - 1e-4 * length * slope) continue;
      [P, now] = [there, next];
      break;
    }
    await pause();
  }
  return { loss: now.loss, above };
}
