import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { eigen } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diameter } from './connected.ts';
import { factorise, matrixFacts } from './index.ts';
import { gridMatrix } from './testing.ts';

const sparse = (rows: number[][]) => CscMatrix.fromDense(DenseMatrix.fromRows(rows));

test('a diffusion on a grid', () => {
  expect(matrixFacts(gridMatrix([5, 4]))).toEqual({
    ...{ rows: 20, cols: 20, entries: 82, largest: 4, bandwidth: 5, structuralRank: 20, components: 1 },
    ...{ asymmetry: 0, symmetric: true, symmetricPattern: true },
    diagonal: { positive: 20, negative: 0, zero: 0 },
    ...{ dominance: 'weak', zMatrix: true, mMatrix: true, dominantDefinite: true, nullComponents: 0 },
  });
  const closed = matrixFacts(gridMatrix([5, 4], { neumann: true }));
  expect(closed).toMatchObject({ nullComponents: 1, mMatrix: false, dominantDefinite: false, dominance: 'weak' });
  const flowing = matrixFacts(gridMatrix([5, 4], { convection: 0.3 }));
  expect(flowing).toMatchObject({ symmetric: false, symmetricPattern: true, mMatrix: true, dominantDefinite: false });
  expect(flowing.asymmetry).toBeCloseTo(0.6 / 4, 12);
});

test('parts, one of them singular; shapes; nothing', () => {
  const two = matrixFacts(
    sparse([
      [1, -1, 0, 0],
      [-1, 1, 0, 0],
      [0, 0, 2, -1],
      [0, 0, -1, 1],
    ]),
  );
  expect(two).toMatchObject({ components: 2, nullComponents: 1, mMatrix: false });
  const wide = matrixFacts(sparse([[1, 0, 2]]));
  expect(wide).toMatchObject({ rows: 1, cols: 3, symmetric: false, components: undefined, structuralRank: 1 });
  expect(matrixFacts(CscMatrix.create(0, 0, 0))).toMatchObject({ entries: 0, symmetric: true, structuralRank: 0 });
  expect(matrixFacts(sparse([[0]]))).toMatchObject({ diagonal: { zero: 1 }, structuralRank: 0, dominance: 'weak' });
  expect(
    matrixFacts(
      sparse([
        [1e300, 1e300],
        [-1e300, 1e300],
      ]),
    ).asymmetry,
  ).toBe(2);
});

test('what is proven to be an M-matrix has eigenvalues to the right of 0, and what is not has 0', () => {
  const values = fc.array(fc.array(fc.constantFrom(0, 0, -1, -0.5, -2), { minLength: 4, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  });
  let seen = 0;
  fc.assert(
    fc.property(values, fc.array(fc.constantFrom(0, 0, 0.5), { minLength: 4, maxLength: 4 }), (off, more) => {
      const rows = off.map((row, i) => {
        const others = row.reduce<number>((sum, v, j) => sum + (i === j ? 0 : -v), 0);
        return row.map((v, j) => (i === j ? others + more[i] || 1 : v));
      });
      const A = sparse(rows);
      const { mMatrix, dominance } = matrixFacts(A);
      expect(dominance).not.toBe('none');
      const { real } = eigen(A.toDense(), { vectors: false });
      const least = real.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      if (mMatrix) {
        seen++;
        expect(least).toBeGreaterThan(1e-9);
      } else expect(least).toBeLessThan(1e-6);
    }),
    { numRuns: 200 },
  );
  expect(seen).toBeGreaterThan(20);
});

test('the way across is the sum of the sides of a grid, and decides between incomplete factors and multigrid, as lines do', () => {
  expect(diameter(gridMatrix([7, 4]))).toBe(9);
  expect(diameter(gridMatrix([5, 4, 3]))).toBe(9);
  expect(diameter(gridMatrix([6, 1]))).toBe(5);
  // Of two parts that of the middle row.
  expect(
    diameter(
      sparse([
        [1, 0, 0, 0],
        [0, 1, 1, 0],
        [0, 1, 1, 1],
        [0, 0, 1, 1],
      ]),
    ),
  ).toBe(2);
  const chosen = (sides: readonly number[], anisotropy = 1) => {
    const A = gridMatrix(sides, { anisotropy });
    const system = factorise(A);
    const b = Float64Array.from({ length: A.rows }, (_, i) => 1 + Math.sin(1.3 * i));
    expect(system.solve(b, { tol: 1e-8 }).status).toBe('converged');
    const { preconditioner } = system;
    system.free();
    return preconditioner;
  };
  expect(chosen([60, 60])).toBe('incomplete-cholesky');
  expect(chosen([160, 160])).toBe('multigrid');
  // Along lines factors are nearly exact.
  expect(chosen([160, 160], 1e-3)).toBe('incomplete-cholesky');
});
