import * as ad from '@southwell/autodiff';
import { checkOptions, fail, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { betweenViews, withinViews } from './terms.ts';

const eyRecords = {
  /**
   * Codes of a second, independently drawn batch of the same views with as many rows, which make the estimate of the loss
   * unbiased. Without them the first batch is used twice, and the penalty is too large by a term of order 1/rows: correct for
   * all rows at once, biased for batches.
   */
  second: otherOption<readonly ad.Tensor[]>('codes of a second batch'),
  /** α of all views or one for each, from 0 (CCA, default) to 1 (PLS). */
  ridge: otherOption<number | readonly number[]>('a number from 0 to 1, or one for each view'),
  /** The weight matrix [k, in] of the last layer of each view, needed by a ridge above 0. */
  weights: otherOption<readonly ad.Tensor[]>('a matrix for each view'),
};

export interface EyLossOptions extends OptionsOf<typeof eyRecords> {}

const show = (z: ad.Tensor): string => `[${z.shape.join(', ')}]`;

/**
 * The Eckart–Young loss −2 tr C + ⟨V, V′⟩ of codes [rows, k] of networks for two or more views of the same rows: C sums
 * their covariances over all pairs of views, V the variances within views, Σ αWWᵀ + (1 − α)Var(Z), and V′ is that of a
 * second batch (Chapman, Wells and Lawry Aguila, ICLR 2024). Nothing is whitened or inverted, so that batches may have
 * fewer rows than codes have columns. Its minimum is −Σλ², for linear encoders over the k largest generalised
 * eigenvalues. With codes of two augmentations by one network it is SSL-EY. O(rows · k² · views).
 *
 * @example eyLoss([nn.apply(left, p, x), nn.apply(right, q, y)]);
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function eyLoss(codes: readonly ad.Tensor[], options: EyLossOptions = {}): ad.Tensor {
  checkOptions('eyLoss', eyRecords, options);
  const { second, ridge = 0, weights = [] } = options;
  checkCodes('codes', codes);
  const [rows, k] = codes[0].shape;
  if (second) {
    checkCodes('second', second);
    if (second.length !== codes.length || second[0].shape[1] !== k)
      fail(
        'INVALID_SHAPE',
        `The second batch has ${second.length} views of ${show(second[0])}, but the first has ${codes.length} of ${show(codes[0])}.`,
      );
  }
  if (rows < 2 || (second && second[0].shape[0] < 2)) fail('INVALID_SHAPE', 'A batch must have at least two rows.');
  const alpha = ridgesOf(ridge, codes.length);
  alpha.forEach((a, v) => {
    if (a === 0) return;
    const W = weights[v];
    if (!W)
      fail('INVALID_PARAMETER', `A ridge of ${a} needs weights, the matrix [k, in] of the last layer of each view.`);
    if (W.rank !== 2 || W.shape[0] !== k)
      fail(
        'INVALID_SHAPE',
        `The weights of view ${v + 1} are ${show(W)}, but with codes of ${k} columns they must be [${k}, in].`,
      );
  });
  const V = withinViews(codes, alpha, weights);
  const other = second ? withinViews(second, alpha, weights) : V;
  return ad.add(ad.mul(betweenViews(codes), -2), ad.sum(ad.mul(V, other)));
}

/** @throws INVALID_PARAMETER for fewer than two views, INVALID_SHAPE if their shapes do not match. */
function checkCodes(name: string, codes: readonly ad.Tensor[]): void {
  if (codes.length < 2) fail('INVALID_PARAMETER', `${name} must have at least two views, but has ${codes.length}.`);
  codes.forEach((z, v) => {
    if (z.rank !== 2) fail('INVALID_SHAPE', `Codes must be [rows, k], but those of view ${v + 1} are ${show(z)}.`);
    if (z.shape.join() !== codes[0].shape.join())
      fail('INVALID_SHAPE', `Codes of view 1 are ${show(codes[0])}, but those of view ${v + 1} are ${show(z)}.`);
  });
}

/**
 * One ridge parameter for all views, or one for each.
 * @throws INVALID_PARAMETER.
 */
export function ridgesOf(ridge: number | readonly number[], views: number): readonly number[] {
  const all = typeof ridge === 'number' ? new Array<number>(views).fill(ridge) : ridge;
  if (all.length !== views) fail('INVALID_PARAMETER', `ridge has ${all.length} numbers for ${views} views.`);
  const wrong = all.find((a) => !(a >= 0 && a <= 1));
  if (wrong !== undefined) fail('INVALID_PARAMETER', `ridge must be between 0 (CCA) and 1 (PLS), but is ${wrong}.`);
  return all;
}
