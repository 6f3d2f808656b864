import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/** The least-squares fits of all nodes on their predecessors in an order. */
export interface OrderFit {
  readonly order: Int32Array;
  /** ½ Σ residual variances. */
  score(): number;
  /** Change of the score if positions a < b were exchanged; changes nothing. */
  swapGain(a: number, b: number): number;
  /** Exchanges pairs of positions. */
  swap(pairs: ReadonlyArray<readonly [number, number]>): void;
  /** Coefficients of the node at position p on that at q < p, at [p · d + q]. */
  coefficients(): Float64Array;
  /** The fits as a weighted graph: W[i, j] is the coefficient of i in the regression of j. */
  weights(): DenseMatrix;
}

/**
 * The least-squares fits of all nodes on all their predecessors in an order, as the Cholesky factor L of C in that order: the
 * residual variance of the node at position p is L[p, p]², and the score is half their sum.
 */
export class OrderFactor implements OrderFit {
  readonly order: Int32Array;
  /** Row-major, lower triangle. */
  private readonly L: Float64Array;
  private readonly d: number;
  private readonly block: Float64Array;

  /**
   * Scores and gains are over the nodes that `counts` marks, by default all. O(d³/3).
   * @throws SINGULAR if a column is a linear combination of earlier ones (to 1e-12 of its variance).
   */
  constructor(
    private readonly C: DenseMatrix,
    order: ArrayLike<number>,
    private readonly ridge = 0,
    private readonly names?: readonly string[],
    private readonly counts: (node: number) => boolean = () => true,
  ) {
    this.d = C.rows;
    this.order = Int32Array.from(order);
    this.L = new Float64Array(this.d ** 2);
    this.block = new Float64Array(this.d ** 2);
    this.factor(0);
  }

  private factor(from: number): void {
    const { d, L, order, ridge } = this;
    const c = this.C.data;
    for (let p = from; p < d; p++) {
      const row = p * d;
      for (let q = 0; q <= p; q++) {
        const other = q * d;
        let sum = c[order[p] * d + order[q]] + (p === q ? ridge : 0);
        for (let k = 0; k < q; k++) sum -= L[row + k] * L[other + k];
        if (q < p) L[row + q] = sum / L[other + q];
        else {
          if (!(sum > 1e-12 * c[order[p] * d + order[p]])) {
            fail(
              'SINGULAR',
              `${this.names?.[order[p]] ?? `Column ${order[p]}`} is a linear combination of other columns (or there are too few rows): leave it out, or in code set ridge above 0.`,
            );
          }
          L[row + p] = Math.sqrt(sum);
        }
      }
    }
  }

  /** ½ Σ residual variances. O(d). */
  score(): number {
    return this.segment(0, this.d - 1);
  }

  /** The residual variance of the node at a position. O(1). */
  variance(p: number): number {
    return this.L[p * this.d + p] ** 2;
  }

  private segment(a: number, b: number): number {
    let sum = 0;
    for (let p = a; p <= b; p++) if (this.counts(this.order[p])) sum += this.L[p * this.d + p] ** 2;
    return sum / 2;
  }

  /**
   * Change of the score if positions a < b were exchanged; changes nothing. Only the block of rows a … b of L is needed,
   * with its first and last row exchanged and made triangular again by rotations. O((b − a)²).
   */
  swapGain(a: number, b: number): number {
    const { d, L, order, block: T } = this;
    const m = b - a + 1;
    for (let i = 0; i < m; i++) {
      const from = i === 0 ? b : i === m - 1 ? a : a + i;
      const length = i === 0 ? m : i === m - 1 ? 1 : i + 1;
      for (let k = 0; k < m; k++) T[i * m + k] = k < length ? L[from * d + a + k] : 0;
    }
    // Rotates the first row to a multiple of e₁ from the right; row k ≥ 1 then has one entry beyond its diagonal.
    for (let k = m - 2; k >= 0; k--) rotate(T, m, k, 0, Math.max(k, 1));
    for (let k = 1; k < m - 1; k++) rotate(T, m, k, k, k + 1);
    let after = 0;
    for (let k = 0; k < m; k++) {
      const node = order[k === 0 ? b : k === m - 1 ? a : a + k];
      if (this.counts(node)) after += T[k * m + k] ** 2;
    }
    return after / 2 - this.segment(a, b);
  }

  /** Exchanges pairs of positions, and recomputes the factor from the first one on. O(d³/3). */
  swap(pairs: ReadonlyArray<readonly [number, number]>): void {
    for (const [a, b] of pairs) {
      const node = this.order[a];
      this.order[a] = this.order[b];
      this.order[b] = node;
    }
    this.factor(pairs.reduce((first, [a, b]) => Math.min(first, a, b), this.d));
  }

  /** L⁻¹, row-major. O(d³/3). */
  private inverse(): Float64Array {
    const { d, L } = this;
    const V = new Float64Array(d * d);
    for (let p = 0; p < d; p++) {
      const diagonal = 1 / L[p * d + p];
      for (let k = 0; k < p; k++) {
        const l = L[p * d + k];
        if (l === 0) continue;
        for (let q = 0; q <= k; q++) V[p * d + q] -= l * V[k * d + q];
      }
      for (let q = 0; q < p; q++) V[p * d + q] *= diagonal;
      V[p * d + p] = diagonal;
    }
    return V;
  }

  /** Coefficients of the node at position p on that at q < p, at [p · d + q]. O(d³/3). */
  coefficients(): Float64Array {
    const { d, L } = this;
    const V = this.inverse();
    for (let p = 0; p < d; p++) {
      for (let q = 0; q < p; q++) V[p * d + q] *= -L[p * d + p];
      V[p * d + p] = 0;
    }
    return V;
  }

  /** The fits as a weighted graph: W[i, j] is the coefficient of i in the regression of j. O(d³/3). */
  weights(): DenseMatrix {
    const { d, order } = this;
    const B = this.coefficients();
    const W = DenseMatrix.create(d, d);
    for (let p = 0; p < d; p++) for (let q = 0; q < p; q++) W.set(order[q], order[p], B[p * d + q]);
    return W;
  }
}

/** Rotates columns k and k + 1 of rows from … m−1 (and row `zeroed`) so that T[zeroed, k + 1] becomes 0. */
function rotate(T: Float64Array, m: number, k: number, zeroed: number, from: number): void {
  const at = zeroed * m + k;
  const [x, y] = [T[at], T[at + 1]];
  if (y === 0) return;
  const r = Math.sqrt(x * x + y * y);
  const [c, s] = [x / r, y / r];
  T[at] = r;
  T[at + 1] = 0;
  for (let i = from === zeroed ? from + 1 : from; i < m; i++) {
    const p = i * m + k;
    const [u, v] = [T[p], T[p + 1]];
    T[p] = c * u + s * v;
    T[p + 1] = c * v - s * u;
  }
}

/**
 * The least-squares score of an order. O(d³/3).
 * @throws SINGULAR.
 */
export const orderScore = (C: DenseMatrix, order: ArrayLike<number>, ridge = 0): number =>
  new OrderFactor(C, order, ridge).score();

/** The factor of the covariance of the parents, followed by the target. */
function factorOf(C: DenseMatrix, target: number, parents: readonly number[], ridge = 0, names?: readonly string[]) {
  const nodes = [...parents, target];
  const sub = DenseMatrix.create(nodes.length, nodes.length);
  nodes.forEach((p, r) => {
    nodes.forEach((q, c) => {
      sub.set(r, c, C.get(p, q));
    });
  });
  try {
    return new OrderFactor(
      sub,
      Int32Array.from(nodes, (_, k) => k),
      ridge,
      nodes.map((j) => names?.[j] ?? `Column ${j}`),
    );
  } finally {
    sub.free();
  }
}

/**
 * The least-squares regression of a node on parents: one weight for each parent, and the residual variance. O(m³) for m
 * parents.
 * @throws SINGULAR.
 */
export function regression(
  C: DenseMatrix,
  target: number,
  parents: readonly number[],
  ridge = 0,
): { readonly weights: Float64Array; readonly variance: number } {
  const m = parents.length;
  const factor = factorOf(C, target, parents, ridge);
  return { weights: factor.coefficients().slice(m * (m + 1), m * (m + 1) + m), variance: factor.variance(m) };
}

/**
 * The residual variance of the regression of a node on parents. O(m³/3).
 * @throws SINGULAR; the message has these names.
 */
export const varianceLeft = (
  C: DenseMatrix,
  target: number,
  parents: readonly number[],
  ridge = 0,
  names?: readonly string[],
): number => factorOf(C, target, parents, ridge, names).variance(parents.length);
