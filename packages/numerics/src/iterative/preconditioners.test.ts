import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { lu } from '../linalg/index.ts';
import type { Preconditioner } from '../operators/index.ts';
import { additiveSchwarz, blockJacobi, cg, gmres, incompleteCholesky, incompleteLu, jacobi, ssor } from './index.ts';
import { dot, draws, grid, norm, sparse, times, trueResidual } from './testing.ts';

const applied = (M: Preconditioner, r: ArrayLike<number>): Float64Array => {
  const z = new Float64Array(M.size);
  M.apply(Float64Array.from(r), z);
  return z;
};

/** M itself, from M⁻¹ column by column. */
function matrixOf(M: Preconditioner): Float64Array[] {
  const n = M.size;
  const inverse = Array.from({ length: n }, (_, j) =>
    applied(
      M,
      Float64Array.from({ length: n }, (_, i) => +(i === j)),
    ),
  );
  const factor = lu(
    DenseMatrix.fromColumnMajor(
      inverse.flatMap((c) => [...c]),
      n,
      n,
    ),
  );
  return Array.from({ length: n }, (_, j) => factor.solve(Float64Array.from({ length: n }, (_, i) => +(i === j))));
}

/** Symmetric, diagonally dominant, of a pattern without order. */
function scattered(n: number, each: number, seed: number, symmetric = true): CscMatrix {
  const random = draws(3 * n * each, seed);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let k = 0; k < n * each; k++) {
    const [i, j] = [0, 1].map((c) => Math.min(n - 1, Math.floor(((random[3 * k + c] + 1) / 2) * n)));
    if (i === j) continue;
    rows.push(i);
    cols.push(j);
    values.push(random[3 * k + 2]);
    if (!symmetric) continue;
    rows.push(j);
    cols.push(i);
    values.push(random[3 * k + 2]);
  }
  for (let i = 0; i < n; i++) {
    rows.push(i);
    cols.push(i);
    values.push(1.2 * each);
  }
  return CscMatrix.fromTriplets(n, n, rows, cols, values);
}

const A = grid(9, 8);
const n = A.rows;
const symmetric: Record<string, (A: CscMatrix) => Preconditioner> = {
  jacobi: (A) => jacobi(A),
  'ssor 0.3': (A) => ssor(A, 0.3),
  'ssor 1.7': (A) => ssor(A, 1.7),
  'IC(0)': (A) => incompleteCholesky(A),
  'IC, few': (A) => incompleteCholesky(A, { fill: 1, dropTolerance: 0.05 }),
  'IC, many': (A) => incompleteCholesky(A, { dropTolerance: 1e-4, fill: 20 }),
  'block Jacobi': (A) => blockJacobi(A, { blockSize: 5 }),
  Schwarz: (A) => additiveSchwarz(A, { subdomains: 4, overlap: 1 }),
};

describe.each(Object.entries(symmetric))('%s', (_, make) => {
  test.each([
    ['a grid', A],
    ['a pattern without order', scattered(60, 4, 7)],
  ])('is symmetric positive definite and helps cg on %s', (_, A) => {
    const M = make(A);
    expect([M.size, M.symmetric]).toEqual([A.rows, true]);
    for (let seed = 1; seed < 6; seed++) {
      const [y, z] = [draws(A.rows, seed), draws(A.rows, seed + 50)];
      const [My, Mz] = [applied(M, y), applied(M, z)];
      expect(Math.abs(dot(My, z) - dot(y, Mz))).toBeLessThan(1e-13 * norm(My) * norm(z));
      expect(dot(My, y)).toBeGreaterThan(0);
    }
    const b = draws(A.rows, 4);
    const solution = cg(A, b, { preconditioner: M, tol: 1e-10 });
    expect(solution.status).toBe('converged');
    expect(trueResidual(A, solution.point, b)).toBeLessThanOrEqual(1e-10);
    expect(solution.iterations).toBeLessThanOrEqual(cg(A, b, { tol: 1e-10 }).iterations + 1);
  });
});

test('SSOR is the matrix that its formula says', () => {
  for (const omega of [0.7, 1, 1.6]) {
    const dense = A.toDense();
    const factor = (i: number, k: number) => (i < k ? 0 : (i > k ? omega : 1) * dense.get(i, k));
    const M = matrixOf(ssor(A, omega));
    for (let i = 0; i < n; i += 5) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (factor(i, k) * factor(j, k)) / dense.get(k, k);
        expect(M[j][i]).toBeCloseTo(sum / (omega * (2 - omega)), 10);
      }
    }
  }
});

test.each([
  ['a grid', A],
  ['a pattern without order', scattered(60, 4, 3)],
])('IC(0) and ILU(0) agree with A on its pattern: %s', (_, A) => {
  for (const M of [matrixOf(incompleteCholesky(A)), matrixOf(incompleteLu(A))]) {
    const { colPointers, rowIndices, values } = A;
    for (let j = 0; j < A.cols; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) expect(M[j][rowIndices[k]]).toBeCloseTo(values[k], 10);
    }
  }
});

test('ILU(0) of a matrix without symmetry agrees with it on its pattern', () => {
  const B = scattered(50, 5, 11, false);
  const M = matrixOf(incompleteLu(B));
  let off = 0;
  for (let j = 0; j < 50; j++) {
    for (let k = B.colPointers[j]; k < B.colPointers[j + 1]; k++) {
      expect(M[j][B.rowIndices[k]]).toBeCloseTo(B.values[k], 9);
    }
    const column = times(
      B,
      Float64Array.from({ length: 50 }, (_, i) => +(i === j)),
    );
    off = Math.max(off, ...column.map((v, i) => Math.abs(v - M[j][i])));
  }
  expect(off).toBeGreaterThan(1e-3);
});

test('with all fill the factors are exact, and drop tolerances trade entries for steps', () => {
  const b = draws(n, 8);
  for (const M of [
    incompleteCholesky(A, { fill: n, dropTolerance: 0 }),
    incompleteLu(A, { fill: n, dropTolerance: 0 }),
  ]) {
    expect(trueResidual(A, applied(M, b), b)).toBeLessThan(1e-13);
  }
  const big = grid(30);
  const rhs = draws(900, 2);
  const runs = [0.3, 0.03, 0.003].map((dropTolerance) => {
    const M = incompleteCholesky(big, { dropTolerance, fill: 30 });
    return [M.entries, cg(big, rhs, { preconditioner: M }).iterations];
  });
  for (let k = 1; k < 3; k++) {
    expect(runs[k][0]).toBeGreaterThan(runs[k - 1][0]);
    expect(runs[k][1]).toBeLessThan(runs[k - 1][1]);
  }
  const lus = [0.3, 0.003].map((dropTolerance) => {
    const M = incompleteLu(grid(30, 30, { drift: 0.5 }), { dropTolerance, fill: 30 });
    return gmres(grid(30, 30, { drift: 0.5 }), rhs, { preconditioner: M }).iterations;
  });
  expect(lus[1]).toBeLessThan(lus[0]);
  // No more than what was asked for.
  expect(incompleteCholesky(big, { fill: 0, dropTolerance: 0 }).entries).toBeLessThanOrEqual(big.nnz - 900);
});

test('a breakdown of IC is mended by a shift, which is reported', () => {
  // Kershaw's matrix (1978): positive definite, but not its incomplete factor.
  const kershaw = sparse([
    [3, -2, 0, 2],
    [-2, 3, -2, 0],
    [0, -2, 3, -2],
    [2, 0, -2, 3],
  ]);
  const M = incompleteCholesky(kershaw);
  expect(M.shift).toBeGreaterThan(0);
  const { status, point } = cg(kershaw, [1, 2, 3, 4], { preconditioner: M });
  expect(status).toBe('converged');
  expect(trueResidual(kershaw, point, [1, 2, 3, 4])).toBeLessThan(1e-8);
  expect(incompleteCholesky(A).shift).toBe(0);
  expect(incompleteCholesky(A, { shift: 0.1 }).shift).toBe(0.1);
});

test('blocks and subdomains as they are given', () => {
  const blocks = [Array.from({ length: 40 }, (_, i) => i), Array.from({ length: 32 }, (_, i) => 40 + i)];
  const b = draws(n, 6);
  const block = blockJacobi(A, { blocks });
  const schwarz = additiveSchwarz(A, { subdomains: blocks, overlap: 0 });
  applied(block, b).forEach((v, i) => {
    expect(applied(schwarz, b)[i]).toBeCloseTo(v, 12);
  });
  expect(trueResidual(A, applied(blockJacobi(A, { blockSize: 100 }), b), b)).toBeLessThan(1e-13);
  expect(trueResidual(A, applied(additiveSchwarz(A, { subdomains: 1 }), b), b)).toBeLessThan(1e-13);
  const steps = [0, 1, 3].map(
    (overlap) => cg(A, b, { preconditioner: additiveSchwarz(A, { subdomains: 4, overlap }) }).iterations,
  );
  expect(steps[2]).toBeLessThan(steps[0]);
  const restricted = additiveSchwarz(A, { subdomains: 4, restricted: true });
  expect(restricted.symmetric).toBe(false);
  expect(() => cg(A, b, { preconditioner: restricted })).toThrow(/symmetric positive definite preconditioner/);
  expect(gmres(A, b, { preconditioner: restricted }).iterations).toBeLessThan(gmres(A, b).iterations);
  expect(additiveSchwarz(grid(40), {}).subdomains).toBe(4);
  // A matrix in two pieces.
  const pieces = sparse([
    [2, 0],
    [0, 3],
  ]);
  expect(Array.from(applied(additiveSchwarz(pieces, { subdomains: 1 }), [2, 3]))).toEqual([1, 1]);
  const rotation = blockJacobi(
    sparse([
      [0, 1],
      [-1, 0],
    ]),
    { blockSize: 2 },
  );
  expect(rotation.symmetric).toBe(false);
  expect(Array.from(applied(rotation, [3, 5]))).toEqual([-5, 3]);
});

test('scales of 10^±150 leave no mark', () => {
  const b = draws(n, 6);
  const steps = cg(A, b, { preconditioner: incompleteCholesky(A) }).iterations;
  for (const scale of [1e150, 1e-150]) {
    const B = CscMatrix.fromColumns(
      n,
      n,
      A.colPointers,
      A.rowIndices,
      A.values.map((v) => v * scale),
    );
    for (const M of [incompleteCholesky(B), ssor(B), jacobi(B), incompleteCholesky(B, { dropTolerance: 0.01 })]) {
      expect(cg(B, b, { preconditioner: M }).status).toBe('converged');
    }
    expect(cg(B, b, { preconditioner: incompleteCholesky(B) }).iterations).toBe(steps);
    expect(gmres(B, b, { preconditioner: incompleteLu(B) }).status).toBe('converged');
  }
});

test('what cannot be factored is refused with its place', () => {
  const zero = sparse([
    [2, 1],
    [1, 0],
  ]);
  for (const make of [() => jacobi(zero), () => ssor(zero), () => incompleteCholesky(zero)])
    expect(make).toThrow(/row 2/);
  expect(() =>
    incompleteLu(
      sparse([
        [0, 1],
        [1, 0],
      ]),
    ),
  ).toThrow(/pivot 0 in row 1/);
  expect(() =>
    blockJacobi(
      sparse([
        [1, 1],
        [1, 1],
      ]),
    ),
  ).toThrow(/block with row 1 is singular/);
  expect(() => blockJacobi(A, { blocks: [[0, 1]] })).toThrow(/omits row 3/);
  expect(() => blockJacobi(A, { blocks: [[0, 0]] })).toThrow(/row 1 twice/);
  expect(() => additiveSchwarz(A, { subdomains: [[0], [99]] })).toThrow(/row 100/);
  expect(() =>
    incompleteCholesky(
      sparse([
        [1, 2],
        [0, 1],
      ]),
    ),
  ).toThrow(/not symmetric: 0 in row 2, column 1|2 in row 1/);
  expect(() =>
    incompleteCholesky(
      sparse([
        [1, Number.NaN],
        [Number.NaN, 1],
      ]),
    ),
  ).toThrow(/NaN/);
  expect(() => incompleteCholesky(A, { dropTolerance: -1 })).toThrow(/dropTolerance/);
  expect(() => jacobi([[1, 2]])).toThrow(/square/);
  const M = incompleteCholesky(A);
  M.free();
  M.free();
  expect(() => applied(M, draws(n))).toThrow(/freed/);
});
