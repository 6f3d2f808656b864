import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { coxRegression } from '../../index.ts';
import { Members } from './members.ts';

const [n, p] = [60, 5];
const random = new Random(2);
const rows = Array.from({ length: n }, (_, i) =>
  Array.from({ length: p }, (_, j) => (j === 4 && i % 3 ? 0 : (j + 1) * random.normal() + 2)),
);
const target = {
  time: Float64Array.from(rows, (row) => Math.round(8 * Math.exp(0.2 * row[0] - 0.1 * row[1]) * random.uniform())),
  event: Int32Array.from(rows, (_, i) => +(i % 4 > 0)),
};

const dense = DenseMatrix.fromRows(rows);
test.each([
  ['dense', dense, 'breslow'],
  ['sparse', CscMatrix.fromDense(dense), 'efron'],
] as const)('members added in turn have the Gram matrix of the whole Hessian, %s', (_, X, ties) => {
  const prepared = coxRegression({ ties, standardize: true }).prepare(X, target);
  prepared.model(0.02);
  const { state } = prepared.problem;
  const { loss, design } = state;
  const members = new Members(state);
  const list = design.arena.i32Block(p);
  list.view.set([3, 0, 4, 1, 2]);
  members.takeCurvatures();
  for (const size of [2, 3, 5]) members.extend(list, size);
  const { G, capacity, columns, m } = members.quadratic;
  expect(m).toBe(p);

  // By differences of gradients.
  const eta = state.eta.view.slice();
  const column = (t: number) => rows.map((row) => row[columns.view[t]] * design.scale.view[columns.view[t]]);
  const step = 1e-5;
  for (let a = 0; a < p; a++) {
    const [x, d] = [column(a), new Float64Array(n)];
    const gradient = (by: number) => {
      const v = new Float64Array(n);
      loss.derivatives(
        eta.map((e, i) => e + by * x[i]),
        v,
        d,
      );
      return v;
    };
    const [ahead, behind] = [gradient(step), gradient(-step)];
    for (let b = 0; b < p; b++) {
      const curvature = column(b).reduce((sum, xi, i) => sum - (xi * (ahead[i] - behind[i])) / (2 * step), 0);
      expect(G.view[a * capacity + b]).toBeCloseTo(curvature, 8);
    }
  }
  list.free();
  members.release();
  prepared.release();
});
