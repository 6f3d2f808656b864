import { asMatrix, type CscMatrix, checkFinite, type Matrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import {
  blockGram,
  columnDot,
  columnSquaredNorms,
  gramAbsoluteRowSums,
  multiply,
  multiplyTransposed,
  transpose,
} from '@southwell/numerics/linalg';
import type { BlockProblem, BlockState } from '../problem.ts';

/** φ_r(m) for row r, as a function of the margin m = a_rᵀx + offset_r. */
export interface ScalarLoss {
  value(r: number, m: number): number;
  slope(r: number, m: number): number;
  curvature(r: number, m: number): number;
  /** φ_r(m + u) − φ_r(m), accurate for small u. */
  change(r: number, m: number, u: number): number;
  /** c ≥ φ_r″ everywhere. */
  readonly curvatureBound: number;
  readonly quadratic: boolean;
}

/**
 * Checks that a design matrix is not empty, and finite.
 * @throws EMPTY.
 */
export function designMatrix(input: MatrixLike): Matrix {
  const A = asMatrix(input);
  if (A.rows === 0 || A.cols === 0) {
    fail('EMPTY', `A has ${A.rows} rows and ${A.cols} columns; a problem needs at least one of each.`);
  }
  checkFinite(A, 'A');
  return A;
}

/** f(x) = Σ_r φ_r(a_rᵀx + offset_r): least squares, logistic regression. H = c AᵀA. */
export class LinearModel implements BlockProblem {
  readonly dim: number;
  readonly quadratic: boolean;
  readonly coordinateLipschitz: Float64Array;
  private readonly scratch: Float64Array;
  private transposed: CscMatrix | undefined;
  private rowSums: Float64Array | undefined;

  constructor(
    readonly name: string,
    readonly A: Matrix,
    readonly offset: Float64Array,
    readonly loss: ScalarLoss,
  ) {
    this.dim = A.cols;
    this.quadratic = loss.quadratic;
    this.coordinateLipschitz = columnSquaredNorms(A).map((v) => v * loss.curvatureBound);
    this.scratch = new Float64Array(A.rows);
  }

  start(x: Float64Array): LinearBlockState {
    return new LinearBlockState(this, x.slice());
  }

  /** Rows of a sparse A, built on demand. */
  get rowsOfA(): CscMatrix | undefined {
    if (this.A.kind === 'csc') this.transposed ??= transpose(this.A);
    return this.transposed;
  }

  boundBlock(block: Int32Array, out: Float64Array): void {
    blockGram(this.A, block, out, this.scratch);
    const c = this.loss.curvatureBound;
    const size = block.length * block.length;
    if (c !== 1) for (let k = 0; k < size; k++) out[k] *= c;
  }

  boundProduct(d: Float64Array, out: Float64Array): void {
    multiply(this.A, d, this.scratch);
    multiplyTransposed(this.A, this.scratch, out);
    this.scratch.fill(0);
    const c = this.loss.curvatureBound;
    if (c !== 1) for (let i = 0; i < out.length; i++) out[i] *= c;
  }

  boundRowSums(): Float64Array {
    const c = this.loss.curvatureBound;
    this.rowSums ??= gramAbsoluteRowSums(this.A, this.rowsOfA ?? this.A).map((v) => v * c);
    return this.rowSums;
  }
}

class LinearBlockState implements BlockState {
  private readonly margins: Float64Array;
  private readonly slopes: Float64Array;
  private readonly g: Float64Array;
  private stale = true;
  /** Whether the gradient was used since the last step; otherwise updating it is wasted work. */
  private wanted = false;
  private readonly step: Float64Array;
  private readonly rowsTouched: Int32Array;
  private readonly mark: Uint8Array;
  private touchedCount = 0;
  private readonly weights: Float64Array;
  private readonly gramScratch: Float64Array;
  private readonly rowWork: number;

  constructor(
    private readonly model: LinearModel,
    readonly x: Float64Array,
  ) {
    const n = model.A.rows;
    this.margins = new Float64Array(n);
    // For least squares φ′(m) = m: one array serves as both.
    this.slopes = model.loss.quadratic ? this.margins : new Float64Array(n);
    this.g = new Float64Array(model.dim);
    this.step = new Float64Array(n);
    this.rowsTouched = new Int32Array(n);
    this.mark = new Uint8Array(n);
    this.weights = new Float64Array(n);
    this.gramScratch = new Float64Array(n);
    this.rowWork = model.A.kind === 'csc' ? model.A.nnz : Number.POSITIVE_INFINITY;
    this.computeMargins(this.margins);
    this.computeSlopes();
  }

  private computeMargins(out: Float64Array): void {
    multiply(this.model.A, this.x, out);
    const { offset } = this.model;
    for (let r = 0; r < out.length; r++) out[r] += offset[r];
  }

  private computeSlopes(): void {
    const { loss } = this.model;
    if (this.slopes === this.margins) return;
    for (let r = 0; r < this.slopes.length; r++) this.slopes[r] = loss.slope(r, this.margins[r]);
  }

  value(): number {
    const { loss } = this.model;
    let sum = 0;
    for (let r = 0; r < this.margins.length; r++) sum += loss.value(r, this.margins[r]);
    return sum;
  }

  gradient(): Float64Array {
    if (this.stale) {
      multiplyTransposed(this.model.A, this.slopes, this.g);
      this.stale = false;
    }
    this.wanted = true;
    return this.g;
  }

  gradientBlock(block: Int32Array, out: Float64Array): void {
    for (let a = 0; a < block.length; a++) {
      out[a] = this.stale ? columnDot(this.model.A, block[a], this.slopes) : this.g[block[a]];
    }
  }

  hessianBlock(block: Int32Array, out: Float64Array): void {
    const { loss, A } = this.model;
    for (let r = 0; r < this.weights.length; r++) this.weights[r] = loss.curvature(r, this.margins[r]);
    blockGram(A, block, out, this.gramScratch, this.weights);
  }

  /** step ← A_b d on the rows that it touches, which are listed. */
  private spread(block: Int32Array, d: Float64Array): void {
    const { A } = this.model;
    const { step, rowsTouched, mark } = this;
    for (let t = 0; t < this.touchedCount; t++) {
      step[rowsTouched[t]] = 0;
      mark[rowsTouched[t]] = 0;
    }
    let count = 0;
    if (A.kind === 'dense') {
      const { data, rows } = A;
      step.fill(0);
      for (let a = 0; a < block.length; a++) {
        const at = block[a] * rows;
        const v = d[a];
        if (v !== 0) for (let r = 0; r < rows; r++) step[r] += v * data[at + r];
      }
      for (let r = 0; r < rows; r++) rowsTouched[r] = r;
      count = rows;
    } else {
      const { colPointers, rowIndices, values } = A;
      for (let a = 0; a < block.length; a++) {
        const v = d[a];
        if (v === 0) continue;
        const end = colPointers[block[a] + 1];
        for (let k = colPointers[block[a]]; k < end; k++) {
          const r = rowIndices[k];
          if (mark[r] === 0) {
            mark[r] = 1;
            rowsTouched[count++] = r;
          }
          step[r] += v * values[k];
        }
      }
    }
    this.touchedCount = count;
  }

  change(block: Int32Array, d: Float64Array): number {
    this.spread(block, d);
    const { loss } = this.model;
    const { margins, step, rowsTouched } = this;
    let sum = 0;
    for (let t = 0; t < this.touchedCount; t++) {
      const r = rowsTouched[t];
      sum += loss.change(r, margins[r], step[r]);
    }
    return sum;
  }

  apply(block: Int32Array, d: Float64Array): void {
    this.spread(block, d);
    const { loss } = this.model;
    const { margins, slopes, step, rowsTouched, touchedCount } = this;
    for (let a = 0; a < block.length; a++) this.x[block[a]] += d[a];
    const incremental = !this.stale && this.wanted && this.worthUpdating();
    for (let t = 0; t < touchedCount; t++) {
      const r = rowsTouched[t];
      margins[r] += step[r];
      if (slopes !== margins) {
        const slope = loss.slope(r, margins[r]);
        step[r] = slope - slopes[r]; // from here on the change of the slope
        slopes[r] = slope;
      }
    }
    if (incremental) {
      const { colPointers, rowIndices, values } = this.model.rowsOfA!;
      const { g } = this;
      for (let t = 0; t < touchedCount; t++) {
        const r = rowsTouched[t];
        const s = step[r];
        const end = colPointers[r + 1];
        for (let k = colPointers[r]; k < end; k++) g[rowIndices[k]] += s * values[k];
      }
    } else if (touchedCount > 0) this.stale = true;
    this.wanted = false;
  }

  /** Updating g over the touched rows is cheaper than recomputing it if they contain less than about a third of A. */
  private worthUpdating(): boolean {
    if (this.model.A.kind === 'dense' || this.touchedCount * 3 > this.margins.length) return false;
    const { colPointers } = this.model.rowsOfA!;
    let work = 0;
    for (let t = 0; t < this.touchedCount; t++) {
      const r = this.rowsTouched[t];
      work += colPointers[r + 1] - colPointers[r];
    }
    return work * 3 < this.rowWork;
  }

  refresh(): number {
    const exact = new Float64Array(this.margins.length);
    this.computeMargins(exact);
    let drift = 0;
    let scale = 0;
    for (let r = 0; r < exact.length; r++) {
      drift = Math.max(drift, Math.abs(exact[r] - this.margins[r]));
      scale = Math.max(scale, Math.abs(exact[r] - this.model.offset[r]), Math.abs(this.model.offset[r]));
    }
    this.margins.set(exact);
    this.computeSlopes();
    this.stale = true;
    return scale > 0 ? drift / scale : drift;
  }
}
