import { DenseMatrix } from '@southwell/numerics/arrays';
import { ldlt } from '@southwell/numerics/linalg';
import { dot } from '../vectors.ts';

/** Range of the scale of the identity. */
const [LEAST, MOST] = [1e-8, 1e8];
/** Pairs that are skipped in a row before all are dropped. */
const SKIPS = 2;

/**
 * A limited-memory BFGS matrix B = σI − ΨM⁻¹Ψᵀ in place of the Hessian of the Lagrangian, with Ψ = (σS, Y) (Byrd,
 * Nocedal & Schnabel 1994, equation 3.5).
 */
export class LimitedMemory {
  scale = 1;
  private steps: Float64Array[] = [];
  private changes: Float64Array[] = [];
  private skipped = 0;
  /** The columns of Ψ, and M, which is symmetric, by columns. */
  columns: readonly Float64Array[] = [];
  middle = new Float64Array(0);

  /**
   * @param pairs Number of pairs that are kept.
   * @param largest Whether the scale is the largest curvature that the last pair suggests, yᵀy/sᵀy, or that along the
   * step, sᵀy/sᵀs.
   */
  constructor(
    private readonly pairs = 6,
    private readonly largest = false,
  ) {}

  /** Adds a step and the change of the gradient of the Lagrangian along it; pairs of negative curvature are skipped. */
  update(s: Float64Array, y: Float64Array): void {
    const [sy, ss, yy] = [dot(s, y), dot(s, s), dot(y, y)];
    if (ss === 0) return;
    if (!(sy > 1e-8 * Math.sqrt(ss * yy)) || !Number.isFinite(yy)) {
      if (++this.skipped >= SKIPS) this.clear();
      return;
    }
    this.skipped = 0;
    this.steps.push(s);
    this.changes.push(y);
    if (this.steps.length > this.pairs) {
      this.steps.shift();
      this.changes.shift();
    }
    this.scale = Math.min(Math.max(this.largest ? yy / sy : sy / ss, LEAST), MOST);
    this.assemble();
  }

  clear(): void {
    this.steps = [];
    this.changes = [];
    this.skipped = 0;
    this.scale = 1;
    this.assemble();
  }

  private assemble(): void {
    const { steps, changes, scale } = this;
    const k = steps.length;
    this.columns = [...steps.map((s) => s.map((v) => scale * v)), ...changes];
    const size = 2 * k;
    const M = new Float64Array(size * size);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        M[a * size + b] = scale * dot(steps[a], steps[b]);
        // L has the products of later steps with earlier changes, D those of each pair.
        if (a > b) M[a * size + k + b] = M[(k + b) * size + a] = dot(steps[a], changes[b]);
      }
      M[(k + a) * size + k + a] = -dot(steps[a], changes[a]);
    }
    this.middle = M;
  }

  /** out ← out − ΨM⁻¹Ψᵀx, over the first entries of x and out. */
  addLowRank(x: Float64Array, out: Float64Array): void {
    const { columns } = this;
    if (columns.length === 0) return;
    const t = solveSymmetric(
      this.middle,
      Float64Array.from(columns, (column) => dot(column, x)),
    );
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c];
      for (let j = 0; j < column.length; j++) out[j] -= t[c] * column[j];
    }
  }
}

/** A⁻¹b for a small symmetric matrix, by columns. Throws SINGULAR. */
export function solveSymmetric(A: Float64Array, b: Float64Array): Float64Array {
  const matrix = DenseMatrix.fromColumnMajor(A, b.length, b.length);
  const x = ldlt(matrix).solve(b);
  matrix.free();
  return x;
}
