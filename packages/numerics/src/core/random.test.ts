import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NORMAL_TAIL, normalX, Random } from './random.ts';

const N = 1_000_000;

/** Within z standard errors: |found − expected| ≤ z·√variance. With z = 5 a sound generator fails once in 10⁶ seeds. */
function within(found: number, expected: number, variance: number, z = 5): void {
  expect(Math.abs(found - expected) / Math.sqrt(variance)).toBeLessThan(z);
}

/** Upper bound of χ² with k degrees of freedom at 5 sigma (Wilson & Hilferty 1931). */
const chiSquareBound = (k: number) => k * (1 - 2 / (9 * k) + 5 * Math.sqrt(2 / (9 * k))) ** 3;

function chiSquare(counts: ArrayLike<number>, expected: number): number {
  return Array.from(counts).reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
}

/** Φ(x) by Marsaglia's series (2004), good to 1e-15 for |x| < 7. */
function normalCdf(x: number): number {
  let sum = x;
  let term = x;
  for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.5 * Math.log(2 * Math.PI));
}

/** ∫ₓ^∞ exp(−t²/2) dt by the continued fraction of Laplace. */
function tailArea(x: number): number {
  let f = 0;
  for (let k = 300; k > 0; k--) f = k / (x + f);
  return Math.exp((-x * x) / 2) / (x + f);
}

test('bits are those of the published xoshiro128++ (C code of 2019, in BigInt)', () => {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const reference = (state: bigint[]) => {
    const s = [...state];
    return () => {
      const result = (rotl((s[0] + s[3]) & mask, 7n) + s[0]) & mask;
      const t = (s[1] << 9n) & mask;
      s[2] ^= s[0];
      s[3] ^= s[1];
      s[1] ^= s[2];
      s[0] ^= s[3];
      s[2] ^= t;
      s[3] = rotl(s[3], 11n);
      return Number(result);
    };
  };
  const withState = (state: bigint[]) =>
    Object.assign(new Random(0), Object.fromEntries(state.map((v, k) => [`s${k}`, Number(BigInt.asIntN(32, v))])));
  // The first outputs from the state 1, 2, 3, 4 (as in the tests of Rust's rand_xoshiro).
  const known = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295];
  const counted = withState([1n, 2n, 3n, 4n]);
  expect(known.map(() => counted.bits() >>> 0)).toEqual(known);
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: mask }), { minLength: 4, maxLength: 4 }), (state) => {
      const random = withState(state);
      const next = reference(state);
      for (let k = 0; k < 50; k++) expect(random.bits() >>> 0).toBe(next());
    }),
  );
});

test('uniform: moments, bit balance of all 53 bits, and serial correlation', () => {
  const random = new Random(11);
  const ones = new Float64Array(53);
  const sums = new Float64Array(5);
  let serial = 0;
  let previous = random.uniform();
  for (let i = 0; i < N; i++) {
    const u = random.uniform();
    if (!(u >= 0 && u < 1)) expect.fail(`${u} is outside [0, 1)`);
    serial += (u - 0.5) * (previous - 0.5);
    previous = u;
    let power = 1;
    for (let k = 1; k <= 4; k++) sums[k] += power *= u;
    let high = Math.floor(u * 2 ** 27);
    let low = Math.round((u * 2 ** 27 - high) * 2 ** 26);
    for (let k = 0; k < 26; k++, low >>>= 1) ones[k] += low & 1;
    for (let k = 26; k < 53; k++, high >>>= 1) ones[k] += high & 1;
  }
  for (let k = 1; k <= 4; k++) within(sums[k] / N, 1 / (k + 1), (1 / (2 * k + 1) - 1 / (k + 1) ** 2) / N);
  for (const count of ones) within(count / N, 0.5, 0.25 / N);
  within(serial / N, 0, 1 / 144 / N);
});

test('uniform fills 64 × 64 cells of pairs evenly', () => {
  const random = new Random(12);
  const counts = new Int32Array(4096);
  for (let i = 0; i < N; i++) counts[(random.uniform() * 64) | (Math.floor(random.uniform() * 64) << 6)]++;
  expect(chiSquare(counts, N / 4096)).toBeLessThan(chiSquareBound(4095));
});

test('normal: moments up to the sixth, and tail counts beyond 3, 4 and 4.5', () => {
  const random = new Random(13);
  const sums = new Float64Array(7);
  const limits = [3, 4, 4.5];
  const beyond = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  const n = 4 * N;
  let serial = 0;
  let previous = 0;
  for (let i = 0; i < n; i++) {
    const x = random.normal();
    let power = 1;
    for (let k = 1; k <= 6; k++) sums[k] += power *= x;
    serial += x * previous;
    previous = x;
    if (x > 3 || x < -3) {
      const side = beyond[x > 0 ? 0 : 1];
      limits.forEach((limit, k) => {
        if (Math.abs(x) > limit) side[k]++;
      });
    }
  }
  // E[x^2k] = (2k − 1)!!, and Var(x^k) = E[x^2k] − E[x^k]².
  const moments = [1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395];
  for (let k = 1; k <= 6; k++) within(sums[k] / n, moments[k], (moments[2 * k] - moments[k] ** 2) / n);
  within(serial / n, 0, 1 / n);
  limits.forEach((limit, k) => {
    const expected = (n * tailArea(limit)) / Math.sqrt(2 * Math.PI);
    for (const side of beyond) within(side[k], expected, expected); // Poisson
  });
});

test('normal: Kolmogorov-Smirnov, over all and beyond the end of the ziggurat', () => {
  const random = new Random(14);
  const n = 400_000;
  const values = Float64Array.from({ length: n }, () => random.normal()).sort();
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const p = normalCdf(values[i]);
    distance = Math.max(distance, Math.abs(p - i / n), Math.abs((i + 1) / n - p));
  }
  expect(distance * Math.sqrt(n)).toBeLessThan(2.5); // probability 2·exp(−2·2.5²) = 7e-6
  const tail: number[] = [];
  for (let i = 0; i < 6 * N; i++) {
    const x = Math.abs(random.normal());
    if (x > NORMAL_TAIL) tail.push(x);
  }
  const expected = (6 * N * 2 * tailArea(NORMAL_TAIL)) / Math.sqrt(2 * Math.PI);
  within(tail.length, expected, expected);
  tail.sort((a, b) => a - b);
  const gaps = tail.map((x, i) => {
    const p = 1 - tailArea(x) / tailArea(NORMAL_TAIL);
    return Math.max(Math.abs(p - i / tail.length), Math.abs((i + 1) / tail.length - p));
  });
  expect(Math.max(...gaps) * Math.sqrt(tail.length)).toBeLessThan(2.5);
});

test('ziggurat: 256 layers of equal area that cover the density, the tail with the base', () => {
  const f = (x: number) => Math.exp((-x * x) / 2);
  const area = NORMAL_TAIL * f(NORMAL_TAIL) + tailArea(NORMAL_TAIL);
  expect(normalX).toHaveLength(257);
  expect(normalX[0] * f(normalX[1])).toBeCloseTo(area, 15); // the base, as a rectangle that holds the tail's area
  expect(normalX[1]).toBe(NORMAL_TAIL);
  expect(normalX[256]).toBe(0);
  for (let i = 1; i < 256; i++) {
    expect(normalX[i]).toBeGreaterThan(normalX[i + 1]);
    expect((normalX[i] * (f(normalX[i + 1]) - f(normalX[i]))) / area).toBeCloseTo(1, 11);
  }
  // Under a curve of area √(π/2) the ziggurat's 256 areas leave out nothing and exceed it only by the wedges.
  expect(256 * area).toBeGreaterThan(Math.sqrt(Math.PI / 2));
});

test('exponential: moments and Kolmogorov-Smirnov', () => {
  const random = new Random(15);
  const n = 400_000;
  const values = Float64Array.from({ length: n }, () => random.exponential()).sort();
  let distance = 0;
  const sums = [0, 0, 0];
  values.forEach((x, i) => {
    const p = -Math.expm1(-x);
    distance = Math.max(distance, Math.abs(p - i / n), Math.abs((i + 1) / n - p));
    for (let k = 0; k < 3; k++) sums[k] += x ** (k + 1);
  });
  expect(distance * Math.sqrt(n)).toBeLessThan(2.5);
  const factorial = [1, 1, 2, 6, 24, 120, 720];
  sums.forEach((s, k) => {
    within(s / n, factorial[k + 1], (factorial[2 * k + 2] - factorial[k + 1] ** 2) / n);
  });
});

test('integer: even for small, large and awkward bounds', () => {
  const random = new Random(16);
  for (const n of [2, 3, 10, 255, 1000]) {
    const counts = new Int32Array(n);
    for (let i = 0; i < 200_000; i++) counts[random.integer(n)]++;
    expect(chiSquare(counts, 200_000 / n)).toBeLessThan(chiSquareBound(n - 1));
  }
  // 3·2³⁰: taking 32 bits modulo n would put half of the draws into the lowest third.
  const thirds = new Int32Array(3);
  for (let i = 0; i < 300_000; i++) thirds[Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30)]++;
  expect(chiSquare(thirds, 100_000)).toBeLessThan(chiSquareBound(2));
  const halves = new Int32Array(2);
  for (let i = 0; i < 10_000; i++) halves[random.integer(2 ** 32) >= 2 ** 31 ? 1 : 0]++;
  expect(chiSquare(halves, 5000)).toBeLessThan(chiSquareBound(1));
  expect(random.integer(1)).toBe(0);
  for (const bad of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => random.integer(bad)).toThrow(RangeError);
});

test('permutation and shuffle: all 120 orders of five are equally likely', () => {
  const random = new Random(17);
  const counts = new Map<string, number>();
  const n = 240_000;
  for (let i = 0; i < n; i++) {
    const key = random.permutation(5).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(120);
  expect(chiSquare([...counts.values()], n / 120)).toBeLessThan(chiSquareBound(119));
  expect(random.permutation(0)).toHaveLength(0);
});

test('sample: distinct, in range, every ordered choice equally likely, by both ways', () => {
  const random = new Random(18);
  // (9, 2) is drawn by Floyd's method, (4, 2) from a permutation.
  for (const [n, k] of [
    [9, 2],
    [4, 2],
  ]) {
    const counts = new Map<string, number>();
    for (let i = 0; i < 144_000; i++) {
      const key = random.sample(n, k).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const orders = n * (n - 1);
    expect(counts.size).toBe(orders);
    expect(chiSquare([...counts.values()], 144_000 / orders)).toBeLessThan(chiSquareBound(orders - 1));
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.floor(n * share);
      const drawn = random.sample(n, k);
      expect(new Set(drawn).size).toBe(k);
      expect(drawn.every((v) => v >= 0 && v < n)).toBe(true);
    }),
  );
  expect(() => random.sample(3, 4)).toThrow(RangeError);
});

test('the same seed and path give the same numbers; a split leaves its parent alone', () => {
  const a = new Random(2 ** 53 - 1);
  const b = new Random(2 ** 53 - 1);
  a.split(5);
  for (let i = 0; i < 100; i++) expect(a.bits()).toBe(b.bits());
  expect(new Random(1).split(2).split(3).bits()).toBe(new Random(1).split(2).split(3).bits());
  for (const bad of [-1, 0.5, 2 ** 53, Number.NaN]) {
    expect(() => new Random(bad)).toThrow(RangeError);
    expect(() => a.split(bad)).toThrow(RangeError);
  }
});

test('no two streams of neighbouring seeds, of splits, or of splits of splits in any order start alike', () => {
  const streams: Random[] = [];
  for (let seed = 0; seed < 300; seed++) streams.push(new Random(seed), new Random((seed + 1) * 2 ** 32 + 7));
  for (let i = 0; i < 150; i++) {
    for (let j = 0; j < 150; j++) streams.push(new Random(3).split(i).split(j));
  }
  for (let i = 300; i < 100_000; i++) streams.push(new Random(3).split(i));
  const starts = new Set(streams.map((random) => `${random.bits()},${random.bits()},${random.bits()}`));
  expect(starts.size).toBe(streams.length);
});

test('streams of one parent, and of neighbouring seeds, are uncorrelated', () => {
  const n = 20_000;
  const root = new Random(19);
  const streams = [
    root,
    ...[0, 1, 2, 3].map((k) => new Random(19).split(k)),
    new Random(19).split(0).split(0),
    new Random(20),
    new Random(19 + 2 ** 32),
  ].map((random) => Float64Array.from({ length: n }, () => random.uniform() - 0.5));
  for (let s = 0; s < streams.length; s++) {
    for (let t = 0; t < s; t++) {
      for (const lag of [0, 1]) {
        let sum = 0;
        for (let i = lag; i < n; i++) sum += streams[s][i] * streams[t][i - lag];
        within(sum / n, 0, 1 / 144 / n);
      }
    }
  }
});

test('a stream goes on from where it stood', () => {
  const a = new Random(3).split(4);
  for (let k = 0; k < 9; k++) a.normal();
  const b = new Random(3).split(4);
  b.restore(JSON.parse(JSON.stringify(a.state())));
  for (let k = 0; k < 9; k++) expect(b.normal()).toBe(a.normal());
  expect(b.split(1).bits()).toBe(a.split(1).bits());
});

test('the first numbers of a hundred thousand splits are themselves uniform', () => {
  const root = new Random(21);
  const counts = new Int32Array(100);
  for (let k = 0; k < 100_000; k++) counts[Math.floor(root.split(k).uniform() * 100)]++;
  expect(chiSquare(counts, 1000)).toBeLessThan(chiSquareBound(99));
});
