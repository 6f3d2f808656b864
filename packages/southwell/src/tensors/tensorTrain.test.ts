import { run } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { compression, roundTrain, Tensor, TrainModel, tensorTrain, tensorTrainIterates, unfold } from './index.ts';
import { distance, drawn, lowRank, norm } from './testing.ts';

test('of a matrix: the best there is (Eckart and Young)', () => {
  const T = drawn([9, 7], 4);
  const { singularValues } = svd(unfold(T, 0));
  const least = Math.sqrt(singularValues.slice(3).reduce((s, v) => s + v * v, 0)) / norm(T);
  expect(tensorTrain(T, { ranks: [3] }).error).toBeCloseTo(least, 12);
});

test('ranks of a train are those of its matrices: a sum of indices has 2, a product of rank ones 1', () => {
  const sum = Tensor.fromFunction([4, 5, 3, 6], (at) => at.reduce((s, i) => s + Math.sin(i), 0));
  const train = tensorTrain(sum, { tol: 1e-12 });
  expect(train.ranks).toEqual([2, 2, 2]);
  expect(train.error).toBeLessThan(1e-14);
  expect(train.at([3, 2, 1, 4])).toBeCloseTo(sum.at([3, 2, 1, 4]), 13);
  expect(tensorTrain(lowRank([4, 5, 3, 6], 1), { tol: 1e-12 }).ranks).toEqual([1, 1, 1]);
  expect(tensorTrain(sum, { ranks: [9, 9, 9] }).ranks).toEqual([4, 9, 6]);
});

test.each([1e-2, 1e-6, 1e-11])('a tolerance of %d is kept; rounding keeps its own', (tol) => {
  const T = Tensor.fromFunction([9, 8, 7, 6], ([i, j, k, l]) => 1 / (1 + i + 2 * j + 3 * k + l));
  for (const scale of [1, 1e140, 1e-140]) {
    const scaled = new Tensor(
      T.shape,
      T.data.map((v) => scale * v),
    );
    const train = tensorTrain(scaled, { tol });
    expect(train.error).toBeLessThanOrEqual(tol);
    expect(train.relativeError(scaled)).toBe(train.error);
  }
  const exact = tensorTrain(T, { tol: 0 });
  expect(exact.error).toBeLessThan(1e-14);
  const rounded = roundTrain(exact, { tol });
  expect(rounded.relativeError(T)).toBeLessThanOrEqual(tol + 1e-14);
  expect(rounded.parameters).toBeLessThan(exact.parameters);
  expect(compression(rounded)).toBeGreaterThan(compression(exact));
});

test('models by loops, as JSON; cut short it is a train still, and goes on with the same bits', () => {
  const T = drawn([3, 4, 2, 5], 3);
  const train = tensorTrain(T, { ranks: [2, 3, 2] });
  const loops = Tensor.fromFunction(T.shape, ([i, j, k, l]) => {
    let value = 0;
    const [A, B, C, D] = train.cores;
    for (let a = 0; a < 2; a++) {
      for (let b = 0; b < 3; b++) {
        for (let c = 0; c < 2; c++) value += A.at([0, i, a]) * B.at([a, j, b]) * C.at([b, k, c]) * D.at([c, l, 0]);
      }
    }
    return value;
  });
  expect(distance(train.reconstruct(), loops)).toBeLessThan(1e-13);
  expect(TrainModel.fromJSON(JSON.parse(JSON.stringify(train))).reconstruct().data).toEqual(train.reconstruct().data);
  const options = { ranks: [2, 3, 2] };
  let state: unknown;
  const cut = run(tensorTrainIterates(T, options), { maxIter: 1, checkpoint: { save: (s) => (state = s) } });
  expect(cut.status).toBe('iteration-limit');
  const half = new TrainModel(cut.point);
  expect(half.relativeError(T)).toBeCloseTo(Math.sqrt(2 * cut.objective), 12);
  expect(half.ranks).toEqual([2, 8, 16]);
  const rest = run(tensorTrainIterates(T, { ...options, resume: state as never }));
  expect(new TrainModel(rest.point).reconstruct().data).toEqual(train.reconstruct().data);
  expect(train.error).toBeCloseTo(Math.sqrt(2 * train.solution.objective), 12);
});

test('zero, a mode of one, and what cannot be', () => {
  expect(tensorTrain(Tensor.zeros([3, 2, 4]), { tol: 0.1 })).toMatchObject({ ranks: [1, 1], error: 0 });
  expect(tensorTrain(drawn([3, 1, 4]), { tol: 0 }).error).toBeLessThan(1e-14);
  expect(() => tensorTrain(drawn([3, 2]), { ranks: [1, 1] })).toThrow('ranks must be 1 numbers, one between each mode');
  expect(() => tensorTrain(drawn([3]), { tol: 1 })).toThrow('at least two modes');
  expect(() => tensorTrain(drawn([3, 2]), {})).toThrow('either ranks or tol');
  expect(() => tensorTrain(Tensor.from([1, 2], [1, Number.NaN]), { tol: 0 })).toThrow('a missing value');
});
