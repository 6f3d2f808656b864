import type { SparseTensor } from '../sparseTensor.ts';
import { CANCELS, type CpProblem } from './cpProblem.ts';
import type { Factor } from './mttkrp.ts';
import { descendRows, pairsOf, rowsSlope, rowsSquares, solveRows } from './rows.ts';

/** Entries by the index of one mode: those of index i are order[starts[i]] … order[starts[i + 1] − 1]. */
interface ByIndex {
  readonly starts: Int32Array;
  readonly order: Int32Array;
}

function sortedBy(of: Int32Array, n: number): ByIndex {
  const starts = new Int32Array(n + 1);
  for (const i of of) starts[i + 1]++;
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const order = new Int32Array(of.length);
  of.forEach((i, e) => {
    order[next[i]++] = e;
  });
  return { starts, order };
}

/**
 * Least squares over known entries only: each row of a factor has its own normal equations, with the minimum-norm
 * solution if they are singular. A row without entries is zero. O(rank (modes + rank) · entries) per factor.
 */
export class KnownCp implements CpProblem {
  readonly shape: readonly number[];
  private readonly sorted: readonly ByIndex[];
  /** Squared norm. */
  private readonly own: number;

  constructor(
    private readonly tensor: SparseTensor,
    readonly rank: number,
    private readonly nonNegative: boolean,
  ) {
    this.shape = tensor.shape;
    this.own = tensor.values.reduce((sum, v) => sum + v * v, 0);
    this.sorted = tensor.indices.map((of, k) => sortedBy(of, tensor.shape[k]));
  }

  sweep(factors: readonly Factor[]): { squares: number; slope: number } {
    return this.pass(factors, true);
  }

  slope(factors: readonly Factor[]): number {
    return this.pass(factors, false).slope;
  }

  squares(factors: readonly Factor[]): number {
    return this.pass(factors, false).squares;
  }

  private pass(factors: readonly Factor[], update: boolean): { squares: number; slope: number } {
    let [slopes, squares] = [0, 0];
    for (const mode of factors.keys()) {
      const found = this.mode(factors, mode, update);
      slopes += found.slope ** 2;
      squares = found.squares;
    }
    return { squares, slope: Math.sqrt(slopes) };
  }

  private mode(factors: readonly Factor[], mode: number, update: boolean): { squares: number; slope: number } {
    const { shape, rank: r, nonNegative, tensor } = this;
    const { indices, values } = tensor;
    const { starts, order } = this.sorted[mode];
    const [A, n] = [factors[mode], shape[mode]];
    const [{ of: firstOf, rows: firstRows }, ...others] = shape.flatMap((m, k) =>
      k === mode ? [] : [{ of: indices[k], rows: byRows(factors[k], m, r) }],
    );
    const equations = { V: new Float64Array(n * pairsOf(r)), M: new Float64Array(n * r), n, r };
    const { V, M } = equations;
    const [h, m, pairs] = [new Float64Array(r), new Float64Array(r), new Float64Array(pairsOf(r))];
    for (let i = 0; i < n; i++) {
      pairs.fill(0);
      m.fill(0);
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const e = order[at];
        const v = values[e];
        const first = firstOf[e] * r;
        for (let a = 0; a < r; a++) h[a] = firstRows[first + a];
        for (let k = 0; k < others.length; k++) {
          const { of, rows } = others[k];
          const from = of[e] * r;
          for (let a = 0; a < r; a++) h[a] *= rows[from + a];
        }
        for (let a = 0, p = 0; a < r; a++) {
          const w = h[a];
          m[a] += v * w;
          for (let b = 0; b <= a; b++, p++) pairs[p] += w * h[b];
        }
      }
      for (let a = 0; a < r; a++) M[a * n + i] = m[a];
      for (let p = 0; p < pairs.length; p++) V[p * n + i] = pairs[p];
    }
    const slope = rowsSlope(A, equations, nonNegative);
    if (update) {
      if (nonNegative) descendRows(A, equations);
      else solveRows(A, equations);
    }
    // The squared residual is needed after the last mode only.
    if (mode < shape.length - 1) return { squares: 0, slope };
    const squares = this.own + rowsSquares(A, equations);
    return { squares: squares > CANCELS ? squares : this.exactSquares(factors), slope };
  }

  /** Entry by entry, since the difference of squares suffers from cancellation. */
  private exactSquares(factors: readonly Factor[]): number {
    const { rank, shape, tensor } = this;
    let squares = 0;
    for (let e = 0; e < tensor.count; e++) {
      let d = tensor.values[e];
      for (let a = 0; a < rank; a++) {
        let product = 1;
        for (let k = 0; k < shape.length; k++) product *= factors[k][a * shape[k] + tensor.indices[k][e]];
        d -= product;
      }
      squares += d * d;
    }
    return squares;
  }
}

function byRows(factor: Factor, n: number, r: number): Float64Array {
  const out = new Float64Array(n * r);
  for (let a = 0; a < r; a++) for (let i = 0; i < n; i++) out[i * r + a] = factor[a * n + i];
  return out;
}
