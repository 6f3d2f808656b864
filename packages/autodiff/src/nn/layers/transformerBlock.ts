import { add, mul } from '../../index.ts';
import { choice, flag, natural, real } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';
import { type ActivationName, activation, activationNames } from './activation.ts';
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

/** Options of {@link transformerBlock}. */
export interface TransformerBlockOptions extends MultiHeadAttentionOptions {
  /** Width of the feed-forward hidden layer (0: four times the width). */
  readonly hidden?: number;
  /** Feed-forward activation ('gelu'). */
  readonly activation?: ActivationName;
  /** Gated linear unit: activation(gate(x)) multiplies up(x) (Shazeer 2020; false). */
  readonly gated?: boolean;
  /** Normalisation: layer norm or RMS norm ('layer'). */
  readonly norm?: 'layer' | 'rms';
  /** Pre-norm (true) or post-norm. */
  readonly normFirst?: boolean;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Dropout rate on each residual branch (0). */
  readonly dropout?: number;
}
type Filled = Required<TransformerBlockOptions>;

function parts(o: Filled): Readonly<Record<string, Layer>> {
  const { width, hidden, bias, norm, epsilon, gated, rotary, rotaryBase, causal, heads, keyValueHeads, headWidth } = o;
  const m = hidden || 4 * width;
  const normed = () =>
    norm === 'rms' ? rmsNorm({ features: width, epsilon }) : layerNorm({ features: width, epsilon, bias });
  return {
    attentionNorm: normed(),
    attention: multiHeadAttention({ width, heads, keyValueHeads, headWidth, causal, bias, rotary, rotaryBase }),
    hiddenNorm: normed(),
    ...(gated ? { gate: linear({ in: width, out: m, bias }) } : {}),
    up: linear({ in: width, out: m, bias }),
    down: linear({ in: m, out: width, bias }),
    activation: activation({ name: o.activation }),
    ...(o.dropout > 0
      ? { attentionDropout: dropout({ rate: o.dropout }), hiddenDropout: dropout({ rate: o.dropout }) }
      : {}),
  };
}

/** Values between layers: tensors, or nodes of an ONNX graph. */
interface Through<X> {
  readonly children: readonly string[];
  child(name: string, x: X): X;
}

function through<X>(o: Filled, { children, child }: Through<X>, x: X, sum: Pairwise<X>, product: Pairwise<X>): X {
  const by = (name: string, v: X): X => (children.includes(name) ? child(name, v) : v);
  const attend = (v: X) => by('attentionDropout', by('attention', v));
  const inner = (v: X) => {
    const wide = o.gated ? product(by('activation', by('gate', v)), by('up', v)) : by('activation', by('up', v));
    return by('hiddenDropout', by('down', wide));
  };
  if (!o.normFirst) {
    const y = by('attentionNorm', sum(x, attend(x)));
    return by('hiddenNorm', sum(y, inner(y)));
  }
  const y = sum(x, attend(by('attentionNorm', x)));
  return sum(y, inner(by('hiddenNorm', y)));
}
type Pairwise<X> = (a: X, b: X) => X;

export const transformerBlockKind: LayerKind<TransformerBlockOptions> = {
  kind: 'transformerBlock',
  options: {
    ...attentionFields,
    ...{ hidden: natural(0), activation: choice(activationNames, 'gelu'), gated: flag(false) },
    ...{
      norm: choice(['layer', 'rms'], 'layer'),
      normFirst: flag(true),
      epsilon: real(1e-5, 0),
      dropout: real(0, 0, 1),
    },
  },
  check: headsMisfit,
  children: parts,
  apply: (o, c, x) => {
    needsLast(c, x, o.width, 3);
    return through(o, c, x, add, mul);
  },
  onnx: (o, e, x) => {
    const pairwise = (op: string) => (a: typeof x, b: typeof x) => e.node(op, [a, b], a.shape);
    return through(o, e, x, pairwise('Add'), pairwise('Mul'));
  },
};

/**
 * Transformer block: self-attention and a feed-forward network, each with a norm and a residual connection (Vaswani et al. 2017; pre-norm: Xiong et
 * al. 2020): [n, t, width] to [n, t, width]. Children attentionNorm, attention, hiddenNorm, gate (if gated), up, down. With
 * `norm: 'rms', gated: true, activation: 'silu', bias: false, causal: true` and rotary embeddings it is Llama's block.
 * O(n·t·width·(width + hidden) + n·t²·width).
 * @throws INVALID_PARAMETER for invalid or inconsistent options.
 */
export const transformerBlock = maker(transformerBlockKind);
