import { add } from '../../index.ts';
import { choice, flag, natural, real } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';
import { type ActivationName, activation, activationNames } from './activation.ts';
import { crossAttention } from './crossAttention.ts';
import { dropout } from './dropout.ts';
import { layerNorm } from './layerNorm.ts';
import { linear } from './linear.ts';
import {
  attentionFields,
  headsMisfit,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from './multiHeadAttention.ts';
import { rmsNorm } from './rmsNorm.ts';
import { needsLast } from './shared.ts';

/** Options of {@link decoderBlock}. */
export interface DecoderBlockOptions extends MultiHeadAttentionOptions {
  /** Width of the source sequence (0: the width). */
  readonly sourceWidth?: number;
  /** Width of the feed-forward hidden layer (0: four times the width). */
  readonly hidden?: number;
  /** Feed-forward activation ('gelu'). */
  readonly activation?: ActivationName;
  /** Normalisation: layer norm or RMS norm ('layer'). */
  readonly norm?: 'layer' | 'rms';
  /** Pre-norm (true) or post-norm. */
  readonly normFirst?: boolean;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Dropout rate on each residual branch (0). */
  readonly dropout?: number;
}
type Filled = Required<DecoderBlockOptions>;

function parts(o: Filled): Readonly<Record<string, Layer>> {
  const { width, heads, keyValueHeads, headWidth, bias, causal, rotary, rotaryBase, sourceWidth, epsilon } = o;
  const m = o.hidden || 4 * width;
  const normed = () =>
    o.norm === 'rms' ? rmsNorm({ features: width, epsilon }) : layerNorm({ features: width, epsilon, bias });
  const drop = (name: string): Record<string, Layer> => (o.dropout > 0 ? { [name]: dropout({ rate: o.dropout }) } : {});
  const shared = { width, heads, keyValueHeads, headWidth, bias };
  return {
    self_attn: multiHeadAttention({ ...shared, causal, rotary, rotaryBase }),
    multihead_attn: crossAttention({ ...shared, sourceWidth }),
    linear1: linear({ in: width, out: m, bias }),
    linear2: linear({ in: m, out: width, bias }),
    ...{ norm1: normed(), norm2: normed(), norm3: normed() },
    activation: activation({ name: o.activation }),
    ...{ ...drop('dropout1'), ...drop('dropout2'), ...drop('dropout3') },
  };
}

/** Values between layers: tensors, or nodes of an ONNX graph. */
interface Through<X> {
  readonly children: readonly string[];
  child(name: string, x: X): X;
}

function through<X>(o: Filled, { children, child }: Through<X>, x: X, sum: (a: X, b: X) => X): X {
  const parts: ReadonlyArray<(v: X) => X> = [
    (v) => child('self_attn', v),
    (v) => child('multihead_attn', v),
    (v) => child('linear2', child('activation', child('linear1', v))),
  ];
  return parts.reduce((y, part, i) => {
    const [norm, drop] = [`norm${i + 1}`, `dropout${i + 1}`];
    const made = part(o.normFirst ? child(norm, y) : y);
    const next = sum(y, children.includes(drop) ? child(drop, made) : made);
    return o.normFirst ? next : child(norm, next);
  }, x);
}

export const decoderBlockKind: LayerKind<DecoderBlockOptions> = {
  kind: 'decoderBlock',
  options: {
    ...attentionFields,
    ...{ causal: flag(true), sourceWidth: natural(0), hidden: natural(0), activation: choice(activationNames, 'gelu') },
    ...{ norm: choice(['layer', 'rms'], 'layer'), normFirst: flag(true) },
    ...{ epsilon: real(1e-5, 0), dropout: real(0, 0, 1) },
  },
  check: headsMisfit,
  children: parts,
  apply: (o, c, x) => {
    needsLast(c, x, o.width, 3);
    return through(o, c, x, add);
  },
  onnx: (o, e, x) => through(o, e, x, (a, b) => e.node('Add', [a, b], a.shape)),
};

/**
 * Transformer decoder block: self-attention (causal by default), cross-attention to the `source` passed to `apply`, and a feed-forward
 * network, each with a norm and a residual connection (Vaswani et al. 2017): [n, t, width] to [n, t, width]. Children are named as in
 * PyTorch's TransformerDecoderLayer: self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3; those of attention query, key, value
 * and out. O(n·(t + s)·width·(width + hidden) + n·t·(t + s)·width).
 * @throws INVALID_PARAMETER for invalid or inconsistent options.
 */
export const decoderBlock = maker(decoderBlockKind);
