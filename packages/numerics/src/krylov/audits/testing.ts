// Shared by the quick and the long audits of these methods. Not exported from the package.
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { decodeCheckpoint, encodeCheckpoint, Random } from '../../core/index.ts';
import { algebraicMultigrid } from '../../iterative/index.ts';
import { cholesky } from '../../linalg/index.ts';
import {
  type EigenPairs,
  type LanczosOptions,
  type LanczosState,
  type LobpcgOptions,
  type LobpcgState,
  lobpcg,
  type SvdState,
  type TruncatedSvdOptions,
  thickRestartLanczos,
  truncatedSvd,
} from '../index.ts';

const random = new Random(5);
export const dense = (rows: number, cols: number) => {
  const X = DenseMatrix.create(rows, cols);
  for (let at = 0; at < X.data.length; at++) X.data[at] = random.normal();
  return X;
};
export const tall = dense(300, 120);
/** Eight equal singular values: more copies than a narrow block would find. */
const multiple = DenseMatrix.create(200, 110);
for (let j = 0; j < 110; j++) multiple.set(j, j, j < 8 ? 5 : 1 / (j + 1));

export const cases = {
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

/** The Laplacian of a square, whose eigenvalues come in pairs. */
export const square = (() => {
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
export const spectrum = Array.from(
  { length: 22 * 22 },
  (_, t) => side(1 + (t % 22)) + side(1 + Math.floor(t / 22)),
).sort((a, b) => a - b);
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

export type Eigen = LobpcgOptions & LanczosOptions & { readonly resume?: LobpcgState & LanczosState };
export const eigenCases: Record<
  string,
  { method: (more: Eigen) => EigenPairs; exact: (c: number) => number; B?: number }
> = {
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

/** Tests that a truncated SVD resumes correctly from selected checkpoints of a run. */
export function svdGoesOn(which: (states: readonly string[]) => readonly string[]): void {
  describe.each(Object.entries(cases))('%s', (_, { X, ...options }) => {
    const solve = (more: Partial<TruncatedSvdOptions>) => truncatedSvd(X, { ...options, tol: 1e-9, ...more });
    test('goes on from its cycles with the same bits', () => {
      const states: string[] = [];
      const save = (state: unknown, iteration: number) =>
        states.push(encodeCheckpoint({ method: 'svd', problem: '', iteration, state }));
      const whole = solve({ checkpoint: { save } });
      expect(states).toHaveLength(whole.solution.iterations - 1);
      for (const state of new Set(which(states))) {
        const rest = solve({ resume: decodeCheckpoint<SvdState>(state).state });
        for (const name of ['U', 'V'] as const) expect(rest[name].data).toEqual(whole[name].data);
        expect(rest.singularValues).toEqual(whole.singularValues);
        expect(rest.solution.certificate).toEqual(whole.solution.certificate);
      }
    });
  });
}

/** Tests that eigenproblems resume correctly from selected checkpoints of a run. */
export function eigenGoesOn(which: (count: number) => readonly number[]): void {
  describe.each(Object.entries(eigenCases))('%s', (_, { method }) => {
    test('goes on from its boundaries with the same bits', () => {
      const states: string[] = [];
      const save = (state: unknown, iteration: number) =>
        states.push(encodeCheckpoint({ method: 'eigen', problem: '', iteration, state }));
      const whole = method({ checkpoint: { save } });
      expect(states.length).toBeGreaterThan(0);
      for (const at of new Set(which(states.length))) {
        if (at >= states.length) continue;
        const rest = method({ resume: decodeCheckpoint<LobpcgState & LanczosState>(states[at]).state });
        expect(rest.vectors.data).toEqual(whole.vectors.data);
        expect(rest.values).toEqual(whole.values);
        expect(rest.solution.iterations).toBe(whole.solution.iterations);
        expect(rest.solution.certificate).toEqual(whole.solution.certificate);
      }
    });
  });
}
