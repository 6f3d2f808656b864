import type { ResolvedRange } from '../ranges.ts';

/**
 * How a matrix of a range, n × m by rows, is seen through r vectors of its smaller side: from the right, G Pᵀ, n × r, where n ≥ m, else from
 * the left, P G, r × m; the rows of P, r × side, are orthonormal. Kernels have matrices by columns, so that they see transposes: from
 * the right vectors lie a number apart, from the left one after the other.
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

/** Whether a range is a matrix of which r vectors are a part. */
export const isLow = ({ rows, cols }: ResolvedRange, rank: number): boolean => Math.min(rows, cols) > rank;

/** How many numbers a moment of a range has. */
export const momentsOf = (range: ResolvedRange, rank: number): number => rank * Math.max(range.rows, range.cols);
