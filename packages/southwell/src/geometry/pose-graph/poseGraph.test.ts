import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  analyseDegeneracy,
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  optimisePoseGraph,
  type Pose,
  type PoseEdge,
  poseDistance,
  poseGraphCertainty,
  poseGraphIterates,
  stepPose,
  tiedNodes,
  weakMotions,
  withoutMotions,
} from '../index.ts';
import { jacobiansOf, normalOf, residualOf } from './poseGraphSystem.ts';

const normals = (random: Random, n: number, scale = 1) => Array.from({ length: n }, () => scale * random.normal());
const poseAt = (random: Random, turn: number, shift: number): Pose => ({
  rotation: expRotation(normals(random, 3, turn)),
  translation: Float64Array.from(normals(random, 3, shift)),
});
/** J Jᵀ of random J: positive definite, turns and shifts coupled. */
function information(random: Random, scale = 1): Float64Array {
  const J = Array.from({ length: 6 }, () => normals(random, 6));
  return Float64Array.from({ length: 36 }, (_, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6];
    return scale * (J[i].reduce((sum, v, q) => sum + v * J[j][q], 0) + (i === j ? 2 : 0));
  });
}
const between = (poses: readonly Pose[], source: number, target: number): Pose =>
  composePoses(invertPose(poses[target]), poses[source]);

/** A ring of poses with chords. */
function ring(n: number, seed: number) {
  const random = new Random(seed);
  const truth = Array.from({ length: n }, (_, k) => (k === 0 ? poseAt(random, 0.3, 2) : poseAt(random, 1, 5)));
  const pairs = Array.from({ length: n }, (_, k) => [(k + 1) % n, k]).concat(
    Array.from({ length: n }, (_, k) => [(k + 3) % n, k]),
  );
  const edges = pairs.map(
    ([source, target]): PoseEdge => ({
      ...{ source, target, pose: between(truth, source, target) },
      information: information(random, 10),
      uncertain: true,
    }),
  );
  const start = truth.map((pose, k) =>
    k === 0 ? pose : stepPose(pose, [...normals(random, 3, 0.15), ...normals(random, 3, 0.5)]),
  );
  return { random, truth, edges, start };
}
const worst = (a: readonly Pose[], b: readonly Pose[]) =>
  Math.max(...a.flatMap((pose, k) => Object.values(poseDistance(pose, b[k]))));

describe('the normal equations', () => {
  test.each([0, 1e-3, 0.02, 0.5, 2])('are those of finite differences, residuals of %d', (size) => {
    const random = new Random(3);
    const poses = [poseAt(random, 1, 3), poseAt(random, 1, 3)];
    const edge: PoseEdge = {
      ...{ source: 1, target: 0, information: information(random) },
      pose: stepPose(between(poses, 1, 0), normals(random, 6, size)),
    };
    const found = residualOf(poses, edge);
    const sides = jacobiansOf(poses, edge, found);
    for (const [s, node] of [1, 0].entries()) {
      for (let j = 0; j < 6; j++) {
        const at = (h: number) => {
          const step = [0, 1, 2, 3, 4, 5].map((k) => (k === j ? h : 0));
          return residualOf(
            poses.map((pose, k) => (k === node ? stepPose(pose, step) : pose)),
            edge,
          ).e;
        };
        const [a, b] = [at(1e-5), at(-1e-5)];
        for (let i = 0; i < 6; i++) expect((a[i] - b[i]) / 2e-5).toBeCloseTo(sides[s][6 * i + j], 7);
      }
    }
  });

  test('have as g the derivatives of half the sum of squares', () => {
    const { truth, edges, start } = ring(5, 4);
    expect(truth.length).toBe(5);
    const weights = Float64Array.from(edges, (_, k) => 1 / (k + 1));
    const { g, place, H, size } = normalOf(start, edges, weights, 2);
    expect([size, place[2]]).toEqual([24, -1]);
    const loss = (poses: readonly Pose[]) =>
      edges.reduce((sum, e, k) => sum + (weights[k] * residualOf(poses, e).square) / 2, 0);
    for (const node of [0, 1, 3, 4]) {
      for (let j = 0; j < 6; j++) {
        const at = (h: number) => {
          const step = [0, 1, 2, 3, 4, 5].map((k) => (k === j ? h : 0));
          return loss(start.map((pose, k) => (k === node ? stepPose(pose, step) : pose)));
        };
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(-slope / Math.max(1, Math.abs(slope))).toBeCloseTo(g[place[node] + j] / Math.max(1, Math.abs(slope)), 6);
      }
    }
    for (let k = 0; k < size * size; k++) expect(H[k]).toBeCloseTo(H[size * (k % size) + Math.floor(k / size)], 8);
  });
});

describe('a graph', () => {
  test('without noise is recovered to 1e-10, whichever node stays', () => {
    for (const reference of [0, 3]) {
      const { truth, edges, start } = ring(8, 5);
      const given = start.map((pose, k) => (k === reference ? truth[k] : pose));
      const { poses, status, kept, objective } = optimisePoseGraph(given, edges, { reference });
      expect(status).toBe('converged');
      expect(worst(poses, truth)).toBeLessThan(1e-10);
      expect(kept).not.toContain(false);
      expect(objective).toBeLessThan(1e-15);
      expect(poseDistance(poses[reference], truth[reference])).toEqual({
        rotation: expect.closeTo(0, 14),
        translation: 0,
      });
    }
  });

  test('false loops are left out, and the others found as if they had not been there', () => {
    const { random, truth, edges, start } = ring(8, 6);
    const noisy = edges.map((edge): PoseEdge => ({ ...edge, pose: stepPose(edge.pose, normals(random, 6, 0.02)) }));
    const wrong = [3, 9, 14];
    const all = noisy.map((edge, k) => (wrong.includes(k) ? { ...edge, pose: poseAt(random, 1, 5) } : edge));
    const { poses, kept, weights, status } = optimisePoseGraph(start, all);
    expect(status).toBe('converged');
    expect(kept.flatMap((k, i) => (k ? [] : [i]))).toEqual(wrong);
    for (const k of wrong) expect(weights[k]).toBeLessThan(0.01);
    const without = optimisePoseGraph(
      start,
      noisy.filter((_, k) => !wrong.includes(k)),
    );
    expect(worst(poses, without.poses)).toBeLessThan(1e-8);
    expect(worst(poses, truth)).toBeLessThan(0.3);
    // Were they certain, all would be wrong.
    const trusted = optimisePoseGraph(
      start,
      all.map((edge) => ({ ...edge, uncertain: false })),
    );
    expect(worst(trusted.poses, truth)).toBeGreaterThan(0.5);
  });

  test('an edge that alone ties a node is kept, and has nothing to contradict it', () => {
    const { truth, edges, start } = ring(4, 7);
    const chain = edges.slice(0, 3);
    const { kept, poses } = optimisePoseGraph(start, chain);
    expect(kept).toEqual([true, true, true]);
    expect(worst(poses, truth)).toBeLessThan(1e-10);
    expect(tiedNodes(4, chain.slice(0, 1))).toEqual([true, true, false, false]);
    const lone = optimisePoseGraph(start, chain.slice(0, 1));
    expect(lone.poses[3]).toEqual(start[3]);
  });

  test('the covariance is that of many noisy graphs', () => {
    const { random, truth, edges } = ring(4, 8);
    // Noise of an edge as its information says: L⁻ᵀ of normal numbers, by a diagonal one.
    const own = edges.map(
      (edge, k): PoseEdge => ({
        ...{ source: edge.source, target: edge.target, pose: edge.pose },
        information: Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1e4 * (1 + k) : 0)),
      }),
    );
    const told = poseGraphCertainty(truth, own)[2]!.covariance;
    const sums = new Float64Array(6);
    const runs = 150;
    for (let t = 0; t < runs; t++) {
      const noisy = own.map((edge, k) => ({
        ...edge,
        pose: stepPose(edge.pose, normals(random, 6, 1e-2 / Math.sqrt(1 + k))),
      }));
      const { poses } = optimisePoseGraph(truth, noisy);
      const off = residualOf([truth[2], poses[2]], {
        source: 1,
        target: 0,
        pose: identityPose(),
        information: new Float64Array(36),
      }).e;
      for (let k = 0; k < 6; k++) sums[k] += off[k] ** 2 / runs;
    }
    for (let k = 0; k < 6; k++) expect(Math.abs(Math.sqrt(sums[k] / told[7 * k]) - 1)).toBeLessThan(0.15);
  });

  test('what is free in its edges is free in it, unless another edge fixes it', () => {
    const random = new Random(9);
    const truth = Array.from({ length: 3 }, () => identityPose());
    const corridor = (L: Float64Array) => withoutMotions(L, [Float64Array.of(0, 0, 0, 1, 0, 0)]);
    const edge = (source: number, target: number, L: Float64Array): PoseEdge => ({
      ...{ source, target, pose: identityPose(), information: L },
    });
    const free = [edge(1, 0, corridor(information(random))), edge(2, 1, corridor(information(random)))];
    const names = (edges: readonly PoseEdge[]) =>
      poseGraphCertainty(truth, edges).map(
        (c) => c && weakMotions(analyseDegeneracy(c.information, { conditionThreshold: 1e3 })).map((m) => m.name),
      );
    expect(names(free)).toEqual([undefined, ['shift along x'], ['shift along x']]);
    expect(names([...free, edge(2, 0, information(random))])).toEqual([undefined, ['shift along x'], []]);
    expect(names([free[0], edge(2, 1, information(random))])).toEqual([
      undefined,
      ['shift along x'],
      ['shift along x'],
    ]);
    // Steps do not move what no edge fixes.
    const start = [truth[0], { ...identityPose(), translation: Float64Array.of(0.7, 0.1, -0.1) }, identityPose()];
    const { poses, status } = optimisePoseGraph(start, free);
    expect(status).toBe('converged');
    expect(poses[1].translation[1]).toBeCloseTo(0, 8);
    const e = residualOf(poses, free[0]);
    expect(e.square).toBeLessThan(1e-12);
  });

  test('an information without some motions says as much of all others', () => {
    const L = information(new Random(10));
    const v = [Float64Array.of(0, 0.6, 0.8, 0, 0, 0), Float64Array.of(0, 0, 0, 1, 0, 0)];
    const left = withoutMotions(L, v);
    const { rotation, translation } = analyseDegeneracy(left, { conditionThreshold: 1e6 });
    expect(rotation.values.filter((x) => x < 1e-9)).toHaveLength(1);
    expect(translation.values.filter((x) => x < 1e-9)).toHaveLength(1);
    const random = new Random(11);
    for (let t = 0; t < 20; t++) {
      const x = normals(random, 6);
      const form = (A: Float64Array) =>
        x.reduce((s, a, i) => s + a * x.reduce((q, b, j) => q + A[6 * i + j] * b, 0), 0);
      expect(form(left)).toBeLessThanOrEqual(form(L) + 1e-9);
      expect(form(left)).toBeGreaterThan(-1e-9);
    }
  });

  test('statuses are no kinder than the truth, and what is wrong is told', () => {
    const { edges, start } = ring(5, 12);
    expect(optimisePoseGraph(start, edges, { maxIterations: 1 }).status).toBe('iteration-limit');
    const controller = new AbortController();
    controller.abort();
    expect(optimisePoseGraph(start, edges, { signal: controller.signal }).status).toBe('aborted');
    expect(optimisePoseGraph([identityPose()], []).status).toBe('converged');
    expect(() => optimisePoseGraph([], [])).toThrow('The pose graph has no nodes.');
    expect(() => optimisePoseGraph(start, [{ ...edges[0], source: 7 }])).toThrow(
      'The source of edge 1 is 7: nodes are 0 to 4.',
    );
    expect(() => optimisePoseGraph(start, [{ ...edges[0], source: 0, target: 0 }])).toThrow(
      'Edge 1 connects node 0 to itself.',
    );
    expect(() => optimisePoseGraph(start, [{ ...edges[0], information: [1] }])).toThrow(
      /information of edge 1 must be 6 × 6/,
    );
    expect(() => optimisePoseGraph(start, edges, { reference: 5 })).toThrow(/reference/);
    const steps = [...poseGraphIterates(start, edges)].slice(0, 300);
    expect(steps.at(-1)?.done).toBe('converged');
  });
});
