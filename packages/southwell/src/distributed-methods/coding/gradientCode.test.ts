import { describe, expect, test } from 'vitest';
import { gradientCode } from './gradientCode.ts';

/** The largest error of aᵀB against 1ᵀ, summed independently of the library. */
function errorOf(B: Float64Array, n: number, a: Float64Array) {
  const sums = Array.from({ length: n }, (_, j) => Array.from(a).reduce((sum, v, i) => sum + v * B[i * n + j], 0));
  return Math.max(...sums.map((v) => Math.abs(v - 1)));
}

/** All sets of at most s of n stragglers decode, and all sets of more than s do not if `strict`. */
function everySet(n: number, s: number, kind: 'cyclic' | 'fractional') {
  const { B, decode } = gradientCode(n, s, { kind, seed: 3 });
  for (let set = 0; set < 2 ** n; set++) {
    const arrived = Array.from({ length: n }, (_, i) => (set >> i) % 2 === 0);
    const missing = arrived.filter((v) => !v).length;
    const a = decode(arrived);
    if (missing <= s) {
      expect(a).not.toBeNull();
      expect(errorOf(B, n, a!)).toBeLessThanOrEqual(1e-8);
      expect(arrived.every((there, i) => there || a![i] === 0)).toBe(true);
    } else if (kind === 'cyclic') expect(a).toBeNull();
  }
}

describe('every set of stragglers of up to 8 workers', () => {
  for (let n = 1; n <= 8; n++) {
    test(`cyclic codes of ${n} workers`, () => {
      for (let s = 0; s < n; s++) everySet(n, s, 'cyclic');
    });
  }
  test('fractional repetition', () => {
    for (const [n, s] of [
      [8, 1],
      [8, 3],
      [6, 2],
      [6, 5],
      [4, 0],
    ])
      everySet(n, s, 'fractional');
  });
});

test('each worker has s + 1 chunks, so that its load is (s + 1)/n', () => {
  for (const kind of ['cyclic', 'fractional'] as const) {
    const { B } = gradientCode(12, 3, { kind });
    for (let i = 0; i < 12; i++) expect(B.subarray(12 * i, 12 * i + 12).filter((v) => v !== 0)).toHaveLength(4);
  }
});

test('fifteen stragglers of 16, 31 and 64 workers decode to 1e-8', () => {
  for (const n of [16, 31, 64]) {
    const { B, decode } = gradientCode(n, 15);
    const arrived = Array.from({ length: n }, (_, i) => i % n >= 15);
    expect(errorOf(B, n, decode(arrived)!)).toBeLessThanOrEqual(1e-8);
  }
});

test('a seed gives the same bits', () => {
  expect(gradientCode(9, 4, { seed: 7 }).B).toEqual(gradientCode(9, 4, { seed: 7 }).B);
  expect(gradientCode(9, 4, { seed: 7 }).B).not.toEqual(gradientCode(9, 4, { seed: 8 }).B);
});

test('bad input', () => {
  expect(() => gradientCode(4, 4)).toThrow('s must be');
  expect(() => gradientCode(0, 0)).toThrow('n must be');
  expect(() => gradientCode(8, 2, { kind: 'fractional' })).toThrow('needs a multiple of s + 1 = 3 workers, not 8');
});
