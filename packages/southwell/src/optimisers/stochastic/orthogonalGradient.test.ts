import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  adamW,
  loadState,
  type Numbers,
  rangesOf,
  saveState,
  sgd,
  withOrthogonalGradient,
  withoutScaling,
} from '../index.ts';
import { sentence } from '../testing.ts';

const random = new Random(7);
const normals = (n: number, size = 1) => Float64Array.from({ length: n }, () => size * random.normal());
const dot = (a: Numbers, b: Numbers) => Array.from<number>(a).reduce((s, v, k) => s + v * b[k], 0);
const norm = (a: Numbers) => Math.sqrt(dot(a, a));
const ranges = rangesOf([[3, 4], [5], [1]]);
const SIZE = 18;

/** (I − wwᵀ/wᵀw)g by the matrix, at the length of g. */
function projected(w: Float64Array, g: Float64Array, keep = true): Float64Array {
  const ww = dot(w, w);
  const out = g.map((_, i) => g.reduce((s, v, j) => s + ((i === j ? 1 : 0) - (w[i] * w[j]) / ww) * v, 0));
  const factor = keep ? norm(g) / norm(out) : 1;
  return out.map((v) => factor * v);
}

describe('the direction of the parameters is taken out of a gradient', () => {
  test.each([1e-40, 1, 1e40])('of entries about %s in double precision', (size) => {
    for (let trial = 0; trial < 20; trial++) {
      const [w, g] = [normals(9, size), normals(9, 1 / size)];
      for (const keep of [true, false]) {
        const out = new Float64Array(9);
        withoutScaling(w, g, out, keep);
        const expected = projected(w, g, keep);
        for (let k = 0; k < 9; k++) expect(out[k] * size).toBeCloseTo(expected[k] * size, 11);
        expect(Math.abs(dot(w, out))).toBeLessThan(1e-13 * norm(w) * norm(g));
        if (keep) expect(norm(out) / norm(g)).toBeCloseTo(1, 13);
      }
    }
  });

  test('also of squares that neither kind can hold, and in single precision', () => {
    for (const [size, Kind] of [
      [1e-200, Float64Array],
      [1e200, Float64Array],
      [1e-30, Float32Array],
      [1, Float32Array],
    ] as const) {
      const [w, g] = [Kind.from(normals(9)), Kind.from(normals(9, size))];
      const out = new Kind(9);
      withoutScaling(w, g, out);
      const [a, b] = [Float64Array.from(out, (v) => v / size), Float64Array.from(g, (v) => v / size)];
      expect(norm(a) / norm(b)).toBeCloseTo(1, 6);
      expect(Math.abs(dot(w, a))).toBeLessThan(1e-6 * norm(w) * norm(b));
    }
  });

  test('what has no direction stays, and nothing is left of a gradient along the parameters', () => {
    const out = new Float64Array(3);
    withoutScaling(new Float64Array(3), Float64Array.of(1, 2, 3), out);
    expect([...out]).toEqual([1, 2, 3]);
    withoutScaling(Float64Array.of(1, 2, 3), new Float64Array(3), out);
    expect([...out]).toEqual([0, 0, 0]);
    const [w, single] = [Float32Array.of(0.1, -0.7, 1.3), new Float32Array(3)];
    withoutScaling(
      w,
      w.map((v) => 3 * v),
      single,
    );
    expect(single.every((v) => v === 0)).toBe(true);
  });
});

describe('withOrthogonalGradient', () => {
  test('lets each tensor see its own part alone, and single numbers all', () => {
    const [w, g] = [normals(SIZE), normals(SIZE)];
    const before = w.slice();
    const optimiser = withOrthogonalGradient(sgd({ rate: 0.1 }));
    optimiser.step(optimiser.init(w, ranges), w, g);
    for (const { from, to } of ranges.slice(0, 2)) {
      const expected = projected(before.slice(from, to), g.slice(from, to));
      for (let k = from; k < to; k++) expect((before[k] - w[k]) / 0.1).toBeCloseTo(expected[k - from], 12);
      // Pythagoras: norms grow by the square of the step, and never fall.
      const [a, b] = [before.slice(from, to), w.slice(from, to)];
      expect(dot(b, b) - dot(a, a)).toBeCloseTo(0.01 * dot(expected, expected), 12);
    }
    expect((before[17] - w[17]) / 0.1).toBeCloseTo(g[17], 12);
  });

  test('comes before moments: Adam of projected gradients, and no ranges are one tensor', () => {
    const [x, y] = [Float32Array.from(normals(SIZE)), new Float32Array(SIZE)];
    y.set(x);
    const plain = adamW({ rate: 0.05 });
    const wrapped = withOrthogonalGradient(plain);
    const [a, b] = [plain.init(x), wrapped.init(y)];
    for (let step = 0; step < 10; step++) {
      const g = Float32Array.from(normals(SIZE));
      wrapped.step(b, y, g);
      const own = new Float32Array(SIZE);
      withoutScaling(x, g, own);
      plain.step(a, x, own);
    }
    expect(y).toEqual(x);
    // Its state is Adam's: saved, loaded, gone on with.
    const z = y.slice();
    const again = loadState(wrapped, saveState(b), z);
    const g = Float32Array.from(normals(SIZE));
    wrapped.step(b, y, g);
    wrapped.step(again, z, g);
    expect(z).toEqual(y);
  });

  test('a frozen tensor stays, a gradient that is not finite is refused by its place and changes nothing, options are checked', () => {
    const optimiser = withOrthogonalGradient(sgd({ rate: 0.1 }));
    const w = normals(SIZE);
    const before = w.slice();
    const frozen = ranges.map((range, k) => (k === 1 ? { ...range, frozen: true } : range));
    const state = optimiser.init(w, frozen);
    const g = normals(SIZE);
    g[13] = Number.NaN; // in the frozen one
    optimiser.step(state, w, g);
    expect(w.subarray(12, 17)).toEqual(before.subarray(12, 17));
    expect(w[0]).not.toBe(before[0]);
    const now = w.slice();
    g[4] = Number.POSITIVE_INFINITY;
    expect(sentence(() => optimiser.step(state, w, g))).toMatch(/NON_FINITE.*Infinity/);
    expect(w).toEqual(now);
    expect(sentence(() => withOrthogonalGradient(sgd({ rate: 1 }), { keepLength: 1 as never }))).toMatch(
      /true or false/,
    );
    expect(sentence(() => withOrthogonalGradient(sgd({ rate: 1 }), { keep: true } as object))).toMatch(/keep/);
    expect(sentence(() => optimiser.step(state, w, new Float64Array(3)))).toMatch(/INVALID_SHAPE/);
  });
});
