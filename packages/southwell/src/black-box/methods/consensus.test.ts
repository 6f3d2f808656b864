import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { rotation } from '../bbob/instance.ts';
import { minimize } from '../minimize.ts';
import { Search } from '../search.ts';
import { type CboOptions, cbo, contractsInMeanSquare, proxByConsensus, type SwarmState } from './consensus.ts';
import { gibbsMean } from './gibbsMean.ts';

const A = [3, 1, 1, 2];
const b = [1, -2];
/** ½xᵀAx − bᵀx. */
const quadratic = ([x, y]: ArrayLike<number> & Iterable<number>) =>
  0.5 * (A[0] * x * x + 2 * A[1] * x * y + A[3] * y * y) - b[0] * x - b[1] * y;

/** (A + I/τ)⁻¹(b + m/τ). */
function exactProx(m: readonly number[], tau: number): [number, number] {
  const [a, c, d] = [A[0] + 1 / tau, A[1], A[3] + 1 / tau];
  const [r, s] = [b[0] + m[0] / tau, b[1] + m[1] / tau];
  const det = a * d - c * c;
  return [(d * r - c * s) / det, (a * s - c * r) / det];
}

describe('the Gibbs mean', () => {
  const random = new Random(3);
  const points = Array.from({ length: 50 }, () => Float64Array.of(random.normal(), random.normal()));
  const values = points.map(quadratic);

  test('is the plain mean at α = 0 and the best point at α = ∞, ties averaged', () => {
    const { mean, effectiveSampleSize } = gibbsMean(points, values, 0);
    expect(mean[0]).toBeCloseTo(points.reduce((s, p) => s + p[0], 0) / 50, 14);
    expect(effectiveSampleSize).toBeCloseTo(50, 10);
    const best = values.indexOf(Math.min(...values));
    expect(gibbsMean(points, values, Number.POSITIVE_INFINITY).mean).toEqual(points[best]);
    const two = [Float64Array.of(1), Float64Array.of(3), Float64Array.of(9)];
    expect(gibbsMean(two, [2, 2, 5], Number.POSITIVE_INFINITY)).toEqual({
      mean: Float64Array.of(2),
      effectiveSampleSize: 2,
    });
  });

  test('a constant added to f changes nothing, nor does the order', () => {
    const exact = values.map((v) => Math.round(v * 1024) / 1024);
    const { mean } = gibbsMean(points, exact, 10);
    expect(
      gibbsMean(
        points,
        exact.map((v) => v + 512),
        10,
      ).mean,
    ).toEqual(mean);
    const reversed = gibbsMean([...points].reverse(), [...exact].reverse(), 10).mean;
    for (const j of [0, 1]) expect(reversed[j]).toBeCloseTo(mean[j], 14);
  });

  test('values that are not finite weigh nothing; if all are, that is an error', () => {
    const { mean } = gibbsMean(points.slice(0, 3), [Number.NaN, 1e308, Number.POSITIVE_INFINITY], 1e300);
    expect(mean).toEqual(points[1]);
    expect(() => gibbsMean(points.slice(0, 2), [Number.NaN, Number.POSITIVE_INFINITY], 1)).toThrow('no consensus');
  });

  test('of a quadratic is its proximal point at every α, with an error like n^(−1/2)', () => {
    const m = [2, 1];
    const tau = 0.02;
    const exact = exactProx(m, tau);
    for (const alpha of [0.5, 1.5]) {
      const error = (n: number) => {
        let sum = 0;
        for (let seed = 0; seed < 20; seed++) {
          const { mean } = proxByConsensus(quadratic, m, tau, alpha, n, new Random(seed));
          sum += (mean[0] - exact[0]) ** 2 + (mean[1] - exact[1]) ** 2;
        }
        return Math.sqrt(sum / 20);
      };
      const [few, many] = [error(400), error(25_600)];
      expect(many).toBeLessThan(0.01);
      // 64 times the points: an eighth.
      expect(few / many).toBeGreaterThan(5);
      expect(few / many).toBeLessThan(13);
    }
  });
});

describe('the swarm', () => {
  function watch(f: (x: Float64Array) => number, options: CboOptions & { seed?: number; dim?: number }): SwarmState[] {
    const { seed = 1, dim = 2, ...own } = options;
    const states: SwarmState[] = [];
    const onStep = (s: SwarmState) =>
      states.push({ ...s, points: s.points.map((p) => p.slice()), values: s.values.slice() });
    const search = new Search({ dim, seed, budget: 1e6 }, (context) => cbo(context, { tol: 0, ...own, onStep }));
    for (let c = search.ask(); c; c = search.ask()) search.tell(c.id, f(c.x));
    return states;
  }
  const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
  const diameter = (points: readonly Float64Array[]) =>
    Math.max(...points.flatMap((p) => points.map((q) => norm(p.map((v, i) => v - q[i])))));

  test('without noise it shrinks by 1 − λΔt a step', () => {
    const states = watch(quadratic, { particles: 15, noise: 0, lambda: 2, dt: 0.05, steps: 20 });
    for (let k = 1; k < states.length; k++) {
      expect(diameter(states[k].points) / diameter(states[k - 1].points)).toBeCloseTo(0.9, 10);
    }
  });

  test('moves with the landscape when that is shifted', () => {
    const shift = [4, -8];
    const cloud = (random: Random) => Float64Array.of(random.normal(), random.normal());
    const common = { particles: 30, steps: 30 };
    const plain = watch(quadratic, { ...common, cloud });
    const moved = watch((x) => quadratic(x.map((v, i) => v - shift[i])), {
      ...common,
      cloud: (random) => cloud(random).map((v, i) => v + shift[i]),
    });
    plain.forEach((state, k) => {
      state.consensus.forEach((v, i) => void expect(moved[k].consensus[i] - shift[i]).toBeCloseTo(v, 9));
    });
  });

  test('turns with the landscape: the isotropic law does, the anisotropic does not', () => {
    // The noise of the first step turned too: its consensus and the second moment of the move are compared, over many
    // particles that begin at one of two points.
    const R = rotation(2, 5);
    const turn = (x: ArrayLike<number>) => Float64Array.of(R[0] * x[0] + R[1] * x[1], R[2] * x[0] + R[3] * x[1]);
    const spread = (diffusion: 'isotropic' | 'anisotropic', turned: boolean) => {
      let count = 0;
      const cloud = () => {
        const x = [count++ % 2, 0];
        return turned ? turn(x) : Float64Array.from(x);
      };
      const states = watch(() => 0, { particles: 20_000, steps: 1, lambda: 0, noise: 1, dt: 1, diffusion, cloud });
      const [first, second] = states;
      // Along and across the line between the two points.
      let [along, across] = [0, 0];
      const [u, v] = turned
        ? [turn([1, 0]), turn([0, 1])]
        : [
            [1, 0],
            [0, 1],
          ];
      second.points.forEach((p, i) => {
        const d = [p[0] - first.points[i][0], p[1] - first.points[i][1]];
        along += (d[0] * u[0] + d[1] * u[1]) ** 2 / 20_000;
        across += (d[0] * v[0] + d[1] * v[1]) ** 2 / 20_000;
      });
      return [along, across];
    };
    // Every particle is ½ from the consensus: variance ¼ each way.
    for (const turned of [false, true])
      for (const s of spread('isotropic', turned)) expect(Math.abs(s - 0.25)).toBeLessThan(0.01);
    expect(spread('anisotropic', false)[1]).toBe(0);
    expect(spread('anisotropic', true)[1]).toBeGreaterThan(0.01);
  });

  test('particles that begin at one point stay, and it is said', () => {
    const r = minimize(quadratic, { dim: 2, method: { name: 'cbo', cloud: () => Float64Array.of(1, 1) } });
    expect(r.status).toBe('stalled');
    expect(r.message).toMatch(/one point/);
  });

  test('a batch of all particles is the swarm; smaller batches still find the least', () => {
    const path = (miniBatch?: number) => watch(quadratic, { particles: 40, steps: 60, miniBatch }).at(-1)!.consensus;
    expect(path(40)).toEqual(path());
    const [x, y] = exactProx([0, 0], 1e12);
    const small = watch(quadratic, { particles: 100, steps: 200, dt: 0.05, noise: 1, miniBatch: 20 }).at(-1)!.consensus;
    expect(Math.hypot(small[0] - x, small[1] - y)).toBeLessThan(0.05);
  });

  test('says when theory does not cover it, and refuses what explodes', () => {
    expect(contractsInMeanSquare(2, 1, 1.6, 'isotropic')).toBe(false);
    expect(contractsInMeanSquare(2, 1, 0.9, 'isotropic')).toBe(true);
    expect(contractsInMeanSquare(20, 1, 1.3, 'anisotropic')).toBe(true);
    expect(() => minimize(quadratic, { dim: 2, method: { name: 'cbo', lambda: 3, dt: 1 } })).toThrow('diverge');
    expect(() => minimize(() => Number.NaN, { dim: 2, method: 'cbo' })).toThrow('no consensus');
  });
});
