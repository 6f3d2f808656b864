import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CscMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import {
  fromTriangle,
  refine,
  SparseLdltFactor,
  sparseCholesky,
  sparseLdlt,
  sparseLu,
  sparseQr,
  structuralRank,
} from './index.ts';
import { cellsOf, columnNorm, fromCells, norm1, normInf, parseMarket, rowNorm, solveRatio, times } from './testing.ts';

// Folders of Matrix Market files (and of CSparse's triplets), separated by colons.
const folders = (process.env.SOUTHWELL_MATRICES ?? '')
  .split(':')
  .filter((folder) => folder !== '' && existsSync(folder));
const python = '/usr/bin/python3';
const installed = existsSync(python) && spawnSync(python, ['-c', 'import scipy.sparse']).status === 0;

const vector = (n: number) => {
  const random = new Random(7);
  return Float64Array.from({ length: n }, () => random.normal());
};

/** Triplets counted from 0, without a head. */
function parseTriplets(text: string): CscMatrix {
  const cells = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const [m, n] = [0, 1].map((at) => Math.max(...cells.map((cell) => cell[at])) + 1);
  return fromCells(m, n, cells);
}

const stored = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => !/PROVENANCE|\.tri$/.test(name))
    .map((name): [string, () => CscMatrix] => [
      name,
      () => {
        const text = readFileSync(join(folder, name), 'utf8');
        return text.startsWith('%%') ? parseMarket(text) : parseTriplets(text);
      },
    ]),
);

// Of symmetric ones CSparse stores a triangle.
const matrices = [
  ...stored,
  ...stored
    .filter(([name]) => /^bcsstk\d+$/.test(name))
    .map(([name, read]): [string, () => CscMatrix] => [`${name}, whole`, () => fromTriangle(read())]),
];

const isSymmetric = (A: CscMatrix) => {
  if (A.rows !== A.cols) return false;
  const x = vector(A.cols);
  const [y, z] = [times(A, x), times(A, x, true)];
  return normInf(y.map((v, i) => v - z[i])) <= 1e-12 * rowNorm(A);
};

/** Structural rank, singular values (of small matrices) and eigenvalue signs, from SciPy. */
function fromScipy(A: CscMatrix): { structural: number; singular: number[]; eigen: number[] } {
  const cells = [...cellsOf(A)];
  const script = `
import json, sys, numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.csgraph import structural_rank
m, n, i, j, v, sym = json.load(sys.stdin)
A = csc_matrix((v, (i, j)), shape=(m, n))
A.data[:] = np.where(A.data == 0, 1e-300, A.data)
small = max(m, n) <= 500
D = A.toarray() if small else None
print(json.dumps(dict(structural=int(structural_rank(A.tocsr())), singular=np.linalg.svd(D, compute_uv=False).tolist() if small else [],
  eigen=np.linalg.eigvalsh(D).tolist() if small and sym else [])))`;
  const input = JSON.stringify([
    A.rows,
    A.cols,
    ...[0, 1, 2].map((at) => cells.map((cell) => cell[at])),
    isSymmetric(A),
  ]);
  const { stdout, stderr } = spawnSync(python, ['-c', script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(matrices.length === 0)(
  'stored matrices (skipped unless SOUTHWELL_MATRICES names folders of them)',
  () => {
    test.each(matrices)('%s', (_, read) => {
      const A = read();
      const peer = installed ? fromScipy(A) : undefined;
      if (peer) expect(structuralRank(A)).toBe(peer.structural);
      const qr = sparseQr(A);
      if (peer && peer.singular.length > 0) {
        // Where singular values fall off little by little there is no rank to tell.
        const [least, most] = [1e-16 * peer.singular[0], 1e-8 * peer.singular[0]];
        if (!peer.singular.some((s) => s > least && s < most)) {
          expect(qr.rank).toBe(peer.singular.filter((s) => s >= most).length);
        }
      }
      const b = A.rows < A.cols ? times(A, vector(A.cols)) : vector(A.rows);
      const x = qr.leastSquares(b);
      if (A.rows >= A.cols) {
        const r = times(A, x).map((v, i) => b[i] - v);
        expect(normInf(times(A, r, true))).toBeLessThanOrEqual(
          1e-12 * columnNorm(A) * (norm1(b) + rowNorm(A) * norm1(x)),
        );
      } else {
        expect(normInf(times(A, x).map((v, i) => v - b[i]))).toBeLessThanOrEqual(1e-12 * rowNorm(A) * norm1(x));
      }
      if (A.rows !== A.cols) return;
      for (const [ordering, method] of [
        ['columns', 'columns'],
        ['symmetric', 'columns'],
        ['symmetric', 'fronts'],
      ] as const) {
        const factor = sparseLu(A, { ordering, method });
        if (factor.zeroPivot >= 0 || factor.reciprocalCondition() < 1e-15) continue;
        expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(30);
        expect(refine(A, factor, b).backwardError).toBeLessThan(1e-15);
      }
      if (!isSymmetric(A)) return;
      const ldlt = sparseLdlt(A);
      expect(ldlt).toBeInstanceOf(SparseLdltFactor);
      const { certain, ...counts } = ldlt.inertia({ certain: true });
      if (ldlt.reciprocalCondition() > 1e-15) {
        expect(solveRatio(A, ldlt.solve(b), b)).toBeLessThan(30);
        expect(refine(A, ldlt, b).backwardError).toBeLessThan(1e-15);
      }
      if (certain && peer && peer.eigen.length > 0) {
        expect(counts.positive).toBe(peer.eigen.filter((v) => v > 0).length);
      }
      if (certain && counts.negative === 0) {
        const factor = sparseCholesky(A);
        expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(30);
      }
    });
  },
);
