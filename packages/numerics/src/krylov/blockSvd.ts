import type { DenseMatrix } from '../arrays/index.ts';
import { type Iterate, Random } from '../core/index.ts';
import { matrixProduct, type Svd } from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';
import { BlockBasis, fillNormal, firstRows, leadingVectors, place, scaleBy, scaleOf, splitRows } from './blockBasis.ts';

/** What the cycles take. */
interface Sizes {
  readonly rank: number;
  readonly seed: number;
  /** Vectors that a basis grows by; has at most; and starts again from. */
  readonly block: number;
  readonly most: number;
  readonly kept: number;
  readonly tol: number;
}

/** Where the cycles stand, as plain data: what the next one begins with, and the triplets so far. */
export interface SvdState {
  readonly iteration: number;
  /** Orthonormal rows, each as long as the shorter side, and their images; matrices by columns. */
  readonly basis: Float64Array;
  readonly images: Float64Array;
  readonly next: Float64Array;
  readonly known: Float64Array;
  readonly unit: number;
  readonly unconfirmed?: Float64Array;
  readonly random: readonly number[];
  readonly relative: number;
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly singularValues: Float64Array;
}

/** The triplets after a cycle; `relative` is the largest of {@link tripletResiduals} over σ₁. */
interface Found {
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly singularValues: Float64Array;
  readonly relative: number;
  readonly done?: 'converged' | 'stalled';
}

/**
 * Cycles that grow a basis by blocks of a Krylov space of XᵀX up to `most` vectors, give its best triplets, and start
 * again from `kept` of them.
 */
export function* krylov(A: Operator, sizes: Sizes, resume?: SvdState): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k, most, kept } = sizes;
  const squares = A.squaredNorm();
  const cycles = new Cycles(A, sizes, resume);
  try {
    for (let iteration = resume?.iteration ?? 1; ; iteration++) {
      // A snapshot may be asked for when kernel memory has been given back: these are plain arrays.
      const found: Found = resume && iteration === resume.iteration ? resume : cycles.run();
      const { U, V, singularValues, relative, done } = found;
      yield {
        iteration,
        objective: Math.max(0, squares - singularValues.reduce((sum, v) => sum + v * v, 0)),
        certificate: { kind: 'kktResidual', value: relative * singularValues[0], relative },
        work: { matrixVectorProducts: 2 * iteration * (most - kept) },
        done,
        snapshot: () => ({
          ...{ U: A.filled(U, A.rows, k), singularValues: singularValues.slice(), V: A.filled(V, A.cols, k) },
          ...(A.mean && { mean: A.mean }),
        }),
        // A basis that spans the whole side has nothing to go on with.
        checkpoint: done
          ? undefined
          : (): SvdState => ({ ...{ iteration, U, V, singularValues, relative }, ...cycles.state() }),
      };
      if (done) return;
      cycles.restart();
    }
  } finally {
    cycles.free();
  }
}

/** The basis, and what one cycle leaves for the next. */
class Cycles {
  private readonly random: Random;
  private readonly basis: BlockBasis;
  private readonly images: DenseMatrix[] = [];
  /** Whether the basis lies on the rows: it lies on the shorter side, n long; images on the other. */
  private readonly flip: boolean;
  private readonly n: number;
  private readonly across: number;
  private next: DenseMatrix | undefined;
  /** Singular values that a cycle from random directions has to confirm. */
  private unconfirmed: Float64Array | undefined;
  /** Of the kept triplets that the basis begins with. */
  private known = new Float64Array(0);
  private unit = 0;
  /** Of a cycle that has ended, until the next begins. */
  private ended: (Triplets & { readonly small: boolean }) | undefined;

  constructor(
    private readonly A: Operator,
    private readonly sizes: Sizes,
    resume: SvdState | undefined,
  ) {
    this.random = new Random(sizes.seed);
    this.flip = A.rows < A.cols;
    [this.n, this.across] = this.flip ? [A.rows, A.cols] : [A.cols, A.rows];
    const { n, across } = this;
    this.basis = new BlockBasis(A, this.random);
    if (!resume) {
      this.next = this.fresh();
      return;
    }
    this.random.restore(resume.random);
    this.basis.blocks.push(A.filled(resume.basis, resume.basis.length / n, n));
    this.images.push(A.filled(resume.images, resume.images.length / across, across));
    this.next = A.filled(resume.next, resume.next.length / n, n);
    this.known = resume.known.slice();
    this.unit = resume.unit;
    this.unconfirmed = resume.unconfirmed;
  }

  /** Random directions off the basis. */
  private fresh(): DenseMatrix {
    const { A, basis, random } = this;
    const B = A.wide(this.sizes.block, this.n);
    // A product with X first: directions that X shrinks matter less.
    const start = A.wide(B.rows, this.across);
    fillNormal(start, random);
    A.times(start, B, this.flip);
    start.free();
    basis.project(B);
    basis.makeOrthonormal(B);
    return B;
  }

  /** One cycle. */
  run(): Found {
    const { A, basis, images, random, flip } = this;
    const { rank: k, tol, most, kept } = this.sizes;
    // The basis' XᵀX, over `unit`, from the products that make the basis orthogonal.
    const T = new Float64Array(most * most);
    this.known.forEach((v, a) => {
      T[a * most + a] = (v / this.unit) * v;
    });
    const { total, remainder, last } = this.grow(T);
    const whole = total === this.n;
    const triplets = best(basis, images, T, most, whole ? this.n : kept, random);
    const { V, P, s, R, Q } = triplets;
    const found = flip ? A.finish(V, P.own, s, Q, R, k) : A.finish(Q, R, s, V, P.own, k);
    const top = s[0];
    let relative = 0;
    for (let i = 0; i < k && s[i] > 0; i++) {
      let sum = 0;
      for (let c = 0; c < remainder.length / Math.max(1, last); c++) {
        let dot = 0;
        for (let a = 0; a < last; a++) dot += remainder[c * last + a] * P.full[(total - last + a) * V.rows + i];
        sum += (dot / top) ** 2;
      }
      relative = Math.max(relative, Math.sqrt(sum) / (s[i] / this.unit));
    }
    const small = relative <= tol / 2;
    const same = this.unconfirmed?.every((v, i) => Math.abs(v - s[i]) <= tol * top);
    let done: Found['done'];
    if (whole || (small && same)) {
      const exact = tripletResiduals(A, found);
      relative = top > 0 ? exact.reduce((x, y) => Math.max(x, y), 0) / top : 0;
      done = relative <= tol ? 'converged' : whole ? 'stalled' : undefined;
    }
    const plain = { U: found.U.data.slice(), V: found.V.data.slice(), singularValues: found.singularValues };
    for (const M of [found.U, found.V]) M.free();
    this.ended = { ...triplets, small };
    return { ...plain, relative, done };
  }

  /**
   * Adds blocks to the basis and products to T. `remainder` · next, which is left over, is the last block's XᵀX v over
   * `unit`, off the basis.
   */
  private grow(T: Float64Array): { readonly total: number; readonly remainder: Float64Array; readonly last: number } {
    const { A, basis, images, n, across, flip } = this;
    const { most } = this.sizes;
    let total = this.known.length;
    let remainder = new Float64Array(0);
    let last = 0;
    while (this.next) {
      const V: DenseMatrix = this.next;
      last = V.rows;
      const Y = A.wide(last, across);
      A.times(V, Y, !flip);
      this.unit ||= scaleOf(Y);
      basis.blocks.push(V);
      images.push(Y);
      const from = total;
      total += last;
      this.next = undefined;
      remainder = new Float64Array(0);
      const width = Math.min(last, n - total);
      const full = total + width > most;
      const Z = A.wide(last, n);
      scaleBy(Y, 1 / this.unit);
      A.times(Y, Z, flip);
      scaleBy(Y, this.unit);
      basis.projectInto(T, most, from, Z);
      if (width > 0) {
        const F = firstRows(A, Z, width);
        basis.makeOrthonormal(F);
        const R = A.wide(last, width);
        matrixProduct(Z, F, R, { transB: true });
        remainder = R.data.slice();
        if (!full) place(T, most, R, from, total);
        R.free();
        this.next = F;
      }
      Z.free();
      if (full) break;
    }
    return { total, remainder, last };
  }

  /** Begins the next cycle with the best of the basis and the direction in which it would grow; once. */
  restart(): void {
    const { ended, A, basis, images } = this;
    if (!ended) return;
    const { kept, rank: k } = this.sizes;
    const { V, Y, P, s, R, Q, small } = ended;
    const m = V.rows;
    const select = (F: DenseMatrix, C: Float64Array, scale?: Float64Array) => {
      const small = A.wide(kept, m);
      for (let a = 0; a < kept; a++) for (let i = 0; i < m; i++) small.set(a, i, C[i * m + a] * (scale?.[a] ?? 1));
      const out = A.wide(kept, F.cols);
      matrixProduct(small, F, out);
      small.free();
      return out;
    };
    for (const M of [...basis.blocks, ...images]) M.free();
    this.known = s.slice(0, kept);
    basis.blocks.splice(0, basis.blocks.length, select(V, P.own));
    images.splice(0, images.length, select(Q, R, s));
    for (const M of [V, Y, Q]) M.free();
    this.ended = undefined;
    this.unconfirmed = small ? s.slice(0, k) : undefined;
    if (small || !this.next) {
      this.next?.free();
      this.next = undefined;
      this.next = this.fresh();
    }
  }

  /** What the next cycle begins with. */
  state(): Pick<SvdState, 'basis' | 'images' | 'next' | 'known' | 'unit' | 'unconfirmed' | 'random'> {
    this.restart();
    const { basis, images, next, known, unit, unconfirmed, random } = this;
    return {
      basis: basis.blocks[0].data.slice(),
      images: images[0].data.slice(),
      next: next!.data.slice(),
      ...{ known: known.slice(), unit, unconfirmed, random: random.state() },
    };
  }

  free(): void {
    this.next?.free();
    this.basis.free();
    const held = this.ended ? [this.ended.V, this.ended.Y, this.ended.Q] : [];
    for (const M of [...this.images, ...held]) M.free();
  }
}

type Triplets = ReturnType<typeof best>;

/** ‖Xᵀu − σv‖ of each triplet, or of an X with fewer rows than columns ‖Xv − σu‖: the other side is rounding. */
export function tripletResiduals(A: Operator, { U, V, singularValues: s }: Svd): Float64Array {
  return A.rows < A.cols ? A.residuals(V, U, s, true) : A.residuals(U, V, s, false);
}

/**
 * The best triplets of a basis V with images Y = VX: all of them, or the `keep` best by the eigenvectors of YYᵀ = T, whose
 * squares only choose; then the SVD Y = P diag(s) RᵀQ of what was kept. `own` belongs to the V given back, `full` (a row
 * for each vector of the basis) to the basis.
 */
function best(
  basis: BlockBasis,
  images: readonly DenseMatrix[],
  T: Float64Array,
  ld: number,
  keep: number,
  random: Random,
) {
  const m = basis.blocks.reduce((sum, V) => sum + V.rows, 0);
  const count = Math.min(keep, m);
  let E: Float64Array;
  if (m <= keep) {
    E = new Float64Array(m * m);
    for (let i = 0; i < m; i++) E[i * m + i] = 1;
  } else E = leadingVectors(T, ld, m, count);
  const V = basis.combine(E, count);
  const Y = basis.combine(E, count, images);
  const { P, ...rest } = splitRows(Y, random);
  const full = new Float64Array(m * count);
  for (let i = 0; i < m; i++) {
    for (let a = 0; a < count; a++) {
      const v = E[i * count + a];
      if (v !== 0) for (let c = 0; c < count; c++) full[i * count + c] += v * P[a * count + c];
    }
  }
  return { V, Y, P: { own: P, full }, ...rest };
}
