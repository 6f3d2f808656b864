import { fail } from '@southwell/numerics/core';
import * as ad from '../index.ts';
import { checked, choice, real } from './fields.ts';
import { needTensors } from './given.ts';

type T = ad.Tensor;

/** What a loss does with the values of the elements or rows. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of all losses. */
export interface LossOptions {
  /** The mean (default) or the sum of the values, or all of them. */
  readonly reduction?: Reduction;
}

const reduction = choice<Reduction>(['mean', 'sum', 'none'], 'mean');
const fields = { reduction };

const shown = (x: T): string => (x.rank === 0 ? 'a scalar' : `[${x.shape.join(', ')}]`);
/** Checks that tensors have the same shape, which broadcasting would hide. */
function alike(name: string, given: Readonly<Record<string, T>>): void {
  needTensors(`losses.${name}`, given);
  const all = Object.values(given);
  if (all.every((x) => shown(x) === shown(all[0]))) return;
  fail('INVALID_SHAPE', `losses.${name} takes tensors of the same shape, not ${all.map(shown).join(' and ')}.`);
}
/** Checks that there is a class for each row. */
function classified(name: string, rows: T, targets: T): void {
  needTensors(`losses.${name}`, { [name === 'nll' ? 'logProbabilities' : 'logits']: rows, targets });
  if (targets.dtype === 'i32' && rows.rank > 0 && `${rows.shape.slice(0, -1)}` === `${targets.shape}`) return;
  const given = `${shown(rows)} and ${targets.dtype} of ${shown(targets)}`;
  fail('INVALID_SHAPE', `losses.${name} takes […, classes] and a class (i32) for each row, not ${given}.`);
}

/** Reduces values; the mean is that of the `counted` ones. */
function reduced(values: T, how: Reduction, counted?: T): T {
  if (how === 'none') return values;
  if (how === 'sum') return ad.sum(values);
  return counted ? ad.div(ad.sum(values), ad.sum(counted)) : ad.mean(values);
}

/**
 * Squared differences.
 * @throws INVALID_SHAPE if shapes differ.
 */
export const mse = ad.withLine((prediction: T, target: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.mse', { ...options }, fields);
  alike('mse', { prediction, target });
  return reduced(ad.square(ad.sub(prediction, target)), o.reduction);
});

/**
 * Absolute differences.
 * @throws INVALID_SHAPE if shapes differ.
 */
export const mae = ad.withLine((prediction: T, target: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.mae', { ...options }, fields);
  alike('mae', { prediction, target });
  return reduced(ad.abs(ad.sub(prediction, target)), o.reduction);
});

/** Options of {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** The difference from which on the loss is linear (1). */
  readonly delta?: number;
}

/**
 * Half the squared difference up to `delta`, and linear beyond (Huber 1964).
 * @throws INVALID_SHAPE if shapes differ.
 */
export const huber = ad.withLine((prediction: T, target: T, options: HuberOptions = {}): T => {
  const o = checked<HuberOptions>('losses.huber', { ...options }, { reduction, delta: real(1, Number.MIN_VALUE) });
  alike('huber', { prediction, target });
  const difference = ad.sub(prediction, target);
  const inner = ad.clip(difference, -o.delta, o.delta);
  return reduced(ad.mul(inner, ad.sub(difference, ad.mul(inner, 0.5))), o.reduction);
});

/**
 * Binary cross-entropy of logits and probabilities, without overflow.
 * @throws INVALID_SHAPE if shapes differ.
 */
export const bceWithLogits = ad.withLine((logits: T, target: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.bceWithLogits', { ...options }, fields);
  alike('bceWithLogits', { logits, target });
  return reduced(ad.sub(ad.softplus(logits), ad.mul(logits, target)), o.reduction);
});

/** 1 for the rows with a target of at least 0, 0 for the others. */
const counts = (targets: T, { dtype }: T): T => ad.lessEqual(0, ad.cast(targets, dtype));

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends LossOptions {
  /** The probability that is spread evenly over all classes (0). */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of logits […, classes] and target classes […] (i32); rows with a target below 0 do not count.
 * @throws INVALID_SHAPE unless there is a target for each row.
 */
export const crossEntropy = ad.withLine((logits: T, targets: T, options: CrossEntropyOptions = {}): T => {
  const o = checked<CrossEntropyOptions>(
    'losses.crossEntropy',
    { ...options },
    { reduction, labelSmoothing: real(0, 0, 1) },
  );
  classified('crossEntropy', logits, targets);
  const counted = counts(targets, logits);
  let rows = ad.crossEntropy(logits, targets);
  if (o.labelSmoothing > 0) {
    const even = ad.mul(ad.mean(ad.logSoftmax(logits), -1), -o.labelSmoothing);
    rows = ad.add(ad.mul(rows, 1 - o.labelSmoothing), ad.where(counted, even, 0));
  }
  return reduced(rows, o.reduction, counted);
});

/**
 * Negative log-likelihood of target classes […] (i32), given log-probabilities […, classes]; rows with a target below 0
 * do not count.
 * @throws INVALID_SHAPE unless there is a target for each row.
 */
export const nll = ad.withLine((logProbabilities: T, targets: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.nll', { ...options }, fields);
  classified('nll', logProbabilities, targets);
  const counted = counts(targets, logProbabilities);
  const places = ad.cast(ad.maximum(ad.cast(targets, 'f64'), 0), 'i32');
  const found = ad.takeAlong(logProbabilities, ad.expandDims(places, -1));
  const rows = ad.reshape(found, targets.shape);
  return reduced(ad.where(counted, ad.neg(rows), 0), o.reduction, counted);
});

/**
 * Kullback–Leibler divergence of target probabilities from predicted log-probabilities, both […, classes], of each row.
 * @throws INVALID_SHAPE if shapes differ.
 */
export const kl = ad.withLine((logPrediction: T, target: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.kl', { ...options }, fields);
  alike('kl', { logPrediction, target });
  const there = ad.less(0, target);
  const entropy = ad.mul(target, ad.log(ad.where(there, target, 1)));
  return reduced(ad.sum(ad.sub(entropy, ad.where(there, ad.mul(target, logPrediction), 0)), -1), o.reduction);
});

/** Options of {@link cosine} and {@link triplet}. */
export interface MarginOptions extends LossOptions {
  /** The margin: 0 for cosine, 1 for triplet. */
  readonly margin?: number;
}

/**
 * For rows a and b […, width] and signs […]: 1 minus the cosine of their angle where the sign is positive; elsewhere the
 * amount by which the cosine exceeds the margin.
 * @throws INVALID_SHAPE if shapes do not match.
 */
export const cosine = ad.withLine((a: T, b: T, signs: T, options: MarginOptions = {}): T => {
  const o = checked<MarginOptions>('losses.cosine', { ...options }, { reduction, margin: real(0, -1) });
  alike('cosine', { a, b });
  const product = ad.sum(ad.mul(a, b), -1);
  alike('cosine', { product, signs });
  const size = (x: T): T => ad.add(ad.sum(ad.square(x), -1), 1e-12);
  const value = ad.div(product, ad.sqrt(ad.mul(size(a), size(b))));
  return reduced(ad.where(ad.less(0, signs), ad.sub(1, value), ad.relu(ad.sub(value, o.margin))), o.reduction);
});

/**
 * For rows […, width]: the amount by which the distance of an anchor from the positive example, plus a margin, exceeds
 * that from the negative one (Schroff et al. 2015).
 * @throws INVALID_SHAPE if shapes differ.
 */
export const triplet = ad.withLine((anchor: T, positive: T, negative: T, options: MarginOptions = {}): T => {
  const o = checked<MarginOptions>('losses.triplet', { ...options }, { reduction, margin: real(1, 0) });
  alike('triplet', { anchor, positive, negative });
  // As in PyTorch, a small shift avoids the infinite derivative of a root at 0.
  const distance = (x: T): T => ad.sqrt(ad.sum(ad.square(ad.add(ad.sub(anchor, x), 1e-6)), -1));
  return reduced(ad.relu(ad.add(ad.sub(distance(positive), distance(negative)), o.margin)), o.reduction);
});

/**
 * max(0, 1 − prediction·sign) for signs of 1 and −1, as in support vector machines.
 * @throws INVALID_SHAPE if shapes differ.
 */
export const hinge = ad.withLine((prediction: T, signs: T, options: LossOptions = {}): T => {
  const o = checked<LossOptions>('losses.hinge', { ...options }, fields);
  alike('hinge', { prediction, signs });
  return reduced(ad.relu(ad.sub(1, ad.mul(prediction, signs))), o.reduction);
});
