import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  flagOption,
  integerOption,
  keysOf,
  knownKeys,
  type OptionsNeeding,
  type Random,
  seedOption,
} from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { besides, denseSamples } from './samples.ts';
import { codingRecords, type SparseCodeOptions, sparseCodes } from './sparseCodes.ts';

export const dictionaryRecords = {
  ...codingRecords,
  /** Number of atoms K; may exceed the number of features, and usually does. */
  atoms: integerOption({ min: 1 }),
  /** Constrains atoms to be non-negative. Default false. */
  nonNegativeAtoms: flagOption(),
  /** Default 0. */
  seed: seedOption('seed of the initialisation'),
};

export interface DictionaryOptions extends OptionsNeeding<typeof dictionaryRecords, 'atoms' | 'alpha'> {}

/** A dictionary of atoms of norm at most 1, with the lasso parameters of its codes. */
export class SparseDictionary {
  constructor(
    /** N × K, atoms as columns. */
    readonly atoms: DenseMatrix,
    readonly coding: SparseCodeOptions,
  ) {
    knownKeys('SparseDictionary', coding, keysOf(codingRecords));
  }

  /** Codes of samples by rows, n × K: see {@link sparseCodes}. */
  encode(samples: MatrixLike): DenseMatrix {
    return sparseCodes(this.atoms, samples, this.coding);
  }

  /** Reconstructs samples from codes by rows, n × N. */
  decode(codes: MatrixLike): DenseMatrix {
    const X = denseSamples(codes, this.atoms.cols, 'The codes');
    const D = besides(X, this.atoms.data, this.atoms.rows, this.atoms.cols);
    const out = DenseMatrix.create(X.rows, this.atoms.rows, { fill: false });
    matrixProduct(X, D, out, { transB: true });
    X.free();
    D.free();
    return out;
  }
}

/** An atom whose codes have less energy than this fraction of the mean counts as unused. */
const UNUSED = 1e-10;

/**
 * One pass of block coordinate descent over atoms on ½tr(DᵀDA) − tr(DᵀB) with ‖d_j‖ ≤ 1, A and B the sums of xxᵀ and
 * yxᵀ (Mairal, Bach, Ponce and Sapiro 2010, algorithm 2). Atoms whose codes are all zero are replaced by `spare`.
 * O(NK²).
 */
export function updateAtoms(
  D: Float64Array,
  N: number,
  K: number,
  A: Float64Array,
  B: Float64Array,
  positive: boolean,
  spare: () => Float64Array,
): void {
  let trace = 0;
  for (let j = 0; j < K; j++) trace += A[j * K + j];
  const u = new Float64Array(N);
  for (let j = 0; j < K; j++) {
    const own = A[j * K + j];
    const atom = D.subarray(j * N, j * N + N);
    if (!(own > (UNUSED * trace) / K)) {
      atom.set(spare());
      continue;
    }
    for (let i = 0; i < N; i++) u[i] = B[j * N + i];
    for (let k = 0; k < K; k++) {
      const a = A[j * K + k];
      if (a === 0) continue;
      for (let i = 0; i < N; i++) u[i] -= a * D[k * N + i];
    }
    let length = 0;
    for (let i = 0; i < N; i++) {
      u[i] = u[i] / own + atom[i];
      if (positive && u[i] < 0) u[i] = 0;
      length += u[i] * u[i];
    }
    const scale = 1 / Math.max(1, Math.sqrt(length));
    for (let i = 0; i < N; i++) atom[i] = scale * u[i];
  }
}

/** ‖x‖₂ without overflow. */
function lengthOf(x: Float64Array): number {
  const largest = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return largest > 0 ? largest * Math.sqrt(x.reduce((sum, v) => sum + (v / largest) ** 2, 0)) : 0;
}

/**
 * A random row of the samples, perturbed so that no two atoms are equal (which would make the Gram matrix of the lasso
 * singular) and scaled to unit norm; a random direction if the row is zero.
 */
export function drawAtom(Y: DenseMatrix, random: Random, positive: boolean): Float64Array {
  const row = random.integer(Y.rows);
  const atom = Float64Array.from({ length: Y.cols }, (_, j) => (positive ? Math.max(0, Y.get(row, j)) : Y.get(row, j)));
  const length = lengthOf(atom);
  const noise = length > 0 ? (0.1 * length) / Math.sqrt(Y.cols) : 1;
  for (let j = 0; j < atom.length; j++) atom[j] += noise * (positive ? random.uniform() : random.normal());
  const scale = 1 / lengthOf(atom);
  return atom.map((v) => v * scale);
}
