import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { Cells3 } from './cells3.ts';
import { CellsAny } from './cellsAny.ts';
import { KdTree, nearestNeighbours } from './index.ts';

const drawn = (n: number, d: number, seed: number, f: (random: Random, k: number) => number = (r) => r.normal()) => {
  const random = new Random(seed);
  return Float64Array.from({ length: d * n }, (_, k) => f(random, k));
};
/** In the order in which the tree adds them up. */
const square = (points: Float64Array, i: number, q: ArrayLike<number>) => {
  let sum = 0;
  for (let j = 0; j < q.length; j++) sum += (points[i * q.length + j] - q[j]) ** 2;
  return sum;
};
const all = (points: Float64Array, q: ArrayLike<number>) =>
  Array.from({ length: points.length / q.length }, (_, i) => square(points, i, q)).sort((a, b) => a - b);

describe('finds what looking at all finds', () => {
  const check = (points: Float64Array, d: number, seed: number, trials: number) => {
    const n = points.length / d;
    const tree = new KdTree(points, d);
    expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    tree.order.forEach((i, place) => {
      for (let j = 0; j < d; j++) expect(tree.sorted[place * d + j]).toBe(points[i * d + j]);
    });
    const random = new Random(seed);
    for (let trial = 0; trial < trials; trial++) {
      const i = random.integer(n);
      const scale = [0, 0.3, 30][trial % 3];
      const q = Float64Array.from({ length: d }, (_, j) => points[i * d + j] * (1 + scale * random.normal()));
      const squares = all(points, q);
      expect(square(points, tree.nearest(q), q)).toBe(squares[0]);
      tree.nearestPlace(q, Number.POSITIVE_INFINITY);
      expect([...tree.found]).toEqual([squares[0], squares[1] ?? Number.POSITIVE_INFINITY]);
      const k = Math.min(n, 7);
      const near = tree.nearestOf(q, 7);
      expect(new Set(near).size).toBe(k);
      expect(near.map((p) => square(points, p, q))).toEqual(squares.slice(0, k));
      const radius = Math.sqrt(squares[Math.min(3, n - 1)]);
      const within = squares.filter((v) => v < radius * radius).length;
      expect(tree.nearestOf(q, n, radius)).toHaveLength(within);
      if (squares[0] > 0) {
        expect(tree.nearest(q, Math.sqrt(squares[0]) * 0.999)).toBe(-1);
        tree.nearestPlace(q, squares[0] / 2);
        expect([...tree.found]).toEqual([squares[0] / 2, squares[0] / 2]);
      }
    }
  };

  test.each<[string, Float64Array, number]>([
    ['one column', drawn(300, 1, 1), 1],
    ['the plane', drawn(500, 2, 2), 2],
    ['space', drawn(500, 3, 3), 3],
    ['a grid with many ties', drawn(400, 4, 4, (r) => 1 + r.integer(3)), 4],
    ['many dimensions', drawn(400, 17, 5), 17],
    ['one point', drawn(1, 5, 6), 5],
    ['nine points', drawn(9, 2, 7), 2],
    ['all in one place', new Float64Array(600).fill(2), 6],
    ['on a line', drawn(200, 4, 8, (_, k) => (k % 4 === 2 ? k : 1)), 4],
    ['far from the origin', drawn(300, 2, 9, (r) => 1e6 + r.normal()), 2],
    ['huge', drawn(200, 2, 10, (r) => 1e150 * r.normal()), 2],
    ['tiny', drawn(200, 5, 11, (r) => 1e-150 * r.normal()), 5],
    ['coordinates of unlike sizes', drawn(300, 4, 12, (r, k) => r.normal() * 10 ** (4 * (k % 4))), 4],
  ])('%s', (_, points, d) => check(points, d, 20, 60));

  test('of any size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        fc.boolean(),
        (n, d, s, ties) => check(drawn(n, d, s, ties ? (r) => r.integer(4) : undefined), d, s, 3),
      ),
      { numRuns: 60 },
    );
  });
});

test('in space both kinds of cells are one tree and find the same', () => {
  for (const points of [drawn(1000, 3, 1), drawn(500, 3, 2, (r) => r.integer(4))]) {
    const n = points.length / 3;
    const order = () => Int32Array.from({ length: n }, (_, i) => i);
    const [sorted3, order3, sortedAny, orderAny] = [points.slice(), order(), points.slice(), order()];
    const three = new Cells3(sorted3, order3);
    const any = new CellsAny(sortedAny, orderAny, 3);
    expect(orderAny).toEqual(order3);
    expect(sortedAny).toEqual(sorted3);
    const [a, b] = [new Float64Array(5), new Float64Array(5)];
    for (let i = 0; i < 50; i++) {
      const q = drawn(1, 3, 100 + i);
      three.nearestPlace(q, 4);
      any.nearestPlace(q, 4);
      expect(any.found).toEqual(three.found);
      expect(any.nearestPlaces(q, 5, new Int32Array(5), b, 1)).toBe(three.nearestPlaces(q, 5, new Int32Array(5), a, 1));
      expect(b).toEqual(a);
    }
  }
});

test('the tree of rows finds the neighbours of the search by blocks', () => {
  const rows = Array.from({ length: 400 }, (_, i) => Array.from(drawn(1, 6, i)));
  const tree = KdTree.of(rows);
  expect(KdTree.of(DenseMatrix.fromRows(rows)).sorted).toEqual(tree.sorted);
  const { indices } = nearestNeighbours(rows, 4);
  rows.forEach((row, p) => {
    const found = tree.nearestOf(row, 5);
    expect(found[0]).toBe(p);
    expect(found.slice(1)).toEqual(Array.from(indices.subarray(4 * p, 4 * p + 4)));
  });
});

test('what cannot be is refused', () => {
  expect(() => new KdTree(new Float64Array(0), 2)).toThrow(/no points/);
  expect(() => KdTree.of([])).toThrow(/no points/);
  expect(() => new KdTree(new Float64Array(5), 2)).toThrow(/5, is not a multiple of the dimension 2/);
  expect(() => new KdTree(new Float64Array(4), 0)).toThrow(/dimension must be a whole number of at least 1/);
  expect(() => new KdTree(Float64Array.of(1, 2, 3, Number.NaN), 2)).toThrow(/Number 2 of point 2 is NaN/);
  expect(() => KdTree.of([[1, Number.POSITIVE_INFINITY]])).toThrow(/Infinity/);
  const tree = new KdTree(Float64Array.of(1, 2, 3, 4), 2);
  expect(() => tree.nearest([1])).toThrow(/1 numbers, but the points of the tree have 2/);
  expect(() => tree.nearestOf([1, Number.NaN], 1)).toThrow(/Number 2 of a query is NaN/);
  expect(() => tree.nearestOf([1, 2], 0.5)).toThrow(/k must be a whole number/);
  expect(tree.nearestOf([1, 2], 0)).toEqual([]);
  expect(tree.nearestOf([1, 2], 9)).toEqual([0, 1]);
});
