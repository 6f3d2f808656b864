import type { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ForestSolver, isForest } from '../forestSolver.ts';
import { blockCoordinateDescent, blockCoordinateDescentIterates } from '../index.ts';
import { graphLabelPropagation, quadratic } from '../problems/index.ts';
import { forestGrower } from '../selection/trees.ts';
import { type Rows, solve, submatrix } from '../testing.ts';
import { latticeRedBlack, latticeTrees, redBlack, trees } from './index.ts';

/** A random graph as a symmetric diagonally dominant matrix. */
function randomGraph(n: number, edges: number, seed: number): Rows {
  const random = new Random(seed);
  const A = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let e = 0; e < edges; e++) {
    const [i, j] = random.sample(n, 2);
    A[i][j] = A[j][i] = random.normal();
  }
  for (let i = 0; i < n; i++) A[i][i] = 0.2 + random.uniform() + A[i].reduce((s, v) => s + Math.abs(v), 0);
  return A;
}
const zeros = (n: number) => new Array<number>(n).fill(0);

/** The card's test: a graph is a forest iff ½·tr(Laplacian) = rank(Laplacian) (edges = nodes − trees). */
function isForestByRank(A: Rows): boolean {
  const n = A.length;
  const W = A.map((row, i) => row.map((v, j) => (i !== j && v !== 0 ? 1 : 0)));
  const degrees = W.map((row) => row.reduce((s, v) => s + v, 0 as number));
  const values = symmetricEigenvalues(
    Float64Array.from(W.flatMap((row, i) => row.map((v, j) => (i === j ? degrees[i] : -v)))),
    n,
  );
  const rank = values.filter((v) => v > 1e-9).length;
  return degrees.reduce((s, v) => s + v, 0) / 2 === rank;
}

test('property: isForest is the rank identity of the Laplacian', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.nat(1e6), (n, edges, seed) => {
      const A = randomGraph(n, edges, seed);
      const random = new Random(seed + 1);
      const block = random.sample(n, 1 + random.integer(n)).sort();
      expect(isForest(quadratic(A, zeros(n)).graph, block)).toBe(isForestByRank(submatrix(A, block)));
    }),
  );
});

test('property: message passing agrees with elimination on grown forests, and forests are maximal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 14 }), fc.integer({ min: 0, max: 30 }), fc.nat(1e6), (n, edges, seed) => {
      const A = randomGraph(n, edges, seed);
      const { graph } = quadratic(A, zeros(n));
      const random = new Random(seed);
      const order = random.permutation(n);
      const block = forestGrower(graph)(order);
      expect(isForest(graph, block)).toBe(true);
      for (let i = 0; i < n; i++) {
        if (!block.includes(i)) expect(isForest(graph, Int32Array.from([...block, i]).sort())).toBe(false);
      }
      const rhs = Array.from(block, () => random.normal());
      const expected = solve(submatrix(A, block), rhs);
      const y = Float64Array.from(rhs);
      new ForestSolver(graph).solve(block, y);
      for (let a = 0; a < block.length; a++)
        expect(Math.abs(y[a] - expected[a])).toBeLessThan(1e-10 * (1 + Math.abs(expected[a])));
    }),
  );
});

test('message passing on a cycle and on an indefinite matrix gives a sentence, and leaves the solver usable', () => {
  const cycle = quadratic(
    [
      [4, 1, 1],
      [1, 4, 1],
      [1, 1, 4],
    ],
    zeros(3),
  );
  const solver = new ForestSolver(cycle.graph);
  expect(() => solver.solve(Int32Array.of(0, 1, 2), new Float64Array(3))).toThrow(/cycles/);
  const y = Float64Array.of(3, 9);
  solver.solve(Int32Array.of(0, 2), y);
  expect(Array.from(y, (v) => v * 15)).toEqual([3, 33].map((v) => expect.closeTo(v, 10)));
  const indefinite = quadratic(
    [
      [1, 2],
      [2, 1],
    ],
    zeros(2),
  );
  expect(() => new ForestSolver(indefinite.graph).solve(Int32Array.of(0, 1), new Float64Array(2))).toThrow(
    /not positive definite/,
  );
});

describe('partitions', () => {
  const cover = (blocks: Int32Array[], n: number) =>
    expect(blocks.flatMap((b) => Array.from(b)).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));

  test('general graphs: colours have diagonal A_bb, tree partitions are forests, all nodes once', () => {
    for (let seed = 0; seed < 20; seed++) {
      const n = 20;
      const p = quadratic(randomGraph(n, 10 + 4 * seed, seed), zeros(n));
      const dense = p.graph.toDense();
      for (const visit of ['lipschitz', 'index'] as const) {
        const colours = redBlack({ visit }).blocks(p, 1);
        cover(colours, n);
        for (const block of colours)
          for (const i of block) for (const j of block) if (i !== j) expect(dense.get(i, j)).toBe(0);
        const forests = trees({ visit }).blocks(p, 1);
        cover(forests, n);
        for (const block of forests) expect(isForest(p.graph, block)).toBe(true);
        expect(forests.length).toBeLessThanOrEqual(colours.length);
      }
    }
  });

  /** A rows × cols lattice, node = column · rows + row. */
  function lattice(rows: number, columns: number): CscMatrix {
    const n = rows * columns;
    const A = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (let c = 0; c < columns; c++)
      for (let r = 0; r < rows; r++) {
        const i = c * rows + r;
        if (r + 1 < rows) A[i][i + 1] = A[i + 1][i] = 1;
        if (c + 1 < columns) A[i][i + rows] = A[i + rows][i] = 1;
      }
    return quadratic(
      A.map((row, i) => row.map((v, j) => (i === j ? 5 : v))),
      zeros(n),
    ).graph;
  }

  test('lattices: two blocks that cover all nodes; red–black has no edge inside, the combs are forests', () => {
    for (const [rows, columns] of [
      [4, 4],
      [5, 3],
      [2, 7],
      [6, 5],
    ]) {
      const A = lattice(rows, columns);
      const p = quadratic(A, zeros(rows * columns));
      const [red, black] = latticeRedBlack({ rows, columns }).blocks(p, 1);
      cover([red, black], rows * columns);
      const dense = A.toDense();
      for (const block of [red, black])
        for (const i of block) for (const j of block) if (i !== j) expect(dense.get(i, j)).toBe(0);
      const combs = latticeTrees({ rows, columns }).blocks(p, 1);
      expect(combs.length).toBe(2);
      cover(combs, rows * columns);
      for (const block of combs) expect(isForest(A, block)).toBe(true);
    }
    const p = quadratic(lattice(3, 3), zeros(9));
    expect(() => latticeTrees({ rows: 4, columns: 3 }).blocks(p, 1)).toThrow(/does not fit 9 coordinates/);
  });

  test('with labelled nodes left out', () => {
    const W = lattice(4, 5).toDense();
    for (let i = 0; i < 20; i++) W.set(i, i, 0);
    const labels = Array.from({ length: 20 }, (_, i) => (i % 7 === 0 ? i : null));
    const p = graphLabelPropagation(W, labels);
    for (const make of [latticeRedBlack, latticeTrees]) {
      const blocks = make({ rows: 4, columns: 5, nodes: p.unlabelled }).blocks(p, 1);
      cover(blocks, p.dim);
      for (const block of blocks) expect(isForest(p.graph, block)).toBe(true);
    }
  });
});

describe('label propagation', () => {
  const random = new Random(3);
  const n = 60;
  const W = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (const j of [(i + 1) % n, random.integer(n)]) if (j !== i) W[i][j] = W[j][i] = 0.1 + random.uniform();
  }
  const labels = Array.from({ length: n }, (_, i) => (i % 9 === 0 ? random.normal() : null));
  const problem = graphLabelPropagation(W, labels);
  const dense = Array.from({ length: problem.dim }, (_, i) => Array.from(problem.graph.toDense().column(i)));
  const expected = solve(dense, Array.from(problem.b));
  const combos = [
    { selection: 'greedyTree', update: 'messagePassing' },
    { selection: { rule: 'greedyTree', weight: 'lipschitz' }, update: 'messagePassing' },
    { selection: { rule: 'greedyTree', weight: 'rowSums' }, update: 'messagePassing' },
    { selection: 'randomTree', update: 'messagePassing' },
    { selection: 'general', update: 'exact' },
    { blocks: 'fixed', partition: 'redBlack', selection: 'cyclic', update: 'messagePassing' },
    { blocks: 'fixed', partition: 'trees', selection: 'cyclic', update: 'messagePassing' },
    { blocks: 'fixed', partition: { rule: 'trees', visit: 'index' }, selection: 'GS', update: 'messagePassing' },
  ] as const;
  test.each(combos.map((c) => [JSON.stringify(c), c] as const))('%s', (_, options) => {
    const s = blockCoordinateDescent(problem, { ...options, tol: 1e-11, maxIter: 50000, strict: true } as never);
    expect(s.status).toBe('converged');
    for (let i = 0; i < problem.dim; i++) expect(Math.abs(s.x[i] - expected[i])).toBeLessThan(1e-8);
    // Maximum principle: values lie between the smallest and the largest label.
    const given = labels.filter((v) => v !== null);
    for (const v of s.x) {
      expect(v).toBeGreaterThanOrEqual(Math.min(...given) - 1e-9);
      expect(v).toBeLessThanOrEqual(Math.max(...given) + 1e-9);
    }
  });

  test('message passing equals the exact update of the same blocks', () => {
    const run = (update: 'messagePassing' | 'exact') => {
      const out: number[] = [];
      for (const it of blockCoordinateDescentIterates(problem, {
        blocks: 'fixed',
        partition: 'trees',
        selection: 'cyclic',
        update,
      })) {
        out.push(it.objective);
        if (it.iteration === 12) break;
      }
      return out;
    };
    const [a, b] = [run('messagePassing'), run('exact')];
    for (let k = 0; k < a.length; k++) expect(Math.abs(a[k] - b[k])).toBeLessThan(1e-10 * (1 + Math.abs(a[k])));
    expect(a.length).toBeGreaterThan(2);
  });
});
