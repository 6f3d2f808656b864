import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import {
  clamp,
  isotonicBlocks,
  projectBall,
  projectBox,
  projectL1Ball,
  projectMonotoneCone,
  projectSecondOrderCone,
  projectSimplex,
} from './index.ts';

/** A set by its projection, and points of it drawn without that. */
interface Case {
  readonly name: string;
  readonly project: (x: Float64Array, size: number) => Float64Array;
  /** A point of the set for values of about 1, of any size. */
  readonly draw: (n: number, random: Random, size: number) => Float64Array;
  /** By how much z is outside of it. */
  readonly outside: (z: Float64Array, size: number) => number;
}

const sum = (x: ArrayLike<number>) => Array.from(x).reduce((s, v) => s + v, 0);
const normals = (n: number, random: Random) => Float64Array.from({ length: n }, () => random.normal());
const uniforms = (n: number, random: Random) => Float64Array.from({ length: n }, () => random.uniform());
const scaled = (x: Float64Array, by: number) => x.map((v) => v * by);
const dot = (x: Float64Array, y: Float64Array) => sum(x.map((v, i) => v * y[i]));
const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));

/** A corner, or a point between. */
function inSimplex(n: number, random: Random): Float64Array {
  if (random.uniform() < 0.3) {
    const corner = random.integer(n);
    return Float64Array.from({ length: n }, (_, i) => (i === corner ? 1 : 0));
  }
  const z = uniforms(n, random).map((v) => -Math.log(1 - v));
  return scaled(z, 1 / sum(z));
}

const cases: Case[] = [
  {
    name: 'box',
    project: (x, s) => projectBox(x, -0.5 * s, 0.8 * s),
    draw: (n, random, s) => scaled(uniforms(n, random), 1.3 * s).map((v) => v - 0.5 * s),
    outside: (z, s) => Math.max(0, ...z.map((v) => Math.max(-0.5 * s - v, v - 0.8 * s))),
  },
  {
    name: 'ball',
    project: (x, s) => projectBall(x, s),
    draw: (n, random, s) => {
      const z = normals(n, random);
      return scaled(z, (s * random.uniform()) / norm(z));
    },
    outside: (z, s) => norm(z) - s,
  },
  {
    name: 'simplex',
    project: (x, s) => projectSimplex(x, s),
    draw: (n, random, s) => scaled(inSimplex(n, random), s),
    outside: (z, s) => Math.max(Math.abs(sum(z) - s), -Math.min(...z)),
  },
  {
    name: 'l1 ball',
    project: (x, s) => projectL1Ball(x, s),
    draw: (n, random, s) => inSimplex(n, random).map((v) => v * s * (random.uniform() < 0.5 ? -1 : 1)),
    outside: (z, s) => sum(z.map(Math.abs)) - s,
  },
  {
    name: 'second-order cone',
    project: (x) => projectSecondOrderCone(x),
    draw: (n, random, s) => {
      const z = normals(n, random);
      z[0] = norm(z.subarray(1)) * (1 + random.uniform());
      return scaled(z, s);
    },
    outside: (z) => norm(z.subarray(1)) - z[0],
  },
  {
    name: 'monotone cone',
    project: (x) => projectMonotoneCone(x),
    draw: (n, random, s) => scaled(normals(n, random).sort(), s),
    outside: (z) => Math.max(0, ...z.slice(1).map((v, i) => z[i] - v)),
  },
  {
    name: 'cone of falling values',
    project: (x) => projectMonotoneCone(x, { direction: 'decreasing' }),
    draw: (n, random, s) => scaled(normals(n, random).sort().reverse(), s),
    outside: (z) => Math.max(0, ...z.slice(1).map((v, i) => v - z[i])),
  },
];

describe.each(cases)('onto the $name', ({ project, draw, outside }) => {
  const at = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 1, max: 12 }),
    spread: fc.constantFrom(0.1, 1, 10, 1e6),
    ties: fc.boolean(),
  });
  const pointOf = (seed: number, n: number, spread: number, ties: boolean) => {
    const x = scaled(normals(n, new Random(seed)), spread);
    return ties ? x.map((v) => Math.round(v / spread) * spread) : x;
  };

  test('⟨x − Px, z − Px⟩ ≤ 0 for every z of the set, Px is in it, and PPx = Px', () => {
    fc.assert(
      fc.property(at, ({ seed, n, spread, ties }) => {
        const x = pointOf(seed, n, spread, ties);
        const kept = x.slice();
        const p = project(x, 1);
        expect(x).toEqual(kept);
        const size = Math.max(1, norm(x));
        expect(outside(p, 1)).toBeLessThanOrEqual(1e-13 * Math.max(1, norm(p)));
        const random = new Random(seed + 1);
        for (let k = 0; k < 20; k++) {
          const z = draw(n, random, k % 2 ? 1 : spread);
          if (outside(z, 1) > 1e-12) continue;
          const inner = dot(
            x.map((v, i) => v - p[i]),
            z.map((v, i) => v - p[i]),
          );
          expect(inner).toBeLessThanOrEqual(1e-12 * size * (norm(z) + size));
        }
        const again = project(p, 1);
        for (let i = 0; i < n; i++) expect(Math.abs(again[i] - p[i])).toBeLessThanOrEqual(1e-13 * Math.max(1, norm(p)));
      }),
      { numRuns: 150 },
    );
  });

  test.each([2 ** 900, 2 ** 400, 2 ** -400, 2 ** -900])('the same digits at the scale %s', (scale) => {
    for (let seed = 0; seed < 40; seed++) {
      const x = pointOf(seed, 1 + (seed % 7), seed % 2 ? 1 : 8, seed % 3 === 0);
      const p = project(x, 1);
      const large = project(scaled(x, scale), scale);
      for (let i = 0; i < x.length; i++) expect(Math.abs(large[i] / scale - p[i])).toBeLessThan(1e-14 * (1 + norm(x)));
    }
  });

  test('NaN is an error that names the place', () => {
    expect(() => project(Float64Array.of(1, Number.NaN), 1)).toThrow(/NaN in entry 2/);
    expect(() => project(Float64Array.of(0, Number.NaN), 1)).toThrow(expect.objectContaining({ code: 'NON_FINITE' }));
  });

  test('large doubles of both signs', () => {
    const most = Number.MAX_VALUE / 2;
    for (const x of [Float64Array.of(most, -most, most), Float64Array.of(-most, most, -most / 2)]) {
      for (const size of [1, 1e-300, 1e300]) {
        const p = project(x, size);
        expect(p.every(Number.isFinite)).toBe(true);
        expect(outside(scaled(p, 1 / most), size / most)).toBeLessThan(1e-15);
      }
    }
  });
});

describe('tiny cases by brute force', () => {
  /** The nearest of all points of a fine grid of [−2, 2]ⁿ that are in the set. */
  function nearestOnGrid(x: readonly number[], inside: (z: readonly number[]) => boolean, step = 1 / 16): number {
    let best = Number.POSITIVE_INFINITY;
    const z: number[] = [];
    const visit = (j: number): void => {
      if (j === x.length) {
        if (inside(z)) best = Math.min(best, norm(x.map((v, i) => v - z[i])));
        return;
      }
      for (let v = -2; v <= 2; v += step) {
        z[j] = v;
        visit(j + 1);
      }
    };
    visit(0);
    return best;
  }
  const sets: ReadonlyArray<[string, (x: number[]) => Float64Array, (z: readonly number[]) => boolean]> = [
    [
      'box',
      (x) => projectBox(x, [-1, 0, -2], [0.5, 1, -1]),
      ([a, b, c]) => a >= -1 && a <= 0.5 && b >= 0 && b <= 1 && c <= -1,
    ],
    ['ball', (x) => projectBall(x), (z) => norm(z) <= 1],
    ['simplex', (x) => projectSimplex(x), (z) => Math.min(...z) >= 0 && sum(z) === 1],
    ['l1 ball', (x) => projectL1Ball(x), (z) => sum(z.map(Math.abs)) <= 1],
    ['cone', (x) => projectSecondOrderCone(x), ([t, ...v]) => norm(v) <= t],
    ['monotone', (x) => projectMonotoneCone(x), ([a, b, c]) => a <= b && b <= c],
  ];
  test.each(sets)('%s', (_, project, inside) => {
    const random = new Random(5);
    for (let k = 0; k < 6; k++) {
      const x = Array.from({ length: 3 }, () => 1.2 * random.normal());
      const distance = norm(project(x).map((v, i) => x[i] - v));
      const grid = nearestOnGrid(
        x.map((v) => clamp(v, -2, 2)),
        inside,
      );
      const moved = norm(x.map((v) => v - clamp(v, -2, 2)));
      expect(distance).toBeLessThanOrEqual(grid + moved + 1e-12);
      expect(distance).toBeGreaterThanOrEqual(grid - moved - Math.sqrt(3) / 16);
    }
  });

  test('the simplex by all of its faces', () => {
    const random = new Random(6);
    for (let k = 0; k < 200; k++) {
      const n = 1 + (k % 6);
      const x = Float64Array.from({ length: n }, () => (k % 3 ? random.normal() : random.integer(3)));
      const radius = 0.1 + 2 * random.uniform();
      let [least, best] = [Number.POSITIVE_INFINITY, x];
      for (let face = 1; face < 2 ** n; face++) {
        const free = Array.from(x.keys()).filter((i) => face & (1 << i));
        const theta = (sum(free.map((i) => x[i])) - radius) / free.length;
        const z = x.map((v, i) => (face & (1 << i) ? v - theta : 0));
        const distance = norm(z.map((v, i) => v - x[i]));
        if (z.every((v) => v >= 0) && distance < least) [least, best] = [distance, z];
      }
      const p = projectSimplex(x, radius);
      for (let i = 0; i < n; i++) expect(p[i]).toBeCloseTo(best[i], 12);
    }
  });

  test('the monotone cone by all ways to cut the values into runs, with weights', () => {
    const random = new Random(7);
    for (let k = 0; k < 200; k++) {
      const n = 1 + (k % 6);
      const x = Float64Array.from({ length: n }, () => (k % 3 ? random.normal() : random.integer(3)));
      const w = uniforms(n, random).map((v) => v + 0.01);
      let [least, best] = [Number.POSITIVE_INFINITY, x];
      for (let cuts = 0; cuts < 2 ** (n - 1); cuts++) {
        const z = new Float64Array(n);
        for (let a = 0, b = 0; a < n; a = b) {
          for (b = a + 1; b < n && !(cuts & (1 << (b - 1))); b++);
          z.fill(dot(x.subarray(a, b), w.subarray(a, b)) / sum(w.subarray(a, b)), a, b);
        }
        const distance = sum(z.map((v, i) => w[i] * (v - x[i]) ** 2));
        if (z.every((v, i) => i === 0 || v >= z[i - 1]) && distance < least) [least, best] = [distance, z];
      }
      const p = projectMonotoneCone(x, { weights: w });
      for (let i = 0; i < n; i++) expect(p[i]).toBeCloseTo(best[i], 12);
    }
  });
});

describe('by hand', () => {
  test('what is inside stays, to the bit, also where the result goes into x itself', () => {
    const x = Float64Array.of(0.3, -0, 0.1);
    expect(projectBox(x, -1, 1)).toEqual(x);
    expect(projectBall(x)).toEqual(x);
    expect(projectL1Ball(x)).toEqual(x);
    expect(projectSecondOrderCone(x)).toEqual(x);
    const y = Float64Array.of(3, 1, 2);
    expect(projectMonotoneCone(y, {}, y)).toBe(y);
    expect(y).toEqual(Float64Array.of(2, 2, 2));
    const z = Float64Array.of(2, 1, -1);
    expect(projectSimplex(z, 1, z)).toBe(z);
    expect(z).toEqual(Float64Array.of(1, 0, 0));
  });

  test('large offsets cost the simplex no digits', () => {
    const p = projectSimplex([1e15 + 0.25, 1e15, 1e15 - 5]);
    expect(Array.from(p)).toEqual([0.625, 0.375, 0]);
    const many = Float64Array.from({ length: 1e5 }, (_, i) => Math.sin(i));
    expect(Math.abs(sum(projectSimplex(many, 3)) - 3)).toBeLessThan(1e-13);
  });

  test('the second-order cone: its polar goes to 0, one value to max(t, 0)', () => {
    expect(projectSecondOrderCone([-5, 3, 4])).toEqual(new Float64Array(3));
    expect(Array.from(projectSecondOrderCone([0, 3, 4]))).toEqual([2.5, 1.5, 2]);
    expect(Array.from(projectSecondOrderCone([-2]))).toEqual([0]);
    expect(Array.from(projectSecondOrderCone([2]))).toEqual([2]);
    const most = Number.MAX_VALUE;
    expect(() => projectSecondOrderCone([most, most, most])).toThrow('overflows');
    expect(Array.from(projectSecondOrderCone([-most, most / 2, 0]))).toEqual([0, 0, 0]);
    expect(Array.from(projectSecondOrderCone([0, 3e-320, 0]))).toEqual([1.5e-320, 1.5e-320, 0]);
  });

  test('radius 0, no values, infinite bounds', () => {
    expect(projectBall([1, 2], 0)).toEqual(new Float64Array(2));
    expect(projectL1Ball([1, -2], 0)).toEqual(new Float64Array(2));
    expect(projectSimplex([1, -2], 0)).toEqual(new Float64Array(2));
    for (const project of [projectBall, projectL1Ball]) expect(project([])).toEqual(new Float64Array(0));
    expect(projectMonotoneCone([])).toEqual(new Float64Array(0));
    expect(projectBox([], 0, 1)).toEqual(new Float64Array(0));
    expect(Array.from(projectBox([-1e308, 7], 0, Number.POSITIVE_INFINITY))).toEqual([0, 7]);
    expect(Array.from(projectBox([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], -1, 2))).toEqual([-1, 2]);
    expect(isotonicBlocks(Float64Array.of(1, 1, 3), Float64Array.of(1, 1, 1))).toEqual({
      count: 2,
      means: Float64Array.of(1, 3, 0),
      ends: Int32Array.of(2, 3, 0),
    });
  });

  test('what is refused', () => {
    expect(() => projectSimplex([])).toThrow('at least one coordinate');
    expect(() => projectSecondOrderCone([])).toThrow('out has room for 0');
    expect(() => projectBall([1], -1)).toThrow('radius must be a finite number');
    expect(() => projectL1Ball([1], Number.NaN)).toThrow('radius must be a finite number');
    expect(() => projectSimplex([1], Number.POSITIVE_INFINITY)).toThrow('radius must be a finite number');
    expect(() => projectBox([1], 2, 1)).toThrow('bounds of coordinate 1 are 2 and 1');
    expect(() => projectBox([1], [0, 0], 1)).toThrow('2 lower bounds');
    expect(() => projectBox([Number.POSITIVE_INFINITY], 0, Number.POSITIVE_INFINITY)).toThrow('Infinity in entry 1');
    for (const project of [projectBall, projectSimplex, projectL1Ball]) {
      expect(() => project([1, Number.NEGATIVE_INFINITY])).toThrow('-Infinity in entry 2');
    }
    expect(() => projectBall([1, 2], 1, new Float64Array(1))).toThrow('out has room for 1');
    expect(() => projectMonotoneCone([1], { weights: [0] })).toThrow('weight 1 is 0');
    expect(() => projectMonotoneCone([1], { weights: [1, 1] })).toThrow('2 weights');
    expect(() => projectMonotoneCone([1], { weigths: [1] } as object)).toThrow("did you mean 'weights'?");
  });
});
