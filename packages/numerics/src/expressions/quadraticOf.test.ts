import { expect, test } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import type { Model } from './model.ts';
import { parseExpression } from './parse.ts';
import { programOf } from './programOf.ts';
import { quadraticOf } from './quadraticOf.ts';

/** A model of x, y, z with the given objective and one row beside its linear part x + 2y. */
function modelOf(objective: string, row = '3', sense: 'minimize' | 'maximize' = 'minimize'): Model {
  const program = programOf([parseExpression(objective), parseExpression(row)], ['x', 'y', 'z']);
  return {
    name: 'test',
    variables: {
      names: ['x', 'y', 'z'],
      lower: new Float64Array(3),
      upper: new Float64Array(3),
      integer: new Uint8Array(3),
    },
    rows: {
      names: ['c'],
      lower: new Float64Array(1),
      upper: new Float64Array(1),
      linear: CscMatrix.fromTriplets(1, 3, [0, 0], [0, 1], [1, 2]),
    },
    objective: { name: 'f', sense, constant: 10, linear: Float64Array.of(1, 0, 0) },
    nonlinear: { program, rows: Int32Array.of(-1, 0) },
    suffixes: [],
  };
}

const dense = (A: CscMatrix): number[][] => {
  const rows = Array.from({ length: A.rows }, () => new Array<number>(A.cols).fill(0));
  for (let j = 0; j < A.cols; j++)
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) rows[A.rowIndices[k]][j] = A.values[k];
  return rows;
};

test('the terms of a quadratic objective and of linear rows', () => {
  const terms = quadraticOf(modelOf('(x-2*y+1)^2/2+z*(3+x)+pow(y,1)', '(x+z)*2+5', 'maximize'))!;
  expect(terms.constant).toBe(10.5);
  expect([...terms.q]).toEqual([2, -1, 3]);
  expect(dense(terms.P)).toEqual([
    [1, -2, 1],
    [-2, 4, 0],
    [1, 0, 0],
  ]);
  expect(dense(terms.A)).toEqual([[3, 2, 2]]);
  expect([...terms.offsets]).toEqual([5]);
  expect(terms.linear).toBe(false);
});

test('a linear model', () => {
  expect(quadraticOf(modelOf('x+3*y-z/2'))!.linear).toBe(true);
  expect(quadraticOf(modelOf('7'))!.q).toEqual(Float64Array.of(1, 0, 0));
  const none = { ...modelOf('7'), nonlinear: undefined };
  expect(quadraticOf(none)!.linear).toBe(true);
});

test.each([
  ['x^3', '1'],
  ['x*y*z', '1'],
  ['sin(x)', '1'],
  ['x/y', '1'],
  ['x^0.5', '1'],
  ['2^x', '1'],
  ['x', 'x*y'],
  ['x', 'exp(x)'],
  ['abs(x)', '1'],
])('neither: %s subject to %s', (objective, row) => {
  expect(quadraticOf(modelOf(objective, row))).toBeUndefined();
});
