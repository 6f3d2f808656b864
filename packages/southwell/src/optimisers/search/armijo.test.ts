import { expect, test } from 'vitest';
import { armijoSearch } from './armijo.ts';

test('takes the full step where it lowers the function', () => {
  expect(armijoSearch((a) => a * a * 0.5 - a, -1)).toBe(1);
});

test('finds the minimiser of a parabola, then of a cubic, in few trials', () => {
  let calls = 0;
  const parabola = (a: number) => {
    calls++;
    return -a + 2 * a * a;
  };
  expect(armijoSearch(parabola, -1)).toBeCloseTo(0.25, 12);
  expect(calls).toBe(2);
  const steep = (a: number) => -a + 40 * a ** 3;
  const alpha = armijoSearch(steep, -1);
  expect(steep(alpha)).toBeLessThan(0);
});

test('survives infinite and undefined trials, and gives up on an ascent direction', () => {
  expect(armijoSearch((a) => (a > 1e-3 ? Number.POSITIVE_INFINITY : -a), -1)).toBeGreaterThan(0);
  expect(armijoSearch((a) => (a > 0.3 ? Number.NaN : -a), -1)).toBeGreaterThan(0);
  expect(armijoSearch((a) => a, -1)).toBe(0);
});
