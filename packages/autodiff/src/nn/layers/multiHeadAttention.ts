import * as ad from '../../index.ts';
import { choice, count, flag, natural, real } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context, Layer } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';
import { linear } from './linear.ts';
import { rotaryTables, rotated } from './rotary.ts';
import { needsLast, reshaped } from './shared.ts';

/** Options of {@link multiHeadAttention}. */
export interface MultiHeadAttentionOptions {
  /** Model width: features of each position. */
  readonly width: number;
  /** Number of query heads. */
  readonly heads: number;
  /** Number of key–value heads (0: as many as query heads). */
  readonly keyValueHeads?: number;
  /** Width of each head (0: width/heads). */
  readonly headWidth?: number;
  /** Whether attention is causal: each position attends only to itself and earlier ones (false). */
  readonly causal?: boolean;
  /** Whether the four projections have biases (true). */
  readonly bias?: boolean;
  /** Rotary position embeddings of queries and keys, and which features form a pair: adjacent ones, or i and i + d/2 ('none'). */
  readonly rotary?: 'none' | 'neighbours' | 'halves';
  /** Base of the rotary frequencies; wavelengths range up to 2π·rotaryBase positions (10000). */
  readonly rotaryBase?: number;
}
type Filled = Required<MultiHeadAttentionOptions>;

/** Fields of these options, shared with transformer blocks. */
export const attentionFields = {
  ...{
    width: count(),
    heads: count(),
    keyValueHeads: natural(0),
    headWidth: natural(0),
    causal: flag(false),
    bias: flag(true),
  },
  rotary: choice(['none', 'neighbours', 'halves'], 'none'),
  rotaryBase: real(10000, 1),
} as const;

/** Checks head counts and widths; returns a message if they are inconsistent. */
export function headsMisfit(o: Filled): string | undefined {
  const { width, heads, headWidth, rotary } = o;
  if (headWidth === 0 && width % heads !== 0)
    return `a width of ${width} is not divisible by ${heads} heads; give a headWidth.`;
  const { kv, d } = sizesOf(o);
  if (heads % kv !== 0)
    return `the number of query heads, ${heads}, must be a multiple of the number of key–value heads, ${kv}.`;
  if (rotary !== 'none' && d % 2 !== 0)
    return `rotary embeddings rotate pairs of features, so the head width must be even, not ${d}.`;
  return undefined;
}

export const sizesOf = ({ width, heads, keyValueHeads, headWidth }: Filled) => ({
  kv: keyValueHeads || heads,
  d: headWidth || width / heads,
});

/**
 * Xavier bound of the query, key and value projections as one packed matrix, as in PyTorch; of each separately if keys and values
 * have another width.
 */
export function parts(o: Filled, from = o.width): Readonly<Record<string, Layer>> {
  const { width, heads, bias } = o;
  const { kv, d } = sizesOf(o);
  const all = (heads + 2 * kv) * d;
  const into = (n: number, out: number) => {
    const gain = from === width ? Math.sqrt((width + out) / (width + all)) : 1;
    return linear({ in: n, out, bias, init: 'xavier-uniform', gain });
  };
  return {
    query: into(width, heads * d),
    key: into(from, kv * d),
    value: into(from, kv * d),
    out: linear({ in: heads * d, out: width, bias }),
  };
}

/** Repeats keys and values for each query head of a group. */
export function repeated(x: ad.Tensor, heads: number): ad.Tensor {
  const [n, s, kv, d] = x.shape;
  if (kv === heads) return x;
  const each = heads / kv;
  return ad.reshape(ad.broadcastTo(ad.reshape(x, [n, s, kv, 1, d]), [n, s, kv, each, d]), [n, s, heads, d]);
}

/** Writes new rows into the cache at their positions. */
function inserted(kept: ad.Tensor, rows: ad.Tensor, position: ad.Tensor): ad.Tensor {
  const [t, capacity] = [rows.shape[1], kept.shape[1]];
  const places = ad.sub(ad.range(capacity, kept.dtype), position);
  const within = ad.mul(ad.lessEqual(0, places), ad.less(places, t));
  const spread = t === 1 ? rows : ad.take(rows, ad.cast(ad.clip(places, 0, t - 1), 'i32'), 1);
  return ad.where(ad.reshape(within, [capacity, 1, 1]), spread, kept);
}

/** Attention to the cache: row i of q is at position + i. */
function recalled(c: Context, o: Filled, q: ad.Tensor, k: ad.Tensor, v: ad.Tensor): ad.Tensor {
  const { kv, d } = sizesOf(o);
  const [n, t, heads] = q.shape;
  const position = c.position!;
  const [keys, values] = [inserted(c.memory('keys')!, k, position), inserted(c.memory('values')!, v, position)];
  c.setMemory('keys', keys);
  c.setMemory('values', values);
  const capacity = keys.shape[1];
  const own = ad.reshape(ad.add(ad.range(t, q.dtype), position), [t, 1]);
  const seen = ad.lessEqual(ad.range(capacity, q.dtype), own);
  const each = heads / kv;
  // Query heads that share keys are rows of one product.
  const grouped = ad.reshape(ad.permute(ad.reshape(q, [n, t, kv, each, d]), [0, 2, 3, 1, 4]), [n, kv, each * t, d]);
  const scores = ad.mul(ad.matmul(grouped, ad.permute(keys, [0, 2, 3, 1])), 1 / Math.sqrt(d));
  const whole = ad.where(seen, ad.reshape(scores, [n, kv, each, t, capacity]), Number.NEGATIVE_INFINITY);
  const weights = ad.reshape(ad.softmax(whole), [n, kv, each * t, capacity]);
  const y = ad.reshape(ad.matmul(weights, ad.permute(values, [0, 2, 1, 3])), [n, kv, each, t, d]);
  return ad.permute(y, [0, 3, 1, 2, 4]);
}

export const multiHeadAttentionKind: LayerKind<MultiHeadAttentionOptions> = {
  kind: 'multiHeadAttention',
  options: attentionFields,
  check: headsMisfit,
  children: parts,
  memory: (o, { batch, capacity }) => {
    const { kv, d } = sizesOf(o);
    return { keys: [batch, capacity, kv, d], values: [batch, capacity, kv, d] };
  },
  apply: (o, c, x) => {
    const { width, heads, causal, rotary, rotaryBase } = o;
    needsLast(c, x, width, 3);
    if (x.rank !== 3 || x.shape[1] === 0) c.misfit(x, `it takes sequences [n, t, ${width}] with t ≥ 1.`);
    const { kv, d } = sizesOf(o);
    const [n, t] = x.shape;
    const [q0, k0, v] = (['query', 'key', 'value'] as const).map((name) =>
      ad.reshape(c.child(name, x), [n, t, name === 'query' ? heads : kv, d]),
    );
    const kept = c.memory('keys');
    const turn = { pairs: rotary as 'halves', base: rotaryBase, position: c.position, capacity: kept?.shape[1] ?? t };
    const [q, k] = rotary === 'none' ? [q0, k0] : [rotated(q0, turn), rotated(k0, turn)];
    if (kept && !causal) c.misfit(x, 'only causal attention can be stepped: other attention needs later positions.');
    if (kept && c.mask) c.misfit(x, 'masks are not supported with a memory.');
    const mask = c.mask ? { mask: c.mask } : {};
    const y = kept
      ? recalled(c, o, q, k, v)
      : ad.attention(q, repeated(k, heads), repeated(v, heads), { causal, ...mask });
    return c.child('out', ad.reshape(y, [n, t, heads * d]));
  },
  onnx: (o, e, x) => exported(o, e, x),
};

/** Self-attention of x, or cross-attention to `source`, as ONNX nodes. */
export function exported(o: Filled, e: Exporter, x: Value, source = x): Value {
  const { heads, causal, rotary, rotaryBase } = o;
  const { kv, d } = sizesOf(o);
  const [n, t] = x.shape;
  const s = source.shape[1];
  const each = heads / kv;
  // [n, kv, each, t, d]; keys and values have 1 for `each`.
  const lie = (name: string, from: Value, own: number): Value => {
    const y = reshaped(e, e.child(name, from), [n, from.shape[1], kv, own, d]);
    return e.node('Transpose', [y], [n, kv, own, from.shape[1], d], { perm: [0, 2, 3, 1, 4] });
  };
  const turned = (v: Value): Value => (rotary === 'none' ? v : turnedNodes(e, v, rotary, rotaryBase));
  const [q, k, v] = [turned(lie('query', x, each)), turned(lie('key', source, 1)), lie('value', source, 1)];
  const keys = e.node('Transpose', [k], [n, kv, 1, d, s], { perm: [0, 1, 2, 4, 3] });
  const shape = [n, kv, each, t, s];
  let scores = e.node('Mul', [e.node('MatMul', [q, keys], shape), e.number(1 / Math.sqrt(d))], shape);
  if (causal) {
    // Far below every score, yet finite: −∞ − (−∞) is NaN.
    const blocked = Float32Array.from({ length: t * t }, (_, i) => (i % t > Math.floor(i / t) ? -1e30 : 0));
    scores = e.node('Add', [scores, e.constant(ad.tensor(blocked, { shape: [t, t] }))], shape);
  }
  const y = e.node('MatMul', [e.node('Softmax', [scores], shape, { axis: -1 }), v], [n, kv, each, t, d]);
  const back = e.node('Transpose', [y], [n, t, kv, each, d], { perm: [0, 3, 1, 2, 4] });
  return e.child('out', reshaped(e, back, [n, t, heads * d]));
}

function turnedNodes(e: Exporter, x: Value, pairs: 'neighbours' | 'halves', base: number): Value {
  const [n, kv, own, t, d] = x.shape;
  const half = d / 2;
  const near = pairs === 'neighbours';
  const tables = rotaryTables(t, d, base, 'f64').map((v) =>
    e.constant(ad.reshape(v, near ? [t, half, 1] : [t, 1, half])),
  );
  const split = reshaped(e, x, near ? [n, kv, own, t, half, 2] : [n, kv, own, t, 2, half]);
  const one = near ? [n, kv, own, t, half, 1] : [n, kv, own, t, 1, half];
  const axis = near ? 5 : 4;
  const [a, b] = [0, 1].map((i) => e.node('Gather', [split, e.integers([i])], one, { axis }));
  const times = (v: Value, w: Value) => e.node('Mul', [v, w], one);
  const [cos, sin] = tables;
  const first = e.node('Sub', [times(a, cos), times(b, sin)], one);
  const second = e.node('Add', [times(a, sin), times(b, cos)], one);
  return reshaped(e, e.node('Concat', [first, second], split.shape, { axis }), x.shape);
}

/**
 * Multi-head self-attention (Vaswani et al. 2017): [n, t, width] to [n, t, width]; children query, key,
 * value (Xavier initialisation) and out (Kaiming). With fewer key–value heads it is grouped-query attention (Ainslie et al. 2023). `apply`'s
 * `mask` restricts attention. O(n·t·width² + n·t²·heads·headWidth).
 * @throws INVALID_PARAMETER for invalid or inconsistent options.
 */
export const multiHeadAttention = maker(multiHeadAttentionKind);
