import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amd, analyse, nestedDissection, sparseCholesky } from './index.ts';
import { type Graph, symmetricGraph } from './pattern.ts';
import { BETWEEN, LEFT, RIGHT, separator } from './separator.ts';
import { fromCells, matrices, poisson, solveRatio } from './testing.ts';

/** Number of nodes on the left, on the right and between; no edge may lead from one side to the other. */
function parts(graph: Graph): number[] {
  const where = separator(graph);
  const counts = [0, 0, 0];
  let across = 0;
  for (let v = 0; v < graph.n; v++) {
    counts[where[v]]++;
    if (where[v] === BETWEEN) continue;
    for (let k = graph.pointers[v]; k < graph.pointers[v + 1]; k++) {
      const side = where[graph.neighbours[k]];
      if (side !== where[v] && side !== BETWEEN) across++;
    }
  }
  expect(across).toBe(0);
  expect(counts[LEFT] + counts[RIGHT] + counts[BETWEEN]).toBe(graph.n);
  return counts;
}

/** A graph of n nodes: a ring with chords, one in `every` nodes. */
const ring = (n: number, every: number) =>
  fromCells(
    n,
    n,
    Array.from({ length: n }, (_, i) => [
      [i, (i + 1) % n, 1] as const,
      ...(i % every === 0 ? [[i, (i * i + 7) % n, 1] as const] : []),
    ]).flat(),
  );

test('separators separate, and halve grids by a line or a plane', () => {
  fc.assert(
    fc.property(matrices(30, true), (A) => void parts(symmetricGraph(A))),
    { numRuns: 200 },
  );
  const cases = [
    [poisson(2, 40), 40],
    [poisson(2, 100), 100],
    [poisson(3, 14), 14 * 14],
  ] as const;
  for (const [A, least] of cases) {
    const [left, right, between] = parts(symmetricGraph(A));
    // Planes through a grid are its smallest balanced separators; the coarse graph may lead to a slightly larger one.
    expect(between).toBeLessThanOrEqual(1.1 * least);
    expect(Math.max(left, right)).toBeLessThanOrEqual(0.56 * A.rows);
  }
  for (const every of [2, 50]) parts(symmetricGraph(ring(3000, every)));
});

test('orderings by nested dissection are permutations, the same each time', () => {
  const star = fromCells(
    3000,
    3000,
    Array.from({ length: 3000 }, (_, i) => [i, 0, 1]),
  );
  const apart = fromCells(
    5000,
    5000,
    Array.from({ length: 5000 }, (_, i) => [i, i - (i % 2500), 1]),
  );
  const none = fromCells(0, 0, []);
  for (const A of [star, apart, none, ring(4000, 3), fromCells(2500, 2500, []), poisson(2, 60)]) {
    const order = nestedDissection(A);
    expect(order.slice().sort()).toEqual(Int32Array.from({ length: A.rows }, (_, i) => i));
    expect(nestedDissection(A)).toEqual(order);
  }
  fc.assert(
    fc.property(matrices(40, true), (A) => {
      expect(nestedDissection(A).slice().sort()).toEqual(Int32Array.from({ length: A.rows }, (_, i) => i));
    }),
  );
});

test('grids take fewer operations than by minimum degree, and factors by any ordering solve', () => {
  for (const A of [poisson(2, 120), poisson(3, 22)]) {
    const byDegree = analyse(A, { ordering: 'amd' });
    const byParts = analyse(A, { ordering: 'nested-dissection' });
    expect(byParts.operations).toBeLessThan(byDegree.operations);
    expect(analyse(A, { ordering: amd(A) }).factorEntries).toBe(byDegree.factorEntries);
    const b = Float64Array.from({ length: A.rows }, (_, i) => Math.sin(i));
    for (const ordering of ['auto', 'nested-dissection'] as const) {
      expect(solveRatio(A, sparseCholesky(A, { ordering }).solve(b), b)).toBeLessThan(30);
    }
  }
});

test('a random graph, which no small part separates, has not much more fill than by minimum degree', () => {
  const A = ring(6000, 1);
  const [byDegree, byParts] = (['amd', 'nested-dissection'] as const).map((ordering) => analyse(A, { ordering }));
  expect(byParts.factorEntries).toBeLessThan(1.3 * byDegree.factorEntries);
});

test('large grids in space are ordered by the better of both', () => {
  const A = poisson(3, 34);
  const entries = (ordering: 'auto' | 'amd' | 'nested-dissection') => analyse(A, { ordering }).factorEntries;
  expect(entries('auto')).toBe(entries('nested-dissection'));
  expect(entries('auto')).toBeLessThan(entries('amd'));
});
