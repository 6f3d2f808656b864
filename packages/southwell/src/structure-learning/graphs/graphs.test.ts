import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpdag } from './cpdag.ts';
import { edgesOf, isAcyclic, strongestOrder, thresholdToDag, topologicalOrder } from './graphs.ts';
import { layeredLayout } from './layout.ts';
import { graphMetrics } from './metrics.ts';
import { semCovariance, simulateBinarySem, simulateGraph, simulateNonlinearSem, simulateSem } from './simulate.ts';

const graph = (d: number, edges: ReadonlyArray<readonly [number, number, number?]>): DenseMatrix => {
  const W = DenseMatrix.create(d, d);
  for (const [i, j, w = 1] of edges) W.set(i, j, w);
  return W;
};
const key = (W: DenseMatrix) => Array.from(W.data, (v) => (v !== 0 ? 1 : 0)).join('');

/** Cycles by powers of the adjacency matrix: its own oracle. */
function acyclicByPowers(W: DenseMatrix): boolean {
  const d = W.rows;
  let P = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => W.get(i, j) !== 0));
  const A = P;
  for (let k = 0; k < d; k++) {
    if (P.some((row, i) => row[i])) return false;
    P = P.map((row) => A.map((_, j) => row.some((on, m) => on && A[m][j])));
  }
  return true;
}

const matrices = fc.integer({ min: 1, max: 6 }).chain((d) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.double({ min: -2, max: 2, noNaN: true })), {
      minLength: d * d,
      maxLength: d * d,
    })
    .map((v) => DenseMatrix.fromColumnMajor(v, d, d)),
);

test('orders, cycles and thresholds of any matrix', () => {
  fc.assert(
    fc.property(matrices, (W) => {
      expect(isAcyclic(W)).toBe(acyclicByPowers(W));
      const order = topologicalOrder(W);
      if (order) for (const { from, to } of edgesOf(W)) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
      expect(Array.from(strongestOrder(W)).sort()).toEqual(Array.from({ length: W.rows }, (_, k) => k));
      if (order)
        for (const { from, to } of edgesOf(W))
          expect(strongestOrder(W).indexOf(from)).toBeLessThan(strongestOrder(W).indexOf(to));
      // Removing the smallest entry again and again, one by one.
      const copy = DenseMatrix.fromColumnMajor(W.data, W.rows, W.rows);
      for (let i = 0; i < W.rows; i++) copy.set(i, i, 0);
      for (let k = 0; k < copy.data.length; k++) if (Math.abs(copy.data[k]) <= 0.3) copy.data[k] = 0;
      while (!acyclicByPowers(copy)) {
        const { from, to } = edgesOf(copy).at(-1)!;
        copy.set(from, to, 0);
      }
      expect(thresholdToDag(W, 0.3).data).toEqual(copy.data);
    }),
    { numRuns: 300 },
  );
});

test('strongest edges win a cycle', () => {
  const W = graph(3, [
    [0, 1, 3],
    [1, 2, 2],
    [2, 0, 1],
  ]);
  expect(Array.from(strongestOrder(W))).toEqual([0, 1, 2]);
  expect(edgesOf(thresholdToDag(W, 0)).map((e) => e.weight)).toEqual([3, 2]);
});

/** Every DAG of d nodes. */
function allDags(d: number): DenseMatrix[] {
  const pairs: Array<[number, number]> = [];
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) pairs.push([i, j]);
  const out: DenseMatrix[] = [];
  for (let code = 0; code < 3 ** pairs.length; code++) {
    const W = DenseMatrix.create(d, d);
    let rest = code;
    for (const [i, j] of pairs) {
      if (rest % 3 === 1) W.set(i, j, 1);
      if (rest % 3 === 2) W.set(j, i, 1);
      rest = Math.floor(rest / 3);
    }
    if (acyclicByPowers(W)) out.push(W);
  }
  return out;
}

test('equivalence classes: an edge is directed just when all 543 graphs of four nodes with the same skeleton and colliders agree', () => {
  const dags = allDags(4);
  expect(dags).toHaveLength(543);
  const classes = new Map<string, DenseMatrix[]>();
  for (const W of dags) {
    const linked = (i: number, j: number) => W.get(i, j) !== 0 || W.get(j, i) !== 0;
    let name = '';
    for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) name += linked(i, j) ? 1 : 0;
    for (let k = 0; k < 4; k++)
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < i; j++) name += W.get(i, k) && W.get(j, k) && !linked(i, j) ? 1 : 0;
    classes.set(name, [...(classes.get(name) ?? []), W]);
  }
  expect(classes.size).toBe(185); // known number of classes
  for (const members of classes.values()) {
    const union = DenseMatrix.create(4, 4);
    for (const W of members) for (let k = 0; k < 16; k++) if (W.data[k]) union.data[k] = 1;
    for (const W of members) expect(key(cpdag(W))).toBe(key(union));
  }
});

describe('metrics', () => {
  test('by hand', () => {
    const truth = graph(4, [
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    const estimate = graph(4, [
      [0, 1],
      [2, 1],
      [0, 3],
    ]);
    expect(graphMetrics(truth, estimate)).toMatchObject({
      edges: { truth: 3, estimate: 3 },
      correct: 1,
      reversed: 1,
      extra: 1,
      missing: 1,
      shd: 3,
      fdr: 2 / 3,
      tpr: 1 / 3,
      fpr: 2 / 3,
    });
    expect(graphMetrics(truth, truth)).toMatchObject({ shd: 0, fdr: 0, tpr: 1, fpr: 0, shdCpdag: 0, sid: 0 });
    // A chain backwards is of the same class, and all effects are wrong but those that are zero anyway.
    const back = graph(4, [
      [3, 2],
      [2, 1],
      [1, 0],
    ]);
    expect(graphMetrics(truth, back)).toMatchObject({ shd: 3, shdCpdag: 0, sid: 12 });
    const cyclic = graph(4, [
      [0, 1],
      [1, 0],
    ]);
    expect(graphMetrics(truth, cyclic).sid).toBeUndefined();
    expect(() => graphMetrics(truth, graph(3, []))).toThrow(/square matrices/);
  });

  test('intervention distance: pairs whose adjusted regression misses the total effect in the population', () => {
    // Weights at random: an adjustment that is not valid misses the effect with probability one.
    for (let seed = 0; seed < 60; seed++) {
      const d = 6;
      const random = new Random(seed);
      const truth = simulateGraph({ nodes: d, edges: 3 + random.integer(10), seed });
      const estimate = simulateGraph({ nodes: d, edges: 3 + random.integer(10), seed: seed + 1000 });
      const C = semCovariance(
        truth,
        Float64Array.from({ length: d }, () => 0.5 + random.uniform()),
      );
      let wrong = 0;
      for (let i = 0; i < d; i++) {
        const effects = totalEffects(truth, i);
        const Z = Array.from({ length: d }, (_, k) => k).filter((k) => estimate.get(k, i) !== 0);
        for (let j = 0; j < d; j++) {
          if (i === j) continue;
          const found = Z.includes(j) ? 0 : regress(C, j, [i, ...Z])[0];
          if (Math.abs(found - effects[j]) > 1e-9) wrong++;
        }
      }
      expect(graphMetrics(truth, estimate).sid, `seed ${seed}`).toBe(wrong);
    }
  });
});

function totalEffects(W: DenseMatrix, i: number): number[] {
  const effects = new Array<number>(W.rows).fill(0);
  for (const v of topologicalOrder(W)!) {
    effects[v] = v === i ? 1 : effects.reduce((sum, e, k) => sum + e * W.get(k, v), 0);
  }
  return effects;
}

function regress(C: DenseMatrix, j: number, on: readonly number[]): number[] {
  const rows = on.map((p) => [...on.map((q) => C.get(p, q)), C.get(p, j)]);
  const m = on.length;
  for (let k = 0; k < m; k++) {
    for (let i = 0; i < m; i++) {
      if (i === k) continue;
      const f = rows[i][k] / rows[k][k];
      for (let c = k; c <= m; c++) rows[i][c] -= f * rows[k][c];
    }
  }
  return rows.map((row, k) => row[m] / row[k]);
}

describe('simulators', () => {
  test('Erdős–Rényi: number of edges, weights, any labelling; scale-free: hubs', () => {
    let edges = 0;
    let forward = 0;
    for (let seed = 0; seed < 200; seed++) {
      const W = simulateGraph({ nodes: 20, edges: 40, seed });
      expect(isAcyclic(W)).toBe(true);
      for (const { from, to, weight } of edgesOf(W)) {
        edges++;
        if (from < to) forward++;
        expect(Math.abs(weight)).toBeGreaterThanOrEqual(0.5);
        expect(Math.abs(weight)).toBeLessThanOrEqual(2);
      }
    }
    expect(Math.abs(edges / 200 - 40)).toBeLessThan(2); // sd 0.4
    expect(Math.abs(forward / edges - 0.5)).toBeLessThan(0.05);
    const W = simulateGraph({ nodes: 100, edges: 200, graph: 'sf', seed: 1 });
    expect(isAcyclic(W)).toBe(true);
    const indegree = Array.from({ length: 100 }, (_, j) => W.column(j).filter((w) => w !== 0).length);
    expect(indegree.reduce((a, b) => a + b)).toBe(197); // two a node but for the first two
    expect(Math.max(...indegree)).toBeGreaterThan(12);
    expect(() => simulateGraph({ nodes: 3, edges: 4 })).toThrow(/at most 3/);
  });

  test.each(['gaussian', 'exponential', 'laplace'] as const)('%s noise has the covariance of the model', (noise) => {
    const W = simulateGraph({ nodes: 5, edges: 6, seed: 3 });
    const variances = [0.5, 1, 2, 3, 4];
    const n = 100_000;
    const X = simulateSem(W, { n, noise, variances, seed: 4 });
    const C = semCovariance(W, variances);
    for (let i = 0; i < 5; i++) {
      expect(Math.abs(X.column(i).reduce((a, b) => a + b) / n)).toBeLessThan(0.02 * Math.sqrt(C.get(i, i)));
      for (let j = 0; j < 5; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += X.get(k, i) * X.get(k, j);
        expect(Math.abs(sum / n - C.get(i, j))).toBeLessThan(0.05 * Math.sqrt(C.get(i, i) * C.get(j, j)));
      }
    }
    expect(simulateSem(W, { n: 10, noise, seed: 4 }).data).toEqual(simulateSem(W, { n: 10, noise, seed: 4 }).data);
  });

  test('binary variables have the conditional frequencies of the model; networks depend on parents alone', () => {
    const W = graph(3, [
      [0, 2, 1.5],
      [1, 2, -2],
    ]);
    const n = 40_000;
    const X = simulateBinarySem(W, { n, seed: 1 });
    const [a, b, c] = [X.column(0), X.column(1), X.column(2)];
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const rows = Array.from({ length: n }, (_, i) => i).filter((i) => a[i] === u && b[i] === v);
      expect(rows.length / n).toBeCloseTo(0.25, 1);
      const frequency = rows.reduce((sum, i) => sum + c[i], 0) / rows.length;
      expect(Math.abs(frequency - 1 / (1 + Math.exp(2 * v - 1.5 * u)))).toBeLessThan(0.025);
    }
    // Columns without parents are standard normal; the child moves by more than its noise.
    const Y = simulateNonlinearSem(W, { n, seed: 1 });
    const variance = (x: Float64Array) => {
      const mean = x.reduce((s, v) => s + v, 0) / n;
      return x.reduce((s, v) => s + (v - mean) ** 2, 0) / n;
    };
    expect(Math.abs(variance(Y.column(0)) - 1)).toBeLessThan(0.03);
    expect(variance(Y.column(2))).toBeGreaterThan(2);
    const cycle = graph(2, [
      [0, 1],
      [1, 0],
    ]);
    for (const draw of [simulateBinarySem, simulateNonlinearSem])
      expect(() => draw(cycle, { n: 5 })).toThrow(/acyclic/);
  });
});

test('layout: causes above effects, all within the unit square, no two at one place', () => {
  const W = simulateGraph({ nodes: 30, edges: 50, seed: 2 });
  const { nodes, bends } = layeredLayout(W);
  const all = [...nodes, ...[...bends.values()].flat()];
  for (const { from, to } of edgesOf(W)) {
    const way = [nodes[from], ...(bends.get(from * 30 + to) ?? []), nodes[to]];
    for (let k = 1; k < way.length; k++) expect(way[k].y).toBeGreaterThan(way[k - 1].y);
  }
  expect(bends.size).toBeGreaterThan(0);
  expect(new Set(all.map((p) => `${p.x} ${p.y}`)).size).toBe(all.length);
  for (const { x, y } of all) expect(x > 0 && x < 1 && y > 0 && y < 1).toBe(true);
});
