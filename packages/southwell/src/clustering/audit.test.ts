import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  type Iterate,
  Random,
  type RunOptions,
  run,
  type Solution,
} from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import * as room from './index.ts';
import {
  gaussianMixture,
  kMeans,
  laplacianClustering,
  nearestNeighbours,
  neighbourAffinity,
  neighbourIterates,
  Points,
  principalComponentIterates,
  type RestartState,
  spectralIterates,
} from './index.ts';

/** Every method of the room, with too small a budget, a normal one and an abort: the status must be the truth. */

const n = 240;
const k = 4;
const random = new Random(7);
const rows = Array.from({ length: n }, (_, p) => {
  const c = p % k;
  return [3 * (c % 2) + random.normal(), 3 * Math.floor(c / 2) + random.normal(), random.normal()];
});
const X = DenseMatrix.fromRows(rows);
const W = neighbourAffinity(nearestNeighbours(rows, 6));

type Options = RunOptions<never> & { readonly resume?: RestartState };

interface Case {
  solve(options: Options): Solution<unknown, number | undefined>;
  /** The tolerance at which it says that it has converged. */
  readonly tol: number;
  /** The objective of a point, computed anew. */
  objective?(point: never): number;
  /** It goes on from checkpoints. */
  readonly resumes?: true;
}

const within = (point: room.Clustering): number =>
  rows.reduce((sum, x, p) => {
    const c = point.assignments[p];
    return sum + x.reduce((s, v, j) => s + (v - point.prototypes.get(c, j)) ** 2, 0);
  }, 0);

const cases: Record<string, Case> = {
  kMeansIterates: {
    tol: 1e-4,
    resumes: true,
    solve: (o) => kMeans(X, k, { ...(o as object), restarts: 3 }),
    objective: within as never,
  },
  mixtureIterates: {
    tol: 1e-6,
    resumes: true,
    solve: (o) => gaussianMixture(X, k, { ...(o as object), restarts: 2 }),
  },
  laplacianIterates: {
    tol: 1e-4,
    resumes: true,
    solve: (o) => laplacianClustering(X, k, { ...(o as object), affinity: W, lambda: 1, restarts: 3 }),
    objective: ((point: room.Clustering) => {
      let sum = within(point);
      for (let p = 0; p < n; p++)
        for (let t = W.pointers[p]; t < W.pointers[p + 1]; t++)
          if (point.assignments[W.indices[t]] === point.assignments[p]) sum -= W.weights[t] / 2;
      return sum;
    }) as never,
  },
  neighbourIterates: { tol: 0, solve: (o) => run(neighbourIterates(Points.from(X), 5), o as object) },
  principalComponentIterates: { tol: 1e-8, solve: (o) => run(principalComponentIterates(X, 2), o as object) },
  spectralIterates: { tol: 1e-4, solve: (o) => run(spectralIterates(W, k), o as object) },
};

type Plain = (X: DenseMatrix, k: number) => Iterable<Iterate<unknown, number | undefined>>;

/** Methods of X and k alone need no entry. */
const plain = Object.entries(room).flatMap(([name, method]): Array<[string, Case]> => {
  if (!name.endsWith('Iterates') || name in cases) return [];
  return [[name, { tol: 0, solve: (o) => run((method as unknown as Plain)(X, k), o as object) }]];
});
const audited = [...Object.entries(cases), ...plain];

test('no method is here that is gone', () => {
  expect(Object.keys(cases).filter((name) => !(name in room))).toEqual([]);
});

function truthful({ tol, objective }: Case, s: Solution<unknown, number | undefined>): void {
  if (s.status === 'converged' && s.certificate && s.iterations > 1) {
    // Below its tolerance, or nothing moves any more, where it may be anything.
    if (s.objective === undefined) expect(s.certificate.relative).toBeLessThanOrEqual(tol);
  }
  if (s.status === 'iteration-limit' && s.certificate) expect(s.certificate.relative).toBeGreaterThan(tol);
  if (!finished(s.status)) expect(s.next).toMatch(/\.$/);
  else expect(s.next).toBeUndefined();
  if (objective && s.objective !== undefined) expect(objective(s.point as never) / s.objective).toBeCloseTo(1, 10);
}

describe.each(audited)('%s', (name, method) => {
  test('converges with a normal budget', () => {
    const s = method.solve({});
    // Some have planned their steps.
    if (name in cases) expect(s.status).toBe('converged');
    else expect(finished(s.status)).toBe(true);
    truthful(method, s);
  });

  test('says so when the budget was too small', () => {
    const s = method.solve({ maxIter: 1 });
    if (!finished(s.status)) expect(s.status).toBe('iteration-limit');
    truthful(method, s);
  });

  test('says so when it was stopped, at once and later', () => {
    const s = method.solve({ signal: AbortSignal.abort() });
    expect(s.status).toBe('aborted');
    truthful(method, s);
    const controller = new AbortController();
    const late = method.solve({ signal: controller.signal, onIterate: () => controller.abort() });
    expect(late.status).toBe('aborted');
    truthful(method, late);
  });
});

test.each(Object.entries(cases).filter(([, method]) => method.resumes))(
  '%s goes on from every checkpoint with the same bits',
  (_, method) => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'm', problem: 'p', iteration, state }));
    const whole = method.solve({ checkpoint: { save } });
    expect(states.length).toBeGreaterThan(4);
    for (let t = 0; t < states.length; t += Math.max(1, Math.floor(states.length / 7))) {
      const resume = decodeCheckpoint<RestartState>(states[t]).state;
      const rest = method.solve({ resume });
      const bare = ({ trace: _, seconds: __, ...s }: typeof whole) => s;
      const plain = (s: typeof whole) =>
        JSON.stringify(bare(s), (_, v) => (v instanceof DenseMatrix ? Array.from(v.data) : v));
      expect(plain(rest)).toBe(plain(whole));
    }
  },
);
