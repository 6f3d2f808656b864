import { add, mean, mul, batchNorm as norm, stopGradient, variance } from '../../index.ts';
import { count, real } from '../fields.ts';
import { ones, zeros } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { channelsFirst, needsLast } from './shared.ts';

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Number of channels: size of the last axis. */
  readonly features: number;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Momentum: the weight of a batch in the running statistics (0.1). */
  readonly momentum?: number;
}

export const batchNormKind: LayerKind<BatchNormOptions> = {
  kind: 'batchNorm',
  options: { features: count(), epsilon: real(1e-5, 0), momentum: real(0.1, 0, 1 + Number.EPSILON) },
  parameters: ({ features }) => ({
    weight: { shape: [features], init: ones },
    bias: { shape: [features], init: zeros },
  }),
  state: ({ features }) => ({
    running_mean: { shape: [features], init: zeros },
    running_var: { shape: [features], init: ones },
  }),
  apply: ({ features, epsilon, momentum }, c, x) => {
    needsLast(c, x, features, 2);
    const [weight, bias] = [c.param('weight'), c.param('bias')];
    const [before, spread] = [c.state('running_mean'), c.state('running_var')];
    if (!c.train) return norm(x, weight, bias, { epsilon, statistics: { mean: before, variance: spread } });
    const rows = x.size / features;
    if (rows < 2)
      c.misfit(
        x,
        'training needs at least two values per channel; use a larger batch, or the running statistics (train: false).',
      );
    const axes = x.shape.slice(0, -1).map((_, d) => d);
    const own = stopGradient(x);
    const moved = (old: typeof x, now: typeof x) => add(mul(old, 1 - momentum), mul(now, momentum));
    c.setState('running_mean', moved(before, mean(own, axes)));
    c.setState('running_var', moved(spread, variance(own, axes, { correction: 1 })));
    return norm(x, weight, bias, { epsilon });
  },
  onnx: ({ epsilon }, e, x) => {
    const own = ['weight', 'bias'].map((name) => e.param(name));
    const kept = ['running_mean', 'running_var'].map((name) => e.state(name));
    const node = (v: typeof x) =>
      e.node('BatchNormalization', [v, ...own, ...kept], v.shape, { epsilon: { float: epsilon } });
    if (x.shape.length === 2) return node(x);
    if (x.shape.length === 4) return channelsFirst(e, x, node);
    return e.refuse('is exported only for inputs [n, features] and [n, height, width, features].');
  },
};

/**
 * Batch normalisation of each channel (last axis), with scale weight [features] and shift bias [features] (Ioffe & Szegedy 2015). In training it uses
 * batch statistics and updates the running ones; otherwise it uses the running statistics, its state: `running_mean` and `running_var` [features],
 * the latter unbiased. O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const batchNorm = maker(batchNormKind);
