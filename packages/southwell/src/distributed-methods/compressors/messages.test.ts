import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Compressor,
  compressorNames,
  compressorOf,
  f16,
  induced,
  lowRank,
  natural,
  qsgd,
  randK,
  scaledSign,
  topK,
} from './index.ts';
import { codeIndices, readIndices } from './indices.ts';

const through = (C: Compressor, values: ArrayLike<number>, memory?: Float64Array): number[] => {
  const into = new Float64Array(values.length);
  C.restore(C.compress(Float64Array.from(values), new Random(1), memory), into);
  return [...into];
};
const normals = (length: number, seed = 2): Float64Array => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => random.normal());
};
const bytes = (C: Compressor, v: Float64Array) => C.compress(v, new Random(1)).length;

test('halves are those of IEEE 754 binary16', () => {
  // The power of two is 1 where the largest lies between 2¹⁴ and 2¹⁵. Halves near 1 have steps of 2⁻¹⁰; ties go to even.
  const top = 2 ** 14;
  expect(through(f16(), [top, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -0.1, 2 ** -24, 2 ** -26, -(2 ** -25), 1000.3])).toEqual([
    top,
    1,
    1 + 2 ** -9,
    -0.0999755859375, // 0xae66
    2 ** -24,
    0,
    -0,
    1000.5, // 0x63d1
  ]);
  expect(through(f16(), [5e-324, -1.5e-323])).toEqual([5e-324, -1.5e-323]);
  expect(through(f16(), [1.7976931348623157e308])).toEqual([1.7976931348623157e308]);
});

test('indices of any density come through, by each code', () => {
  const codings = new Set<number>();
  const arbitrary = fc.record({
    length: fc.integer({ min: 1, max: 20_000 }),
    power: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.constantFrom(0, 95, 100)),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(arbitrary, ({ length, power, seed }) => {
      const count = Math.ceil(length ** (power / 100));
      const indices = new Random(seed).sample(length, count).sort();
      const { coding, bytes } = codeIndices(indices, length);
      codings.add(coding);
      // Something before and after, as in a message.
      const [found, end] = readIndices(Uint8Array.of(9, 9, ...bytes, 255), 2, { coding, count, length });
      expect(found).toEqual(indices);
      expect(end).toBe(2 + bytes.length);
    }),
  );
  // A few indices at the ends of a long vector, for code words beyond 24 bits.
  for (const indices of [[0, 99_999_999], [99_999_998, 99_999_999], [0, 1, 2, 3, 4, 5, 6, 99_999_999], [50_000_000]]) {
    const given = Int32Array.from(indices);
    const { coding, bytes } = codeIndices(given, 1e8);
    expect(readIndices(bytes, 0, { coding, count: given.length, length: 1e8 })[0]).toEqual(given);
  }
  expect([...codings].sort()).toEqual([0, 1, 2, 3]);
});

test('messages of dense codes have the bytes of a direct count', () => {
  const d = 1001;
  const v = normals(d);
  expect(bytes(f16(), v)).toBe(1 + 2 + 2 * d);
  expect(bytes(scaledSign(), v)).toBe(1 + 4 + 126);
  expect(bytes(scaledSign({ values: 'f64' }), v)).toBe(1 + 8 + 126);
  // Exponents from 0 to 5, zero and the sign: 3 + 1 bits.
  const powers = v.map((_, i) => (i % 2 ? 1 : -1) * 2 ** (i % 6));
  expect(bytes(natural(), powers)).toBe(1 + 2 + 1 + Math.ceil((4 * d) / 8));
  expect(bytes(lowRank(2, { shape: [7, 143] }), v)).toBe(1 + 1 + 4 * 2 * (7 + 143));
  const [a, b] = [bytes(topK(10), v), bytes(randK(10), v)];
  expect(bytes(induced(topK(10), randK(10)), v)).toBe(1 + 1 + a + b);
});

test('qsgd takes the shortest of its codes', () => {
  const d = 4096;
  const v = normals(d);
  // One level: √(2d / π) = 51 entries are expected not to be zero, of about 13 bits each.
  expect(bytes(qsgd(1), v)).toBeLessThan(d / 8 / 2);
  // s = √d: 2.8 bits an entry by the bound of theorem 3.2 for the gamma code, 8 for a fixed width.
  expect(bytes(qsgd(64), v)).toBeLessThan((2.8 * d) / 8 + 40);
  // Levels of 2²⁰ / 64 = 2¹⁴ take at least 29 bits in a gamma code, and 22 in a fixed width of 2²¹ + 1 values.
  const equal = v.map(() => 1);
  expect(bytes(qsgd(2 ** 20), equal)).toBe(1 + 4 + (d * 22) / 8);
  // One of 4096, of the full level 1: its index is 12 bits of a difference, coded in 25, and 1 and 1 bits for level and sign.
  const single = v.map((_, i) => (i === 4095 ? -2 : 0));
  expect(bytes(qsgd(1), single)).toBe(1 + 4 + 1 + Math.ceil((25 + 1 + 1) / 8));
});

test('a power of two stays one in natural compression, and other entries become a neighbour', () => {
  const exact = [1, -2, 0.25, 2 ** -1074, 2 ** 1023, 0];
  expect(through(natural(), exact)).toEqual(exact);
  for (const x of through(natural(), Array(50).fill(3))) expect([2, 4]).toContain(x);
  for (const x of through(natural(), Array(50).fill(3 * 2 ** -1074))) expect([2 ** -1073, 2 ** -1072]).toContain(x);
  expect(() => through(natural(), Array(60).fill(1.7e308))).toThrow(/2¹⁰²⁴, one of the two powers/);
});

test('low rank: exact for matrices of that rank, and with a memory near the best as a sequence goes on', () => {
  const [rows, columns] = [12, 9];
  const [a, b] = [normals(rows), normals(columns, 3)];
  const one = Float64Array.from({ length: rows * columns }, (_, i) => a[Math.floor(i / columns)] * b[i % columns]);
  const C = lowRank(2, { shape: [rows, columns], values: 'f64' });
  const w = through(C, one);
  for (const [i, x] of one.entries()) expect(w[i]).toBeCloseTo(x, 12);
  // Of a matrix of rank one, one pair of factors.
  expect(bytes(C, one)).toBe(1 + 1 + 8 * (rows + columns));
  // diag(9, …, 1) and nothing else: the best of rank 2 leaves the squares of 7, …, 1.
  const diagonal = Float64Array.from({ length: rows * columns }, (_, i) =>
    i % columns === Math.floor(i / columns) ? columns - (i % columns) : 0,
  );
  const memory = new Float64Array(C.memory(rows * columns));
  const error = () => {
    const found = through(C, diagonal, memory);
    return diagonal.reduce((sum, x, i) => sum + (x - found[i]) ** 2, 0);
  };
  const first = error();
  let last = first;
  for (let n = 0; n < 60; n++) last = error();
  expect(first).toBeGreaterThan(142);
  expect(last).toBeCloseTo(140, 3);
});

test('low rank draws anew where the memory sees nothing of a matrix', () => {
  const C = lowRank(1, { shape: [2, 2], values: 'f64' });
  const memory = new Float64Array(2);
  expect(through(C, [1, 0, 0, 0], memory)[0]).toBeCloseTo(1, 14);
  expect(through(C, [0, 0, 0, 1], memory)[3]).toBeCloseTo(1, 14);
  expect(() => C.compress(new Float64Array(3), new Random())).toThrow(
    'matrices of 2 × 2, 4 entries, but the vector has 3',
  );
  expect(() => C.compress(new Float64Array(4), new Random(), new Float64Array(3))).toThrow(
    /has 3 numbers in place of 2/,
  );
});

test('low rank of several arrays: factors of each matrix, and all entries of others', () => {
  const random = new Random(4);
  // A convolution is a matrix of 36 × 16, and the factors of the 3 × 2 matrix are no shorter than it.
  const shapes = [[20, 30], [30], [3, 3, 4, 16], [3, 2], []];
  const sizes = [600, 30, 576, 6, 1];
  const C = lowRank(2, { shapes });
  const v = normals(1213);
  expect(C.name).toBe('low-rank=2:20x30,30,36x16,3x2,1');
  expect(C.memory(1213)).toBe(2 * 30 + 2 * 16);
  // Of the 20 × 30 matrix and the 36 × 16 one, the lesser.
  expect(C.delta(1213)).toBeCloseTo(2 / 20, 5);
  expect(bytes(C, v)).toBe(1 + 2 + 4 * (2 * 50 + 30 + 2 * 52 + 6 + 1));
  const memory = new Float64Array(C.memory(1213));
  const own = [
    { C: lowRank(2, { shape: [20, 30] }), memory: memory.slice(0, 60) },
    undefined,
    { C: lowRank(2, { shape: [36, 16] }), memory: memory.slice(0, 32) },
  ];
  // The same as each by itself, from the same draws, message after message.
  const apart = new Random(4);
  for (let round = 0; round < 3; round++) {
    const whole = new Float64Array(1213);
    C.restore(C.compress(v, random, memory), whole);
    let at = 0;
    for (const [b, size] of sizes.entries()) {
      const part = v.slice(at, at + size);
      const wanted = Float64Array.from(part, Math.fround);
      const one = own[b];
      if (one) one.C.restore(one.C.compress(part, apart, one.memory), wanted);
      expect(whole.slice(at, at + size)).toEqual(wanted);
      at += size;
    }
  }
  expect(lowRank(2).forShapes!(shapes).name).toBe(C.name);
  expect(lowRank(2, { shape: [2, 2] }).forShapes).toBeUndefined();
  expect(induced(lowRank(2), natural()).forShapes!(shapes).name).toBe(`induced=${C.name}+natural`);
  // A matrix of zeros has no factors.
  expect(bytes(C, v.fill(0, 0, 600))).toBe(1 + 2 + 4 * (30 + 2 * 52 + 6 + 1));
  expect(() => C.compress(new Float64Array(9), random)).toThrow('5 arrays of 1213 entries together');
  expect(() => C.restore(C.compress(v, random).slice(0, -1), new Float64Array(1213))).toThrow(/bytes in place of/);
  expect(() => lowRank(1, { shapes: [] })).toThrow(/are empty/);
  const refused = (given: unknown, message: string) =>
    expect(() => lowRank(1, { shapes: given as number[][] })).toThrow(message);
  refused([[3], [2, 0]], 'Dimension 1 of shape 1 (2x0) of low-rank must be a whole number of at least 1, but is 0.');
  refused([[2.5, 4]], 'Dimension 0 of shape 0 (2.5x4) of low-rank must be a whole number of at least 1, but is 2.5.');
  refused([[4], [-2], [0]], 'Dimension 0 of shape 1 (-2) of low-rank');
  refused([[4], [Number.NaN, 2]], 'Dimension 0 of shape 1 (NaNx2) of low-rank');
  refused([[4], 5], 'Shape 1 of low-rank must be a list of dimensions, such as [64, 32], not 5.');
  refused('4x5', 'The shapes of low-rank must be a list of shapes');
  refused([[2 ** 30, 2 ** 30]], 'has more entries than can be counted');
  expect(() => lowRank(1, { shape: [4] as never })).toThrow('The shape of low-rank must be [rows, columns], not 4.');
  expect(() => compressorOf('low-rank=1:4x5,0x2')).toThrow('Dimension 0 of shape 1 (0x2) of low-rank');
  const long = lowRank(1, { shapes: [[4, 5], [3], [6, 2]] });
  expect(() => long.delta(34)).toThrow(
    '3 arrays of 35 entries together, but the vector has 34: shape 2 (6x2, 12 entries) would end at 35.',
  );
  expect(() => long.delta(21)).toThrow('shape 1 (3, 3 entries) would end at 23.');
  expect(() => long.delta(37)).toThrow('2 are left after shape 2 (6x2).');
  expect(() => lowRank(1, { shapes: [[2]], shape: [2, 1] })).toThrow(/not both/);
});

test('low rank: any scale after any other, and entries that are not finite are named in the whole vector', () => {
  const C = lowRank(2, { shapes: [[8, 6], [5], [6, 7]], values: 'f64' });
  const random = new Random(3);
  const memory = new Float64Array(C.memory(95));
  const norm = (x: Float64Array) => Math.hypot(...x);
  const into = new Float64Array(95);
  for (const power of [0, 900, -900, 190, -190, 390, -1000, 450, 0, 1015]) {
    const unit = normals(95);
    const v = unit.map((x) => x * 2 ** power);
    C.restore(C.compress(v, random, memory), into);
    const rest = into.map((x, i) => x / 2 ** power - unit[i]);
    expect(norm(rest)).toBeLessThanOrEqual(norm(unit));
    expect([...rest.subarray(48, 53)]).toEqual([0, 0, 0, 0, 0]);
    expect(memory.every(Number.isFinite)).toBe(true);
  }
  expect(C.compress(new Float64Array(95), random, memory)).toHaveLength(0);
  for (const at of [3, 50, 90])
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const v = normals(95);
      v[at] = wrong;
      expect(() => C.compress(v, random, memory)).toThrow(`Entry ${at} of the 95 to compress is ${wrong}`);
    }
});

test('the names are those of the command, and are read again', () => {
  const texts = [
    ...['identity', 'f16', 'top-k=0.1', 'top-k=10:f64', 'rand-k=3', 'rand-k=0.25:unscaled:f64', 'sign', 'sign:f64'],
    ...['qsgd=4', 'natural', 'low-rank=2', 'low-rank=2:64x32', 'low-rank=1:3x4:f64'],
    ...['low-rank=2:64x32,32,32x10,10', 'low-rank=2:5', 'low-rank=1:4x3,4:f64'],
    ...['induced=top-k=0.1+rand-k=0.1', 'induced=low-rank=1+natural'],
  ];
  for (const text of texts) expect(compressorOf(text).name).toBe(text);
  expect(new Set(texts.map((text) => text.split(/[=:]/)[0]))).toEqual(new Set(compressorNames));
  const v = normals(20);
  expect(compressorOf('top-k=0.1').compress(v, new Random())).toEqual(topK(0.1).compress(v, new Random()));
  expect(compressorOf('rand-k=0.25:unscaled').delta(20)).toBeCloseTo(0.25, 12);
});

test.each([
  ['topk=3', "There is no compressor 'topk'; did you mean 'top-k'?"],
  ['', "There is no compressor ''; there are identity, f16"],
  ['top-k', "'top-k' is not how a compressor is spelled: top-k=K, with a count or a share"],
  ['top-k=', "top-k=: '' is not a number."],
  ['top-k=ten', "top-k=ten: 'ten' is not a number."],
  ['top-k=0', 'top-k keeps k entries, a whole number of at least 1 or a share of all above 0 and below 1, not 0.'],
  ['top-k=3:f16', "'top-k=3:f16' is not how a compressor is spelled"],
  ['sign=2', "'sign=2' is not how a compressor is spelled: sign, and optionally :f64"],
  ['natural:f64', "'natural:f64' is not how a compressor is spelled: natural."],
  ['qsgd=0', 'The levels of qsgd must be a whole number from 1 to'],
  ['low-rank=2:0x4', 'The rows and columns of low-rank must be a whole number of at least 1'],
  ['low-rank=1.5', 'The rank of low-rank must be a whole number'],
  ['induced=top-k=1', 'induced=FIRST+SECOND'],
  ['induced=rand-k=1+top-k=1', 'is biased, since top-k=1 is. Take an unbiased second compressor'],
  ['constructor', "There is no compressor 'constructor'"],
])('%s is refused', (text, message) => {
  expect(() => compressorOf(text)).toThrow(message);
});

test('the constants of the literature', () => {
  expect(topK(10, { values: 'f64' }).delta(100)).toBe(0.1);
  expect(randK(10).secondMoment(100)).toBe(10);
  expect(randK(10).delta(100)).toBeUndefined();
  expect(natural().secondMoment(5)).toBe(9 / 8);
  // s = √d: the smaller of 1/4 and 1.
  expect(qsgd(10).secondMoment(100)).toBeCloseTo(1.25, 6);
  expect(qsgd(1).secondMoment(100)).toBeCloseTo(11, 5);
  expect(induced(topK(10, { values: 'f64' }), randK(10)).secondMoment(100)).toBeCloseTo(1 + 0.9 * 9, 12);
  expect(lowRank(2, { shape: [10, 20], values: 'f64' }).delta(200)).toBe(0.2);
  expect(scaledSign({ values: 'f64' }).delta(100)).toBe(0.01);
});
