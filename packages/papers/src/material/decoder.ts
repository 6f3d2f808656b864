import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { linearDecay, type Schedule, warmupStableDecay } from 'southwell/optimisers';

/** A small character-level transformer, for the experiments of papers on training. */
export interface Shape {
  readonly width: number;
  readonly heads: number;
  readonly blocks: number;
  readonly context: number;
  readonly batch: number;
}

const WARMUP = 20;

/** Linear warm-up over 20 steps, and decay to 0 over the last 30 %. */
export function schedule(rate: number, length: number): Schedule {
  const decay = Math.round(0.3 * length);
  if (length < WARMUP + decay) return linearDecay({ rate, steps: length, warmup: WARMUP });
  return warmupStableDecay({ rate, warmup: WARMUP, stable: length - WARMUP - decay, decay });
}

/** A pre-norm decoder, without biases and with an untied output layer. */
export function decoder({ width, heads, blocks, context }: Shape, symbols: number): nn.Layer {
  return nn.sequential({
    embedding: nn.embedding({ count: symbols, width }),
    positions: nn.positions({ count: context, width }),
    blocks: nn.sequential(
      Array.from({ length: blocks }, () => nn.transformerBlock({ width, heads, causal: true, bias: false })),
    ),
    norm: nn.layerNorm({ features: width }),
    head: nn.linear({ in: width, out: symbols, bias: false }),
  });
}

/** Mean cross-entropy in nats per character. */
export const lossOf =
  (layer: nn.Layer) =>
  (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor): ad.Tensor =>
    ad.mean(ad.crossEntropy(ad.reshape(nn.apply(layer, p, x), [x.size, -1]), ad.reshape(y, [x.size])));
