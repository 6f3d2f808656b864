import { DenseMatrix, Random } from 'southwell';
import { ccaExact } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { EigenResidual } from './eigenResidual.ts';

const random = new Random(4);
const rows = 60;
const shared = Float64Array.from({ length: rows }, () => random.normal());
// Columns of unlike units that share one factor.
const view = (cols: number, unit: number) =>
  DenseMatrix.fromRows(
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: cols }, (_, j) => 3 + unit ** j * (shared[i] + random.normal())),
    ),
  );
const views = [view(3, 10), view(4, 0.1)];

function residual(ridge: number, bend: number): number {
  const found = ccaExact(views, { components: 2, ridge });
  const weights = found.weights.map((W) => {
    const bent = DenseMatrix.fromColumnMajor(W.data, W.rows, W.cols);
    bent.set(0, 0, bent.get(0, 0) * (1 + bend));
    return bent;
  });
  const centred = (v: number, i: number, j: number) => views[v].get(i, j) - found.means[v][j];
  const check = new EigenResidual(weights, ridge);
  // In two blocks.
  for (const [from, to] of [
    [0, 25],
    [25, rows],
  ]) {
    const Z = weights.map((W, v) => {
      const out = DenseMatrix.create(to - from, 2);
      for (let i = from; i < to; i++)
        for (let c = 0; c < 2; c++) {
          let sum = 0;
          for (let j = 0; j < W.rows; j++) sum += centred(v, i, j) * W.get(j, c);
          out.set(i - from, c, sum);
        }
      return out;
    });
    check.add(to - from, (v, i, j) => centred(v, from + i, j), Z);
  }
  return check.largest();
}

test.each([0, 0.3, 1])('exact variates leave nothing, others do (ridge %f)', (ridge) => {
  expect(residual(ridge, 0)).toBeLessThan(1e-9);
  expect(residual(ridge, 1)).toBeGreaterThan(0.01);
  expect(residual(ridge, 1)).toBeLessThanOrEqual(1);
});
