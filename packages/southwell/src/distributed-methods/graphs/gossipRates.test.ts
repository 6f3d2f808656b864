import { expect, test } from 'vitest';
import { smoothed } from './gossipRates.ts';
import {
  barbellGraph,
  completeGraph,
  components,
  cycleGraph,
  gossipRates,
  graph,
  graphSpectrum,
  gridGraph,
  pathGraph,
  randomGeometricGraph,
  starGraph,
} from './index.ts';

test('rates of the prototype: the barbell gains most, and no graph is worse than with uniform rates', () => {
  const cases: ReadonlyArray<readonly [ReturnType<typeof starGraph>, number]> = [
    [barbellGraph(16), 33.0],
    [gridGraph(4, 4), 24.95],
    [starGraph(16), 15.001],
    [cycleGraph(16), 39.71],
    [completeGraph(10), 6.37],
    [pathGraph(16), 76.52],
    [randomGeometricGraph(16, { seed: 3 }), 16.1],
  ];
  for (const [g, bar] of cases) {
    const { point, status } = gossipRates(g);
    const uniform = graphSpectrum(g).scale;
    expect(point.totalRate).toBeLessThanOrEqual(Math.min(bar, uniform * (1 + 1e-9)));
    expect(point.lowerBound).toBeGreaterThan(0.97 * point.totalRate);
    expect(point.lowerBound).toBeLessThanOrEqual(point.totalRate);
    expect(point.p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(['converged', 'stalled']).toContain(status);
  }
});

test('gradients of the smoothed logarithms are those of differences, and the norms bound the maxima', () => {
  const g = randomGeometricGraph(9, { seed: 5 });
  const p = Float64Array.from(g.from, (_, k) => 1 + ((k * 7) % 5));
  const { chi1, chi2 } = graphSpectrum(g, p);
  for (const b of [4, 1000]) {
    for (const withChi2 of [false, true]) {
      const out = new Float64Array(p.length);
      const scratch = new Float64Array(p.length);
      const { value, exact: told } = smoothed(g, p, b, withChi2, out);
      const exact = Math.log(chi1) + (withChi2 ? Math.log(2 * chi2) : 0);
      expect(told).toBeCloseTo(exact, 10);
      expect(value).toBeGreaterThanOrEqual(exact - 1e-12);
      expect(value).toBeLessThan(exact + (Math.log(8) + Math.log(p.length)) / b);
      for (let k = 0; k < p.length; k++) {
        const h = 1e-5;
        const at = (step: number) =>
          smoothed(
            g,
            p.map((v, l) => (l === k ? v + step : v)),
            b,
            withChi2,
            scratch,
          ).value;
        expect(out[k]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 5);
      }
    }
  }
});

test('the fastest averaging of a path has the rates of its closed form', () => {
  // The Laplacian with weights k(n − k)/2 of link k has λ₂ = 1, and the linear vector as its eigenvector: no other weights of this sum have
  // more (Fiedler 1990).
  const n = 8;
  const { point } = gossipRates(pathGraph(n), { objective: 'lambda2', tol: 1e-4 });
  const weights = Float64Array.from({ length: n - 1 }, (_, k) => ((k + 1) * (n - k - 1)) / 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  expect(1 / point.chi1).toBeCloseTo(1 / sum, 4);
  for (const [k, w] of weights.entries()) expect(point.p[k]).toBeCloseTo(w / sum, 2);
});

test('costs: dear links are used less, and the cost is that of the rates', () => {
  const g = cycleGraph(6);
  const costs = [1, 1, 1, 1, 1, 20];
  const { point } = gossipRates(g, { costs });
  const plain = gossipRates(g).point;
  expect(point.p[5]).toBeLessThan(plain.p[5]);
  expect(point.cost).toBeLessThan(plain.totalRate * plain.p.reduce((sum, p, k) => sum + p * costs[k], 0));
  expect(point.cost).toBeCloseTo(point.totalRate * point.p.reduce((sum, p, k) => sum + p * costs[k], 0), 10);
});

test('a link that the best rates do not use has a rate of exactly zero', () => {
  // Two cheap links are a spanning tree; the third one costs more than it is worth.
  const { point } = gossipRates(cycleGraph(3), { costs: [1, 1, 5] });
  expect([...point.p].map((p) => Number(p.toFixed(6)))).toEqual([0.5, 0.5, 0]);
  expect(point.p[2]).toBe(0);
  // That of a path of three nodes; its two links alone count in χ₂.
  expect(point.totalRate).toBeCloseTo(2, 6);
  expect(point.lowerBound).toBeGreaterThan(1.99);
});

test('random geometric graphs are connected, the same for a seed, and have no needless links', () => {
  for (const seed of [0, 1, 2]) {
    const g = randomGeometricGraph(30, { seed, radius: 0.12 });
    expect(components(g).every((component) => component === 0)).toBe(true);
    expect(g).toEqual(randomGeometricGraph(30, { seed, radius: 0.12 }));
    const tree = randomGeometricGraph(30, { seed, radius: 0 });
    expect(tree.from.length).toBe(29);
  }
  expect(randomGeometricGraph(1).from.length).toBe(0);
});

test('small graphs and bad input', () => {
  expect(gossipRates(graph(1, [])).point.totalRate).toBe(0);
  expect([...gossipRates(pathGraph(2)).point.p]).toEqual([1]);
  expect(() => gossipRates(graph(3, [[0, 1]]))).toThrow('not connected');
  expect(() => gossipRates(pathGraph(3), { costs: [1] })).toThrow('2 links, and 1 costs');
  expect(() => gossipRates(pathGraph(3), { costs: [1, 0] })).toThrow('link 1 is 0');
  expect(() => gossipRates(pathGraph(3), { objective: 'x' as 'lambda2' })).toThrow('objective');
});
