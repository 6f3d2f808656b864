import * as ad from '../../index.ts';
import { count, flag, natural } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context } from '../layer.ts';
import { exported, headsMisfit, parts, repeated, sizesOf } from './multiHeadAttention.ts';

/** Options of {@link crossAttention}. */
export interface CrossAttentionOptions {
  /** Model width: features of each position. */
  readonly width: number;
  /** Number of query heads. */
  readonly heads: number;
  /** Width of the source sequence (0: the width). */
  readonly sourceWidth?: number;
  /** Number of key–value heads (0: as many as query heads). */
  readonly keyValueHeads?: number;
  /** Width of each head (0: width/heads). */
  readonly headWidth?: number;
  /** Whether the four projections have biases (true). */
  readonly bias?: boolean;
}
type Filled = Required<CrossAttentionOptions>;

/** The same options for self-attention. */
const whole = (o: Filled) => ({ ...o, causal: false, rotary: 'none', rotaryBase: 10000 }) as const;

/** The source sequence; throws if it is missing or has the wrong shape. */
function sourceOf(c: Context, x: ad.Tensor, width: number): ad.Tensor {
  const { source } = c;
  if (!source) return c.misfit(x, 'cross-attention needs a source: apply(model, parameters, x, { source }).');
  if (source.rank !== 3 || source.shape[2] !== width || source.shape[1] === 0)
    c.misfit(source, `the source must be [n, s, ${width}] with s ≥ 1.`);
  if (source.shape[0] !== x.shape[0]) c.misfit(x, `the source has batch size ${source.shape[0]}, x has ${x.shape[0]}.`);
  return source;
}

/** Broadcasts the source mask to attention's shape. */
function maskOf(c: Context, source: ad.Tensor): ad.Tensor | undefined {
  const { sourceMask: mask } = c;
  if (!mask) return undefined;
  const [n, s] = source.shape;
  const known = mask.dtype === source.dtype ? mask : ad.cast(mask, source.dtype);
  if (mask.rank === 4) return known;
  if (mask.rank !== 2 || mask.shape[0] !== n || mask.shape[1] !== s) {
    c.misfit(mask, `the sourceMask must be [${n}, ${s}], 0 for padding and 1 otherwise, or [n, heads, t, s].`);
  }
  return ad.reshape(known, [n, 1, 1, s]);
}

export const crossAttentionKind: LayerKind<CrossAttentionOptions> = {
  kind: 'crossAttention',
  options: {
    ...{ width: count(), heads: count(), sourceWidth: natural(0) },
    ...{ keyValueHeads: natural(0), headWidth: natural(0), bias: flag(true) },
  },
  check: (o) => headsMisfit(whole(o)),
  children: (o) => parts(whole(o), o.sourceWidth || o.width),
  apply: (o, c, x) => {
    const { width, heads, sourceWidth } = o;
    if (x.rank !== 3 || x.shape[2] !== width || x.shape[1] === 0)
      c.misfit(x, `it takes sequences [n, t, ${width}] with t ≥ 1.`);
    const { kv, d } = sizesOf(whole(o));
    const source = sourceOf(c, x, sourceWidth || width);
    const mask = maskOf(c, source);
    const [n, t] = x.shape;
    const q = ad.reshape(c.child('query', x), [n, t, heads, d]);
    const [k, v] = ['key', 'value'].map((name) => {
      return repeated(ad.reshape(c.child(name, source), [n, source.shape[1], kv, d]), heads);
    });
    return c.child('out', ad.reshape(ad.attention(q, k, v, mask ? { mask } : {}), [n, t, heads * d]));
  },
  onnx: (o, e, x) =>
    exported(whole(o), e, x, e.source ?? e.refuse('has cross-attention: pass toOnnx the shape of the `source`.')),
};

/**
 * Multi-head cross-attention to the `source` passed to `apply` (Vaswani et al. 2017): queries from x
 * [n, t, width], keys and values from the source [n, s, sourceWidth]; returns [n, t, width]. A `sourceMask` [n, s] masks padding. Children
 * as those of {@link multiHeadAttention}. O(n·(t + s)·width² + n·t·s·heads·headWidth).
 * @throws INVALID_PARAMETER for invalid or inconsistent options.
 */
export const crossAttention = maker(crossAttentionKind);
