import { CscMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { analyse, type SparseLdltFactor, type SymmetricAnalysis } from '@southwell/numerics/sparse';
import { largest } from '../vectors.ts';
import { beside, type Columns, transposed } from './columns.ts';

/** Largest number of corrections of a solve. */
const CORRECTIONS = 6;
/** Pivot thresholds: to begin with, and from where on too many pivots would wait. */
const TIGHT = 0.01;
const LOOSE = 1e-8;
/** Growth of the factor by waiting pivots, and its least size, from which the looser threshold is taken. */
const GROWTH = 2;
const LARGE = 200_000;
/** Relative residual that is not corrected further. */
const ENOUGH = 1e-15;

/**
 * The matrices [P + X, Aᵀ; A, −Y] with diagonal X and Y, one pattern for all: variables that are held and rows that are
 * left out keep their places, with zeros beside a diagonal of ±1. Each cone has a further column in A, after those of
 * the variables, with entries in its rows.
 */
export class KktSystem {
  private readonly K: CscMatrix;
  private readonly analysis: SymmetricAnalysis;
  private factor: SparseLdltFactor | undefined;
  private readonly A: Columns;
  private readonly rowsOfA: Columns;
  /** Entries of P below the diagonal, those of A, and the diagonal: places in K. */
  private readonly diagonal: Int32Array;
  private readonly baseDiagonal: Float64Array;
  private readonly variables: Float64Array;
  private readonly rows: Float64Array;
  private held: Uint8Array;
  private out: Uint8Array;
  private readonly residual: Float64Array;
  readonly n: number;
  readonly m: number;
  factorisations = 0;
  /** Of pivots: the matrix is quasi-definite, so that a small one is sound up to rounding. */
  private threshold: number;
  private mayLoosen = true;

  /** Entries of the columns of cones, one per row of a cone; they count from the next factorisation on. */
  readonly coneColumns: Float64Array;
  private readonly P: Columns;

  constructor(givenP: Columns, givenA: Columns, cones: Int32Array = Int32Array.of(givenA.rows)) {
    const [P, A] = cones.length > 1 ? withConeColumns(givenP, givenA, cones) : [givenP, givenA];
    const [n, m] = [P.cols, A.rows];
    [this.n, this.m, this.P, this.A] = [n, m, P, A];
    this.coneColumns = A.value.subarray(givenA.value.length);
    // Rows of a cone wait for one another at its column, which fills large ones.
    this.threshold = cones.length > 1 ? LOOSE : TIGHT;
    this.rowsOfA = transposed(A);
    this.baseDiagonal = new Float64Array(n);
    let below = 0;
    for (let j = 0; j < n; j++) {
      for (let k = P.start[j]; k < P.start[j + 1]; k++) if (P.index[k] > j) below++;
    }
    const K = CscMatrix.create(n + m, n + m, below + A.value.length + n + m);
    const { colPointers, rowIndices } = K;
    this.diagonal = new Int32Array(n + m);
    let at = 0;
    for (let j = 0; j < n; j++) {
      this.diagonal[j] = at;
      rowIndices[at++] = j;
      for (let k = P.start[j]; k < P.start[j + 1]; k++) {
        if (P.index[k] === j) this.baseDiagonal[j] = P.value[k];
        else if (P.index[k] > j) rowIndices[at++] = P.index[k];
      }
      for (let k = A.start[j]; k < A.start[j + 1]; k++) rowIndices[at++] = n + A.index[k];
      colPointers[j + 1] = at;
    }
    for (let i = 0; i < m; i++) {
      this.diagonal[n + i] = at;
      rowIndices[at++] = n + i;
      colPointers[n + i + 1] = at;
    }
    this.K = K;
    this.analysis = analyse(K);
    [this.variables, this.rows] = [new Float64Array(n), new Float64Array(m)];
    [this.held, this.out] = [new Uint8Array(n), new Uint8Array(m)];
    this.residual = new Float64Array(n + m);
  }

  /**
   * Factorises the matrix with the diagonals X and Y, shifted by `shift` until it is nonsingular.
   * @throws NUMERICAL if no shift helps.
   */
  factorise(X: Float64Array, Y: Float64Array, held: Uint8Array, out: Uint8Array, shift = 0): void {
    this.variables.set(X);
    this.rows.set(Y);
    [this.held, this.out] = [held, out];
    const first = this.m - this.coneColumns.length;
    // Entries of the last columns are the last ones of their rows.
    for (let i = first; i < this.m; i++)
      this.rowsOfA.value[this.rowsOfA.start[i + 1] - 1] = this.coneColumns[i - first];
    for (let more = shift, turn = 0; ; turn++, more = Math.max(100 * more, 1e-12)) {
      this.fill(more);
      try {
        this.factorisations++;
        this.factor = this.analysis.ldlt(this.K, { reuse: this.factor, threshold: this.threshold });
        const { entries } = this.factor;
        if (this.mayLoosen && entries > LARGE && entries > GROWTH * this.analysis.factorEntries) this.threshold = LOOSE;
        const probe = this.factor.solve(new Float64Array(this.n + this.m).fill(1));
        if (Number.isFinite(largest(probe))) return;
      } catch (error) {
        if (!(error instanceof SouthwellError) || turn >= 5) throw error;
      }
      if (turn >= 5) throw new SouthwellError('NUMERICAL', 'The optimality system could not be factorised.');
    }
  }

  /** Makes pivots safer, if they can be; for solves that turn out inexact. */
  tighten(): boolean {
    this.mayLoosen = false;
    if (this.threshold >= TIGHT) return false;
    this.threshold = Math.min(TIGHT, 1000 * this.threshold);
    return true;
  }

  private fill(shift: number): void {
    const { n, m, P, A, K, held, out, diagonal, baseDiagonal, variables, rows } = this;
    const { values } = K;
    for (let j = 0; j < n; j++) {
      let at = diagonal[j];
      values[at++] = held[j] ? 1 : baseDiagonal[j] + variables[j] + shift;
      for (let k = P.start[j]; k < P.start[j + 1]; k++) {
        const i = P.index[k];
        if (i > j) values[at++] = held[j] || held[i] ? 0 : P.value[k];
      }
      for (let k = A.start[j]; k < A.start[j + 1]; k++) values[at++] = held[j] || out[A.index[k]] ? 0 : A.value[k];
    }
    for (let i = 0; i < m; i++) values[diagonal[n + i]] = out[i] ? -1 : -rows[i] - shift;
  }

  /** Whether the last matrix has more negative eigenvalues than rows. */
  hasExcess(): boolean {
    return (this.factor?.inertia().negative ?? 0) > this.m;
  }

  /**
   * Solves for the right-hand side b, whose entries of held variables and of rows left out do not count, and corrects
   * the solution by its residual. X and Y of the residual may differ from those that were factorised. Returns the
   * residual relative to b.
   */
  solve(b: Float64Array, x: Float64Array, X = this.variables, Y = this.rows, corrections = CORRECTIONS): number {
    const { factor, residual, held, out, n, m } = this;
    if (!factor) return Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) if (held[j]) b[j] = 0;
    for (let i = 0; i < m; i++) if (out[i]) b[n + i] = 0;
    const size = largest(b);
    x.fill(0);
    if (size === 0) return 0;
    residual.set(b);
    let best = Number.POSITIVE_INFINITY;
    let error = 1;
    for (let turn = 0; ; turn++) {
      const step = factor.solve(residual);
      for (let i = 0; i < n + m; i++) x[i] += step[i];
      this.subtract(b, x, X, Y);
      error = largest(residual) / size;
      if (!(error < 0.5 * best)) {
        if (!(error < best)) {
          for (let i = 0; i < n + m; i++) x[i] -= step[i];
          return best;
        }
        return error;
      }
      best = error;
      if (error <= ENOUGH || turn >= corrections) return error;
    }
  }

  /** residual ← b − Kx. */
  private subtract(b: Float64Array, x: Float64Array, X: Float64Array, Y: Float64Array): void {
    const { residual: r, held, out, n, m, P, A, rowsOfA } = this;
    for (let j = 0; j < n; j++) {
      if (held[j]) {
        r[j] = 0;
        continue;
      }
      let sum = 0;
      for (let k = P.start[j]; k < P.start[j + 1]; k++) sum += P.value[k] * x[P.index[k]];
      for (let k = A.start[j]; k < A.start[j + 1]; k++) sum += A.value[k] * x[n + A.index[k]];
      r[j] = b[j] - sum - X[j] * x[j];
    }
    for (let i = 0; i < m; i++) {
      if (out[i]) {
        r[n + i] = 0;
        continue;
      }
      let sum = 0;
      for (let k = rowsOfA.start[i]; k < rowsOfA.start[i + 1]; k++) sum += rowsOfA.value[k] * x[rowsOfA.index[k]];
      r[n + i] = b[n + i] - sum + Y[i] * x[n + i];
    }
  }

  free(): void {
    this.factor?.free();
    this.K.free();
  }
}

function withConeColumns(P: Columns, A: Columns, cones: Int32Array): [Columns, Columns] {
  const count = cones.length - 1;
  const n = P.cols + count;
  const start = new Int32Array(n + 1).fill(P.value.length);
  start.set(P.start);
  const rows = Int32Array.from({ length: cones[count] - cones[0] }, (_, i) => cones[0] + i);
  const own = {
    ...{ rows: A.rows, cols: count, start: cones.map((at) => at - cones[0]), index: rows },
    value: new Float64Array(rows.length),
  };
  return [{ ...P, rows: n, cols: n, start }, beside(A, own)];
}
