import { fail, knownKeys } from '@southwell/numerics/core';
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
    fail('INVALID_PARAMETER', `${name}: precision is one of ${kinds.join(', ')}, not ${String(precision)}.`);
  }
  return precision;
}

/** Rounding applied to each result. Half is emulated in single precision: for sums, products and quotients the bits are the same. */
const rounding = (precision: SoftmaxPrecision) => (x: Tensor) => (precision === 'f16' ? roundToHalf(x) : x);

/** z − max z, its exponentials and their sum, each rounded. */
function parts(logits: Tensor, precision: SoftmaxPrecision) {
  const round = rounding(precision);
  // To half before the cast, lest it be rounded twice.
  const z = cast(round(logits), precision === 'f64' ? 'f64' : 'f32');
  const shifted = round(o.sub(z, max(z, [-1], true)));
  const exponentials = round(o.exp(shifted));
  return { shifted, exponentials, total: round(sum(exponentials, [-1], true)) };
}

function checkLogits(name: string, logits: Tensor): void {
  if (logits.rank === 0 || logits.dtype === 'i32' || logits.shape.at(-1) === 0) {
    misfit(name, [logits], 'logits have a last axis of classes, in f32 or f64.');
  }
}

function checkTargets(name: string, logits: Tensor, targets: Tensor): void {
  checkLogits(name, logits);
  if (targets.dtype !== 'i32' || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    misfit(
      name,
      [logits, targets],
      `the targets must be i32 of ${show(logits.shape.slice(0, -1))}, not ${targets.dtype} of ${show(targets.shape)}.`,
    );
  }
}

/**
 * Σ exp(z − max z) over the last axis in a given precision: logits […, classes] give […]. The largest term is 1; where the others sum to
 * at most half of the last place of 1, the sum is 1 and the softmax has collapsed (Prieto et al., ICLR 2025, arXiv 2501.04697). Every operation
 * is rounded; terms are added in no less than the precision, so that a row of C classes collapses at a gap between the logits of
 * ln 2²⁴ = 16.6 in single precision (7.6 in half, 36.7 in double), and always from ln(C − 1) more. The result has the logits' dtype.
 * @throws INVALID_SHAPE for invalid logits; INVALID_PARAMETER for an unknown precision.
 */
export function softmaxSum(logits: Tensor, options: SoftmaxPrecisionOptions = {}): Tensor {
  const precision = precisionOf('softmaxSum', options);
  checkLogits('softmaxSum', logits);
  const { total } = parts(logits, precision);
  return cast(reshape(total, logits.shape.slice(0, -1)), logits.dtype);
}

/**
 * −log softmax(logits) at the target of each row, computed in a precision as hardware of it would: logits […, classes] in f32 or f64 and
 * targets […] of i32 give […] of the kind of the logits. Its derivative is that of the rounded softmax, which is rounded in turn: where
 * {@link softmaxSum} is 1, loss and derivative at the largest logit are exactly 0, at the others what their exponentials are. In half
 * precision logits beyond 65504 are infinite, and the loss is NaN. A row whose target is below 0 counts as 0. For training without emulation
 * crossEntropy is faster; its derivative goes by log Σ eˣ, so that it vanishes earlier where logits are large. O(size).
 * @throws INVALID_SHAPE if the targets are not of the shape of the rows; INVALID_PARAMETER for an unknown precision, and when it runs
 * for a target that is not a class index.
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
 * StableMax: {@link stableScale} over its sum along the last axis, a replacement for the softmax. Rows sum to 1 and are ordered as the logits.
 * @throws INVALID_SHAPE for invalid logits.
 */
export function stableMax(logits: Tensor): Tensor {
  checkLogits('stableMax', logits);
  const s = stableScale(logits);
  return o.div(s, sum(s, [-1], true));
}

/**
 * −log stableMax(logits) at the target of each row, a replacement for cross-entropy: logits […, classes] and targets […] of i32 give […]. Computed in
 * double precision, as the authors do; the loss is of the kind of the logits. Finite for logits up to 1e30 and beyond. A row whose target is
 * below 0 counts as 0. O(size).
 * @throws INVALID_SHAPE if the targets are not of the shape of the rows; INVALID_PARAMETER when it runs, for a target that is not a class index.
 */
export function stableMaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkTargets('stableMaxCrossEntropy', logits, targets);
  const s = stableScale(cast(logits, 'f64'));
  const hot = oneHot(targets, logits.shape.at(-1)!, 'f64');
  const counted = sum(hot, [-1]);
  // The scale of a row without target is 0: its logarithm must not be taken.
  const own = o.add(sum(o.mul(s, hot), [-1]), o.sub(1, counted));
  return cast(o.mul(o.sub(o.log(sum(s, [-1])), o.log(own)), counted), logits.dtype);
}
