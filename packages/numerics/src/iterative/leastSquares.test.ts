import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { finished } from '../core/index.ts';
import { qr, svd } from '../linalg/index.ts';
import { lsmr, lsmrIterates, lsqr, lsqrIterates } from './index.ts';
import { draws, grid, norm, sparse, times, trueResidual } from './testing.ts';

const random = (m: number, n: number, seed: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(draws(m * n, seed), m, n);

/** Aᵀ(b − Ax) − damp²x. */
function gradient(A: DenseMatrix, x: Float64Array, b: ArrayLike<number>, damp = 0): Float64Array {
  const r = times(A, x).map((v, i) => b[i] - v);
  return Float64Array.from(
    { length: A.cols },
    (_, j) => A.column(j).reduce((s, v, i) => s + v * r[i], 0) - damp ** 2 * x[j],
  );
}

const exact = { atol: 1e-13, btol: 1e-13 };

describe.each([
  ['lsqr', lsqr],
  ['lsmr', lsmr],
] as const)('%s', (_, solve) => {
  test('random problems of all shapes, damped or not: what QR gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(0, 0.5),
        (m, n, seed, damp) => {
          const A = random(m, n, seed);
          const b = draws(m, seed + 1);
          const { status, point, certificate } = solve(CscMatrix.fromDense(A), b, { ...exact, damp, maxIter: 2000 });
          const size = norm(A.data) * norm(b);
          if (status === 'converged')
            expect(norm(gradient(A, point, b, damp))).toBeLessThan(1e-9 * size * (1 + norm(point)));
          expect(certificate).toBeDefined();
          if (damp > 0) expect(status).toBe('converged');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('least squares of a long matrix, of least norm of a wide one', () => {
    const A = random(30, 8, 3);
    const b = draws(30, 4);
    const long = solve(A, b, exact);
    expect(long.status).toBe('converged');
    expect(long.certificate?.kind).toBe('normalResidual');
    const best = qr(A).leastSquares(b);
    long.point.forEach((v, j) => {
      expect(v).toBeCloseTo(best[j], 10);
    });
    const W = random(6, 20, 5);
    const wide = solve(W, b.slice(0, 6), exact);
    expect(wide.certificate?.kind).toBe('residual');
    expect(trueResidual(W, wide.point, b.slice(0, 6))).toBeLessThan(1e-12);
    const { U, singularValues, V } = svd(W);
    const least = new Float64Array(20);
    for (let k = 0; k < 6; k++) {
      const c = U.column(k).reduce((s, v, i) => s + v * b[i], 0) / singularValues[k];
      for (let j = 0; j < 20; j++) least[j] += c * V.get(j, k);
    }
    wide.point.forEach((v, j) => {
      expect(v).toBeCloseTo(least[j], 9);
    });
    expect(long.metrics!.condition).toBeGreaterThan(0.9);
  });

  test('columns that repeat, and systems without a solution', () => {
    const A = [
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const { status, point, certificate } = solve(A, [1, 3, 7], exact);
    expect([status, certificate?.kind]).toEqual(['converged', 'normalResidual']);
    expect(point[0]).toBeCloseTo(1, 12);
    expect(point[1]).toBeCloseTo(1, 12);
    // Orthogonal to every column.
    const none = solve(A, [0, 0, 5]);
    expect([none.status, none.iterations, norm(none.point)]).toEqual(['converged', 0, 0]);
    expect(solve(A, [0, 0, 0]).iterations).toBe(0);
    expect(solve(CscMatrix.create(3, 0, 0), [1, 2, 3]).status).toBe('converged');
    expect(solve(CscMatrix.create(0, 2, 0), []).point).toEqual(new Float64Array(2));
    expect(solve([[0]], [1]).point[0]).toBe(0);
  });

  test('never says more than is true', () => {
    const A = random(40, 25, 8);
    const b = draws(40, 2);
    const controller = new AbortController();
    controller.abort();
    const runs = [
      solve(A, b),
      solve(A, b, { maxIter: 3 }),
      solve(A, b, { signal: controller.signal }),
      solve(A, b, { atol: 0, btol: 0, maxIter: 1000 }),
    ];
    expect(runs.map(({ status }) => status)).toEqual(['converged', 'iteration-limit', 'aborted', 'stalled']);
    for (const { status, certificate, point, next, metrics } of runs) {
      const truth = norm(gradient(A, point, b));
      expect(Math.abs(certificate!.value - truth)).toBeLessThan(1e-12 + 1e-9 * truth);
      expect(finished(status) || !!next).toBe(true);
      if (status === 'converged') {
        // The norm is estimated from below.
        const r = norm(times(A, point).map((v, i) => b[i] - v));
        expect(truth).toBeLessThanOrEqual(1e-8 * norm(A.data) * r * 1.5);
        expect(metrics!.norm).toBeLessThan(1.5 * norm(A.data));
      }
    }
    const limited = solve(A, b, { conditionLimit: 1.5 });
    expect([limited.status, /damp/.test(limited.next ?? '')]).toEqual(['stalled', true]);
  });

  test('starts elsewhere, and bears 10^±150', () => {
    const A = random(20, 6, 8);
    const b = draws(20, 2);
    const { point, iterations } = solve(A, b, { atol: 1e-12, damp: 0.3 });
    const other = solve(A, b, { atol: 1e-12, damp: 0.3, x0: draws(6, 5) });
    other.point.forEach((v, j) => {
      expect(v).toBeCloseTo(point[j], 9);
    });
    expect(solve(A, b, { atol: 1e-9, damp: 0.3, x0: point }).iterations).toBeLessThanOrEqual(iterations);
    for (const scale of [1e150, 1e-150]) {
      const B = DenseMatrix.fromColumnMajor(
        A.data.map((v) => v * scale),
        20,
        6,
      );
      const scaled = solve(
        B,
        b.map((v) => v * scale),
        { atol: 1e-12, damp: 0.3 * scale },
      );
      expect(scaled.status).toBe('converged');
      scaled.point.forEach((v, j) => {
        expect(v).toBeCloseTo(point[j], 9);
      });
    }
  });

  test('refusals', () => {
    expect(() => solve(sparse([[1, 2]]), [1, 2])).toThrow('b has 2 values, but A has 1 rows.');
    expect(() => solve(sparse([[1, 2]]), [1], { x0: [1] })).toThrow('x0 has 1 values, but A has 2 columns.');
    expect(() => solve([[1, Number.NaN]], [1])).toThrow(/NaN in row 1, column 2/);
    expect(() => solve([[1]], [1], { damp: -1 })).toThrow(/damp/);
    expect(() => solve({ rows: 1, cols: 1, apply: (x, y) => y.set(x) }, [1])).toThrow(/applyTransposed/);
    expect(() => solve([[1]], [1], { tol: 1 } as object)).toThrow(/no option 'tol'/);
  });
});

test('‖r‖ falls in every step of LSQR, ‖Aᵀr‖ in every step of LSMR', () => {
  const A = grid(9, 9, { drift: 0.4 });
  const D = A.toDense();
  const b = draws(81, 3);
  const along = (
    method: Iterable<{ snapshot(): Float64Array; iteration: number }>,
    size: (x: Float64Array) => number,
  ) => {
    const out: number[] = [];
    for (const { snapshot, iteration } of method) {
      if (iteration > 25) break;
      out.push(size(snapshot()));
    }
    return out;
  };
  const residuals = along(lsqrIterates(A, b, exact), (x) => trueResidual(A, x, b));
  const gradients = along(lsmrIterates(A, b, exact), (x) => norm(gradient(D, x, b)));
  for (const list of [residuals, gradients]) {
    expect(list.length).toBeGreaterThan(20);
    for (let k = 1; k < list.length; k++) expect(list[k]).toBeLessThan(list[k - 1] * (1 + 1e-10));
  }
});
