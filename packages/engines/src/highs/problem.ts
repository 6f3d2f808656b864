import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import type { Columns, Problem } from './messages.ts';

const copied = ({ colPointers, rowIndices, values }: CscMatrix): Columns => ({
  starts: colPointers.slice(),
  indices: rowIndices.slice(),
  values: values.slice(),
});

function lowerTriangle({ cols, colPointers, rowIndices, values }: CscMatrix): Columns {
  const starts = new Int32Array(cols + 1);
  const indices: number[] = [];
  const kept: number[] = [];
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (rowIndices[k] < j || values[k] === 0) continue;
      indices.push(rowIndices[k]);
      kept.push(values[k]);
    }
    starts[j + 1] = indices.length;
  }
  return { starts, indices: Int32Array.from(indices), values: Float64Array.from(kept) };
}

/**
 * The arrays of a model that HiGHS solves.
 * @throws NOT_SUPPORTED for nonlinear models, and for quadratic ones with whole variables.
 */
export function problemOf({ variables, rows, objective, nonlinear }: Model): Problem {
  if (nonlinear && nonlinear.rows.length > 0) {
    const what = nonlinear.rows.includes(-1) ? 'a nonlinear objective' : 'nonlinear constraints';
    fail('NOT_SUPPORTED', `HiGHS solves linear and convex quadratic programs, but the model has ${what}.`);
  }
  const integer = variables.integer.some((whole) => whole !== 0) ? variables.integer.slice() : undefined;
  const hessian = objective.quadratic && lowerTriangle(objective.quadratic);
  const curved = hessian && hessian.indices.length > 0;
  if (curved && integer) fail('NOT_SUPPORTED', 'HiGHS does not solve quadratic programs with whole variables.');
  return {
    variables: variables.lower.length,
    rows: rows.lower.length,
    maximize: objective.sense === 'maximize',
    offset: objective.constant,
    cost: objective.linear.slice(),
    lower: variables.lower.slice(),
    upper: variables.upper.slice(),
    rowLower: rows.lower.slice(),
    rowUpper: rows.upper.slice(),
    matrix: copied(rows.linear),
    integer,
    hessian: curved ? hessian : undefined,
  };
}
