import { Arena } from '@southwell/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  box,
  type CoordinatePenalty,
  elasticNet,
  l1,
  lHalf,
  lTwoThirds,
  mcp,
  nonNegative,
  ridge,
  scad,
} from './index.ts';

const penalties: CoordinatePenalty[] = [
  l1(0.7),
  ridge(1.3),
  elasticNet(0.9, 0.4),
  nonNegative(0.3),
  box(-0.5, 2, 0.2),
  mcp(0.8, 3),
  mcp(0.8, 0.4),
  scad(0.6, 3.7),
  scad(0.6, 2.1),
  lHalf(0.5),
  lTwoThirds(0.5),
];

describe.each(penalties.map((p) => [p.name, p] as const))('%s', (_, penalty) => {
  const objective = (u: number, z: number, step: number) => (u - z) ** 2 / (2 * step) + penalty.value(0, u);

  test('prox is no worse than any point of a fine grid', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 0.05, max: 4, noNaN: true }),
        (z, step) => {
          const best = objective(penalty.prox(0, z, step), z, step);
          let least = Number.POSITIVE_INFINITY;
          for (let k = -700; k <= 700; k++) least = Math.min(least, objective(k / 100, z, step));
          expect(best).toBeLessThanOrEqual(least + 1e-12);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the prox point is stationary, and derivative and curvature match differences of the value', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (z) => {
        const step = 0.3;
        const u = penalty.prox(0, z, step);
        expect(penalty.subdifferentialDistance(0, u, (u - z) / step)).toBeLessThan(1e-9);
        if (penalty.inSupport(0, u) && Math.abs(u) > 1e-3) {
          const h = 1e-6 * Math.abs(u);
          const slope = (penalty.value(0, u + h) - penalty.value(0, u - h)) / (2 * h);
          if (Number.isFinite(slope)) expect(penalty.derivative(0, u)).toBeCloseTo(slope, 4);
          const bend = (penalty.derivative(0, u + h) - penalty.derivative(0, u - h)) / (2 * h);
          // At a joint of the pieces the second derivative jumps.
          if (Math.abs(penalty.curvature(0, u + h) - penalty.curvature(0, u - h)) < 1e-3) {
            expect(penalty.curvature(0, u)).toBeCloseTo(bend, 3);
          }
        }
      }),
    );
  });

  test('the WebAssembly prox equals its twin', () => {
    const { kernels } = new Arena({ engine: 'wasm' });
    const { kind, a1, a2, gamma, lower, upper } = penalty.parameters;
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (z, t) => {
          const native = kernels.proximal(
            kind,
            z,
            t,
            a1 as number,
            a2 as number,
            gamma as number,
            lower as number,
            upper as number,
          );
          const plain = penalty.prox(0, z, t);
          expect(Math.abs(native - plain)).toBeLessThanOrEqual(1e-13 * Math.abs(plain));
        },
      ),
    );
  });
});

test('a wrong prox (negative control) is caught: the grid test sees a wrong threshold', () => {
  const penalty = l1(0.7);
  const objective = (u: number, z: number) => (u - z) ** 2 / 2 + penalty.value(0, u);
  const wrong = Math.sign(2) * (2 - 0.5 * 0.7);
  expect(objective(wrong, 2)).toBeGreaterThan(objective(penalty.prox(0, 2, 1), 2) + 1e-3);
});
