import { DenseMatrix } from '../arrays/index.ts';
import { type Iterate, Random } from '../core/index.ts';
import { matrixProduct, orthonormaliseRows, smallSvd, symmetricEigen } from '../linalg/index.ts';
import type { Operator } from './centred.ts';
import type { Svd } from './svd.ts';

/**
 * Cycles that grow a basis by blocks of a Krylov space of XᵀX up to `most` vectors, give its best triplets, and start
 * again from `kept` of them. Without a tolerance there is one cycle and no certificate.
 */
export function* krylov(
  A: Operator,
  sizes: {
    readonly rank: number;
    readonly seed: number;
    readonly block: number;
    readonly most: number;
    readonly kept: number;
    readonly tol?: number;
  },
): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k, tol, seed, block, most, kept } = sizes;
  const random = new Random(seed);
  // The basis lies on the shorter side, n long; images on the other.
  const flip = A.rows < A.cols;
  const [n, across] = flip ? [A.rows, A.cols] : [A.cols, A.rows];
  const basis: DenseMatrix[] = [];
  const images: DenseMatrix[] = [];
  const squares = A.squaredNorm();
  /** What Z is made of along the basis goes to `inner`, a part for each block; the rest stays. */
  const project = (B: DenseMatrix, inner?: DenseMatrix[]) => {
    for (const V of basis) {
      const part = A.wide(B.rows, V.rows);
      matrixProduct(B, V, part, { transB: true });
      matrixProduct(part, V, B, { alpha: -1, beta: 1 });
      if (inner) inner.push(part);
      else part.free();
    }
  };
  /**
   * Twice is enough (Giraud, Langou and Rozložník 2005) unless next to nothing of a row lies off the basis: rows that lie
   * in it become random ones, and what rounding or chance put in the place of others must leave the basis, too.
   */
  const makeOrthonormal = (B: DenseMatrix) => {
    orthonormaliseRows(B, random);
    for (let pass = 0; pass < 5; pass++) {
      project(B);
      const left = renewRows(B, random);
      if (orthonormaliseRows(B, random) && left > 0.1) return;
    }
  };
  const fresh = (width: number) => {
    const B = A.wide(width, n);
    // A product with X first: directions that X shrinks matter less.
    const start = A.wide(width, across);
    fillNormal(start, random);
    A.times(start, B, flip);
    start.free();
    project(B);
    makeOrthonormal(B);
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
        basis.push(V);
        images.push(Y);
        const from = total;
        total += last;
        next = undefined;
        remainder = new Float64Array(0);
        const width = Math.min(last, n - total);
        const full = total + width > most;
        if (tol === undefined && full) {
          scaleBy(Y, 1 / unit);
          const own = A.wide(last, last);
          matrixProduct(Y, Y, own, { transB: true });
          scaleBy(Y, unit);
          place(T, most, own, from, from, unit);
          own.free();
          break;
        }
        const Z = A.wide(last, n);
        scaleBy(Y, 1 / unit);
        A.times(Y, Z, flip);
        scaleBy(Y, unit);
        const inner: DenseMatrix[] = [];
        project(Z, inner);
        let at = 0;
        for (const part of inner) {
          place(T, most, part, from, at, 1);
          at += part.cols;
          part.free();
        }
        if (width > 0) {
          const F = A.wide(width, n);
          const [source, target] = [Z.data, F.data];
          if (width === last) target.set(source);
          else for (let j = 0; j < n; j++) target.set(source.subarray(j * last, j * last + width), j * width);
          makeOrthonormal(F);
          const R = A.wide(last, width);
          matrixProduct(Z, F, R, { transB: true });
          remainder = R.data.slice();
          if (!full) place(T, most, R, from, total, 1);
          R.free();
          next = F;
        }
        Z.free();
        if (full) break;
      }
      const whole = total === n;
      const { V, Y, P, s, R, Q } = best(A, basis, images, T, most, whole ? n : kept || k, random);
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
      const small = tol !== undefined && relative <= tol / 2;
      const same = tol !== undefined && unconfirmed?.every((v, i) => Math.abs(v - s[i]) <= tol * top);
      let done: Iterate<Svd>['done'];
      if (tol !== undefined && (whole || (small && same))) {
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
        ...(tol !== undefined && { certificate: { kind: 'kktResidual', value: relative * top, relative } }),
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
      for (const M of [...basis, ...images]) M.free();
      known = s.slice(0, kept);
      basis.splice(0, basis.length, select(V, P.own));
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
    for (const M of [...basis, ...images, ...held]) M.free();
  }
}

/** Puts part · by and its transpose into T, by rows of `ld`, at row `i` and column `j`. */
function place(T: Float64Array, ld: number, part: DenseMatrix, i: number, j: number, by: number): void {
  const { data, rows, cols } = part;
  for (let b = 0; b < cols; b++) {
    for (let a = 0; a < rows; a++) T[(i + a) * ld + j + b] = T[(j + b) * ld + i + a] = data[b * rows + a] * by;
  }
}

/**
 * The best triplets of a basis V with images Y = VX: all of them, or the `keep` best by the eigenvectors of YYᵀ = T, whose
 * squares only choose; then the SVD Y = P diag(s) RᵀQ of what was kept. `own` belongs to the V given back, `full` (a row
 * for each vector of the basis) to the basis.
 */
function best(
  A: Operator,
  basis: readonly DenseMatrix[],
  images: readonly DenseMatrix[],
  T: Float64Array,
  ld: number,
  keep: number,
  random: Random,
) {
  const m = basis.reduce((sum, V) => sum + V.rows, 0);
  const count = Math.min(keep, m);
  const E = new Float64Array(m * count);
  if (m <= keep) for (let i = 0; i < m; i++) E[i * count + i] = 1;
  else {
    const G = new Float64Array(m * m);
    const largest = T.reduce((x, y) => Math.max(x, Math.abs(y)), 0) || 1;
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) G[i * m + j] = T[i * ld + j] / largest;
    const { values, vectors } = symmetricEigen(G, m);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    for (let i = 0; i < m; i++) for (let a = 0; a < count; a++) E[i * count + a] = vectors[i * m + order[a]];
  }
  const combine = (parts: readonly DenseMatrix[]) => {
    const out = A.wide(count, parts[0].cols);
    let at = 0;
    for (const part of parts) {
      const C = A.wide(count, part.rows);
      C.data.set(E.subarray(at * count, (at + part.rows) * count));
      matrixProduct(C, part, out, { beta: at > 0 ? 1 : 0 });
      at += part.rows;
      C.free();
    }
    return out;
  };
  const V = combine(basis);
  const Y = combine(images);
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

/** Puts random rows in place of those of rounding size; gives the length of the shortest before that. */
function renewRows({ data, rows, cols }: DenseMatrix, random: Random): number {
  const squares = new Float64Array(rows);
  for (let at = 0; at < data.length; at++) squares[at % rows] += data[at] * data[at];
  squares.forEach((square, a) => {
    if (square < 1e-24) for (let j = 0; j < cols; j++) data[j * rows + a] = random.normal();
  });
  return Math.sqrt(squares.reduce((x, y) => Math.min(x, y)));
}

/** A power of two by which products of matrices of extreme scale stay in range; 1 for all others. */
function scaleOf({ data }: DenseMatrix): number {
  let largest = 0;
  for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at]));
  return largest > 1e100 || (largest > 0 && largest < 1e-100) ? 2 ** Math.floor(Math.log2(largest)) : 1;
}

function scaleBy({ data }: DenseMatrix, by: number): void {
  if (by !== 1) for (let at = 0; at < data.length; at++) data[at] *= by;
}

/** B = P diag(s) RᵀQ with orthonormal rows in Q (m × n, new); P, R m × m by rows, all of P's columns orthonormal. */
function splitRows(B: DenseMatrix, random: Random) {
  const { rows: m, cols: n, arena } = B;
  const Q = DenseMatrix.create(m, n, { arena, fill: false });
  Q.data.set(B.data);
  orthonormaliseRows(Q, random);
  const L = DenseMatrix.create(m, m, { arena, fill: false });
  matrixProduct(B, Q, L, { transB: true });
  // By rows, as smallSvd takes it.
  const flat = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) flat[i * m + j] = L.get(i, j);
  const { P, s, R } = smallSvd(flat, m);
  // Columns of P that belong to s = 0 are any that complete the basis.
  for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) L.set(j, i, P[i * m + j]);
  orthonormaliseRows(L, random);
  for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) P[i * m + j] = L.get(j, i);
  L.free();
  return { P, s, R, Q };
}

function fillNormal(B: DenseMatrix, random: Random): void {
  const { data } = B;
  for (let at = 0; at < data.length; at++) data[at] = random.normal();
}
