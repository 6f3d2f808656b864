import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  type OptionsOf,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { lu, qr } from '@southwell/numerics/linalg';

const gradientCodeRecords = {
  /** Cyclic supports, or groups of s + 1 workers with equal chunks, which needs (s + 1) | n. Default: cyclic. */
  kind: choiceOption({ cyclic: 'Cyclic', fractional: 'Fractional repetition' }),
  seed: seedOption(),
};

export interface GradientCodeOptions extends OptionsOf<typeof gradientCodeRecords> {}

/** A code by which the sum of n chunks follows from the results of any n − s workers. */
export interface GradientCode {
  readonly n: number;
  readonly s: number;
  /** n × n by rows: worker i returns Σ B[i·n + j]·(chunk j), and has the s + 1 chunks i, …, i + s mod n or those of its group. */
  readonly B: Float64Array;
  /**
   * Coefficients a, one for each worker and 0 for those that did not answer, with aᵀB = 1ᵀ; null if they do not exist to a residual
   * of 1e-8. `arrived` has n entries, not 0 for a result that is there. O(n³) for cyclic codes, of which the last 256 sets of workers are
   * remembered; O(n) for fractional ones.
   */
  decode(arrived: ArrayLike<number | boolean>): Float64Array | null;
}

const RESIDUAL = 1e-8;
const DRAWS = 20;

/** Largest entry of |aᵀB − 1|. */
function residualOf(B: Float64Array, n: number, a: Float64Array): number {
  let worst = 0;
  for (let j = 0; j < n; j++) {
    let sum = -1;
    for (let i = 0; i < n; i++) sum += a[i] * B[i * n + j];
    worst = Math.max(worst, Math.abs(sum));
  }
  return worst;
}

function cyclicMatrix(n: number, s: number, random: Random): Float64Array {
  const B = new Float64Array(n * n);
  const H = Array.from({ length: s }, () => {
    const row = Float64Array.from({ length: n }, () => random.normal());
    row[n - 1] = -row.subarray(0, n - 1).reduce((sum, v) => sum + v, 0);
    return row;
  });
  for (let i = 0; i < n; i++) {
    B[i * n + i] = 1;
    if (s === 0) continue;
    const others = Array.from({ length: s }, (_, k) => (i + 1 + k) % n);
    const M = DenseMatrix.fromRows(H.map((row) => others.map((j) => row[j])));
    const x = lu(M).solve(Float64Array.from(H, (row) => -row[i]));
    others.forEach((j, k) => {
      B[i * n + j] = x[k];
    });
  }
  return B;
}

function cyclicDecoder(n: number, s: number, B: Float64Array) {
  return (arrived: ArrayLike<number | boolean>): Float64Array | null => {
    const workers = Array.from({ length: n }, (_, i) => i).filter((i) => arrived[i]);
    if (workers.length < n - s) return null;
    const used = workers.slice(0, n - s);
    const rows = Array.from({ length: n }, (_, j) => used.map((i) => B[i * n + j]));
    const a = new Float64Array(n);
    const solution = qr(DenseMatrix.fromRows(rows), { pivoting: true }).leastSquares(new Float64Array(n).fill(1));
    used.forEach((i, k) => {
      a[i] = solution[k];
    });
    return residualOf(B, n, a) <= RESIDUAL ? a : null;
  };
}

const REMEMBERED = 256;

/** The decoder with a memory, as the same workers tend to straggle again. */
function remembering(n: number, decode: GradientCode['decode']): GradientCode['decode'] {
  const known = new Map<string, Float64Array | null>();
  return (arrived) => {
    const key = Array.from({ length: n }, (_, i) => (arrived[i] ? '1' : '0')).join('');
    let a = known.get(key);
    if (a === undefined) {
      a = decode(arrived);
      known.set(key, a);
      if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    }
    return a?.slice() ?? null;
  };
}

/** Whether the windows of s neighbouring stragglers, the worst conditioned sets in general, decode. */
function sound(n: number, s: number, decode: GradientCode['decode']): boolean {
  for (let start = 0; start < n; start++) {
    const arrived = new Uint8Array(n).fill(1);
    for (let k = 0; k < s; k++) arrived[(start + k) % n] = 0;
    if (!decode(arrived)) return false;
  }
  return true;
}

function fractional(n: number, s: number): GradientCode {
  if (n % (s + 1) !== 0) {
    fail('INVALID_PARAMETER', `A fractional repetition code needs a multiple of s + 1 = ${s + 1} workers, not ${n}.`);
  }
  const B = new Float64Array(n * n);
  const first = (i: number) => i - (i % (s + 1));
  for (let i = 0; i < n; i++) B.fill(1, i * n + first(i), i * n + first(i) + s + 1);
  const decode = (arrived: ArrayLike<number | boolean>) => {
    const a = new Float64Array(n);
    for (let group = 0; group < n; group += s + 1) {
      const own = Array.from({ length: s + 1 }, (_, k) => group + k).find((i) => arrived[i]);
      if (own === undefined) return null;
      a[own] = 1;
    }
    return a;
  };
  return { n, s, B, decode };
}

/**
 * A gradient code for n workers of which any s may be missing (Tandon, Lei, Dimakis & Karampatziakis, ICML 2017; algorithm 2 for
 * cyclic codes). The Gaussian matrix of a cyclic code is drawn again, up to 20 times, if one of the n windows of s neighbouring
 * stragglers does not decode to a residual of 1e-8. O(n·s³) for a cyclic code and O(n⁴) for its check, which is made for n ≤ 32;
 * larger codes are checked by the residual whenever they decode.
 * @throws INVALID_PARAMETER unless 0 ≤ s < n, and for a fractional code unless (s + 1) | n; SINGULAR if no draw decodes.
 */
export function gradientCode(n: number, s: number, options: GradientCodeOptions = {}): GradientCode {
  checkOptions('gradientCode', gradientCodeRecords, options);
  wholeNumber('n', n, 1);
  wholeNumber('s', s, 0, n - 1);
  const { kind = 'cyclic', seed = 0 } = options;
  if (kind === 'fractional') return fractional(n, s);
  const random = new Random(seed);
  for (let draw = 0; draw < DRAWS; draw++) {
    const B = cyclicMatrix(n, s, random);
    const decode = cyclicDecoder(n, s, B);
    if (n > 32 || sound(n, s, decode)) return { n, s, B, decode: remembering(n, decode) };
  }
  return fail('SINGULAR', `None of ${DRAWS} cyclic codes for ${n} workers and ${s} stragglers is well conditioned.`);
}
