import { full, groupNorm as norm, type Tensor } from '../../index.ts';
import { count, flag, real } from '../fields.ts';
import { ones, zeros } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';
import { channelsFirst, needsLast, reshaped } from './shared.ts';

/** Options of {@link groupNorm}. */
export interface GroupNormOptions {
  /** Number of groups of adjacent channels. */
  readonly groups: number;
  /** Number of channels: size of the last axis. */
  readonly features: number;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
}

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Number of channels: size of the last axis. */
  readonly features: number;
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Whether each channel has a scale and a shift (false). */
  readonly affine?: boolean;
}

const affine = (features: number) => ({
  weight: { shape: [features], init: ones },
  bias: { shape: [features], init: zeros },
});

/** ONNX normalises instances: here the groups. */
function exported(e: Exporter, x: Value, groups: number, scaled: boolean, epsilon: number): Value {
  const [n, ...rest] = x.shape;
  const line = (value: number): Value => e.constant(full([groups], value, 'f32'));
  const turned = (y: Value): Value => {
    const rows = reshaped(e, y, [n, groups, rest.reduce((a, b) => a * b, 1) / groups]);
    const apart = e.node('InstanceNormalization', [rows, line(1), line(0)], rows.shape, {
      epsilon: { float: epsilon },
    });
    return reshaped(e, apart, y.shape);
  };
  const y = rest.length > 1 ? channelsFirst(e, x, turned) : turned(x);
  if (!scaled) return y;
  const up = e.node('Mul', [y, e.param('weight')], x.shape);
  return e.node('Add', [up, e.param('bias')], x.shape);
}

function applied(c: Context, x: Tensor, groups: number, features: number, scaled: boolean, epsilon: number) {
  needsLast(c, x, features, 2);
  return norm(x, groups, scaled ? c.param('weight') : undefined, scaled ? c.param('bias') : undefined, epsilon);
}

export const groupNormKind: LayerKind<GroupNormOptions> = {
  kind: 'groupNorm',
  options: { groups: count(), features: count(), epsilon: real(1e-5, 0) },
  check: ({ groups, features }) =>
    features % groups === 0 ? undefined : `${features} channels cannot be divided into ${groups} equal groups.`,
  parameters: ({ features }) => affine(features),
  apply: ({ groups, features, epsilon }, c, x) => applied(c, x, groups, features, true, epsilon),
  onnx: ({ groups, epsilon }, e, x) => exported(e, x, groups, true, epsilon),
};

/**
 * Group normalisation of [n, …, features]: each example and group of channels has mean 0 and variance 1, then scale weight
 * and shift bias [features], initially 1 and 0 (Wu & He 2018). O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const groupNorm = maker(groupNormKind);

export const instanceNormKind: LayerKind<InstanceNormOptions> = {
  kind: 'instanceNorm',
  options: { features: count(), epsilon: real(1e-5, 0), affine: flag(false) },
  parameters: ({ features, affine: scaled }) => (scaled ? affine(features) : {}),
  apply: ({ features, epsilon, affine: scaled }, c, x) => applied(c, x, features, features, scaled, epsilon),
  onnx: ({ features, epsilon, affine: scaled }, e, x) => exported(e, x, features, scaled, epsilon),
};

/**
 * Instance normalisation of [n, …, features]: each example and channel has mean 0 and variance 1, without parameters
 * unless `affine` (Ulyanov et al. 2016). O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const instanceNorm = maker(instanceNormKind);
