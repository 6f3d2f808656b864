import { Arena, type Block } from '@southwell/kernels';
import { Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';

/** Vector length from which kernels pay for the cost of a memory of their own. */
const LONG = 4096;

/** Number of values per memory, which must stay below 4 GiB. */
const PANEL = 2 ** 26;

/** Orthonormal vectors. */
interface Basis {
  add(v: Float64Array): void;
  vector(i: number): Float64Array;
  /** Removes from w its components in the span, twice, so that nothing of them remains. */
  orthogonalise(w: Float64Array): void;
}

class ShortBasis implements Basis {
  private readonly vectors: Float64Array[] = [];
  add(v: Float64Array): void {
    this.vectors.push(v);
  }
  vector(i: number): Float64Array {
    return this.vectors[i];
  }
  orthogonalise(w: Float64Array): void {
    for (let pass = 0; pass < 2; pass++) for (const u of this.vectors) axpy(-dot(w, u), u, w);
  }
}

/** Stored in memories of its own, which are not affected by allocations elsewhere and are freed with the object. */
class LongBasis implements Basis {
  private readonly panels: Array<{ readonly w: Block<Float64Array>; readonly vectors: Array<Block<Float64Array>> }> =
    [];
  private readonly each: number;

  constructor(private readonly n: number) {
    this.each = Math.max(1, Math.floor(PANEL / n));
  }

  add(v: Float64Array): void {
    let last = this.panels.at(-1);
    if (!last || last.vectors.length === this.each) {
      last = { w: new Arena().f64Block(this.n), vectors: [] };
      this.panels.push(last);
    }
    const block = last.w.arena.f64Block(this.n);
    block.view.set(v);
    last.vectors.push(block);
  }

  vector(i: number): Float64Array {
    return this.panels[Math.floor(i / this.each)].vectors[i % this.each].view;
  }

  orthogonalise(w: Float64Array): void {
    const { n, panels } = this;
    for (let pass = 0; pass < 2; pass++) {
      for (const { w: own, vectors } of panels) {
        own.view.set(w);
        const { kernels } = own.arena;
        for (const { pointer } of vectors) kernels.axpy(n, -kernels.dot(n, own.pointer, pointer), pointer, own.pointer);
        w.set(own.view);
      }
    }
  }
}

/**
 * The Lanczos process for a symmetric operator given by its products, with full reorthogonalisation (Paige 1972; Golub
 * & Van Loan, §10.1): each step adds a vector to the orthonormal basis, in which the operator is tridiagonal.
 */
export class LanczosProcess {
  /** The diagonal and the subdiagonal: beta[k] couples vectors k and k + 1. */
  readonly alpha: number[] = [];
  readonly beta: number[] = [];
  private readonly basis: Basis;
  private readonly w: Float64Array;
  private next: Float64Array | undefined;

  /** @param start not modified. @param product out ← A v. */
  constructor(
    private readonly product: (v: Float64Array, out: Float64Array) => void,
    start: Float64Array,
  ) {
    this.w = new Float64Array(start.length);
    this.basis = start.length < LONG ? new ShortBasis() : new LongBasis(start.length);
    this.begin(start);
  }

  private begin(start: Float64Array): void {
    this.next = start.slice();
    scale(this.next, 1 / norm(this.next));
  }

  /**
   * One step: a product, plus O(steps so far · n). Returns the last beta, which is 0 up to rounding if the Krylov space
   * is exhausted.
   */
  step(): number {
    const { basis, w } = this;
    const v = this.next!;
    basis.add(v);
    this.product(v, w);
    this.alpha.push(dot(w, v));
    basis.orthogonalise(w);
    const b = norm(w);
    this.beta.push(b);
    this.next = w.slice();
    scale(this.next, 1 / b);
    return b;
  }

  /**
   * Continues in another direction, with a subdiagonal entry of 0, when the Krylov space is exhausted, so that multiple
   * eigenvalues are found with their multiplicity. False if `start` lies in the span of the basis.
   */
  restart(start: Float64Array): boolean {
    const other = start.slice();
    const before = norm(other);
    this.basis.orthogonalise(other);
    if (!(norm(other) > 1e-8 * before)) return false;
    this.beta[this.beta.length - 1] = 0;
    this.begin(other);
    // Orthogonalised once more, because the remainder may have been short.
    this.basis.orthogonalise(this.next!);
    scale(this.next!, 1 / norm(this.next!));
    return true;
  }

  /** Vector i of the basis, valid until the next step. */
  vector(i: number): Float64Array {
    return this.basis.vector(i);
  }

  /**
   * Eigenvalues of the tridiagonal matrix, unsorted, and its eigenvectors: entry i of vector j at i·steps + j.
   * O(steps³).
   */
  ritz(): { values: Float64Array; vectors: Float64Array } {
    const { alpha, beta } = this;
    const m = alpha.length;
    const t = new Float64Array(m * m);
    for (let i = 0; i < m; i++) {
      t[i * m + i] = alpha[i];
      if (i > 0) t[i * m + i - 1] = t[(i - 1) * m + i] = beta[i - 1];
    }
    return symmetricEigen(t, m);
  }
}

/**
 * The largest eigenvalue of a symmetric positive semi-definite operator given by its products, by {@link
 * LanczosProcess}. Stops when the Ritz residual, which bounds the error, is ≤ tol·θ, or after `maxSteps`; returns θ +
 * residual, so that 1/value is a safe step length.
 *
 * @param product out ← A v.
 * @returns 0 for n = 0 or the zero operator. O(steps · (product + steps · n)).
 */
export function largestEigenvalueOf(
  product: (v: Float64Array, out: Float64Array) => void,
  n: number,
  options: { tol?: number; maxSteps?: number } = {},
): number {
  const { tol = 1e-7, maxSteps = 100 } = options;
  if (n === 0) return 0;
  const random = new Random(1);
  const process = new LanczosProcess(
    product,
    Float64Array.from({ length: n }, () => random.normal()),
  );
  const steps = Math.min(n, maxSteps);
  let best = 0;
  for (let k = 0; k < steps; k++) {
    const b = process.step();
    const last = k + 1 === steps || b <= Number.EPSILON * Math.abs(process.alpha[0]);
    if (last || k % 5 === 4) {
      const m = k + 1;
      const { values, vectors } = process.ritz();
      let top = 0;
      for (let i = 1; i < m; i++) if (values[i] > values[top]) top = i;
      const residual = b * Math.abs(vectors[(m - 1) * m + top]);
      best = Math.max(0, values[top]) + residual;
      if (last || residual <= tol * values[top]) return best;
    }
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function axpy(s: number, a: Float64Array, out: Float64Array): void {
  for (let i = 0; i < a.length; i++) out[i] += s * a[i];
}

function scale(a: Float64Array, s: number): void {
  for (let i = 0; i < a.length; i++) a[i] *= s;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
