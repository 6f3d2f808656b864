import { expect, test } from 'vitest';
import { completeGraph, cycleGraph, gridGraph, pathGraph, starGraph } from '../../graphs/index.ts';
import { adomPlus, continuized, dadao, msda, roundCommunications } from '../index.ts';
import { quadratics } from '../testing.ts';

/** The same functions with their gradients, and with those of their conjugates. */
function both(n: number, d: number, graph: ReturnType<typeof starGraph>) {
  const { local, optimum, mu, L, targets, h, start } = quadratics(n, d, { mu: 0.4 });
  const duals = targets.map((b) => ({
    conjugate(y: Float64Array, into: Float64Array) {
      for (let j = 0; j < d; j++) into[j] = y[j] / h[j] + b[j];
    },
  }));
  return { optimum, primal: { local, graph, mu, L, start }, dual: { local: duals, graph, mu, L, length: d } };
}

test('communications of a round on the star of 300 nodes are those of the notebook of the authors', () => {
  const { dadao: own, ...others } = roundCommunications(starGraph(300));
  expect(own).toBeCloseTo(299, 8);
  expect(others).toEqual({ adomPlus: 299, adomPlusMulti: 62192, msda: 5083, continuized: 299 });
});

test('all methods find the same minimum on all graphs, and count by their rounds', () => {
  for (const graph of [starGraph(9), gridGraph(3, 3), cycleGraph(9), pathGraph(9), completeGraph(9)]) {
    const { optimum, primal, dual } = both(9, 3, graph);
    const common = { optimum, tol: 1e-9, maxIter: 20_000 };
    const found = {
      dadao: dadao(primal, common),
      adomPlus: adomPlus(primal, common),
      adomPlusMulti: adomPlus(primal, { ...common, multiConsensus: true }),
      msda: msda(dual, common),
      continuized: continuized(dual, { ...common, seed: 2 }),
    };
    const rounds = roundCommunications(graph);
    for (const [name, { status, point, trace }] of Object.entries(found)) {
      expect([name, status]).toEqual([name, 'converged']);
      for (let j = 0; j < 3; j++) expect(point.mean[j]).toBeCloseTo(optimum[j], 2);
      if (name !== 'dadao') {
        const { iteration, metrics } = trace.at(-1)!;
        expect(metrics!.communications).toBe(iteration * rounds[name as 'msda']);
      }
    }
  }
});

test('after 300 rounds on the star all but plain ADOM+ have the solution (60 nodes, κ = 2.5)', () => {
  const { optimum, primal, dual } = both(60, 2, starGraph(60));
  const common = { optimum, maxIter: 301 };
  const error = ({ certificate }: { certificate?: { relative: number } }) => certificate!.relative;
  expect(error(dadao(primal, common))).toBeLessThan(1e-4);
  expect(error(adomPlus(primal, { ...common, multiConsensus: true }))).toBeLessThan(1e-4);
  expect(error(msda(dual, common))).toBeLessThan(1e-4);
  expect(error(continuized(dual, common))).toBeLessThan(1e-4);
  expect(error(adomPlus(primal, common))).toBeGreaterThan(1e-2);
});

test('bad input', () => {
  const { primal, dual } = both(4, 2, pathGraph(4));
  const limit = { maxIter: 2 };
  expect(() => adomPlus({ ...primal, graph: [pathGraph(4), starGraph(4)] }, limit)).toThrow('one graph');
  expect(() => msda({ ...dual, graph: pathGraph(3) }, limit)).toThrow('has 3 nodes, and there are 4 functions');
  expect(() => msda({ ...dual, local: [] as never, graph: pathGraph(1) }, limit)).toThrow('there are 0 functions');
  expect(() => continuized({ ...dual, mu: 0 }, limit)).toThrow('0 < mu');
  expect(() => continuized({ ...dual, length: 0 }, limit)).toThrow('length is 0');
  expect(() => continuized(dual, { interval: 0 })).toThrow('interval');
  expect(() => msda({ ...dual, local: [{}, {}, {}, {}] as never }, limit)).toThrow("has no function 'conjugate'");
  expect(() => msda(dual, { ...limit, optimum: [1] })).toThrow('1 entries');
});
