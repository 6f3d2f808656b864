import { elementary } from '../special/index.ts';

const { exp, log } = elementary;

/**
 * A splittable random number generator: xoshiro128++ (Blackman & Vigna 2021), keyed by a bijective hash of the seed and
 * the path of splits. Doubles have 53-bit mantissas; normal variates use the ziggurat with 256 layers (Marsaglia &
 * Tsang 2000, in Doornik's 2005 form, which draws the layer and the mantissa from separate bits). The same seed gives
 * the same numbers in Node and Chromium, because only integer arithmetic and functions of elementary.ts are used.
 */
export class Random {
  private key: Key;
  private s0 = 0;
  private s1 = 0;
  private s2 = 0;
  private s3 = 0;

  /**
   * @param seed an integer in [0, 2⁵³).
   * @throws RangeError.
   */
  constructor(readonly seed: number = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`A seed must be an integer between 0 and 2^53 - 1, but is ${seed}.`);
    }
    this.key = absorb([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], seed); // π: nothing up the sleeve
    this.restart();
  }

  /**
   * An independent stream numbered `index`, an integer in [0, 2⁵³); the parent stream does not advance. Children of one
   * stream never share an initial state; nested splits depend on the order of the path.
   * @throws RangeError.
   */
  split(index: number): Random {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new RangeError(`The index of a split must be an integer between 0 and 2^53 - 1, but is ${index}.`);
    }
    const part = new Random(this.seed);
    part.key = absorb(this.key, index);
    part.restart();
    return part;
  }

  /** State of the stream as plain data, for a checkpoint. The seed and the path of splits are not included. */
  state(): readonly number[] {
    return [this.s0, this.s1, this.s2, this.s3];
  }

  /** Restores a saved state; the stream continues bit for bit. */
  restore(state: readonly number[]): void {
    [this.s0, this.s1, this.s2, this.s3] = state;
  }

  private restart(): void {
    const [s0, s1, s2, s3] = this.key;
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = (s0 | s1 | s2 | s3) === 0 ? 1 : s3; // never all zero
  }

  /** 32 uniform bits as a signed integer. */
  bits(): number {
    const { s0, s3 } = this;
    const sum = (s0 + s3) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + s0) | 0;
    const t = this.s1 << 9;
    let { s1, s2 } = this;
    s2 ^= s0;
    let n3 = s3 ^ s1;
    s1 ^= s2;
    this.s0 = s0 ^ n3;
    s2 ^= t;
    n3 = (n3 << 11) | (n3 >>> 21);
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = n3;
    return result;
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * Unbiased uniform integer in [0, n), for integers 1 ≤ n ≤ 2³².
   * @throws RangeError.
   */
  integer(n: number): number {
    if (!(n >= 1 && n <= 4294967296 && Number.isInteger(n))) {
      throw new RangeError(`Random integers need a whole bound from 1 to 2^32, not ${n}.`);
    }
    const limit = 4294967296 - (4294967296 % n);
    let x = this.bits() >>> 0;
    while (x >= limit) x = this.bits() >>> 0;
    return x % n;
  }

  /** Standard normal variate. */
  normal(): number {
    for (;;) {
      const layer = this.bits() & 255;
      const u = 2 * this.uniform() - 1;
      if (Math.abs(u) < normalRatio[layer]) return u * normalX[layer];
      if (layer === 0) {
        let x: number;
        let y: number;
        do {
          x = -log(1 - this.uniform()) / NORMAL_TAIL;
          y = -log(1 - this.uniform());
        } while (2 * y < x * x);
        return u < 0 ? -(NORMAL_TAIL + x) : NORMAL_TAIL + x;
      }
      const x = u * normalX[layer];
      const f0 = exp(-0.5 * (normalX[layer] * normalX[layer] - x * x));
      const f1 = exp(-0.5 * (normalX[layer + 1] * normalX[layer + 1] - x * x));
      if (f1 + this.uniform() * (f0 - f1) < 1) return x;
    }
  }

  /** Exponential variate with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform());
  }

  /** A uniformly random permutation of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const p = new Int32Array(n);
    for (let i = 0; i < n; i++) p[i] = i;
    this.shuffle(p);
    return p;
  }

  /** Shuffles in place. */
  shuffle(p: Int32Array | Float64Array | number[]): void {
    for (let i = p.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const t = p[i];
      p[i] = p[j];
      p[j] = t;
    }
  }

  /**
   * k distinct integers from [0, n), in random order. O(k) memory and time by Floyd's algorithm for k ≪ n.
   * @throws RangeError if k > n.
   */
  sample(n: number, k: number): Int32Array {
    if (!(k >= 0 && k <= n)) throw new RangeError(`${k} distinct integers cannot be drawn from ${n}.`);
    if (k * 4 > n) return this.permutation(n).slice(0, k);
    const seen = new Set<number>();
    const out = new Int32Array(k);
    let at = 0;
    for (let j = n - k; j < n; j++) {
      const t = this.integer(j + 1);
      const v = seen.has(t) ? j : t;
      seen.add(v);
      out[at++] = v;
    }
    this.shuffle(out);
    return out;
  }
}

type Key = readonly [number, number, number, number];

/**
 * Mixes an integer below 2⁵³ into a key of 128 bits. Each step is a bijection of one word, so different indices under
 * one key give different keys, and different keys stay different. The word mixer is Wellons' lowbias32.
 */
function absorb(key: Key, index: number): Key {
  let [a, b, c, d] = key;
  a ^= index | 0;
  b ^= Math.floor(index / 4294967296);
  for (let round = 1; round <= 4; round++) {
    a = mix((a + d + Math.imul(round, 0x9e3779b9)) | 0);
    b = mix((b + a) | 0);
    c = mix((c + b) | 0);
    d = mix((d + c) | 0);
  }
  return [a, b, c, d];
}

function mix(z: number): number {
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

// Ziggurat tables: 256 layers of equal area V under exp(−x²/2); layer 0 includes the tail beyond R.
export const NORMAL_TAIL = 3.6541528853610088;
const NORMAL_AREA = 0.004928673233974657;
/** Right edges of the layers, and the fraction of each that lies entirely under the density. */
export const normalX = new Float64Array(257);
const normalRatio = new Float64Array(256);
{
  let f = exp(-0.5 * NORMAL_TAIL * NORMAL_TAIL);
  normalX[0] = NORMAL_AREA / f;
  normalX[1] = NORMAL_TAIL;
  for (let i = 2; i < 256; i++) {
    normalX[i] = Math.sqrt(-2 * log(NORMAL_AREA / normalX[i - 1] + f));
    f = exp(-0.5 * normalX[i] * normalX[i]);
  }
  normalX[256] = 0;
  for (let i = 0; i < 256; i++) normalRatio[i] = normalX[i + 1] / normalX[i];
}
