import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';
import { products } from './quantised.ts';
import { rotated, rotatedHere } from './rotary.ts';

// Attention, as ONNX has it from opset 23 on and as onnxruntime's optimisers and exporters of language models write it (com.microsoft).

/** The last two axes exchanged. */
export const turned = (x: ad.Tensor): ad.Tensor =>
  ad.permute(x, [...x.shape.map((_, d) => d).slice(0, -2), x.rank - 1, x.rank - 2]);
export const whole = (t: ad.Tensor): ad.Tensor => ad.cast(t, 'i32');

/** [n, t, heads·k] as [n, heads, t, k], and back. */
const apart = (x: ad.Tensor, heads: number): ad.Tensor =>
  ad.permute(ad.reshape(x, [x.shape[0], x.shape[1], heads, -1]), [0, 2, 1, 3]);
const joined = (x: ad.Tensor): ad.Tensor => ad.reshape(ad.permute(x, [0, 2, 1, 3]), [x.shape[0], x.shape[2], -1]);

const chosen = (c: Call, kept: ad.Tensor, others: number): ad.Tensor =>
  ad.where(ad.cast(kept, c.real), ad.full([], 0, c.real), ad.full([], others, c.real));

/** What is added to scores where the mask of input i is 0: of numbers [n, t] or [n, s, t], or the lengths of n sequences. */
function masked(c: Call, i: number, n: number, t: number): ad.Tensor {
  const mask = c.x(i).t;
  const others = c.real1('mask_filter_value', -10000);
  if (mask.rank === 1 && mask.size === n)
    return chosen(c, ad.less(ad.range(t), ad.reshape(ad.cast(mask, 'f64'), [n, 1, 1, 1])), others);
  if (mask.rank !== 2 && mask.rank !== 3)
    return c.refuse(`a mask of the shape [${mask.shape.join(', ')}] is not supported.`);
  const kept = ad.notEqual(mask, 0);
  return chosen(c, ad.reshape(kept, mask.rank === 2 ? [n, 1, 1, t] : [n, 1, mask.shape[1], t]), others);
}

/** −∞ where position i of s does not see position j of t: those that come later, and those before a window. */
function causal(c: Call, s: number, t: number, before = t - s, window = Number.POSITIVE_INFINITY): ad.Tensor {
  const seen = Float64Array.from({ length: s * t }, (_, k) => {
    const [i, j] = [Math.floor(k / t) + before, k % t];
    return +(j <= i && j >= i - window);
  });
  return chosen(c, ad.tensor(seen, { shape: [s, t] }), -Infinity);
}

interface Heads {
  readonly q: ad.Tensor;
  readonly k: ad.Tensor;
  readonly v: ad.Tensor;
}
/** Scores of heads [n, heads, t, k], of which several queries may share keys. */
function scoresOf(c: Call, { q, k }: Heads): ad.Tensor {
  const scale = c.real1('scale', 0) || 1 / Math.sqrt(q.shape[3]);
  return ad.mul(ad.matmul(q, turned(repeated(k, q.shape[1]))), scale);
}
function repeated(x: ad.Tensor, heads: number): ad.Tensor {
  const [n, own, t, width] = x.shape;
  if (own === heads) return x;
  const wide = ad.broadcastTo(ad.reshape(x, [n, own, 1, t, width]), [n, own, heads / own, t, width]);
  return ad.reshape(wide, [n, heads, t, width]);
}
function capped(c: Call, scores: ad.Tensor): ad.Tensor {
  const cap = c.real1('softcap', 0);
  return cap > 0 ? ad.mul(ad.tanh(ad.div(scores, cap)), cap) : scores;
}
const mixed = (weights: ad.Tensor, v: ad.Tensor): ad.Tensor => ad.matmul(weights, repeated(v, weights.shape[1]));

/** Attention with the mask and the bias of two inputs. */
function attended(c: Call, heads: Heads, mask: number, bias: number): Val {
  const [n, , s] = heads.q.shape;
  const t = heads.k.shape[2];
  let scores = scoresOf(c, heads);
  if (c.has(mask)) scores = ad.add(scores, masked(c, mask, n, t));
  if (c.has(bias)) scores = ad.add(scores, c.float(bias));
  if (c.int('unidirectional', 0)) scores = ad.add(scores, causal(c, s, t));
  return float(joined(mixed(ad.softmax(scores, 3), heads.v)));
}

/** Earlier keys or values [n, heads, t, k] of input i, and these after them. */
const after = (c: Call, i: number, x: ad.Tensor): ad.Tensor => (c.has(i) ? ad.concat([c.float(i), x], 2) : x);

/** Attention of queries, keys and values [n, t, 3 widths] beside each other. Keys and values of before are in one tensor, [2, n, heads, t, k]. */
function packed(c: Call, all: ad.Tensor, mask: number, past: number, bias: number): readonly Val[] {
  if (c.int('do_rotary', 0)) c.refuse('rotations within it are not supported.');
  const width = all.shape[2] / 3;
  const sizes = c.list('qkv_hidden_sizes') ?? [width, width, width];
  const heads = c.int('num_heads');
  const [q, ...own] = sizes.map((size, i) => {
    const from = sizes.slice(0, i).reduce((a, b) => a + b, 0);
    return apart(ad.slice(all, undefined, undefined, [from, from + size]), heads);
  });
  const [k, v] = own.map((x, i) => (c.has(past) ? ad.concat([ad.slice(c.float(past), i), x], 2) : x));
  const y = attended(c, { q, k, v }, mask, bias);
  return c.outputs > 1 ? [y, float(ad.stack([k, v]))] : [y];
}

/** Attention whose projection is part of it. */
function attention(c: Call): readonly Val[] {
  const product = ad.matmul(c.float(0), c.float(1));
  return packed(c, c.has(2) ? ad.add(product, c.float(2)) : product, 3, 4, 5);
}

/** The same from quantised numbers and weights. */
function quantisedAttention(c: Call): readonly Val[] {
  const product = ad.mul(ad.cast(products(c, 0, 1, [6, 7]), c.real), ad.mul(c.float(3), c.float(4)));
  return packed(c, ad.add(product, c.float(2)), 5, 8, -1);
}

/** Queries, keys and values of inputs 0 to 2, of which some may hold others, each [n, heads, t, k]. */
function multiHead(c: Call): Val[] {
  const heads = c.int('num_heads');
  const first = c.float(0);
  /** Part i of a tensor [n, t, heads, parts, k]. */
  const part = (x: ad.Tensor, i: number): ad.Tensor =>
    ad.permute(ad.slice(x, undefined, undefined, undefined, i), [0, 2, 1, 3]);
  const biased = (x: ad.Tensor, i: number): ad.Tensor => {
    if (!c.has(3)) return x;
    const bias = c.float(3);
    const size = x.shape[1] * x.shape[3];
    const from = i < 2 ? i * size : bias.size - size;
    return ad.add(x, ad.reshape(ad.slice(bias, [from, from + size]), [x.shape[1], 1, x.shape[3]]));
  };
  const split = (x: ad.Tensor): ad.Tensor => (x.rank === 3 ? apart(x, heads) : x);
  const own = (): readonly ad.Tensor[] => {
    if (first.rank === 5) return [0, 1, 2].map((i) => part(first, i));
    if (c.has(1) && c.x(1).t.rank === 5) return [split(first), ...[0, 1].map((i) => part(c.float(1), i))];
    return [0, 1, 2].map((i) => split(c.float(i)));
  };
  const [q, key, value] = own().map(biased);
  const [k, v] = [after(c, 6, key), after(c, 7, value)];
  return [attended(c, { q, k, v }, 4, 5), float(k), float(v)];
}

/** Attention of language models, in which several queries share keys and values: those of before come first, and later ones are not seen. */
function grouped(c: Call): Val[] {
  const [heads, shared] = [c.int('num_heads'), c.int('kv_num_heads')];
  const all = c.float(0);
  const parts = (): readonly ad.Tensor[] => {
    if (c.has(1)) return [all, c.float(1), c.float(2)];
    const width = all.shape[2] / (heads + 2 * shared);
    const ends = [0, heads * width, (heads + shared) * width, all.shape[2]];
    return [0, 1, 2].map((i) => ad.slice(all, undefined, undefined, [ends[i], ends[i + 1]]));
  };
  const [q, k, v] = parts().map((x, i) => apart(x, i === 0 ? heads : shared));
  const [s, before] = [q.shape[2], c.has(3) ? c.x(3).t.shape[2] : 0];
  const known = (i: number): number[] => (c.has(i) && c.x(i).t.storage.values ? c.numbers(i) : []);
  const total = before + s;
  if (known(6).some((n) => n !== total) || (before > 0 && known(5).some((n) => n + 1 !== total)))
    c.refuse(
      `it has keys of ${before} earlier positions and ${s} new ones, but sequences of other lengths, which is not supported.`,
    );
  const places = c.has(9) ? c.x(9).t : ad.reshape(ad.add(ad.range(s), before), [1, s]);
  const turn = (x: ad.Tensor): ad.Tensor =>
    c.int('do_rotary', 0) ? rotatedHere(c, x, places, c.float(7), c.float(8), c.int('rotary_interleaved', 0) !== 0) : x;
  const [keys, values] = [after(c, 3, turn(k)), after(c, 4, v)];
  const window = c.int('local_window_size', -1);
  let scores = capped(c, scoresOf(c, { q: turn(q), k: keys, v: values }));
  if (c.has(10)) scores = ad.add(scores, c.float(10));
  scores = ad.add(scores, causal(c, s, total, before, window > 0 ? window : undefined));
  if (c.int('smooth_softmax', 0) > 0) scores = ad.pad(scores, [...[0, 1, 2].map(() => [0, 0] as const), [0, 1]]);
  const weights = ad.slice(ad.softmax(scores, 3), undefined, undefined, undefined, [0, total]);
  return [float(joined(mixed(weights, values))), float(keys), float(values)];
}

/** Attention of ONNX. */
function standard(c: Call): Val[] {
  const three = c.x(0).t.rank === 3;
  const count = (i: number): number => c.int(i === 0 ? 'q_num_heads' : 'kv_num_heads');
  const [q, key, value] = [0, 1, 2].map((i) => (three ? apart(c.float(i), count(i)) : c.float(i)));
  const [k, v] = [after(c, 4, key), after(c, 5, value)];
  const [s, t] = [q.shape[2], k.shape[2]];
  if (q.shape[1] % k.shape[1] !== 0)
    fail('INVALID_SHAPE', `${c.where}: ${q.shape[1]} heads of queries cannot share ${k.shape[1]} of keys.`);
  const raw = scoresOf(c, { q, k, v });
  const limited = capped(c, raw);
  let scores = limited;
  if (c.has(3)) {
    const given = c.x(3);
    const added = given.class === 'bool' ? chosen(c, given.t, -Infinity) : c.float(3);
    // Positions that a shorter mask does not reach are not seen.
    const missing = t - added.shape[added.rank - 1];
    const sides = added.shape.map((_, d): readonly [number, number] => [0, d === added.rank - 1 ? missing : 0]);
    scores = ad.add(scores, missing > 0 ? ad.pad(added, sides, -Infinity) : added);
  }
  if (c.int('is_causal', 0)) scores = ad.add(scores, causal(c, s, t, t - key.shape[2]));
  const weights = ad.softmax(scores, 3);
  const told = [raw, limited, scores, weights][c.int('qk_matmul_output_mode', 0)];
  const y = mixed(weights, v);
  return [three ? joined(y) : y, k, v, told].map(float);
}

/** Attention by name. */
export const attentions: Readonly<Record<string, Operator>> = {
  ...{ Attention: standard, RotaryEmbedding: (c) => rotated(c, 3, 1) },
  'com.microsoft.Attention': attention,
  'com.microsoft.QAttention': quantisedAttention,
  'com.microsoft.MultiHeadAttention': multiHead,
  'com.microsoft.GroupQueryAttention': grouped,
  'com.microsoft.RotaryEmbedding': (c) => rotated(c, 1, 2),
};
