import { expect, test } from 'vitest';
import { DenseMatrix } from '../arrays/index.ts';
import { decodeCheckpoint, encodeCheckpoint, Random } from '../core/index.ts';
import { NeighbourIndex, type NeighbourIndexState, type Neighbours, nearestNeighbours, Points } from './index.ts';

/** Normal points about k centres that are `spread` apart in each coordinate. */
function blobs(n: number, d: number, k: number, spread: number, seed: number) {
  const random = new Random(seed);
  const centres = Array.from({ length: k }, () => Array.from({ length: d }, () => spread * random.normal()));
  return { rows: Array.from({ length: n }, (_, p) => centres[p % k].map((v) => v + random.normal())) };
}

const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, j) => sum + (v - b[j]) ** 2, 0);

type Rows = readonly (readonly number[])[];

/** The k nearest rows of Y for every row of Q by a sort, by index where distances are equal. */
function sorted(Y: Rows, Q: Rows, k: number, others = false) {
  return Q.map((q, i) =>
    Y.map((y, p) => ({ p, v: squaredDistance(q, y) }))
      .filter(({ p }) => !(others && p === i))
      .sort((a, b) => a.v - b.v || a.p - b.p)
      .slice(0, k),
  );
}

function same(found: Neighbours, expected: ReturnType<typeof sorted>, scale = 1): void {
  expect([...found.indices]).toEqual(expected.flatMap((row) => row.map(({ p }) => p)));
  expected.flat().forEach(({ v }, t) => {
    expect(Math.abs(found.squaredDistances[t] - v)).toBeLessThanOrEqual(1e-12 * Math.max(scale, v));
  });
}

/** Few values, so that distances are equal, which no centring blurs: their mean is 0. */
function lattice(n: number, d: number, seed: number): number[][] {
  const random = new Random(seed);
  const half = Array.from({ length: n / 2 }, () => Array.from({ length: d }, () => random.integer(5) - 2));
  return [...half, ...half.map((row) => row.map((v) => 0 - v))];
}

const normal = (n: number, d: number, seed: number): number[][] => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));
};

const heavy = normal(700, 3, 5).map((row, p) => row.map((v) => (p % 9 === 0 ? v ** 9 : v)));
const far = normal(600, 2, 8).map((row, p) => row.map((v) => v * 1e-7 + (p % 3) * 1e3));

test.each<[string, Rows, number]>([
  ['a lattice, of many equal distances', lattice(640, 3, 1), 7],
  ['groups', blobs(520, 20, 6, 6, 2).rows, 10],
  ['one cloud', normal(540, 17, 3), 33],
  ['heavy tails', heavy, 5],
  ['groups far apart by their own size', far, 4],
  ['one column', lattice(400, 1, 4), 3],
  ['twins only', Array.from({ length: 300 }, () => [1, 2]), 4],
  ['a constant column', normal(300, 2, 6).map((row) => [...row, 3]), 1],
  ['nearly all others', normal(40, 2, 7), 39],
])('exact neighbours are those of a sort: %s', (_, rows, k) => {
  const X = DenseMatrix.fromRows(rows as number[][]);
  // Distances are those of rows less their mean: far from the origin the difference loses digits.
  const { mean } = Points.from(X);
  const centred = (some: Rows) => some.map((row) => row.map((v, j) => v - mean[j]));
  same(nearestNeighbours(X, k), sorted(centred(rows), centred(rows), k, true));
  const queries = rows.slice(0, 150).map((row, i) => (i % 2 ? row : row.map((v) => 3 * v + 1)));
  const Q = DenseMatrix.fromRows(queries);
  for (const lists of ['leaves', 'inverted-file'] as const) {
    const index = NeighbourIndex.of(X, { lists, seed: 2 });
    same(index.search(Q, k), sorted(centred(rows), centred(queries), k));
    index.free();
  }
});

test('recall grows with probes, is 1 with all lists, and is what was asked for', () => {
  const X = DenseMatrix.fromRows(normal(3000, 8, 1));
  const Q = DenseMatrix.fromRows(normal(200, 8, 2));
  const index = NeighbourIndex.of(X, { count: 40 });
  const exact = index.search(Q, 10);
  let before = 0;
  for (const probes of [1, 2, 4, 10, 25, 40]) {
    const recall = index.recall(Q, 10, probes);
    expect(recall).toBeGreaterThanOrEqual(before);
    before = recall;
    // All queries are the sample.
    const found = index.search(Q, 10, { probes });
    let hits = 0;
    for (let t = 0; t < 2000; t++)
      if (exact.indices.subarray(t - (t % 10), t - (t % 10) + 10).includes(found.indices[t])) hits++;
    expect(hits / 2000).toBe(recall);
  }
  expect(before).toBe(1);
  expect(index.recall(Q, 10, 1)).toBeLessThan(0.7);
  for (const wanted of [0.5, 0.9, 0.99]) {
    const probes = index.probesFor(Q, 10, wanted);
    expect(index.recall(Q, 10, probes)).toBeGreaterThanOrEqual(wanted);
    if (probes > 1) expect(index.recall(Q, 10, probes - 1)).toBeLessThan(wanted);
    expect(index.search(Q, 10, { recall: wanted })).toEqual(index.search(Q, 10, { probes }));
  }
  // Few are compared: what is found lies in the nearest list.
  expect(NeighbourIndex.of(X, { count: 40 }).search(Q, 3, { probes: 2 })).toEqual(index.search(Q, 3, { probes: 2 }));
});

test('a saved index finds the same, and takes new rows', () => {
  const rows = blobs(600, 6, 5, 3, 3).rows;
  const more = blobs(100, 6, 5, 3, 4).rows;
  const Q = DenseMatrix.fromRows(normal(20, 6, 9));
  const index = NeighbourIndex.of(rows, { count: 12 });
  const text = encodeCheckpoint({ method: 'neighbour-index', problem: '', iteration: 0, state: index.save() });
  const back = NeighbourIndex.from(decodeCheckpoint<NeighbourIndexState>(text, { method: 'neighbour-index' }).state);
  expect(back.search(Q, 5, { probes: 2 })).toEqual(index.search(Q, 5, { probes: 2 }));
  expect(back.save()).toEqual(index.save());
  back.add(more);
  expect([back.n, back.d, back.lists]).toEqual([700, 6, 12]);
  const queries = Array.from({ length: 20 }, (_, i) => Array.from({ length: 6 }, (_, j) => Q.get(i, j)));
  same(back.search(Q, 5), sorted([...rows, ...more], queries, 5), 100);
  const state = index.save();
  expect(() => NeighbourIndex.from({ ...state, order: state.order.map(() => 0) })).toThrow(/do not fit together/);
  expect(() => NeighbourIndex.from({ ...state, data: state.data.slice(1) })).toThrow(/do not fit together/);
});

test('probes go on where lists have too few rows', () => {
  const rows = normal(60, 2, 1);
  const index = NeighbourIndex.of(rows, { count: 60 });
  same(index.search(rows, 60, { probes: 1 }), sorted(rows, rows, 60));
  // More lists than different rows: some stay empty.
  const twins = NeighbourIndex.of(
    Array.from({ length: 40 }, (_, p) => [p % 2]),
    { count: 10 },
  );
  expect([...twins.search([[0.9]], 3, { probes: 1 }).indices]).toEqual([1, 3, 5]);
});

test('what cannot be is refused', () => {
  const rows = normal(50, 2, 1);
  const index = NeighbourIndex.of(rows, { count: 5 });
  expect(() => NeighbourIndex.of(rows, { count: 51 })).toThrow(/from 1 to the 50 rows, not 51/);
  expect(() => NeighbourIndex.of(rows, { lists: 'leaves', count: 5 })).toThrow(/count applies to inverted files/);
  expect(() => NeighbourIndex.of([[Number.NaN, 1]])).toThrow(/NaN/);
  expect(() => NeighbourIndex.of([])).toThrow(/nothing|empty|rows/i);
  expect(() => index.search(rows, 51)).toThrow(/from 1 to 50, not 51/);
  expect(() => index.search([[1, Number.NaN]], 1)).toThrow(/NaN/);
  expect(() => index.search([[1, 2, 3]], 1)).toThrow(/2 columns, but the rows have 3/);
  expect(() => index.search(rows, 1, { probes: 6 })).toThrow(/from 1 to 5, not 6/);
  expect(() => index.search(rows, 1, { probes: 2, recall: 0.5 })).toThrow(/exclude each other/);
  expect(() => index.search(rows, 1, { recall: 2 })).toThrow(/from 0 to 1, not 2/);
  expect(() => nearestNeighbours(rows, 2, { recall: 0.9 })).toThrow(/'approximate'/);
  expect(() => nearestNeighbours(rows, 2, { search: 'near' as 'exact' })).toThrow(/'exact' or 'approximate'/);
});

test('neighbours of all rows by an inverted file, twins included', () => {
  const { rows } = blobs(2200, 8, 4, 5, 1);
  const twice = [...rows, ...rows.slice(0, 300), ...Array.from({ length: 20 }, () => rows[0])];
  const X = DenseMatrix.fromRows(twice);
  const [found, exact] = [nearestNeighbours(X, 6, { search: 'approximate', recall: 0.97 }), nearestNeighbours(X, 6)];
  let hits = 0;
  for (let t = 0; t < found.indices.length; t++) {
    expect(found.indices[t]).not.toBe(Math.floor(t / 6));
    if (found.squaredDistances[t] <= exact.squaredDistances[t - (t % 6) + 5]) hits++;
  }
  expect(hits / found.indices.length).toBeGreaterThan(0.95);
});
