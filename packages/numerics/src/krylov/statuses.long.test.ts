import { describe, expect, test } from 'vitest';
import { finished, Random } from '../core/index.ts';
import { multiply } from '../linalg/index.ts';
import { cases, eigenCases, eigenGoesOn, square, svdGoesOn } from './audits/testing.ts';
import * as room from './index.ts';
import {
  type EigenPairs,
  generalisedEigenSteps,
  SETTLED,
  svdResiduals,
  type TruncatedSvdOptions,
  truncatedSvd,
} from './index.ts';

/** The methods of the room that are run, on each shape of data, and what the pieces of others say of their ends. */

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

// The first, one in the middle and the last; all: audit.long.test.ts.
svdGoesOn((states) => [states[0], states[states.length >> 1], states.at(-1)!]);
eigenGoesOn((count) => [0, Math.floor(count / 2), count - 1]);

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
});

test('a generalised eigenproblem says how near its vectors came', () => {
  const random = new Random(6);
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
});
