import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { aggregate, flagIterates, flagMedian, flagWeights } from './index.ts';
import { distance, dot, drawn, gram, near, norm } from './testing.ts';

const EPSILON = 1e-7;
const unit = (v: Float64Array): Float64Array => v.map((x) => x / norm(v));
const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, k) => v - b[k]);

/** Unit gradients with weight 1, and unit differences of all pairs. */
function terms(g: readonly Float64Array[], lambda: number): Array<{ x: Float64Array; base: number }> {
  const u = g.map(unit);
  const p = u.length;
  const pairs = u.flatMap((a, i) =>
    u.slice(0, i).map((b) => ({ x: unit(minus(a, b)), base: (2 * lambda) / (p * (p - 1)) })),
  );
  return [...u.map((x) => ({ x, base: 1 })), ...(lambda > 0 ? pairs : [])];
}

/** The flag aggregator from singular vectors of the N × q matrix itself. */
function explicit(g: readonly Float64Array[], m: number, lambda: number, passes: number) {
  const all = terms(g, lambda);
  let weights = all.map(({ base }) => base);
  let Y: Float64Array[] = [];
  const captured = (x: Float64Array) => Y.reduce((sum, y) => sum + dot(x, y) ** 2, 0);
  for (let pass = 0; pass < passes; pass++) {
    const { U } = svd(DenseMatrix.fromColumns(all.map(({ x }, k) => x.map((v) => v * Math.sqrt(weights[k])))));
    Y = Array.from({ length: m }, (_, j) => U.column(j).slice());
    weights = all.map(({ x, base }) => base / Math.sqrt(Math.max(0, 1 - captured(x)) + EPSILON));
  }
  const direction = new Float64Array(g[0].length);
  for (const x of g.map(unit)) {
    for (const y of Y) for (let k = 0; k < direction.length; k++) direction[k] += (dot(x, y) * y[k]) / g.length;
  }
  return { Y, direction, explained: g.map((v) => captured(unit(v))) };
}

test('the Gram matrix gives what singular vectors of the gradients give', () => {
  for (const [p, m, lambda, passes] of [
    [15, 8, 0, 1],
    [15, 8, 0, 5],
    [9, 3, 0.7, 4],
    [7, 1, 2, 3],
  ]) {
    const g = drawn(p, 200, 2, p + m);
    const { direction, explained } = explicit(g, m, lambda, passes);
    // Passes may end before by the tolerance of the gradient.
    const found = aggregate(g, { m, lambda, iterations: passes });
    expect(found.iterations).toBe(passes);
    expect(distance(found.direction, direction)).toBeLessThanOrEqual(1e-8);
    expect(distance(found.explained!, explained)).toBeLessThanOrEqual(1e-8);
    const { weights } = flagWeights(gram(g), { m, lambda, iterations: passes });
    expect(distance(weights, found.weights!)).toBeLessThanOrEqual(1e-8);
  }
});

test('the projector onto the subspace of the Gram matrix is that of the singular vectors', () => {
  // With unit gradients, the direction of gradients that all but one are replaced by 0 weight shows a column of the projector:
  // c = K⁺ Y… is linear, so the projections of p different means determine it on the span.
  const g = drawn(6, 200, 1, 11).map(unit);
  const { Y } = explicit(g, 3, 0, 5);
  const { explained } = flagWeights(gram(g), { m: 3, iterations: 5 });
  g.forEach((v, i) => {
    expect(Math.abs(explained[i] - Y.reduce((sum, y) => sum + dot(v, y) ** 2, 0))).toBeLessThanOrEqual(1e-8);
  });
});

test('the objective never rises, and its gradient vanishes', () => {
  for (const [seed, m, lambda] of [
    [1, 2, 0],
    [2, 3, 1],
    [3, 5, 0],
    [4, 1, 0],
  ]) {
    const g = drawn(9, 40, 2, seed);
    let before = Number.POSITIVE_INFINITY;
    const { certificate, point } = run(flagIterates(gram(g), { m, lambda }), {
      tol: 1e-7,
      maxIter: 20_000,
      onIterate: ({ objective }) => {
        expect(objective).toBeLessThanOrEqual(before * (1 + 1e-12));
        before = objective;
      },
    });
    expect(certificate!.value).toBeLessThanOrEqual(1e-6);
    // The slope of the objective along rotations of Y, by differences: it is 0 at a stationary point, and not elsewhere.
    const value = (Y: readonly Float64Array[]) =>
      terms(g, lambda).reduce((sum, { x, base }) => {
        const captured = Y.reduce((s, y) => s + dot(x, y) ** 2, 0);
        return sum + base * Math.sqrt(Math.max(0, 1 - captured) + EPSILON);
      }, 0);
    const { Y } = explicit(g, m, lambda, 1);
    expect(value(Y)).toBeGreaterThanOrEqual(before - 1e-12);
    expect(point.dimension).toBe(m);
  }
});

test('a dimension of at least the rank gives the mean of unit gradients', () => {
  const g = drawn(6, 30, 1, 5);
  const mean = aggregate(g, { rule: 'normalized-mean' }).direction;
  for (const m of [6, 100]) expect(near(aggregate(g, { m }).direction, mean, 1e-14)).toBe(true);
  // Three dimensions hold all gradients of three entries.
  const flat = drawn(9, 3, 2, 6);
  const unit = aggregate(flat, { rule: 'normalized-mean' }).direction;
  expect(near(aggregate(flat, { m: 3 }).direction, unit, 1e-14)).toBe(true);
  expect(near(aggregate(flat, { m: 2 }).direction, unit, 1e-3)).toBe(false);
});

test('one dimension gives a line of least sum of sines', () => {
  const g = drawn(5, 2, 1, 9);
  const { direction } = aggregate(g, { m: 1, iterations: 2000 });
  const sines = (angle: number) =>
    g.reduce((sum, v) => {
      const cosine = (v[0] * Math.cos(angle) + v[1] * Math.sin(angle)) / norm(v);
      return sum + Math.sqrt(Math.max(0, 1 - cosine ** 2) + EPSILON);
    }, 0);
  const least = Math.min(...Array.from({ length: 20_000 }, (_, k) => sines((Math.PI * k) / 20_000)));
  expect(sines(Math.atan2(direction[1], direction[0]))).toBeLessThanOrEqual(least + 1e-6);
});

test('a worker’s length has no influence, and median-norm gives the scale back', () => {
  const g = drawn(9, 25, 2, 7);
  const stretched = g.map((v, i) => v.map((x) => x * 10 ** (i - 4)));
  expect(near(aggregate(stretched).direction, aggregate(g).direction, 1e-8)).toBe(true);
  expect(near(aggregate(stretched).explained!, aggregate(g).explained!, 1e-8)).toBe(true);
  const middle = g.map(norm).sort((a, b) => a - b)[4];
  const scaled = aggregate(g, { scale: 'median-norm' }).direction;
  expect(
    near(
      scaled,
      aggregate(g).direction.map((v) => v * middle),
    ),
  ).toBe(true);
});

test('zero gradients do not count, and the weights make the direction', () => {
  const g = drawn(7, 20, 1, 8);
  const withZero = [...g.slice(0, 3), new Float64Array(20), ...g.slice(3)];
  const found = aggregate(withZero, { m: 4 });
  expect(found.zero).toEqual([3]);
  expect(found.explained![3]).toBeNaN();
  expect(near(found.direction, aggregate(g, { m: 4 }).direction)).toBe(true);
  const made = new Float64Array(20);
  withZero.forEach((v, i) => {
    for (let k = 0; k < 20; k++) made[k] += found.weights![i] * v[k];
  });
  expect(near(made, found.direction)).toBe(true);
  const none = aggregate([new Float64Array(3), new Float64Array(3)]);
  expect([[...none.direction], none.zero]).toEqual([
    [0, 0, 0],
    [0, 1],
  ]);
});

test('copies and nearly copies of a gradient', () => {
  const [v] = drawn(1, 50, 0, 3);
  const nearly = Array.from({ length: 8 }, (_, i) => v.map((x, k) => x * (1 + 1e-13 * Math.sin(i + k))));
  expect(near(aggregate(nearly).direction, unit(v), 1e-9)).toBe(true);
  expect(near(aggregate(nearly, { lambda: 1 }).direction, unit(v), 1e-9)).toBe(true);
});

test('the flag median of planes in three dimensions is the best of many', () => {
  const random = new Random(5);
  const planes = Array.from({ length: 5 }, () =>
    DenseMatrix.fromColumnMajor(
      Float64Array.from({ length: 6 }, () => random.normal()),
      3,
      2,
    ),
  );
  const { basis, objective } = flagMedian(planes, 1);
  const bases = new Map(planes.map((plane) => [plane, svd(plane).U.data.slice()]));
  const project = (plane: DenseMatrix, y: ArrayLike<number>): number => {
    const U = bases.get(plane)!;
    return dot(U.subarray(0, 3), y) ** 2 + dot(U.subarray(3), y) ** 2;
  };
  const cost = (y: ArrayLike<number>) =>
    planes.reduce((sum, plane) => sum + Math.sqrt(Math.max(0, 1 - project(plane, y)) + EPSILON), 0);
  expect(cost(basis.data)).toBeCloseTo(objective, 10);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 20_000; k++) {
    const y = unit(Float64Array.from({ length: 3 }, () => random.normal()));
    least = Math.min(least, cost(y));
  }
  expect(objective).toBeLessThanOrEqual(least + 1e-3);
  const two = flagMedian([planes[0], planes[0], planes[0]], 2).basis;
  expect(project(planes[0], two.column(0)) + project(planes[0], two.column(1))).toBeCloseTo(2, 10);
  expect(() => flagMedian([planes[0]], 3)).toThrow('r = 3 is more than the 2 dimensions');
  expect(() => flagMedian([planes[0], [[1, 2]]], 1)).toThrow('Subspace 1 has 1 rows where subspace 0 has 3.');
  expect(() => flagMedian([], 1)).toThrow('one subspace or more');
});
