import { Random } from '@southwell/numerics/core';
import type { Pattern } from '@southwell/numerics/sparse';
import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { draws } from './testing.ts';

type T = ad.Tensor;

/** A function of a random choice of operations from [n] to a vector. */
function program(seed: number): { f: (x: T) => T; n: number } {
  const random = new Random(seed);
  const pick = (count: number): number => Math.floor(random.uniform() * count);
  const n = 3 + pick(8);
  const numbers = draws(seed);
  const unary: ReadonlyArray<(x: T) => T> = [
    ad.sin,
    ad.tanh,
    ad.square,
    ad.sigmoid,
    (x) => ad.mul(x, 0.7),
    (x) => ad.softplus(x),
    (x) => ad.sqrt(ad.add(ad.square(x), 1)),
    (x) => ad.stopGradient(x),
  ];
  const linked = ad.tensor(Int32Array.from({ length: n }, () => pick(n)));
  const weights = numbers([n, n]);
  const moves: ReadonlyArray<(x: T) => T> = [
    (x) => ad.concat([ad.slice(x, [1, null]), ad.slice(x, [0, 1])]),
    (x) => ad.slice(x, [null, null, -1]),
    (x) => ad.take(x, linked),
    (x) => ad.where(ad.less(x, 0.1), x, ad.square(x)),
    (x) => ad.pad(ad.slice(x, [1, -1]), [[1, 1]]),
    (x) => ad.add(x, ad.sum(ad.slice(x, [0, 2]))),
    (x) => ad.add(x, ad.slice(ad.cumsum(ad.slice(x, [0, 2])), 1)),
    (x) => ad.reshape(ad.transpose(ad.reshape(ad.concat([x, x]), [2, n])), [2 * n]),
    (x) => ad.concat([ad.softmax(ad.slice(x, [0, 2])), ad.slice(x, [2, null])]),
    (x) => ad.sort(x).values,
    (x) => ad.maximum(x, ad.slice(x, [null, null, -1])),
    (x) => ad.matmul(weights, x),
    (x) => ad.takeAlong(x, linked),
    (x) => ad.dct(x),
    (x) => ad.clip(x, -0.8, 0.9),
  ];
  const binary = [ad.add, ad.sub, ad.mul, (a: T, b: T) => ad.div(a, ad.add(ad.square(b), 2))] as const;
  const steps = Array.from({ length: 2 + pick(6) }, () => ({
    kind: pick(3),
    which: random.uniform(),
    a: random.uniform(),
  }));
  const f = (x: T): T => {
    const found = [x];
    for (const { kind, which, a } of steps) {
      const last = found[found.length - 1];
      const other = found[Math.floor(a * found.length)];
      const of = <F>(list: readonly F[]): F => list[Math.floor(which * list.length)];
      const next = kind === 0 ? of(unary)(last) : kind === 1 ? of(moves)(last) : of(binary)(last, other);
      // All vectors have the same length.
      found.push(ad.slice(next, [0, n]));
    }
    return found[found.length - 1];
  };
  return { f, n };
}

const at = ({ colPointers, rowIndices }: Pattern, i: number, j: number): number => {
  for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (rowIndices[k] === i) return k;
  return -1;
};

/** Compares a sparse derivative with the dense one at several points. */
function compare(sparse: ad.SparseDerivative, dense: (x: T) => T, points: readonly T[]): void {
  const { pattern } = sparse;
  for (const x of points) {
    const full = dense(x).data();
    const A = sparse.evaluate(x);
    const size = Array.from(full).reduce((m, v) => Math.max(m, Math.abs(v)), 1);
    for (let i = 0; i < pattern.rows; i++)
      for (let j = 0; j < pattern.cols; j++) {
        const k = at(pattern, i, j);
        const value = full[i * pattern.cols + j];
        if (k < 0) expect(Math.abs(value)).toBe(0);
        else expect(Math.abs(A.values[k] - value)).toBeLessThanOrEqual(1e-12 * size);
      }
    A.free();
  }
}

const cells = (pattern: Pattern): string[] =>
  Array.from({ length: pattern.rows }, (_, i) =>
    Array.from({ length: pattern.cols }, (__, j) => (at(pattern, i, j) < 0 ? '.' : 'x')).join(''),
  );

describe('sparse derivatives', () => {
  test.each(Array.from({ length: 50 }, (_, seed) => seed))('of random program %i are the dense ones', (seed) => {
    const { f, n } = program(seed);
    const draw = draws(seed + 1000);
    const points = [draw([n]), draw([n], 0.3), draw([n], 2)];
    const first = ad.sparseJacobian(f, points[0]);
    compare(first, ad.jacobian(f), points);
    first.free();
    const w = draw([n]);
    const scalar = (x: T) => ad.sum(ad.mul(f(x), w));
    const second = ad.sparseHessian(scalar, points[0]);
    compare(second, ad.jacobian(ad.grad(scalar)), points);
    second.free();
  });

  test('patterns of known functions', () => {
    const x = ad.tensor([1, 2, 3, 4]);
    const pattern = (f: (x: T) => T) => cells(ad.sparseJacobian(f, x).pattern);
    expect(pattern((v) => ad.sin(v))).toEqual(['x...', '.x..', '..x.', '...x']);
    expect(pattern((v) => ad.cumsum(v))).toEqual(['x...', 'xx..', 'xxx.', 'xxxx']);
    expect(pattern((v) => ad.sub(ad.slice(v, [1, null]), ad.slice(v, [0, -1])))).toEqual(['xx..', '.xx.', '..xx']);
    expect(pattern((v) => ad.sum(ad.reshape(v, [2, 2]), 1))).toEqual(['xx..', '..xx']);
    expect(pattern((v) => ad.sum(ad.reshape(v, [2, 2]), 0))).toEqual(['x.x.', '.x.x']);
    expect(pattern((v) => ad.take(v, ad.tensor(Int32Array.of(3, 1))))).toEqual(['...x', '.x..']);
    expect(pattern((v) => ad.matmul(ad.reshape(v, [2, 2]), ad.full([2, 2], 1)))).toEqual([
      'xx..',
      'xx..',
      '..xx',
      '..xx',
    ]);
    expect(pattern((v) => ad.matmul(ad.full([1, 2], 1), ad.reshape(v, [2, 2])))).toEqual(['x.x.', '.x.x']);
    expect(pattern((v) => ad.softmax(ad.reshape(v, [2, 2])))).toEqual(['xx..', 'xx..', '..xx', '..xx']);
    const stencil = ad.full([3, 3, 1, 1], 1);
    const edges = (v: T) => ad.reshape(ad.conv2d(ad.reshape(v, [1, 1, 4, 1]), stencil, { padding: 1 }), [4]);
    expect(pattern(edges)).toEqual(['xx..', 'xxx.', '.xxx', '..xx']);
    expect(pattern((v) => ad.avgPool(ad.reshape(v, [1, 1, 4, 1]), [1, 2]))).toEqual(['xx..', '..xx']);
    expect(pattern((v) => ad.floor(v))).toEqual(['....', '....', '....', '....']);
    expect(pattern(() => ad.full([1], 3))).toEqual(['....']);
    const second = (f: (x: T) => T) => cells(ad.sparseHessian(f, x).pattern);
    expect(second((v) => ad.sum(v))).toEqual(['....', '....', '....', '....']);
    expect(second((v) => ad.sum(ad.square(v)))).toEqual(['x...', '.x..', '..x.', '...x']);
    expect(second((v) => ad.sum(ad.mul(ad.slice(v, [1, null]), ad.slice(v, [0, -1]))))).toEqual([
      '.x..',
      'x.x.',
      '.x.x',
      '..x.',
    ]);
  });

  test('a tensor of several axes, in single precision, and a function of no variable', () => {
    const x = ad.tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype: 'f32' },
    );
    const J = ad.sparseJacobian((v) => ad.sum(ad.square(v), 1), x);
    expect([J.products, J.mode]).toEqual([1, 'reverse']);
    expect(Array.from(J.evaluate(x).values)).toEqual([2, 4, 6, 8, 10, 12]);
    expect(Array.from(J.evaluate(ad.mul(x, 2)).values)).toEqual([4, 8, 12, 16, 20, 24]);
    expect(ad.sparseHessian(() => ad.tensor(2), x).evaluate(x).nnz).toBe(0);
  });

  test('few products: bands forward, full rows in reverse, an arrow by symmetry', () => {
    const n = 2000;
    const x = draws(3)([n]);
    const chain = (v: T) => ad.sub(ad.square(ad.slice(v, [1, null])), ad.slice(v, [0, -1]));
    expect(ad.sparseJacobian(chain, x).products).toBe(2);
    const total = ad.sparseJacobian((v) => ad.concat([ad.reshape(ad.sum(ad.square(v)), [1]), ad.slice(v, [0, 1])]), x);
    expect([total.products, total.mode]).toEqual([2, 'reverse']);
    const arrow = (v: T) => ad.sum(ad.mul(ad.square(v), ad.slice(v, [0, 1])));
    const H = ad.sparseHessian(arrow, x);
    expect(H.products).toBe(2);
    expect(H.pattern.rowIndices.length).toBe(3 * n - 2);
  });

  test('products that do not fit into one run', () => {
    // Two products with seeds of 600 000 elements.
    const n = 600_000;
    const x = draws(1)([n]);
    const J = ad.sparseJacobian((v) => ad.sub(ad.square(ad.slice(v, [1, null])), ad.slice(v, [0, -1])), x);
    const numbers = x.data();
    const values = new Float64Array(2 * (n - 1));
    J.write(numbers, values);
    let wrong = values[0] === -1 ? 0 : 1;
    for (let j = 1; j < n - 1; j++) if (values[2 * j - 1] !== 2 * numbers[j] || values[2 * j] !== -1) wrong++;
    expect(wrong).toBe(0);
  });

  test('other shapes and integers are refused', () => {
    const J = ad.sparseJacobian(ad.sin, ad.tensor([1, 2]));
    expect(() => J.evaluate(ad.tensor([1]))).toThrow(/was prepared for \[2\], not for \[1\]/);
    expect(() => J.write([1], new Float64Array(2))).toThrow('There are 2 variables, but 1 values were given.');
    expect(() => J.write([1, 2], new Float64Array(3))).toThrow('The pattern has 2 entries');
    expect(() => ad.sparseJacobian(ad.sin, ad.tensor(Int32Array.of(1)))).toThrow('not integers');
    expect(() => ad.sparseHessian(ad.sin, ad.tensor([1, 2]))).toThrow('a scalar');
    expect(() => ad.sparseJacobian((v) => ad.full([v.item()], 1), ad.tensor([1]))).toThrow('were asked for');
  });
});

describe('functions of a nonlinear program', () => {
  const n = 6;
  const objective = (x: T) =>
    ad.sum(
      ad.add(
        ad.mul(ad.square(ad.sub(ad.slice(x, [1, null]), ad.square(ad.slice(x, [0, -1])))), 100),
        ad.square(ad.sub(ad.slice(x, [0, -1]), 1)),
      ),
    );
  const constraints = (x: T) => ad.mul(ad.slice(x, [2, null]), ad.sin(ad.slice(x, [0, -2])));

  test('are the dense derivatives, also of the Lagrangian', () => {
    const F = ad.sparseFunctions(objective, constraints, n);
    expect([F.variables, F.constraints]).toEqual([6, 4]);
    const draw = draws(5);
    for (const x of [draw([n]), draw([n])]) {
      const values = x.data() as Float64Array;
      expect(F.objective(values)).toBe(objective(x).item());
      const g = new Float64Array(n);
      F.gradient(values, g);
      expect(Array.from(g)).toEqual(Array.from(ad.grad(objective)(x).data()));
      const c = new Float64Array(4);
      F.constraintValues(values, c);
      expect(Array.from(c)).toEqual(Array.from(constraints(x).data()));
      const J = new Float64Array(F.jacobian.rowIndices.length);
      F.jacobianValues(values, J);
      const dense = ad.jacobian(constraints)(x).data();
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < n; j++) {
          const k = at(F.jacobian, i, j);
          expect(k < 0 ? 0 : J[k]).toBeCloseTo(dense[i * n + j], 12);
        }
      const [sigma, lambda] = [0.3, draw([4])];
      const lagrangian = (v: T) => ad.add(ad.mul(objective(v), sigma), ad.sum(ad.mul(constraints(v), lambda)));
      const full = ad.jacobian(ad.grad(lagrangian))(x).data();
      const H = new Float64Array(F.hessian.rowIndices.length);
      F.hessianValues(values, sigma, lambda.data() as Float64Array, H);
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) {
          const k = at(F.hessian, i, j);
          expect(k < 0 ? 0 : H[k]).toBeCloseTo(full[i * n + j], 10);
        }
      expect(Array.from(F.hessian.rowIndices).every((i, k) => i >= columnOf(F.hessian, k))).toBe(true);
    }
    F.free();
  });

  test('without constraints; other functions are refused', () => {
    const F = ad.sparseFunctions(objective, undefined, n);
    expect([F.constraints, F.jacobian.rows, F.jacobian.rowIndices.length]).toEqual([0, 0, 0]);
    const H = new Float64Array(F.hessian.rowIndices.length);
    F.hessianValues(new Float64Array(n), 1, new Float64Array(0), H);
    expect(H[0]).toBe(2);
    expect(() => ad.sparseFunctions(objective, (x) => ad.sum(x), n)).toThrow('constraints as a vector');
    expect(() => ad.sparseFunctions((x) => x, undefined, n)).toThrow('a scalar');
    expect(() => ad.sparseFunctions(objective, undefined, 0)).toThrow('at least 1, not 0');
  });
});

function columnOf({ colPointers }: Pattern, k: number): number {
  let j = 0;
  while (colPointers[j + 1] <= k) j++;
  return j;
}
