import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  only,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  type Status,
} from '@southwell/numerics/core';
import { jacobiSvd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import * as room from './index.ts';

/** Every method of the room, with too small a budget, a normal one and an abort: the status must be the truth. */

type Point = never;
type Options = RunOptions<Point> & { readonly resume?: never };
type Answer = Solution<unknown, number | undefined>;

/** What the runner takes of them. */
const watched = (options: Options): object => only<RunOptions<Point>>(options, runKeys);

interface Case {
  readonly covers: readonly string[];
  solve(options: Options): Answer | Promise<Answer>;
  /** How a normal budget ends. Default converged. */
  readonly ends?: Status;
  /** The relative change of the objective, or the certificate, at which it says that it has converged. */
  readonly change?: number;
  readonly tol?: number;
  /** Computed anew from the point. */
  objective?(point: Point): number;
  /** The relative certificate; with `loose` it is that of the point before, to which the point is no worse than twice. */
  certificate?(point: Point, s: Answer): number;
  /** A direct computation in pieces: no point before the end, and nothing to go on from. */
  readonly direct?: true;
}

const random = new Random(11);
const [n, p] = [40, 12];
/** Non-negative, of rank 3 and a little more. */
const X = DenseMatrix.create(n, p);
const [left, right] = [n, p].map((m) => Array.from({ length: 3 * m }, () => Math.abs(random.normal())));
for (let i = 0; i < n; i++) {
  for (let j = 0; j < p; j++) {
    let sum = 0.1 * random.uniform();
    for (let a = 0; a < 3; a++) sum += left[3 * i + a] * right[3 * j + a];
    X.set(i, j, sum);
  }
}
const y = Array.from({ length: n }, (_, i) => (left[3 * i] + 0.3 * random.normal() > 0.7 ? 1 : 0));
const views = [0, 1].map((v) => {
  const view = DenseMatrix.create(n, 5);
  for (let j = 0; j < 5; j++) {
    view.column(j).set(X.column(2 * j + v).map((x) => x + 0.5 * random.normal()));
  }
  return view;
});
const seen = Array.from({ length: n * p }, (_, at) => at).filter(() => random.uniform() < 0.6);
const entries = room.observedMatrix(
  n,
  p,
  seen.map((at) => Math.floor(at / p)),
  seen.map((at) => at % p),
  seen.map((at) => X.get(Math.floor(at / p), at % p)),
);

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const v of values) total += v;
  return total;
};
const squares = (values: Iterable<number>): number => sum(Array.from(values, (v) => v * v));
/** Entry (i, j) of L·R for L by rows of k and R by columns of k. */
const product = (L: (i: number, a: number) => number, R: (j: number, a: number) => number, k: number) =>
  Array.from({ length: n * p }, (_, at) => {
    let v = 0;
    for (let a = 0; a < k; a++) v += L(at % n, a) * R(Math.floor(at / n), a);
    return v;
  });
const off = (back: ArrayLike<number>): number => {
  let total = 0;
  for (let at = 0; at < n * p; at++) total += (X.data[at] - back[at]) ** 2;
  return total;
};

const LAMBDA = 0.3;
const completion = (method: room.CompletionMethod, lambda: number | undefined, more: object = {}): Case => {
  const svt = method === 'svt';
  // Entries with noise have no matrix of a small rank, which svt looks for.
  const k = svt ? p : 3;
  const [accuracy, size] = [svt ? 1e-3 : 1e-6, squares(entries.values.subarray(0, seen.length))];
  return {
    covers: ['completeMatrix', 'completeMatrixAsync', 'completionIterates', 'prepareCompletion'],
    ...(svt ? { tol: accuracy } : { change: accuracy }),
    solve: (o) =>
      room.completeMatrix(entries, {
        ...{ rank: k, method, lambda, maxIter: 5000, tol: accuracy },
        ...more,
        ...(o as object),
      }).solution,
    objective({ left: L, right: R }: room.Factors) {
      const residuals = seen.map((at) => {
        const [i, j] = [Math.floor(at / p), at % p];
        let v = X.get(i, j);
        for (let a = 0; a < k; a++) v -= L[k * i + a] * R[k * j + a];
        return v;
      });
      // Of soft-impute the nuclear norm of the product, which at the start is zero.
      const free = svt || (method === 'soft-impute' && squares(R) === 0);
      return 0.5 * squares(residuals) + (free ? 0 : 0.5 * (lambda ?? 0) * (squares(L) + squares(R)));
    },
    ...(svt && { certificate: (_: Point, s: Answer) => Math.sqrt((2 * s.objective!) / size) }),
  };
};

/** How often what was seen was seen: the sizes of the entries. */
const counts = room.observedMatrix(
  n,
  p,
  seen.map((at) => Math.floor(at / p)),
  seen.map((at) => at % p),
  seen.map((at) => Math.abs(X.get(Math.floor(at / p), at % p))),
);
const implicit = (solver: room.ImplicitSolver): Case => ({
  covers: ['implicitFactors', 'implicitFactorsAsync', 'implicitIterates'],
  change: 1e-6,
  solve: (o) =>
    room.implicitFactors(counts, {
      ...{ rank: 3, alpha: 4, lambda: LAMBDA, solver, tol: 1e-6, maxIter: 5000 },
      ...(o as object),
    }).solution,
  objective({ left: L, right: R }: room.Factors) {
    const known = new Map(seen.map((at) => [at, Math.abs(X.get(Math.floor(at / p), at % p))]));
    let twice = LAMBDA * (squares(L) + squares(R));
    for (let at = 0; at < n * p; at++) {
      const count = known.get(at) ?? 0;
      let v = count > 0 ? 1 : 0;
      for (let a = 0; a < 3; a++) v -= L[3 * Math.floor(at / p) + a] * R[3 * (at % p) + a];
      twice += (1 + 4 * count) * v * v;
    }
    return 0.5 * twice;
  },
});

const nmf = (loss: room.NmfLoss): Case => ({
  covers: ['nmf', 'nmfAsync', 'nmfIterates'],
  tol: 1e-3,
  solve: (o) => room.nmf(X, { rank: 3, loss, tol: 1e-3, maxIter: 3000, ...(o as object) }).solution,
  objective({ scores, components }: room.NmfPoint) {
    const back = product(
      (i, a) => scores.get(i, a),
      (j, a) => components.get(a, j),
      3,
    );
    if (loss === 'frobenius') return 0.5 * off(back);
    return sum(back.map((v, at) => X.data[at] * Math.log(X.data[at] / v) - X.data[at] + v));
  },
  // Of the point before the last round: the sum of the projected gradient's entries over the first.
  certificate({ scores, components }: room.NmfPoint, { certificate }) {
    const back = product(
      (i, a) => scores.get(i, a),
      (j, a) => components.get(a, j),
      3,
    );
    const slope = back.map((v, at) => (loss === 'frobenius' ? v - X.data[at] : 1 - X.data[at] / v));
    let size = 0;
    const add = (value: number, g: number) => {
      size += value > 0 || g < 0 ? Math.abs(g) : 0;
    };
    for (let a = 0; a < 3; a++) {
      for (let i = 0; i < n; i++) {
        add(scores.get(i, a), sum(Array.from({ length: p }, (_, j) => slope[j * n + i] * components.get(a, j))));
      }
      for (let j = 0; j < p; j++) {
        add(components.get(a, j), sum(Array.from({ length: n }, (_, i) => slope[j * n + i] * scores.get(i, a))));
      }
    }
    return size / (certificate!.value / certificate!.relative);
  },
});

const supervised = (more: Partial<room.SupervisedOptions>): Case => ({
  covers: ['supervisedDictionary', 'supervisedIterates'],
  solve: ({ maxIter = 20_000, ...o }) =>
    room.supervisedDictionary({ rank: 2, l2: 1, tol: 1e-6, ...more, maxIter }).fit(X, y, o as object).solution,
  objective({ dictionary: W, codes: H, coefficients: b, auxiliary: c }: room.SupervisedPoint) {
    const back = product(
      (i, a) => H[a * n + i],
      (j, a) => W[a * p + j],
      2,
    );
    const lifted = more.algorithm === 'lifted';
    // A = Wβ, or Hβ of the feature model.
    const A = Array.from({ length: p }, (_, j) => W[j] * b[0] + W[p + j] * b[1]);
    const codes = Array.from({ length: n }, (_, i) => H[i] * b[0] + H[n + i] * b[1]);
    const feature = more.model === 'feature';
    const loss = sum(
      y.map((label, i) => {
        const a = c[0] + (feature ? codes[i] : sum(A.map((v, j) => v * X.get(i, j))));
        return Math.log1p(Math.exp(-Math.abs(a))) + Math.max(a, 0) - label * a;
      }),
    );
    const ridge = lifted ? squares(feature ? codes : A) + squares(c) : squares(b) + 1e-6 * squares(c);
    return loss + (more.xi ?? 1) * off(back) + 0.5 * ridge;
  },
});

const diagonal = (values: readonly number[]) => (v: Float64Array, out: Float64Array) =>
  v.forEach((x, i) => {
    out[i] = values[i] * x;
  });
const [top, unit] = [Array.from({ length: 8 }, (_, i) => 8 - i), new Array<number>(8).fill(2)];

const batches = Array.from({ length: 8 }, (_, b) => {
  const rows = DenseMatrix.create(5, p);
  for (let i = 0; i < 5; i++) for (let j = 0; j < p; j++) rows.set(i, j, X.get(5 * b + i, j) - 1);
  return rows;
});
async function* stream() {
  for (let at = 0; at + 8 <= n; at += 8) {
    yield views.map((view) => {
      const part = DenseMatrix.create(8, view.cols);
      for (let i = 0; i < 8; i++) for (let j = 0; j < view.cols; j++) part.set(i, j, view.get(at + i, j));
      return part;
    });
  }
}

const cases: Record<string, Case> = {
  'implicit, conjugate gradients': implicit('cg'),
  'implicit, exact': implicit('cholesky'),
  'robust, λ': completion('robust', LAMBDA),
  robust: completion('robust', 0),
  'robust, non-negative': completion('robust', LAMBDA, { nonNegative: true }),
  'robust by sketches': completion('robust', LAMBDA, { solver: 'sketch' }),
  als: { ...completion('als', LAMBDA), covers: ['alternating'] },
  'als without λ': completion('als', 0),
  'soft-impute': completion('soft-impute', LAMBDA),
  svt: completion('svt', undefined),
  inexactAlternating: {
    ...completion('robust', LAMBDA),
    covers: ['inexactAlternating'],
    solve: (o) =>
      run(
        room.inexactAlternating(room.prepareEntries(entries).observed, {
          ...{ rank: 3, lambda: LAMBDA, tol: 1e-7, innerSteps: 2, resume: o.resume },
        }),
        watched(o),
      ),
  },
  'nmf, squares': nmf('frobenius'),
  'nmf, Kullback–Leibler': nmf('kullback-leibler'),
  sparsePca: {
    covers: ['sparsePca', 'sparsePcaAsync'],
    change: 1e-8,
    solve: (o) => room.sparsePca(X, { rank: 3, alpha: 1, ...(o as object) }).solution,
  },
  truncatedSvd: {
    covers: ['truncatedSvd', 'truncatedSvdAsync', 'truncatedSvdIterates'],
    tol: 1e-10,
    solve: (o) => room.truncatedSvd(flat, { rank: 3, tol: 1e-10, ...(o as object) }).solution,
    objective: (point: room.Svd) => squares(flat.data) - squares(point.singularValues),
    certificate: (point: room.Svd) => Math.max(...room.svdResiduals(flat, point).left) / point.singularValues[0],
  },
  dictionaryLearning: {
    covers: ['dictionaryLearning', 'dictionaryLearningAsync', 'dictionaryLearningIterates'],
    change: 1e-4,
    solve: (o) => room.dictionaryLearning(X, { atoms: 5, alpha: 0.2, tol: 1e-4, ...(o as object) }),
    objective(point: room.SparseDictionary) {
      const codes = point.encode(X);
      return (0.5 * off(point.decode(codes).data) + 0.2 * sum(Array.from(codes.data, Math.abs))) / n;
    },
  },
  onlineDictionary: {
    covers: ['OnlineDictionary', 'onlineDictionary', 'onlineDictionaryIterates'],
    ends: 'completed',
    solve: (o) =>
      run(
        room.onlineDictionaryIterates(room.onlineDictionary({ atoms: 5, alpha: 0.2 }), batches, { resume: o.resume }),
        watched(o),
      ),
  },
  'orthogonal, msp': {
    covers: ['orthogonalDictionary', 'orthogonalDictionaryAsync', 'orthogonalDictionaryIterates'],
    tol: 1e-8,
    solve: (o) => room.orthogonalDictionary(X, { tol: 1e-8, maxIter: 2000, ...(o as object) }),
    objective: (point: room.OrthogonalDictionary) =>
      -sum(Array.from(point.encode(X).data, (v) => Math.abs(v) ** 3)) / n,
    // ⟨S − D, G⟩ over the nuclear norm of G, G = Yᵀ sign(Z)Z²/n by rows.
    certificate(point: room.OrthogonalDictionary) {
      const Z = point.encode(X);
      const G = Array.from({ length: p * p }, (_, at) => {
        const [i, k] = [Math.floor(at / p), at % p];
        return sum(Array.from({ length: n }, (__, s) => X.get(s, i) * Z.get(s, k) * Math.abs(Z.get(s, k)))) / n;
      });
      const nuclear = sum(jacobiSvd(Float64Array.from(G), p, p).sizes);
      const D = point.dictionary();
      return (nuclear - sum(G.map((g, at) => g * D.get(Math.floor(at / p), at % p)))) / nuclear;
    },
  },
  'orthogonal, Procrustes': {
    covers: ['orthogonalDictionary'],
    tol: 1e-8,
    solve: (o) => room.orthogonalDictionary(X, { method: 'procrustes', tol: 1e-8, maxIter: 5000, ...(o as object) }),
  },
  onlineOrthogonal: {
    covers: ['OnlineOrthogonalDictionary', 'onlineOrthogonalDictionary', 'onlineOrthogonalIterates'],
    ends: 'completed',
    solve: (o) =>
      run(
        room.onlineOrthogonalIterates(room.onlineOrthogonalDictionary({ dim: p, clip: 0.9 }), batches, {
          resume: o.resume,
        }),
        watched(o),
      ),
  },
  'supervised, filter': supervised({ xi: 0.2 }),
  'supervised, feature': supervised({ xi: 0.2, model: 'feature' }),
  'supervised, published': supervised({ xi: 0.2, steps: 'published' }),
  'supervised, lifted': { ...supervised({ xi: 0.2, algorithm: 'lifted' }), covers: ['liftedIterates'] },
  'supervised, lifted features': supervised({ xi: 0.2, algorithm: 'lifted', model: 'feature' }),
  StochasticCca: {
    covers: ['StochasticCca'],
    ends: 'completed',
    solve: (o) => new room.StochasticCca({ components: 2, batchSize: 8, epochs: 3 }).fit(views, o as object),
  },
  'StochasticCca by sgd': {
    covers: ['StochasticCca'],
    ends: 'completed',
    solve: (o) =>
      new room.StochasticCca({
        ...{ batchSize: 8, epochs: 2, twoBatches: false },
        optimiser: 'sgd',
        momentum: 0.5,
      }).fit(views, o as object),
  },
  'StochasticCca of a stream': {
    covers: ['StochasticCca'],
    ends: 'completed',
    solve: (o) => new room.StochasticCca({ components: 2 }).fitStream(stream(), o as object),
  },
  ccaExact: {
    covers: ['ccaExact', 'ccaExactIterates', 'pls'],
    direct: true,
    tol: 1e-11,
    solve: (o) => run(room.ccaExactIterates(views, { components: 2 }), watched(o)),
  },
  'ccaExact, PLS': {
    covers: ['pls'],
    direct: true,
    tol: 1e-11,
    solve: (o) => runAsync(room.ccaExactIterates(views, { components: 2, ridge: 1 }), watched(o)),
  },
  eyIterates: {
    covers: ['eyIterates'],
    tol: 1e-7,
    solve: (o) =>
      run(room.eyIterates(diagonal(top), diagonal(unit), 8, 2, { resume: o.resume }), {
        ...{ tol: 1e-7, maxIter: 5000 },
        ...watched(o),
      }),
    objective(U: Float64Array) {
      const entry = (M: readonly number[], a: number, b: number) =>
        sum(M.map((m, i) => m * U[2 * i + a] * U[2 * i + b]));
      const pairs = [0, 1].flatMap((a) => [0, 1].map((b) => entry(unit, a, b)));
      return -2 * (entry(top, 0, 0) + entry(top, 1, 1)) + squares(pairs);
    },
  },
};

/** 150 × 90: more than is taken whole. */
const wide = DenseMatrix.create(150, 90);
for (let at = 0; at < wide.data.length; at++) wide.data[at] = random.normal() / (1 + Math.floor(at / 150));

/** Singular values that hardly fall, and more columns than a basis has vectors before it begins anew. */
const flat = DenseMatrix.create(300, 200);
for (let at = 0; at < flat.data.length; at++) flat.data[at] = random.normal();

/** What is no method: models, measures, pieces of methods, and computations without steps. */
const others = [
  ...[
    'Completion',
    'ImplicitFactors',
    'bestColumns',
    'foldInImplicit',
    'areaUnderCurve',
    'Nmf',
    'SparseDictionary',
    'OrthogonalDictionary',
    'SparsePca',
    'CanonicalVariates',
  ],
  ...['SupervisedDictionary', 'supervisedData', 'observedMatrix', 'prepareEntries', 'takeViews', 'gather'],
  ...['heldOutError', 'rankingMetrics', 'recoveryError', 'svdResiduals', 'youdenThreshold', 'orderVariates'],
  ...['batchCodes', 'eyGradient', 'eyLoss', 'orthonormalise', 'solveRegressions', 'libraryRegress', 'tiedTolerance'],
  ...['generalisedEigen', 'randomizedSvd', 'sparseCodes', 'determination', 'foldInRow', 'nmfScores', 'sparsePcaScores'],
  'SupervisedRule',
];

test('every method of the room is here', () => {
  const functions = Object.entries(room).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  const covered = Object.values(cases).flatMap(({ covers }) => covers);
  expect([...new Set([...covered, ...others])].sort()).toEqual(functions.sort());
});

function finite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value instanceof DenseMatrix) return value.data.every((v) => Number.isFinite(v));
  if (ArrayBuffer.isView(value)) return (value as Float64Array).every((v) => Number.isFinite(v));
  return value === null || typeof value !== 'object' || Object.values(value).every(finite);
}

function truthful({ change, tol, objective, certificate }: Case, s: Answer): void {
  if (s.status === 'converged' && s.iterations > 1) {
    const [before, last] = s.trace.slice(-2).map((entry) => entry.objective!);
    if (change !== undefined) expect(Math.abs(before - last)).toBeLessThanOrEqual(change * before * (1 + 1e-9));
    if (tol !== undefined) expect(s.certificate!.relative).toBeLessThanOrEqual(tol);
    if (certificate) expect(certificate(s.point as Point, s)).toBeLessThanOrEqual(2 * tol!);
  }
  if (s.status === 'iteration-limit' && s.certificate && tol !== undefined) {
    expect(s.certificate.relative).toBeGreaterThan(tol);
  }
  if (finished(s.status)) expect(s.next).toBeUndefined();
  else expect(s.next).toMatch(/\.$/);
  expect(finite(s.point)).toBe(true);
  if (objective && s.point !== undefined) expect(objective(s.point as Point) / s.objective!).toBeCloseTo(1, 8);
}

test('singular triplets that are good but not confirmed have not converged: a copy may have been missed', () => {
  const short = room.truncatedSvd(wide, { rank: 3, tol: 1e-10, maxIter: 1 }).solution;
  expect(short.certificate!.relative).toBeLessThan(1e-10);
  expect([short.status, short.next !== undefined]).toEqual(['iteration-limit', true]);
  expect(room.truncatedSvd(wide, { rank: 3, tol: 1e-10 }).solution.status).toBe('converged');
});

describe.each(Object.entries(cases))('%s', (_, method) => {
  test('ends as it should with a normal budget', async () => {
    const s = await method.solve({});
    expect(s.status).toBe(method.ends ?? 'converged');
    truthful(method, s);
  });

  test('says so when the budget was too small', async () => {
    const s = await method.solve({ maxIter: 1 });
    expect(s.status).toBe('iteration-limit');
    truthful(method, s);
  });

  test('says so when it was stopped, at once and later', async () => {
    const s = await method.solve({ signal: AbortSignal.abort() });
    expect(s.status).toBe('aborted');
    truthful(method, s);
    const controller = new AbortController();
    const late = await method.solve({
      signal: controller.signal,
      onIterate: ({ iteration }) => {
        if (iteration >= 1) controller.abort();
      },
    });
    expect(late.status).toBe('aborted');
    truthful(method, late);
  });

  if (method.direct) return;

  test('goes on from every checkpoint with the same bits', async () => {
    const states: unknown[] = [];
    const save = (state: unknown) => states.push(state);
    const through = (state: unknown) =>
      decodeCheckpoint(encodeCheckpoint({ method: 'm', problem: 'p', iteration: 0, state })).state as never;
    // What takes thousands of iterations is cut short.
    const maxIter = 500;
    const whole = await method.solve({ maxIter, checkpoint: { save } });
    expect(states.length).toBeGreaterThan(1);
    const bare = ({ trace: _, seconds: __, ...s }: Answer) => s;
    for (let t = 0; t < states.length; t += Math.max(1, Math.floor(states.length / 3))) {
      const rest = await method.solve({ maxIter, resume: through(states[t]) });
      expect(bits(bare(rest))).toBe(bits(bare(whole)));
    }
    // One that was cut short says so again, and no more.
    const short = await method.solve({ maxIter: 2, checkpoint: { save } });
    const same = await method.solve({ maxIter: 2, resume: through(states.at(-1)) });
    expect(bits(bare(same))).toBe(bits(bare(short)));
  });
});

const bits = (value: unknown): string =>
  encodeCheckpoint({
    ...{ method: '', problem: '', iteration: 0 },
    state: JSON.parse(
      JSON.stringify(value, (_, v) =>
        v instanceof DenseMatrix ? Array.from(v.data) : ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v,
      ),
    ),
  });

test('small steps are not convergence', () => {
  // A radius that shrinks holds the blocks back.
  const held = room.supervisedDictionary({ rank: 2, searchRadius: 1e-4 }).fit(X, y).solution;
  expect(held.status).toBe('stalled');
  expect(held.next).toMatch(/looser/);
  // Steps of one's own, a thousandth of what is safe.
  const short = room.supervisedDictionary({ rank: 2, algorithm: 'lifted', step: 1e-9, maxIter: 20 }).fit(X, y).solution;
  expect(short.status).toBe('iteration-limit');
});

test('steps that are all refused are no completion', () => {
  const wild = new room.StochasticCca({ optimiser: 'sgd', learningRate: 1e300, batchSize: 8 });
  const s = wild.fit(
    views.map((view) =>
      DenseMatrix.fromColumnMajor(
        view.data.map((v) => 1e3 * v),
        n,
        5,
      ),
    ),
  );
  expect(wild.halvings).toBeGreaterThan(0);
  expect(s.status).toBe(wild.steps > 0 ? 'completed' : 'diverged');
  expect(finite(s.point)).toBe(true);
});

test('a prepared completion goes on from the last factors, with another λ, too', () => {
  for (const method of ['robust', 'als', 'soft-impute'] as const) {
    const problem = room.prepareCompletion(entries, { rank: 3, method, lambda: 1, tol: 1e-9, maxIter: 5000 });
    const cold = problem.solve();
    const warm = problem.solve(cold.factors);
    expect(warm.solution.status).toBe('converged');
    expect(warm.solution.iterations).toBeLessThanOrEqual(2);
    expect(warm.solution.objective).toBeLessThanOrEqual(cold.solution.objective * (1 + 1e-9));
    const next = { lambda: 0.9 };
    const [fromCold, fromWarm] = [problem.solve(undefined, next), problem.solve(cold.factors, next)];
    expect(fromWarm.solution.objective / fromCold.solution.objective).toBeCloseTo(1, 4);
    expect(fromWarm.solution.iterations).toBeLessThan(fromCold.solution.iterations);
    problem.release();
  }
  const svt = room.prepareCompletion(entries, { rank: 3, method: 'svt' });
  expect(() => svt.solve(room.completeMatrix(entries, { rank: 3 }).factors)).toThrow('dual');
  const other = room.prepareCompletion(entries, { rank: 2 });
  expect(() => other.solve({ left: new Float64Array(3), right: new Float64Array(2) })).toThrow(`${n} × 2`);
});
