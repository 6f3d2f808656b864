import { fail, knownKeys } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { misfit } from '../op.ts';
import { cast } from '../ops/casts.ts';
import { where } from '../ops/elementwise.ts';
import { roundToHalf } from '../ops/halves.ts';
import { max, sum } from '../ops/reductions.ts';
import { oneHot } from '../ops/rows.ts';
import { reshape } from '../ops/views.ts';
import { sameShape, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';
import { customVjp } from '../transforms/custom.ts';
import { stableScale } from './stableScale.ts';

/** Half, single or double: the precision of the softmax, independent of the logits' dtype. */
export type SoftmaxPrecision = 'f16' | 'f32' | 'f64';

/** Options of {@link softmaxCrossEntropy} and {@link softmaxSum}. */
export interface SoftmaxPrecisionOptions {
  /** Default 'f32'. */
  readonly precision?: SoftmaxPrecision;
}

const kinds: readonly string[] = ['f16', 'f32', 'f64'] satisfies readonly SoftmaxPrecision[];

function precisionOf(name: string, options: SoftmaxPrecisionOptions): SoftmaxPrecision {
  knownKeys(name, options, { precision: true });
  const { precision = 'f32' } = options;
  if (!kinds.includes(precision)) {
    fail(
      'INVALID_PARAMETER',
      `${name}${atLine()}: precision must be one of ${kinds.join(', ')}, not ${String(precision)}.`,
    );
  }
  return precision;
}

/**
 * Rounding applied to each result. Half precision is emulated in single precision, which gives the same bits for sums,
 * products and quotients.
 */
const rounding = (precision: SoftmaxPrecision) => (x: Tensor) => (precision === 'f16' ? roundToHalf(x) : x);

/** z − max z, its exponential and the sum of that, each rounded. */
function parts(logits: Tensor, precision: SoftmaxPrecision) {
  const round = rounding(precision);
  // Rounded to half before the cast, which would otherwise round twice.
  const z = cast(round(logits), precision === 'f64' ? 'f64' : 'f32');
  const shifted = round(o.sub(z, max(z, [-1], true)));
  const exponentials = round(o.exp(shifted));
  return { shifted, exponentials, total: round(sum(exponentials, [-1], true)) };
}

function checkLogits(name: string, logits: Tensor): void {
  needTensors(name, { logits });
  if (logits.rank === 0 || logits.dtype === 'i32' || logits.shape.at(-1) === 0) {
    misfit(name, [logits], 'logits must have a last axis of classes, in f32 or f64.');
  }
}

function checkTargets(name: string, logits: Tensor, targets: Tensor): void {
  checkLogits(name, logits);
  needTensors(name, { targets });
  if (targets.dtype !== 'i32' || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    misfit(
      name,
      [logits, targets],
      `the targets must be i32 of ${show(logits.shape.slice(0, -1))}, not ${targets.dtype} of ${show(targets.shape)}.`,
    );
  }
}

/**
 * Σ exp(z − max z) over the last axis in a given precision: logits […, classes] give […]. The largest term is 1; if the
 * others sum to at most half a unit in the last place of 1, the sum is 1 and the softmax has collapsed (Prieto et al.,
 * ICLR 2025, arXiv 2501.04697). Every operation is rounded; terms are added in at least the given precision, so that a
 * row of C classes may collapse from a gap between the logits of ln 2²⁴ = 16.6 on in single precision (7.6 in half,
 * 36.7 in double), and always collapses if the gap is larger by ln(C − 1). The result has the logits' dtype.
 * @throws INVALID_SHAPE for invalid logits; INVALID_PARAMETER for an unknown precision.
 */
export function softmaxSum(logits: Tensor, options: SoftmaxPrecisionOptions = {}): Tensor {
  const precision = precisionOf('softmaxSum', options);
  checkLogits('softmaxSum', logits);
  const { total } = parts(logits, precision);
  return cast(reshape(total, logits.shape.slice(0, -1)), logits.dtype);
}

/**
 * −log softmax(logits) at the target of each row, computed as hardware of the given precision would: logits […,
 * classes] in f32 or f64 and i32 targets […] give […] in the dtype of the logits. Its derivative is that of the rounded
 * softmax, rounded in turn: where {@link softmaxSum} is 1, the loss and the derivative at the largest logit are exactly
 * 0, and the derivatives at the others are their exponentials. In half precision, logits beyond 65504 are infinite and
 * the loss is NaN. A row whose target is below 0 contributes 0. For training without emulation, crossEntropy is faster;
 * its derivative uses log Σ eˣ, so that it vanishes earlier for large logits. O(size).
 * @throws INVALID_SHAPE if the targets do not have the shape of the rows; INVALID_PARAMETER for an unknown precision
 * and, at run time, for a target that is not a class index.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor, options: SoftmaxPrecisionOptions = {}): Tensor {
  const precision = precisionOf('softmaxCrossEntropy', options);
  checkTargets('softmaxCrossEntropy', logits, targets);
  const round = rounding(precision);
  const rows = logits.shape.slice(0, -1);
  const hotOf = (t: Tensor, like: Tensor) => oneHot(t, like.shape.at(-1)!, like.dtype as 'f32' | 'f64');
  const loss = customVjp(
    (z: Tensor, t: Tensor) => {
      const { shifted, total } = parts(z, precision);
      const hot = hotOf(t, shifted);
      const own = sum(where(hot, shifted, 0), [-1]);
      const logarithm = round(o.log(reshape(total, rows)));
      return cast(o.mul(round(o.sub(logarithm, own)), sum(hot, [-1])), z.dtype);
    },
    (g, [z, t]) => {
      const { exponentials, total } = parts(z, precision);
      const hot = hotOf(t, exponentials);
      const slope = round(o.sub(round(o.div(exponentials, total)), hot));
      const weight = o.mul(cast(g, total.dtype), sum(hot, [-1]));
      return [cast(o.mul(slope, reshape(weight, [...rows, 1])), z.dtype), null];
    },
  );
  return loss(logits, targets);
}

/**
 * StableMax: {@link stableScale} divided by its sum along the last axis, a replacement for the softmax. Rows sum to 1
 * and have the order of the logits.
 * @throws INVALID_SHAPE for invalid logits.
 */
export function stableMax(logits: Tensor): Tensor {
  checkLogits('stableMax', logits);
  const s = stableScale(logits);
  return o.div(s, sum(s, [-1], true));
}

/**
 * −log stableMax(logits) at the target of each row, a replacement for cross-entropy: logits […, classes] and i32
 * targets […] give […]. Computed in double precision, as the authors do, and returned in the dtype of the logits.
 * Finite for logits up to 1e30 and beyond. A row whose target is below 0 contributes 0. O(size).
 * @throws INVALID_SHAPE if the targets do not have the shape of the rows; INVALID_PARAMETER, at run time, for a target
 * that is not a class index.
 */
export function stableMaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkTargets('stableMaxCrossEntropy', logits, targets);
  const s = stableScale(cast(logits, 'f64'));
  const hot = oneHot(targets, logits.shape.at(-1)!, 'f64');
  const counted = sum(hot, [-1]);
  // A row without a target has scale 0, whose logarithm must not be taken.
  const own = o.add(sum(o.mul(s, hot), [-1]), o.sub(1, counted));
  return cast(o.mul(o.sub(o.log(sum(s, [-1])), o.log(own)), counted), logits.dtype);
}
