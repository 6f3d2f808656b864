import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { type LloydState, lloydIterates, Points } from './index.ts';

test.each([
  [60, 1, 2],
  [200, 3, 5],
  [300, 8, 12],
])("Lloyd's steps are those of the definition: n = %s, d = %s, k = %s", (n, d, k) => {
  const random = new Random(n);
  const rows = Array.from({ length: n }, (_, p) => Array.from({ length: d }, () => random.normal() + 4 * (p % 3)));
  const points = Points.from(rows);
  const { data } = points;
  let means = Array.from({ length: k }, (_, c) => Array.from(data.subarray(c * d, (c + 1) * d)));
  const distance = (p: number, mean: readonly number[]) => mean.reduce((s, v, j) => s + (data[p * d + j] - v) ** 2, 0);
  const nearest = () =>
    Array.from({ length: n }, (_, p) => means.reduce((b, m, c) => (distance(p, m) < distance(p, means[b]) ? c : b), 0));
  const start = Float64Array.from(means.flat());
  let middle: LloydState | undefined;
  let last: ReturnType<typeof nearest> = [];
  for (const { iteration, objective, snapshot, checkpoint, done } of lloydIterates(points, k, start)) {
    const labels = nearest();
    const { assignments, prototypes } = snapshot();
    expect(Array.from(assignments)).toEqual(labels);
    const sum = labels.reduce((s, c, p) => s + distance(p, means[c]), 0);
    expect(Math.abs(objective! - sum)).toBeLessThan(1e-10 * sum);
    means.forEach((mean, c) => {
      for (let j = 0; j < d; j++) expect(prototypes.get(c, j)).toBeCloseTo(mean[j] + points.mean[j], 10);
    });
    if (iteration === 2) middle = checkpoint!() as LloydState;
    if (done) {
      expect(labels).toEqual(last);
      break;
    }
    last = labels;
    means = means.map((mean, c) => {
      const own = labels.flatMap((l, p) => (l === c ? [p] : []));
      return own.length === 0 ? mean : mean.map((_, j) => own.reduce((s, p) => s + data[p * d + j], 0) / own.length);
    });
  }
  expect(start).toEqual(Float64Array.from(Array.from({ length: k * d }, (_, i) => data[i])));
  if (middle === undefined) return;
  // Cut and resumed, the same bits.
  const end = (from: Float64Array | LloydState) => {
    let out: { objective: number | undefined; assignments: Int32Array } | undefined;
    for (const { objective, snapshot, done } of lloydIterates(points, k, from)) {
      out = { objective, assignments: snapshot().assignments };
      if (done) break;
    }
    return out;
  };
  expect(end(middle)).toEqual(end(start));
  points.matrix.free();
});

test('an empty cluster takes the farthest point, and a start of another shape is refused', () => {
  const points = Points.from([[0], [1], [10]]);
  const start = (...means: number[]) => Float64Array.from(means, (v) => v - points.mean[0]);
  const assignments = [];
  for (const { snapshot, done } of lloydIterates(points, 2, start(1, 100))) {
    assignments.push(Array.from(snapshot().assignments));
    if (done) break;
  }
  expect(assignments.slice(0, 2)).toEqual([
    [0, 0, 0],
    [0, 0, 1],
  ]);
  expect(() => lloydIterates(points, 2, start(1)).next()).toThrow(/2 means of 1 numbers each, but has 1/);
  expect(() => lloydIterates(points, 0, start()).next()).toThrow(/k must be a whole number/);
  points.matrix.free();
});
