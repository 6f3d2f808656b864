import { asMatrix, CscMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { multiply, transpose } from '@southwell/numerics/linalg';
import type { BlockState, GraphProblem } from '../problem.ts';
import { checkTarget } from './checks.ts';

/**
 * f(x) = ½xᵀAx − bᵀx with A symmetric positive semi-definite, stored as sparse; its pattern is the graph for tree
 * rules. L_i = A_ii, H_b = A_bb. The gradient Ax − b is updated in O(Σ_{i∈b} degree(i)) a step.
 *
 * @param A p × p, dense or sparse, symmetric with a positive diagonal. @param b length p.
 * @throws SouthwellError EMPTY, NON_FINITE, INVALID_SHAPE, NUMERICAL (a diagonal entry ≤ 0).
 */
export function quadratic(A: MatrixLike, b: ArrayLike<number>): Quadratic {
  const matrix = symmetricCsc(A, 'A');
  return new Quadratic(matrix, checkTarget(b, matrix.rows, 'b'), 'quadratic');
}

/**
 * Checks that a matrix is square, symmetric and finite; in compressed column format.
 * @throws INVALID_SHAPE, EMPTY.
 */
export function symmetricCsc(input: MatrixLike, name: string): CscMatrix {
  const given = asMatrix(input);
  if (given.rows !== given.cols) fail('INVALID_SHAPE', `${name} must be square, but is ${given.rows} × ${given.cols}.`);
  if (given.rows === 0) fail('EMPTY', `${name} has no rows; a problem needs at least one variable.`);
  checkFinite(given, name);
  const A = given.kind === 'csc' ? given : CscMatrix.fromDense(given);
  const T = transpose(A);
  let largest = 0;
  for (const v of A.values) largest = Math.max(largest, Math.abs(v));
  for (let j = 0; j < A.cols; j++) {
    // Merges the two sorted columns: entries of one must be in the other, up to rounding.
    let s = A.colPointers[j];
    let t = T.colPointers[j];
    while (s < A.colPointers[j + 1] || t < T.colPointers[j + 1]) {
      const i = s < A.colPointers[j + 1] ? A.rowIndices[s] : A.rows;
      const k = t < T.colPointers[j + 1] ? T.rowIndices[t] : A.rows;
      const row = Math.min(i, k);
      const v = i === row ? A.values[s++] : 0;
      const w = k === row ? T.values[t++] : 0;
      if (Math.abs(v - w) > 1e-12 * largest) {
        fail('INVALID_SHAPE', `${name} is not symmetric: entry (${row}, ${j}) is ${v}, but (${j}, ${row}) is ${w}.`);
      }
    }
  }
  return A;
}

export class Quadratic implements GraphProblem {
  readonly quadratic = true;
  readonly dim: number;
  readonly coordinateLipschitz: Float64Array;
  private readonly position: Int32Array;
  private rowSums: Float64Array | undefined;

  /** @throws NUMERICAL. */
  constructor(
    readonly graph: CscMatrix,
    readonly b: Float64Array,
    readonly name: string,
  ) {
    this.dim = graph.rows;
    this.coordinateLipschitz = new Float64Array(this.dim);
    this.position = new Int32Array(this.dim);
    const { colPointers, rowIndices, values } = graph;
    for (let j = 0; j < this.dim; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        if (rowIndices[k] === j) this.coordinateLipschitz[j] = values[k];
      }
      if (!(this.coordinateLipschitz[j] > 0)) {
        fail(
          'NUMERICAL',
          `Diagonal entry ${j + 1} is ${this.coordinateLipschitz[j]}; a positive definite matrix needs it above 0.`,
        );
      }
    }
  }

  start(x: Float64Array): QuadraticState {
    return new QuadraticState(this, x.slice());
  }

  boundBlock(block: Int32Array, out: Float64Array): void {
    const { colPointers, rowIndices, values } = this.graph;
    const { position } = this;
    const t = block.length;
    out.fill(0, 0, t * t);
    for (let a = 0; a < t; a++) position[block[a]] = a + 1;
    for (let a = 0; a < t; a++) {
      for (let k = colPointers[block[a]]; k < colPointers[block[a] + 1]; k++) {
        const at = position[rowIndices[k]];
        if (at > 0) out[a * t + at - 1] = values[k];
      }
    }
    for (let a = 0; a < t; a++) position[block[a]] = 0;
  }

  boundProduct(d: Float64Array, out: Float64Array): void {
    multiply(this.graph, d, out);
  }

  boundRowSums(): Float64Array {
    if (!this.rowSums) {
      this.rowSums = new Float64Array(this.dim);
      const { colPointers, values } = this.graph;
      for (let j = 0; j < this.dim; j++) {
        for (let k = colPointers[j]; k < colPointers[j + 1]; k++) this.rowSums[j] += Math.abs(values[k]);
      }
    }
    return this.rowSums;
  }
}

class QuadraticState implements BlockState {
  private readonly g: Float64Array;
  private readonly mark: Uint8Array;
  private readonly touchedIndices: Int32Array;
  private touchedCount = 0;
  private readonly delta: Float64Array;
  private objective = 0;
  /** Compensation of {@link objective}, a long sum of changes (Neumaier). */
  private lost = 0;

  constructor(
    private readonly problem: Quadratic,
    readonly x: Float64Array,
  ) {
    this.g = new Float64Array(problem.dim);
    this.mark = new Uint8Array(problem.dim);
    this.touchedIndices = new Int32Array(problem.dim);
    this.delta = new Float64Array(problem.dim);
    this.refresh();
  }

  value(): number {
    return this.objective + this.lost;
  }

  gradient(): Float64Array {
    return this.g;
  }

  gradientBlock(block: Int32Array, out: Float64Array): void {
    for (let a = 0; a < block.length; a++) out[a] = this.g[block[a]];
  }

  hessianBlock(block: Int32Array, out: Float64Array): void {
    this.problem.boundBlock(block, out);
  }

  change(block: Int32Array, d: Float64Array): number {
    const { delta, g } = this;
    const { colPointers, rowIndices, values } = this.problem.graph;
    for (let a = 0; a < block.length; a++) delta[block[a]] = d[a];
    let sum = 0;
    for (let a = 0; a < block.length; a++) {
      if (d[a] === 0) continue;
      let product = 0;
      const end = colPointers[block[a] + 1];
      for (let k = colPointers[block[a]]; k < end; k++) product += values[k] * delta[rowIndices[k]];
      sum += d[a] * (g[block[a]] + 0.5 * product);
    }
    for (let a = 0; a < block.length; a++) delta[block[a]] = 0;
    return sum;
  }

  apply(block: Int32Array, d: Float64Array): void {
    this.add(this.change(block, d));
    const { g, x, mark, touchedIndices } = this;
    const { colPointers, rowIndices, values } = this.problem.graph;
    for (let t = 0; t < this.touchedCount; t++) mark[touchedIndices[t]] = 0;
    let count = 0;
    for (let a = 0; a < block.length; a++) {
      const v = d[a];
      if (v === 0) continue;
      x[block[a]] += v;
      const end = colPointers[block[a] + 1];
      for (let k = colPointers[block[a]]; k < end; k++) {
        const j = rowIndices[k];
        g[j] += v * values[k];
        if (mark[j] === 0) {
          mark[j] = 1;
          touchedIndices[count++] = j;
        }
      }
    }
    this.touchedCount = count;
  }

  private add(v: number): void {
    const sum = this.objective + v;
    this.lost += Math.abs(this.objective) >= Math.abs(v) ? this.objective - sum + v : v - sum + this.objective;
    this.objective = sum;
  }

  touched(): { readonly indices: Int32Array; readonly count: number } {
    return { indices: this.touchedIndices, count: this.touchedCount };
  }

  refresh(): number {
    const { b, graph } = this.problem;
    const exact = new Float64Array(b.length);
    multiply(graph, this.x, exact);
    let drift = 0;
    let scale = 0;
    this.objective = 0;
    this.lost = 0;
    for (let i = 0; i < exact.length; i++) {
      this.add(this.x[i] * (0.5 * exact[i] - b[i]));
      scale = Math.max(scale, Math.abs(exact[i]), Math.abs(b[i]));
      exact[i] -= b[i];
      drift = Math.max(drift, Math.abs(exact[i] - this.g[i]));
    }
    this.g.set(exact);
    for (let i = 0; i < exact.length; i++) this.touchedIndices[i] = i;
    this.mark.fill(1);
    this.touchedCount = exact.length;
    return scale > 0 ? drift / scale : drift;
  }
}
