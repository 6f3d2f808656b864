import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';
import { einsum } from './einsum.ts';

// Products and norms.

/** α A B + β C. */
export function gemm(c: Call): Val {
  const [a, b] = [c.float(0), c.float(1)];
  const product = ad.matmul(c.int('transA', 0) ? ad.transpose(a) : a, c.int('transB', 0) ? ad.transpose(b) : b);
  const [alpha, beta] = [c.real1('alpha', 1), c.real1('beta', 1)];
  const scaled = alpha === 1 ? product : ad.mul(product, alpha);
  const bias = c.maybe(2);
  return float(bias ? ad.add(scaled, beta === 1 ? bias : ad.mul(bias, beta)) : scaled);
}

/** A vector of channels, broadcast along the second axis of x. */
const perChannel = (v: ad.Tensor, x: ad.Tensor): ad.Tensor => ad.reshape(v, [-1, ...x.shape.slice(2).map(() => 1)]);

function batchNorm(c: Call): Val {
  c.atMost(1);
  if (c.int('training_mode', 0))
    c.refuse('it is in training mode, which is not supported; export the network for inference.');
  const x = c.float(0);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => c.float(i));
  const scale = ad.div(gamma, ad.sqrt(ad.add(variance, c.real1('epsilon', 1e-5))));
  // The mean is subtracted first: it may be much larger than the deviation.
  return float(ad.add(ad.mul(ad.sub(x, perChannel(mean, x)), perChannel(scale, x)), perChannel(beta, x)));
}

/** Mean and √(variance + epsilon) over axes, which are kept. */
function moments(x: ad.Tensor, axes: readonly number[], epsilon: number): readonly [ad.Tensor, ad.Tensor] {
  const mean = ad.mean(x, axes, true);
  return [mean, ad.sqrt(ad.add(ad.mean(ad.square(ad.sub(x, mean)), axes, true), epsilon))];
}

/** (x − mean)/√(variance + epsilon) over axes. */
export function standardised(x: ad.Tensor, axes: readonly number[], epsilon: number): ad.Tensor {
  const [mean, deviation] = moments(x, axes, epsilon);
  return ad.div(ad.sub(x, mean), deviation);
}

/** x over the root of the mean square of its axes from one on, times a scale. */
export function rootMeanSquare(x: ad.Tensor, scale: ad.Tensor, epsilon: number, axis = x.rank - 1): ad.Tensor {
  const axes = x.shape.map((_, d) => d).slice(axis);
  return ad.mul(ad.div(x, ad.sqrt(ad.add(ad.mean(ad.square(x), axes, true), epsilon))), scale);
}

/** The normalised rows, and, if they are asked for, their means and reciprocal deviations. */
function layerNorm(c: Call): Val | readonly Val[] {
  const y = normalisedRows(c);
  if (c.outputs === 1) return y;
  const x = c.float(0);
  const axes = x.shape.map((_, d) => d).slice(c.axis(c.int('axis', -1), x.rank));
  const [mean, deviation] = moments(x, axes, c.real1('epsilon', 1e-5));
  return [y, float(mean), float(ad.reciprocal(deviation))];
}

function normalisedRows(c: Call): Val {
  const [x, scale, bias] = [c.float(0), c.float(1), c.maybe(2)];
  const axis = c.axis(c.int('axis', -1), x.rank);
  const epsilon = c.real1('epsilon', 1e-5);
  if (axis === x.rank - 1 && scale.rank === 1 && scale.shape[0] === x.shape[axis] && (bias?.rank ?? 1) === 1)
    return float(ad.layerNorm(x, scale, bias, epsilon));
  const axes = x.shape.map((_, d) => d).slice(axis);
  const y = ad.mul(standardised(x, axes, epsilon), scale);
  return float(bias ? ad.add(y, bias) : y);
}

function instanceNorm(c: Call): Val {
  const x = c.float(0);
  const axes = x.shape.map((_, d) => d).slice(2);
  const y = standardised(x, axes, c.real1('epsilon', 1e-5));
  return float(ad.add(ad.mul(y, perChannel(c.float(1), x)), perChannel(c.float(2), x)));
}

function groupNorm(c: Call): Val {
  const x = c.float(0);
  const groups = c.int('num_groups');
  const apart = ad.reshape(x, [x.shape[0], groups, -1]);
  const y = standardised(apart, [2], c.real1('epsilon', 1e-5));
  const [scale, bias] = [c.float(1), c.float(2)];
  // Before opset 21 there is one scale for each group.
  if (c.opset < 21)
    return float(ad.reshape(ad.add(ad.mul(y, ad.reshape(scale, [groups, 1])), ad.reshape(bias, [groups, 1])), x.shape));
  return float(ad.add(ad.mul(ad.reshape(y, x.shape), perChannel(scale, x)), perChannel(bias, x)));
}

function localNorm(c: Call): Val {
  const x = c.float(0);
  const size = c.int('size');
  const before = Math.floor((size - 1) / 2);
  const padded = ad.pad(ad.square(x), [[before, size - 1 - before], ...x.shape.slice(2).map(() => [0, 0] as const)]);
  const [alpha, beta, bias] = [c.real1('alpha', 1e-4), c.real1('beta', 0.75), c.real1('bias', 1)];
  const parts = Array.from({ length: size }, (_, i) => ad.slice(padded, undefined, [i, i + x.shape[1]]));
  const total = parts.reduce((a, b) => ad.add(a, b));
  return float(ad.div(x, ad.pow(ad.add(ad.mul(total, alpha / size), bias), beta)));
}

/** Products and norms by name. */
export const networks: Readonly<Record<string, Operator>> = {
  MatMul: (c) => {
    const a = c.x(0);
    return { class: a.class, t: a.class === 'float' ? ad.matmul(a.t, c.float(1)) : ad.matmul(a.t, c.x(1).t) };
  },
  Gemm: gemm,
  Einsum: einsum,
  ...{ BatchNormalization: batchNorm, LayerNormalization: layerNorm, InstanceNormalization: instanceNorm },
  ...{ GroupNormalization: groupNorm, LRN: localNorm },
  RMSNormalization: (c) => {
    const x = c.float(0);
    return float(rootMeanSquare(x, c.float(1), c.real1('epsilon', 1e-5), c.axis(c.int('axis', -1), x.rank)));
  },
  LpNormalization: (c) => {
    const x = c.float(0);
    const axes = [c.axis(c.int('axis', -1), x.rank)];
    const norm = c.int('p', 2) === 1 ? ad.sum(ad.abs(x), axes, true) : ad.sqrt(ad.sum(ad.square(x), axes, true));
    return float(ad.div(x, norm));
  },
  MeanVarianceNormalization: (c) => {
    const x = c.float(0);
    const axes = (c.list('axes') ?? [0, 2, 3]).map((axis) => c.axis(axis, x.rank));
    const [mean, deviation] = moments(x, axes, 0);
    return float(ad.div(ad.sub(x, mean), ad.add(deviation, 1e-9)));
  },
};
