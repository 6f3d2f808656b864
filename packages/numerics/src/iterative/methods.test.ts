import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { finished } from '../core/index.ts';
import { eigenSymmetric, lu } from '../linalg/index.ts';
import type { LinearOperator, Preconditioner } from '../operators/index.ts';
import {
  additiveSchwarz,
  bicgstab,
  blockCg,
  blockGmres,
  blockJacobi,
  cg,
  cgIterates,
  chebyshev,
  gmres,
  incompleteCholesky,
  incompleteLu,
  jacobi,
  type LinearSolution,
  minres,
  relax,
  rowOperator,
  type SolverOptions,
  sor,
  ssorPcg,
  symmetricOperator,
} from './index.ts';
import { dot, draws, grid, norm, sparse, times, trueResidual } from './testing.ts';

type Method = (A: CscMatrix, b: ArrayLike<number>, options?: SolverOptions) => LinearSolution;

/** Of one column and of the whole, so that all are held to the same. */
const asBlock =
  (method: typeof blockCg): Method =>
  (A, b, { x0, onIterate, ...options } = {}) => {
    const n = b.length;
    const solution = method(A, DenseMatrix.fromColumnMajor(b, n, 1), {
      ...options,
      ...(x0 && { x0: DenseMatrix.fromColumnMajor(x0, n, 1) }),
    });
    return { ...solution, point: solution.point.data.slice() } as unknown as LinearSolution;
  };

const methods: Record<string, Method> = {
  cg,
  'cg, flexible': (A, b, o) => cg(A, b, { ...o, flexible: true }),
  'cg with IC': (A, b, o) => cg(A, b, { ...o, preconditioner: incompleteCholesky(A) }),
  minres,
  'minres with IC': (A, b, o) => minres(A, b, { ...o, preconditioner: incompleteCholesky(A) }),
  gmres,
  'gmres, short': (A, b, o) => gmres(A, b, { ...o, restart: 4 }),
  'gmres with ILU': (A, b, o) => gmres(A, b, { ...o, preconditioner: incompleteLu(A) }),
  'gmres, flexible': (A, b, o) => gmres(A, b, { ...o, flexible: true, preconditioner: incompleteLu(A) }),
  bicgstab,
  'bicgstab with ILU': (A, b, o) => bicgstab(A, b, { ...o, preconditioner: incompleteLu(A) }),
  chebyshev,
  'chebyshev with IC': (A, b, o) => chebyshev(A, b, { ...o, preconditioner: incompleteCholesky(A) }),
  sor: (A, b, o) => sor(A, b, { ...o, omega: 1.6 }),
  jacobi: (A, b, o) => relax(A, b, { ...o, sweep: 'jacobi' }),
  'Gauss–Seidel': relax,
  'SSOR sweeps': (A, b, o) => relax(A, b, { ...o, sweep: 'symmetric', omega: 1.5 }),
  blockCg: asBlock(blockCg),
  blockGmres: asBlock(blockGmres),
};

const A = grid(8, 7);
const b = draws(56, 2);

describe.each(Object.entries(methods))('%s', (name, solve) => {
  test('never says more than is true', () => {
    const full = solve(A, b, { maxIter: 5000 });
    expect(full.status).toBe('converged');
    const controller = new AbortController();
    controller.abort();
    const runs = [
      full,
      solve(A, b, { maxIter: 2 }),
      solve(A, b, { signal: controller.signal }),
      solve(A, b, { tol: 1e-30, maxIter: 3000 }),
    ];
    expect(runs.slice(1).some(({ status }) => finished(status))).toBe(false);
    for (const { status, certificate, point, next } of runs) {
      const truth = trueResidual(A, point, b);
      expect(certificate!.kind).toBe('residual');
      expect(Math.abs(certificate!.relative - truth)).toBeLessThan(1e-9 * truth + 1e-15);
      expect(certificate!.value).toBeCloseTo(certificate!.relative * norm(b), 12);
      if (status === 'converged') expect(truth).toBeLessThanOrEqual(1e-8);
      else expect(next).toBeTruthy();
    }
  });

  test('scales of 10^±150, zero, one unknown and none', () => {
    const steps = solve(A, b, { maxIter: 5000 }).iterations;
    for (const [left, right] of [
      [1e150, 1],
      [1e-150, 1],
      [1, 1e150],
      [1, 1e-150],
      [1e-150, 1e150],
    ]) {
      const B = CscMatrix.fromColumns(
        56,
        56,
        A.colPointers,
        A.rowIndices,
        A.values.map((v) => v * left),
      );
      const c = b.map((v) => v * right);
      const { status, point, iterations } = solve(B, c, { maxIter: 5000 });
      expect([status, left, right]).toEqual(['converged', left, right]);
      expect(Math.abs(iterations - steps)).toBeLessThanOrEqual(1 + 0.02 * steps);
      expect(trueResidual(B, point, c)).toBeLessThanOrEqual(1.0001e-8);
    }
    const zero = solve(A, new Float64Array(56), { x0: b });
    expect([zero.status, zero.iterations, zero.point.every((v) => v === 0)]).toEqual(['converged', 0, true]);
    expect(solve(sparse([[4]]), [8], { maxIter: 500 }).point[0]).toBeCloseTo(2, 7);
    expect(solve(CscMatrix.create(0, 0, 0), []).status).toBe('converged');
  });

  test('starts where it is told, and at the solution has nothing to do', () => {
    const { point } = solve(A, b, { tol: 1e-10, maxIter: 5000 });
    // A relaxation's tolerance is relative to its start.
    if (name !== 'sor') expect(solve(A, b, { x0: point, tol: 1e-8, maxIter: 5000 }).iterations).toBe(0);
    const other = solve(A, b, { x0: draws(56, 9), maxIter: 5000 });
    expect(other.status).toBe('converged');
  });

  test('refuses what is not finite or of another length, with its place', () => {
    const holed = CscMatrix.fromColumns(2, 2, [0, 1, 2], [0, 1], [1, Number.NaN]);
    expect(() => solve(holed, [1, 1])).toThrow(/NaN in row 2, column 2/);
    expect(() => solve(A, b.slice(1))).toThrow(/55 values, but A has 56 rows|55 rows, but A has 56/);
    const bad = b.slice();
    bad[4] = Number.POSITIVE_INFINITY;
    expect(() => solve(A, bad)).toThrow(/holds Infinity in row 5/);
    expect(() => solve(CscMatrix.create(2, 3, 0), [1, 1])).toThrow(/square/);
    expect(() => solve(A, b, { tol: -1 })).toThrow(/tol must be at least 0/);
    expect(() => solve(A, b, { maxIter: 1.5 })).toThrow(/maxIter/);
    expect(() => solve(A, b, { tolerance: 1 } as SolverOptions)).toThrow(/no option 'tolerance'/);
  });
});

/** Random symmetric matrices with these signs of eigenvalues, by rotations. */
function withSpectrum(values: readonly number[], seed: number): DenseMatrix {
  const n = values.length;
  const G = DenseMatrix.fromColumnMajor(draws(n * n, seed), n, n);
  const S = DenseMatrix.create(n, n);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) S.set(i, j, G.get(i, j) + G.get(j, i));
  const { vectors } = eigenSymmetric(S);
  const out = DenseMatrix.create(n, n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i <= j; i++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += vectors.get(i, k) * values[k] * vectors.get(j, k);
      out.set(i, j, sum);
      out.set(j, i, sum);
    }
  }
  return out;
}

const eigenvalue = fc.double({ min: 0.1, max: 10, noNaN: true });
const seeds = fc.integer({ min: 1, max: 1e6 });

test('random small systems: what is said converged agrees with a dense solve', () => {
  fc.assert(
    fc.property(fc.array(eigenvalue, { minLength: 1, maxLength: 9 }), seeds, fc.boolean(), (values, seed, signs) => {
      const spectrum = values.map((v, i) => (signs && i % 2 ? -v : v));
      const D = withSpectrum(spectrum, seed);
      const b = draws(values.length, seed + 1);
      const exact = lu(D).solve(b);
      const S = CscMatrix.fromDense(D);
      const found = [minres(S, b, { tol: 1e-11 }), gmres(D, b, { tol: 1e-11 })];
      if (!signs)
        found.push(
          cg(S, b, { tol: 1e-11 }),
          bicgstab(S, b, { tol: 1e-11 }),
          chebyshev(S, b, { tol: 1e-11, maxIter: 5000 }),
        );
      for (const { status, point } of found) {
        expect(status).toBe('converged');
        point.forEach((v, i) => {
          expect(Math.abs(v - exact[i])).toBeLessThan(1e-8 * norm(exact));
        });
      }
      // No guarantee beyond: but no lie either.
      const indefinite = cg(S, b);
      if (indefinite.status === 'converged') expect(trueResidual(D, indefinite.point, b)).toBeLessThanOrEqual(1e-8);
      else expect(indefinite.next).toMatch(/not positive definite/);
    }),
    { numRuns: 60 },
  );
});

test('random matrices without symmetry, singular ones too: converged is true, stalled has a sentence', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), seeds, fc.boolean(), (n, seed, singular) => {
      const values = draws(n * n, seed);
      if (singular) for (let i = 0; i < n; i++) values[(n - 1) * n + i] = values[i];
      const D = DenseMatrix.fromColumnMajor(values, n, n);
      const S = CscMatrix.fromDense(D);
      const b = draws(n, seed + 1);
      for (const solve of [gmres, bicgstab, methods.blockGmres]) {
        const { status, point, next, certificate } = solve(S, b, { tol: 1e-9, maxIter: 400 });
        const truth = trueResidual(D, point, b);
        // Solutions of nearly singular systems are long, and so is the rounding of a product.
        const rounding = (1e-14 * norm(point)) / norm(b);
        expect(Math.abs(truth - certificate!.relative)).toBeLessThan(1e-10 + 1e-6 * truth + rounding);
        if (status === 'converged') expect(truth).toBeLessThanOrEqual(1.001e-9 + rounding);
        else expect(next).toBeTruthy();
        expect(truth).toBeLessThanOrEqual(1 + 1e-12 + rounding);
      }
    }),
    { numRuns: 150 },
  );
});

test('finite termination, and the bounds of conjugate gradients and of Chebyshev', () => {
  // Three eigenvalues: three steps.
  const D = withSpectrum([1, 1, 1, 4, 4, 4, 9, 9, 9, 9], 5);
  const rhs = draws(10, 3);
  for (const solve of [cg, minres, gmres]) expect(solve(D, rhs, { tol: 1e-12 }).iterations).toBe(3);
  const n = 20;
  const B = grid(n);
  const right = draws(n * n, 3);
  const exact = cg(B, right, { tol: 1e-14 }).point;
  const low = 8 * Math.sin(Math.PI / (2 * (n + 1))) ** 2;
  const high = 8 - low;
  const root = Math.sqrt(high / low);
  const energy = (x: Float64Array) => {
    const e = x.map((v, i) => v - exact[i]);
    return Math.sqrt(dot(e, times(B, e)));
  };
  const start = energy(new Float64Array(n * n));
  for (const iterate of cgIterates(B, right)) {
    const bound = 2 * ((root - 1) / (root + 1)) ** iterate.iteration * start;
    expect(energy(iterate.snapshot())).toBeLessThanOrEqual(bound * (1 + 1e-9));
  }
  const seen = cg(B, right, { tol: 1e-10 }).metrics!;
  expect(seen.smallest).toBeCloseTo(low, 5);
  expect(seen.largest).toBeCloseTo(high, 5);
  expect(seen.condition / (high / low)).toBeCloseTo(1, 3);
  const cheb = chebyshev(B, right, { bounds: [low, high], tol: 1e-8 });
  // ‖r_k‖ ≤ ‖r_0‖/T_k(…), which is about 2(…)^k.
  const predicted = Math.ceil(Math.log(2e8) / -Math.log((root - 1) / (root + 1)));
  expect(cheb.iterations).toBeLessThanOrEqual(predicted);
  expect(cheb.iterations).toBeGreaterThan(predicted / 2);
  expect(chebyshev(B, right, { bounds: [3, 3], maxIter: 3 }).status).toBe('iteration-limit');
  expect(chebyshev(B, right, { bounds: [1, 2] }).status).toBe('diverged');
});

test('singular, indefinite, skew: each says what it is', () => {
  const indefinite = cg(
    [
      [1, 0],
      [0, -2],
    ],
    [1, 1],
  );
  expect([indefinite.status, indefinite.next?.includes('minres')]).toEqual(['stalled', true]);
  expect(
    minres(
      [
        [1, 0],
        [0, -2],
      ],
      [1, 1],
    ).status,
  ).toBe('converged');
  // Neumann's problem: constants are the null space.
  const n = 30;
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? (i === 0 || i === n - 1 ? 1 : 2) : Math.abs(i - j) === 1 ? -1 : 0)),
  );
  const neumann = sparse(rows);
  const inside = draws(n, 4);
  const mean = inside.reduce((s, v) => s + v, 0) / n;
  const consistent = inside.map((v) => v - mean);
  for (const solve of [cg, minres, (A: CscMatrix, b: Float64Array) => gmres(A, b, { restart: 40 })]) {
    const { status, point } = solve(neumann, consistent);
    expect(status).toBe('converged');
    expect(trueResidual(neumann, point, consistent)).toBeLessThan(1e-8);
  }
  // Of least norm, from 0.
  expect(Math.abs(minres(neumann, consistent).point.reduce((s, v) => s + v, 0))).toBeLessThan(1e-6);
  const least = minres(neumann, inside);
  expect(least.status).toBe('stalled');
  expect(least.next).toMatch(/no solution/);
  expect(
    norm(
      times(
        neumann,
        times(neumann, least.point).map((v, i) => inside[i] - v),
      ),
    ),
  ).toBeLessThan(1e-6);
  expect(cg(neumann, inside).status).not.toBe('converged');
  const skew = sparse([
    [0, 1],
    [-1, 0],
  ]);
  expect(gmres(skew, [1, 2]).status).toBe('converged');
  expect(bicgstab(skew, [1, 2]).next).toMatch(/gmres/);
  expect(() => cg(skew, [1, 2])).toThrow(/not symmetric: -1 in row 2, column 1, but 1 in row 1, column 2/);
  expect(
    gmres(
      [
        [0, 1],
        [0, 0],
      ],
      [1, 0],
    ).status,
  ).toBe('stalled');
  // A cycle of shifts: GMRES without the last step knows nothing.
  const cycle = sparse([
    [0, 0, 0, 1],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
  expect(gmres(cycle, [1, 0, 0, 0], { restart: 3 }).next).toMatch(/longer restart/);
  expect(gmres(cycle, [1, 0, 0, 0]).iterations).toBe(4);
  const wrong: Preconditioner = { size: 2, symmetric: true, apply: (r, z) => z.set(r.map((v, i) => (i ? -v : v))) };
  for (const solve of [cg, minres]) {
    expect(
      solve(
        [
          [2, 1],
          [1, 2],
        ],
        [1, 3],
        { preconditioner: wrong },
      ).next,
    ).toMatch(/preconditioner is not positive definite/);
  }
  expect(() => cg(A, b, { preconditioner: jacobi([[1]]) })).toThrow(/1 unknowns, but A has 56/);
});

test('several right-hand sides in one space: fewer steps, duplicates and zeros for nothing', () => {
  const B = grid(24);
  const n = B.rows;
  const sides = DenseMatrix.create(n, 7);
  sides.data.set(draws(n * 7, 3));
  const single = Array.from({ length: 7 }, (_, j) => cg(B, sides.column(j)).iterations);
  const both: Array<[typeof blockCg, number]> = [
    [blockCg, 0.75 * Math.min(...single)],
    [blockGmres, 2000],
  ];
  for (const [solve, most] of both) {
    const { point, status, iterations } = solve(B, sides, { maxIter: 4000 });
    expect(status).toBe('converged');
    expect(iterations).toBeLessThan(most);
    for (let j = 0; j < 7; j++) expect(trueResidual(B, point.column(j), sides.column(j))).toBeLessThanOrEqual(1e-8);
  }
  const dependent = DenseMatrix.create(n, 5);
  dependent.column(0).set(sides.column(0));
  dependent.column(1).set(sides.column(0).map((v) => -1e120 * v));
  dependent.column(3).set(sides.column(1));
  dependent.column(4).set(sides.column(0).map((v, i) => v + sides.column(1)[i]));
  for (const solve of [blockCg, blockGmres]) {
    for (const preconditioner of [undefined, incompleteCholesky(B)]) {
      const found = solve(B, dependent, { preconditioner, maxIter: 4000 });
      expect(found.status).toBe('converged');
      expect(found.point.column(2).every((v) => v === 0)).toBe(true);
      for (const j of [0, 1, 3, 4])
        expect(trueResidual(B, found.point.column(j), dependent.column(j))).toBeLessThan(1.1e-8);
      const ranks = found.trace.map(({ active }) => active ?? 0);
      expect(Math.max(...ranks)).toBe(2);
    }
  }
  expect(
    blockCg(
      [
        [1, 0],
        [0, -1],
      ],
      [[1], [1]],
    ).next,
  ).toMatch(/not positive definite/);
  expect(() => blockCg(B, DenseMatrix.create(3, 2))).toThrow(/3 rows, but A has 576/);
});

test('flexible methods bear a preconditioner that changes', () => {
  const inner = (tol: number): Preconditioner => ({
    size: 56,
    symmetric: true,
    apply: (r, z) => z.set(cg(A, r, { tol }).point),
  });
  const solutions = [
    gmres(A, b, { flexible: true, preconditioner: inner(0.3) }),
    cg(A, b, { flexible: true, preconditioner: inner(0.1) }),
  ];
  for (const { status, iterations } of solutions) {
    expect(status).toBe('converged');
    expect(iterations).toBeLessThan(20);
  }
});

test('anything that acts like a matrix: dense, by rows, by one triangle, by a function', () => {
  const reference = cg(A, b).point;
  const { colPointers, rowIndices, values } = A;
  const half = (keep: (i: number, j: number) => boolean): CscMatrix => {
    const [at, across, v]: [number[], number[], number[]] = [[], [], []];
    for (let j = 0; j < 56; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        if (!keep(rowIndices[k], j)) continue;
        at.push(rowIndices[k]);
        across.push(j);
        v.push(values[k]);
      }
    }
    return CscMatrix.fromTriplets(56, 56, at, across, v);
  };
  const free: LinearOperator = { rows: 56, cols: 56, apply: (x, y) => y.set(times(A, x)) };
  const all = [
    A.toDense(),
    rowOperator(A),
    symmetricOperator(half((i, j) => i >= j)),
    symmetricOperator(half((i, j) => i <= j)),
    free,
  ];
  for (const op of all) {
    for (const solve of [cg, minres, gmres, bicgstab, chebyshev]) {
      const { point, status } = solve(op, b, { tol: 1e-10 });
      expect(status).toBe('converged');
      expect(norm(point.map((v, i) => v - reference[i]))).toBeLessThan(1e-6 * norm(reference));
    }
  }
  expect(() => symmetricOperator(A)).toThrow(/one triangle/);
  const rectangular = rowOperator(
    sparse([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  );
  const [y, x] = [new Float64Array(2), new Float64Array(3)];
  rectangular.apply(Float64Array.of(1, 1, 1), y);
  rectangular.applyTransposed(Float64Array.of(1, 1), x);
  expect([...y, ...x]).toEqual([6, 15, 5, 7, 9]);
  rectangular.free();
});

test('memory is given back, also by a run that is cut short', () => {
  const before = A.arena.allocatedBytes;
  for (const solve of Object.values(methods)) solve(A, b, { maxIter: 3 });
  // Preconditioners of this list are garbage, not freed: only what solvers borrow is counted.
  const kept = A.arena.allocatedBytes - before;
  const again = A.arena.allocatedBytes;
  for (const name of ['cg', 'minres', 'gmres', 'bicgstab', 'chebyshev', 'sor', 'jacobi', 'Gauss–Seidel'])
    methods[name](A, b, { maxIter: 3 });
  expect(A.arena.allocatedBytes).toBe(again);
  expect(kept).toBeGreaterThanOrEqual(0);
});

test('every function that takes options refuses one that it does not know', () => {
  const I = DenseMatrix.fromRows([[1]]);
  const S = sparse([[1]]);
  const unknown = { unknownOption: 1 } as object;
  const calls = [
    () => incompleteCholesky(S, unknown),
    () => incompleteLu(S, unknown),
    () => blockJacobi(S, unknown),
    () => additiveSchwarz(S, unknown),
    () => ssorPcg(S, [1], unknown),
    () => blockCg(I, I, unknown),
    () => blockGmres(I, I, unknown),
  ];
  for (const call of calls) expect(call).toThrow(/has no option 'unknownOption'/);
});
