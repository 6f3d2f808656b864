import type { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { refine, sparseLu } from '@southwell/numerics/sparse';
import { expect, test } from 'vitest';
import { type FactoriseOptions, solve } from './index.ts';
import { gridMatrix } from './testing.ts';

const least = (k: number) => 8 * Math.sin(Math.PI / (2 * (k + 1))) ** 2;
const symmetric: FactoriseOptions[] = [
  { method: 'cg', preconditioner: 'jacobi' },
  { method: 'cg', preconditioner: 'multigrid' },
  { method: 'minres', preconditioner: 'none' },
];
const general: FactoriseOptions[] = [
  { method: 'bicgstab', preconditioner: 'incomplete-lu' },
  { method: 'gmres', preconditioner: 'jacobi' },
];
const cases: ReadonlyArray<readonly [string, CscMatrix, FactoriseOptions[]]> = [
  ['diffusion', gridMatrix([34, 34]), symmetric],
  ['diffusion in space', gridMatrix([11, 11, 11]), symmetric],
  ['one that is well-conditioned', gridMatrix([34, 34], { shift: 3 }), symmetric],
  ['one that is nearly singular', gridMatrix([30, 30], { shift: -least(30) * (1 - 1e-5) }), symmetric.slice(2)],
  ['an indefinite one', gridMatrix([30, 30], { shift: -0.3 }), symmetric.slice(2)],
  ['flow', gridMatrix([34, 34], { convection: 0.4 }), general],
];

/** How far above the error the bound may be: far, if directions that amplify errors are hidden by chance. */
const above = (name: string) => (/singular/.test(name) ? 1e6 : 200);

test.each(cases)('%s: the error of iterations is bounded, not far above', (name, A, ways) => {
  const n = A.rows;
  const random = new Random(3);
  const rights = [
    Float64Array.from({ length: n }, () => random.normal()),
    new Float64Array(n).fill(1),
    Float64Array.from({ length: n }, (_, i) => (i === 17 ? 1 : 0)),
  ];
  const factor = sparseLu(A);
  const size = (x: Float64Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  for (const b of rights) {
    const exact = refine(A, factor, b).x;
    for (const tol of [1e-4, 1e-8]) {
      for (const way of ways) {
        const { x, status, forwardError } = solve(A, b, { ...way, tol, bounds: true });
        expect(status).toBe('converged');
        const error = size(x.map((v, i) => v - exact[i])) / size(x);
        expect(forwardError).toBeGreaterThan(error);
        expect(forwardError).toBeLessThan(above(name) * error);
        // The same bits as without the bound.
        expect(solve(A, b, { ...way, tol }).x).toEqual(x);
      }
    }
  }
});

test('what cannot be bounded is not, and zero needs no bound', () => {
  const A = gridMatrix([30, 30]);
  const b = new Float64Array(900).fill(1);
  const cg = { method: 'cg', preconditioner: 'jacobi', bounds: true } as const;
  expect(solve(A, b, { ...cg, maxIter: 3 })).toMatchObject({ status: 'iteration-limit' });
  expect(solve(A, b, { ...cg, maxIter: 3 }).forwardError).toBeUndefined();
  expect(solve(A, new Float64Array(900), cg).forwardError).toBe(0);
  expect(solve(A, b, { ...cg, bounds: false }).forwardError).toBeUndefined();
  for (const scale of [1e-150, 1e150]) {
    const far = solve(
      A,
      b.map((v) => v * scale),
      cg,
    );
    expect(far.forwardError).toBeCloseTo(solve(A, b, cg).forwardError!, 12);
  }
});
