import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import { type Biases, damped } from './biases.ts';
import { rowDot } from './factors.ts';

/** The column factors of a completion. */
export interface KnownColumns {
  /** cols × rank by rows. */
  readonly right: Float64Array;
  readonly rank: number;
  /** ½λ‖u‖² is added to half the sum of squares. */
  readonly lambda: number;
  readonly biases?: Pick<Biases, 'mean' | 'col'>;
  readonly nonNegative?: boolean;
}

const knownColumnsKeys: OptionKeys<KnownColumns> = {
  right: true,
  rank: true,
  lambda: true,
  biases: true,
  nonNegative: true,
};

export interface FoldedRow {
  readonly code: Float64Array;
  /** 0 without biases. */
  readonly bias: number;
}

/** Eigenvalues up to this fraction of the largest are treated as zero: the code is then the minimum-norm solution. */
const NULL = 1e-12;
const SWEEPS = 10_000;

/**
 * The code of a new row from some of its entries: the same regression as in alternating minimisation, with fixed column
 * factors. Its bias is damped in the same way. Without entries, or if they do not determine the code, the minimum-norm
 * code. O(entries · rank² + rank³).
 * @param seen Column indices, each once.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function foldInRow(known: KnownColumns, seen: readonly number[], values: ArrayLike<number>): FoldedRow {
  knownKeys('foldInRow', known, knownColumnsKeys);
  const { right, rank: k, lambda, biases, nonNegative = false } = known;
  const cols = right.length / k;
  seen.forEach((j, e) => {
    if (!(Number.isInteger(j) && j >= 0 && j < cols)) fail('INVALID_SHAPE', `There is no column ${j} of ${cols}.`);
    if (!Number.isFinite(values[e])) fail('NON_FINITE', `The entry of column ${j} is ${values[e]}.`);
  });
  const left = seen.map((j, e) => values[e] - (biases ? biases.mean + biases.col[j] : 0));
  const bias = biases ? damped(left) : 0;
  const gram = new Float64Array(k * k);
  const target = new Float64Array(k);
  seen.forEach((j, e) => {
    for (let a = 0; a < k; a++) {
      target[a] += (left[e] - bias) * right[j * k + a];
      for (let b = 0; b < k; b++) gram[a * k + b] += right[j * k + a] * right[j * k + b];
    }
  });
  for (let a = 0; a < k; a++) gram[a * k + a] += lambda;
  return { code: nonNegative ? atLeastZero(gram, target, k) : shortest(gram, target, k), bias };
}

/** The minimum-norm minimiser of ½uᵀGu − tᵀu. */
function shortest(gram: Float64Array, target: Float64Array, k: number): Float64Array {
  const { values, vectors } = symmetricEigen(gram, k);
  const largest = values.reduce((m, v) => Math.max(m, v), 0);
  const code = new Float64Array(k);
  for (let a = 0; a < k; a++) {
    if (!(values[a] > NULL * largest)) continue;
    let along = 0;
    for (let b = 0; b < k; b++) along += vectors[b * k + a] * target[b];
    for (let b = 0; b < k; b++) code[b] += (along / values[a]) * vectors[b * k + a];
  }
  return code;
}

/** The same under u ≥ 0, by coordinate descent until nothing changes. */
function atLeastZero(gram: Float64Array, target: Float64Array, k: number): Float64Array {
  const code = new Float64Array(k);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let [moved, size] = [0, 0];
    for (let a = 0; a < k; a++) {
      const own = gram[a * k + a];
      if (!(own > 0)) continue;
      const next = Math.max(0, code[a] + (target[a] - rowDot(gram, a * k, code, 0, k)) / own);
      moved = Math.max(moved, Math.abs(next - code[a]));
      size = Math.max(size, next);
      code[a] = next;
    }
    if (moved <= 1e-15 * size) break;
  }
  return code;
}
