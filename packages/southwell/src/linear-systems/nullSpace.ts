import { CscMatrix } from '@southwell/numerics/arrays';
import { connectedParts, type Parts } from './connected.ts';
import { rowStates, ZERO_SUM } from './rowStates.ts';

/**
 * Symmetric matrices whose rows sum to 0 in some connected components, such as Laplacians of graphs and of Neumann
 * problems: constant vectors on such a component are in the null space, and b must sum to 0 there.
 */
export class NullSpace {
  private readonly counts: Float64Array;

  /** @param singular The components whose rows sum to 0. */
  constructor(
    private readonly partOf: Int32Array,
    private readonly singular: Uint8Array,
  ) {
    this.counts = new Float64Array(singular.length);
    for (const part of partOf) this.counts[part]++;
  }

  get dimension(): number {
    return this.singular.reduce((sum, is) => sum + is, 0);
  }

  /** Subtracts the means over such components; returns the norm of what was subtracted. */
  project(v: Float64Array): number {
    const { partOf, singular, counts } = this;
    const sums = new Float64Array(singular.length);
    for (let i = 0; i < v.length; i++) sums[partOf[i]] += v[i];
    let taken = 0;
    for (let p = 0; p < sums.length; p++) if (singular[p]) taken += sums[p] * (sums[p] / counts[p]);
    for (let i = 0; i < v.length; i++) if (singular[partOf[i]]) v[i] -= sums[partOf[i]] / counts[partOf[i]];
    return Math.sqrt(taken);
  }

  /**
   * A with the diagonal of one row of each such component doubled: nonsingular, with one of A's solutions for b that
   * sums to 0.
   */
  grounded(A: CscMatrix): CscMatrix {
    const { partOf, singular } = this;
    const done = new Uint8Array(singular.length);
    const values = A.values.slice();
    for (let j = 0; j < A.cols; j++) {
      const part = partOf[j];
      if (!singular[part] || done[part]) continue;
      for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
        if (A.rowIndices[k] !== j) continue;
        values[k] *= 2;
        done[part] = 1;
      }
    }
    return CscMatrix.fromColumns(A.rows, A.cols, A.colPointers, A.rowIndices, values);
  }
}

/** Components of a symmetric Z-matrix, and those whose rows all sum to 0, up to rounding. O(entries). */
export const nullSpaceOf = (A: CscMatrix): NullSpace => partsOfNullSpace(connectedParts(A, A), rowStates(A).states);

/** @param states Row states of the matrix. */
export function partsOfNullSpace({ of, count }: Parts, states: Int32Array): NullSpace {
  const singular = new Uint8Array(count).fill(1);
  for (let i = 0; i < of.length; i++) if (!(states[i] & ZERO_SUM)) singular[of[i]] = 0;
  return new NullSpace(of, singular);
}
