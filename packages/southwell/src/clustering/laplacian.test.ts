import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  type Affinity,
  adjustedRandIndex,
  BoundUpdates,
  fewShotClassify,
  kMeans,
  laplacianClustering,
  laplacianIterates,
  nearestNeighbours,
  neighbourAffinity,
  Points,
} from './index.ts';
import { blobs, squaredDistance } from './testing.ts';

const dense = ({ n, pointers, indices, weights }: Affinity): number[][] => {
  const W = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let p = 0; p < n; p++) for (let t = pointers[p]; t < pointers[p + 1]; t++) W[p][indices[t]] = weights[t];
  return W;
};

/** F by its formula. */
function relaxed(z: ArrayLike<number>, a: ArrayLike<number>, W: number[][], lambda: number, k: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (z[i] > 0) sum += z[i] * (Math.log(z[i]) + a[i]);
  for (let p = 0; p < W.length; p++) {
    for (let q = 0; q < W.length; q++) {
      for (let c = 0; c < k; c++) sum -= (lambda / 2) * W[p][q] * z[p * k + c] * z[q * k + c];
    }
  }
  return sum;
}

test('neighbours are those of a sort of all distances', () => {
  const { X, rows } = blobs(300, 5, 3, 1, 1);
  const { indices, squaredDistances } = nearestNeighbours(X, 6);
  rows.forEach((x, p) => {
    const all = rows.map((y, q) => ({ q, v: squaredDistance(x, y) })).filter(({ q }) => q !== p);
    all.sort((a, b) => a.v - b.v || a.q - b.q);
    expect(Array.from(indices.subarray(6 * p, 6 * p + 6))).toEqual(all.slice(0, 6).map(({ q }) => q));
    for (let t = 0; t < 6; t++) expect(squaredDistances[6 * p + t]).toBeCloseTo(all[t].v, 12);
  });
  expect(() => nearestNeighbours(X, 300)).toThrow(/301 points/);
  expect(Array.from(nearestNeighbours([[1], [1], [1]], 2).indices)).toEqual([1, 2, 0, 2, 0, 1]);
});

test('more points than one block of centres', () => {
  const random = new Random(3);
  const rows = Array.from({ length: 1500 }, () => [random.normal(), random.normal()]);
  const { indices } = nearestNeighbours(rows, 3);
  for (const p of [0, 1023, 1024, 1499]) {
    const all = rows.map((y, q) => ({ q, v: squaredDistance(rows[p], y) })).sort((a, b) => a.v - b.v);
    expect(Array.from(indices.subarray(3 * p, 3 * p + 3))).toEqual(all.slice(1, 4).map(({ q }) => q));
  }
});

test('the default graph is symmetric, the directed one has the neighbours alone', () => {
  const found = nearestNeighbours(blobs(60, 2, 2, 1, 2).X, 3);
  const W = dense(neighbourAffinity(found));
  const D = dense(neighbourAffinity(found, { directed: true }));
  expect(W).toEqual(D.map((row, p) => row.map((w, q) => (w + D[q][p]) / 2)));
  expect(D.map((row) => row.reduce((sum, w) => sum + w, 0))).toEqual(new Array(60).fill(3));
});

test('more neighbours than there are others are refused, not lowered', () => {
  const X = [[0], [1], [5], [6]];
  expect(() => laplacianClustering(X, 2, { neighbours: 4 })).toThrow('4 neighbours need at least 5 points');
  expect(laplacianClustering(X, 2).status).toBe('converged');
});

describe('bound updates', () => {
  const setting = (n: number, k: number, seed: number) => {
    const { X } = blobs(n, 3, k, 1, seed);
    const random = new Random(seed);
    const a = Float64Array.from({ length: n * k }, () => 2 * random.uniform());
    return { W: neighbourAffinity(nearestNeighbours(X, 4)), a };
  };

  test.each([0.3, 1, 4, 50])('F is what its formula says and never rises, λ = %d', (lambda) => {
    const [n, k] = [80, 3];
    const { W, a } = setting(n, k, 4);
    const fixed = Int32Array.from({ length: n }, (_, p) => (p < 5 ? p % k : -1));
    const updates = new BoundUpdates(a, k, W, lambda, fixed);
    let before = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 60; pass++) {
      expect(updates.energy).toBeCloseTo(relaxed(updates.z, a, dense(W), lambda, k), 8);
      expect(updates.energy).toBeLessThanOrEqual(before + 1e-9 * Math.abs(before));
      for (let p = 0; p < 5; p++) expect(updates.z[p * k + (p % k)]).toBe(1);
      before = updates.energy;
      updates.next();
    }
  });

  test('a bipartite graph, far from positive semi-definite, cannot make F rise', () => {
    // Two points that pull each other with weight 10 swap sides for ever under full passes.
    const W: Affinity = {
      n: 2,
      pointers: Int32Array.of(0, 1, 2),
      indices: Int32Array.of(1, 0),
      weights: Float64Array.of(10, 10),
    };
    const a = Float64Array.of(0, 1, 1, 0);
    const updates = new BoundUpdates(a, 2, W, 1);
    let before = updates.energy;
    for (let pass = 0; pass < 500; pass++) {
      updates.next();
      expect(updates.energy).toBeLessThanOrEqual(before + 1e-12 * Math.abs(before));
      before = updates.energy;
    }
    const pull = (p: number, c: number) => Math.exp(-a[2 * p + c] + 10 * updates.z[2 * (1 - p) + c]);
    for (const p of [0, 1]) expect(updates.z[2 * p]).toBeCloseTo(pull(p, 0) / (pull(p, 0) + pull(p, 1)), 6);
  });

  test('ends at a fixed point, where the gradient of the Lagrangian vanishes', () => {
    const [n, k, lambda] = [60, 4, 0.8];
    const { W, a } = setting(n, k, 6);
    const updates = new BoundUpdates(a, k, W, lambda);
    for (let pass = 0; pass < 600; pass++) updates.next();
    const full = dense(W);
    for (let p = 0; p < n; p++) {
      const row = Array.from({ length: k }, (_, c) => {
        const pull = full[p].reduce((s, w, q) => s + w * updates.z[q * k + c], 0);
        return { pull, z: updates.z[p * k + c] };
      });
      const weights = row.map(({ pull }, c) => Math.exp(-a[p * k + c] + lambda * pull));
      const total = weights.reduce((s, v) => s + v, 0);
      // ∂F/∂z_pc = log z + 1 + a − λ(Wz) is the same for all c: the multiplier of the row.
      const gradient = row.map(({ pull, z }, c) => Math.log(z) + 1 + a[p * k + c] - lambda * pull);
      for (let c = 0; c < k; c++) {
        expect(row[c].z).toBeCloseTo(weights[c] / total, 6);
        expect(gradient[c]).toBeCloseTo(gradient[0], 5);
      }
    }
  });

  test('on tiny cases the rounded answer is near the best of all assignments', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { W, a } = setting(8, 2, 20 + seed);
      // Costs of up to 6, beside which the entropy is small.
      for (let t = 0; t < a.length; t++) a[t] *= 3;
      const full = dense(W);
      const energy = (l: number[]) =>
        l.reduce(
          (s, c, p) => s + a[2 * p + c] - 0.25 * l.reduce((t, other, q) => t + (other === c ? full[p][q] : 0), 0),
          0,
        );
      let best = Number.POSITIVE_INFINITY;
      let worst = Number.NEGATIVE_INFINITY;
      for (let code = 0; code < 256; code++) {
        const value = energy(Array.from({ length: 8 }, (_, p) => (code >> p) & 1));
        best = Math.min(best, value);
        worst = Math.max(worst, value);
      }
      const updates = new BoundUpdates(a, 2, W, 0.5);
      for (let pass = 0; pass < 200; pass++) updates.next();
      const found = energy(Array.from({ length: 8 }, (_, p) => (updates.z[2 * p + 1] > updates.z[2 * p] ? 1 : 0)));
      // Energies may be near 0: relative to their range.
      expect(found - best).toBeLessThanOrEqual(0.05 * (worst - best));
    }
  });
});

test('λ = 0 is Lloyd, step by step', () => {
  const { X, rows } = blobs(200, 4, 5, 1, 8);
  const init = Array.from(new Random(2).sample(200, 5), (p) => rows[p]);
  const W = neighbourAffinity(nearestNeighbours(X, 2));
  for (const it of laplacianIterates(Points.from(X), 5, W, { lambda: 0, init })) {
    const lloyd = kMeans(X, 5, { init, tol: 0, maxIter: it.iteration });
    expect(it.snapshot().assignments).toEqual(lloyd.point.assignments);
    expect(it.objective).toBeCloseTo(lloyd.objective, 8);
  }
});

test.each(['mean', 'meanShift', 'mode'] as const)('prototype %s: the relaxed energy never rises', (prototype) => {
  const { X } = blobs(300, 4, 4, 1.5, 9);
  const W = neighbourAffinity(nearestNeighbours(X, 4));
  const energies: number[] = [];
  for (const it of laplacianIterates(Points.from(X), 4, W, { prototype, lambda: 0.5, seed: 1 })) {
    for (let t = 1; t < it.bound.length; t++) {
      expect(it.bound[t]).toBeLessThanOrEqual(it.bound[t - 1] + 1e-9 * Math.abs(it.bound[t - 1]));
    }
    energies.push(it.objective);
    if (it.iteration > 30) break;
  }
  // The rounded energy may rise by the cost of rounding, within a per cent, but falls on the whole.
  for (let t = 1; t < energies.length; t++) {
    expect(energies[t]).toBeLessThanOrEqual(energies[t - 1] + 0.01 * Math.abs(energies[t - 1]));
  }
  expect(energies[energies.length - 1]).toBeLessThan(energies[0]);
});

test('permuted points or clusters permute the answer; rotation and translation do not change it', () => {
  const { X, rows } = blobs(120, 2, 3, 2, 10);
  const init = [rows[0], rows[1], rows[2]];
  const base = laplacianClustering(X, 3, { init }).point.assignments;
  const order = new Random(5).permutation(120);
  const permuted = laplacianClustering(
    Array.from(order, (p) => rows[p]),
    3,
    { init },
  ).point.assignments;
  expect(Array.from(permuted)).toEqual(Array.from(order, (p) => base[p]));
  const renamed = laplacianClustering(X, 3, { init: [init[2], init[0], init[1]] }).point.assignments;
  expect(Array.from(renamed)).toEqual(Array.from(base, (c) => (c + 1) % 3));
  const turn = (x: number[]) => [0.6 * x[0] - 0.8 * x[1] + 100, 0.8 * x[0] + 0.6 * x[1] - 7];
  expect(laplacianClustering(rows.map(turn), 3, { init: init.map(turn) }).point.assignments).toEqual(base);
});

test('one label a component of the graph and a large λ: every point takes the label of its component', () => {
  const random = new Random(11);
  const n = 60;
  const component = Int32Array.from({ length: n }, (_, p) => p % 3);
  // Components are complete graphs.
  const W: Affinity = {
    n,
    pointers: Int32Array.from({ length: n + 1 }, (_, p) => 19 * p),
    indices: Int32Array.from({ length: 19 * n }, (_, t) => (Math.floor(t / 19) + 3 * ((t % 19) + 1)) % n),
    weights: new Float64Array(19 * n).fill(1),
  };
  // Features that say next to nothing.
  const X = Array.from({ length: n }, () => [0.05 * random.normal(), 0.05 * random.normal()]);
  const labels = Array.from(component, (c, p) => (p < 3 ? c : -1));
  const { point } = laplacianClustering(X, 3, { affinity: W, lambda: 2, labels });
  expect(point.assignments).toEqual(component);
  // Without the graph they are at a loss.
  expect(laplacianClustering(X, 3, { affinity: W, lambda: 0, labels }).point.assignments).not.toEqual(component);
});

describe('labels', () => {
  test('held labels stay, and help', () => {
    const { X, groups } = blobs(200, 3, 4, 1, 12);
    const labels = Array.from(groups, (c, p) => (p < 40 ? c : -1));
    const held = laplacianClustering(X, 4, { labels, lambda: 0.5 });
    for (let p = 0; p < 40; p++) expect(held.point.assignments[p]).toBe(groups[p]);
    const free = laplacianClustering(X, 4, { lambda: 0.5 });
    const score = (l: Int32Array) => adjustedRandIndex(groups.subarray(40), l.subarray(40));
    expect(score(held.point.assignments)).toBeGreaterThan(score(free.point.assignments));
    const { soft } = held.point;
    for (let p = 0; p < 200; p++) {
      expect([0, 1, 2, 3].reduce((s, c) => s + soft!.get(p, c), 0)).toBeCloseTo(1, 12);
    }
  });

  test('wrong ones are errors', () => {
    const { X } = blobs(10, 2, 2, 1, 1);
    expect(() => laplacianClustering(X, 2, { labels: [0, 1] })).toThrow(/10 points need 10 labels/);
    expect(() => laplacianClustering(X, 2, { labels: new Array(10).fill(2) })).toThrow(/from 0 to 1/);
    expect(() => laplacianClustering(X, 2, { init: 'labels', labels: [0, ...new Array(9).fill(-1)] })).toThrow(
      /Class 1 has no labelled point/,
    );
    expect(() => laplacianClustering(X, 2, { lambda: -1 })).toThrow(/lambda/);
    expect(() => laplacianClustering(Array(9).fill([1, 1]), 2, { prototype: 'meanShift' })).toThrow(/coincide/);
  });
});

test('degenerate input: one point, duplicates, k = n, more clusters than distinct points', () => {
  expect(Array.from(laplacianClustering([[1, 2]], 1).point.assignments)).toEqual([0]);
  expect(laplacianClustering(Array(9).fill([1, 1]), 3).point.assignments).toHaveLength(9);
  const rows = Array.from({ length: 6 }, (_, p) => [100 * p, 0]);
  expect(new Set(laplacianClustering(rows, 6, { lambda: 0.1 }).point.assignments).size).toBe(6);
  expect(() => laplacianClustering([[Number.NaN]], 1)).toThrow(/NaN/);
  expect(() => laplacianClustering([], 1)).toThrow(/nothing to cluster/);
});

test('few-shot: separated classes are found, and the nearest prototype is what it says', () => {
  const random = new Random(13);
  const draw = (c: number) => Array.from({ length: 6 }, (_, j) => (j === c ? 3 : 0) + 0.3 * random.normal());
  const support = [0, 1, 2].map(draw);
  const truth = Array.from({ length: 45 }, (_, p) => p % 3);
  const query = truth.map(draw);
  for (const prototype of ['mean', 'meanShift', 'fixed'] as const) {
    const { classes } = fewShotClassify(support, [0, 1, 2], query, { prototype, lambda: 0.5 });
    expect(Array.from(classes)).toEqual(truth);
  }
  const noisy = query.map((x) => x.map((v) => v + 2 * random.normal()));
  const options = { prototype: 'fixed', lambda: 0, normalise: 'none', domainShift: false } as const;
  const { classes } = fewShotClassify(support, [0, 1, 2], noisy, options);
  noisy.forEach((x, p) => {
    const all = support.map((s) => squaredDistance(x, s));
    expect(classes[p]).toBe(all.indexOf(Math.min(...all)));
  });
  expect(() => fewShotClassify(support, [0, 0, 2], query)).toThrow(/Class 1/);
  expect(() => fewShotClassify(DenseMatrix.create(0, 6), [], query)).toThrow(/needs labelled points/);
  expect(() => fewShotClassify(support, [0, 0, 1], query, { normalise: 'L2' as 'none' })).toThrow(
    /normalise must be one of CL2N, none, but is L2/,
  );
});

test('clusters with an approximate graph are those with the exact one', () => {
  const { X, groups } = blobs(2400, 8, 3, 6, 4);
  const { point } = laplacianClustering(X, 3, { search: 'approximate', restarts: 1 });
  expect(adjustedRandIndex(groups, point.assignments)).toBeGreaterThan(0.99);
});
