import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { decodeCheckpoint, encodeCheckpoint, finished, Random } from '../core/index.ts';
import { algebraicMultigrid } from '../iterative/index.ts';
import { cholesky, multiply } from '../linalg/index.ts';
import * as room from './index.ts';
import {
  type EigenPairs,
  generalisedEigenSteps,
  type LanczosOptions,
  type LanczosState,
  type LobpcgOptions,
  type LobpcgState,
  lobpcg,
  SETTLED,
  svdResiduals,
  type TruncatedSvdOptions,
  thickRestartLanczos,
  truncatedSvd,
} from './index.ts';

/** The methods of the room that are run, on each shape of data, and what the pieces of others say of their ends. */

const random = new Random(5);
const dense = (rows: number, cols: number) => {
  const X = DenseMatrix.create(rows, cols);
  for (let at = 0; at < X.data.length; at++) X.data[at] = random.normal();
  return X;
};
const tall = dense(300, 120);
/** Eight equal singular values: more copies than a narrow block would find. */
const multiple = DenseMatrix.create(200, 110);
for (let j = 0; j < 110; j++) multiple.set(j, j, j < 8 ? 5 : 1 / (j + 1));

const cases = {
  tall: { X: tall, rank: 4 },
  wide: { X: dense(110, 400), rank: 3 },
  centred: { X: tall, rank: 4, centre: true },
  sparse: {
    X: CscMatrix.fromDense(
      DenseMatrix.fromColumnMajor(
        tall.data.map((v) => Math.max(0, v - 1)),
        300,
        120,
      ),
    ),
    rank: 3,
  },
  'of multiple singular values': { X: multiple, rank: 6 },
};

test('what the room exports: three methods, direct computations, and pieces of methods', () => {
  const names = Object.entries(room).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(names.sort()).toEqual([
    ...[
      'LanczosProcess',
      'ended',
      'generalisedEigen',
      'generalisedEigenSteps',
      'largestEigenvalueOf',
      'leadingEigenspace',
    ],
    ...['leadingEigenspaceSteps', 'lobpcg', 'lobpcgIterates', 'randomizedSvd', 'settle', 'splitRows', 'svdResiduals'],
    ...[
      'thickRestartLanczos',
      'thickRestartLanczosIterates',
      'truncatedSvd',
      'truncatedSvdAsync',
      'truncatedSvdIterates',
    ],
  ]);
});

describe.each(Object.entries(cases))('%s', (_, { X, ...options }) => {
  const tol = 1e-9;
  const solve = (more: Partial<TruncatedSvdOptions>) => truncatedSvd(X, { ...options, tol, ...more });
  const truthful = ({ U, V, singularValues, mean, solution }: ReturnType<typeof truncatedSvd>) => {
    const top = singularValues[0];
    const { left, right } = svdResiduals(X, { U, V, singularValues, mean });
    const relative = Math.max(...left, ...right) / top;
    // What a cycle estimates is the residual itself but for rounding.
    expect(Math.abs(relative - solution.certificate!.relative)).toBeLessThan(1e-3 * relative + 1e-12);
    expect(solution.status === 'converged').toBe(relative <= tol && solution.status !== 'aborted');
    expect(solution.next === undefined).toBe(finished(solution.status));
  };

  test('the status is the truth', () => {
    const normal = solve({});
    expect(normal.solution.status).toBe('converged');
    truthful(normal);
    const small = solve({ maxIter: 1 });
    expect(small.solution.status).toBe('iteration-limit');
    if (small.solution.certificate!.relative > tol) truthful(small);
    expect(solve({ signal: AbortSignal.abort() }).solution.status).toBe('aborted');
    const controller = new AbortController();
    const stopped = solve({
      signal: controller.signal,
      onIterate: ({ iteration }) => {
        if (iteration === 2) controller.abort();
      },
    });
    expect(stopped.solution.status).toBe(normal.solution.iterations > 2 ? 'aborted' : 'converged');
    expect(stopped.U.data.every(Number.isFinite)).toBe(true);
  });

  test('goes on from the first cycle, one in the middle and the last with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'svd', problem: '', iteration, state }));
    const whole = solve({ checkpoint: { save } });
    expect(states).toHaveLength(whole.solution.iterations - 1);
    for (const state of new Set([states[0], states[states.length >> 1], states.at(-1)!])) {
      const rest = solve({ resume: decodeCheckpoint<room.SvdState>(state).state });
      for (const name of ['U', 'V'] as const) expect(rest[name].data).toEqual(whole[name].data);
      expect(rest.singularValues).toEqual(whole.singularValues);
      expect(rest.solution.certificate).toEqual(whole.solution.certificate);
    }
  });
});

test('a generalised eigenproblem says how near its vectors came', () => {
  const n = 130;
  const A = new Float64Array(n * n);
  const B = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = random.normal();
    B[i * n + i] = 1 + random.uniform();
  }
  const { values, vectors, residual } = room.ended(generalisedEigenSteps(A, B, n, 3));
  expect(residual).toBeLessThanOrEqual(SETTLED);
  vectors.forEach((v, c) => {
    for (let i = 0; i < n; i++) {
      let off = -values[c] * B[i * n + i] * v[i];
      for (let j = 0; j < n; j++) off += A[i * n + j] * v[j];
      expect(Math.abs(off)).toBeLessThan(1e-8);
    }
  });
});

/** The Laplacian of a square, whose eigenvalues come in pairs. */
const square = (() => {
  const m = 22;
  const A = DenseMatrix.create(m * m, m * m);
  for (let i = 0; i < m * m; i++) {
    A.set(i, i, 4);
    if (i % m > 0) {
      A.set(i, i - 1, -1);
      A.set(i - 1, i, -1);
    }
    if (i >= m) {
      A.set(i, i - m, -1);
      A.set(i - m, i, -1);
    }
  }
  return { sparse: CscMatrix.fromDense(A), factor: cholesky(A), n: m * m };
})();
const side = (t: number) => 2 - 2 * Math.cos((t * Math.PI) / 23);
const spectrum = Array.from({ length: 22 * 22 }, (_, t) => side(1 + (t % 22)) + side(1 + Math.floor(t / 22))).sort(
  (a, b) => a - b,
);
const inverse = {
  rows: square.n,
  cols: square.n,
  apply: (x: Float64Array, y: Float64Array) => y.set(square.factor.solve(x)),
};
const mass = CscMatrix.fromTriplets(
  ...([square.n, square.n] as const),
  Array.from({ length: square.n }, (_, i) => i),
  Array.from({ length: square.n }, (_, i) => i),
  Array.from({ length: square.n }, () => 2),
);

type Eigen = LobpcgOptions & LanczosOptions & { readonly resume?: LobpcgState & LanczosState };
const eigenCases: Record<string, { method: (more: Eigen) => EigenPairs; exact: (c: number) => number; B?: number }> = {
  lobpcg: {
    method: (more) => lobpcg(square.sparse, 4, { tol: 1e-9, ...(more as LobpcgOptions) }),
    exact: (c) => spectrum[c],
  },
  'lobpcg, preconditioned': {
    method: (more) => {
      const preconditioner = algebraicMultigrid(square.sparse);
      return lobpcg(square.sparse, 4, { tol: 1e-9, preconditioner, ...(more as LobpcgOptions) });
    },
    exact: (c) => spectrum[c],
  },
  'lobpcg with B, the largest': {
    method: (more) => lobpcg(square.sparse, 3, { tol: 1e-9, B: mass, which: 'largest', ...(more as LobpcgOptions) }),
    exact: (c) => spectrum[spectrum.length - 1 - c] / 2,
    B: 2,
  },
  'thick-restart Lanczos': {
    method: (more) => thickRestartLanczos(square.sparse, 4, { tol: 1e-9, ...more }),
    exact: (c) => spectrum[spectrum.length - 1 - c],
  },
  'thick-restart Lanczos, the smallest': {
    method: (more) => thickRestartLanczos(square.sparse, 4, { tol: 1e-9, which: 'smallest', ...more }),
    exact: (c) => spectrum[c],
  },
  'thick-restart Lanczos, inverted': {
    method: (more) => thickRestartLanczos(square.sparse, 3, { tol: 1e-9, which: 'nearest', solve: inverse, ...more }),
    exact: (c) => spectrum[c],
  },
};

describe.each(Object.entries(eigenCases))('%s', (_, { method, exact, B = 1 }) => {
  const tol = 1e-9;
  /** The largest of ‖Ax − λBx‖ over (8 + |λ|·‖B‖)·‖x‖: 8 is no less than ‖A‖. */
  const worstOf = ({ values, vectors }: EigenPairs): number => {
    const image = new Float64Array(square.n);
    return values.reduce((worst, value, c) => {
      const x = vectors.column(c).slice();
      multiply(square.sparse, x, image);
      const residual = Math.hypot(...image.map((v, i) => v - value * B * x[i]));
      return Math.max(worst, residual / Math.hypot(...x) / (8 + Math.abs(value) * B));
    }, 0);
  };
  const truthful = (found: EigenPairs) => {
    const { solution, residuals } = found;
    // Norms are estimated from beneath, by more than half.
    const worst = worstOf(found);
    const claimed = Math.max(...residuals);
    expect(claimed).toBeGreaterThan(0.99 * worst - 1e-14);
    expect(claimed).toBeLessThan(2.2 * worst + 1e-14);
    expect(solution.certificate!.relative).toBeCloseTo(claimed, 12);
    expect(solution.next === undefined).toBe(finished(solution.status));
  };

  test('the status is the truth', () => {
    const normal = method({});
    expect(normal.solution.status).toBe('converged');
    truthful(normal);
    expect(worstOf(normal)).toBeLessThanOrEqual(tol);
    normal.values.forEach((v, c) => {
      expect(v).toBeCloseTo(exact(c), 9);
    });
    for (const maxIter of [0, 1, 2]) {
      const small = method({ maxIter });
      if (small.solution.iterations === normal.solution.iterations) continue;
      expect(small.solution.status).toBe('iteration-limit');
      truthful(small);
    }
    expect(method({ signal: AbortSignal.abort() }).solution.status).toBe('aborted');
    const none = method({ tol: 0 });
    expect(none.solution.status).toBe('stalled');
    truthful(none);
  });

  test('goes on from its boundaries with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'eigen', problem: '', iteration, state }));
    const whole = method({ checkpoint: { save } });
    expect(states.length).toBeGreaterThan(0);
    for (const at of new Set([0, Math.floor(states.length / 2), states.length - 1])) {
      if (at >= states.length) continue;
      const rest = method({ resume: decodeCheckpoint<LobpcgState & LanczosState>(states[at]).state });
      expect(rest.vectors.data).toEqual(whole.vectors.data);
      expect(rest.values).toEqual(whole.values);
      expect(rest.solution.iterations).toBe(whole.solution.iterations);
      expect(rest.solution.certificate).toEqual(whole.solution.certificate);
    }
  });
});
