import * as ad from '../../index.ts';
import { type Call, float, int, type Operator, type Val } from './call.ts';
import { hardSigmoid, leaky, tanhGelu } from './elementwise.ts';
import { convolved } from './images.ts';
import { gemm, standardised } from './networks.ts';

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

const turned = (x: ad.Tensor): ad.Tensor =>
  ad.permute(x, [...x.shape.map((_, d) => d).slice(0, -2), x.rank - 1, x.rank - 2]);
function product(c: Call): Val {
  if (c.int('transBatchA', 0) || c.int('transBatchB', 0)) c.refuse('transposed batches are not supported.');
  const [a, b] = [0, 1].map((i) => (c.int(i === 0 ? 'transA' : 'transB', 0) ? turned(c.float(i)) : c.float(i)));
  return float(ad.mul(ad.matmul(a, b), c.real1('alpha', 1)));
}

const rootMeanSquare = (x: ad.Tensor, scale: ad.Tensor, epsilon: number, axis = x.rank - 1): ad.Tensor => {
  const axes = x.shape.map((_, d) => d).slice(axis);
  return ad.mul(ad.div(x, ad.sqrt(ad.add(ad.mean(ad.square(x), axes, true), epsilon))), scale);
};
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

const whole = (t: ad.Tensor): ad.Tensor => ad.cast(t, 'i32');
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

/** [n, t, heads·k] as [n, heads, t, k], and back. */
const apart = (x: ad.Tensor, heads: number): ad.Tensor =>
  ad.permute(ad.reshape(x, [x.shape[0], x.shape[1], heads, -1]), [0, 2, 1, 3]);
const joined = (x: ad.Tensor): ad.Tensor => ad.reshape(ad.permute(x, [0, 2, 1, 3]), [x.shape[0], x.shape[2], -1]);

/** What is added to scores where the mask of input i is 0: of numbers [n, t] or [n, s, t], or the lengths of n sequences. */
function masked(c: Call, i: number, n: number, t: number): ad.Tensor {
  const mask = c.x(i).t;
  const others = c.real1('mask_filter_value', -10000);
  const put = (kept: ad.Tensor): ad.Tensor =>
    ad.where(ad.cast(kept, c.real), ad.full([], 0, c.real), ad.full([], others, c.real));
  if (mask.rank === 1 && mask.size === n) {
    const places = ad.tensor(Float64Array.from({ length: t }, (_, j) => j));
    return put(ad.less(places, ad.reshape(ad.cast(mask, 'f64'), [n, 1, 1, 1])));
  }
  if (mask.rank !== 2 && mask.rank !== 3)
    return c.refuse(`a mask of the shape [${mask.shape.join(', ')}] is not supported.`);
  const kept = ad.notEqual(mask, 0);
  return put(ad.reshape(kept, mask.rank === 2 ? [n, 1, 1, t] : [n, 1, mask.shape[1], t]));
}

interface Heads {
  readonly q: ad.Tensor;
  readonly k: ad.Tensor;
  readonly v: ad.Tensor;
}
/** Attention of heads [n, heads, t, k], with the mask and the bias of two inputs. */
function attended(c: Call, { q, k, v }: Heads, mask: number, bias: number): Val {
  const [n, , s, width] = q.shape;
  const t = k.shape[2];
  const scale = c.real1('scale', 0) || 1 / Math.sqrt(width);
  let scores = ad.mul(ad.matmul(q, turned(k)), scale);
  if (c.has(mask)) scores = ad.add(scores, masked(c, mask, n, t));
  if (c.has(bias)) scores = ad.add(scores, c.float(bias));
  if (c.int('unidirectional', 0)) {
    const before = Float64Array.from({ length: s * t }, (_, i) => +(i % t <= Math.floor(i / t) + t - s));
    const kept = ad.cast(ad.tensor(before, { shape: [s, t] }), c.real);
    scores = ad.where(kept, scores, ad.full([], -Infinity, c.real));
  }
  return float(joined(ad.matmul(ad.softmax(scores, 3), v)));
}

/** Attention whose projection is part of it. */
function attention(c: Call): Val {
  c.atMost(1);
  if (c.has(4) || c.int('do_rotary', 0)) c.refuse('earlier keys and values, and rotations, are not supported.');
  const product = ad.matmul(c.float(0), c.float(1));
  const all = c.has(2) ? ad.add(product, c.float(2)) : product;
  const width = all.shape[2] / 3;
  const sizes = c.list('qkv_hidden_sizes') ?? [width, width, width];
  const heads = c.int('num_heads');
  const [q, k, v] = sizes.map((size, i) => {
    const from = sizes.slice(0, i).reduce((a, b) => a + b, 0);
    return apart(ad.slice(all, undefined, undefined, [from, from + size]), heads);
  });
  return attended(c, { q, k, v }, 3, 5);
}

function multiHead(c: Call): Val[] {
  if (c.has(6) || c.has(7)) c.refuse('earlier keys and values are not supported.');
  if ([0, 1, 2].some((i) => !c.has(i) || c.x(i).t.rank !== 3))
    c.refuse('packed queries, keys and values are not supported; each must be of the shape [n, length, width].');
  const heads = c.int('num_heads');
  let from = 0;
  const [q, k, v] = [0, 1, 2].map((i) => {
    const x = c.float(i);
    const to = from + x.shape[2];
    const y = c.has(3) ? ad.add(x, ad.slice(c.float(3), [from, to])) : x;
    from = to;
    return apart(y, heads);
  });
  return [attended(c, { q, k, v }, 4, 5), float(k), float(v)];
}

/** Rotates pairs of numbers of each head by angles of its place, whose cosines and sines are given. */
function rotated(c: Call): Val {
  const x = c.float(0);
  const [cosines, sines] = [c.float(2), c.float(3)];
  const half = cosines.shape[1];
  const width = c.int('rotary_embedding_dim', 0) ? x.shape[2] / c.int('num_heads', 0) : 2 * half;
  const heads = x.rank === 4 ? x : apart(x, x.shape[2] / width);
  const [n, , t, size] = heads.shape;
  const given = ad.cast(c.x(1).t, 'f64');
  const steps = ad.tensor(
    Float64Array.from({ length: t }, (_, i) => i),
    { shape: [1, t] },
  );
  const places = whole(given.size === 1 ? ad.add(steps, ad.reshape(given, [1, 1])) : given);
  const angles = (of: ad.Tensor): ad.Tensor => ad.reshape(ad.take(of, places, 0), [-1, 1, t, half]);
  const [cos, sin] = [angles(cosines), angles(sines)];
  const between = c.int('interleaved', 0) !== 0;
  const part = (from: number, to: number): ad.Tensor => ad.slice(heads, undefined, undefined, undefined, [from, to]);
  const pairs = ad.reshape(part(0, 2 * half), [n, heads.shape[1], t, ...(between ? [half, 2] : [2, half])]);
  const side = (i: number): ad.Tensor =>
    between
      ? ad.slice(pairs, undefined, undefined, undefined, undefined, i)
      : ad.slice(pairs, undefined, undefined, undefined, i);
  const [a, b] = [side(0), side(1)];
  const both = [ad.sub(ad.mul(a, cos), ad.mul(b, sin)), ad.add(ad.mul(a, sin), ad.mul(b, cos))];
  const y = ad.reshape(ad.stack(both, between ? 4 : 3), [n, heads.shape[1], t, 2 * half]);
  const all = size > 2 * half ? ad.concat([y, part(2 * half, size)], 3) : y;
  return float(x.rank === 4 ? all : joined(all));
}

const own: Readonly<Record<string, Operator>> = {
  ...{ FusedMatMul: product, Attention: attention, MultiHeadAttention: multiHead, RotaryEmbedding: rotated },
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
