import type { DenseMatrix } from '../arrays/index.ts';
import { type Iterate, inOnePlace, ownColumns, ownRows, Random, type SplitRows, wholeColumns } from '../core/index.ts';
import { innerProducts, orthonormaliseRows, type Svd, squaresOf } from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';
import {
  BlockBasis,
  fillNormal,
  firstRows,
  identity,
  leadingRows,
  leadingVectors,
  leastPivot,
  place,
  scaleBy,
  scaleOf,
  splitRows,
  takeOff,
} from './blockBasis.ts';
import { residualIn, residualOf, sameSize } from './ritzResiduals.ts';

/** Settings of the cycles. */
interface Sizes {
  readonly rank: number;
  readonly seed: number;
  /** Number of vectors by which a basis grows, maximum size, and size after a restart. */
  readonly block: number;
  readonly most: number;
  readonly kept: number;
  readonly tol: number;
}

/** Resumable state of the cycles, as plain data over all rows: the next starting basis, and the triplets so far. */
export interface SvdState {
  readonly iteration: number;
  /** Orthonormal rows of the length of the shorter side; matrices are column-major. */
  readonly basis: Float64Array;
  readonly next: Float64Array;
  /** Eigenvalues of XXᵀ, divided by `unit`, that belong to the basis. */
  readonly known: Float64Array;
  readonly unit: number;
  /** Those that the next cycle has to confirm. */
  readonly unconfirmed?: Float64Array;
  /** Size of the next random block; residuals of the last block; number of confirmations without improvement. */
  readonly width: number;
  readonly lost: number;
  readonly futile: number;
  readonly products: number;
  readonly random: readonly number[];
  readonly relative: number;
  /** Current singular values from the basis, which give the objective. */
  readonly sizes: Float64Array;
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly singularValues: Float64Array;
}

/** A completed cycle; `relative` is the largest of {@link tripletResiduals} divided by σ₁. */
interface Found {
  readonly relative: number;
  readonly done?: 'converged' | 'stalled';
}

/** The best vectors of a cycle and their eigenvalues. */
interface Ended {
  readonly V: DenseMatrix;
  readonly values: Float64Array;
  /** Accurate enough to be confirmed, or not improvable in this way; the next cycle then starts from them alone. */
  readonly small: boolean;
  readonly again: boolean;
}

interface Triplets {
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly singularValues: Float64Array;
  /** The residuals, if they have been computed. */
  readonly residuals?: Float64Array;
}

/** Convergence is first tested when the basis has this many times the rank, then whenever it has grown by a tenth. */
const FIRST_LOOK = 1.5;
const GROWTH = 0.1;
/** Number of products with XXᵀ that random blocks undergo when searching for missed triplets. */
const CONFIRMING = 8;
/** Fraction of the tolerance required before confirmation; the confirming cycle loses some accuracy. */
const SMALL = 1 / 3;
/** If less than this fraction of a block's image lies outside the basis, it is orthogonalised again. */
const LOSS = 1e-3;

/**
 * Cycles that extend a basis by blocks of a Krylov space of XXᵀ until its leading triplets are accurate or it has
 * `most` vectors, and then restart from the best vectors.
 */
export function* krylov(A: Operator, sizes: Sizes, resume?: SvdState): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k } = sizes;
  const squares = A.squaredNorm();
  const cycles = new Cycles(A, sizes, resume);
  try {
    for (let iteration = resume?.iteration ?? 1; ; iteration++) {
      const known = resume && iteration === resume.iteration ? resume : undefined;
      const found: Found = known ?? cycles.run(iteration);
      const { relative, done } = found;
      const sizesNow = known?.sizes ?? cycles.sizesNow;
      yield {
        iteration,
        objective: Math.max(0, squares - sizesNow.reduce((sum, v) => sum + v * v, 0)),
        certificate: { kind: 'kktResidual', value: relative * sizesNow[0], relative },
        work: { matrixVectorProducts: cycles.products },
        done,
        // May be called after kernel memory has been freed: `answer` holds plain arrays.
        snapshot: () => {
          const { U, V, singularValues, residuals } = cycles.answer();
          return {
            ...{ U: A.filled(U, A.own, k), singularValues: singularValues.slice(), V: A.filled(V, A.cols, k) },
            ...(A.mean && { mean: A.mean }),
            ...(residuals && { residuals: residuals.slice() }),
          };
        },
        // A basis that spans the whole side cannot be extended, so there is nothing to resume.
        checkpoint: done ? undefined : (): SvdState => ({ iteration, relative, sizes: sizesNow, ...cycles.state() }),
      };
      if (done) return;
      cycles.restart();
    }
  } finally {
    cycles.free();
  }
}

/** The basis and the data that one cycle passes on to the next. */
class Cycles {
  products = 0;
  private readonly random: Random;
  private readonly basis: BlockBasis;
  /** Whether the basis is on the side of the rows: it is on the shorter side, of length n, its images on the other. */
  private readonly flip: boolean;
  private readonly n: number;
  /** Local lengths of the two sides, and how each is distributed over ranks; columns are not distributed. */
  private readonly here: number;
  private readonly across: number;
  private readonly split: SplitRows;
  private readonly splitAcross: SplitRows;
  private next: DenseMatrix | undefined;
  /** Eigenvalues that a cycle from random directions has to confirm. */
  private unconfirmed: Float64Array | undefined;
  /** Eigenvalues of the retained vectors with which the basis begins. */
  private known = new Float64Array(0);
  private unit = 0;
  private width: number;
  private lost = 0;
  private futile = 0;
  /** The last completed cycle, until the next begins. */
  private ended: Ended | undefined;
  private triplets: Triplets | undefined;

  constructor(
    private readonly A: Operator,
    private readonly sizes: Sizes,
    resume: SvdState | undefined,
  ) {
    this.random = new Random(sizes.seed);
    this.flip = A.rows < A.cols;
    this.n = Math.min(A.rows, A.cols);
    [this.here, this.across] = this.flip ? [A.own, A.cols] : [A.cols, A.own];
    const columns = inOnePlace(A.cols);
    [this.split, this.splitAcross] = this.flip ? [A.split, columns] : [columns, A.split];
    this.basis = new BlockBasis(A, this.random, this.split);
    this.width = sizes.block;
    if (!resume) {
      this.next = this.fresh();
      return;
    }
    this.random.restore(resume.random);
    const rows = (whole: Float64Array, count: number) => A.filled(ownRows(this.split, whole, count), count, this.here);
    if (resume.known.length > 0) this.basis.adopt(rows(resume.basis, resume.known.length));
    this.next = rows(resume.next, resume.next.length / this.n);
    this.known = resume.known.slice();
    this.triplets = { ...resume, U: ownColumns(A.split, resume.U, sizes.rank) };
    ({ unit: this.unit, unconfirmed: this.unconfirmed, products: this.products } = resume);
    ({ width: this.width, lost: this.lost, futile: this.futile } = resume);
  }

  /** Random directions outside the basis. */
  private fresh(): DenseMatrix {
    const { A, basis, random } = this;
    const B = A.wide(Math.min(this.width, this.n - basis.size), this.here);
    // Multiplied by X first, which reduces directions with small singular values.
    const start = A.wide(B.rows, this.across);
    fillNormal(start, random, this.splitAcross);
    A.times(start, B, this.flip);
    this.products += B.rows;
    start.free();
    basis.project(B);
    basis.makeOrthonormal(B);
    return B;
  }

  run(iteration: number): Found {
    const { basis } = this;
    const { rank: k, tol, most, kept } = this.sizes;
    // The projection of XXᵀ onto the basis, divided by `unit`.
    const T = new Float64Array(most * most);
    this.known.forEach((v, a) => {
      T[a * most + a] = v;
    });
    const before = this.unconfirmed;
    const { total, remainder, last } = this.grow(T);
    const whole = total === this.n;
    const count = whole ? total : Math.min(total, kept);
    const { E, values } = whole
      ? { E: identity(total), values: new Float64Array(total) }
      : leadingVectors(T, most, total, count);
    const V = basis.combine(E, count);
    basis.free();
    const tails = Float64Array.from(
      { length: whole ? 0 : k * last },
      (_, at) => E[(total - last + (at % last)) * count + Math.floor(at / last)],
    );
    let relative = whole ? 0 : Math.hypot(this.lost, residualOf(values.subarray(0, k), tails, remainder, last));
    const small = relative <= tol * SMALL;
    this.ended = { V, values, small, again: false };
    if (small) this.lost = relative;
    this.triplets = undefined;
    let done: Found['done'];
    if (whole || before) {
      // The components replaced by a random block no longer appear in T.
      const { singularValues, residuals } = this.answer(iteration, true);
      const top = singularValues[0];
      relative = top > 0 ? residuals!.reduce((x, y) => Math.max(x, y), 0) / top : 0;
      const same = before?.every((v, i) => sameSize(v, values[i], values[0], tol));
      if (whole || same) {
        if (relative <= tol) done = 'converged';
        // Only rounding errors remain.
        else if (whole || ++this.futile > 1) done = 'stalled';
        else this.ended = { ...this.ended, again: true };
      } else this.width = Math.min(2 * this.width, Math.floor((most - k) / 4));
    }
    return { relative, done };
  }

  /**
   * Extends the basis by blocks and T by the corresponding products. `remainder` times `next` is the component of
   * XXᵀv/`unit` outside the basis, for the last block v.
   */
  private grow(T: Float64Array): { readonly total: number; readonly remainder: Float64Array; readonly last: number } {
    const { A, basis, n, here, across, flip, random, split } = this;
    const { most, rank: k, tol } = this.sizes;
    const confirming = this.unconfirmed !== undefined;
    let total = this.known.length;
    let remainder = new Float64Array(0);
    let last = 0;
    let previous: DenseMatrix | undefined;
    let look = Math.max(this.known.length, FIRST_LOOK * k);
    for (let step = 1; this.next; step++) {
      const V: DenseMatrix = this.next;
      last = V.rows;
      const Y = A.wide(last, across);
      A.times(V, Y, !flip);
      this.unit ||= scaleOf(Y, this.splitAcross);
      scaleBy(Y, 1 / this.unit);
      const Z = A.wide(last, here);
      A.times(Y, Z, flip);
      Y.free();
      this.products += 2 * last;
      const from = total;
      total += last;
      basis.append(V);
      const size = Math.sqrt(squaresOf(Z, split));
      // In exact arithmetic only adjacent blocks couple in T, unless the basis did not start as a Krylov space.
      if (step === 1 || confirming) basis.projectInto(T, most, from, Z);
      else {
        const own = takeOff(A, Z, V, split);
        place(T, most, own, from, from);
        own.free();
        takeOff(A, Z, previous!, split).free();
      }
      previous?.free();
      previous = V;
      this.next = undefined;
      remainder = new Float64Array(0);
      const width = Math.min(last, n - total);
      let over = total + width > most || (confirming && step >= CONFIRMING);
      if (width > 0) {
        basis.project(Z);
        const F = firstRows(A, Z, width);
        const R = A.wide(last, width);
        const sound = orthonormaliseRows(F, random, split);
        innerProducts(Z, F, R, split);
        if (!sound || leastPivot(R) < LOSS * size) {
          basis.makeOrthonormal(F);
          innerProducts(Z, F, R, split);
        }
        remainder = R.data.slice();
        this.next = F;
        if (!over && !confirming && total >= look) {
          look = (1 + GROWTH) * total;
          over = residualIn(T, most, total, k, remainder, last, this.lost) <= tol * SMALL;
        }
        if (!over) place(T, most, R, from, total);
        R.free();
      }
      Z.free();
      if (over) break;
    }
    previous?.free();
    return { total, remainder, last };
  }

  /**
   * The triplets from the best vectors V of the last cycle, by an SVD of their image VX; squared quantities serve only
   * to select V. Computed at most once per cycle, on demand.
   */
  answer(iteration = 0, exact = false): Triplets {
    if (this.triplets || !this.ended) return this.triplets!;
    const { A, flip, across } = this;
    const k = this.sizes.rank;
    // A basis of the whole side is used as it is; otherwise the best vectors have been selected.
    const all = this.ended.V;
    const V = all.rows === this.n || all.rows === k ? all : leadingRows(A, all, k);
    const Y = A.wide(V.rows, across);
    A.times(V, Y, !flip);
    // A separate random stream, since requesting the answer must not change the course.
    const { P, s, R, Q } = splitRows(Y, new Random(this.sizes.seed + iteration), this.splitAcross);
    Y.free();
    const found = flip ? A.finish(V, P, s, Q, R, k) : A.finish(Q, R, s, V, P, k);
    Q.free();
    if (V !== all) V.free();
    const residuals = exact ? tripletResiduals(A, found) : undefined;
    const U = found.U.data.slice();
    found.U.free();
    this.triplets = { U, V: found.V.data.slice(), singularValues: found.singularValues, residuals };
    found.V.free();
    return this.triplets;
  }

  /** Singular values; from their squares if the triplets have not been computed. */
  get sizesNow(): Float64Array {
    if (this.triplets) return this.triplets.singularValues;
    const { values } = this.ended!;
    return values.slice(0, this.sizes.rank).map((v) => Math.sqrt(Math.max(0, v)) * Math.sqrt(this.unit));
  }

  /** Starts the next cycle, once, from the best vectors of the basis and the direction in which it would grow. */
  restart(): void {
    const { ended, A, basis } = this;
    if (!ended) return;
    const { rank: k } = this.sizes;
    const { V, values, small, again } = ended;
    this.ended = undefined;
    this.unconfirmed = undefined;
    if (again) {
      // The vectors that the residuals belong to are gone; a Krylov space of the retained vectors contains them again.
      this.next?.free();
      this.next = leadingRows(A, V, k);
      V.free();
      this.known = new Float64Array(0);
      this.lost = 0;
      return;
    }
    const fresh = small || !this.next;
    const from = fresh && V.rows > k ? leadingRows(A, V, k) : V;
    if (from !== V) V.free();
    basis.adopt(from);
    this.known = values.slice(0, from.rows);
    if (!fresh) return;
    if (small) this.unconfirmed = values.slice(0, k);
    this.next?.free();
    this.next = this.fresh();
  }

  /** The start of the next cycle and the result of the last one. */
  state(): Omit<SvdState, 'iteration' | 'relative' | 'sizes'> {
    const { U, V, singularValues } = this.answer();
    this.restart();
    const { basis, next, known, unit, unconfirmed, width, lost, futile, products, random } = this;
    return {
      ...{ U: wholeColumns(this.A.split, U, this.sizes.rank), V, singularValues },
      basis: this.split.gather(basis.values(this.here)),
      next: this.split.gather(next!.data.slice()),
      ...{ known: known.slice(), unit, unconfirmed },
      ...{ width, lost, futile, products, random: random.state() },
    };
  }

  free(): void {
    this.answer();
    this.next?.free();
    this.basis.free();
    this.ended?.V.free();
  }
}

/** ‖Xᵀu − σv‖ of each triplet, or ‖Xv − σu‖ if X has fewer rows than columns; the other one is at rounding level. */
export function tripletResiduals(A: Operator, { U, V, singularValues: s }: Svd): Float64Array {
  return A.rows < A.cols ? A.residuals(V, U, s, true) : A.residuals(U, V, s, false);
}
