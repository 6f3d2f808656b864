import * as ad from '@southwell/autodiff';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { halvesOf, libraryNets, totalOf } from './deepLab.ts';
import { batchCorrelation, type CodesOf, type Rows, rivalNets } from './deepRivals.ts';
import { capturedSum, exactCca, heldOutSum, type Table } from './exact.ts';

const random = new Random(5);
const normal = (rows: number, cols: number): Rows => ({
  rows,
  cols,
  values: Float32Array.from({ length: rows * cols }, () => random.normal()),
});

/** A common number that no line finds: its square in one view, itself in the other. */
function bent(rows: number): Rows[] {
  const [x, y] = [normal(rows, 3), normal(rows, 2)];
  for (let i = 0; i < rows; i++) {
    const common = random.normal();
    x.values[3 * i] = common * common + 0.1 * random.normal();
    y.values[2 * i] = common + 0.1 * random.normal();
  }
  return [x, y];
}

function tableOf({ rows, cols, values }: Rows): Table {
  const mean = Array.from({ length: cols }, (_, j) =>
    values.reduce((s, v, at) => (at % cols === j ? s + v / rows : s), 0),
  );
  return { rows, cols, data: Float64Array.from(values, (v, at) => v - mean[at % cols]) };
}

test('the objective of STOL is the sum of the correlations of a batch, with the gradient of differences', () => {
  const rows = [normal(30, 3), normal(30, 3)];
  const tensors = (of: readonly Rows[]) =>
    of.map(({ rows: n, cols, values }) => ad.tensor(Float64Array.from(values), { shape: [n, cols] }));
  const [X, Y] = rows.map(tableOf);
  const sum = exactCca(X, Y, 3).correlations.reduce((s, v) => s + v, 0);
  const codes = tensors(rows);
  expect(batchCorrelation(codes, 0).item()).toBeCloseTo(sum, 10);
  const gradient = ad.grad((z: ad.Tensor[]) => batchCorrelation(z, 1e-3))(codes);
  const [at, h] = [17, 1e-5];
  const moved = (by: number) => {
    const values = Float64Array.from(codes[0].data());
    values[at] += by;
    return batchCorrelation([ad.tensor(values, { shape: [30, 3] }), codes[1]], 1e-3).item();
  };
  expect(gradient[0].data()[at]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 6);
  expect(() => batchCorrelation(tensors([normal(3, 3), normal(3, 3)]), 0)).toThrow(
    'A batch of 3 rows cannot whiten codes of 3 columns: take more rows, or a ridge.',
  );
});

test('held-out correlations of the fitted rows are the exact ones; columns that repeat others count once', () => {
  const [X, Y] = bent(200).map(tableOf) as [Table, Table];
  const { correlations, weights } = exactCca(X, Y, 2);
  const sum = correlations.reduce((s, v) => s + v, 0);
  expect(heldOutSum([X, Y], [X, Y], 2)).toBeCloseTo(sum, 10);
  expect(capturedSum([X, Y], weights, 2)).toBeCloseTo(sum, 10);
  const twice: Table = {
    ...{ rows: 200, cols: 6 },
    data: Float64Array.from({ length: 1200 }, (_, at) => X.data[3 * Math.floor(at / 6) + (at % 3)]),
  };
  expect(heldOutSum([twice, Y], [twice, Y], 2)).toBeCloseTo(sum, 10);
  expect(heldOutSum([{ ...X, data: X.data.map(() => Number.NaN) }, Y], [X, Y], 2)).toBe(0);
});

test('on batches of forty rows the method and its rivals find what lines do not', () => {
  const split = { fitted: bent(800), held: bent(400) };
  const options = { components: 1, hidden: [16], batchSize: 40, epochs: 30, rate: 3e-3, seed: 1 };
  for (const steps of [
    libraryNets.nets(split.fitted, options),
    rivalNets('STOL', split.fitted, options),
    rivalNets('NOI', split.fitted, options),
  ]) {
    let last = 0;
    let codes: CodesOf | undefined;
    let epochs = 0;
    for (const value of steps) {
      if (!value) continue;
      epochs++;
      codes = value;
      if (epochs === options.epochs) last = totalOf(codes, split, 1);
    }
    expect(epochs).toBe(30);
    expect(last).toBeGreaterThan(0.85);
  }
});

test('halves have the pixels that vary, at the scales of the rows that are fitted, and no row twice', () => {
  // Four pixels: the first constant, the row's number, its parity, its square.
  const rows = 50;
  const values = Float64Array.from({ length: rows * 4 }, (_, at) => {
    const i = Math.floor(at / 4);
    return [1, i, i % 2, i * i][at % 4];
  });
  const { fitted, held } = halvesOf({ rows, side: 2, values }, 30, 20, 7);
  expect([...fitted, ...held].map(({ rows: n, cols }) => [n, cols])).toEqual([
    [30, 1],
    [30, 2],
    [20, 1],
    [20, 2],
  ]);
  const column = (of: Rows, j: number) => Array.from({ length: of.rows }, (_, i) => of.values[i * of.cols + j]);
  const mean = (x: readonly number[]) => x.reduce((s, v) => s + v / x.length, 0);
  expect(mean(column(fitted[1], 0))).toBeCloseTo(0, 5);
  expect(mean(column(fitted[1], 1).map((v) => v * v))).toBeCloseTo(1, 5);
  expect(new Set([...column(fitted[1], 0), ...column(held[1], 0)]).size).toBe(50);
});
