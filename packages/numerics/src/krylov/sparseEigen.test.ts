import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random, run } from '../core/index.ts';
import { algebraicMultigrid } from '../iterative/index.ts';
import { cholesky, eigenSymmetric, lu } from '../linalg/index.ts';
import type { LinearOperator } from '../operators/index.ts';
import { lobpcg, lobpcgIterates, thickRestartLanczos } from './index.ts';
import { besideDense, descending, holds, knownSpectra, line, rectangle } from './testing.ts';

const random = new Random(3);

/** x ↦ (A − σ)⁻¹x. */
const shifted = (A: CscMatrix, sigma: number): LinearOperator => {
  const dense = A.toDense();
  for (let i = 0; i < A.rows; i++) dense.set(i, i, dense.get(i, i) - sigma);
  const factor = lu(dense);
  return { rows: A.rows, cols: A.rows, apply: (x, y) => y.set(factor.solve(x)) };
};

knownSpectra({ pairs: [1, 4, 7], side: 18, leading: [1, 4] });
besideDense([1, 2, 3, 10, 40, 120]);

describe('known spectra', () => {
  test('nearest to a point within, by shift and invert', () => {
    const { A, exact } = rectangle(15, 15);
    for (const sigma of [3.1, 0, -2]) {
      const near = [...exact].sort((a, b) => Math.abs(a - sigma) - Math.abs(b - sigma));
      const found = thickRestartLanczos(A, 6, { which: 'nearest', sigma, solve: shifted(A, sigma) });
      expect(found.solution.status).toBe('converged');
      found.values.forEach((v, c) => {
        expect(Math.abs(v - sigma)).toBeCloseTo(Math.abs(near[c] - sigma), 9);
      });
      expect(Math.max(...found.residuals)).toBeLessThanOrEqual(1e-10);
    }
  });

  test('ten copies of one eigenvalue are ten', () => {
    const n = 400;
    const A: LinearOperator = {
      rows: n,
      cols: n,
      apply: (x, y) => {
        for (let i = 0; i < n; i++) y[i] = (i < 10 ? 5 : 4 / (i + 1)) * x[i];
      },
    };
    for (const found of [thickRestartLanczos(A, 12), lobpcg(A, 12, { which: 'largest' })]) {
      expect(found.solution.status).toBe('converged');
      const expected = [...new Array<number>(10).fill(5), 4 / 11, 4 / 12];
      found.values.forEach((v, c) => {
        expect(v).toBeCloseTo(expected[c], 9);
      });
    }
  });
});

describe('random matrices beside the dense method', () => {
  test('Ax = λBx', () => {
    const { A } = rectangle(12, 11);
    const n = A.rows;
    const { A: shape } = rectangle(12, 11);
    // A mass matrix: heavier on one side.
    const B = CscMatrix.fromColumns(n, n, shape.colPointers, shape.rowIndices, shape.values);
    for (let j = 0; j < n; j++) {
      for (let p = B.colPointers[j]; p < B.colPointers[j + 1]; p++) {
        const i = B.rowIndices[p];
        B.values[p] = i === j ? 8 + (i % 12) : 1;
      }
    }
    const L = cholesky(B.toDense());
    const C = DenseMatrix.create(n, n);
    // L⁻¹AL⁻ᵀ by columns: solve, transpose, solve.
    const lower = (v: Float64Array) => {
      for (let i = 0; i < n; i++) {
        for (let t = 0; t < i; t++) v[i] -= L.L.get(i, t) * v[t];
        v[i] /= L.L.get(i, i);
      }
    };
    const half = A.toDense();
    for (let j = 0; j < n; j++) lower(half.column(j));
    for (let i = 0; i < n; i++) {
      const row = Float64Array.from({ length: n }, (_, j) => half.get(i, j));
      lower(row);
      C.column(i).set(row);
    }
    const exact = Array.from(eigenSymmetric(C).values);
    holds(A, lobpcg(A, 5, { B }), exact, B);
    holds(A, lobpcg(A, 5, { B, preconditioner: algebraicMultigrid(A) }), exact, B);
    holds(A, lobpcg(A, 5, { B, which: 'largest' }), descending(exact), B);
  });
});

describe('what may be given', () => {
  const { A, exact } = rectangle(20, 20);

  test('vectors to start from, good, dependent or too many', () => {
    const first = lobpcg(A, 4);
    const again = lobpcg(A, 4, { x0: first.vectors });
    holds(A, again, exact);
    expect(again.solution.iterations).toBeLessThan(first.solution.iterations);
    const same = DenseMatrix.create(400, 9);
    same.data.fill(1);
    holds(A, lobpcg(A, 3, { x0: same }), exact);
    holds(A, lobpcg(A, 3, { x0: DenseMatrix.create(400, 2) }), exact);
  });

  test('constraints: the eigenvalues that come next', () => {
    const first = lobpcg(A, 3);
    const next = lobpcg(A, 3, { constraints: first.vectors });
    holds(A, next, exact.slice(3));
    const inner = next.vectors.column(0).reduce((sum, v, i) => sum + v * first.vectors.column(0)[i], 0);
    expect(Math.abs(inner)).toBeLessThan(1e-12);
    // Twice the same vector is one constraint; all vectors of the space leave nothing.
    const twice = DenseMatrix.create(400, 2);
    twice.data.set([...first.vectors.column(0), ...first.vectors.column(0)]);
    holds(A, lobpcg(A, 2, { constraints: twice }), exact.slice(1));
    const identity = DenseMatrix.fromRows([
      [1, 0],
      [0, 1],
    ]);
    expect(() => lobpcg(identity, 1, { constraints: identity })).toThrow('span the whole space');
  });

  test('a singular Neumann problem: zero comes first, constraints take it away', () => {
    const { A: path, exact: values } = line(200, false);
    const M = algebraicMultigrid(path);
    holds(path, lobpcg(path, 3, { preconditioner: M }), values);
    const ones = DenseMatrix.create(200, 1);
    ones.data.fill(7);
    holds(path, lobpcg(path, 3, { preconditioner: M, constraints: ones }), values.slice(1));
  });

  test.each([1e-150, 1e150])('a scale of %f', (scale) => {
    const { A: scaled } = rectangle(20, 20);
    for (let p = 0; p < scaled.nnz; p++) scaled.values[p] *= scale;
    const M = algebraicMultigrid(scaled);
    for (const found of [
      lobpcg(scaled, 3),
      lobpcg(scaled, 3, { preconditioner: M }),
      lobpcg(scaled, 3, { B: scaled.rows === 400 ? A : undefined }),
      thickRestartLanczos(scaled, 3, { which: 'smallest' }),
    ]) {
      expect(found.solution.status).toBe('converged');
      expect(found.vectors.data.every(Number.isFinite)).toBe(true);
    }
    const { values } = thickRestartLanczos(scaled, 3, { which: 'smallest' });
    values.forEach((v, c) => {
      expect(v / scale).toBeCloseTo(exact[c], 9);
    });
    const { values: others } = lobpcg(scaled, 3, { B: scaled, which: 'largest' });
    for (const v of others) expect(v).toBeCloseTo(1, 9);
    const solve = shifted(A, 0);
    const inverse = {
      ...solve,
      apply: (x: Float64Array, y: Float64Array) => {
        solve.apply(x, y);
        for (let i = 0; i < y.length; i++) y[i] /= scale;
      },
    };
    const near = thickRestartLanczos(scaled, 3, { which: 'nearest', solve: inverse });
    near.values.forEach((v, c) => {
      expect(v / scale).toBeCloseTo(exact[c], 9);
    });
  });

  test('zero, the identity and a single row', () => {
    const of = (diagonal: number): LinearOperator => ({
      rows: 90,
      cols: 90,
      apply: (x, y) => {
        for (let i = 0; i < 90; i++) y[i] = diagonal * x[i];
      },
    });
    for (const value of [0, 1, -3]) {
      for (const found of [lobpcg(of(value), 4), thickRestartLanczos(of(value), 4)]) {
        expect(found.solution.status).toBe('converged');
        for (const v of found.values) expect(v).toBeCloseTo(value, 13);
        expect(found.vectors.data.every(Number.isFinite)).toBe(true);
      }
    }
    expect(lobpcg([[7]], 1).values).toEqual(Float64Array.of(7));
    expect(thickRestartLanczos([[7]], 1).values).toEqual(Float64Array.of(7));
  });

  test('what is refused', () => {
    const twoRows = [
      [2, 1],
      [1, 2],
    ];
    const skew = [
      [2, 1],
      [0, 2],
    ];
    for (const method of [lobpcg, thickRestartLanczos] as Array<(A: number[][], k: number, o?: object) => unknown>) {
      expect(() => method([[1, 2]], 1)).toThrow('A must be square, but is 1 × 2.');
      expect(() => method([], 1)).toThrow('without rows');
      expect(() => method(skew, 1)).toThrow('A is not symmetric');
      expect(() => method(twoRows, 3)).toThrow('k must be a whole number from 1 to 2, but is 3.');
      expect(() => method([[Number.NaN]], 1)).toThrow(/row 1/);
      expect(() => method(twoRows, 1, { tol: -1 })).toThrow('tol must be at least 0');
      expect(() => method(twoRows, 1, { which: 'middle' })).toThrow("is 'middle'");
      expect(() => method(twoRows, 1, { sead: 1 })).toThrow("did you mean 'seed'");
    }
    expect(() => thickRestartLanczos(twoRows, 1, { which: 'nearest' })).toThrow('needs solve');
    expect(() => thickRestartLanczos(A, 3, { basis: 4 })).toThrow('basis must be');
    expect(() => lobpcg(twoRows, 1, { B: [[1]] })).toThrow('A has 2 rows, but B has 1.');
    expect(() =>
      lobpcg(twoRows, 1, {
        B: [
          [1, 0],
          [0, -1],
        ],
      }),
    ).toThrow('B is not positive definite');
    expect(() => lobpcg(A, 1, { preconditioner: algebraicMultigrid([[1]]) })).toThrow('made for 1');
    const broken: LinearOperator = { rows: 60, cols: 60, apply: (_, y) => y.fill(Number.NaN) };
    expect(() => lobpcg(broken, 1)).toThrow('A product with A gave NaN in row 1');
  });

  test('a tolerance out of reach is a stall, with the residuals that there are', () => {
    for (const found of [lobpcg(A, 3, { tol: 0 }), thickRestartLanczos(A, 3, { tol: 0 })]) {
      expect(found.solution.status).toBe('stalled');
      expect(Math.max(...found.residuals)).toBeLessThan(1e-13);
      expect(found.solution.next).toBeDefined();
    }
  });

  test('the steps of the method are its own iterates', () => {
    const steps = run(lobpcgIterates(A, 2), { maxIter: 5 });
    expect([steps.status, steps.iterations]).toEqual(['iteration-limit', 5]);
    expect(steps.objective).toBeCloseTo(
      steps.point.values.reduce((a, b) => a + b, 0),
      12,
    );
  });
});

const python = '/usr/bin/python3';
const installed = spawnSync(python, ['-c', 'import scipy.sparse.linalg'], { stdio: 'ignore' }).status === 0;

test.skipIf(!installed)('SciPy finds the same (skipped where python3-scipy is not installed)', () => {
  const n = 300;
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let t = 0; t < 4 * n; t++) {
    const [i, j] = [Math.floor(random.uniform() * n), Math.floor(random.uniform() * n)];
    const v = random.normal();
    rows.push(i, j);
    cols.push(j, i);
    values.push(v, v);
  }
  const program = `
import json, sys, numpy as np, scipy.sparse as sp
from scipy.sparse.linalg import eigsh, lobpcg
n, r, c, v = json.load(sys.stdin)
A = sp.coo_matrix((v, (r, c)), (n, n)).tocsc()
ends = [sorted(eigsh(A, 5, which=w, return_eigenvectors=False)) for w in ('SA', 'LA')]
X = np.random.default_rng(0).standard_normal((n, 8))
ends.append(sorted(lobpcg(A, X, largest=False, tol=1e-9, maxiter=500)[0])[:5])
print(json.dumps([[float(x) for x in e] for e in ends]))`;
  const input = JSON.stringify([n, rows, cols, values]);
  const [low, high, block] = JSON.parse(
    execFileSync(python, ['-W', 'ignore', '-c', program], { input, encoding: 'utf8' }),
  );
  const A = CscMatrix.fromTriplets(n, n, rows, cols, values);
  const near = (got: Float64Array, want: readonly number[]) => {
    want.forEach((v, c) => {
      expect(got[c]).toBeCloseTo(v, 7);
    });
  };
  near(thickRestartLanczos(A, 5, { which: 'smallest' }).values, low);
  near(thickRestartLanczos(A, 5).values, descending(high));
  near(lobpcg(A, 5).values, low);
  near(lobpcg(A, 5).values, block);
});
