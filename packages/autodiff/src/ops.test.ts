import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cx from './complex/index.ts';
import * as ad from './index.ts';
import { type Case, checkDerivatives, checkMapped, checkPatterns, draws, scattered } from './testing.ts';

type T = ad.Tensor;
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): T =>
  ad.tensor(Int32Array.from(values), { shape });

const draw = draws(1);
/** Away from 0, where some functions have kinks. */
const apart = (shape: readonly number[]): T => {
  const x = draw(shape);
  return ad.add(x, ad.mul(ad.sign(x), 0.1));
};
/** No two within what differences move. */
const spaced = (shape: readonly number[]): T => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Float64Array.from(new Random(5).permutation(n), (v) => (v - n / 2) / 10),
    { shape },
  );
};
/** Tenths: half of one apart from what is moved by that. */
const grid = (shape: readonly number[]): T => ad.div(ad.round(ad.mul(draw(shape), 10)), 10);
const positive = (shape: readonly number[]): T => ad.add(ad.abs(draw(shape)), 0.5);

const unary: Array<[string, (x: T) => T, (shape: readonly number[]) => T]> = [
  ['neg', ad.neg, draw],
  ['abs', ad.abs, apart],
  ['sign', (x) => ad.mul(ad.sign(x), x), apart],
  ['sqrt', ad.sqrt, positive],
  ['exp', ad.exp, draw],
  ['expm1', ad.expm1, draw],
  ['log', ad.log, positive],
  ['log1p', ad.log1p, positive],
  ['tanh', ad.tanh, draw],
  ['sigmoid', ad.sigmoid, draw],
  ['relu', ad.relu, apart],
  ['gelu', ad.gelu, draw],
  ['silu', ad.silu, draw],
  ['softplus', ad.softplus, draw],
  ['sin', ad.sin, draw],
  ['cos', ad.cos, draw],
  ['erf', ad.erf, draw],
  ['square', ad.square, draw],
  ['reciprocal', ad.reciprocal, positive],
  ['floor', (x) => ad.mul(x, ad.floor(ad.mul(x, 0))), draw],
  ['pow 3', (x) => ad.pow(x, 3), draw],
  ['clip', (x) => ad.clip(x, -0.05, 5), apart],
  ['mean', (x) => ad.mean(x), draw],
  ['variance', (x) => ad.variance(ad.add(x, 0)), draw],
  ['cumsum', (x) => (x.rank === 0 ? x : ad.cumsum(x)), draw],
  ['sum', (x) => ad.sum(x), draw],
  ['reshape', (x) => ad.square(ad.reshape(x, [-1])), draw],
  ['permute', (x) => ad.square(ad.permute(x)), draw],
];

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

describe('elementwise functions of one tensor', () => {
  test.each(unary)('%s', (name, f, make) => {
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, gaps) => {
        if (name === 'reshape' && shape.includes(0)) return;
        if ((name === 'mean' || name === 'variance') && shape.includes(0)) return;
        const x = gaps ? scattered(make(shape)) : make(shape);
        checkDerivatives({ name: `${name} of [${shape}]`, f, x: [x] });
        checkPatterns({ name: `${name} of [${shape}]`, f, x: [x] });
      }),
      {
        numRuns: 6,
        seed: 1,
        examples: [
          [[], false],
          [[0, 3], false],
          [[1, 1], true],
          [[5, 3], true],
        ],
      },
    );
    checkMapped({ name, f, x: [make([2, 3])] });
  });
});

const binary: Array<[string, (a: T, b: T) => T, (shape: readonly number[]) => T]> = [
  ['add', ad.add, draw],
  ['sub', ad.sub, draw],
  ['mul', ad.mul, draw],
  ['div', ad.div, positive],
  ['pow', ad.pow, positive],
  ['minimum', (a, b) => ad.minimum(a, ad.add(b, 0.05)), grid],
  ['maximum', (a, b) => ad.maximum(a, ad.add(b, 0.05)), grid],
  ['where', (a, b) => ad.where(ad.less(a, ad.add(b, 0.05)), ad.square(a), ad.mul(a, b)), grid],
  ['greater', (a, b) => ad.mul(ad.greaterEqual(a, ad.add(b, 0.05)), ad.mul(a, b)), grid],
];

describe('elementwise functions of two tensors', () => {
  test.each(binary)('%s', (name, f, make) => {
    fc.assert(
      fc.property(
        shapes,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (shape, how, gaps) => {
          // The second stretches some axes and lacks the first ones.
          const other = shape.map((n, d) => (how[d] === 0 ? 1 : n)).slice(how[2] === 2 ? 1 : 0);
          const [a, b] = [make(shape), make(other)];
          const c = {
            name: `${name} of [${shape}] and [${other}]`,
            f,
            x: gaps ? [b, scattered(a)] : [scattered(a), b],
          };
          checkDerivatives(c);
          checkPatterns(c);
        },
      ),
      {
        numRuns: 6,
        seed: 2,
        examples: [
          [[3, 4], [0, 1, 1], true],
          [[2, 0], [1, 1, 1], false],
          [[2, 3, 4], [1, 0, 2], false],
        ],
      },
    );
    checkMapped({ name, f, x: [make([2, 3]), make([3])] });
  });
});

const definite = (x: T): T =>
  ad.add(
    ad.matmul(x, ad.transpose(x)),
    ad.tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
  );
/** Pivots far from 0. */
const lower = (x: T): T =>
  ad.add(
    x,
    ad.tensor([
      [5, 0, 0],
      [0, 5, 0],
      [0, 0, 5],
    ]),
  );

const eye = (n: number): T =>
  ad.tensor(
    Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    { shape: [n, n] },
  );
/** With singular values near 1, 2, 3 …: far enough from each other for differences. */
const apartDiagonal = (m: number, n: number): T =>
  ad.tensor(
    Float64Array.from({ length: m * n }, (_, i) => Math.sin(i * i) / 20 + (i % (n + 1) === 0 ? 1 + i / (n + 1) : 0)),
    { shape: [m, n] },
  );
const large = (x: T): T => ad.add(ad.matmul(x, ad.transpose(x)), eye(x.shape.at(-1)!));
const steep = (x: T): T => ad.add(x, ad.mul(eye(x.shape.at(-1)!), 2));

const table: Case[] = [
  { name: 'sum of axes', f: (x) => ad.sum(x, [0, 2]), x: [draw([2, 3, 4])] },
  { name: 'sum kept', f: (x) => ad.mul(x, ad.sum(x, -1, true)), x: [scattered(draw([2, 3]))] },
  { name: 'max', f: (x) => ad.max(x, 1), x: [spaced([3, 5])] },
  { name: 'min of all', f: (x) => ad.min(x), x: [spaced([3, 5])] },
  { name: 'max over columns', f: (x) => ad.max(x, 0), x: [spaced([4, 7])] },
  { name: 'logsumexp', f: (x) => ad.logsumexp(x, -1), x: [draw([3, 4])] },
  { name: 'variance of samples', f: (x) => ad.variance(x, 0, { correction: 1 }), x: [draw([4, 3])] },
  { name: 'prod', f: (x) => ad.prod(x, 1), x: [draw([2, 5, 2])] },
  {
    name: 'prod with zeros',
    f: (x) => ad.prod(x),
    x: [
      ad.tensor([
        [0, 2, 3],
        [0, 0, 4],
        [1, 2, 3],
      ]),
    ],
  },
  { name: 'cumsum reversed', f: (x) => ad.square(ad.cumsum(x, 0, true)), x: [draw([4, 3])] },
  { name: 'broadcastTo', f: (x) => ad.square(ad.broadcastTo(x, [2, 3, 4])), x: [draw([3, 1])] },
  { name: 'slice', f: (x) => ad.square(ad.slice(x, [1, 4, 2], 1, [null, null, -1])), x: [draw([5, 2, 3])] },
  {
    name: 'many slices that cover a tensor',
    f: (x) => [0, 1, 2].map((i) => ad.sin(ad.mul(ad.slice(x, null, i), i + 1))).reduce((a, b) => ad.mul(a, b)),
    x: [draw([2, 3, 4])],
  },
  {
    name: 'slices that overlap, beside the whole',
    f: (x) =>
      ad.mul(ad.mul(ad.slice(x, [0, 3]), ad.slice(x, [null, 0, -1])), ad.add(ad.slice(x, [1]), ad.sum(ad.exp(x)))),
    x: [draw([4, 2])],
  },
  {
    name: 'slices of turned views',
    f: (x) => ad.mul(ad.slice(ad.transpose(x), 0), ad.slice(ad.transpose(x), -1)),
    x: [draw([3, 4])],
  },
  { name: 'slice of nothing', f: (x) => ad.square(ad.slice(x, [2, 2])), x: [draw([4, 2])] },
  { name: 'concat', f: (a, b) => ad.square(ad.concat([a, b, a], 1)), x: [draw([2, 1, 3]), draw([2, 2, 3])] },
  { name: 'stack', f: (a, b) => ad.square(ad.stack([a, b], -1)), x: [draw([2, 3]), scattered(draw([2, 3]))] },
  {
    name: 'pad',
    f: (x) =>
      ad.square(
        ad.pad(x, [
          [1, 0],
          [2, 1],
        ]),
      ),
    x: [draw([2, 2, 3])],
  },
  { name: 'pad by a value', f: (x) => ad.exp(ad.pad(x, [[1, 2]], 3)), x: [draw([2, 2])] },
  { name: 'squeeze and expand', f: (x) => ad.square(ad.squeeze(ad.expandDims(x, 1))), x: [draw([3, 1, 2])] },
  { name: 'matmul', f: ad.matmul, x: [draw([3, 4]), draw([4, 2])] },
  {
    name: 'matmul of turned',
    f: (a, b) => ad.matmul(ad.transpose(a), ad.transpose(b)),
    x: [draw([4, 3]), draw([2, 4])],
  },
  { name: 'matmul of batches', f: ad.matmul, x: [draw([2, 1, 3, 4]), scattered(draw([3, 4, 2]))] },
  { name: 'matmul with one matrix', f: ad.matmul, x: [draw([2, 3, 4]), draw([4, 5])] },
  { name: 'matmul of vectors', f: ad.matmul, x: [draw([4]), draw([4])] },
  { name: 'matmul of a matrix and a vector', f: ad.matmul, x: [draw([2, 3, 4]), draw([4])] },
  { name: 'matmul of nothing', f: ad.matmul, x: [draw([3, 0]), draw([0, 2])] },
  { name: 'linear relu', f: (x, w, b) => ad.linear(x, w, b, 'relu'), x: [draw([5, 3]), draw([3, 4]), draw([4])] },
  { name: 'linear tanh', f: (x, w, b) => ad.linear(x, w, b, 'tanh'), x: [draw([2, 5, 3]), draw([3, 4]), draw([4])] },
  { name: 'linear sigmoid', f: (x, w, b) => ad.linear(x, w, b, 'sigmoid'), x: [draw([5, 3]), draw([3, 4]), draw([4])] },
  { name: 'softmax', f: (x) => ad.softmax(x), x: [draw([3, 5])] },
  { name: 'softmax of another axis', f: (x) => ad.softmax(x, 0), x: [draw([3, 5])] },
  { name: 'logSoftmax', f: (x) => ad.logSoftmax(x), x: [scattered(draw([3, 5]))] },
  { name: 'crossEntropy', f: ad.crossEntropy, x: [draw([2, 3, 5]), ints([0, 4, 2, -1, 1, 1], [2, 3])] },
  {
    name: 'softmaxCrossEntropy',
    f: (x, t) => ad.softmaxCrossEntropy(x, t, { precision: 'f64' }),
    x: [draw([2, 3, 5]), ints([0, 4, 2, -1, 1, 1], [2, 3])],
  },
  { name: 'softmaxSum', f: (x) => ad.softmaxSum(x, { precision: 'f64' }), x: [spaced([3, 5])] },
  {
    name: 'stableMaxCrossEntropy',
    f: ad.stableMaxCrossEntropy,
    x: [apart([2, 3, 5]), ints([0, 4, 2, -1, 1, 1], [2, 3])],
  },
  { name: 'stableMax', f: ad.stableMax, x: [apart([3, 5])] },
  { name: 'layerNorm', f: (x, g, b) => ad.layerNorm(x, g, b), x: [draw([2, 3, 5]), draw([5]), draw([5])] },
  { name: 'layerNorm alone', f: (x) => ad.layerNorm(x), x: [scattered(draw([3, 5]))] },
  { name: 'rmsNorm', f: (x, g) => ad.rmsNorm(x, g), x: [draw([3, 5]), draw([5])] },
  { name: 'conv2d', f: (x, f) => ad.conv2d(x, f), x: [draw([2, 5, 4, 2]), draw([3, 2, 2, 3])] },
  {
    name: 'conv2d with all options',
    f: (x, f) => ad.conv2d(x, f, { stride: [2, 1], padding: [2, 1], dilation: [1, 2] }),
    x: [draw([2, 5, 6, 1]), draw([3, 2, 1, 2])],
  },
  {
    name: 'conv2d same',
    f: (x, f) => ad.conv2d(x, f, { padding: 'same', stride: 2 }),
    x: [draw([1, 5, 4, 2]), draw([3, 3, 2, 2])],
  },
  { name: 'conv2d of a pixel', f: (x, f) => ad.conv2d(x, f), x: [draw([2, 3, 3, 2]), draw([1, 1, 2, 3])] },
  {
    name: 'conv2dTranspose',
    f: (y, f) => ad.conv2dTranspose(y, f, { stride: 2, padding: 1 }),
    x: [spaced([2, 3, 2, 3]), draw([3, 3, 2, 3])],
  },
  { name: 'maxPool', f: (x) => ad.maxPool(x, 2), x: [spaced([2, 4, 5, 3])] },
  {
    name: 'maxPool with padding',
    f: (x) => ad.maxPool(x, [3, 2], { stride: 1, padding: 1 }),
    x: [spaced([1, 3, 4, 5])],
  },
  { name: 'avgPool', f: (x) => ad.square(ad.avgPool(x, 2, { stride: 1, padding: 1 })), x: [draw([2, 3, 4, 2])] },
  { name: 'take', f: (x, i) => ad.square(ad.take(x, i)), x: [draw([4, 3]), ints([1, 3, 1, 0], [2, 2])] },
  { name: 'take on an axis', f: (x, i) => ad.square(ad.take(x, i, 1)), x: [draw([2, 4, 3]), ints([1, 3, 1])] },
  { name: 'takeAlong', f: (x, i) => ad.square(ad.takeAlong(x, i, 0)), x: [draw([4, 2]), ints([1, 3, 1, 0], [2, 2])] },
  { name: 'sort', f: (x) => ad.square(ad.sort(x).values), x: [spaced([3, 5])] },
  { name: 'topK of columns', f: (x) => ad.square(ad.topK(x, 2, 0).values), x: [spaced([5, 3])] },
  { name: 'matmulTransposed', f: (x, w) => ad.matmulTransposed(x, w), x: [draw([2, 3, 4]), draw([5, 4])] },
  { name: 'matmulTransposed of a row', f: (x, w) => ad.matmulTransposed(x, w), x: [draw([4]), draw([3, 4])] },
  ...[1, 3].flatMap((t): Case[] => [
    {
      name: `lstm of ${t}`,
      f: (x, w, h, c) => {
        const { y, cells } = ad.lstm(x, w, h, c);
        return ad.concat([y, ad.square(cells)], 2);
      },
      x: [draw([2, t, 12]), draw([12, 3]), draw([2, 3]), draw([2, 3])],
    },
    {
      name: `lstm of ${t}, its outputs alone`,
      f: (x, w, h, c) => ad.lstm(x, w, h, c).y,
      x: [draw([2, t, 20]), draw([20, 5]), draw([2, 5]), draw([2, 5])],
    },
    {
      name: `gru of ${t}`,
      f: (x, w, b, h) => ad.gru(x, w, b, h),
      x: [draw([2, t, 9]), draw([9, 3]), draw([9]), draw([2, 3])],
    },
  ]),
  {
    name: 'attention',
    f: (q, k, v) => ad.attention(q, k, v),
    x: [draw([2, 3, 2, 4]), draw([2, 5, 2, 4]), draw([2, 5, 2, 3])],
  },
  {
    name: 'causal attention',
    f: (q, k, v) => ad.attention(q, k, v, { causal: true }),
    x: [draw([1, 4, 2, 3]), draw([1, 4, 2, 3]), draw([1, 4, 2, 3])],
  },
  {
    name: 'masked attention',
    // The last position sees nobody.
    f: (q, k, v) =>
      ad.attention(q, k, v, {
        causal: true,
        mask: ad.tensor([
          [1, 0, 0],
          [1, 1, 0],
          [0, 0, 0],
        ]),
      }),
    x: [draw([2, 3, 2, 2]), draw([2, 3, 2, 2]), draw([2, 3, 2, 3])],
  },
  {
    name: 'take with one’s own indices under vmap',
    f: (x, i) => ad.square(ad.take(x, i)),
    x: [draw([4, 2]), ints([3, 3, 0])],
  },
  {
    name: 'attention on packed parts',
    f: (x) => {
      const [q, k, v] = [0, 1, 2].map((i) => ad.slice(ad.reshape(x, [2, 4, 3, 2, 3]), undefined, undefined, i));
      return ad.attention(q, k, v, { causal: true });
    },
    x: [draw([2, 4, 18])],
  },
  { name: 'einsum of a product', f: (a, b) => ad.einsum('bij,bjk->bik', a, b), x: [draw([2, 3, 4]), draw([2, 4, 2])] },
  { name: 'einsum outer', f: (a, b) => ad.einsum('i,j->ji', a, b), x: [draw([3]), draw([4])] },
  { name: 'einsum trace', f: (a, b) => ad.einsum('ii,j', a, b), x: [draw([3, 3]), draw([2])] },
  {
    name: 'einsum of three',
    f: (a, b, c) => ad.einsum('ij,jk,ki->', a, b, c),
    x: [draw([2, 3]), draw([3, 4]), draw([4, 2])],
  },
  {
    name: 'a network',
    f: (x, w, b, v) => ad.sum(ad.gelu(ad.layerNorm(ad.matmul(ad.tanh(ad.linear(x, w, b)), v)))),
    x: [draw([3, 2]), draw([2, 4]), draw([4]), draw([4, 3])],
  },
  { name: 'batchNorm', f: (x, g, b) => ad.batchNorm(x, g, b), x: [draw([4, 3]), draw([3]), draw([3])] },
  { name: 'upsample nearest', f: (x) => ad.square(ad.upsample(x, [2, 3])), x: [draw([2, 2, 3, 2])] },
  { name: 'upsample bilinear', f: (x) => ad.square(ad.upsample(x, [2, 3], 'bilinear')), x: [draw([2, 2, 3, 2])] },
  { name: 'fft', f: (x) => ad.square(cx.toPairs(cx.fft(cx.fromPairs(x)))), x: [draw([3, 5, 2])] },
  { name: 'ifft', f: (x) => ad.square(cx.toPairs(cx.ifft(cx.fromPairs(x)))), x: [draw([4, 2])] },
  { name: 'dct', f: (x) => ad.square(ad.dct(x)), x: [draw([2, 5])] },
  { name: 'dct back', f: (x) => ad.exp(ad.dct(x, true)), x: [draw([4])] },
  { name: 'cholesky', f: (x) => ad.cholesky(definite(x)), x: [draw([2, 3, 3])] },
  { name: 'log det', f: (x) => ad.logDetOfFactor(ad.cholesky(definite(x))), x: [draw([3, 3])] },
  { name: 'solveTriangular', f: (a, b) => ad.solveTriangular(lower(a), b), x: [draw([3, 3]), draw([2, 3, 2])] },
  {
    name: 'solveTriangular transposed',
    f: (a, b) => ad.solveTriangular(lower(a), b, true),
    x: [draw([2, 3, 3]), draw([3, 2])],
  },
  { name: 'solve', f: (a, b) => ad.solve(definite(a), b), x: [draw([2, 3, 3]), draw([3, 2])] },
  { name: 'solve for a vector', f: (a, b) => ad.solve(definite(a), b), x: [draw([3, 3]), draw([3])] },
  {
    name: 'eigh',
    f: (a) => {
      const [w, v] = ad.eigh(ad.add(a, ad.transpose(a)));
      return ad.concat([w, ad.sum(ad.mul(ad.square(v), w), -1)]);
    },
    x: [draw([4, 4])],
  },
  { name: 'inverse', f: (a) => ad.inverse(lower(a)), x: [draw([2, 3, 3])] },
  { name: 'log of the determinant', f: (a) => ad.logDet(a), x: [lower(draw([2, 3, 3]))] },
  {
    name: 'qr of a tall matrix',
    f: (a) => ad.concat(ad.qr(a).map((t) => ad.reshape(t, [-1]))),
    x: [draw([5, 3])],
  },
  {
    name: 'qr of a wide matrix',
    f: (a) => ad.concat(ad.qr(a).map((t) => ad.reshape(t, [-1]))),
    x: [draw([3, 5])],
  },
  { name: 'qr, Q alone', f: (a) => ad.qr(a)[0], x: [draw([2, 4, 3])], step: 3e-4 },
  { name: 'svd', f: (a) => ad.concat(ad.svd(a).map((t) => ad.reshape(t, [-1]))), x: [draw([3, 3])] },
  { name: 'svd of a tall matrix', f: (a) => ad.concat(ad.svd(a).map((t) => ad.reshape(t, [-1]))), x: [draw([5, 3])] },
  { name: 'svd of a wide matrix', f: (a) => ad.concat(ad.svd(a).map((t) => ad.reshape(t, [-1]))), x: [draw([2, 4])] },
  {
    name: 'svd of 10 columns',
    f: (a) => ad.concat(ad.svd(a).map((t) => ad.reshape(t, [-1]))),
    x: [apartDiagonal(12, 10)],
  },
  { name: 'svd, values alone', f: (a) => ad.svd(a)[1], x: [draw([2, 3, 4])] },
  { name: 'expm', f: (a) => ad.expm(a), x: [draw([2, 3, 3])] },
  // Beyond the sizes from which kernels do it.
  { name: 'cholesky by kernels', f: (x) => ad.cholesky(large(x)), x: [draw([2, 26, 26], 0.1)] },
  {
    name: 'solveTriangular by kernels',
    f: (a, b) => ad.add(ad.solveTriangular(steep(a), b), ad.solveTriangular(steep(a), b, true)),
    x: [draw([20, 20], 0.1), draw([2, 20, 21])],
  },
  { name: 'solve by kernels', f: (a, b) => ad.solve(steep(a), b), x: [draw([2, 22, 22], 0.1), draw([22, 3])] },
  { name: 'solve for a vector by kernels', f: (a, b) => ad.solve(steep(a), b), x: [draw([22, 22], 0.1), draw([22])] },
  { name: 'dropout', f: (x) => ad.square(ad.dropout(x, 0.4, ad.randomKey(3))), x: [draw([3, 5])] },
  {
    name: 'fixedPoint',
    f: (a, b) =>
      ad.fixedPoint(
        (z: T, [p, q]: readonly [T, T]) => ad.tanh(ad.add(ad.matmul(ad.mul(p, 0.3), z), q)),
        ad.full([3], 0),
        [a, b],
      ),
    x: [draw([3, 3]), draw([3])],
  },
  {
    name: 'root',
    f: (a) => ad.root((z: T, p: T) => ad.sub(ad.add(ad.exp(z), z), p), ad.full([3], 0), a),
    x: [draw([3])],
  },
  {
    name: 'customVjp',
    f: ad.customVjp(
      (x: T) => ad.square(x),
      (g, [x]) => [ad.mul(g, ad.mul(x, 2))],
    ),
    x: [draw([3])],
  },
  { name: 'checkpoint', f: ad.checkpoint((x: T) => ad.exp(ad.sin(ad.mul(x, x)))), x: [draw([3])] },
  {
    name: 'conv2d of many channels',
    f: (x, f) => ad.conv2d(x, f, { padding: 1, stride: 2 }),
    x: [draw([2, 4, 5, 3]), draw([3, 3, 3, 2])],
  },
  {
    name: 'conv2d in groups',
    f: (x, f) => ad.conv2d(x, f, { padding: 1, groups: 2 }),
    x: [scattered(draw([2, 3, 4, 4])), draw([3, 2, 2, 6])],
  },
  {
    name: 'conv2d depthwise',
    f: (x, f) => ad.conv2d(x, f, { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 3 }),
    x: [draw([2, 5, 4, 3]), draw([2, 3, 1, 3])],
  },
  {
    name: 'conv2d depthwise, two for each channel',
    f: (x, f) => ad.conv2d(x, f, { padding: 'same', groups: 5 }),
    x: [draw([1, 3, 3, 5]), draw([3, 3, 1, 10])],
  },
  {
    name: 'conv2dTranspose in groups',
    f: (y, f) => ad.conv2dTranspose(y, f, { stride: 2, groups: 2 }),
    x: [draw([1, 2, 3, 4]), draw([2, 2, 2, 4])],
  },
  {
    name: 'conv2dTranspose depthwise',
    f: (y, f) => ad.conv2dTranspose(y, f, { stride: 2, padding: 1, groups: 2 }),
    x: [draw([1, 3, 2, 4]), draw([3, 3, 1, 4])],
  },
];

describe('operations', () => {
  test.each(table.map((c) => [c.name, c] as const))('%s', (_, c) => {
    checkDerivatives(c);
    checkPatterns(c);
    if (c.mapped !== false) checkMapped(c);
  });
});

test('single precision gives what double precision gives, rounded', () => {
  for (const { name, f, x } of table) {
    // Constants in double precision, or other draws.
    if (/cholesky|log det|inverse|solve|fixedPoint|root|dropout|masked/.test(name)) continue;
    const exact = f(...x);
    const single = f(...x.map((t) => (t.dtype === 'f64' ? ad.cast(t, 'f32') : t)));
    expect(single.dtype, name).toBe('f32');
    const [p, q] = [single.data(), exact.data()];
    const scale = Math.max(1e-3, ...Array.from(q, Math.abs));
    const wrong = p.findIndex((v, i) => !(Math.abs(v - q[i]) <= 3e-5 * scale));
    expect(wrong, `${name}: ${p[wrong]}, not ${q[wrong]}`).toBe(-1);
  }
});
