import { Arena } from '@southwell/kernels';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { Random } from '../../core/index.ts';
import { eigenSymmetric, multiply } from '../../linalg/index.ts';
import type { Preconditioner } from '../../operators/index.ts';
import { algebraicMultigrid, type MultigridOptions } from '../index.ts';
import { greedyAggregates, pairwiseAggregates, strongPart } from './amgAggregates.ts';
import { constantTentative, smoothed, spectralRadius, tentative } from './amgProlong.ts';
import { galerkin, Rows } from './amgRows.ts';

/** Finite volumes on a grid; `weight` of the face towards the next cell of an axis, or of the edge of the domain. */
function diffusion(dims: readonly number[], weight: (cell: number, next: number, axis: number) => number, open = true) {
  const n = dims.reduce((a, b) => a * b, 1);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const diagonal = new Float64Array(n);
  for (let axis = 0, stride = 1; axis < dims.length; stride *= dims[axis++]) {
    for (let i = 0; i < n; i++) {
      const c = Math.floor(i / stride) % dims[axis];
      if (open && c === 0) diagonal[i] += weight(i, i, axis);
      if (c === dims[axis] - 1) {
        if (open) diagonal[i] += weight(i, i, axis);
        continue;
      }
      const w = weight(i, i + stride, axis);
      diagonal[i] += w;
      diagonal[i + stride] += w;
      rows.push(i, i + stride);
      cols.push(i + stride, i);
      values.push(-w, -w);
    }
  }
  diagonal.forEach((v, i) => {
    rows.push(i);
    cols.push(i);
    values.push(v);
  });
  return CscMatrix.fromTriplets(n, n, rows, cols, values);
}
const poisson = (...dims: number[]) => diffusion(dims, () => 1);

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const norm = (a: Float64Array) => Math.sqrt(dot(a, a));
const random = new Random(11);
const normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());

/** Flexible conjugate gradients; the true relative residual at the end. */
function solve(A: CscMatrix, M: Preconditioner, b: Float64Array, rtol = 1e-8, limit = 200) {
  const n = A.rows;
  const [x, z, q, p] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const r = b.slice();
  let size = 0;
  let iterations = 0;
  while (norm(r) > rtol * norm(b) && iterations < limit) {
    iterations++;
    M.apply(r, z);
    const beta = size > 0 ? -dot(z, q) / size : 0;
    for (let i = 0; i < n; i++) p[i] = z[i] + beta * p[i];
    multiply(A, p, q);
    size = dot(p, q);
    const alpha = dot(p, r) / size;
    for (let i = 0; i < n; i++) {
      x[i] += alpha * p[i];
      r[i] -= alpha * q[i];
    }
  }
  multiply(A, x, q);
  return { iterations, residual: norm(b.map((v, i) => v - q[i])) / norm(b), x };
}

/** M⁻¹ is symmetric and positive on random vectors. */
function definite(M: Preconditioner, n: number): void {
  for (let trial = 0; trial < 4; trial++) {
    const [u, v] = [normals(n), normals(n)];
    const [Mu, Mv] = [new Float64Array(n), new Float64Array(n)];
    const kept = u.slice();
    M.apply(u, Mu);
    M.apply(v, Mv);
    expect(u).toEqual(kept);
    expect(Math.abs(dot(u, Mv) - dot(v, Mu))).toBeLessThan(1e-11 * norm(u) * norm(Mv));
    expect(dot(u, Mu)).toBeGreaterThan(0);
  }
}

describe('pieces', () => {
  const asRows = (A: CscMatrix): Rows => {
    const out = Rows.create(new Arena(), A.cols, A.rows, A.nnz);
    out.pointers.view.set(A.colPointers);
    out.indices.view.set(A.rowIndices);
    out.values.view.set(A.values);
    return out;
  };
  const dense = (A: Rows): number[][] => {
    const { pointers, indices, values } = A.views;
    return Array.from({ length: A.rows }, (_, i) => {
      const row = new Array<number>(A.cols).fill(0);
      for (let k = pointers[i]; k < pointers[i + 1]; k++) row[indices[k]] += values[k];
      return row;
    });
  };
  const A = asRows(diffusion([9, 7], (i, j) => 1 + ((i * 7 + j) % 5)));
  const inverse = Float64Array.from(dense(A), (row, i) => 1 / row[i]);
  const { F, graph } = strongPart(A, inverse, 'absolute', 0.25);
  const parts = greedyAggregates(graph);

  test('the strong part keeps row sums, and drops what is small beside its row', () => {
    expect(F.entries).toBeLessThan(A.entries);
    const [whole, strong] = [dense(A), dense(F)];
    whole.forEach((row, i) => {
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      expect(sum(strong[i])).toBeCloseTo(sum(row), 12);
      const most = Math.max(...row.map((v, j) => (j === i ? 0 : Math.abs(v))));
      row.forEach((v, j) => {
        if (j !== i) expect(strong[i][j]).toBe(Math.abs(v) > 0.25 * most ? v : 0);
      });
    });
  });

  test('aggregates are whole, numbered without gaps, and hang together', () => {
    for (const { of, count } of [parts, pairwiseAggregates(A)]) {
      expect(new Set(of)).toEqual(new Set(Array.from({ length: count }, (_, a) => a)));
      expect(count).toBeLessThan(0.6 * A.rows);
      const whole = dense(A);
      of.forEach((a, i) => {
        const members = Array.from(of.keys()).filter((j) => of[j] === a);
        if (members.length > 1) expect(members.some((j) => j !== i && whole[i][j] !== 0)).toBe(true);
      });
    }
  });

  test('columns before smoothing sum up to one, and after it where the rows of A do to zero', () => {
    const T = constantTentative(A.arena, parts);
    for (const row of dense(T)) expect(row.reduce((a, b) => a + b, 0)).toBe(1);
    const P = smoothed(F, T, 4 / 3 / spectralRadius(F));
    const [f, p, t] = [dense(F), dense(P), dense(T)];
    const omega = 4 / 3 / spectralRadius(F);
    p.forEach((row, i) => {
      row.forEach((v, a) => {
        const image = f[i].reduce((sum, w, j) => sum + w * t[j][a], 0);
        expect(v).toBeCloseTo(t[i][a] - (omega / f[i][i]) * image, 12);
      });
      if (Math.abs(f[i].reduce((a, b) => a + b, 0)) < 1e-12) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    });
  });

  test('the Galerkin product is PᵀAP, its columns ascending', () => {
    const P = smoothed(F, constantTentative(A.arena, parts), 0.6);
    for (const symmetric of [true, false]) {
      const C = galerkin(A, P, P.transpose(), symmetric);
      const [a, p, c] = [dense(A), dense(P), dense(C)];
      c.forEach((row, s) => {
        row.forEach((v, t) => {
          let sum = 0;
          for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.rows; j++) sum += p[i][s] * a[i][j] * p[j][t];
          expect(v).toBeCloseTo(sum, 10);
        });
      });
      const { pointers, indices } = C.views;
      for (let i = 0; i < C.rows; i++) {
        for (let k = pointers[i] + 1; k < pointers[i + 1]; k++) expect(indices[k]).toBeGreaterThan(indices[k - 1]);
      }
    }
  });

  test('a tentative prolongator makes its candidates, in orthonormal columns', () => {
    const n = A.rows;
    const ones = new Float64Array(n).fill(1);
    const ramp = Float64Array.from({ length: n }, (_, i) => i);
    // The third depends on the others.
    const given = [ones, ramp, ramp.map((v) => 2 * v - 1)];
    const { T, candidates, nodes } = tentative(A.arena, parts, given);
    const t = dense(T);
    expect(nodes).toHaveLength(T.cols);
    given.forEach((v, c) => {
      t.forEach((row, i) => {
        expect(row.reduce((sum, w, q) => sum + w * candidates![c][q], 0)).toBeCloseTo(v[i], 9);
      });
    });
    for (let q = 0; q < T.cols; q++) {
      for (let s = 0; s <= q; s++) {
        expect(t.reduce((sum, row) => sum + row[q] * row[s], 0)).toBeCloseTo(q === s ? 1 : 0, 12);
      }
    }
    expect(T.cols).toBeLessThanOrEqual(2 * parts.count);
  });

  test('the largest eigenvalue of D⁻¹A is estimated from above, and not far', () => {
    // Row sums bound it: 2.
    const M = asRows(diffusion([12, 12], (i, j) => 1 + ((i + j) % 3)));
    expect(spectralRadius(M)).toBeLessThanOrEqual(2 + 1e-12);
    expect(spectralRadius(M)).toBeGreaterThan(1.8);
    // Far from it where signs are mixed: steps of Lanczos's process know better.
    const G = DenseMatrix.create(60, 60);
    for (let k = 0; k < 3600; k++) G.data[k] = random.normal();
    const H = DenseMatrix.create(60, 60);
    for (let i = 0; i < 60; i++) {
      for (let j = 0; j < 60; j++) H.set(i, j, dot(G.column(i), G.column(j)));
    }
    const mixed = asRows(CscMatrix.fromDense(H));
    const n = mixed.rows;
    const D = DenseMatrix.create(n, n);
    const full = dense(mixed);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) D.set(i, j, full[i][j] / Math.sqrt(full[i][i] * full[j][j]));
    }
    const largest = eigenSymmetric(D).values[n - 1];
    const bound = Math.max(...full.map((row, i) => row.reduce((sum, v) => sum + Math.abs(v), 0) / row[i]));
    expect(bound).toBeGreaterThan(1.2 * largest);
    expect(spectralRadius(mixed)).toBeGreaterThan(0.98 * largest);
    expect(spectralRadius(mixed)).toBeLessThan(1.1 * largest + 1e-12);
  });
});

const jump = (n: number, between = (a: number, b: number) => (2 * a * b) / (a + b)) => {
  const of = (i: number) => ((Math.floor((8 * (i % n)) / n) + Math.floor((8 * Math.floor(i / n)) / n)) % 2 ? 1000 : 1);
  return diffusion([n, n], (i, j) => between(of(i), of(j)));
};

describe('as a preconditioner', () => {
  test.each([
    ['2-D', [poisson(100, 100), poisson(400, 400)]],
    ['3-D', [poisson(16, 16, 16), poisson(40, 40, 40)]],
    [
      'anisotropic',
      [diffusion([64, 64], (_, __, axis) => 1e-3 ** axis), diffusion([256, 256], (_, __, axis) => 1e-3 ** axis)],
    ],
    ['jumping', [jump(64), jump(256)]],
    // The soft side is tied to the stiff one far more than to itself, and belongs to no aggregate.
    ['jumping, tied', [jump(64, (a, b) => Math.sqrt(a * b)), jump(256, (a, b) => Math.sqrt(a * b))]],
  ])('%s: iterations stay as they are when the grid is refined', (_, matrices) => {
    const [coarse, fine] = matrices.map((A) => {
      const M = algebraicMultigrid(A);
      expect(M.operatorComplexity).toBeLessThan(2.2);
      expect(M.coarsest).toBe('dense');
      expect(M.levels[0]).toEqual({ unknowns: A.rows, entries: A.nnz });
      const { iterations, residual } = solve(A, M, normals(A.rows));
      expect(residual).toBeLessThan(1.01e-8);
      return iterations;
    });
    expect(fine).toBeLessThanOrEqual(13);
    expect(fine).toBeLessThanOrEqual(1.3 * coarse + 1);
  });

  const choices: MultigridOptions[] = [
    {},
    { cycle: 'V' },
    { sweeps: 2 },
    { smoother: 'chebyshev' },
    { smoother: 'chebyshev', sweeps: 4, cycle: 'V' },
    { smoother: 'jacobi' },
    { smoother: 'jacobi', sweeps: 3 },
    { strength: 'classical', threshold: 0.1 },
    { aggregation: 'pairwise', cycle: 'W' },
    { prolongation: 'plain', cycle: 'W' },
    { maxLevels: 2 },
    { coarsest: 20 },
  ];
  test.each(choices)('%o is symmetric positive definite, and good', (options) => {
    const A = jump(48);
    const M = algebraicMultigrid(A, options);
    expect(M.symmetric).toBe(true);
    definite(M, A.rows);
    const { iterations, residual } = solve(A, M, normals(A.rows));
    expect(residual).toBeLessThan(1.01e-8);
    expect(iterations).toBeLessThan(options.prolongation || options.aggregation || options.maxLevels ? 60 : 30);
  });

  test('a K cycle says that it is not symmetric, and serves flexible methods', () => {
    const A = poisson(120, 120);
    const M = algebraicMultigrid(A, { cycle: 'K', prolongation: 'plain' });
    expect(M.symmetric).toBe(false);
    const { iterations, residual } = solve(A, M, normals(A.rows));
    expect(residual).toBeLessThan(1.01e-8);
    expect(iterations).toBeLessThan(40);
  });

  test('the same vector gives the same bits, whatever came before', () => {
    for (const options of [{}, { smoother: 'chebyshev' }] as const) {
      const M = algebraicMultigrid(poisson(40, 40), options);
      const r = normals(1600);
      const [first, second] = [new Float64Array(1600), new Float64Array(1600)];
      M.apply(r, first);
      M.apply(normals(1600), second);
      M.apply(r, second);
      expect(second).toEqual(first);
    }
  });

  test('does not notice what becomes of A', () => {
    const A = poisson(30, 30);
    const M = algebraicMultigrid(A);
    const r = normals(900);
    const [before, after] = [new Float64Array(900), new Float64Array(900)];
    M.apply(r, before);
    A.values.fill(Number.NaN);
    M.apply(r, after);
    expect(after).toEqual(before);
  });
});

/** Bilinear elements of plane strain on a grid of m × m squares, clamped at the left; two unknowns a node, and its rigid motions. */
function elasticity(m: number) {
  const [mu, lambda] = [1, 1.5];
  const gauss = [-1 / Math.sqrt(3), 1 / Math.sqrt(3)];
  const K = Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ];
  for (const s of gauss) {
    for (const t of gauss) {
      const slopes = corners.map(([a, b]) => [(a * (1 + b * t)) / 4, (b * (1 + a * s)) / 4]);
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b < 4; b++) {
          const inner = slopes[a][0] * slopes[b][0] + slopes[a][1] * slopes[b][1];
          for (let p = 0; p < 2; p++) {
            for (let q = 0; q < 2; q++) {
              K[2 * a + p][2 * b + q] +=
                lambda * slopes[a][p] * slopes[b][q] + mu * slopes[a][q] * slopes[b][p] + (p === q ? mu * inner : 0);
            }
          }
        }
      }
    }
  }
  const at = (x: number, y: number) => (x === 0 ? -1 : (y * m + x - 1) * 2);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let y = 0; y < m; y++) {
    for (let x = 0; x < m; x++) {
      const nodes = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
      for (let a = 0; a < 8; a++) {
        for (let b = 0; b < 8; b++) {
          if (nodes[a >> 1] < 0 || nodes[b >> 1] < 0) continue;
          rows.push(nodes[a >> 1] + (a & 1));
          cols.push(nodes[b >> 1] + (b & 1));
          values.push((K[a][b] + K[b][a]) / 2);
        }
      }
    }
  }
  const n = 2 * m * (m + 1);
  const place = (i: number) => [(Math.floor(i / 2) % m) + 1, Math.floor(i / 2 / m)];
  const candidates = [
    Float64Array.from({ length: n }, (_, i) => 1 - (i % 2)),
    Float64Array.from({ length: n }, (_, i) => i % 2),
    Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -place(i)[1] : place(i)[0])),
  ];
  return { A: CscMatrix.fromTriplets(n, n, rows, cols, values), candidates };
}

test('elastic bodies: rigid motions as candidates keep iterations low', () => {
  const count = (m: number, rigid: boolean) => {
    const { A, candidates } = elasticity(m);
    const M = algebraicMultigrid(A, { blockSize: 2, ...(rigid && { candidates }) });
    definite(M, A.rows);
    const { iterations, residual } = solve(A, M, normals(A.rows));
    expect(residual).toBeLessThan(1.01e-8);
    return iterations;
  };
  const [small, large] = [count(24, true), count(80, true)];
  expect(large).toBeLessThan(25);
  expect(large).toBeLessThanOrEqual(1.3 * small + 1);
  expect(count(80, false)).toBeGreaterThan(large);
});

/** Upwind differences: −ε·Δu + v·∇u on the unit square. */
function convection(m: number, epsilon: number, field: (x: number, y: number) => readonly [number, number]) {
  const h = 1 / (m + 1);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const [u, v] = field((b + 1) * h, (a + 1) * h);
      let diagonal = 0;
      const neighbour = (p: number, q: number, speed: number) => {
        const w = epsilon + Math.max(0, speed) * h;
        diagonal += w;
        if (p < 0 || q < 0 || p === m || q === m) return;
        rows.push(a * m + b);
        cols.push(p * m + q);
        values.push(-w);
      };
      neighbour(a, b - 1, u);
      neighbour(a, b + 1, -u);
      neighbour(a - 1, b, v);
      neighbour(a + 1, b, -v);
      rows.push(a * m + b);
      cols.push(a * m + b);
      values.push(diagonal);
    }
  }
  return CscMatrix.fromTriplets(m * m, m * m, rows, cols, values);
}

/** GCR, which takes preconditioners that change; its directions are all kept. */
function gcr(A: CscMatrix, M: Preconditioner, b: Float64Array, rtol = 1e-8, limit = 80) {
  const n = A.rows;
  const x = new Float64Array(n);
  const r = b.slice();
  const [steps, images]: [Float64Array[], Float64Array[]] = [[], []];
  while (norm(r) > rtol * norm(b) && steps.length < limit) {
    const [z, q] = [new Float64Array(n), new Float64Array(n)];
    M.apply(r, z);
    multiply(A, z, q);
    images.forEach((image, k) => {
      const c = dot(q, image);
      for (let i = 0; i < n; i++) {
        q[i] -= c * image[i];
        z[i] -= c * steps[k][i];
      }
    });
    const size = norm(q);
    for (let i = 0; i < n; i++) {
      q[i] /= size;
      z[i] /= size;
    }
    const c = dot(q, r);
    for (let i = 0; i < n; i++) {
      x[i] += c * z[i];
      r[i] -= c * q[i];
    }
    steps.push(z);
    images.push(q);
  }
  const q = new Float64Array(n);
  multiply(A, x, q);
  return { iterations: steps.length, residual: norm(b.map((v, i) => v - q[i])) / norm(b) };
}

test.each([
  ['along the grid', 1e-4, () => [1, 0.3] as const, 25],
  ['against the order of the unknowns', 1e-4, () => [-1, -0.5] as const, 25],
  ['with diffusion', 1e-2, () => [1, 0.3] as const, 30],
  // Closed stream lines are the hard case.
  ['in a circle', 1e-3, (x: number, y: number) => [y - 0.5, 0.5 - x] as const, 60],
] as const)('convection %s, by pairs', (_, epsilon, field, most) => {
  const A = convection(90, epsilon, field);
  const M = algebraicMultigrid(A);
  expect([M.symmetric, M.cycle, M.coarsest]).toEqual([false, 'K', 'dense']);
  const { iterations, residual } = gcr(A, M, new Float64Array(A.rows).fill(1));
  expect(residual).toBeLessThan(1.01e-8);
  expect(iterations).toBeLessThan(most);
});

describe('degenerate input', () => {
  const fromDense = (rows: number[][]) => CscMatrix.fromDense(DenseMatrix.fromRows(rows));
  const diagonal = (values: readonly number[]) =>
    CscMatrix.fromTriplets(values.length, values.length, [...values.keys()], [...values.keys()], values);

  test('no rows, one row', () => {
    const none = algebraicMultigrid(CscMatrix.create(0, 0, 0));
    expect([none.size, none.operatorComplexity, none.gridComplexity]).toEqual([0, 1, 1]);
    none.apply(new Float64Array(0), new Float64Array(0));
    const z = new Float64Array(1);
    algebraicMultigrid([[4]]).apply(Float64Array.of(2), z);
    expect(z[0]).toBe(0.5);
  });

  test('small matrices and diagonal ones are solved', () => {
    const A = poisson(9, 9);
    const M = algebraicMultigrid(A);
    expect([M.levels.length, M.coarsest]).toEqual([1, 'dense']);
    expect(solve(A, M, normals(81), 1e-12).iterations).toBeLessThanOrEqual(2);
    const D = diagonal(Array.from({ length: 3000 }, (_, i) => 1 + (i % 7)));
    const own = algebraicMultigrid(D);
    expect([own.levels.length, own.coarsest]).toEqual([1, 'smoother']);
    const z = new Float64Array(3000);
    own.apply(new Float64Array(3000).fill(1), z);
    z.forEach((v, i) => {
      expect(v).toBeCloseTo(1 / (1 + (i % 7)), 14);
    });
    definite(own, 3000);
  });

  test('what cannot be smoothed over is named', () => {
    const refused = (A: CscMatrix | number[][], options?: MultigridOptions) => () => algebraicMultigrid(A, options);
    expect(refused([[1, 2]])).toThrow('Multigrid needs a square matrix, but A is 1 × 2.');
    expect(
      refused([
        [2, Number.NaN],
        [Number.NaN, 2],
      ]),
    ).toThrow(/A has the value NaN in row 2, column 1/);
    expect(
      refused([
        [2, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
      ]),
    ).toThrow(/zero on the diagonal of row 2/);
    expect(
      refused(
        fromDense([
          [2, 0, 0],
          [0, 0, 0],
          [0, 0, 1],
        ]),
      ),
    ).toThrow(/2 of A hold/);
    expect(
      refused([
        [-2, 1],
        [1, -2],
      ]),
    ).toThrow(/negative definite, give −A/);
    expect(
      refused([
        [2, 1],
        [1, -2],
      ]),
    ).toThrow('A has -2 on the diagonal of row 2');
    expect(
      refused([
        [1, 3],
        [3, 1],
      ]),
    ).toThrow(/not positive semi-definite.*eigenvalue -2\.00/);
    const A = poisson(4, 4);
    expect(refused(A, { threshold: 1 })).toThrow('threshold must be');
    expect(refused(A, { cycle: 'F' as 'V' })).toThrow("cycle must be 'V' or 'W' or 'K', but is 'F'.");
    expect(refused(A, { blockSize: 3 })).toThrow('not a multiple of blockSize');
    expect(refused(A, { candidates: [] })).toThrow('empty list');
    expect(refused(A, { candidates: [new Float64Array(3)] })).toThrow('Candidate 1 has 3 values');
    expect(refused(A, { candidates: [new Float64Array(16).fill(Number.NaN)] })).toThrow(
      'Candidate 1 has the value NaN',
    );
    expect(refused(A, { smother: 'jacobi' } as MultigridOptions)).toThrow("did you mean 'smoother'");
    expect(
      refused(
        convection(20, 1, () => [5, 0]),
        { prolongation: 'smoothed' },
      ),
    ).toThrow('requires a symmetric A');
  });

  test.each([1e-150, 1e150, 1e-300])('a scale of %f changes nothing', (scale) => {
    const A = poisson(40, 40);
    const small = poisson(40, 40);
    for (let k = 0; k < A.nnz; k++) small.values[k] *= scale;
    const r = normals(1600);
    const [one, other] = [new Float64Array(1600), new Float64Array(1600)];
    algebraicMultigrid(A).apply(r, one);
    algebraicMultigrid(small).apply(
      r.map((v) => v * scale),
      other,
    );
    one.forEach((v, i) => {
      expect(Math.abs(other[i] - v)).toBeLessThan(1e-10 * Math.max(1, Math.abs(v)));
    });
  });

  test('units of single unknowns from 1e-6 to 1e6 change little', () => {
    const A = poisson(60, 60);
    const units = Float64Array.from({ length: 3600 }, (_, i) => 10 ** ((i % 13) - 6));
    for (let j = 0; j < 3600; j++) {
      for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) A.values[k] *= units[j] * units[A.rowIndices[k]];
    }
    // Constants are no longer what A makes small.
    const M = algebraicMultigrid(A, { candidates: [units.map((u) => 1 / u)] });
    const { residual } = solve(
      A,
      M,
      normals(3600).map((v, i) => v * units[i]),
      1e-6,
      120,
    );
    expect(residual).toBeLessThan(1.01e-6);
  });

  test('a singular Neumann problem, whole and in pieces', () => {
    for (const A of [
      diffusion([70, 70], () => 1, false),
      diffusion([8, 8], () => 1, false),
      // Squares that nothing ties together, each with its own constant.
      diffusion([64, 64], (i, j) => ((i % 64) >> 3 === (j % 64) >> 3 && i >> 9 === j >> 9 ? 1 : 0), false),
    ]) {
      const n = A.rows;
      const b = new Float64Array(n);
      multiply(A, normals(n), b);
      const M = algebraicMultigrid(A);
      if (n > 200) definite(M, n);
      const { iterations, residual, x } = solve(A, M, b);
      expect(residual).toBeLessThan(1.01e-8);
      expect(iterations).toBeLessThan(20);
      expect(x.every(Number.isFinite)).toBe(true);
    }
  });

  test('singular problems that are coarsened down to one unknown', () => {
    // Graphs without order, in which rounding leaves other sums than zero.
    for (let trial = 0; trial < 60; trial++) {
      const n = 20 + 4 * trial;
      const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
      for (let e = 0; e < 3 * n; e++) {
        const i = e % n;
        const j = e < n ? (i + 1) % n : Math.floor(random.uniform() * n);
        if (i === j) continue;
        rows.push(i, j, i, j);
        cols.push(j, i, i, j);
        values.push(-1, -1, 1, 1);
      }
      const A = CscMatrix.fromTriplets(n, n, rows, cols, values);
      const M = algebraicMultigrid(A, { coarsest: 1 });
      definite(M, n);
      const b = new Float64Array(n);
      multiply(A, normals(n), b);
      const { iterations, residual } = solve(A, M, b);
      expect(residual).toBeLessThan(1.01e-8);
      expect(iterations).toBeLessThan(40);
    }
  });

  test('many pairs of unknowns, each pair singular', () => {
    const n = 2000;
    const list = Array.from({ length: n }, (_, i) => i);
    const A = CscMatrix.fromTriplets(...([n, n, [...list, ...list], [...list, ...list.map((i) => i ^ 1)]] as const), [
      ...list.map(() => 0.1),
      ...list.map(() => -0.1),
    ]);
    const b = Float64Array.from(list, (i) => (i % 2 === 0 ? 1 : -1));
    const { residual } = solve(A, algebraicMultigrid(A), b);
    expect(residual).toBeLessThan(1e-8);
  });

  test('what is symmetric is seen, whatever zeros are stored', () => {
    const tied = (extra: ReadonlyArray<readonly [number, number, number]>) => {
      const A = [
        [4, -1, 0, -1],
        [-1, 4, -1, 0],
        [0, -1, 4, -1],
        [-1, 0, -1, 4],
      ];
      const list = A.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [[i, j, v] as const]))).concat(extra);
      return algebraicMultigrid(
        CscMatrix.fromTriplets(
          4,
          4,
          ...([0, 1, 2].map((t) => list.map((e) => e[t])) as [number[], number[], number[]]),
        ),
        { coarsest: 1 },
      ).symmetric;
    };
    expect(tied([])).toBe(true);
    expect(tied([[0, 2, 0]])).toBe(true);
    expect(
      tied([
        [2, 0, 0],
        [1, 3, 0],
      ]),
    ).toBe(true);
    expect(tied([[0, 2, -0.5]])).toBe(false);
    expect(tied([[2, 0, -0.5]])).toBe(false);
    expect(
      tied([
        [0, 2, -0.5],
        [2, 0, -0.25],
      ]),
    ).toBe(false);
    expect(
      tied([
        [0, 2, -0.5],
        [3, 1, -0.5],
      ]),
    ).toBe(false);
  });

  test('fixed values, rows that only have a diagonal, among others', () => {
    const A = poisson(50, 50);
    for (let j = 0; j < 2500; j++) {
      for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
        const i = A.rowIndices[k];
        if (i !== j && (i % 9 === 0 || j % 9 === 0)) A.values[k] = 0;
      }
    }
    const { iterations, residual } = solve(A, algebraicMultigrid(A), normals(2500));
    expect(residual).toBeLessThan(1.01e-8);
    expect(iterations).toBeLessThan(16);
  });

  test('a dense row does not fill the levels', () => {
    const n = 4000;
    const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
    const add = (i: number, j: number, v: number) => {
      rows.push(i);
      cols.push(j);
      values.push(v);
    };
    for (let i = 0; i < n; i++) {
      add(i, i, 2.01);
      if (i > 0) {
        add(i, i - 1, -1);
        add(i - 1, i, -1);
      }
      if (i > 1) {
        add(0, i, -0.001);
        add(i, 0, -0.001);
      }
    }
    const A = CscMatrix.fromTriplets(n, n, rows, cols, values);
    const M = algebraicMultigrid(A);
    expect(M.operatorComplexity).toBeLessThan(3);
    const { iterations, residual } = solve(A, M, normals(n));
    expect(residual).toBeLessThan(1.01e-8);
    expect(iterations).toBeLessThan(25);
  });
});
