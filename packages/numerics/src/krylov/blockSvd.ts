import type { DenseMatrix } from '../arrays/index.ts';
import { type Iterate, Random } from '../core/index.ts';
import { matrixProduct, type Svd } from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';
import { BlockBasis, fillNormal, firstRows, leadingVectors, place, scaleBy, scaleOf, splitRows } from './blockBasis.ts';

/**
 * Cycles that grow a basis by blocks of a Krylov space of XᵀX up to `most` vectors, give its best triplets, and start
 * again from `kept` of them.
 */
export function* krylov(
  A: Operator,
  sizes: {
    readonly rank: number;
    readonly seed: number;
    readonly block: number;
    readonly most: number;
    readonly kept: number;
    readonly tol: number;
  },
): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k, tol, seed, block, most, kept } = sizes;
  const random = new Random(seed);
  // The basis lies on the shorter side, n long; images on the other.
  const flip = A.rows < A.cols;
  const [n, across] = flip ? [A.rows, A.cols] : [A.cols, A.rows];
  const basis = new BlockBasis(A, random);
  const images: DenseMatrix[] = [];
  const squares = A.squaredNorm();
  const fresh = (width: number) => {
    const B = A.wide(width, n);
    // A product with X first: directions that X shrinks matter less.
    const start = A.wide(width, across);
    fillNormal(start, random);
    A.times(start, B, flip);
    start.free();
    basis.project(B);
    basis.makeOrthonormal(B);
    return B;
  };
  let next: DenseMatrix | undefined = fresh(block);
  /** Singular values that a cycle from random directions has to confirm. */
  let unconfirmed: Float64Array | undefined;
  let held: DenseMatrix[] = [];
  /** Of the kept triplets that the basis begins with. */
  let known = new Float64Array(0);
  let unit = 0;
  try {
    for (let iteration = 1; ; iteration++) {
      let total = known.length;
      // The basis' XᵀX, over `unit`, from the products that make the basis orthogonal.
      const T = new Float64Array(most * most);
      known.forEach((v, a) => {
        T[a * most + a] = (v / unit) * v;
      });
      /** Z = remainder · next, for the last block's XᵀX v over `unit`. */
      let remainder = new Float64Array(0);
      let last = 0;
      while (next) {
        const V: DenseMatrix = next;
        last = V.rows;
        const Y = A.wide(last, across);
        A.times(V, Y, !flip);
        unit ||= scaleOf(Y);
        basis.blocks.push(V);
        images.push(Y);
        const from = total;
        total += last;
        next = undefined;
        remainder = new Float64Array(0);
        const width = Math.min(last, n - total);
        const full = total + width > most;
        const Z = A.wide(last, n);
        scaleBy(Y, 1 / unit);
        A.times(Y, Z, flip);
        scaleBy(Y, unit);
        basis.projectInto(T, most, from, Z);
        if (width > 0) {
          const F = firstRows(A, Z, width);
          basis.makeOrthonormal(F);
          const R = A.wide(last, width);
          matrixProduct(Z, F, R, { transB: true });
          remainder = R.data.slice();
          if (!full) place(T, most, R, from, total);
          R.free();
          next = F;
        }
        Z.free();
        if (full) break;
      }
      const whole = total === n;
      const { V, Y, P, s, R, Q } = best(basis, images, T, most, whole ? n : kept, random);
      const m = V.rows;
      held = [V, Y, Q];
      const found = flip ? A.finish(V, P.own, s, Q, R, k) : A.finish(Q, R, s, V, P.own, k);
      const top = s[0];
      let relative = 0;
      for (let i = 0; i < k && s[i] > 0; i++) {
        let sum = 0;
        for (let c = 0; c < remainder.length / Math.max(1, last); c++) {
          let dot = 0;
          for (let a = 0; a < last; a++) dot += remainder[c * last + a] * P.full[(total - last + a) * m + i];
          sum += (dot / top) ** 2;
        }
        relative = Math.max(relative, Math.sqrt(sum) / (s[i] / unit));
      }
      const small = relative <= tol / 2;
      const same = unconfirmed?.every((v, i) => Math.abs(v - s[i]) <= tol * top);
      let done: Iterate<Svd>['done'];
      if (whole || (small && same)) {
        const exact = A.residuals(found.U, found.V, found.singularValues, false);
        relative = top > 0 ? exact.reduce((x, y) => Math.max(x, y), 0) / top : 0;
        done = relative <= tol ? 'converged' : whole ? 'stalled' : undefined;
      }
      // A snapshot may be asked for when kernel memory has been given back.
      const [u, v] = [found.U.data.slice(), found.V.data.slice()];
      for (const M of [found.U, found.V]) M.free();
      yield {
        iteration,
        objective: Math.max(0, squares - s.slice(0, k).reduce((sum, v) => sum + v * v, 0)),
        certificate: { kind: 'kktResidual', value: relative * top, relative },
        work: { matrixVectorProducts: 2 * iteration * (most - kept) },
        done,
        snapshot: () => ({ ...found, U: A.filled(u, A.rows, k), V: A.filled(v, A.cols, k) }),
      };
      if (done) return;
      // Restart from the best of the basis and the direction in which it would grow.
      const select = (F: DenseMatrix, C: Float64Array, scale?: Float64Array) => {
        const small = A.wide(kept, m);
        for (let a = 0; a < kept; a++) for (let i = 0; i < m; i++) small.set(a, i, C[i * m + a] * (scale?.[a] ?? 1));
        const out = A.wide(kept, F.cols);
        matrixProduct(small, F, out);
        small.free();
        return out;
      };
      for (const M of [...basis.blocks, ...images]) M.free();
      known = s.slice(0, kept);
      basis.blocks.splice(0, basis.blocks.length, select(V, P.own));
      images.splice(0, images.length, select(Q, R, s));
      for (const M of held) M.free();
      held = [];
      unconfirmed = small ? s.slice(0, k) : undefined;
      if (small || !next) {
        next?.free();
        next = fresh(block);
      }
    }
  } finally {
    next?.free();
    basis.free();
    for (const M of [...images, ...held]) M.free();
  }
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
