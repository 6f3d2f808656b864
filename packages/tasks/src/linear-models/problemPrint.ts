import type { ColumnParts, Matrix } from '@southwell/numerics/arrays';
import { fingerprint, Random } from '@southwell/numerics/core';
import { multiplyTransposed } from '@southwell/numerics/linalg';
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
  if (!rows) {
    const numbers = X.kind === 'dense' ? [X.data] : [X.colPointers, X.rowIndices, X.values];
    return fingerprint(numbers, p.y, p.sampleWeight, p.offset, shape);
  }
  const mixed = mixedRows(X);
  const prints = rows.pieces.map(([from, to]) =>
    fingerprint(
      ...[mixed, p.y as ArrayLike<unknown>, p.sampleWeight, p.offset].map((values) => values && part(values, from, to)),
    ),
  );
  return fingerprint(rows.tell(prints).flat(), X.cols, shape);
}

const part = (values: ArrayLike<unknown>, from: number, to: number): unknown =>
  Array.prototype.slice.call(values, from, to);

/** A number for each column of all ranks, of all its entries: the same however columns are spread. O(np). */
function mixedColumns({ own, rows, exchange }: ColumnParts): Float64Array {
  const random = new Random(1);
  const factors = Float64Array.from({ length: rows }, () => random.normal());
  const mixed = new Float64Array(own.cols);
  multiplyTransposed(own, factors, mixed);
  return exchange.gather(mixed);
}

/** A number for each row, of all its entries: a sum under drawn factors. O(np). */
function mixedRows(X: Matrix): Float64Array {
  const random = new Random(1);
  const out = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    const factor = random.normal();
    if (X.kind === 'dense') {
      const column = X.column(j);
      for (let i = 0; i < out.length; i++) out[i] += factor * column[i];
    } else {
      for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) out[X.rowIndices[k]] += factor * X.values[k];
    }
  }
  return out;
}
