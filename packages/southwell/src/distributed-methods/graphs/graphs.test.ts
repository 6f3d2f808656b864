import { expect, test } from 'vitest';
import {
  barbellGraph,
  completeGraph,
  components,
  cycleGraph,
  graph,
  graphSpectrum,
  gridGraph,
  pathGraph,
  starGraph,
} from './index.ts';

test('star and complete graphs have their closed forms (a star of two nodes is complete)', () => {
  for (const n of [3, 5, 40]) {
    const star = graphSpectrum(starGraph(n));
    expect(star.chi1).toBeCloseTo(n - 1, 9);
    expect(star.chi2).toBeCloseTo((n - 1) / 2, 9);
    expect(star.scale).toBeCloseTo(n - 1, 9);
    const complete = graphSpectrum(completeGraph(n));
    expect(complete.chi1).toBeCloseTo((n - 1) / 2, 9);
    expect(complete.chi2).toBeCloseTo((n - 1) / 2, 9);
  }
});

test('paths and rings have the eigenvalues of cosine and Fourier transforms', () => {
  const n = 9;
  const path = graphSpectrum(pathGraph(n), new Float64Array(n - 1).fill(1));
  expect(path.lambda2).toBeCloseTo(2 - 2 * Math.cos(Math.PI / n), 12);
  expect(path.lambdaMax).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (n - 1)) / n), 12);
  const ring = graphSpectrum(cycleGraph(n), new Float64Array(n).fill(1));
  expect(ring.lambda2).toBeCloseTo(2 - 2 * Math.cos((2 * Math.PI) / n), 12);
  // One resistor beside n − 1 in series.
  for (const r of ring.resistances) expect(r).toBeCloseTo((n - 1) / n, 12);
});

test('total rates of uniform links are those of the prototype', () => {
  expect(graphSpectrum(barbellGraph(16)).scale).toBeCloseTo(126.15, 1);
  expect(graphSpectrum(gridGraph(4, 4)).scale).toBeCloseTo(26.25, 1);
  expect(graphSpectrum(cycleGraph(16)).scale).toBeCloseTo(39.7, 1);
  expect(graphSpectrum(completeGraph(10)).scale).toBeCloseTo(6.36, 1);
});

test('resistances times rates of all links sum to n − 1 (Foster)', () => {
  const g = gridGraph(3, 5);
  const rates = Float64Array.from(g.from, (_, k) => 1 + (k % 4));
  const { resistances } = graphSpectrum(g, rates);
  expect(resistances.reduce((sum, r, k) => sum + r * rates[k], 0)).toBeCloseTo(14, 10);
});

test('small and disconnected graphs, loops, repeated links and rates of zero', () => {
  expect(graphSpectrum(graph(1, []))).toMatchObject({ lambdaMax: 0, chi1: 0, chi2: 0, scale: 0 });
  expect(() =>
    graphSpectrum(
      graph(4, [
        [0, 1],
        [2, 3],
      ]),
    ),
  ).toThrow('from node 0 to node 2');
  expect([
    ...components(
      graph(5, [
        [3, 1],
        [4, 2],
      ]),
    ),
  ]).toEqual([0, 1, 2, 1, 2]);
  expect(() => graph(3, [[1, 1]])).toThrow('with itself');
  expect(() =>
    graph(3, [
      [0, 1],
      [1, 0],
    ]),
  ).toThrow('once');
  expect(() => graph(3, [[0, 3]])).toThrow('from 0 to 2');
  expect(() => graph(0, [])).toThrow('positive number');
  expect(() => graphSpectrum(pathGraph(3), [1, 0])).toThrow('not connected');
  expect(() => graphSpectrum(pathGraph(3), [1, -1])).toThrow('link 1');
  expect(() => graphSpectrum(pathGraph(3), [1])).toThrow('2 links');
  expect(() => barbellGraph(5)).toThrow('even');
  expect(() => gridGraph(0, 3)).toThrow('rows');
  // A link that is not used does not count towards χ₂.
  expect(graphSpectrum(cycleGraph(3), [1, 1, 0]).chi2).toBeCloseTo(0.5, 12);
});
