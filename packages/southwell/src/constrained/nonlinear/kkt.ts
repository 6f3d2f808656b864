import { CscMatrix } from '@southwell/numerics/arrays';
import {
  analyse,
  type Pattern,
  type SparseLdltFactor,
  type SymmetricAnalysis,
  saddlePairs,
} from '@southwell/numerics/sparse';
import { dot, largest } from '../vectors.ts';
import { addProduct, addTransposed, type BarrierProblem } from './barrierProblem.ts';
import { equilibrate } from './equilibrate.ts';
import { type LimitedMemory, solveSymmetric } from './limitedMemory.ts';
import { Perturbations } from './perturbation.ts';

/** Corrections of a solution, and the relative residual from which they are not needed. */
const CORRECTIONS = 10;
const ACCURATE = 1e-10;
/** Threshold of pivots, which inaccurate solutions raise to a power and at most to the last number, as in Ipopt. */
const [PIVOT, RAISE, LARGEST_PIVOT] = [1e-6, 0.75, 0.1];
/** Pivots up to this share of the largest entry of their row count as zero. */
const ROUNDING = 1e-12;
/** The relative residual from which a system counts as singular. */
const INACCURATE = 1e-5;

type Outcome = 'right' | 'wrong' | 'singular';

/**
 * The system of a Newton step,
 *
 *     (W + Σ + δI   Jᵀ  ) (dw)   (rw)
 *     (J          −γI   ) (dy) = (rc)
 *
 * where auxiliary variables are eliminated and δ is as small as the inertia (n, m, 0) allows. Each is factorised in
 * the memory of the one before.
 */
export class KktSystem {
  factorisations = 0;
  private perturbations: Perturbations;
  private threshold = PIVOT;
  /** K⁻¹(Ψ; 0) and M − (Ψ; 0)ᵀK⁻¹(Ψ; 0), if the Hessian is a limited-memory matrix. */
  private lowRank: { readonly Z: readonly Float64Array[]; readonly C: Float64Array } | undefined;
  private readonly matrix: CscMatrix;
  private analysis: SymmetricAnalysis | undefined;
  private factor: SparseLdltFactor | undefined;
  /** Positions in the matrix of the diagonal, of the entries of the Hessian and of those of the Jacobian. */
  private readonly places: { diagonal: Int32Array; hessian: Int32Array; jacobian: Int32Array };
  private readonly hessian: Pattern;
  private W: Float64Array;
  private J: Float64Array;
  private sigma: Float64Array;
  /** The diagonal of S: the factors are those of SKS, so that pivots are not compared by the units of rows. */
  private readonly scale: Float64Array;

  /** @param memory The Hessian, if the problem has none; its scale is part of Σ. */
  constructor(
    private readonly problem: BarrierProblem,
    private memory?: LimitedMemory,
  ) {
    const { n, m, jacobian } = problem;
    this.hessian = problem.hessian ?? emptyPattern(n);
    const { matrix, ...places } = assemble(n, m, this.hessian, jacobian);
    this.matrix = matrix;
    this.places = places;
    this.scale = new Float64Array(n + m);
    this.perturbations = new Perturbations(m > 0);
    this.W = new Float64Array(0);
    this.J = this.W;
    this.sigma = this.W;
  }

  /** The perturbation δ of the last factorisation. */
  get delta(): number {
    return this.perturbations.delta;
  }

  /**
   * Factorises with the least perturbation that gives the right inertia.
   * @param sigma The diagonal Σ of all variables, with proximal terms.
   * @param gamma The value of γ if rows are dependent.
   * @returns false if there is none: the derivatives are not finite or the perturbation is too large.
   */
  prepare(W: Float64Array, J: Float64Array, sigma: Float64Array, gamma: number): boolean {
    this.W = W;
    this.J = J;
    this.sigma = sigma;
    // Pairs of pivots are chosen by the first Jacobian.
    this.analysis ??= analyse(this.matrix, { pairs: saddlePairs(this.problem.jacobian, J) });
    this.perturbations.begin(gamma);
    return this.regularise(this.attempt());
  }

  /**
   * dy ← the y of least ‖rw − Jᵀy‖: solves the system with W + Σ = I, in the memory of the others.
   * @returns Whether there is one.
   */
  leastSquares(J: Float64Array, rw: Float64Array, dy: Float64Array): boolean {
    const { perturbations, memory, problem } = this;
    this.perturbations = new Perturbations(problem.m > 0);
    this.memory = undefined;
    const W = new Float64Array(this.hessian.rowIndices.length);
    const ones = new Float64Array(rw.length).fill(1);
    const none = new Float64Array(problem.m);
    const good =
      this.prepare(W, J, ones, 1e-8) && !KktSystem.useless(this.solve(rw, none, new Float64Array(rw.length), dy));
    this.perturbations = perturbations;
    this.memory = memory;
    return good;
  }

  /** After an inaccurate solution: asks for better pivots or, if there are none, takes the system as singular. */
  strengthen(): boolean {
    if (this.threshold < LARGEST_PIVOT) {
      this.threshold = Math.min(LARGEST_PIVOT, this.threshold ** RAISE);
      return this.regularise(this.attempt());
    }
    return this.regularise('singular');
  }

  /** Perturbs the system until its inertia is right; returns false if no perturbation is enough. */
  private regularise(first: Outcome): boolean {
    const { perturbations } = this;
    for (let outcome = first; outcome !== 'right'; outcome = this.attempt()) {
      if (!(outcome === 'singular' ? perturbations.singular() : perturbations.wrong())) return false;
    }
    return true;
  }

  private attempt(): Outcome {
    const { n, m, auxiliary } = this.problem;
    const { matrix, places, W, J, sigma } = this;
    const { delta, gamma } = this.perturbations;
    const { values } = matrix;
    values.fill(0);
    for (let k = 0; k < W.length; k++) values[places.hessian[k]] += W[k];
    for (let k = 0; k < J.length; k++) values[places.jacobian[k]] = J[k];
    for (let j = 0; j < n; j++) values[places.diagonal[j]] += sigma[j] + delta;
    for (let i = 0; i < m; i++) values[places.diagonal[n + i]] = -gamma;
    for (let a = 0; a < auxiliary.row.length; a++) {
      values[places.diagonal[n + auxiliary.row[a]]] -= 1 / (sigma[n + a] + delta);
    }
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[k] * 0;
    if (sum !== 0) return 'wrong';
    equilibrate(matrix, this.scale);
    this.factorisations++;
    try {
      this.factor = this.analysis!.ldlt(matrix, { reuse: this.factor, threshold: this.threshold });
    } catch {
      // Values left the range of doubles.
      return 'wrong';
    }
    const { negative, zero } = this.factor.inertia();
    if (zero > 0 || this.nearlySingular()) return 'singular';
    if (negative !== m) return 'wrong';
    this.lowRank = this.memory && this.memory.columns.length > 0 ? this.update(this.memory) : undefined;
    return 'right';
  }

  /** Whether a pivot is only the rounding error of the entries of its row. */
  private nearlySingular(): boolean {
    const { colPointers, rowIndices, values, cols } = this.matrix;
    const most = new Float64Array(cols);
    for (let j = 0; j < cols; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const size = Math.abs(values[k]);
        if (size > most[j]) most[j] = size;
        if (size > most[rowIndices[k]]) most[rowIndices[k]] = size;
      }
    }
    const pivots = this.factor!.pivotSizes();
    for (let k = 0; k < cols; k++) if (pivots[k] <= ROUNDING * most[k]) return true;
    return false;
  }

  /** Prepares solves with K − (Ψ; 0)M⁻¹(Ψ; 0)ᵀ by the formula of Sherman, Morrison and Woodbury. */
  private update({ columns, middle }: LimitedMemory) {
    const { n, m } = this.problem;
    const Z = columns.map((column) => {
      const right = new Float64Array(n + m);
      right.set(column);
      return this.solveScaled(right);
    });
    const size = columns.length;
    const C = middle.slice();
    for (let b = 0; b < size; b++) for (let a = 0; a < size; a++) C[b * size + a] -= dot(columns[a], Z[b]);
    return { Z, C };
  }

  /**
   * dw, dy ← the solution, refined by residuals of the whole system.
   * @returns The residual relative to the right-hand side and the solution.
   */
  solve(rw: Float64Array, rc: Float64Array, dw: Float64Array, dy: Float64Array): number {
    const [w, c] = [rw.slice(), rc.slice()];
    dw.fill(0);
    dy.fill(0);
    const size = Math.max(largest(rw), largest(rc));
    if (size === 0) return 0;
    let last = Number.POSITIVE_INFINITY;
    const [tw, ty] = [new Float64Array(dw.length), new Float64Array(dy.length)];
    for (let round = 0; round <= CORRECTIONS; round++) {
      this.correct(w, c, tw, ty);
      for (let k = 0; k < dw.length; k++) dw[k] += tw[k];
      for (let k = 0; k < dy.length; k++) dy[k] += ty[k];
      this.residual(rw, rc, dw, dy, w, c);
      const most = Math.max(largest(w), largest(c));
      const relative = most / (size + Math.min(Math.max(largest(dw), largest(dy)), 1e6 * size));
      if (!(relative < last)) {
        if (round === 0) return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
        for (let k = 0; k < dw.length; k++) dw[k] -= tw[k];
        for (let k = 0; k < dy.length; k++) dy[k] -= ty[k];
        return last;
      }
      if (relative <= ACCURATE) return relative;
      if (round > 0 && relative > 0.5 * last) return relative;
      last = relative;
    }
    return last;
  }

  /** Whether a residual of {@link KktSystem.solve} tells that the factors are useless. */
  static useless(residual: number): boolean {
    return !(residual <= INACCURATE);
  }

  private solveScaled(right: Float64Array): Float64Array {
    const { scale } = this;
    for (let k = 0; k < right.length; k++) right[k] *= scale[k];
    const found = this.factor!.solve(right);
    for (let k = 0; k < found.length; k++) found[k] *= scale[k];
    return found;
  }

  /** One solve with the factors. */
  private correct(rw: Float64Array, rc: Float64Array, dw: Float64Array, dy: Float64Array): void {
    const { n, m, auxiliary } = this.problem;
    const { sigma } = this;
    const { delta } = this.perturbations;
    const right = new Float64Array(n + m);
    for (let j = 0; j < n; j++) right[j] = rw[j];
    for (let i = 0; i < m; i++) right[n + i] = rc[i];
    const { row, coefficient } = auxiliary;
    for (let a = 0; a < row.length; a++) {
      right[n + row[a]] -= (coefficient[a] * rw[n + a]) / (sigma[n + a] + delta);
    }
    let finite = true;
    for (let k = 0; k < right.length && finite; k++) finite = Number.isFinite(right[k]);
    if (!finite) {
      dw.fill(Number.NaN);
      return;
    }
    const found = this.solveScaled(right);
    if (this.lowRank) {
      const { Z, C } = this.lowRank;
      const t = solveSymmetric(
        C,
        Float64Array.from(this.memory!.columns, (column) => dot(column, found)),
      );
      for (let c = 0; c < Z.length; c++) for (let k = 0; k < found.length; k++) found[k] += t[c] * Z[c][k];
    }
    for (let j = 0; j < n; j++) dw[j] = found[j];
    for (let i = 0; i < m; i++) dy[i] = found[n + i];
    for (let a = 0; a < row.length; a++) {
      dw[n + a] = (rw[n + a] - coefficient[a] * dy[row[a]]) / (sigma[n + a] + delta);
    }
  }

  /** w, c ← the right-hand side less the product of the system with the solution. */
  private residual(
    rw: Float64Array,
    rc: Float64Array,
    dw: Float64Array,
    dy: Float64Array,
    w: Float64Array,
    c: Float64Array,
  ): void {
    const { n, m, auxiliary, jacobian } = this.problem;
    const { W, J, sigma, hessian } = this;
    const { delta, gamma } = this.perturbations;
    for (let k = 0; k < w.length; k++) w[k] = (sigma[k] + delta) * dw[k];
    addSymmetric(hessian, W, dw, w);
    this.memory?.addLowRank(dw, w);
    addTransposed(jacobian, J, dy, w);
    for (let i = 0; i < m; i++) c[i] = -gamma * dy[i];
    addProduct(jacobian, J, dw, c);
    const { row, coefficient } = auxiliary;
    for (let a = 0; a < row.length; a++) {
      w[n + a] += coefficient[a] * dy[row[a]];
      c[row[a]] += coefficient[a] * dw[n + a];
    }
    for (let k = 0; k < w.length; k++) w[k] = rw[k] - w[k];
    for (let i = 0; i < m; i++) c[i] = rc[i] - c[i];
  }

  release(): void {
    this.factor?.free();
    this.factor = undefined;
  }
}

/** out ← out + Wx for the lower triangle of a symmetric matrix; x may be longer. */
export function addSymmetric(W: Pattern, values: Float64Array, x: Float64Array, out: Float64Array): void {
  const { colPointers, rowIndices, cols } = W;
  for (let j = 0; j < cols; j++) {
    const v = x[j];
    let sum = 0;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      sum += values[k] * x[i];
      if (i !== j) out[i] += values[k] * v;
    }
    out[j] += sum;
  }
}

export const emptyPattern = (n: number): Pattern => ({
  rows: n,
  cols: n,
  colPointers: new Int32Array(n + 1),
  rowIndices: new Int32Array(0),
});

/** The lower triangle of the matrix, with a whole diagonal, and where its parts are. */
function assemble(n: number, m: number, H: Pattern, J: Pattern) {
  const order = n + m;
  const diagonal = new Int32Array(order);
  const hessian = new Int32Array(H.rowIndices.length);
  const jacobian = new Int32Array(J.rowIndices.length);
  const colPointers = new Int32Array(order + 1);
  const rowIndices = new Int32Array(hessian.length + jacobian.length + order);
  let at = 0;
  for (let j = 0; j < order; j++) {
    colPointers[j] = at;
    diagonal[j] = at;
    rowIndices[at++] = j;
    if (j >= n) continue;
    for (const k of ascending(H, j)) {
      const row = H.rowIndices[k];
      if (row === j) hessian[k] = diagonal[j];
      else {
        hessian[k] = at;
        rowIndices[at++] = row;
      }
    }
    for (const k of ascending(J, j)) {
      jacobian[k] = at;
      rowIndices[at++] = n + J.rowIndices[k];
    }
  }
  colPointers[order] = at;
  const matrix = CscMatrix.fromColumns(order, order, colPointers, rowIndices.subarray(0, at), new Float64Array(at));
  return { matrix, diagonal, hessian, jacobian };
}

/** The entries of column j in the order of their rows. */
function ascending({ colPointers, rowIndices }: Pattern, j: number): number[] {
  const entries: number[] = [];
  for (let k = colPointers[j]; k < colPointers[j + 1]; k++) entries.push(k);
  return entries.sort((a, b) => rowIndices[a] - rowIndices[b]);
}
