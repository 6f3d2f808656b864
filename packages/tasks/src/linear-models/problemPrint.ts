import type { ColumnParts } from '@southwell/numerics/arrays';
import { fingerprint, Random } from '@southwell/numerics/core';
import { multiplyTransposed } from '@southwell/numerics/linalg';
import { rowPrints } from '../spread/rowPrints.ts';
import type { FitRequest } from './options.ts';
import type { Problem } from './problem.ts';

/**
 * Of the data and of all that shapes the course of a fit. Of rows that are spread over ranks, the prints of their pieces: the
 * same on any number of ranks.
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

/** A number for each column of all ranks, of all its entries: the same however columns are spread. O(np). */
function mixedColumns({ own, rows, exchange }: ColumnParts): Float64Array {
  const random = new Random(1);
  const factors = Float64Array.from({ length: rows }, () => random.normal());
  const mixed = new Float64Array(own.cols);
  multiplyTransposed(own, factors, mixed);
  return exchange.gather(mixed);
}
