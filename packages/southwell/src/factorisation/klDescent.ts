import type { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { elementary } from '../core/index.ts';
import type { FactorPenalty, HalfReport } from './hals.ts';

/** Passes over the coefficients of a line; more of them are spent better on the other factor. */
const PASSES = 3;

/**
 * One factor's turn for the Kullback–Leibler loss Σ x log(x/y) − x + y, y = GᵀF: for each column of X, coordinate descent
 * over the column f ≥ 0 of F that stands for it (Hsieh and Dhillon, KDD 2011). A coordinate's derivative is concave, so
 * that Newton's step never passes the minimum from the left; from the right a secant from 0 does not either. Each step
 * lowers the objective.
 */
export class KlHalf {
  /** @param X whose columns are the lines of F: the data or its transpose. */
  constructor(
    private readonly X: CscMatrix,
    private readonly F: DenseMatrix,
    private readonly other: DenseMatrix,
    private readonly penalty: FactorPenalty,
  ) {}

  run(): HalfReport {
    const { X, F, other, penalty } = this;
    const { colPointers, rowIndices, values } = X;
    const { l1, l2 } = penalty;
    const k = F.rows;
    const [f, g] = [F.data, other.data];
    const sums = new Float64Array(k);
    for (let i = 0; i < other.cols; i++) for (let t = 0; t < k; t++) sums[t] += g[i * k + t];
    let longest = 0;
    for (let j = 0; j < X.cols; j++) longest = Math.max(longest, colPointers[j + 1] - colPointers[j]);
    // Of the lines of the other factor that meet this one: component by component.
    const h = new Float64Array(longest * k);
    const x = new Float64Array(longest);
    const y = new Float64Array(longest);
    let violation = 0;
    let loss = 0;
    for (let j = 0; j < X.cols; j++) {
      let m = 0;
      for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
        if (values[e] === 0) continue;
        x[m] = values[e];
        let sum = 0;
        for (let t = 0; t < k; t++) {
          const v = g[rowIndices[e] * k + t];
          h[t * longest + m] = v;
          sum += v * f[j * k + t];
        }
        y[m++] = sum;
      }
      for (let pass = 0; pass < PASSES; pass++) {
        let moved = 0;
        for (let t = 0; t < k; t++) {
          const at = t * longest;
          const old = f[j * k + t];
          const rise = sums[t] + l1 + l2 * old;
          let first = rise;
          let second = l2;
          for (let e = 0; e < m; e++) {
            const ratio = h[at + e] / y[e];
            const weighted = x[e] * ratio;
            first -= weighted;
            second += weighted * ratio;
          }
          if (pass === 0 && (old > 0 || first < 0)) violation += Math.abs(first);
          const next = step(old, first, second, rise, () => {
            let slope = sums[t] + l1;
            for (let e = 0; e < m; e++) {
              const rest = y[e] - old * h[at + e];
              if (h[at + e] > 0 && !(rest > 1e-12 * y[e])) return Number.NEGATIVE_INFINITY;
              slope -= (x[e] * h[at + e]) / rest;
            }
            return slope;
          });
          if (next === old || !Number.isFinite(next)) continue;
          const delta = next - old;
          f[j * k + t] = next;
          moved = Math.max(moved, Math.abs(delta) / (next + old));
          for (let e = 0; e < m; e++) y[e] += delta * h[at + e];
        }
        if (moved < 1e-3) break;
      }
      // Afresh: what the steps added up has lost digits where y became small.
      for (let e = 0; e < m; e++) {
        let sum = 0;
        for (let t = 0; t < k; t++) sum += h[t * longest + e] * f[j * k + t];
        loss += x[e] * elementary.log(x[e] / sum) - x[e];
      }
      for (let t = 0; t < k; t++) loss += sums[t] * f[j * k + t];
    }
    return { violation, loss: Math.max(0, loss) };
  }

  free(): void {}
}

/** The next value of a coordinate with these derivatives; `rise` is the part of the first that is not data. */
function step(old: number, first: number, second: number, rise: number, slopeAtZero: () => number): number {
  if (first <= 0) return second > 0 ? old - first / second : old;
  if (old === 0) return 0;
  const slope = slopeAtZero();
  if (slope >= 0) return 0;
  // An entry that nothing else explains: the multiplicative step (Lee and Seung 2001), which lowers the loss too.
  if (slope === Number.NEGATIVE_INFINITY) return (old * (rise - first)) / rise;
  return (old * slope) / (slope - first);
}
