import * as ad from '../../index.ts';
import { turned, whole } from './attention.ts';
import { type Call, float, int, type Operator, type Val } from './call.ts';
import { hardSigmoid, leaky, tanhGelu } from './elementwise.ts';
import { convolved } from './images.ts';
import { gemm, rootMeanSquare, standardised } from './networks.ts';

// Operators of onnxruntime (com.microsoft), into which its optimisers join those of ONNX.

const ACTIVATIONS: Readonly<Record<string, (x: ad.Tensor, a: number, b: number) => ad.Tensor>> = {
  ...{ Relu: ad.relu, Sigmoid: ad.sigmoid, Tanh: ad.tanh, LeakyRelu: leaky, HardSigmoid: hardSigmoid },
  Clip: (x, least, largest) => ad.clip(x, least, largest),
};
function activated(c: Call, y: ad.Tensor, a = 0, b = 0): Val {
  const name = c.text('activation', '');
  if (name === '') return float(y);
  const f = ACTIVATIONS[name] ?? c.refuse(`the activation ${name} is not supported.`);
  return float(f(y, a, b));
}

function product(c: Call): Val {
  if (c.int('transBatchA', 0) || c.int('transBatchB', 0)) c.refuse('transposed batches are not supported.');
  const [a, b] = [0, 1].map((i) => (c.int(i === 0 ? 'transA' : 'transB', 0) ? turned(c.float(i)) : c.float(i)));
  return float(ad.mul(ad.matmul(a, b), c.real1('alpha', 1)));
}

function normalised(c: Call, x: ad.Tensor, gamma: ad.Tensor, beta: ad.Tensor | undefined): ad.Tensor {
  const y = ad.mul(standardised(x, [x.rank - 1], c.real1('epsilon', 1e-12)), gamma);
  return beta ? ad.add(y, beta) : y;
}

/** A sum of two, and of a bias if there is one, and its norm. The second and third output, which only training needs, are left out. */
function afterSkip(c: Call, bias: number, norm: (sum: ad.Tensor) => ad.Tensor): ReadonlyArray<Val | undefined> {
  const both = ad.add(c.float(0), c.float(1));
  const sum = c.has(bias) ? ad.add(both, c.float(bias)) : both;
  return [float(norm(sum)), undefined, undefined, float(sum)];
}

function embedded(c: Call): Val[] {
  const ids = c.x(0).t;
  const [n, t] = ids.shape;
  const places = c.has(8)
    ? whole(c.x(8).t)
    : ad.tensor(
        Int32Array.from({ length: t }, (_, i) => i),
        { shape: [1, t] },
      );
  const words = ad.add(ad.take(c.float(2), whole(ids), 0), ad.take(c.float(3), places, 0));
  const sum = c.has(1) ? ad.add(words, ad.take(c.float(4), whole(c.x(1).t), 0)) : words;
  const lengths = c.has(7) ? ad.sum(ad.cast(c.x(7).t, 'f64'), [1]) : ad.full([n], 0, 'f64');
  return [float(normalised(c, sum, c.float(5), c.float(6))), int(lengths), float(sum)];
}

const own: Readonly<Record<string, Operator>> = {
  ...{ FusedMatMul: product, TransposeMatMul: product },
  Gelu: (c) => float(ad.gelu(c.float(0))),
  BiasGelu: (c) => float(ad.gelu(ad.add(c.float(0), c.float(1)))),
  FastGelu: (c) => float(tanhGelu(c.has(1) ? ad.add(c.float(0), c.float(1)) : c.float(0))),
  QuickGelu: (c) => float(ad.mul(c.float(0), ad.sigmoid(ad.mul(c.float(0), c.real1('alpha', 1.702))))),
  BiasAdd: (c) => float(ad.add(ad.add(c.float(0), c.float(1)), c.float(2))),
  SkipLayerNormalization: (c) => afterSkip(c, 4, (sum) => normalised(c, sum, c.float(2), c.maybe(3))),
  SkipSimplifiedLayerNormalization: (c) =>
    afterSkip(c, 3, (sum) => rootMeanSquare(sum, c.float(2), c.real1('epsilon', 1e-12))),
  EmbedLayerNormalization: embedded,
  FusedConv: (c) => {
    const y = convolved(c, c.float(0), c.float(1), c.maybe(2));
    return activated(c, c.has(3) ? ad.add(y, c.float(3)) : y, ...(c.list('activation_params') ?? []));
  },
  FusedGemm: (c) => activated(c, gemm(c).t, c.real1('activation_alpha', 0), c.real1('activation_beta', 0)),
};

/** Operators of onnxruntime by name. */
export const microsoft: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(Object.entries(own).map(([name, f]) => [`com.microsoft.${name}`, f])),
  // This one is written without a domain.
  SimplifiedLayerNormalization: (c) => {
    c.atMost(1);
    const x = c.float(0);
    return float(rootMeanSquare(x, c.float(1), c.real1('epsilon', 1e-5), c.axis(c.int('axis', -1), x.rank)));
  },
};
