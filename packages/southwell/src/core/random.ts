/**
 * A splittable generator of random numbers: xoshiro128++ (Blackman & Vigna 2021) seeded through splitmix32; doubles
 * with 53-bit mantissas; normal and exponential variates by the ziggurat with 256 layers (Marsaglia & Tsang 2000, in
 * Doornik's 2005 form, which draws the layer and the mantissa from separate bits). The same seed gives the same
 * numbers in every runtime: only 32-bit integer arithmetic, and exp/log in the rejection step.
 */
export class Random {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** @param seed any integer in [0, 2⁵³); throws RangeError otherwise. */
  constructor(readonly seed: number = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`A seed must be an integer between 0 and 2^53 - 1, but is ${seed}.`);
    }
    let state = (seed | 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1);
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.s0 = next();
    this.s1 = next();
    this.s2 = next();
    this.s3 = next() | 1; // never all zero
  }

  /** An independent stream for the part called `index`; does not advance this one. */
  split(index: number): Random {
    let h = Math.imul((index + 1) | 0, 0x85ebca6b) ^ Math.imul(Math.floor(index / 2 ** 32) | 0, 0x27d4eb2f);
    h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
    const low = ((this.seed % 2 ** 32) ^ h ^ 0x5bd1e995) >>> 0;
    const high = (Math.floor(this.seed / 2 ** 32) ^ Math.imul(h, 0x9e3779b1)) & 0x1fffff;
    return new Random(high * 2 ** 32 + low);
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

  /** Uniform integer in [0, n), without bias, for n ≤ 2³². */
  integer(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    let x = this.bits() >>> 0;
    while (x >= limit) x = this.bits() >>> 0;
    return x % n;
  }

  /** Standard normal. */
  normal(): number {
    for (;;) {
      const layer = this.bits() & 255;
      const u = 2 * this.uniform() - 1;
      if (Math.abs(u) < normalRatio[layer]) return u * normalX[layer];
      if (layer === 0) {
        let x: number;
        let y: number;
        do {
          x = -Math.log(1 - this.uniform()) / NORMAL_TAIL;
          y = -Math.log(1 - this.uniform());
        } while (2 * y < x * x);
        return u < 0 ? -(NORMAL_TAIL + x) : NORMAL_TAIL + x;
      }
      const x = u * normalX[layer];
      const f0 = Math.exp(-0.5 * (normalX[layer] * normalX[layer] - x * x));
      const f1 = Math.exp(-0.5 * (normalX[layer + 1] * normalX[layer + 1] - x * x));
      if (f1 + this.uniform() * (f0 - f1) < 1) return x;
    }
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
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

  /** k distinct integers from [0, n), in random order. O(k) memory and time by Floyd's sample for k ≪ n. */
  sample(n: number, k: number): Int32Array {
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

// Ziggurat tables: 256 layers of equal area V under exp(−x²/2), the tail from R on in layer 0.
const NORMAL_TAIL = 3.6541528853610088;
const NORMAL_AREA = 0.00492867323399;
const normalX = new Float64Array(257);
const normalRatio = new Float64Array(256);
{
  let f = Math.exp(-0.5 * NORMAL_TAIL * NORMAL_TAIL);
  normalX[0] = NORMAL_AREA / f;
  normalX[1] = NORMAL_TAIL;
  for (let i = 2; i < 256; i++) {
    normalX[i] = Math.sqrt(-2 * Math.log(NORMAL_AREA / normalX[i - 1] + f));
    f = Math.exp(-0.5 * normalX[i] * normalX[i]);
  }
  normalX[256] = 0;
  for (let i = 0; i < 256; i++) normalRatio[i] = normalX[i + 1] / normalX[i];
}
