import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chord, clipped, rectangle } from './halfPlanes.ts';
import { above } from './levels.ts';
import { type Plane, planeSvg } from './plane.ts';

const square = rectangle([0, 1], [0, 1]);
const area = (polygon: ReadonlyArray<readonly [number, number]>): number =>
  Math.abs(
    polygon.reduce((sum, [x, y], k) => {
      const [u, v] = polygon[(k + 1) % polygon.length];
      return sum + x * v - u * y;
    }, 0) / 2,
  );

test('half-planes: a diagonal halves a square, one beyond it leaves all, one before it nothing', () => {
  expect(area(clipped(square, [1, -1, 0]))).toBeCloseTo(0.5, 12);
  expect(area(clipped(square, [1, 0, 1]))).toBe(1);
  expect(clipped(square, [1, 0, -2])).toEqual([]);
  expect(chord(square, [1, 0, -2])).toBeUndefined();
  expect(chord(square, [1, 0, -0.25])!.map(([x]) => x)).toEqual([0.25, 0.25]);
});

test('a half-plane and its opposite share a polygon without rest', () => {
  const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(coefficient, coefficient, coefficient), ([a, b, c]) => {
      const parts = area(clipped(square, [a, b, c])) + area(clipped(square, [-a, -b, -c]));
      // A line along an edge, or none, may count for both.
      expect(Math.min(Math.abs(parts - 1), Math.abs(parts - 2))).toBeLessThan(1e-9);
      for (const [x, y] of clipped(square, [a, b, c])) expect(a * x + b * y + c).toBeGreaterThan(-1e-9);
    }),
  );
});

test('contours: of a linear function straight, of a circle round, and nothing where there are no values', () => {
  const size = 41;
  const grid = { size, x: [-2, 2], y: [-2, 2] } as const;
  const values = (f: (x: number, y: number) => number) =>
    Array.from({ length: size * size }, (_, k) =>
      f(-2 + (4 * (k % size)) / (size - 1), -2 + (4 * Math.floor(k / size)) / (size - 1)),
    );
  const inside = ([x, y]: readonly [number, number]) => Math.abs(x) < 1.95 && Math.abs(y) < 1.95;
  const straight = above(
    values((x, y) => x + 2 * y),
    grid,
    0.7,
  ).flat();
  for (const [x, y] of straight.filter(inside)) expect(x + 2 * y).toBeCloseTo(0.7, 9);
  const [ring, ...others] = above(
    values((x, y) => -Math.hypot(x, y)),
    grid,
    -1,
  );
  expect(others).toEqual([]);
  expect(area(ring)).toBeCloseTo(Math.PI, 1);
  for (const [x, y] of ring) expect(Math.hypot(x, y)).toBeCloseTo(1, 2);
  expect(
    above(
      values(() => Number.NaN),
      grid,
      0,
    ),
  ).toEqual([]);
});

test('a plane names its rows, tells the solution, and has no area if rows exclude each other or are equalities', () => {
  const size = 12;
  const plane: Plane = {
    ...{ names: ['chairs', 'tables'], x: [0, 4], y: [0, 4], point: [1, 2] },
    grid: { size, x: [-1, 5], y: [-1, 5] },
    objective: Array.from({ length: size * size }, (_, k) => k % size),
    bounds: [
      [0, null],
      [0, null],
    ],
    rows: [{ name: 'wood & nails', line: [1, 1, 0], lower: null, upper: 3 }],
  };
  const drawn = (rows: Plane['rows']) =>
    planeSvg({ ...plane, rows }, { title: 'Plane', width: 500, solved: true, id: 'p' });
  const { svg, area: has, at } = drawn(plane.rows);
  expect(has).toBe(true);
  expect(svg).toContain('wood &amp; nails');
  expect(svg).toMatch(/aria-label="Plane: tables against chairs; the solution is 1, 2; cut by wood &amp; nails/);
  // Places and values belong together.
  const circle = /class="point" cx="([\d.]+)" cy="([\d.]+)"/.exec(svg)!;
  const [x, y] = at(Number(circle[1]), Number(circle[2]));
  expect(x).toBeCloseTo(1, 1);
  expect(y).toBeCloseTo(2, 1);
  expect(drawn([...plane.rows, { name: 'order', line: [1, 1, 0], lower: 5, upper: null }]).area).toBe(false);
  expect(drawn([{ name: 'balance', line: [1, -1, 0], lower: 0, upper: 0 }]).area).toBe(false);
  const curved = plane.objective.map((v) => v * v);
  expect(drawn([{ name: 'tank', values: curved, lower: 2, upper: 50 }]).svg).toContain('clip-path="url(#p-in-0-1)"');
});
