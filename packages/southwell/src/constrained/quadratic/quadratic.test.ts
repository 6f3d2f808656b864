import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  prepareQp,
  programOf,
  type QpPoint,
  type QuadraticProgram,
  quadraticIterates,
  quadraticProgram,
} from './index.ts';
import { checkProgram } from './problem.ts';
import { SplittingSolver } from './splitting.ts';
import type { QpState } from './state.ts';
import { asProgram, byEnumeration, type DenseProgram, optimalityError } from './testing.ts';

const free = (n: number) => new Array<number>(n).fill(Number.NEGATIVE_INFINITY);
const above = (n: number) => new Array<number>(n).fill(Number.POSITIVE_INFINITY);
const methods = ['interior-point', 'active-set', 'splitting', 'auto'] as const;

/** Programs with few integers, so that ties, dependent rows and empty feasible sets are common. */
const programs = (definite: boolean): fc.Arbitrary<DenseProgram> =>
  fc
    .record({ n: fc.integer({ min: 1, max: 3 }), m: fc.integer({ min: 0, max: 3 }) })
    .chain(({ n, m }) => {
      const whole = fc.integer({ min: -2, max: 2 });
      const vector = (length: number) => fc.array(whole, { minLength: length, maxLength: length });
      const matrix = (rows: number) => fc.array(vector(n), { minLength: rows, maxLength: rows });
      const side = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 1, 4, Infinity), fc.boolean());
      const sides = (length: number) => fc.array(side, { minLength: length, maxLength: length });
      return fc.tuple(matrix(n), vector(n), matrix(m), sides(m), sides(n), fc.boolean());
    })
    .map(([B, q, A, rows, bounds, bounded]) => {
      const P = B.map((_, i) =>
        B.map((__, j) => B.reduce((sum, row) => sum + row[i] * row[j], 0) + (definite && i === j ? 0.5 : 0)),
      );
      const low = ([v, , open]: [number, number, boolean]) => (open ? Number.NEGATIVE_INFINITY : v);
      const up = ([v, width]: [number, number, boolean]) => v + width;
      return {
        ...{ P, q, A, rowLower: rows.map(low), rowUpper: rows.map(up) },
        lower: bounded ? bounds.map(low) : free(q.length),
        upper: bounded ? bounds.map(up) : above(q.length),
      };
    });

test('the best of all active sets, by every method', () => {
  let [feasible, infeasible] = [0, 0];
  fc.assert(
    fc.property(programs(true), (program) => {
      const expected = byEnumeration(program);
      for (const method of methods) {
        const { status, point } = quadraticProgram(asProgram(program), { method });
        if (!expected) {
          infeasible++;
          expect(status).toBe('infeasible');
          continue;
        }
        feasible++;
        expect(status).toBe('converged');
        expected.forEach((v, j) => {
          expect(point.x[j]).toBeCloseTo(v, 7);
        });
        expect(optimalityError(program, point.x, point.rows, point.bounds)).toBeLessThan(1e-7);
      }
    }),
    { numRuns: 120 },
  );
  expect(feasible).toBeGreaterThan(50);
  expect(infeasible).toBeGreaterThan(5);
});

/** That rows, combined by the multipliers, ask for more than the bounds allow. */
function expectInfeasible(program: DenseProgram, { infeasibility }: QpPoint) {
  const { rows, worst } = infeasibility!;
  const { A, rowLower, rowUpper, lower, upper } = program;
  const g = program.q.map((_, j) => A.reduce((sum, row, i) => sum + rows[i] * row[j], 0));
  let least = 0;
  rows.forEach((y, i) => {
    if (y !== 0) least += y * (y > 0 ? rowLower[i] : rowUpper[i]);
  });
  let most = 0;
  g.forEach((v, j) => {
    const bound = v > 0 ? upper[j] : lower[j];
    if (Number.isFinite(bound)) most += v * bound;
    else expect(Math.abs(v)).toBeLessThan(1e-8);
  });
  expect(least - most).toBeCloseTo(1, 6);
  const shares = [...worst].map((i) => Math.abs(rows[i]));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
}

test('semidefinite and linear programs: solutions, or proofs that multiply out', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(programs(false), fc.boolean(), fc.constantFrom(...methods), (given, linear, method) => {
      const program = linear ? { ...given, P: given.P.map((row) => row.map(() => 0)) } : given;
      const { status, point } = quadraticProgram(asProgram(program), { method });
      seen[status] = (seen[status] ?? 0) + 1;
      const { P, q, A, rowLower, rowUpper, lower, upper } = program;
      if (status === 'converged') {
        expect(optimalityError(program, point.x, point.rows, point.bounds)).toBeLessThan(1e-6);
      } else if (status === 'infeasible') {
        // A row or a variable may contradict itself.
        if (point.infeasibility) expectInfeasible(program, point);
      } else {
        expect(status).toBe('unbounded');
        const ray = point.ray!;
        const dot = (row: readonly number[]) => row.reduce((sum, v, j) => sum + v * ray[j], 0);
        const size = ray.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        expect(dot(q)).toBeCloseTo(-1, 9);
        for (const row of P) expect(Math.abs(dot(row))).toBeLessThan(1e-7 * size);
        A.forEach((row, i) => {
          if (Number.isFinite(rowLower[i])) expect(dot(row)).toBeGreaterThan(-1e-7 * size);
          if (Number.isFinite(rowUpper[i])) expect(dot(row)).toBeLessThan(1e-7 * size);
        });
        ray.forEach((v, j) => {
          if (Number.isFinite(lower[j])) expect(v).toBeGreaterThanOrEqual(0);
          if (Number.isFinite(upper[j])) expect(v).toBeLessThanOrEqual(0);
        });
      }
    }),
    { numRuns: 250 },
  );
  for (const status of ['converged', 'infeasible', 'unbounded']) expect(seen[status]).toBeGreaterThan(5);
});

test('multipliers are the rates at which the optimum changes with the sides', () => {
  const program = {
    P: [
      [2, 0],
      [0, 2],
    ],
    q: [-2, -5],
    A: [[1, 1]],
    rowUpper: [1],
    lower: [0, 0],
  };
  const { point, objective } = quadraticProgram(program);
  expect(point.active).toEqual({ rows: Int8Array.of(1), bounds: Int8Array.of(-1, 0) });
  const step = 1e-4;
  const moved = quadraticProgram({ ...program, rowUpper: [1 + step] });
  expect((moved.objective - objective) / step).toBeCloseTo(point.rows[0], 3);
  const lifted = quadraticProgram({ ...program, lower: [step, 0] });
  expect((lifted.objective - objective) / step).toBeCloseTo(point.bounds[0], 3);
});

test('a projection onto the simplex, sparse and dense, with a constant', () => {
  const a = [0.9, 0.6, -0.3, 0.1];
  const expected = [0.65, 0.35, 0, 0];
  const eye = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  const common = { q: a.map((v) => -v), rowLower: [1], rowUpper: [1], lower: [0, 0, 0, 0], constant: 7 };
  const sparse = CscMatrix.fromTriplets(4, 4, [0, 1, 2, 3], [0, 1, 2, 3], [1, 1, 1, 1]);
  for (const P of [eye, sparse]) {
    for (const method of methods) {
      const { point, objective } = quadraticProgram({ ...common, P, A: [[1, 1, 1, 1]] }, { method });
      expected.forEach((v, j) => {
        expect(point.x[j]).toBeCloseTo(v, 9);
      });
      const value = expected.reduce((sum, v, j) => sum + v * (v / 2 - a[j]), 7);
      expect(objective).toBeCloseTo(value, 9);
    }
  }
});

test('degenerate input', () => {
  expect(quadraticProgram({ q: [] }).status).toBe('converged');
  expect(quadraticProgram({ q: [0, 0] }).point.x).toEqual(new Float64Array(2));
  expect(quadraticProgram({ q: [1] }).status).toBe('unbounded');
  const fixed = quadraticProgram({ q: [1, 1], A: [[1, 1]], rowLower: [2], lower: [1, 1], upper: [1, 1] });
  expect(fixed.status).toBe('converged');
  expect(fixed.objective).toBeCloseTo(2, 9);
  const crossed = quadraticProgram({ q: [1], lower: [2], upper: [1] });
  expect(crossed.status).toBe('infeasible');
  expect(crossed.next).toMatch(/variable 1 must be at least 2 and at most 1/);
  // By rounding only.
  expect(quadraticProgram({ q: [1], lower: [0.1 + 0.2], upper: [0.3] }).status).toBe('converged');
  const empty = quadraticProgram({ q: [1], lower: [0], A: [[0]], rowLower: [1] });
  expect(empty.next).toMatch(/row 1 has no entries/);
  const rows = [
    [1, 1],
    [2, 2],
    [1, 1],
    [0, 0],
  ];
  const many = {
    P: [
      [1, 0],
      [0, 1],
    ],
    q: [0, 0],
    A: rows,
    rowLower: [2, 4, 2, 0],
    rowUpper: [2, 4, 2, 0],
  };
  for (const method of methods) {
    const { status, point } = quadraticProgram(many, { method });
    expect(status).toBe('converged');
    expect(point.x[0]).toBeCloseTo(1, 9);
    const torn = quadraticProgram({ ...many, rowLower: [2, 5, 2, 0], rowUpper: [2, 5, 2, 0] }, { method });
    expect(torn.status).toBe('infeasible');
    expect(torn.next).toMatch(/rows, those in conflict are/);
  }
  const wide = quadraticProgram({
    P: [
      [1e12, 0],
      [0, 1e-8],
    ],
    q: [1e6, 1e-4],
    A: [[1e9, 1e-6]],
    rowUpper: [1e3],
    lower: [-1e25, -1e25],
  });
  expect(wide.status).toBe('converged');
  expect(wide.point.x[1]).toBeCloseTo(-1e4, 2);
});

test('errors name what is wrong', () => {
  const expectError = (program: QuadraticProgram, message: RegExp) =>
    expect(() => quadraticProgram(program)).toThrow(message);
  expectError({ q: [Number.NaN] }, /q holds NaN at entry 1/);
  expectError({ q: [1], lower: [Number.NaN] }, /lower holds NaN/);
  expectError(
    {
      q: [1, 2],
      P: [
        [1, 2],
        [3, 4],
      ],
    },
    /P must be symmetric.*\(2, 1\) and \(1, 2\) differ/,
  );
  expectError({ q: [1, 2], A: [[1]] }, /A has 1 columns, but q has 2/);
  expectError({ q: [1, 2], upper: [1] }, /upper has 1 entries, but must have 2/);
  expect(() => quadraticProgram({ q: [1] }, { method: 'simplex' as 'auto' })).toThrow(/method must be one of/);
  expect(() => quadraticProgram({ q: [1], Q: [[1]] } as QuadraticProgram)).toThrow(/no option 'Q'/);
});

test('a program that is not convex ends at a first-order point, which says so', () => {
  const { status, point } = quadraticProgram({ P: [[-1]], q: [0.1], lower: [-1], upper: [1] });
  expect(status).toBe('converged');
  expect(point.convex).toBe(false);
  expect(Math.abs(point.x[0])).toBeCloseTo(1, 9);
  expect(quadraticProgram({ P: [[1]], q: [1] }).point.convex).toBe(true);
});

test('a prepared problem: other sides, and starts from an active set', () => {
  fc.assert(
    fc.property(
      programs(true),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 9, maxLength: 9 }),
      fc.constantFrom(...methods),
      (program, shifts, method) => {
        const prepared = prepareQp(asProgram(program), { method });
        let start: QpPoint | undefined;
        for (let turn = 0; turn < 3; turn++) {
          const q = program.q.map((v, j) => v + shifts[3 * turn + j]);
          const { status, point } = prepared.solve({ q, start });
          const expected = byEnumeration({ ...program, q });
          expect(status).toBe(expected ? 'converged' : 'infeasible');
          expected?.forEach((v, j) => {
            expect(point.x[j]).toBeCloseTo(v, 7);
          });
          start = expected && point;
        }
      },
    ),
    { numRuns: 80 },
  );
  const prepared = prepareQp({
    P: [
      [1, 0],
      [0, 1],
    ],
    q: [0, 0],
    A: [[1, 1]],
    rowLower: [1],
  });
  expect(prepared.solve({ rowLower: [3] }).point.x[0]).toBeCloseTo(1.5, 9);
  expect(prepared.solve({ rowUpper: [-1], rowLower: [-1] }).point.x[1]).toBeCloseTo(-0.5, 9);
  expect(() => prepared.solve({ q: [1] })).toThrow(/q has 1 entries/);
});

test('limits of the run, and iterates', () => {
  const program = {
    P: [
      [1, 0],
      [0, 1],
    ],
    q: [1, -1],
    A: [[1, 2]],
    rowLower: [0.5],
    lower: [0, 0],
  };
  expect(quadraticProgram(program, { method: 'interior-point', maxIter: 1 }).status).toBe('iteration-limit');
  expect(quadraticProgram(program, { method: 'interior-point', timeLimit: 0 }).status).toBe('time-limit');
  const values = [...quadraticIterates(program, { method: 'interior-point' })].map((it) => it.certificate!.relative);
  // The best point is kept.
  expect(values).toEqual([...values].sort((a, b) => b - a));
});

test('unknown options are refused', () => {
  const refusesUnknown = (_: string, call: (more: object) => unknown) =>
    expect(() => call({ unknownOption: 1 })).toThrow(/no option 'unknownOption'/);
  refusesUnknown('quadraticProgram', (more) => quadraticProgram({ q: [1], lower: [0] }, more));
  refusesUnknown('prepareQp', (more) => prepareQp({ q: [1], lower: [0] }, more));
  refusesUnknown('quadraticIterates', (more) => quadraticIterates({ q: [1], lower: [0] }, more));
  refusesUnknown('solve', (more) => prepareQp({ q: [1], lower: [0] }).solve(more));
});

test('the program of a model: maximisation is minimisation of the opposite', () => {
  const A = CscMatrix.fromTriplets(1, 2, [0, 0], [0, 1], [1, 1]);
  const names = ['x', 'y'];
  const variables = { names, lower: new Float64Array(2), upper: Float64Array.of(3, 3), integer: new Uint8Array(2) };
  const rows = { names: ['row'], lower: Float64Array.of(-Infinity), upper: Float64Array.of(4), linear: A };
  const objective = { name: 'gain', sense: 'maximize' as const, constant: 5, linear: Float64Array.of(1, 2) };
  const model = { name: '', variables, rows, objective, suffixes: [] };
  const { program, sign } = programOf(model);
  const { point, objective: least } = quadraticProgram(program);
  expect(sign * least).toBeCloseTo(12, 8);
  expect(point.x[1]).toBeCloseTo(3, 8);
  const whole = { ...model, variables: { ...variables, integer: Uint8Array.of(0, 1) } };
  expect(() => programOf(whole)).toThrow(/y must be a whole number/);
});

/** BᵀB with column scales from 1 to 1e-4, random rows, and bounds. */
function scaledProgram(n: number, m: number, seed: number): DenseProgram {
  const random = new Random(seed);
  const normals = (length: number) => Array.from({ length }, () => random.normal());
  const B = Array.from({ length: 2 * n }, () => normals(n).map((v, j) => v * 10 ** ((-4 * j) / n)));
  const P = B[0].map((_, i) => B[0].map((__, j) => B.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const A = Array.from({ length: m }, () => normals(n));
  const [rowLower, rowUpper] = [free(m), new Array<number>(m).fill(1)];
  return { P, q: normals(n), A, rowLower, rowUpper, lower: new Array<number>(n).fill(-1), upper: above(n) };
}

test('methods agree to rounding where columns differ in scale by four digits', () => {
  const program = scaledProgram(20, 15, 1);
  const [first, ...others] = methods.map((method) => quadraticProgram(asProgram(program), { method }));
  for (const { status, certificate, objective } of [first, ...others]) {
    expect(status).toBe('converged');
    expect(certificate!.value).toBeLessThan(1e-9);
    expect(objective).toBeCloseTo(first.objective, 9);
  }
});

test('operator splitting: a factorisation serves a sequence', () => {
  const program = scaledProgram(10, 8, 2);
  const qp = checkProgram(asProgram(program));
  const solver = new SplittingSolver(qp);
  let start: QpState | undefined;
  const counts = [0, 1, 2, 3, 4, 5].map((turn) => {
    const q = qp.q.map((v, j) => v + 0.01 * turn * Math.sin(j));
    let factorisations = 0;
    for (const step of solver.solve({ ...qp, q }, 1e-8, start)) {
      factorisations = step.factorisations;
      if (step.done) expect(step.done).toBe('converged');
      start = step.best;
    }
    expect(optimalityError({ ...program, q: [...q] }, start!.x, start!.rows, start!.bounds)).toBeLessThan(1e-8);
    return factorisations;
  });
  expect(counts.slice(1).reduce((sum, v) => sum + v, 0)).toBeLessThanOrEqual(2);
});

test('a random sparse linear program with dependent rows, whose optimum is known by construction', () => {
  const random = new Random(3);
  const [n, m] = [60, 40];
  const cells: [number, number, number][] = [];
  for (let i = 0; i < m / 2; i++) for (let k = 0; k < 6; k++) cells.push([i, random.integer(n), random.normal()]);
  // Each row again, doubled.
  for (const [i, j, v] of cells.slice()) cells.push([m / 2 + i, j, 2 * v]);
  const A = CscMatrix.fromTriplets(
    m,
    n,
    ...([0, 1, 2].map((k) => cells.map((c) => c[k])) as [number[], number[], number[]]),
  );
  const x = Float64Array.from({ length: n }, (_, j) => (j % 3 === 0 ? 1 + random.uniform() : 0));
  const y = Float64Array.from({ length: m }, (_, i) => (i < m / 2 ? random.normal() : 0));
  const [b, q] = [new Float64Array(m), new Float64Array(n)];
  for (let j = 0; j < n; j++) {
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
      b[A.rowIndices[k]] += A.values[k] * x[j];
      q[j] += A.values[k] * y[A.rowIndices[k]];
    }
    if (x[j] === 0) q[j] += 1;
  }
  const value = q.reduce((sum, v, j) => sum + v * x[j], 0);
  const { status, objective, certificate } = quadraticProgram({
    q,
    A,
    rowLower: b,
    rowUpper: b,
    lower: new Float64Array(n),
  });
  expect(status).toBe('converged');
  expect(objective).toBeCloseTo(value, 8);
  expect(certificate!.value).toBeLessThan(1e-9);
});
