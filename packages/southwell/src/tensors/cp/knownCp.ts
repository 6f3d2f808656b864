import { factorPositive } from '@southwell/numerics/linalg';
import type { SparseTensor } from '../sparseTensor.ts';
import type { CpProblem } from './cpProblem.ts';
import type { Factor } from './mttkrp.ts';
import { projectedSlope } from './normalEquations.ts';

const PASSES = 4;

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

  constructor(
    private readonly tensor: SparseTensor,
    readonly rank: number,
    private readonly nonNegative: boolean,
  ) {
    this.shape = tensor.shape;
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
    const n = shape[mode];
    const A = factors[mode];
    const others = shape.flatMap((m, k) => (k === mode ? [] : [{ of: indices[k], rows: byRows(factors[k], m, r) }]));
    const gradient = new Float64Array(n * r);
    const before = update ? A.slice() : A;
    const [h, m, x] = [new Float64Array(r), new Float64Array(r), new Float64Array(r)];
    const V = new Float64Array(r * r);
    let squares = 0;
    for (let i = 0; i < n; i++) {
      V.fill(0);
      m.fill(0);
      let own = 0;
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const e = order[at];
        const v = values[e];
        h.fill(1);
        for (const { of, rows } of others) {
          const from = of[e] * r;
          for (let a = 0; a < r; a++) h[a] *= rows[from + a];
        }
        for (let a = 0; a < r; a++) {
          const w = h[a];
          m[a] += v * w;
          for (let b = 0; b <= a; b++) V[a * r + b] += w * h[b];
        }
        own += v * v;
      }
      for (let a = 0; a < r; a++) for (let b = 0; b < a; b++) V[b * r + a] = V[a * r + b];
      for (let a = 0; a < r; a++) {
        let g = -m[a];
        for (let b = 0; b < r; b++) g += V[a * r + b] * A[b * n + i];
        gradient[a * n + i] = g;
      }
      if (update) {
        if (nonNegative) descend(V, m, A, n, i, r);
        else solveRow(V, m, x, A, n, i, r);
      }
      // Needed only for the last mode, whose rows change last.
      for (let a = 0; a < r; a++) {
        let image = -2 * m[a];
        for (let b = 0; b < r; b++) image += V[a * r + b] * A[b * n + i];
        own += A[a * n + i] * image;
      }
      squares += own;
    }
    const slope = projectedSlope(gradient, before, n, r, nonNegative);
    if (mode === shape.length - 1 && !(squares > 1e-8)) squares = this.exactSquares(factors);
    return { squares, slope };
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

const byRows = (factor: Factor, n: number, r: number): Float64Array =>
  Float64Array.from({ length: n * r }, (_, at) => factor[(at % r) * n + Math.floor(at / r)]);

function solveRow(V: Float64Array, m: Float64Array, x: Float64Array, A: Factor, n: number, i: number, r: number): void {
  const scale = Float64Array.from({ length: r }, (_, a) => (V[a * r + a] > 0 ? 1 / Math.sqrt(V[a * r + a]) : 0));
  const scaled = V.map((v, at) => v * scale[at % r] * scale[Math.floor(at / r)]);
  for (let a = 0; a < r; a++) x[a] = m[a] * scale[a];
  factorPositive(scaled, r).solve(x);
  for (let a = 0; a < r; a++) A[a * n + i] = x[a] * scale[a];
}

function descend(V: Float64Array, m: Float64Array, A: Factor, n: number, i: number, r: number): void {
  for (let pass = 0; pass < PASSES; pass++) {
    for (let a = 0; a < r; a++) {
      const v = V[a * r + a];
      if (!(v > 0)) {
        A[a * n + i] = 0;
        continue;
      }
      let g = m[a];
      for (let b = 0; b < r; b++) g -= V[a * r + b] * A[b * n + i];
      A[a * n + i] = Math.max(0, A[a * n + i] + g / v);
    }
  }
}
