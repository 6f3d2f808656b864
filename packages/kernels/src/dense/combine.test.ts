import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

const same = (found: ReadonlyArray<readonly number[]>) => {
  for (const other of found.slice(1)) expect(other).toEqual(found[0]);
  return found[0];
};

test.each([1, 7, 8, 9, 100, 1027])('columns of %i floats: the same bits in all engines, and as doubles', (n) => {
  const random = uniform(n);
  const p = 1 + (n % 6);
  const ld = n + 3;
  const values = Float32Array.from({ length: ld * p }, () => random() - 0.5);
  const weights = Float64Array.from({ length: p }, () => random() - 0.5);
  const results = engines.map((engine) => {
    const t = new TestArena(engine);
    const { widen, squareFloats, combineFloats, combineDoubles } = t.arena.kernels;
    const [x, X, w] = [t.f32(values), t.f64(Float64Array.from(values)), t.f64(weights)];
    const [y, Y, z] = [0, 1, 2].map(() => t.f64(new Float64Array(n + 1).fill(7)));
    expect(combineFloats(n, p, x.pointer, ld, w.pointer, y.pointer)).toBe(0);
    expect(combineDoubles(n, p, X.pointer, ld, w.pointer, Y.pointer)).toBe(0);
    expect([...Y.view]).toEqual([...y.view]);
    widen(n, x.pointer + 4, z.pointer);
    return [...y.view, ...z.view, squareFloats(n, x.pointer + 8)];
  });
  const [found, column] = [same(results), (j: number) => values.subarray(j * ld, j * ld + n)];
  // In the order of the columns, and not beyond the end.
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < p; j++) sum += weights[j] * column(j)[i];
    expect(found[i]).toBe(sum);
    expect(found[n + 1 + i]).toBe(values[i + 1]);
  }
  expect([found[n], found[2 * n + 1]]).toEqual([7, 7]);
  const squares = values.subarray(2, 2 + n).reduce((sum, v) => sum + v * v, 0);
  expect(found[2 * n + 2]).toBeCloseTo(squares, 9);
});

test('squares of floats have the bits of products of doubles', () => {
  const random = uniform(5);
  for (const n of [3, 8, 61, 256]) {
    const t = new TestArena('wasm');
    const values = Float32Array.from({ length: n }, () => random() - 0.5);
    const [x, X] = [t.f32(values), t.f64(Float64Array.from(values))];
    expect(t.arena.kernels.squareFloats(n, x.pointer)).toBe(t.arena.kernels.dot(n, X.pointer, X.pointer));
  }
});

test.each(engines)(
  'a number that is not finite is told, wherever it is; a sum near the largest is none (%s)',
  (engine) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      for (let at = 0; at < 11; at++) {
        const t = new TestArena(engine);
        const values = new Float32Array(22).fill(1);
        values[11 + at] = bad;
        const [x, X, w, y] = [
          t.f32(values),
          t.f64(Float64Array.from(values)),
          t.f64([1, -1]),
          t.f64(new Float64Array(11)),
        ];
        const { combineFloats, combineDoubles } = t.arena.kernels;
        expect(combineFloats(11, 2, x.pointer, 11, w.pointer, y.pointer)).toBeNaN();
        expect(combineDoubles(11, 2, X.pointer, 11, w.pointer, y.pointer)).toBeNaN();
        X.view.fill(1.7e308);
        expect(combineDoubles(11, 1, X.pointer, 11, w.pointer, y.pointer)).toBe(0);
      }
  },
);
