import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Line } from './search.ts';
import { strongWolfe } from './strongWolfe.ts';

/** A line of a function and its derivative, which remembers the last trial. */
function lineOf(phi: (a: number) => number, slope: (a: number) => number): Line & { at: number; trials: number } {
  return {
    value: phi(0),
    slope: slope(0),
    promised: 0,
    at: 0,
    trials: 0,
    evaluate(alpha) {
      this.at = alpha;
      this.trials++;
      return phi(alpha);
    },
    get slopeThere() {
      return slope(this.at);
    },
  };
}

test('the conditions hold on random functions that fall at first and rise in the end', () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({
        size: number(-3, 3),
        centre: number(0.01, 50),
        waves: fc.array(fc.record({ a: number(-1, 1), w: number(0.1, 5), t: number(0, 6) }), { maxLength: 4 }),
        first: number(-6, 4),
        curvature: fc.constantFrom(0.1, 0.5, 0.9),
      }),
      ({ size, centre, waves, first, curvature }) => {
        const unit = 10 ** size;
        const phi = (a: number) =>
          unit * ((a - centre) ** 2 + waves.reduce((sum, { a: h, w, t }) => sum + h * Math.sin(w * a + t), 0));
        const slope = (a: number) =>
          unit * (2 * (a - centre) + waves.reduce((sum, { a: h, w, t }) => sum + h * w * Math.cos(w * a + t), 0));
        fc.pre(slope(0) < -1e-3 * unit);
        const line = lineOf(phi, slope);
        const alpha = strongWolfe({ curvature }).step(line, 10 ** first);
        expect(alpha).toBeGreaterThan(0);
        expect(line.at).toBe(alpha);
        expect(Math.abs(slope(alpha))).toBeLessThanOrEqual(curvature * Math.abs(slope(0)));
        expect(phi(alpha)).toBeLessThanOrEqual(phi(0) + 1e-4 * alpha * slope(0) + 1e-13 * Math.abs(phi(0)));
        expect(line.trials).toBeLessThan(40);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a parabola with a small curvature asked for ends at its minimum', () => {
  const line = lineOf(
    (a) => (a - 3) ** 2,
    (a) => 2 * (a - 3),
  );
  expect(strongWolfe({ curvature: 0.01 }).step(line, 1)).toBeCloseTo(3, 1);
});

test('the functions of Moré & Thuente (1994), from lengths of 1e-3 to 1e3', () => {
  const beta = 2;
  const functions: Array<[(a: number) => number, (a: number) => number]> = [
    [(a) => -a / (a * a + beta), (a) => (a * a - beta) / (a * a + beta) ** 2],
    [(a) => (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, (a) => 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3],
  ];
  for (const [phi, slope] of functions) {
    for (const first of [1e-3, 0.1, 10, 1e3]) {
      const line = lineOf(phi, slope);
      const alpha = strongWolfe({ curvature: 0.1 }).step(line, first);
      expect(Math.abs(slope(alpha))).toBeLessThanOrEqual(0.1 * Math.abs(slope(0)));
      expect(phi(alpha)).toBeLessThanOrEqual(phi(0) + 1e-4 * alpha * slope(0));
      expect(line.trials).toBeLessThan(25);
    }
  }
});

test('where rounding hides the fall the slopes decide', () => {
  // Within 1e-9 of its minimum 1e6 + (a − 1e-9)² does not change.
  const line = lineOf(
    (a) => 1e6 + (a - 1e-9) ** 2,
    (a) => 2 * (a - 1e-9),
  );
  const alpha = strongWolfe({ curvature: 0.1 }).step(line, 1e-10);
  expect(Math.abs(alpha - 1e-9)).toBeLessThanOrEqual(1e-10);
});

test('a line that falls for ever says so, one without descent gives none', () => {
  const down = lineOf(
    (a) => -a,
    () => -1,
  );
  expect(strongWolfe().step(down, 1)).toBe(Number.POSITIVE_INFINITY);
  const up = lineOf(
    (a) => a,
    () => -1,
  );
  expect(strongWolfe().step(up, 1)).toBe(0);
});
