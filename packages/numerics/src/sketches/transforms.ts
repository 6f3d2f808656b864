import { fail, Random } from '../core/index.ts';
import { Cosine } from '../transforms/index.ts';
import { byColumns, type Drawn } from './sketch.ts';

/** The smallest power of two that is at least n. */
export function powerOfTwoFrom(n: number): number {
  let N = 1;
  while (N < n) N *= 2;
  return N;
}

/** n random signs. */
export function signs(n: number, random: Random): Float64Array {
  return Float64Array.from({ length: n }, () => ((random.bits() & 1) === 1 ? 1 : -1));
}

/** `count` distinct indices below `from`, in ascending order. */
const sampled = (from: number, count: number, random: Random): Int32Array => random.sample(from, count).sort();

/**
 * √(N/m)·P·(H/√N)·D: random signs on n values, zero padding to N = 2^q, the Hadamard transform, and m distinct rows.
 * O(N log N) per column.
 */
export function srht(n: number, rows: number, seed: number): Drawn {
  const random = new Random(seed);
  const N = powerOfTwoFrom(n);
  checkRows(rows, N, `${n} rows, padded to ${N}`);
  const [sign, at] = [signs(n, random.split(0)), sampled(N, rows, random.split(1))];
  const scale = 1 / Math.sqrt(rows);
  return byColumns(N, ({ view, pointer, kernels }, out) => {
    flip(view, sign);
    kernels.hadamard(N, pointer);
    for (let k = 0; k < rows; k++) out[k] = scale * view[at[k]];
  });
}

/** √(n/m)·P·C·D with the cosine transform C, which needs no padding. O(n log n) per column. */
export function cosine(n: number, rows: number, seed: number): Drawn {
  const random = new Random(seed);
  checkRows(rows, n, `${n} rows`);
  const [sign, at] = [signs(n, random.split(0)), sampled(n, rows, random.split(1))];
  const transform = new Cosine(n);
  const image = new Float64Array(n);
  const scale = Math.sqrt(n / rows);
  return byColumns(n, ({ view }, out) => {
    flip(view, sign);
    transform.forward(view, image);
    for (let k = 0; k < rows; k++) out[k] = scale * image[at[k]];
  });
}

/**
 * B·D_γ·Π·(H/√N)·D_σ: like {@link srht}, but all N = m·s values are shuffled, multiplied by normal variates, and summed
 * in groups of s. m and s are powers of two; s is the smallest that is at least `pool` and n/m. O(N log N) per column.
 * @throws INVALID_PARAMETER unless `rows` is a power of two.
 */
export function pooled(n: number, rows: number, seed: number, pool: number): Drawn {
  const random = new Random(seed);
  if (powerOfTwoFrom(rows) !== rows) {
    fail(
      'INVALID_PARAMETER',
      `The number of rows of a pooled sketch must be a power of two, not ${rows}: take ${powerOfTwoFrom(rows)}, or another kind.`,
    );
  }
  const s = powerOfTwoFrom(Math.max(n / rows, pool));
  const N = rows * s;
  const sign = signs(n, random.split(0));
  const order = random.split(1).permutation(N);
  const normals = random.split(2);
  const gamma = Float64Array.from({ length: N }, () => normals.normal());
  const scale = 1 / Math.sqrt(N);
  return byColumns(N, ({ view, pointer, kernels }, out) => {
    flip(view, sign);
    kernels.hadamard(N, pointer);
    for (let k = 0; k < rows; k++) {
      let sum = 0;
      for (let at = k * s; at < (k + 1) * s; at++) sum += gamma[at] * view[order[at]];
      out[k] = scale * sum;
    }
  });
}

function flip(view: Float64Array, sign: Float64Array): void {
  for (let i = 0; i < sign.length; i++) view[i] *= sign[i];
}

/** @throws INVALID_PARAMETER. */
export function checkRows(rows: number, most: number, of: string): void {
  if (rows > most) {
    fail('INVALID_PARAMETER', `Of ${of}, a sketch cannot sample ${rows} distinct ones: take at most ${most}.`);
  }
}
