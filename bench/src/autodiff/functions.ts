// Functions beside PyTorch's, forward and with the derivative of all their floating-point arguments, in a process of its
// own: node functions.js NAME prints the milliseconds of each size as JSON. bench/peers/autodiff_functions.py has the
// same ones, with channels before positions.

import { fileURLToPath } from 'node:url';
import * as ad from '@southwell/autodiff';
import * as cx from '@southwell/autodiff/complex';
import { losses } from '@southwell/autodiff/nn';
import { type Times, timed } from './timing.ts';

type T = ad.Tensor;

/** A function with its arguments at three sizes, some of them odd. */
interface Task {
  readonly sizes: ReadonlyArray<readonly number[]>;
  readonly given: (size: readonly number[]) => readonly T[];
  readonly f: (...x: readonly T[]) => T | readonly T[];
}

let part = 0;
const key = ad.randomKey(1);
const normals = (shape: ad.Shape, dtype: 'f32' | 'f64' = 'f32'): T =>
  ad.randomNormal(ad.foldIn(key, part++), shape, dtype);
const uniform = (shape: ad.Shape, low: number, high: number): T =>
  ad.add(ad.mul(ad.randomUniform(ad.foldIn(key, part++), shape, 'f32'), high - low), low);
const indices = (shape: ad.Shape, count: number): T =>
  ad.tensor(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7) % count),
    { shape },
  );

const rows = [
  [256, 128],
  [33, 1000],
  [5, 20_011],
] as const;
const signals = [
  [64, 256],
  [16, 1000],
  [7, 4099],
] as const;
const elements = [[1000], [257, 129], [512, 512]] as const;
const squares = [
  [64, 12, 12],
  [4, 65, 65],
  [1, 200, 200],
] as const;
const tall = [
  [64, 20, 8],
  [4, 130, 33],
  [1, 300, 100],
] as const;

const elementwise = (f: (x: T) => T, low = -0.9, high = 0.9): Task => ({
  sizes: elements,
  given: (size) => [uniform(size, low, high)],
  f,
});
const ofRows = (f: (x: T) => T): Task => ({ sizes: rows, given: (size) => [normals(size)], f });
const parts = ({ re, im }: cx.Complex): readonly T[] => [re, im];
const ofComplex = (sizes: Task['sizes'], f: (z: cx.Complex) => cx.Complex): Task => ({
  sizes,
  given: (size) => [normals(size), normals(size)],
  f: (re, im) => parts(f({ re, im })),
});
const ofMatrices = (sizes: Task['sizes'], f: (x: T) => T | readonly T[]): Task => ({
  sizes,
  given: (size) => [normals(size, 'f64')],
  f,
});
const pairwise = (f: (a: T, b: T) => T): Task => ({
  sizes: [...elements.slice(1), [64, 1001]],
  given: (size) => [normals(size), normals(size)],
  f,
});
const images = (f: (x: T) => T): Task => ({
  sizes: [
    [8, 16, 16, 16],
    [3, 29, 31, 24],
    [4, 64, 64, 32],
  ],
  given: (size) => [normals(size)],
  f,
});

export const functions: Readonly<Record<string, Task>> = {
  rfft: { sizes: signals, given: (size) => [normals(size)], f: (x) => parts(cx.rfft(x)) },
  irfft: {
    sizes: [
      [64, 129],
      [16, 501],
      [7, 2050],
    ],
    given: (size) => [normals(size), normals(size)],
    f: (re, im) => cx.irfft({ re, im }),
  },
  fft: ofComplex(signals, (z) => cx.fft(z)),
  complexMul: {
    sizes: elements,
    given: (size) => [normals(size), normals(size), normals(size), normals(size)],
    f: (a, b, c, d) => parts(cx.mul({ re: a, im: b }, { re: c, im: d })),
  },
  complexDiv: {
    sizes: elements,
    given: (size) => [normals(size), normals(size), normals(size), normals(size)],
    f: (a, b, c, d) => parts(cx.div({ re: a, im: b }, { re: c, im: d })),
  },
  complexExp: ofComplex(elements, cx.exp),
  complexAbs: { ...ofComplex(elements, cx.exp), f: (re, im) => cx.abs({ re, im }) },
  sort: ofRows((x) => ad.sort(x).values),
  topK: ofRows((x) => ad.topK(x, 10).values),
  median: ofRows((x) => ad.quantile(x, 0.5)),
  cumsum: ofRows((x) => ad.cumsum(x)),
  cumprod: { ...ofRows((x) => ad.cumprod(x)), given: (size) => [uniform(size, 0.9, 1.1)] },
  scatterAdd: {
    sizes: rows,
    given: (size) => [normals(size), indices(size, size[1]), normals(size)],
    f: (x, at, u) => ad.scatterAdd(x, at, u),
  },
  indexAdd: {
    sizes: [
      [128, 256],
      [1000, 33],
      [20_011, 5],
    ],
    given: (size) => [normals(size), indices([size[0]], size[0]), normals(size)],
    f: (x, at, u) => ad.indexAdd(x, at, u),
  },
  asin: elementwise(ad.asin),
  atan: elementwise(ad.atan),
  tan: elementwise(ad.tan),
  asinh: elementwise(ad.asinh),
  cosh: elementwise(ad.cosh),
  lgamma: elementwise(ad.lgamma, 0.5, 9),
  digamma: elementwise(ad.digamma, 0.5, 9),
  leakyRelu: elementwise((x) => ad.leakyRelu(x)),
  elu: elementwise((x) => ad.elu(x)),
  selu: elementwise((x) => ad.selu(x)),
  softsign: elementwise((x) => ad.softsign(x)),
  hardtanh: elementwise((x) => ad.hardtanh(x, -0.5, 0.5)),
  lu: ofMatrices(squares, (a) => ad.lu(a).slice(1)),
  lstsq: {
    sizes: tall,
    given: (size) => [normals(size, 'f64'), normals([...size.slice(0, -1), 3], 'f64')],
    f: (a, b) => ad.lstsq(a, b),
  },
  pinv: ofMatrices(tall, (a) => ad.pinv(a)),
  qr: ofMatrices(tall, (a) => ad.qr(a)),
  svd: ofMatrices(tall, (a) => ad.svd(a)),
  conv1d: {
    sizes: [
      [16, 128, 32],
      [5, 301, 17],
      [2, 2000, 64],
    ],
    given: (size) => [normals(size), normals([5, size[2], 48])],
    f: (x, f) => ad.conv1d(x, f, { padding: 2 }),
  },
  conv3d: {
    sizes: [
      [4, 16, 16, 16, 1],
      [2, 9, 13, 11, 7],
      [1, 16, 24, 24, 16],
    ],
    given: (size) => [normals(size), normals([3, 3, 3, size[4], 16])],
    f: (x, f) => ad.conv3d(x, f, { padding: 1 }),
  },
  depthwise: {
    ...images((x) => x),
    given: (size) => [normals(size), normals([3, 3, 1, size[3]])],
    f: (x, f) => ad.conv2d(x, f, { padding: 1, groups: x.shape[3] }),
  },
  groups: {
    ...images((x) => x),
    given: (size) => [normals(size), normals([3, 3, size[3] / 4, 32])],
    f: (x, f) => ad.conv2d(x, f, { padding: 1, groups: 4 }),
  },
  groupNorm: images((x) => ad.groupNorm(x, 4)),
  instanceNorm: images((x) => ad.instanceNorm(x)),
  upsample: images((x) => ad.upsample(x, 2, 'bilinear')),
  huber: pairwise((a, b) => losses.huber(a, b)),
  bceWithLogits: pairwise((a, b) => losses.bceWithLogits(a, ad.stopGradient(ad.sigmoid(b)))),
  kl: pairwise((a, b) => losses.kl(ad.logSoftmax(a), ad.softmax(b))),
  cosine: pairwise((a, b) => losses.cosine(a, b, ad.full(a.shape.slice(0, -1), 1, 'f32'))),
  toF16: elementwise((x) => ad.cast(x, 'f16')),
  toBf16: elementwise((x) => ad.cast(x, 'bf16')),
  fromF16: { ...elementwise((x) => ad.cast(x, 'f32')), given: (size) => [ad.cast(normals(size), 'f16')] },
  fromBf16: { ...elementwise((x) => ad.cast(x, 'f32')), given: (size) => [ad.cast(normals(size), 'bf16')] },
  halfWeights: {
    sizes: [
      [1, 768, 768],
      [33, 300, 1000],
      [256, 512, 512],
    ],
    given: ([n, inner, out]) => [normals([n, inner]), ad.cast(normals([out, inner]), 'bf16')],
    f: (x, w) => ad.matmulTransposed(x, w),
  },
  triplet: pairwise((a, b) => losses.triplet(a, b, ad.neg(b))),
};

/** What is measured of each size. */
export interface SizeTimes {
  readonly size: string;
  readonly forward: Times;
  readonly both: Times;
}

function measured({ sizes, given, f }: Task): SizeTimes[] {
  return sizes.map((size) => {
    const x = given(size);
    const wrt = x.flatMap(({ dtype }, i) => (dtype === 'i32' ? [] : [i]));
    const loss = (...own: readonly T[]): T =>
      [f(...own)]
        .flat()
        .map((y) => ad.mean(ad.square(y as T)))
        .reduce((a, b) => ad.add(a, b));
    const forward = ad.compile(f as (...own: readonly T[]) => T).prepare(...x);
    const both = ad.compile(ad.valueAndGrad(loss, { wrt })).prepare(...x);
    const times = { size: size.join(' × '), forward: timed(() => forward.run()), both: timed(() => both.run()) };
    forward.free();
    both.free();
    return times;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(measured(functions[process.argv[2]])));
