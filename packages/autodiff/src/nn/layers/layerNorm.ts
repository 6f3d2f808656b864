import { layerNorm as norm } from '../../index.ts';
import { count, flag, real } from '../fields.ts';
import { ones, zeros } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { needsLast } from './shared.ts';

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** Size of the last axis. */
  readonly features: number;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Whether to add a bias (true). */
  readonly bias?: boolean;
}

export const layerNormKind: LayerKind<LayerNormOptions> = {
  kind: 'layerNorm',
  options: { features: count(), epsilon: real(1e-5, 0), bias: flag(true) },
  parameters: ({ features, bias }) => ({
    weight: { shape: [features], init: ones },
    ...(bias ? { bias: { shape: [features], init: zeros } } : {}),
  }),
  apply: ({ features, epsilon, bias }, c, x) => {
    needsLast(c, x, features);
    return norm(x, c.param('weight'), bias ? c.param('bias') : undefined, epsilon);
  },
  onnx: ({ epsilon, bias }, e, x) =>
    e.node('LayerNormalization', [x, e.param('weight'), ...(bias ? [e.param('bias')] : [])], x.shape, {
      axis: -1,
      epsilon: { float: epsilon },
    }),
};

/**
 * Layer normalisation over the last axis […, features], with scale weight and shift bias [features], initially 1 and 0 (Ba, Kiros & Hinton
 * 2016). O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const layerNorm = maker(layerNormKind);
