import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { type Case, checkDerivatives, checkMapped, checkPatterns, draws, scattered } from './testing.ts';

type T = ad.Tensor;
const draw = draws(21);
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): T =>
  ad.tensor(Int32Array.from(values), { shape });
/** Between −1 and 1, away from both. */
const inside = (shape: readonly number[]): T => ad.mul(ad.tanh(draw(shape)), 0.8);
const above = (shape: readonly number[]): T => ad.add(ad.abs(draw(shape)), 1.5);
const apart = (shape: readonly number[]): T => {
  const x = draw(shape);
  return ad.add(x, ad.mul(ad.sign(x), 0.1));
};
const joined = (...parts: T[]): T => ad.concat(parts.map((t) => ad.reshape(t, [-1])));

const unary: Array<[string, (x: T) => T, (shape: readonly number[]) => T]> = [
  ['tan', ad.tan, inside],
  ['asin', ad.asin, inside],
  ['acos', ad.acos, inside],
  ['atan', ad.atan, draw],
  ['sinh', ad.sinh, draw],
  ['cosh', ad.cosh, draw],
  ['asinh', ad.asinh, draw],
  ['acosh', ad.acosh, above],
  ['atanh', ad.atanh, inside],
  ['lgamma', ad.lgamma, above],
  ['lgamma below 0', ad.lgamma, (shape) => ad.sub(ad.mul(inside(shape), 0.3), 1.5)],
  ['digamma', ad.digamma, above],
  ['polygamma 2', (x) => ad.polygamma(2, x), above],
  ['leakyRelu', (x) => ad.leakyRelu(x, 0.2), apart],
  ['elu', (x) => ad.elu(x, 1.3), apart],
  ['celu', (x) => ad.celu(x, 1.7), apart],
  ['selu', ad.selu, apart],
  ['softsign', ad.softsign, apart],
  ['hardtanh', (x) => ad.hardtanh(x, -0.05, 5), apart],
  ['cumprod', (x) => (x.rank === 0 ? x : ad.cumprod(x, 0)), draw],
];

describe('elementwise functions', () => {
  test.each(unary)('%s', (name, f, make) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.boolean(), (shape, gaps) => {
        const x = gaps ? scattered(make(shape)) : make(shape);
        checkDerivatives({ name: `${name} of [${shape}]`, f, x: [x] });
        checkPatterns({ name: `${name} of [${shape}]`, f, x: [x] });
      }),
      {
        numRuns: 3,
        seed: 1,
        examples: [
          [[], false],
          [[0, 3], false],
          [[4, 3], true],
        ],
      },
    );
    checkMapped({ name, f, x: [make([2, 3])] });
  });
});

/** No two within what differences move. */
const spaced = (shape: readonly number[]): T => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Float64Array.from({ length: n }, (_, i) => ((i * 7) % n) / 3 - 1),
    { shape },
  );
};
const table: Case[] = [
  { name: 'atan2', f: ad.atan2, x: [apart([3, 1, 2]), above([4, 2])] },
  { name: 'atan2 of a number', f: (x) => ad.add(ad.atan2(x, -2), ad.atan2(1.5, x)), x: [apart([3])] },
  {
    name: 'scatter',
    f: (x, u) => ad.square(ad.scatter(x, ints([3, 0, 0, 1, 2, 2], [2, 3]), u)),
    x: [draw([2, 4]), draw([2, 3])],
  },
  {
    name: 'scatter along another axis',
    f: (x, u) => ad.exp(ad.scatter(x, ints([3, 0, 1, 1], [2, 2]), u, 0)),
    x: [draw([4, 2]), draw([2, 2])],
  },
  {
    name: 'scatterAdd',
    f: (x, u) => ad.square(ad.scatterAdd(x, ints([3, 0, 0, 1, 2, 2], [2, 3]), u)),
    x: [draw([2, 4]), draw([2, 3])],
  },
  {
    name: 'indexAdd',
    f: (x, u) => ad.square(ad.indexAdd(x, ints([2, 0, 2, 1], [2, 2]), u, 1)),
    x: [draw([2, 3, 2]), draw([2, 2, 2, 2])],
  },
  { name: 'median', f: (x) => ad.square(ad.median(x)), x: [spaced([2, 4])] },
  { name: 'quantile', f: (x) => ad.square(ad.quantile(x, 0.3, 0)), x: [spaced([5, 3])] },
  {
    name: 'cumprod of zeros',
    f: (x) => ad.cumprod(x),
    x: [
      ad.tensor([
        [0, 1, 2, 0],
        [0.5, 0, 3, 1],
      ]),
    ],
  },
  {
    name: 'conv1d',
    f: (x, f) => ad.conv1d(x, f, { stride: 2, padding: 1, dilation: 2 }),
    x: [draw([2, 7, 2]), draw([2, 2, 3])],
  },
  {
    name: 'conv1d in groups',
    f: (x, f) => ad.tanh(ad.conv1d(x, f, { padding: 'same', groups: 2 })),
    x: [draw([1, 5, 4]), draw([3, 2, 4])],
  },
  {
    name: 'conv3d',
    f: (x, f) => ad.conv3d(x, f, { stride: [2, 1, 1], padding: [1, 0, 1], dilation: [1, 2, 1] }),
    x: [draw([1, 3, 4, 3, 2]), draw([2, 2, 2, 2, 2])],
  },
  {
    name: 'conv3d in groups',
    f: (x, f) => ad.tanh(ad.conv3d(x, f, { padding: 'same', groups: 2 })),
    x: [draw([1, 2, 2, 3, 4]), draw([2, 1, 3, 2, 2])],
  },
  {
    name: 'conv3d depthwise',
    f: (x, f) => ad.conv3d(x, f, { padding: 1, stride: 2, groups: 2 }),
    x: [draw([2, 3, 2, 2, 2]), draw([3, 2, 2, 1, 4])],
  },
  {
    name: 'groupNorm',
    f: (x, g, b) => ad.square(ad.groupNorm(x, 2, g, b)),
    x: [draw([2, 3, 2, 4]), draw([4]), draw([4])],
  },
  { name: 'groupNorm of rows', f: (x) => ad.square(ad.groupNorm(x, 2)), x: [draw([2, 6])] },
  { name: 'instanceNorm', f: (x, g) => ad.exp(ad.instanceNorm(x, g)), x: [draw([2, 4, 3]), draw([3])] },
  { name: 'lu', f: (a) => joined(...ad.lu(a).slice(1)), x: [draw([2, 3, 3])] },
  { name: 'lu of a tall matrix', f: (a) => joined(...ad.lu(a).slice(1)), x: [draw([2, 5, 3])] },
  { name: 'lu of a wide matrix', f: (a) => joined(...ad.lu(a).slice(1)), x: [draw([2, 3, 5])] },
  { name: 'lu of many rows', f: (a) => joined(...ad.lu(a)), x: [ad.add(draw([22, 22], 0.1), ad.mul(eye(22), 3))] },
  { name: 'lstsq', f: ad.lstsq, x: [draw([2, 5, 3]), draw([2, 5, 2])] },
  { name: 'lstsq of a vector', f: ad.lstsq, x: [draw([4, 2]), draw([4])] },
  { name: 'lstsq with fewer equations', f: ad.lstsq, x: [draw([2, 4]), draw([2, 3])] },
  {
    name: 'lstsq of rank 1',
    f: (a, b, c) => ad.lstsq(ad.matmul(ad.expandDims(a, -1), ad.expandDims(b, -2)), c),
    x: [draw([2, 4]), draw([2, 3]), draw([2, 4, 1])],
  },
  {
    name: 'lstsq of rank 1 with fewer equations',
    f: (a, b, c) => ad.lstsq(ad.matmul(ad.expandDims(a, -1), ad.expandDims(b, -2)), c),
    x: [draw([2]), draw([3]), draw([2])],
  },
  { name: 'pinv', f: ad.pinv, x: [draw([2, 4, 3])] },
  { name: 'pinv of a wide matrix', f: ad.pinv, x: [draw([2, 4])] },
  {
    name: 'pinv of rank 1',
    f: (a, b) => ad.pinv(ad.matmul(ad.expandDims(a, -1), ad.expandDims(b, -2))),
    x: [draw([4]), draw([3])],
  },
];
function eye(n: number): T {
  return ad.tensor(
    Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    { shape: [n, n] },
  );
}

describe('functions of several elements', () => {
  test.each(table.map((c) => [c.name, c] as const))('%s', (_, c) => {
    checkDerivatives(c);
    checkPatterns(c);
    checkMapped(c);
  });

  test('in single precision', () => {
    for (const { name, f, x } of table) {
      const [a, b] = [f(...x.map((t) => ad.cast(t, 'f32'))), f(...x)];
      expect(a.dtype, name).toBe('f32');
      const expected = b.data();
      for (const [i, v] of a.data().entries()) expect(v, name).toBeCloseTo(expected[i], 3);
    }
  });
});

test('least squares of any rank have the solution of least norm', () => {
  const low = ad.matmul(draw([5, 2]), draw([2, 4]));
  for (const a of [draw([5, 3]), draw([3, 5]), low, ad.transpose(low), ad.full([4, 3], 0), ad.full([3, 4], 1)]) {
    const b = draw([a.shape[0], 2]);
    const expected = ad.matmul(ad.pinv(a), b).data();
    for (const [i, v] of ad.lstsq(a, b).data().entries()) expect(v).toBeCloseTo(expected[i], 10);
  }
  // In single precision, products of two vectors are of rank 1 to rounding.
  const single = ad.cast(low, 'f32');
  const x = ad.cast(ad.lstsq(single, ad.full([5], 1, 'f32')), 'f64');
  const exact = ad.lstsq(low, ad.full([5], 1)).data();
  for (const [i, v] of x.data().entries()) expect(v).toBeCloseTo(exact[i], 4);
});

test('P·L·U is a matrix of any shape, also one of low rank', () => {
  const low = ad.matmul(draw([5, 1]), draw([1, 3]));
  for (const a of [draw([2, 5, 3]), draw([3, 5]), draw([20, 11]), low, ad.transpose(low)]) {
    const [P, L, U] = ad.lu(a);
    const again = ad.matmul(P, ad.matmul(L, U)).data();
    for (const [i, v] of a.data().entries()) expect(again[i]).toBeCloseTo(v, 12);
  }
});

test('P·L·U is the matrix, and pinv inverts', () => {
  const a = draw([3, 4, 4]);
  const [P, L, U] = ad.lu(a);
  const again = ad.matmul(P, ad.matmul(L, U)).data();
  for (const [i, v] of a.data().entries()) expect(again[i]).toBeCloseTo(v, 12);
  const inverse = ad.inverse(a).data();
  for (const [i, v] of ad.pinv(a).data().entries()) expect(v).toBeCloseTo(inverse[i], 8);
  // Of rank 1: vwᵀ/(‖v‖²‖w‖²).
  const [v, w] = [ad.tensor([[1], [2]]), ad.tensor([[3, 4]])];
  expect(ad.pinv(ad.matmul(v, w)).toArray()).toEqual([
    [expect.closeTo(3 / 125, 12), expect.closeTo(6 / 125, 12)],
    [expect.closeTo(4 / 125, 12), expect.closeTo(8 / 125, 12)],
  ]);
});

describe('dense second derivatives', () => {
  const f = (x: T): T => ad.sum(ad.mul(ad.exp(x), ad.square(ad.sum(x, 0))));
  const x = draw([2, 3]);
  const close = (a: T, b: T) => {
    expect(a.shape).toEqual(b.shape);
    const [p, q] = [a.data(), b.data()];
    for (const [i, v] of p.entries()) expect(v).toBeCloseTo(q[i], 11);
  };
  const g = (v: T): T => ad.stack([ad.sin(ad.sum(v, 0)), ad.prod(v, 0)]);

  test('jacfwd is the Jacobian', () => {
    close(ad.jacfwd(g)(x), ad.jacobian(g)(x));
    close(ad.compile(ad.jacfwd(g))(x), ad.jacobian(g)(x));
    close(ad.jacfwd((v) => ad.sum(v))(x), ad.full([2, 3], 1));
    const many = draw([4, 2, 3]);
    const each = [0, 1, 2, 3].map((i) => ad.jacobian(g)(ad.slice(many, i)));
    close(ad.vmap(ad.jacfwd(g))(many), ad.stack(each));
    // Differentiable, and of tensors that it closes over.
    const slope = (jac: typeof ad.jacfwd) =>
      ad.grad((v: T) => ad.sum(ad.square(jac((u) => ad.mul(ad.sin(u), v))(x))))(x);
    close(slope(ad.jacfwd), slope(ad.jacobian));
  });

  test('hessian', () => {
    const h = ad.hessian(f)(x);
    expect(h.shape).toEqual([2, 3, 2, 3]);
    close(h, ad.jacobian(ad.grad(f))(x));
    close(ad.compile(ad.hessian(f))(x), h);
    expect(() => ad.hessian((v) => v)(x)).toThrow(/scalar/);
    expect(() => ad.jacfwd((() => 1) as never)(x)).toThrow(/jacfwd takes a function that returns a tensor/);
  });
});

test('errors are sentences', () => {
  const x = draw([2, 3]);
  const bad = (f: () => unknown, pattern: RegExp) => expect(f).toThrow(pattern);
  bad(
    () => ad.scatter(x, ints([3, 0], [2, 1]), draw([2, 1])),
    /scatter.*index 3 is out of range for an axis of length 3/,
  );
  bad(() => ad.scatter(x, ints([1, 0]), draw([2])), /same shape/);
  bad(() => ad.scatter(x, draw([2, 1]), draw([2, 1])), /must be i32/);
  bad(() => ad.scatter(x, ints([1, 0], [2, 1]), ad.cast(draw([2, 1]), 'f32')), /cast\(updates, 'f64'\)/);
  bad(() => ad.scatterAdd(x, ints([3, 0], [2, 1]), draw([2, 1])), /^scatterAdd \(\S+\): index 3/);
  bad(() => ad.indexAdd(x, ints([5]), draw([1, 3])), /^indexAdd \(\S+\): index 5/);
  bad(() => ad.indexAdd(x, ints([1]), draw([2, 3])), /must be \[1, 3\]/);
  bad(() => ad.atan2(1, 2), /must be a tensor/);
  bad(() => ad.atan2(x, draw([2])), /lengths must agree/);
  bad(() => ad.asin(ints([1])), /cast/);
  bad(() => ad.polygamma(-1, x), /whole number from 0/);
  bad(() => ad.quantile(x, 2), /q must be from 0 to 1/);
  bad(() => ad.lu(ad.tensor(1)), /matrices/);
  bad(() => ad.conv1d(x, x), /conv1d of \[2, 3\].*sequences \[n, t, channels\]/);
  bad(() => ad.conv1d(draw([1, 4, 2]), draw([2, 2, 3]), { stride: 0 }), /whole numbers of at least 1/);
  bad(() => ad.conv3d(draw([1, 1, 1, 1, 2]), draw([1, 1, 1, 1, 1])), /conv3d of .*volumes/);
  bad(() => ad.conv3d(draw([1, 1, 1, 1, 2]), draw([2, 1, 1, 2, 1])), /deeper than the padded volumes/);
  bad(() => ad.conv3d(draw([1, 1, 1, 1, 2]), draw([1, 1, 1, 2, 1]), { padding: -1 }), /padding must be/);
  bad(() => ad.groupNorm(x, 2), /3 channels cannot be divided into 2 equal groups/);
  bad(() => ad.instanceNorm(x, draw([2])), /must be \[3\]/);
  bad(() => ad.lstsq(x, draw([3])), /2 rows/);
});

test('functions in single precision are near those in double precision', () => {
  const within = { asin: 1, acos: 1, atanh: 1, tan: 100 } as const;
  const edges = [0, -0, 1, -1, 0.5, 1e-30, -1e-20, 1e-4, 88.9, -89.2, 90, 1e10, -3e19, 3e38, Infinity, -Infinity, NaN];
  const { tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh } = ad;
  const functions = { tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh };
  for (const name of Object.keys(functions) as Array<keyof typeof functions>) {
    const size = name in within ? within[name as 'tan'] : 40;
    // More than a block, and a rest.
    const given = Float32Array.from({ length: 1500 }, (_, i) => edges[i] ?? ((i * 7919) % 1500) / 750 - 1);
    const x = ad.tensor(given.map((v, i) => (i < edges.length ? v : v * size)));
    const f = functions[name];
    const [found, exact] = [f(x).data(), f(ad.cast(x, 'f64')).data()];
    const wrong = [...found.entries()].filter(([i, v]) => {
      const e = Math.fround(exact[i]);
      return !(Object.is(v, e) || Math.abs(v - e) <= 8 * 2 ** -24 * Math.abs(e));
    });
    expect(wrong.map(([i, v]) => `${name}(${x.data()[i]}) = ${v}, not ${exact[i]}`)).toEqual([]);
  }
});
