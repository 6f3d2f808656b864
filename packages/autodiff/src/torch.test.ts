import { readFileSync } from 'node:fs';
import { networkKernels } from '@southwell/kernels/networks';
import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';

// Composite functions in which every operation occurs, against PyTorch: torch/values.py has the same functions, and wrote values.json.

type T = ad.Tensor;

/** The numbers of values.py. */
const wave = (shape: readonly number[], seed: number): T => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i + seed) + 0.3 * Math.sin(0.7 * i * i + seed)),
    { shape },
  );
};
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): T =>
  ad.tensor(Int32Array.from(values), { shape });
const { add, div, mul } = ad;

function block(x: T, g: T, b: T, qkv: T, out: T, up: T, down: T): T {
  const [n, t, d] = x.shape;
  const packed = ad.reshape(ad.matmul(ad.layerNorm(x, g, b), qkv), [n, t, 3, 2, d / 2]);
  const [q, k, v] = [0, 1, 2].map((i) => ad.slice(packed, undefined, undefined, i));
  const seen = ad.reshape(ad.attention(q, k, v, { causal: true }), [n, t, d]);
  const y = add(x, ad.matmul(seen, out));
  return add(y, ad.matmul(ad.gelu(ad.matmul(ad.layerNorm(y), up)), down));
}

const eye = (n: number): T =>
  ad.tensor(
    Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    { shape: [n, n] },
  );
const steep = (x: T): T => add(x, mul(eye(x.shape.at(-1)!), 3));
const factor = (x: T): T => ad.cholesky(add(ad.matmul(x, ad.transpose(x)), eye(x.shape.at(-1)!)));
const joined = (...parts: T[]): T => ad.concat(parts.map((t) => ad.reshape(t, [-1])));
const qr = (x: T): T => joined(...ad.qr(x));
function svd(x: T): T {
  const [u, s, v] = ad.svd(x);
  const cubes = ad.pow(ad.transpose(v), 3);
  return joined(ad.matmul(ad.square(u), s), s, ad.matmul(ad.square(v), ad.square(s)), ad.matmul(mul(u, s), cubes));
}

/** The hidden states and the last state of a long short-term memory of width 2. */
function lstm(x: T, w: T, u: T, b: T): T {
  const gate = (z: T, i: number): T => ad.slice(z, null, [2 * i, 2 * i + 2]);
  const [{ c }, ys] = ad.scan(
    (state, row) => {
      const z = add(add(ad.matmul(row, w), ad.matmul(state.h, u)), b);
      const kept = mul(ad.sigmoid(gate(z, 1)), state.c);
      const next = add(kept, mul(ad.sigmoid(gate(z, 0)), ad.tanh(gate(z, 2))));
      const h = mul(ad.sigmoid(gate(z, 3)), ad.tanh(next));
      return [{ h, c: next }, h];
    },
    { h: ad.full([2, 2], 0), c: ad.full([2, 2], 0) },
    x,
  );
  return ad.concat([ys, ad.expandDims(c, 0)]);
}

const cases: Record<string, (...x: T[]) => T> = {
  'exp of sin': (x) => ad.exp(ad.sin(x)),
  'log of squares': (x) => ad.log(add(ad.square(x), 1)),
  roots: (x, y) => ad.sqrt(add(add(mul(x, x), mul(y, y)), 0.1)),
  quotient: (x, y) => div(x, add(2, ad.cos(y))),
  powers: (x, y) => ad.pow(add(ad.abs(x), 0.5), y),
  'tanh of sigmoid': (x) => ad.tanh(mul(3, ad.sigmoid(x))),
  gelu: (x) => ad.gelu(mul(x, 2)),
  silu: (x) => ad.silu(mul(x, 2)),
  softplus: (x) => ad.softplus(mul(x, 5)),
  erf: (x) => ad.erf(mul(x, 2)),
  'expm1 and log1p': (x) => mul(ad.expm1(x), ad.log1p(ad.square(x))),
  relu: (x) => mul(ad.relu(x), x),
  'abs and sign': (x) => add(mul(ad.abs(x), x), mul(ad.sign(x), x)),
  extremes: (x, y) => mul(ad.maximum(x, y), ad.minimum(x, mul(y, 2))),
  where: (x, y) => ad.where(ad.greater(x, y), ad.square(x), mul(x, y)),
  clip: (x) => mul(ad.clip(mul(x, 2), -1, 1.1), x),
  'mean and variance': (x) =>
    add(mul(ad.mean(x, 0), ad.sum(ad.slice(ad.variance(x, 1, { correction: 1 }), [0, 2]))), ad.variance(x)),
  logsumexp: (x) => mul(ad.logsumexp(mul(x, 3), -1), ad.sum(x, -1)),
  'max and min': (x) => mul(ad.max(x, 1), ad.slice(ad.min(x, 0), [0, 3])),
  prod: (x) => ad.prod(x, 1),
  cumsum: (x) => ad.cumsum(ad.square(x), 0),
  slices: (x) =>
    mul(ad.slice(x, [1], [null, null, 2]), ad.slice(ad.slice(x, null, [null, null, -1]), [null, -1], [null, null, 2])),
  'concat and pad': (x, y) => ad.pow(ad.pad(ad.concat([x, y], 1), [[1, 2]]), 3),
  'permute and reshape': (x) => ad.exp(ad.reshape(ad.permute(x, [2, 0, 1]), [4, 6])),
  take: (x) => ad.square(ad.take(x, ints([2, 0, 2, 1]))),
  gather: (x) => ad.square(ad.takeAlong(x, ints([2, 0, 1, 1, 3, 0], [3, 2]))),
  sort: (x) => ad.square(ad.sort(x).values),
  topk: (x) => ad.pow(ad.topK(x, 2, 0).values, 3),
  matmul: (x, y) => ad.tanh(ad.matmul(x, y)),
  'batched matmul': (x, y) => ad.sin(ad.matmul(ad.transpose(x), y)),
  einsum: (x, y, z) => ad.einsum('bij,bjk,bk->bi', x, y, z),
  softmax: (x) => mul(ad.softmax(mul(x, 3), 0), ad.logSoftmax(x, 1)),
  'cross-entropy': (x) => ad.crossEntropy(mul(x, 3), ints([1, 3, 0])),
  'layer norm': (x, g, b) => ad.layerNorm(x, g, b),
  'rms norm': (x, g) => ad.rmsNorm(x, g),
  'batch norm': (x, g, b) => ad.batchNorm(x, g, b),
  conv2d: (x, f) => ad.tanh(ad.conv2d(x, f, { padding: 1 })),
  'conv2d strided': (x, f) => ad.conv2d(x, f, { stride: [2, 1], padding: [2, 1], dilation: [1, 2] }),
  'conv2d transposed': (y, f) => ad.conv2dTranspose(y, f, { stride: 2, padding: 1 }),
  'conv2d in groups': (x, f) => ad.conv2d(x, f, { stride: 2, padding: 1, groups: 2 }),
  'conv2d depthwise': (x, f) =>
    ad.tanh(ad.conv2d(x, f, { stride: [1, 2], padding: [2, 1], dilation: [2, 1], groups: 3 })),
  'conv2d of many channels': (x, f) => ad.tanh(ad.conv2d(x, f, { padding: 1 })),
  'conv2d transposed in groups': (y, f) => ad.conv2dTranspose(y, f, { stride: 2, padding: 1, groups: 2 }),
  'conv2d transposed depthwise': (y, f) => ad.conv2dTranspose(y, f, { stride: 2, groups: 2 }),
  'max pool': (x) => ad.square(ad.maxPool(x, 2)),
  'average pool': (x) => ad.square(ad.avgPool(x, 3, { stride: 2, padding: 1 })),
  attention: (q, k, v) => ad.attention(q, k, v),
  'causal attention': (q, k, v) => ad.attention(q, k, v, { causal: true }),
  cholesky: (x, y) => ad.solveTriangular(factor(x), y),
  'solve and inverse': (x, y) => add(ad.solve(steep(x), y), ad.matmul(ad.inverse(steep(x)), ad.square(y))),
  'solve of 24': (x, y) => ad.solve(steep(mul(x, 0.1)), y),
  'log of the determinant': (x) => ad.logDet(x),
  eigh: (x) => {
    const [w, v] = ad.eigh(add(x, ad.transpose(x)));
    return joined(w, ad.matmul(ad.square(v), ad.exp(w)));
  },
  qr,
  'qr of a wide matrix': qr,
  svd,
  'svd of a wide matrix': svd,
  expm: ad.expm,
  'inverse trigonometric functions': (x) =>
    add(mul(ad.asin(mul(x, 0.7)), ad.acos(mul(x, 0.5))), add(ad.atan(mul(x, 3)), ad.tan(x))),
  'hyperbolic functions': (x) =>
    add(
      mul(ad.sinh(x), ad.asinh(mul(x, 2))),
      add(mul(ad.cosh(x), ad.acosh(add(ad.square(x), 1.5))), ad.atanh(mul(x, 0.7))),
    ),
  atan2: ad.atan2,
  'gamma functions': (x) =>
    add(ad.lgamma(add(ad.square(x), 10)), mul(ad.digamma(add(x, 12)), ad.polygamma(2, add(ad.square(x), 1)))),
  'leaky relu and elu': (x) => mul(ad.leakyRelu(x, 0.1), ad.elu(mul(x, 2), 1.3)),
  'celu and selu': (x) => mul(ad.celu(mul(x, 2), 1.5), ad.selu(x)),
  'softsign and hardtanh': (x) => mul(ad.softsign(x), ad.hardtanh(mul(x, 2))),
  scatter: (x, u) => ad.square(ad.scatter(x, ints([2, 0, 1, 3, 3, 0], [3, 2]), u)),
  'scatter add': (x, u) => ad.square(ad.scatterAdd(x, ints([2, 0, 2, 1, 1, 1, 3, 0, 0], [3, 3]), u)),
  'index add': (x, u) => ad.pow(ad.indexAdd(x, ints([2, 0, 2, 1]), u), 3),
  cumprod: (x) => ad.cumprod(x),
  quantiles: (x) => mul(ad.quantile(x, 0.3), ad.median(x)),
  lu: (x) => joined(...ad.lu(x)),
  'lu of a tall matrix': (x) => joined(...ad.lu(x)),
  'lu of a wide matrix': (x) => joined(...ad.lu(x)),
  'least squares of rank 1': (x, y, z) => ad.lstsq(mul(ad.expandDims(x, 1), y), z),
  'least squares': ad.lstsq,
  pinv: ad.pinv,
  'pinv of rank 1': (x, y) => ad.pinv(mul(ad.expandDims(x, 1), y)),
  rfft: (x) => ad.square(ad.rfft(x)),
  irfft: (x) => ad.square(ad.irfft(x)),
  'a scan': lstm,
  'a choice': (x, y) =>
    ad.cond(
      ad.less(ad.sum(x), 1),
      () => ad.sin(mul(x, y)),
      () => add(mul(x, x), y),
    ),
  'a perceptron': (w, b, v) =>
    ad.mean(ad.crossEntropy(ad.matmul(ad.linear(wave([4, 3], 9), w, b, 'relu'), v), ints([0, 1, 1, 0]))),
  'a convolutional net': (f, g, w) => {
    const seen = ad.maxPool(ad.relu(ad.conv2d(wave([2, 6, 6, 1], 9), f, { padding: 1 })), 2);
    const all = ad.reshape(ad.relu(ad.conv2d(seen, g)), [2, -1]);
    return ad.mean(ad.crossEntropy(ad.matmul(all, w), ints([0, 2])));
  },
  'a transformer': (e, g, b, qkv, o, u, d) => {
    const h = block(ad.take(e, ints([0, 2, 1, 2, 2, 0], [2, 3])), g, b, qkv, o, u, d);
    const logits = ad.matmul(ad.reshape(h, [6, 4]), ad.transpose(e));
    return ad.mean(ad.crossEntropy(logits, ints([2, 1, 0, 2, 0, 1])));
  },
};

interface Stored {
  readonly torch: string;
  readonly cases: Readonly<
    Record<string, { shapes: number[][]; value: number[]; gradients: number[][]; second: number[][] }>
  >;
  readonly trained: Readonly<Record<string, { losses: number[]; parameters: number[][] }>>;
}
const stored: Stored = JSON.parse(readFileSync(new URL('./torch/values.json', import.meta.url), 'utf8'));

function near(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  const scale = 1e-11 * Math.max(1, ...expected.map(Math.abs));
  expect(found.length, what).toBe(expected.length);
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= scale));
  expect(wrong < 0 ? '' : `${what}: ${found[wrong]} at ${wrong}, PyTorch has ${expected[wrong]}`).toBe('');
}

function compare({ shapes, value, gradients, second }: Stored['cases'][string], f: (...x: T[]) => T): void {
  const x = shapes.map((shape, k) => wave(shape, k + 1));
  const wrt = shapes.map((_, k) => k);
  const loss = (...v: T[]) => {
    const y = f(...v);
    return ad.sum(mul(y, wave(y.shape, 20)));
  };
  const slope = (...v: T[]) => ad.grad(loss, { wrt })(...v) as T[];
  const along = (...v: T[]) =>
    slope(...v)
      .map((d, k) => ad.sum(mul(d, wave(d.shape, 30 + k))))
      .reduce((a, b) => add(a, b));
  near(f(...x).data(), value, 'value');
  const once = ad.compile((...v: T[]) => slope(...v))(...x);
  for (const [k, d] of once.entries()) near(d.data(), gradients[k], `gradient ${k}`);
  const twice = ad.compile((...v: T[]) => ad.grad(along, { wrt })(...v) as T[])(...x);
  for (const [k, d] of twice.entries()) near(d.data(), second[k], `second ${k}`);
}

describe(`values, gradients and second derivatives are those of PyTorch ${stored.torch}`, () => {
  test('the same functions on both sides', () => {
    expect(Object.keys(stored.cases)).toEqual(Object.keys(cases));
  });
  test.each(Object.keys(cases))('%s', (name) => compare(stored.cases[name], cases[name]));
});

describe('200 steps of Adam end where those of PyTorch do', () => {
  test.each(Object.entries(stored.trained))('%s', (name, { losses, parameters }) => {
    const start = stored.cases[name].shapes.map((shape, k) => mul(wave(shape, k + 1), 0.5));
    const wrt = start.map((_, k) => k);
    const training = ad.compile(
      (p: T[]) => ad.valueAndGrad((...own: T[]) => cases[name](...own), { wrt })(...p) as [T, T[]],
    );
    const program = training.prepare(start);
    const { arena, inputs, outputs } = program;
    const n = inputs[0].length;
    const moments = arena.f64Block(2 * n);
    moments.view.fill(0);
    const [m, v] = [moments.pointer, moments.pointer + 8 * n];
    const found: number[] = [];
    for (let step = 1; step <= 200; step++) {
      program.run();
      if (step % 20 === 1) found.push(outputs[0].data[0]);
      const [c1, c2] = [1 - 0.9 ** step, 1 - 0.999 ** step];
      arena
        .use(networkKernels)
        .adamStep(n, 0.9, 0.999, 0.01 / c1, 1 / c2, 1e-8, 1, 0, outputs[1].pointer, m, v, 0, inputs[0].pointer);
    }
    // Rounding grows along the way; the bar is 1e-4.
    const close = (a: readonly number[], b: readonly number[], what: string) => {
      const wrong = b.findIndex((value, i) => !(Math.abs(a[i] - value) <= 1e-7));
      expect(wrong < 0 ? '' : `${what} ${wrong}: ${a[wrong]}, PyTorch has ${b[wrong]}`).toBe('');
    };
    close(found, losses, 'loss');
    close(Array.from(inputs[0].data), parameters.flat(), 'parameter');
    moments.free();
    program.free();
  });
});
