import type { ColumnParts } from '@southwell/numerics/arrays';
import { fingerprint, Random } from '@southwell/numerics/core';
import { multiplyTransposed } from '@southwell/numerics/linalg';
import { rowPrints } from '../spread/rowPrints.ts';
import type { FitRequest } from './options.ts';
import type { Problem } from './problem.ts';

/**
 * A fingerprint of the data and of all options that determine a fit. For rows distributed over ranks it uses the prints
 * of blocks, so that it does not depend on the number of ranks.
 */
export function problemPrint(p: Problem, request: FitRequest): string {
  const { X } = p.design;
  const { spread: rows } = p;
  const { data: _, format: __, timeLimit: ___, threads: ____, ...shape } = request;
  if (X.kind === 'parts') return fingerprint(mixedColumns(X), p.y, p.sampleWeight, p.offset, shape);
  if (!rows.spread) {
    const numbers = X.kind === 'dense' ? [X.data] : [X.colPointers, X.rowIndices, X.values];
    return fingerprint(numbers, p.y, p.sampleWeight, p.offset, shape);
  }
  return fingerprint(...rowPrints(X, rows, [p.y as ArrayLike<unknown>, p.sampleWeight, p.offset]), shape);
}

/** A hash of each column of all ranks from all its entries, independent of the distribution of columns. O(np). */
function mixedColumns({ own, rows, exchange }: ColumnParts): Float64Array {
  const random = new Random(1);
  const factors = Float64Array.from({ length: rows }, () => random.normal());
  const mixed = new Float64Array(own.cols);
  multiplyTransposed(own, factors, mixed);
  return exchange.gather(mixed);
}
