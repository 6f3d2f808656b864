import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { decodeCheckpoint, encodeCheckpoint, finished, Random } from '../core/index.ts';
import * as room from './index.ts';
import { generalisedEigenSteps, SETTLED, svdResiduals, type TruncatedSvdOptions, truncatedSvd } from './index.ts';

/** The one method of the room that is run, on each shape of data, and what the pieces of others say of their ends. */

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

test('what the room exports: one method, direct computations, and pieces of methods', () => {
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
    ...['leadingEigenspaceSteps', 'randomizedSvd', 'settle', 'splitRows', 'svdResiduals'],
    ...['truncatedSvd', 'truncatedSvdAsync', 'truncatedSvdIterates'],
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

  test('goes on from every cycle with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'svd', problem: '', iteration, state }));
    const whole = solve({ checkpoint: { save } });
    expect(states).toHaveLength(whole.solution.iterations - 1);
    for (const state of states) {
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
