import { DenseMatrix } from '@southwell/numerics/arrays';
import { run } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fold,
  hosvd,
  hosvdIterates,
  modeProduct,
  mttkrp,
  multiModeProduct,
  randomizedHosvd,
  SparseTensor,
  Tensor,
  TuckerModel,
  unfold,
  unfoldTransposed,
} from './index.ts';
import { distance, drawn, drawnMatrix, lowRank, noisy, norm } from './testing.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

describe('tensors', () => {
  test('unfolding follows the definition and is undone by folding', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const T = drawn(shape, seed);
        shape.forEach((_, mode) => {
          const M = unfold(T, mode);
          const others = shape.filter((__, k) => k !== mode);
          Tensor.fromFunction(shape, (at) => {
            const column = at.filter((__, k) => k !== mode).reduce((c, i, k) => c * others[k] + i, 0);
            expect(M.get(at[mode], column)).toBe(T.at(at));
            expect(unfoldTransposed(T, mode).get(column, at[mode])).toBe(T.at(at));
            return 0;
          });
          expect(fold(M, mode, shape).data).toEqual(T.data);
        });
      }),
      { numRuns: 15 },
    );
  });

  test('a literal case: NumPy’s arange(24).reshape(2, 3, 4)', () => {
    const T = Tensor.from([2, 3, 4], [...Array(24).keys()]);
    expect(T.at([1, 2, 0])).toBe(20);
    expect([...unfold(T, 1).data.subarray(0, 3)]).toEqual([0, 4, 8]);
    const U = DenseMatrix.fromRows([[1, 0, 1]]);
    expect([...modeProduct(T, 1, U).data]).toEqual([8, 10, 12, 14, 32, 34, 36, 38]);
  });

  test('products along modes and with factors, dense and sparse, by loops', () => {
    for (const shape of [[3, 4], [4, 3, 5], [2, 3, 4, 3], [1, 4, 1, 2, 3], [6]]) {
      const T = drawn(shape, 3);
      const Us = shape.map((n, k) => drawnMatrix(2 + (k % 2), n, k));
      shape.forEach((n, mode) => {
        const wanted = Tensor.fromFunction(
          shape.map((m, k) => (k === mode ? Us[k].rows : m)),
          (at) => {
            let sum = 0;
            for (let i = 0; i < n; i++) sum += Us[mode].get(at[mode], i) * T.at(at.map((j, k) => (k === mode ? i : j)));
            return sum;
          },
        );
        expect(distance(modeProduct(T, mode, Us[mode]), wanted)).toBeLessThan(1e-13);
        const transposed = DenseMatrix.create(n, Us[mode].rows);
        for (let i = 0; i < n; i++) for (let j = 0; j < Us[mode].rows; j++) transposed.set(i, j, Us[mode].get(j, i));
        expect(distance(modeProduct(T, mode, transposed, { transpose: true }), wanted)).toBeLessThan(1e-13);
      });
      const one = shape.reduce((now, _, k) => modeProduct(now, k, Us[k]), T);
      expect(distance(multiModeProduct(T, Us), one)).toBeLessThan(1e-12);
      if (shape.length < 2) continue;
      const factors = shape.map((n, k) => drawnMatrix(n, 3, 20 + k));
      const places = [...T.data.keys()].filter((e) => e % 3 === 0);
      const some = T.data.map((v, e) => (e % 3 === 0 ? v : 0));
      const indices = shape.map((n, k) => Int32Array.from(places, (e) => Math.floor(e / T.strides[k]) % n));
      const sparse = new SparseTensor(
        shape,
        indices,
        Float64Array.from(places, (e) => T.data[e]),
      );
      expect(sparse.toDense().data).toEqual(some);
      for (const [tensor, values] of [[T, T.data] as const, [sparse, some] as const]) {
        shape.forEach((n, mode) => {
          const M = mttkrp(tensor, factors, mode);
          const sums = new Float64Array(n * 3);
          Tensor.fromFunction(shape, (at) => {
            const e = at.reduce((s, i, k) => s + i * T.strides[k], 0);
            for (let a = 0; a < 3; a++) {
              sums[a * n + at[mode]] += factors.reduce((p, F, k) => (k === mode ? p : p * F.get(at[k], a)), values[e]);
            }
            return 0;
          });
          for (const [e, v] of M.data.entries()) expect(v).toBeCloseTo(sums[e], 11);
        });
      }
    }
  });

  test('what is wrong is told by a sentence', () => {
    expect(() => new Tensor([2, 3], new Float64Array(5))).toThrow('2 × 3 needs 6 values, but 5 were given.');
    expect(() => Tensor.zeros([2, 0])).toThrow('A tensor of 2 × 0 has no values.');
    expect(() => drawn([2, 3]).at([0, 3])).toThrow('Index 3 of mode 2 must be a whole number from 0 to 2.');
    expect(() => unfold(drawn([2, 3]), 2)).toThrow('mode must be a whole number from 0 to 1, but is 2.');
    const place = (...of: number[]) => of.map((i) => Int32Array.of(i));
    expect(() => new SparseTensor([2, 3], place(1, 3), Float64Array.of(1))).toThrow(
      'Entry 1 has index 3 in mode 2, which has indices from 0 to 2.',
    );
    const twice = [Int32Array.of(0, 1, 0), Int32Array.of(1, 1, 1)];
    expect(() => new SparseTensor([2, 3], twice, Float64Array.of(1, 2, 3))).toThrow(
      'Entries 1 and 3 have the same indices',
    );
    expect(() => new SparseTensor([2, 3], place(1, 1), Float64Array.of(Number.NaN))).toThrow('Entry 1 is NaN');
  });
});

describe('higher-order singular values', () => {
  test('of a matrix: the best there is (Eckart and Young)', () => {
    const T = drawn([9, 7], 4);
    const { singularValues } = svd(unfold(T, 0));
    const least = Math.sqrt(singularValues.slice(3).reduce((s, v) => s + v * v, 0)) / norm(T);
    for (const sequential of [false, true]) {
      expect(hosvd(T, { ranks: [3, 3], sequential }).error).toBeCloseTo(least, 12);
    }
    expect(randomizedHosvd(T, { ranks: [3, 3] }).error).toBeCloseTo(least, 12);
  });

  test('the core is all-orthogonal with rows as long as singular values, factors are orthonormal', () => {
    const { core, factors } = hosvd(drawn([4, 5, 6], 2), { ranks: [4, 5, 6] });
    factors.forEach((U, mode) => {
      const C = unfold(core, mode);
      for (let i = 0; i < U.cols; i++) {
        for (let j = 0; j < i; j++) {
          expect(U.column(i).reduce((s, v, k) => s + v * U.column(j)[k], 0)).toBeCloseTo(0, 13);
          let dot = 0;
          for (let c = 0; c < C.cols; c++) dot += C.get(i, c) * C.get(j, c);
          expect(dot).toBeCloseTo(0, 10);
        }
        expect(norm(new Tensor([U.rows], U.column(i)))).toBeCloseTo(1, 13);
      }
    });
  });

  test.each([1e-2, 1e-5, 1e-9, 1e-12])('a tolerance of %d is kept, and not by far too much', (tol) => {
    // Values that decay by ten from index to index, in every mode.
    const T = Tensor.fromFunction([14, 15, 16], ([i, j, k]) => 10 ** -Math.abs(i + j + k) * Math.cos(i * j + k));
    for (const sequential of [false, true]) {
      const model = hosvd(T, { tol, sequential });
      const error = distance(model.reconstruct(), T) / norm(T);
      expect(error).toBeLessThanOrEqual(tol * (1 + 1e-3) + 2e-15);
      expect(Math.abs(model.error - error)).toBeLessThanOrEqual(1e-4 * error + 1e-15);
      const fewer = model.ranks.map((r, k) => (k === 0 ? r - 1 : r));
      if (fewer[0] >= 1 && tol > 1e-12) {
        expect(hosvd(T, { ranks: fewer, sequential }).error).toBeGreaterThan(tol / 10);
      }
    }
  });

  test('an exact form is found at its ranks, at any scale', () => {
    for (const scale of [1, 1e160, 1e-160]) {
      const core = drawn([2, 3, 2], 9);
      const T = multiModeProduct(
        core,
        [12, 9, 30].map((n, k) => drawnMatrix(n, core.shape[k], k + 3)),
      );
      T.data.set(T.data.map((v) => scale * v));
      expect(hosvd(T, { tol: 1e-10 }).ranks).toEqual([2, 3, 2]);
      expect(hosvd(T, { ranks: [2, 3, 2] }).error).toBeLessThan(1e-14);
      expect(randomizedHosvd(T, { ranks: [2, 3, 2], oversample: 2 }).error).toBeLessThan(1e-14);
    }
  });

  test('random projection is nearly as good, with the bits of its seed', () => {
    const T = noisy(lowRank([70, 80, 75], 2), 0.1);
    const exact = hosvd(T, { ranks: [2, 2, 2], sequential: true });
    const options = { ranks: [2, 2, 2], oversample: 2, seed: 7 };
    const random = randomizedHosvd(T, options);
    expect(random.error).toBeLessThan(1.02 * exact.error);
    expect(random.error).toBeGreaterThan(exact.error);
    expect(randomizedHosvd(T, options).core.data).toEqual(random.core.data);
    expect(random.error).toBeCloseTo(distance(random.reconstruct(), T) / norm(T), 12);
  });

  test('zero, constants, a mode of one, and what cannot be', () => {
    expect(hosvd(Tensor.zeros([3, 2, 4]), { tol: 0.1 })).toMatchObject({ ranks: [1, 1, 1], error: 0 });
    const flat = Tensor.fromFunction([3, 1, 4], () => 2.5);
    expect(hosvd(flat, { tol: 1e-12 }).ranks).toEqual([1, 1, 1]);
    expect(() => hosvd(flat, { ranks: [3, 2, 1] })).toThrow('from 1 to 1, the size of the mode, but is 2');
    expect(() => hosvd(flat, { ranks: [3, 1, 1] })).toThrow('must be at most 1, the product of the other ranks');
    expect(() => hosvd(flat, {})).toThrow('either ranks or tol');
    expect(() => hosvd(Tensor.from([2, 2], [1, 2, Number.NaN, 1]), { tol: 0 })).toThrow(
      'The tensor has NaN at (2, 1), counted from 1: a missing value',
    );
  });

  test('cut short the point is a tensor still; it goes on with the same bits', () => {
    const T = drawn([5, 6, 7], 8);
    for (const sequential of [false, true]) {
      const options = { ranks: [2, 3, 2], sequential };
      const whole = run(hosvdIterates(T, options));
      let state: unknown;
      const cut = run(hosvdIterates(T, options), { maxIter: 1, checkpoint: { save: (s) => (state = s) } });
      expect(cut.status).toBe('iteration-limit');
      expect(cut.point.factors.map(({ cols }) => cols)).toEqual([2, 6, 7]);
      const rest = run(hosvdIterates(T, { ...options, resume: state as never }));
      expect(rest).toMatchObject({ status: 'completed', objective: whole.objective });
      expect(rest.point.core.data).toEqual(whole.point.core.data);
    }
  });

  test('a model is kept as JSON', () => {
    const model = hosvd(drawn([3, 4, 2], 6), { ranks: [2, 2, 2] });
    const full = model.reconstruct();
    const { core, factors } = model;
    const sum = Tensor.fromFunction([3, 4, 2], (at) => {
      let value = 0;
      Tensor.fromFunction(core.shape, (p) => {
        value += factors.reduce((product, F, k) => product * F.get(at[k], p[k]), core.at(p));
        return 0;
      });
      return value;
    });
    expect(distance(full, sum)).toBeLessThan(1e-14);
    const loaded = TuckerModel.fromJSON(JSON.parse(JSON.stringify(model)));
    expect(loaded.reconstruct().data).toEqual(full.data);
    expect(loaded.at([2, 1, 0])).toBeCloseTo(full.at([2, 1, 0]), 13);
  });
});
