import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareQp, type QpPoint, quadraticProgram } from './index.ts';

interface DenseCone {
  readonly G: number[][];
  readonly h: number[];
}
interface ConeProgram {
  readonly P?: number[][];
  readonly q: number[];
  readonly A?: number[][];
  readonly rowLower?: number[];
  readonly rowUpper?: number[];
  readonly lower?: number[];
  readonly upper?: number[];
  readonly cones: DenseCone[];
}

const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, x) => sum + x * x, 0));
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);
const times = (M: readonly number[][], x: ArrayLike<number>) => M.map((row) => inner(row, x));
const violation = (v: ArrayLike<number>) => norm(Array.from(v).slice(1)) - v[0];
const identity = (n: number) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => +(i === j)));
const zeros = (n: number) => new Array<number>(n).fill(0);
/** ‖x − centre‖ ≤ radius. */
const ball = (centre: number[], radius: number): DenseCone => ({
  G: [zeros(centre.length), ...identity(centre.length)],
  h: [radius, ...centre.map((v) => 0 - v)],
});

/** The largest violation of the optimality conditions, from their definition. */
function optimalityError(program: ConeProgram, { x, rows, bounds, cones }: QpPoint): number {
  const { P, q, A = [], cones: given } = program;
  const left = times(P ?? [], x);
  const errors = q.map((v, j) => {
    const ofRows = A.reduce((sum, row, i) => sum + row[j] * rows[i], 0);
    const ofCones = given.reduce(
      (sum, { G }, k) => sum + G.reduce((part, row, i) => part + row[j] * cones![k][i], 0),
      0,
    );
    return Math.abs((left[j] ?? 0) + v - ofRows - ofCones - bounds[j]);
  });
  const sides = (v: number, low: number, up: number, multiplier: number) => {
    errors.push(low - v, v - up);
    if (low < up) errors.push(Math.min(Math.max(multiplier, 0), v - low), Math.min(Math.max(-multiplier, 0), up - v));
  };
  const { rowLower = A.map(() => -Infinity), rowUpper = A.map(() => Infinity) } = program;
  const { lower = q.map(() => -Infinity), upper = q.map(() => Infinity) } = program;
  times(A, x).forEach((v, i) => {
    sides(v, rowLower[i], rowUpper[i], rows[i]);
  });
  x.forEach((v, j) => {
    sides(v, lower[j], upper[j], bounds[j]);
  });
  given.forEach(({ G, h }, k) => {
    const s = times(G, x).map((v, i) => v + h[i]);
    errors.push(violation(s), violation(cones![k]), Math.abs(inner(s, cones![k])));
  });
  return errors.reduce((most, v) => Math.max(most, v), 0);
}

test('the nearest point of a ball, and the distance as the multiplier', () => {
  const { status, point, objective } = quadraticProgram({
    P: identity(3),
    q: [-3, -4, 0],
    cones: [ball([0, 0, 0], 1)],
  });
  expect(status).toBe('converged');
  [0.6, 0.8, 0].forEach((v, j) => {
    expect(point.x[j]).toBeCloseTo(v, 8);
  });
  expect(objective).toBeCloseTo(-4.5, 8);
  // At distance 4 from the ball, in the direction of (3, 4).
  [4, -2.4, -3.2, 0].forEach((v, i) => {
    expect(point.cones![0][i]).toBeCloseTo(v, 7);
  });
  expect(point.rows).toHaveLength(0);
});

test('a linear function over a ball', () => {
  const program = { q: [-3, 4], cones: [ball([1, 1], 2)] };
  const { objective, point } = quadraticProgram(program);
  expect(objective).toBeCloseTo(1 - 2 * 5, 8);
  expect(optimalityError(program, point)).toBeLessThan(1e-8);
});

/** minimise ‖Ax − b‖ + ρ‖x‖ over (x, t, r): robust least squares of El Ghaoui and Lebret (1997). */
function robust(A: number[][], b: number[], rho: number): ConeProgram {
  const n = A[0].length;
  return {
    q: [...zeros(n), 1, rho],
    cones: [
      { G: [[...zeros(n), 1, 0], ...A.map((row) => [...row, 0, 0])], h: [0, ...b.map((v) => -v)] },
      { G: [[...zeros(n), 0, 1], ...identity(n).map((row) => [...row, 0, 0])], h: zeros(n + 1) },
    ],
  };
}

test('robust least squares is a ridge regression, and 0 for a large enough penalty', () => {
  const random = new Random(1);
  const A = Array.from({ length: 12 }, () => Array.from({ length: 4 }, () => random.normal()));
  const b = Array.from({ length: 12 }, () => random.normal());
  const { point, status } = quadraticProgram(robust(A, b, 0.5));
  expect(status).toBe('converged');
  const x = point.x.slice(0, 4);
  const residual = times(A, x).map((v, i) => v - b[i]);
  // Aᵀ(Ax − b)/‖Ax − b‖ + ρx/‖x‖ = 0.
  x.forEach((v, j) => {
    const gradient = A.reduce((sum, row, i) => sum + row[j] * residual[i], 0);
    expect(gradient / norm(residual) + (0.5 * v) / norm(x)).toBeCloseTo(0, 5);
  });
  const slope = norm(A[0].map((_, j) => A.reduce((sum, row, i) => sum + row[j] * b[i], 0))) / norm(b);
  const apex = robust(A, b, 1.1 * slope);
  const at = quadraticProgram(apex);
  expect(at.status).toBe('converged');
  expect(norm(at.point.x.slice(0, 4))).toBeLessThan(1e-7);
  expect(at.objective).toBeCloseTo(norm(b), 8);
  expect(optimalityError(apex, at.point)).toBeLessThan(1e-7);
});

test('the same optimum as cvxopt.solvers.coneqp 1.3.0', () => {
  const G = [
    [2, 1, 0],
    [1, -1, 2],
    [0, 3, 1],
  ];
  const program = {
    P: [
      [4, 1, 0],
      [1, 2, 0],
      [0, 0, 0],
    ],
    q: [-1, -3, 2],
    A: [[1, 1, 1]],
    rowLower: [1],
    rowUpper: [1],
    cones: [{ G, h: [3, 1, -2] }, ball([0, 1, 0], 2)],
  };
  const { objective, point } = quadraticProgram(program);
  expect(objective).toBeCloseTo(-4.277421984803, 8);
  expect(optimalityError(program, point)).toBeLessThan(1e-8);
});

/** Primal and dual points strictly inside their cones make a program with a solution. */
function feasibleProgram(
  seed: number,
  sizes: readonly number[],
  n: number,
  m: number,
  quadratic: boolean,
): ConeProgram {
  const random = new Random(seed);
  const normals = (length: number) => Array.from({ length }, () => random.normal());
  const inCone = (size: number) => {
    const [, ...u] = normals(size);
    return [norm(u) + 0.1 + random.uniform(), ...u];
  };
  const x = normals(n);
  const q = zeros(n);
  const add = (M: number[][], y: number[]) => {
    M.forEach((row, i) => {
      row.forEach((v, j) => {
        q[j] += v * y[i];
      });
    });
  };
  const A = Array.from({ length: m }, () => normals(n));
  add(A, normals(m));
  const cones = sizes.map((size) => {
    const G = Array.from({ length: size }, () => normals(n));
    add(G, inCone(size));
    const s = inCone(size);
    return { G, h: times(G, x).map((v, i) => s[i] - v) };
  });
  const B = [normals(n), normals(n)];
  const P = x.map((_, i) => x.map((__, j) => (quadratic ? B.reduce((sum, row) => sum + row[i] * row[j], 0) : 0)));
  times(P, x).forEach((v, j) => {
    q[j] -= v;
  });
  const b = times(A, x);
  const rows = m > 0 ? { A, rowLower: b, rowUpper: b } : {};
  return { P, q, ...rows, lower: x.map((v, j) => (j % 3 ? -Infinity : v - 1)), cones };
}

test('random programs satisfy the optimality conditions', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.nat(), sizes, fc.integer({ min: 2, max: 8 }), fc.boolean(), (seed, all, n, quadratic) => {
      const program = feasibleProgram(seed, all, n, n > 3 ? 2 : 0, quadratic);
      const { status, point, certificate } = quadraticProgram(program);
      expect(status).toBe('converged');
      const size = 1 + norm(program.q) + norm(point.x) + point.cones!.reduce((sum, y) => sum + norm(y), 0);
      expect(optimalityError(program, point)).toBeLessThan(1e-7 * size * size);
      expect(certificate!.relative).toBeLessThanOrEqual(1e-8);
    }),
    { numRuns: 150 },
  );
});

test('cones of size 1 are linear inequalities', () => {
  const program = { q: [1, 2], lower: [-5, -5] };
  const rows = quadraticProgram({ ...program, A: [[1, 1]], rowLower: [-1] });
  const { point, objective } = quadraticProgram({ ...program, cones: [{ G: [[1, 1]], h: [1] }] });
  expect(objective).toBeCloseTo(rows.objective, 8);
  expect(point.cones![0][0]).toBeCloseTo(rows.point.rows[0], 7);
});

test('a constant row in a cone bounds the others, and units of cones do not matter', () => {
  for (const unit of [1e-4, 1, 1e5]) {
    const G = [
      [unit, unit],
      [0, 0],
      [unit, -unit],
    ];
    const { objective, status } = quadraticProgram({ q: [1, 1], cones: [{ G, h: [0, 2 * unit, 0] }] });
    expect(status).toBe('converged');
    expect(objective).toBeCloseTo(2, 8);
  }
});

/** The multipliers add up to a contradiction: no x can make Σ yᵀ(sides) ≤ gᵀx for the bounds. */
function expectInfeasible(program: ConeProgram) {
  const { status, point } = quadraticProgram(program);
  expect(status).toBe('infeasible');
  const { rows, cones } = point.infeasibility!;
  const { A = [], q, rowLower, rowUpper } = program;
  for (const y of cones!) expect(violation(y)).toBeLessThanOrEqual(1e-15 * y[0]);
  q.forEach((_, j) => {
    let g = A.reduce((sum, row, i) => sum + row[j] * rows[i], 0);
    program.cones.forEach(({ G }, k) => {
      g += G.reduce((sum, row, i) => sum + row[j] * cones![k][i], 0);
    });
    expect(Math.abs(g)).toBeLessThan(1e-8);
  });
  let margin = 0;
  rows.forEach((y, i) => {
    if (y !== 0) margin += y * (y > 0 ? rowLower! : rowUpper!)[i];
  });
  program.cones.forEach(({ h }, k) => {
    margin -= inner(h, cones![k]);
  });
  expect(margin).toBeCloseTo(1, 8);
}

test('infeasible programs, with multipliers that prove it', () => {
  expectInfeasible({ q: [0, 0], A: [[1, 1]], rowLower: [4], cones: [ball([0, 0], 2)] });
  expectInfeasible({ P: identity(2), q: [1, 2], cones: [ball([0, 0], 1), ball([3, 0], 1)] });
  expectInfeasible({ q: [1], cones: [{ G: [[0], [1]], h: [-1, 0] }] });
  expectInfeasible({ q: [1, 1, 1], cones: [ball([0, 0, 0], 1), ball([1.5, 1.5, 0], 1), ball([9, 9, 9], 20)] });
});

test('unbounded programs, with a ray in all cones', () => {
  const cone = { G: identity(3), h: [1, 0, 0] };
  for (const program of [
    { q: [-1, 0, 0], cones: [cone] },
    { q: [1, 2, 0], cones: [cone] },
    {
      P: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
      ],
      q: [-1, 0.5, 1],
      A: [[0, 1, 0]],
      rowLower: [-3],
      cones: [cone],
    },
  ]) {
    const { status, point } = quadraticProgram(program);
    expect(status).toBe('unbounded');
    expect(inner(program.q, point.ray!)).toBeCloseTo(-1, 9);
    expect(violation(times(cone.G, point.ray!))).toBeLessThan(1e-13 * norm(point.ray!));
  }
});

test('an optimum that is not attained, or not by the dual, is not called unbounded', () => {
  const hyperbola = {
    G: [
      [1, 1],
      [1, -1],
      [0, 0],
    ],
    h: [0, 0, 2],
  };
  const ray = {
    G: [
      [1, 0],
      [1, 0],
      [0, 1],
    ],
    h: [0, 0, 0],
  };
  for (const [cone, q] of [
    [hyperbola, [1, 0]],
    [ray, [0, 1]],
  ] as const) {
    const { status } = quadraticProgram({ q, cones: [cone] });
    expect(['stalled', 'converged']).toContain(status);
  }
});

test('a sparse cone of a thousand rows', () => {
  const n = 1000;
  // The distance of a decreasing vector from the increasing ones: its mean is the nearest.
  const target = Float64Array.from({ length: n }, (_, j) => Math.sin(j / n) - (3 * j) / n);
  const rows = Array.from({ length: n }, (_, j) => j);
  const G = CscMatrix.fromTriplets(
    n + 1,
    n + 1,
    [0, ...rows.map((j) => j + 1)],
    [n, ...rows],
    new Array(n + 1).fill(1),
  );
  const steps = rows.slice(1);
  const A = CscMatrix.fromTriplets(
    ...([n - 1, n + 1, [...steps.map((j) => j - 1), ...steps.map((j) => j - 1)]] as const),
    [...steps, ...steps.map((j) => j - 1)],
    [...steps.map(() => 1), ...steps.map(() => -1)],
  );
  const { status, point, objective } = quadraticProgram({
    q: [...zeros(n), 1],
    ...{ A, rowLower: zeros(n - 1) },
    cones: [{ G, h: [0, ...target.map((v) => -v)] }],
  });
  expect(status).toBe('converged');
  const mean = target.reduce((sum, v) => sum + v, 0) / n;
  expect(objective).toBeCloseTo(norm(target.map((v) => v - mean)), 7);
  expect(point.x[0]).toBeCloseTo(mean, 5);
});

test('prepared programs keep their cones when sides change', () => {
  const program = { q: [-3, -4], A: [[1, 0]], rowUpper: [5], cones: [ball([0, 0], 2)] };
  const prepared = prepareQp(program);
  expect(prepared.solve().objective).toBeCloseTo(-10, 8);
  const { objective, point } = prepared.solve({ rowUpper: [0] });
  expect(objective).toBeCloseTo(-8, 7);
  expect(point.rows[0]).toBeCloseTo(-3, 5);
  expect(point.active.rows).toEqual(Int8Array.of(1));
});

test('refusals', () => {
  const program = { q: [1, 1], cones: [ball([0, 0], 1)] };
  for (const method of ['active-set', 'splitting'] as const) {
    expect(() => quadraticProgram(program, { method })).toThrow(`The method ${method} does not take cones`);
  }
  expect(() => quadraticProgram({ q: [1], cones: [ball([0, 0], 1)] })).toThrow('G of cone 1 has 2 columns');
  expect(() => quadraticProgram({ q: [1], cones: [{ G: [[1]], h: [1, 2] }] })).toThrow('h of cone 1 has 2 entries');
  expect(() => quadraticProgram({ q: [1], cones: [{ G: [[Number.NaN]], h: [1] }] })).toThrow('G of cone 1 holds NaN');
});
