import type { ResolvedRange } from '../ranges.ts';

/**
 * How a row-major n × m matrix of a range is projected to r vectors of its smaller side: from the right, G Pᵀ, n × r,
 * if n ≥ m, otherwise from the left, P G, r × m; the rows of P, r × side, are orthonormal. Kernels use column-major
 * matrices, and therefore see transposes: from the right the vectors are interleaved, from the left contiguous.
 */
export interface Geometry {
  readonly rows: number;
  readonly cols: number;
  readonly left: boolean;
  readonly side: number;
  readonly other: number;
}

export function geometryOf({ rows, cols }: Pick<ResolvedRange, 'rows' | 'cols'>): Geometry {
  return { rows, cols, left: rows < cols, side: Math.min(rows, cols), other: Math.max(rows, cols) };
}

/** Whether a range is a matrix whose smaller side exceeds the rank. */
export const isLow = ({ rows, cols }: ResolvedRange, rank: number): boolean => Math.min(rows, cols) > rank;

/** Number of values in a moment of a range. */
export const momentsOf = (range: ResolvedRange, rank: number): number => rank * Math.max(range.rows, range.cols);
