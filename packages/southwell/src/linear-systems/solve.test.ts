import { Arena, ArenaMemoryError } from '@southwell/kernels';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random } from '@southwell/numerics/core';
import { lu, multiply } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Factorisation, type FactoriseOptions, factorise, METHODS, type SystemMethod, solve } from './index.ts';
import { gridMatrix } from './testing.ts';

const random = new Random(1);
const vector = (n: number) => Float64Array.from({ length: n }, () => random.normal());
const image = (A: CscMatrix, x: Float64Array) => {
  const b = new Float64Array(A.rows);
  multiply(A, x, b);
  return b;
};
const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((v, i) => v - b[i])) / Math.hypot(...b);

describe('which solver is chosen, and what it comes to', () => {
  const cases: ReadonlyArray<readonly [string, CscMatrix, SystemMethod, string]> = [
    ['a tiny grid', gridMatrix([9, 9]), 'cholesky', 'none'],
    ['a small grid', gridMatrix([35, 35]), 'cg', 'ssor'],
    ['a large grid', gridMatrix([120, 120]), 'cg', 'multigrid'],
    ['a well-conditioned one', gridMatrix([120, 120], { shift: 2 }), 'cg', 'jacobi'],
    ['a chain', gridMatrix([3000]), 'cholesky', 'none'],
    ['a little flow', gridMatrix([9, 9], { convection: 0.4 }), 'lu', 'none'],
    ['much flow', gridMatrix([80, 80], { convection: 0.4 }), 'bicgstab', 'incomplete-lu'],
    ['a shifted grid', gridMatrix([60, 60], { shift: -1.234 }), 'ldlt', 'none'],
  ];
  test.each(cases)('%s', (_, A, method, preconditioner) => {
    const x = Float64Array.from({ length: A.cols }, (_, i) => 1 + Math.sin(i / 40));
    const found = solve(A, image(A, x));
    expect([found.status, found.kind]).toEqual(['converged', 'solution']);
    expect(found.residual).toBeLessThan(2e-10);
    expect(distance(found.x, x)).toBeLessThan(1e-5);
    expect([found.method, found.preconditioner]).toEqual([method, preconditioner]);
  });
});

test('any square matrix is solved as dense factors solve it, or is singular for both', () => {
  const entry = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -4, max: 4 }));
  const matrix = fc
    .integer({ min: 1, max: 7 })
    .chain((n) =>
      fc.tuple(fc.boolean(), fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: n, maxLength: n })),
    );
  fc.assert(
    fc.property(matrix, ([mirrored, rows]) => {
      const n = rows.length;
      const full = mirrored ? rows.map((row, i) => row.map((v, j) => (i <= j ? v : rows[j][i]))) : rows;
      const dense = DenseMatrix.fromRows(full);
      const factor = lu(dense);
      const regular = factor.reciprocalCondition() > 1e-12;
      const b = Float64Array.from({ length: n }, (_, i) => i + 1);
      const found = solve(dense, b, { bounds: true });
      expect(found.residual <= 1e-8 || found.kind === 'least-squares').toBe(true);
      if (regular) {
        const exact = factor.solve(b);
        expect(found.kind).toBe('solution');
        expect(Math.max(...found.x.map((v, i) => Math.abs(v - exact[i])))).toBeLessThan(
          1e-9 * Math.max(...exact.map(Math.abs)),
        );
      } else if (found.kind === 'least-squares') expect(found.normalResidual).toBeLessThan(1e-9);
    }),
    { numRuns: 300 },
  );
});

test('a singular matrix of integers whose scaled pivot is a rounding error has no solution', () => {
  const A = DenseMatrix.fromRows([
    [-1, 0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 4, 0, -2],
    [0, 0, 0, -1, 1, 0, 0],
    [0, 0, 0, 0, 0, -1, 0],
    [4, 1, -3, 0, 3, 0, 0],
    [0, 0, -1, 0, 0, -1, 0],
    [1, -1, 0, 0, 0, 0, -4],
  ]);
  const found = solve(A, [1, 2, 3, 4, 5, 6, 7], { bounds: true });
  expect([found.status, found.kind]).toEqual(['infeasible', 'least-squares']);
  expect(factorise(A).rank).toBe(6);
});

test('every method that takes the matrix comes to the same', () => {
  const A = gridMatrix([12, 11], { anisotropy: 0.3 });
  const x = vector(A.cols);
  const b = image(A, x);
  for (const method of Object.keys(METHODS) as SystemMethod[]) {
    const found = solve(A, b, { method, tol: 1e-12 });
    expect(found.status, method).toBe('converged');
    expect(distance(found.x, x), method).toBeLessThan(1e-6);
  }
});

test('anisotropy across the grid, with positive entries beside the diagonal: incomplete factors before exact ones', () => {
  const [k, eps]: [number, number] = [100, 1e-3];
  // −∇·K∇u with K's axes at 45°, nine points.
  const [along, across] = [(1 + eps) / 2, (1 - eps) / 2];
  const [rows, cols, values]: number[][] = [[], [], []];
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      for (let di = -1; di <= 1; di++) {
        for (let dj = -1; dj <= 1; dj++) {
          if (i + di < 0 || j + dj < 0 || i + di >= k || j + dj >= k) continue;
          rows.push(i * k + j);
          cols.push((i + di) * k + j + dj);
          values.push(di === 0 && dj === 0 ? 4 * along : di === 0 || dj === 0 ? -along : (-di * dj * across) / 2);
        }
      }
    }
  }
  const A = CscMatrix.fromTriplets(k * k, k * k, rows, cols, values);
  const x = vector(k * k);
  const system = factorise(A);
  const found = system.solve(image(A, x));
  expect([found.status, found.method, found.preconditioner]).toEqual(['converged', 'cg', 'incomplete-cholesky']);
  expect(distance(found.x, x)).toBeLessThan(1e-6);
});

describe('what has no solution, many, or is no matrix', () => {
  const rows = (...values: number[][]) => DenseMatrix.fromRows(values);

  test('singular: one of many solutions, or least squares', () => {
    const A = rows([1, 2, 3], [4, 5, 6], [7, 8, 9]);
    const one = solve(A, [6, 15, 24]);
    expect([one.status, one.kind, one.method]).toEqual(['converged', 'solution', 'qr']);
    expect(one.residual).toBeLessThan(1e-14);
    const none = solve(A, [6, 15, 25]);
    expect([none.status, none.kind]).toEqual(['infeasible', 'least-squares']);
    // b minus its part along (1, −2, 1), which is all that A does not reach.
    expect(none.residual).toBeCloseTo(1 / Math.sqrt(6) / Math.hypot(6, 15, 25), 12);
    expect(none.next).toMatch(/no solution/);
    const system = factorise(A);
    expect([system.rank, system.determinant(), system.condition()]).toEqual([2, undefined, undefined]);
    expect(system.tried.join()).toMatch(/the matrix is singular/);
  });

  test('a Laplacian without a boundary: the solution of mean 0, and what b must not have', () => {
    for (const sides of [
      [6, 5],
      [60, 50],
    ]) {
      const A = gridMatrix(sides, { neumann: true });
      const x = vector(A.cols);
      const mean = x.reduce((a, b) => a + b, 0) / x.length;
      const b = image(A, x);
      for (const method of ['auto', 'cholesky'] as const) {
        const found = solve(A, b, { method, tol: 1e-12 });
        expect([found.status, found.kind]).toEqual(['converged', 'solution']);
        expect(
          distance(
            found.x,
            x.map((v) => v - mean),
          ),
        ).toBeLessThan(1e-8);
      }
      const shifted = solve(
        A,
        b.map((v) => v + 1),
      );
      expect([shifted.status, shifted.kind]).toEqual(['infeasible', 'least-squares']);
      expect(shifted.normalResidual).toBeLessThan(1e-10);
      expect(factorise(A).rank).toBe(A.cols - 1);
    }
  });

  test('rectangular: least squares and the shortest', () => {
    const tall = solve(rows([1, 0], [0, 1], [1, 1]), [1, 2, 3.5]);
    expect([tall.status, tall.kind]).toEqual(['converged', 'least-squares']);
    expect(tall.x[0]).toBeCloseTo(7 / 6, 13);
    expect(tall.x[1]).toBeCloseTo(13 / 6, 13);
    const wide = solve(rows([1, 1, 1]), [3]);
    expect(Array.from(wide.x, (v) => Math.round(v * 1e12) / 1e12)).toEqual([1, 1, 1]);
    for (const method of ['qr', 'lsmr'] as const) {
      expect(solve(rows([1, 0], [0, 1], [1, 1]), [1, 2, 3], { method }).kind).toBe('solution');
    }
  });

  test('rectangular and large: a few steps if that is sufficient, QR factors otherwise', () => {
    // Rows of a unit matrix, four each with a random one beside it: well-conditioned. Differences of neighbours: not.
    const [n, cells]: [number, Array<[number, number, number]>] = [4000, []];
    for (let i = 0; i < 4 * n; i++) {
      cells.push([i, i % n, 1]);
      cells.push([i, (7 * i + 3) % n, 0.3 * random.normal()]);
    }
    const chain = Array.from({ length: 3 * n - 1 }, (_, i) => [
      [i, Math.floor(i / 3) + 1, 1 + (i % 3)] as const,
      [i, Math.floor(i / 3), -1 - (i % 3)] as const,
    ]).flat();
    chain.push([3 * n - 1, 0, 1]);
    const of = (all: ReadonlyArray<readonly [number, number, number]>, rows: number) =>
      CscMatrix.fromTriplets(
        rows,
        n + 1,
        all.map(([i]) => i),
        all.map(([, j]) => j),
        all.map(([, , v]) => v),
      );
    const well = of([...cells, [4 * n, n, 1]], 4 * n + 1);
    const ill = of(chain, 3 * n);
    const b = vector(4 * n + 1);
    const found = solve(well, b);
    expect([found.method, found.kind]).toEqual(['lsmr', 'least-squares']);
    expect(found.iterations).toBeLessThan(40);
    expect(distance(found.x, solve(well, b, { method: 'qr' }).x)).toBeLessThan(1e-8);
    expect(factorise(well, { solves: 8 }).method).toBe('qr');
    const system = factorise(ill);
    const other = system.solve(b.subarray(0, 3 * n));
    expect([other.method, other.iterations, system.rank]).toEqual(['qr', 0, n + 1]);
    expect(system.tried.join()).toMatch(/LSMR: ‖Aᵀr‖ was at \S+ of ‖A‖‖r‖ after \d+ steps/);
  });

  test('nothing, one, scales', () => {
    expect(solve(CscMatrix.create(0, 0, 0), [])).toMatchObject({ status: 'converged', residual: 0 });
    expect(solve(rows([4]), [2]).x[0]).toBe(0.5);
    expect(solve(rows([0]), [0])).toMatchObject({ status: 'converged', kind: 'solution' });
    expect(solve(rows([0]), [1])).toMatchObject({ status: 'infeasible', kind: 'least-squares' });
    for (const scale of [1e-150, 1e150]) {
      const found = solve(rows([4 * scale, scale], [scale, 3 * scale]), [5 * scale, 4 * scale], { bounds: true });
      expect(distance(found.x, Float64Array.of(1, 1))).toBeLessThan(1e-15);
      expect(found.forwardError).toBeLessThan(1e-14);
    }
    expect(solve(rows([2, 1], [1, 2]), [0, 0])).toMatchObject({ residual: 0, status: 'converged' });
  });

  test.each<[string, () => unknown, RegExp]>([
    ['NaN', () => solve(rows([1, Number.NaN], [0, 1]), [1, 1]), /NaN in row 1, column 2/],
    ['b of NaN', () => solve(rows([1]), [Number.NaN]), /right-hand side holds NaN in row 1/],
    ['b too short', () => solve(rows([1, 0], [0, 1]), [1]), /has 1 values, and the matrix 2 rows/],
    ['no b', () => solve(rows([1]), 3 as unknown as number[]), /array of numbers/],
    ['cg', () => solve(rows([1, 2], [3, 4]), [1, 1], { method: 'cg' }), /not symmetric, but cg/],
    ['lu of three rows', () => solve(rows([1], [2], [3]), [1, 1, 1], { method: 'lu' }), /3 × 1, but lu takes square/],
    ['a method', () => factorise(rows([1]), { method: 'gauss' as 'lu' }), /but is gauss/],
    [
      'a preconditioner',
      () => factorise(rows([1]), { method: 'cg', preconditioner: 'incomplete-lu' }),
      /does not support/,
    ],
    ['alone', () => factorise(rows([1]), { preconditioner: 'ssor' }), /choose one, such as cg/],
    ['singular', () => factorise(rows([1, 2], [2, 4]), { method: 'lu' }), /singular: qr and lsmr/],
    [
      'not definite',
      () => factorise(rows([1, 2], [2, 1]), { method: 'cholesky' }),
      /^The matrix is not positive definite: column \d has the pivot -\d.*\. Use method ldlt for indefinite matrices, or add to the diagonal\.$/,
    ],
  ])('%s is told', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

test('where steps are not enough, the next solver takes over and says so', () => {
  // Looks like a diffusion, but every second row is weighted so that multigrid is slow.
  const n = 90;
  const grid = gridMatrix([n, n], { anisotropy: 1e-3 });
  const system = factorise(grid);
  const x = vector(n * n);
  const b = image(grid, x);
  const first = system.solve(b, { tol: 1e-10 });
  expect(first.status).toBe('converged');
  expect(first.residual).toBeLessThan(1e-9);
  const short = factorise(grid, { method: 'cg', preconditioner: 'none' }).solve(b, { maxIter: 3 });
  expect([short.status, short.iterations]).toEqual(['iteration-limit', 3]);
  expect(short.residual).toBeGreaterThan(1e-6);
});

test('a factorisation is kept as text and solves with the same bits', () => {
  const rows = (...values: number[][]) => DenseMatrix.fromRows(values);
  const cases: ReadonlyArray<readonly [Parameters<typeof factorise>[0], FactoriseOptions]> = [
    [gridMatrix([9, 8]), {}],
    [gridMatrix([9, 8]), { method: 'cg', preconditioner: 'multigrid' }],
    [gridMatrix([9, 8], { neumann: true }), { method: 'cholesky' }],
    [gridMatrix([9, 8], { convection: 0.2 }), {}],
    [rows([0, 1], [1, 0]), {}],
    [rows([1, 2], [3, 4], [5, 6]), {}],
    [rows([1, 2], [2, 4]), {}],
  ];
  for (const [A, options] of cases) {
    const system = factorise(A, options);
    const again = Factorisation.restore(system.save());
    const b = vector(system.A.rows);
    expect(again.solve(b).x).toEqual(system.solve(b).x);
    expect([again.method, again.rank]).toEqual([system.method, system.rank]);
  }
  expect(() => Factorisation.restore('{}')).toThrow(/not a checkpoint/);
  const text = factorise(gridMatrix([3, 3]), { method: 'cg', preconditioner: 'ssor', omega: 1.25 }).save();
  const { state } = decodeCheckpoint<Record<string, object>>(text, { method: 'linear-system' });
  const changed = (part: object) => () =>
    Factorisation.restore(
      encodeCheckpoint({ method: 'linear-system', problem: '', iteration: 0, state: { ...state, ...part } }),
    );
  expect(changed({})).not.toThrow();
  expect(changed({ setUp: { ...state.setUp, omega: -1.25 } })).toThrow('its omega must be above 0, but is -1.25.');
  expect(changed({ attempts: [{ method: 'cgs', preconditioner: 'ssor', because: '' }] })).toThrow(
    /^its method must be one of auto, cholesky, .*, but is cgs\.$/,
  );
});

test('what is solved once leaves nothing in the memory of kernels', () => {
  const systems = [
    gridMatrix([40, 40]),
    gridMatrix([40, 40], { convection: 0.3 }),
    gridMatrix([30, 30], { shift: -1.2 }),
  ];
  for (const A of systems) {
    const b = new Float64Array(A.rows).fill(1);
    for (const method of ['auto', 'lu', 'gmres'] as const) {
      solve(A, b, { method });
      const before = A.arena.allocatedBytes;
      for (let k = 0; k < 3; k++) solve(A, b, { method });
      expect(A.arena.allocatedBytes - before, method).toBe(0);
    }
  }
});

test('a solver that takes over begins where the one before it stopped', () => {
  const system = factorise(gridMatrix([70, 70]));
  // Rough: a few steps gain much, and then there is a plateau.
  const b = Float64Array.from({ length: 4900 }, (_, i) => Math.sin(1.3 * i * i));
  const starts: number[] = [];
  const ends: number[] = [];
  let last = Number.NaN;
  system.solve(b, {
    onIterate: ({ iteration, metrics }) => {
      if (iteration === 0) {
        starts.push(metrics!.residual);
        ends.push(last);
      }
      last = metrics!.residual;
    },
  });
  expect(system.tried.length).toBeGreaterThan(0);
  expect(starts[0]).toBeCloseTo(1, 10);
  expect(starts.length).toBeGreaterThan(1);
  // Each goes on from the residual that was left, not from that of 0.
  starts.slice(1).forEach((start, k) => {
    expect(start / ends[k + 1]).toBeCloseTo(1, 6);
  });
  expect(Math.max(...starts.slice(1))).toBeLessThan(0.9);
  system.free();
});

test('what passes one memory is a sentence, when it is looked at, set up and solved', () => {
  const grid = gridMatrix([12, 12]);
  const arena = new Arena();
  const A = CscMatrix.create(grid.rows, grid.cols, grid.nnz, { arena });
  A.colPointers.set(grid.colPointers);
  A.rowIndices.set(grid.rowIndices);
  A.values.set(grid.values);
  const b = new Float64Array(144).fill(1);
  const alloc = arena.alloc.bind(arena);
  const full = () => {
    arena.alloc = () => {
      throw new ArenaMemoryError('full');
    };
  };
  const told = (work: () => unknown, sentence: RegExp) =>
    expect(work).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED', message: expect.stringMatching(sentence) }));
  full();
  told(() => factorise(A), /^Looking at a matrix of 144 rows with 672 entries takes more than one memory holds/);
  arena.alloc = alloc;
  const system = factorise(A, { method: 'cg', preconditioner: 'jacobi' });
  full();
  told(() => system.solve(b), /^Solving a system of 144 rows/);
  arena.alloc = alloc;
  expect(system.solve(b).status).toBe('converged');
  system.free();
});
