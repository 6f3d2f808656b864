import type { Arena } from '@southwell/kernels';
import { spectralKernels } from '@southwell/kernels/spectral';
import { fail } from '../../../core/index.ts';
import { hypotenuse } from './tridiagonalQl.ts';

const UNIT = Number.EPSILON;
/**
 * Sweeps whose transformations are collected before they are applied to Z, so that Z is streamed through memory less
 * often.
 */
const SWEEPS = 12;
const TINY = 2 ** -1022 / UNIT;

/** A 2 × 2 block in standard form: the rotation, the transformed block, and its eigenvalues. */
interface Standard {
  readonly block: readonly [a: number, b: number, c: number, d: number];
  readonly c: number;
  readonly s: number;
  readonly real: readonly [number, number];
  readonly imaginary: readonly [number, number];
}

/**
 * Reduces (a b; c d) to upper triangular form, or to a form with equal diagonal entries and bc < 0 (LAPACK's dlanv2).
 */
export function standardise(a: number, b: number, c: number, d: number): Standard {
  let [cs, sn] = [1, 0];
  if (c === 0) {
    // Already upper triangular.
  } else if (b === 0) {
    [cs, sn] = [0, 1];
    [a, b, c, d] = [d, -c, 0, a];
  } else if (a - d !== 0 || Math.sign(b) === Math.sign(c)) {
    let p = 0.5 * (a - d);
    const most = Math.max(Math.abs(b), Math.abs(c));
    const least = Math.min(Math.abs(b), Math.abs(c)) * Math.sign(b) * Math.sign(c);
    const scale = Math.max(Math.abs(p), most);
    let z = (p / scale) * p + (most / scale) * least;
    if (z >= 4 * UNIT) {
      z = p + (p >= 0 ? 1 : -1) * Math.sqrt(scale) * Math.sqrt(z);
      a = d + z;
      d -= (most / z) * least;
      const tau = hypotenuse(c, z);
      cs = z / tau;
      sn = c / tau;
      b -= c;
      c = 0;
    } else {
      // Complex or nearly equal real eigenvalues: make the diagonal entries equal.
      const sigma = b + c;
      p = 0.5 * (a - d);
      const tau = hypotenuse(sigma, a - d);
      cs = Math.sqrt(0.5 * (1 + Math.abs(sigma) / tau));
      sn = -(p / (tau * cs)) * (sigma >= 0 ? 1 : -1);
      const [aa, bb, cc, dd] = [a * cs + b * sn, -a * sn + b * cs, c * cs + d * sn, -c * sn + d * cs];
      a = aa * cs + cc * sn;
      b = bb * cs + dd * sn;
      c = -aa * sn + cc * cs;
      d = -bb * sn + dd * cs;
      const mean = 0.5 * (a + d);
      a = mean;
      d = mean;
      if (c !== 0) {
        if (b === 0) {
          [b, c] = [-c, 0];
          [cs, sn] = [-sn, cs];
        } else if (Math.sign(b) === Math.sign(c)) {
          const [sab, sac] = [Math.sqrt(Math.abs(b)), Math.sqrt(Math.abs(c))];
          const q = (c >= 0 ? 1 : -1) * sab * sac;
          const inverse = 1 / Math.sqrt(Math.abs(b + c));
          a = mean + q;
          d = mean - q;
          b -= c;
          c = 0;
          const [c1, s1] = [sab * inverse, sac * inverse];
          [cs, sn] = [cs * c1 - sn * s1, cs * s1 + sn * c1];
        }
      }
    }
  }
  const w = c === 0 ? 0 : Math.sqrt(Math.abs(b)) * Math.sqrt(Math.abs(c));
  return { block: [a, b, c, d], c: cs, s: sn, real: [a, d], imaginary: [w, -w] };
}

/**
 * Eigenvalues of the n × n Hessenberg matrix at `H` by Francis's double-shift QR algorithm with deflation (Golub and
 * Van Loan, §7.5; LAPACK's dlahqr, with the deflation criterion of Ahues and Tisseur); rows and columns outside `low` …
 * `high` are already triangular. With `whole`, H is overwritten by the real Schur form; if `Z`, with n rows, is given,
 * it accumulates the transformations. About 10n³, 25n³ with Z.
 * @throws NUMERICAL if it does not converge, which is not known to happen.
 */
export function francis(
  arena: Arena,
  H: number,
  n: number,
  low: number,
  high: number,
  real: Float64Array,
  imaginary: Float64Array,
  whole: boolean,
  Z?: number,
): void {
  const kernels = arena.use(spectralKernels);
  const h = H / 8;
  const get = (i: number, j: number) => heap[h + j * n + i];
  const set = (i: number, j: number, value: number): void => {
    heap[h + j * n + i] = value;
  };
  const scratch = arena.scratch();
  const room = SWEEPS * n;
  const kept = Z === undefined ? 0 : scratch.f64(4 * room).pointer;
  let held = 0;
  const heap = arena.f64;
  for (let i = 0; i < n; i++) if (i < low || i > high) real[i] = get(i, i);
  try {
    const most = 30 * Math.max(10, high - low + 1);
    let i = high;
    while (i >= low) {
      let l = low;
      for (let step = 0; ; step++) {
        if (step > most) fail('NUMERICAL', `Eigenvalue ${i + 1} of ${n} was not found in ${most} steps.`);
        l = smallBelow(get, i, l, low, high);
        if (l > low) set(l, l - 1, 0);
        if (l >= i - 1) break;
        sweep(i, l, step);
      }
      if (l === i) {
        real[i] = get(i, i);
        imaginary[i] = 0;
      } else {
        split(i - 1);
      }
      i = l - 1;
    }
    flush();
  } finally {
    scratch.release();
  }

  function flush(): void {
    if (held > 0) kernels.applyKept(n, held, kept, Z!, n);
    held = 0;
  }

  function sweep(i: number, l: number, step: number): void {
    const [r1, i1, r2, i2] = shiftsOf(get, i, l, step);
    const [m, x, y, z] = beginOf(get, i, l, r1, i1, r2, i2);
    if (m > l) set(m, m - 1, (-get(m, m - 1) * Math.abs(x)) / Math.sqrt(x * x + y * y + z * z));
    if (kept !== 0 && held + i - m > room) flush();
    const to = kept === 0 ? 0 : kept + 32 * held;
    kernels.francisSweep(m, i, x, y, z, H, n, whole ? 0 : l, whole ? n : i + 1, to);
    if (kept !== 0) held += i - m;
  }

  /** Splits off the 2 × 2 block of rows p and p + 1. */
  function split(p: number): void {
    const q = p + 1;
    const { block, c, s, real: r, imaginary: w } = standardise(get(p, p), get(p, q), get(q, p), get(q, q));
    set(p, p, block[0]);
    set(p, q, block[1]);
    set(q, p, block[2]);
    set(q, q, block[3]);
    [real[p], real[q]] = r;
    [imaginary[p], imaginary[q]] = w;
    if (whole) {
      for (let j = q + 1; j < n; j++) {
        const [u, v] = [get(p, j), get(q, j)];
        set(p, j, c * u + s * v);
        set(q, j, c * v - s * u);
      }
      kernels.rotate(p, H + 8 * p * n, H + 8 * q * n, c, s);
    }
    if (kept === 0) return;
    if (held === room) flush();
    heap.set([p + 0.5, c, s, 0], kept / 8 + 4 * held);
    held++;
  }
}

type Get = (i: number, j: number) => number;

/**
 * The last row k of l + 1 … i whose subdiagonal entry is negligible by the criterion of Ahues and Tisseur; l if there
 * is none.
 */
function smallBelow(get: Get, i: number, l: number, low: number, high: number): number {
  let k = i;
  for (; k > l; k--) {
    const below = Math.abs(get(k, k - 1));
    if (below <= TINY) break;
    let test = Math.abs(get(k - 1, k - 1)) + Math.abs(get(k, k));
    if (test === 0) {
      if (k - 2 >= low) test += Math.abs(get(k - 1, k - 2));
      if (k + 1 <= high) test += Math.abs(get(k + 1, k));
    }
    if (below > UNIT * test) continue;
    const above = Math.abs(get(k - 1, k));
    const [ab, ba] = [Math.max(below, above), Math.min(below, above)];
    const [x, y] = [Math.abs(get(k, k)), Math.abs(get(k - 1, k - 1) - get(k, k))];
    const [aa, bb] = [Math.max(x, y), Math.min(x, y)];
    const s = aa + ab;
    if (ba * (ab / s) <= Math.max(TINY, UNIT * (bb * (aa / s)))) break;
  }
  return k;
}

/** The two shifts of a step, as real and imaginary parts: the eigenvalues of the trailing 2 × 2 block of rows l … i. */
function shiftsOf(get: Get, i: number, l: number, step: number): [r1: number, i1: number, r2: number, i2: number] {
  let [h11, h21, h12, h22] = [get(i - 1, i - 1), get(i, i - 1), get(i - 1, i), get(i, i)];
  // Occasional exceptional shifts, for the rare matrices on which the regular ones cycle.
  if (step % 20 === 10) {
    const s = Math.abs(get(l + 1, l)) + Math.abs(get(l + 2, l + 1));
    h11 = 0.75 * s + get(l, l);
    [h12, h21, h22] = [-0.4375 * s, s, h11];
  } else if (step > 0 && step % 20 === 0) {
    const s = Math.abs(get(i, i - 1)) + Math.abs(get(i - 1, i - 2));
    h11 = 0.75 * s + get(i, i);
    [h12, h21, h22] = [-0.4375 * s, s, h11];
  }
  let [r1, i1, r2, i2] = [0, 0, 0, 0];
  const s = Math.abs(h11) + Math.abs(h12) + Math.abs(h21) + Math.abs(h22);
  if (s !== 0) {
    const [a, b, c, d] = [h11 / s, h12 / s, h21 / s, h22 / s];
    const mean = (a + d) / 2;
    const det = (a - mean) * (d - mean) - b * c;
    const root = Math.sqrt(Math.abs(det));
    if (det >= 0) [r1, i1, r2, i2] = [mean * s, root * s, mean * s, -root * s];
    else {
      const [p, q] = [mean + root, mean - root];
      r1 = (Math.abs(p - d) <= Math.abs(q - d) ? p : q) * s;
      r2 = r1;
    }
  }
  return [r1, i1, r2, i2];
}

/**
 * The row m in which a sweep begins, and the first column of (H − s₁)(H − s₂) there. If two consecutive subdiagonal
 * entries are small, the sweep may begin after them.
 */
function beginOf(
  get: Get,
  i: number,
  l: number,
  r1: number,
  i1: number,
  r2: number,
  i2: number,
): [m: number, x: number, y: number, z: number] {
  let [x, y, z] = [0, 0, 0];
  let m = i - 2;
  for (; ; m--) {
    const below = get(m + 1, m);
    const hm = get(m, m);
    const size = Math.abs(hm - r2) + Math.abs(i2) + Math.abs(below);
    const q = below / size;
    x = q * get(m, m + 1) + (hm - r1) * ((hm - r2) / size) - i1 * (i2 / size);
    y = q * (hm + get(m + 1, m + 1) - r1 - r2);
    z = q * get(m + 2, m + 1);
    const sum = Math.abs(x) + Math.abs(y) + Math.abs(z);
    x /= sum;
    y /= sum;
    z /= sum;
    if (m === l) break;
    const diagonal = Math.abs(get(m - 1, m - 1)) + Math.abs(hm) + Math.abs(get(m + 1, m + 1));
    if (Math.abs(get(m, m - 1)) * (Math.abs(y) + Math.abs(z)) <= UNIT * Math.abs(x) * diagonal) break;
  }
  return [m, x, y, z];
}
