import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { Cosine, Fourier, RealFourier } from './index.ts';

const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 31, 37, 60, 64, 74, 97, 100, 101, 128, 210, 243, 331];

const normal = (n: number, seed: number) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

const norm = (x: Float64Array) => Math.hypot(...x);
const distance = (x: Float64Array, y: Float64Array) => norm(x.map((v, i) => v - y[i]));

/** By the definition, with angles reduced in whole numbers. */
function slowFourier(x: Float64Array): Float64Array {
  const n = x.length / 2;
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n;
      out[2 * k] += x[2 * j] * Math.cos(angle) - x[2 * j + 1] * Math.sin(angle);
      out[2 * k + 1] += x[2 * j] * Math.sin(angle) + x[2 * j + 1] * Math.cos(angle);
    }
  }
  return out;
}

function slowCosine(x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from({ length: n }, (_, k) => {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    return scale * x.reduce((sum, v, j) => sum + v * Math.cos((Math.PI * (((2 * j + 1) * k) % (4 * n))) / (2 * n)), 0);
  });
}

test.each(sizes)('Fourier of %i numbers: the definition, and back', (n) => {
  const plan = new Fourier(n);
  const x = normal(2 * n, n);
  const X = new Float64Array(2 * n);
  plan.forward(x, X);
  expect(distance(X, slowFourier(x)) / norm(X)).toBeLessThan(1e-14);
  const back = new Float64Array(2 * n);
  plan.inverse(X, back);
  expect(distance(back, x) / norm(x)).toBeLessThan(2e-15 * (1 + Math.log2(n)));
  plan.forward(x, x);
  expect(x).toEqual(X);
});

test.each(sizes)('cosine of %i numbers: the definition, orthogonal, and back', (n) => {
  const plan = new Cosine(n);
  const x = normal(n, n);
  const X = new Float64Array(n);
  plan.forward(x, X);
  expect(distance(X, slowCosine(x)) / norm(x)).toBeLessThan(1e-14);
  expect(norm(X) / norm(x)).toBeCloseTo(1, 13);
  const back = new Float64Array(n);
  plan.inverse(X, back);
  expect(distance(back, x) / norm(x)).toBeLessThan(1e-14);
});

test('linear, and a shift turns phases', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.nat(1e6),
      fc.double({ min: -5, max: 5, noNaN: true }),
      (n, seed, a) => {
        const plan = new Fourier(n);
        const [x, y] = [normal(2 * n, seed), normal(2 * n, seed + 1)];
        const of = (v: Float64Array) => {
          const out = new Float64Array(2 * n);
          plan.forward(v, out);
          return out;
        };
        const [X, Y] = [of(x), of(y)];
        const sum = of(x.map((v, i) => v + a * y[i]));
        expect(
          distance(
            sum,
            X.map((v, i) => v + a * Y[i]),
          ),
        ).toBeLessThan(1e-12 * (1 + norm(X) + 5 * norm(Y)));
        const shifted = of(Float64Array.from({ length: 2 * n }, (_, i) => x[(i + 2) % (2 * n)]));
        for (let k = 0; k < n; k++) {
          const [c, s] = [Math.cos((2 * Math.PI * k) / n), Math.sin((2 * Math.PI * k) / n)];
          expect(Math.abs(shifted[2 * k] - (X[2 * k] * c - X[2 * k + 1] * s))).toBeLessThan(1e-12 * (1 + norm(X)));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('large sizes keep Parseval: a power of two, smooth, and prime', () => {
  for (const n of [65_536, 50_400, 65_537]) {
    const x = normal(2 * n, 1);
    const X = new Float64Array(2 * n);
    new Fourier(n).forward(x, X);
    expect(norm2(X) / n / norm2(x)).toBeCloseTo(1, 12);
  }
});
const norm2 = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0);

test('sizes and lengths that cannot be are refused', () => {
  for (const n of [0, -1, 1.5, Number.NaN]) expect(() => new Fourier(n)).toThrow(/whole number/);
  expect(() => new Fourier(4).forward(new Float64Array(4), new Float64Array(8))).toThrow(/arrays of 8, not 4 and 8/);
  expect(() => new Cosine(4).inverse(new Float64Array(4), new Float64Array(3))).toThrow(/arrays of 4, not 4 and 3/);
});

test.each([1, 2, 3, 4, 6, 7, 12, 15, 64, 101, 202])('real transforms of %i', (n) => {
  const random = new Random(n);
  const x = Float64Array.from({ length: n }, () => random.normal());
  const plan = new RealFourier(n);
  const [half, whole, back] = [new Float64Array(2 * plan.frequencies), new Float64Array(2 * n), new Float64Array(n)];
  plan.forward(x, half);
  new Fourier(n).forward(
    Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? x[i / 2] : 0)),
    whole,
  );
  for (const [i, v] of half.entries()) expect(v).toBeCloseTo(whole[i], 11);
  plan.inverse(half, back);
  for (const [i, v] of back.entries()) expect(v).toBeCloseTo(x[i], 12);
  expect(() => plan.forward(x, new Float64Array(1))).toThrow(/real numbers takes arrays of/);
});
