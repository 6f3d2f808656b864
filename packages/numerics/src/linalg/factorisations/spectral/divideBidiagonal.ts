import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { spectralKernels } from '@southwell/kernels/spectral';
import { ascending } from './divideSymmetric.ts';
import { SecularEquation } from './secular.ts';
import { hypotenuse } from './tridiagonalQl.ts';

/** Lower bound on the largest magnitude, negligible relative to 1; its square is still in range. */
const FLOOR = 1e-30;

/** A part of the matrix: rows from `first` on, with `extra` (0 or 1) more columns than rows. */
interface Part {
  readonly first: number;
  readonly count: number;
  readonly extra: number;
}

/**
 * Singular values and vectors of a scaled upper bidiagonal matrix (largest entry near 1) by divide and conquer:
 * removing the middle row splits it into two parts, and that row couples their singular values in a secular equation
 * (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16(1), 1995; LAPACK's dlasd1–3), recursively down to parts without
 * rows. B = U diag(d) Vᵀ: d is overwritten by the singular values, U and V, n × n at the pointers, by the vectors.
 * Returns the permutation that sorts the values in ascending order. O(8n³/3), less with deflation.
 */
export function divideBidiagonal(arena: Arena, d: Float64Array, e: Float64Array, U: number, V: number): Int32Array {
  const n = d.length;
  const scratch = arena.scratch();
  try {
    const room = {
      gathered: scratch.f64(n * n).pointer,
      left: scratch.f64(n * n).pointer,
      right: scratch.f64(n * n).pointer,
      row: scratch.f64(n).pointer,
      work: scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer,
    };
    for (const at of [U, V]) arena.f64.fill(0, at / 8, at / 8 + n * n);
    const conquer = (part: Part): Int32Array => {
      const { first, count, extra } = part;
      if (count === 0) {
        if (extra === 1) arena.f64[V / 8 + first * (n + 1)] = 1;
        return new Int32Array(0);
      }
      const half = count >> 1;
      const middle = first + half;
      const upper = conquer({ first, count: half, extra: 1 });
      const lower = conquer({ first: middle + 1, count: count - half - 1, extra });
      return join(arena, d, e, U, V, n, part, half, upper, lower, room);
    };
    return conquer({ first: 0, count: n, extra: 0 });
  } finally {
    scratch.release();
  }
}

/**
 * Sparsity types of columns: the part in which entries are non-zero. The column of the middle row itself comes first.
 */
const [MIDDLE, UPPER, BOTH, LOWER] = [0, 1, 2, 3];

function join(
  arena: Arena,
  values: Float64Array,
  e: Float64Array,
  U: number,
  V: number,
  n: number,
  { first, count, extra }: Part,
  half: number,
  upper: Int32Array,
  lower: Int32Array,
  room: Record<'gathered' | 'left' | 'right' | 'row' | 'work', number>,
): Int32Array {
  const { kernels } = arena;
  const { rotate } = arena.use(spectralKernels);
  const heap = arena.f64;
  const d = values.subarray(first, first + count);
  const middle = first + half;
  const alpha = d[half];
  const beta = middle < first + count - 1 + extra ? e[middle] : 0;
  const originU = U + 8 * first * (n + 1);
  const originV = V + 8 * first * (n + 1);
  const columnU = (j: number) => originU + 8 * j * n;
  const columnV = (j: number) => originV + 8 * j * n;
  const width = count + extra;
  heap[columnU(half) / 8 + half] = 1;
  const z = middleRow(arena, columnV, half, count, extra, alpha, beta);
  d[half] = 0;
  let largest = Math.max(Math.abs(alpha), Math.abs(beta), FLOOR);
  for (const v of d) largest = Math.max(largest, v);
  const tolerance = 8 * Number.EPSILON * largest;
  if (Math.abs(z[half]) <= tolerance) z[half] = z[half] < 0 ? -tolerance : tolerance;

  const { type, kept, deflated } = deflate(d, z, tolerance, mergeOrders(d, upper, lower, half), half, (p, j, c, s) => {
    rotate(count, columnU(p), columnU(j), c, s);
    rotate(width, columnV(p), columnV(j), c, s);
  });
  const k = kept.length;
  const poles = Float64Array.from(kept, (j) => d[j]);
  // Keeps the poles apart from that of the middle row, which is 0.
  for (let i = 1; i < k; i++) poles[i] = Math.max(poles[i], tolerance / 2);
  const zs = Float64Array.from(kept, (j) => z[j]);
  const rest = Float64Array.from(deflated, (j) => d[j]);
  const [L, R] = [room.left / 8, room.right / 8];

  const byKind = Array.from({ length: k }, (_, i) => i).sort((a, b) => type[kept[a]] - type[kept[b]] || a - b);
  const roots = singularTriples(heap, poles, zs, byKind, L, R);
  const kindOf = (i: number) => type[kept[i]];
  // Rows of the upper part meet columns 1 (after that of the middle row) up to type BOTH; rows of the lower part meet
  // those from BOTH on.
  const inUpper = byKind.filter((i) => kindOf(i) === UPPER || kindOf(i) === BOTH).length;
  const onlyUpper = byKind.filter((i) => kindOf(i) === UPPER).length;
  const inLower = k - 1 - onlyUpper;
  const copy = (to: number, from: number, size: number) => heap.copyWithin(to / 8, from / 8, from / 8 + size);
  const { gathered, left, right, row, work } = room;
  /**
   * Updates the columns of U or V, whose first `top` rows belong to the upper part and whose last `bottom` rows to the
   * lower part.
   */
  const product = (
    column: (j: number) => number,
    S: number,
    top: number,
    skip: number,
    bottom: number,
    own: boolean,
  ) => {
    const rows = top + skip + bottom;
    const tops = gathered;
    const inTop = inUpper + (own ? 1 : 0);
    const bottoms = tops + 8 * top * inTop;
    const whole = bottoms + 8 * bottom * (inLower + 1);
    byKind.forEach((i, p) => {
      const from = column(kept[i]);
      const place = own ? p : p - 1;
      if (place >= 0 && place < inTop) copy(tops + 8 * top * place, from, top);
      if (p > onlyUpper) copy(bottoms + 8 * bottom * (p - 1 - onlyUpper), from + 8 * (top + skip), bottom);
      if (p === 0) copy(bottoms + 8 * bottom * inLower, from + 8 * (top + skip), bottom);
    });
    deflated.forEach((j, p) => {
      copy(whole + 8 * rows * p, column(j), rows);
    });
    const to = column(0);
    const below = to + 8 * (top + skip);
    kernels.gemm(false, false, top, k, inTop, 1, tops, Math.max(top, 1), S + (own ? 0 : 8), k, 0, to, n, work);
    const lowerRows = S + 8 * (1 + onlyUpper);
    kernels.gemm(false, false, bottom, k, inLower, 1, bottoms, Math.max(bottom, 1), lowerRows, k, 0, below, n, work);
    for (let j = 0; j < k; j++) heap[row / 8 + j] = heap[S / 8 + j * k];
    if (own) kernels.addOuter(bottom, k, 1, bottoms + 8 * bottom * inLower, row, below, n);
    else for (let j = 0; j < k; j++) heap[to / 8 + j * n + top] = heap[row / 8 + j];
    for (let p = 0; p < deflated.length; p++) copy(column(k + p), whole + 8 * rows * p, rows);
  };
  product(columnU, left, half, 1, count - half - 1, false);
  product(columnV, right, half + 1, 0, count - half - 1 + extra, true);
  d.set(roots);
  d.set(rest, k);
  return ascending(d);
}

/**
 * The middle row in the basis of the right singular vectors of both parts. Of the null vectors of the two parts, a
 * rotation makes one that meets the middle row, and one that is a null vector of the whole.
 */
function middleRow(
  arena: Arena,
  columnV: (j: number) => number,
  half: number,
  count: number,
  extra: number,
  alpha: number,
  beta: number,
): Float64Array {
  const heap = arena.f64;
  const z = new Float64Array(count);
  for (let j = 0; j < half; j++) z[j] = alpha * heap[columnV(j) / 8 + half];
  for (let j = half + 1; j < count; j++) z[j] = beta * heap[columnV(j) / 8 + half + 1];
  z[half] = alpha * heap[columnV(half) / 8 + half];
  if (extra === 1) {
    const other = beta * heap[columnV(count) / 8 + half + 1];
    const length = hypotenuse(z[half], other);
    if (length > 0) {
      const { rotate } = arena.use(spectralKernels);
      rotate(count + extra, columnV(half), columnV(count), z[half] / length, other / length);
    }
    z[half] = length;
  }
  return z;
}

/**
 * Deflation: determines which entries of z are kept, and which are 0 or are made 0 by rotations of two columns of the
 * vectors; also the type of each column. z is modified.
 */
function deflate(
  d: Float64Array,
  z: Float64Array,
  tolerance: number,
  order: Int32Array,
  half: number,
  rotate: (p: number, j: number, c: number, s: number) => void,
): { readonly type: Uint8Array; readonly kept: number[]; readonly deflated: number[] } {
  const type = new Uint8Array(d.length).fill(UPPER, 0, half).fill(LOWER, half + 1);
  type[half] = MIDDLE;
  const kept = [half];
  const deflated: number[] = [];
  let pending = -1;
  for (const j of order) {
    if (Math.abs(z[j]) <= tolerance) {
      deflated.push(j);
      continue;
    }
    if (pending >= 0) {
      if (Math.abs(d[j] - d[pending]) <= tolerance) {
        const length = hypotenuse(z[j], z[pending]);
        const c = z[j] / length;
        const s = -z[pending] / length;
        z[j] = length;
        z[pending] = 0;
        if (type[j] !== type[pending]) type[j] = BOTH;
        rotate(pending, j, c, s);
        deflated.push(pending);
      } else kept.push(pending);
    }
    pending = j;
  }
  if (pending >= 0) kept.push(pending);
  return { type, kept, deflated };
}

/**
 * Singular values of the matrix with z in its first row and the poles on its diagonal; its singular vectors, with rows
 * sorted by type, at L and R.
 */
function singularTriples(
  heap: Float64Array,
  poles: Float64Array,
  zs: Float64Array,
  byKind: readonly number[],
  L: number,
  R: number,
): Float64Array {
  const k = poles.length;
  // Computes the roots, then the z for which they are exact (Gu and Eisenstat), then the vectors for that z.
  const equation = new SecularEquation(poles, zs, 1, true);
  const roots = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const { origin, offset } = equation.root(j, heap, R + j * k);
    roots[j] = Math.sqrt(poles[origin] * poles[origin] + offset);
  }
  const exact = new Float64Array(k).fill(1);
  for (let j = 0; j < k; j++) {
    const at = R + j * k;
    const pole = poles[j];
    for (let i = 0; i < j; i++) exact[i] *= heap[at + i] / ((poles[i] - pole) * (poles[i] + pole));
    exact[j] *= heap[at + j];
    for (let i = j + 1; i < k; i++) exact[i] *= heap[at + i] / ((poles[i] - pole) * (poles[i] + pole));
  }
  for (let i = 0; i < k; i++) exact[i] = Math.sqrt(Math.abs(exact[i])) * (zs[i] < 0 ? -1 : 1);

  const vector = new Float64Array(k);
  const image = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    let [square, imageSquare] = [0, 1];
    for (let i = 0; i < k; i++) {
      const v = exact[i] / heap[R + j * k + i];
      const u = i === 0 ? -1 : poles[i] * v;
      vector[i] = v;
      image[i] = u;
      square += v * v;
      if (i > 0) imageSquare += u * u;
    }
    const length = Math.sqrt(square);
    const imageLength = Math.sqrt(imageSquare);
    for (let i = 0; i < k; i++) {
      heap[R + j * k + i] = vector[byKind[i]] / length;
      heap[L + j * k + i] = image[byKind[i]] / imageLength;
    }
  }
  return roots;
}

/** Merges the ascending orders of both parts. */
function mergeOrders(d: Float64Array, upper: Int32Array, lower: Int32Array, half: number): Int32Array {
  const order = new Int32Array(d.length - 1);
  let [a, b] = [0, 0];
  for (let p = 0; p < order.length; p++) {
    const takeUpper = b >= lower.length || (a < upper.length && d[upper[a]] <= d[half + 1 + lower[b]]);
    order[p] = takeUpper ? upper[a++] : half + 1 + lower[b++];
  }
  return order;
}
