import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compressor, f16, identity, induced, lowRank, natural, qsgd, randK, scaledSign, topK } from './index.ts';
import { greatestMagnitudes, kthMagnitude } from './select.ts';

const restored = (C: Compressor, message: Uint8Array, length: number): Float64Array => {
  const into = new Float64Array(length).fill(7);
  C.restore(message, into);
  return into;
};
const through = (C: Compressor, v: Float64Array, random: Random): Float64Array =>
  restored(C, C.compress(v, random), v.length);
const squares = (v: Float64Array): number => v.reduce((sum, x) => sum + x * x, 0);

/** Vectors of ten entries whose sizes differ much, little or not at all. */
function example(random: Random): Float64Array {
  const spread = [0, 1, 5][random.integer(3)];
  return Float64Array.from({ length: 10 }, () => random.normal() * Math.exp(spread * random.normal()));
}

const all: readonly Compressor[] = [
  identity(),
  topK(3),
  topK(0.1, { values: 'f64' }),
  topK(99),
  randK(3),
  randK(7),
  randK(0.2, { scaled: false }),
  f16(),
  scaledSign(),
  scaledSign({ values: 'f64' }),
  qsgd(1),
  qsgd(4),
  qsgd(1000),
  natural(),
  lowRank(1),
  lowRank(2, { values: 'f64' }),
  lowRank(9),
  induced(topK(2), randK(3)),
  induced(scaledSign(), qsgd(1)),
];
const named = all.map((C) => [C.name, C] as const);

describe.each(named)('%s', (_, C) => {
  test('contracts by δ, and has no bias and the second moment q, on 10⁴ random vectors', () => {
    const random = new Random(3);
    const [delta, q] = [C.delta(10), C.secondMoment(10)];
    expect(delta ?? q).toBeDefined();
    const [losses, moments]: number[][] = [[], []];
    const errors = Array.from({ length: 10 }, () => [] as number[]);
    for (let n = 0; n < 10_000; n++) {
      const v = example(random);
      const size = squares(v);
      const w = through(C, v, random);
      const miss = w.map((x, i) => (x - v[i]) / Math.sqrt(size));
      losses.push(squares(miss));
      moments.push(squares(w) / size);
      for (const [i, x] of miss.entries()) errors[i].push(x);
    }
    // Five standard errors; the rounding of values to 24 bits is of the order of 10⁻⁷.
    const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    const allowed = (x: readonly number[]) => {
      const centre = mean(x);
      return 5 * Math.sqrt(mean(x.map((y) => (y - centre) ** 2)) / x.length) + 1e-6;
    };
    if (delta !== undefined) expect(mean(losses)).toBeLessThanOrEqual(1 - delta + allowed(losses));
    if (q === undefined) return;
    expect(mean(moments)).toBeLessThanOrEqual(q + allowed(moments));
    for (const error of errors) expect(Math.abs(mean(error))).toBeLessThanOrEqual(allowed(error));
  });

  test('a vector of zeros has an empty message, whatever its length', () => {
    for (const length of [0, 1, 9, 12]) {
      const message = C.compress(new Float64Array(length), new Random(1));
      expect(message).toHaveLength(0);
      expect([...restored(C, message, length)]).toEqual(Array(length).fill(0));
    }
  });

  test('odd vectors come through: finite, with an error within that of the bounds, the same from the same draws', () => {
    const entry = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 }),
      fc.constantFrom(0, -0, 1, -1, 5e-324, 1e-40, 3.5e38, 65_520),
    );
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 70 }), (values) => {
        const v = Float64Array.from(values);
        const message = C.compress(v, new Random(5));
        expect(C.compress(v, new Random(5))).toEqual(message);
        const w = restored(C, message, v.length);
        expect(w.every(Number.isFinite)).toBe(true);
        if (v.every((x) => x === 0)) expect(message).toHaveLength(0);
      }),
      { numRuns: 200, examples: [[[5e-324, 0, 0]], [[-5e-324, 1e-323, 0, 0]]] },
    );
  });

  test('entries that are not finite are an error that names the first', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => C.compress(Float64Array.of(1, 2, bad, Number.NaN), new Random(1))).toThrow(
        `Entry 2 of the 4 to compress is ${bad}.`,
      );
    }
  });

  test('messages that are cut, too long, of another length or of another compressor are refused or restored to finite numbers', () => {
    const random = new Random(8);
    const v = example(random);
    const message = C.compress(v, random);
    const foreign = all.find((other) => other.name.split('=')[0] !== C.name.split('=')[0])!;
    expect(() => C.restore(foreign.compress(v, random), new Float64Array(10))).toThrow(/it was made by/);
    expect(() => C.restore(message.subarray(0, message.length - 1), new Float64Array(10))).toThrow(
      /The message cannot/,
    );
    expect(() => C.restore(Uint8Array.of(...message, 0), new Float64Array(10))).toThrow(/The message cannot/);
    expect(() => C.restore(Uint8Array.of(0), new Float64Array(10))).toThrow(/it was not made by/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), (bytes, length) => {
        if (bytes.length > 0) bytes[0] = (bytes[0] & 15) | (message[0] & 240);
        const into = new Float64Array(length);
        try {
          C.restore(bytes, into);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('INVALID_FORMAT');
          return;
        }
        expect(into.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

test('the k greatest magnitudes are those of a sort, of equal ones the first', () => {
  const random = new Random(4);
  const kinds: ReadonlyArray<() => number> = [
    () => random.normal(),
    () => random.integer(5) - 2,
    () => 1 + 2 ** -50 * random.integer(9),
    () => 3,
    () => 2 ** (random.integer(2000) - 1000) * random.normal(),
  ];
  for (const draw of kinds) {
    for (const n of [1, 2, 50, 2049, 6000]) {
      const v = Float64Array.from({ length: n }, draw);
      const order = [...v.keys()].sort((a, b) => Math.abs(v[b]) - Math.abs(v[a]) || a - b);
      for (const k of new Set([1, Math.ceil(n / 3), n])) {
        expect(kthMagnitude(v, k)).toBe(Math.abs(v[order[k - 1]]));
        const wanted = order.slice(0, k).filter((i) => v[i] !== 0);
        expect([...greatestMagnitudes(v, k)]).toEqual(wanted.sort((a, b) => a - b));
      }
    }
  }
});

test('a sample that is unlike the rest decides nothing', () => {
  const random = new Random(8);
  const n = 2 ** 16 + 5;
  const wanted = (v: Float64Array, k: number) =>
    [...v.keys()]
      .sort((a, b) => Math.abs(v[b]) - Math.abs(v[a]) || a - b)
      .slice(0, k)
      .sort((a, b) => a - b);
  // Every 211th number, and the first ones, are greater, smaller, equal or zero.
  for (const [sampled, rest] of [
    [1e3, 1],
    [1e-3, 1],
    [0, 1],
    [1, 0],
  ])
    for (const equal of [false, true]) {
      const draw = () => (equal ? 1 : random.normal());
      const v = Float64Array.from({ length: n }, (_, i) => draw() * (i % 211 === 0 || i < 9 ? sampled : rest));
      for (const k of [1, 700, 30_000]) {
        const found = [...greatestMagnitudes(v, k)];
        expect(found).toEqual(wanted(v, k).filter((i) => v[i] !== 0));
      }
      const usual = Float64Array.from({ length: n }, () => random.normal() ** 3);
      expect([...greatestMagnitudes(usual, 700)]).toEqual(wanted(usual, 700));
    }
});

test('a number that is not finite is named, wherever it is and however many there are', () => {
  for (const n of [50, 6000, 70_000]) {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const v = Float64Array.from({ length: n }, (_, i) => (i === 41 || i === n - 1 ? bad : Math.sin(i)));
      expect(() => greatestMagnitudes(v, 3)).toThrow(`Entry 41 of the ${n} to compress is ${bad}.`);
      expect(() => topK(0.5).compress(v, new Random())).toThrow(`Entry 41 of the ${n}`);
    }
  }
});

test('top-k keeps the first of equal entries, and all of a shorter vector', () => {
  const v = Float64Array.of(1, -2, 2, 2, 0);
  expect([...through(topK(2), v, new Random())]).toEqual([0, -2, 2, 0, 0]);
  expect([...through(topK(9), v, new Random())]).toEqual([1, -2, 2, 2, 0]);
  expect([...through(topK(0.2), v, new Random())]).toEqual([0, -2, 0, 0, 0]);
  expect([...through(topK(0.01), v, new Random())]).toEqual([0, -2, 0, 0, 0]);
});

test('messages have the bytes of a direct count', () => {
  const random = new Random(6);
  const d = 1000;
  const v = Float64Array.from({ length: d }, () => random.normal());
  const bytes = (C: Compressor, x = v) => C.compress(x, random).length;
  expect(bytes(identity())).toBe(1 + 8 * d);
  // One entry: 10 bits for its index, or a code of the difference with a byte for its parameter.
  expect(bytes(topK(1))).toBe(1 + 1 + 2 + 4);
  // Every other entry: a map takes 125 bytes, differences in unary one bit for each entry and its parameter one byte.
  expect(
    bytes(
      topK(500),
      v.map((x, i) => (i % 2 ? x : 0)),
    ),
  ).toBe(1 + 2 + 125 + 2000);
  expect(bytes(topK(d))).toBe(1 + 2 + 4 * d);
  expect(bytes(topK(d, { values: 'f64' }))).toBe(1 + 2 + 8 * d);
  // 100 of 1000: below 10 bits an index; the entropy is 1000·H(0.1) / 100 = 4.69 bits.
  const indices = bytes(topK(100)) - 1 - 1 - 400;
  expect(indices * 8).toBeGreaterThan(460);
  expect(indices * 8).toBeLessThan(500);
  expect(bytes(randK(100))).toBe(1 + 4 + 400);
  expect(bytes(randK(0.1, { values: 'f64' }))).toBe(1 + 4 + 800);
});

test('a value beyond 32 bits is sent in 64', () => {
  for (const x of [1e39, 1e-300, -5e-324]) {
    expect([...through(topK(1), Float64Array.of(x, 0), new Random())]).toEqual([x, 0]);
  }
  expect([...through(topK(2), Float64Array.of(0.1, 1e39), new Random())]).toEqual([0.1, 1e39]);
  expect([...through(topK(2), Float64Array.of(0.1, 1), new Random())]).toEqual([Math.fround(0.1), 1]);
});

test.each<[string, () => unknown, RegExp]>([
  ['k = 0', () => topK(0), /top-k keeps k entries, .* not 0/],
  ['a negative share', () => randK(-0.5), /rand-k keeps k entries, .* not -0.5/],
  ['one and a half', () => topK(1.5), /not 1.5/],
  ['NaN', () => topK(Number.NaN), /not NaN/],
  ['values', () => topK(1, { values: 'f16' as 'f32' }), /values must be f32 or f64, not f16/],
  ['a wrong option', () => randK(1, { scale: true } as object), /no option 'scale'; did you mean 'scaled'/],
  ['a wrong type', () => randK(1, { scaled: 1 as unknown as boolean }), /scaled must be true or false/],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});
