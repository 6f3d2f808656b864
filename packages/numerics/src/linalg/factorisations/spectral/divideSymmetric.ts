import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { spectralKernels } from '@southwell/kernels/spectral';
import { fail } from '../../../core/index.ts';
import { SecularEquation } from './secular.ts';
import { hypotenuse, tridiagonalQl } from './tridiagonalQl.ts';

/** Below this size, QL is as fast. */
const LEAF = 32;

/**
 * Eigenvalues and eigenvectors of a scaled tridiagonal matrix (largest entry near 1) by divide and conquer: the halves
 * left by a rank-one tear are joined by a secular equation; eigenvectors of the whole are matrix products (Cuppen 1981;
 * Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16(1), 1995; LAPACK's dlaed0–4). d is overwritten by the eigenvalues and
 * Q, n × n at `pointer` with leading dimension n, by the vectors. Returns the permutation that sorts the values in
 * ascending order. O(4n³/3), less with deflation.
 * @throws NUMERICAL if it does not converge, which is not expected for finite input.
 */
export function divideSymmetric(arena: Arena, d: Float64Array, e: Float64Array, pointer: number): Int32Array {
  const n = d.length;
  const scratch = arena.scratch();
  try {
    const room = {
      gathered: scratch.f64(n * n).pointer,
      vectors: scratch.f64(n * n).pointer,
      work: scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer,
    };
    arena.f64.fill(0, pointer / 8, pointer / 8 + n * n);
    const conquer = (first: number, count: number): Int32Array => {
      if (count <= LEAF) {
        const heap = arena.f64;
        const at = pointer / 8 + first * (n + 1);
        for (let j = 0; j < count; j++) heap[at + j * (n + 1)] = 1;
        if (!tridiagonalQl(d, e, first, count, heap, at, n, count)) {
          fail('NUMERICAL', 'The eigenvalues did not converge.');
        }
        return ascending(d.subarray(first, first + count));
      }
      const half = count >> 1;
      const cut = first + half;
      const tear = e[cut - 1];
      d[cut - 1] -= Math.abs(tear);
      d[cut] -= Math.abs(tear);
      const upper = conquer(first, half);
      const lower = conquer(cut, count - half);
      return merge(arena, d, pointer, n, first, half, count, tear, upper, lower, room);
    };
    return conquer(0, n);
  } finally {
    scratch.release();
  }
}

export function ascending(values: Float64Array): Int32Array {
  return Int32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
}

/** Sparsity types of columns: the half in which entries are non-zero. */
const [UPPER, BOTH, LOWER] = [0, 1, 2];

function merge(
  arena: Arena,
  values: Float64Array,
  pointer: number,
  n: number,
  first: number,
  half: number,
  count: number,
  tear: number,
  upper: Int32Array,
  lower: Int32Array,
  room: { readonly gathered: number; readonly vectors: number; readonly work: number },
): Int32Array {
  const { kernels } = arena;
  const { rotate } = arena.use(spectralKernels);
  const heap = arena.f64;
  const d = values.subarray(first, first + count);
  const origin = pointer + 8 * first * (n + 1);
  const column = (j: number) => origin + 8 * j * n;
  // The rank-one modification of the diagonal is |2·tear|·zzᵀ with a z of unit norm.
  const z = new Float64Array(count);
  const sign = tear < 0 ? -1 : 1;
  for (let j = 0; j < half; j++) z[j] = heap[column(j) / 8 + half - 1] * Math.SQRT1_2;
  for (let j = half; j < count; j++) z[j] = sign * heap[column(j) / 8 + half] * Math.SQRT1_2;
  const rho = 2 * Math.abs(tear);
  const order = mergeOrders(d, upper, lower, half);
  let [largest, largestZ] = [0, 0];
  for (let j = 0; j < count; j++) {
    largest = Math.max(largest, Math.abs(d[j]));
    largestZ = Math.max(largestZ, Math.abs(z[j]));
  }
  const tolerance = 4 * Number.EPSILON * Math.max(largest, largestZ);
  if (rho * largestZ <= tolerance) return order;

  const { type, kept, deflated } = deflate(d, z, rho, tolerance, order, half, (p, j, c, s) =>
    rotate(count, column(p), column(j), c, s),
  );
  const k = kept.length;
  const poles = Float64Array.from(kept, (j) => d[j]);
  const zs = Float64Array.from(kept, (j) => z[j]);
  const rest = Float64Array.from(deflated, (j) => d[j]);
  const S = room.vectors / 8;

  // Computes the roots, then the z for which they are exact (Gu and Eisenstat), then the vectors for that z.
  const equation = new SecularEquation(poles, zs, rho, false);
  const roots = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const { origin: from, offset } = equation.root(j, heap, S + j * k);
    roots[j] = poles[from] + offset;
  }
  const exact = new Float64Array(k).fill(1);
  for (let j = 0; j < k; j++) {
    const at = S + j * k;
    for (let i = 0; i < j; i++) exact[i] *= heap[at + i] / (poles[i] - poles[j]);
    exact[j] *= heap[at + j];
    for (let i = j + 1; i < k; i++) exact[i] *= heap[at + i] / (poles[i] - poles[j]);
  }
  for (let i = 0; i < k; i++) exact[i] = Math.sqrt(Math.abs(exact[i])) * (zs[i] < 0 ? -1 : 1);

  // The old vectors are sorted by type, so that zeros are not multiplied; rows of the new ones are in the same order.
  const byKind = Array.from({ length: k }, (_, i) => i).sort((a, b) => type[kept[a]] - type[kept[b]] || a - b);
  const vector = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const at = S + j * k;
    let square = 0;
    for (let i = 0; i < k; i++) {
      const v = exact[i] / heap[at + i];
      vector[i] = v;
      square += v * v;
    }
    const length = Math.sqrt(square);
    for (let i = 0; i < k; i++) heap[at + i] = vector[byKind[i]] / length;
  }
  const inUpper = byKind.filter((i) => type[kept[i]] !== LOWER).length;
  const onlyUpper = byKind.filter((i) => type[kept[i]] === UPPER).length;
  const inLower = k - onlyUpper;
  const below = count - half;
  const tops = room.gathered;
  const bottoms = tops + 8 * half * inUpper;
  const whole = bottoms + 8 * below * inLower;
  const copy = (to: number, from: number, size: number) => heap.copyWithin(to / 8, from / 8, from / 8 + size);
  byKind.forEach((i, p) => {
    const from = column(kept[i]);
    if (p < inUpper) copy(tops + 8 * half * p, from, half);
    if (p >= onlyUpper) copy(bottoms + 8 * below * (p - onlyUpper), from + 8 * half, below);
  });
  deflated.forEach((j, p) => {
    copy(whole + 8 * count * p, column(j), count);
  });
  const { vectors, work } = room;
  kernels.gemm(false, false, half, k, inUpper, 1, tops, half, vectors, k, 0, origin, n, work);
  const lowerRows = vectors + 8 * onlyUpper;
  kernels.gemm(false, false, below, k, inLower, 1, bottoms, below, lowerRows, k, 0, origin + 8 * half, n, work);
  for (let p = 0; p < deflated.length; p++) copy(column(k + p), whole + 8 * count * p, count);
  d.set(roots);
  d.set(rest, k);
  return ascending(d);
}

/**
 * Deflation: determines which entries of z are kept, and which are 0 or are made 0 by rotations of two columns of the
 * vectors; also the type of each column. d and z are modified.
 */
function deflate(
  d: Float64Array,
  z: Float64Array,
  rho: number,
  tolerance: number,
  order: Int32Array,
  half: number,
  rotate: (p: number, j: number, c: number, s: number) => void,
): { readonly type: Uint8Array; readonly kept: number[]; readonly deflated: number[] } {
  const type = new Uint8Array(d.length).fill(UPPER, 0, half).fill(LOWER, half);
  const kept: number[] = [];
  const deflated: number[] = [];
  let pending = -1;
  for (const j of order) {
    if (rho * Math.abs(z[j]) <= tolerance) {
      deflated.push(j);
      continue;
    }
    if (pending >= 0) {
      // For two close eigenvalues, a rotation makes one entry of z zero if the resulting fill-in is at rounding level.
      const length = hypotenuse(z[j], z[pending]);
      const c = z[j] / length;
      const s = -z[pending] / length;
      if (Math.abs((d[j] - d[pending]) * c * s) <= tolerance) {
        z[j] = length;
        z[pending] = 0;
        if (type[j] !== type[pending]) type[j] = BOTH;
        rotate(pending, j, c, s);
        const [p, q] = [d[pending], d[j]];
        d[pending] = p * c * c + q * s * s;
        d[j] = p * s * s + q * c * c;
        deflated.push(pending);
      } else kept.push(pending);
    }
    pending = j;
  }
  kept.push(pending);
  return { type, kept, deflated };
}

/** Merges the sorted orders of both halves. */
function mergeOrders(d: Float64Array, upper: Int32Array, lower: Int32Array, half: number): Int32Array {
  const order = new Int32Array(d.length);
  let [a, b] = [0, 0];
  for (let p = 0; p < order.length; p++) {
    const takeUpper = b >= lower.length || (a < upper.length && d[upper[a]] <= d[half + lower[b]]);
    order[p] = takeUpper ? upper[a++] : half + lower[b++];
  }
  return order;
}
