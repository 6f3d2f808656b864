import { expect, test } from 'vitest';
import { lu } from '../linalg/index.ts';
import { cg, optimalSorOmega, relaxIterates, sor, sorIterates, ssorPcg } from './index.ts';
import { draws, grid, line, norm, sparse, times, trueResidual } from './testing.ts';

test('sor at omega 1 is Gauss–Seidel step for step, and elsewhere over-relaxation', () => {
  const A = grid(5, 4);
  const b = draws(20);
  for (const omega of [1, 1.4]) {
    const x = new Float64Array(20);
    const dense = A.toDense();
    let step = 0;
    for (const iterate of sorIterates(A, b, { omega, tol: 0 })) {
      const point = iterate.snapshot();
      x.forEach((v, i) => {
        expect(point[i]).toBeCloseTo(v, 12);
      });
      if (++step > 12) break;
      for (let i = 0; i < 20; i++) {
        let s = b[i];
        for (let j = 0; j < 20; j++) s -= dense.get(i, j) * x[j];
        x[i] += (omega * s) / dense.get(i, i);
      }
    }
  }
});

test('the factors of sweeps are those of the model problem', () => {
  const n = 10;
  const A = grid(n);
  const b = draws(n * n);
  const beta = Math.cos(Math.PI / (n + 1));
  const best = 1 + (beta / (1 + Math.sqrt(1 - beta * beta))) ** 2;
  expect(optimalSorOmega(A)).toBeCloseTo(best, 9);
  // With a shift: that of learned SOR.
  const shifted = (4 * beta) / (4 + 0.3);
  expect(optimalSorOmega(grid(n, n, { shift: 0.3 }))).toBeCloseTo(
    1 + (shifted / (1 + Math.sqrt(1 - shifted ** 2))) ** 2,
    9,
  );
  const factorOf = (residuals: number[], from: number, to: number) =>
    (residuals[to] / residuals[from]) ** (1 / (to - from));
  const residuals = (method: Iterable<{ metrics?: Readonly<Record<string, number>> }>, count: number): number[] => {
    const out: number[] = [];
    for (const { metrics } of method) if (out.push(metrics!.residual) > count) break;
    return out;
  };
  const jacobi = residuals(relaxIterates(A, b, { sweep: 'jacobi', tol: 0 }), 300);
  expect(factorOf(jacobi, 200, 300)).toBeCloseTo(beta, 4);
  const seidel = residuals(relaxIterates(A, b, { tol: 0 }), 200);
  expect(factorOf(seidel, 100, 200)).toBeCloseTo(beta ** 2, 4);
  const backward = residuals(relaxIterates(A, b, { sweep: 'backward', tol: 0 }), 200);
  expect(factorOf(backward, 100, 200)).toBeCloseTo(beta ** 2, 4);
  // At ω* eigenvalues are defective: the factor is reached like k^(1/k).
  const relaxed = residuals(sorIterates(A, b, { omega: best, tol: 0 }), 50);
  expect(factorOf(relaxed, 30, 50)).toBeGreaterThan(best - 1 - 0.02);
  expect(factorOf(relaxed, 30, 50)).toBeLessThan(best - 1 + 0.04);
  // Above ω* all eigenvalues have the size ω − 1.
  const above = residuals(sorIterates(A, b, { omega: 1.8, tol: 0 }), 120);
  expect(factorOf(above, 40, 120)).toBeCloseTo(0.8, 1);
});

test('counts: reached, capped, diverged, and nothing to do', () => {
  const A = grid(12, 12, { shift: -0.05 });
  const b = draws(144, 3);
  const found = sor(A, b, { omega: 1.6 });
  expect(found.status).toBe('converged');
  expect(found.count).toBe(found.iterations);
  expect(trueResidual(A, found.point, b)).toBeLessThanOrEqual(1e-8);
  expect(found.certificate?.relative).toBeCloseTo(trueResidual(A, found.point, b), 14);
  const cut = sor(A, b, { omega: 1.6, maxIter: 5 });
  expect([cut.status, cut.count, cut.iterations]).toEqual(['iteration-limit', 5, 5]);
  expect(cut.certificate?.relative).toBeCloseTo(trueResidual(A, cut.point, b), 12);
  const wild = sor(
    sparse([
      [1, 3],
      [3, 1],
    ]),
    [1, 2],
  );
  expect([wild.status, wild.count]).toEqual(['diverged', 10_000]);
  expect(wild.next).toMatch(/not positive definite/);
  expect(wild.point.every(Number.isFinite)).toBe(true);
  const none = sor(A, new Float64Array(144));
  expect([none.status, none.iterations, none.count]).toEqual(['converged', 0, 1]);
  // From a start, relative to its residual.
  const x0 = draws(144, 5);
  const started = sor(A, b, { omega: 1.5, x0, tol: 1e-3 });
  const first = norm(times(A, x0).map((v, i) => b[i] - v));
  const last = norm(times(A, started.point).map((v, i) => b[i] - v));
  expect(last).toBeLessThanOrEqual(1e-3 * first);
  expect(sor(A, b, { x0: found.point, tol: 1 }).iterations).toBe(0);
});

test('what cannot be relaxed is refused by a sentence', () => {
  const A = line(3);
  for (const omega of [0, 2, -1, Number.NaN])
    expect(() => sor(A, [1, 1, 1], { omega })).toThrow(/omega must be above 0 and below 2/);
  expect(() =>
    sor(
      sparse([
        [1, 2],
        [3, 0],
      ]),
      [1, 1],
    ),
  ).toThrow(/0 in row 2/);
  expect(() => sor(A, [1, 2])).toThrow('b has 2 values, but A has 3 rows.');
  expect(() => sor(A, [1, Number.NaN, 1])).toThrow('b holds NaN in row 2.');
  expect(() =>
    optimalSorOmega(
      sparse([
        [1, 2],
        [2, 1],
      ]),
    ),
  ).toThrow(/spectral radius/);
  expect(() =>
    optimalSorOmega(
      sparse([
        [1, 2],
        [0, 1],
      ]),
    ),
  ).toThrow(/not symmetric/);
  expect(() =>
    optimalSorOmega(
      sparse([
        [1, 0],
        [0, -1],
      ]),
    ),
  ).toThrow(/row 2/);
  expect(optimalSorOmega(sparse([[5]]))).toBe(1);
});

test('conjugate gradients with SSOR solve as a direct method does', () => {
  const A = grid(9, 7);
  const b = draws(63, 9);
  const exact = lu(A.toDense()).solve(b);
  for (const omega of [0.5, 1, 1.5, 1.9]) {
    const { point, status } = ssorPcg(A, b, { omega, tol: 1e-10 });
    expect(status).toBe('converged');
    point.forEach((v, i) => {
      expect(Math.abs(v - exact[i])).toBeLessThan(1e-7);
    });
  }
  expect(ssorPcg(A, b, { x0: exact, tol: 1e-8 }).iterations).toBe(0);
  expect(ssorPcg(A, b, { omega: 1.5 }).iterations).toBeLessThan(cg(A, b).iterations);
});
