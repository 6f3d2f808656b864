import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type CategoryFeature, type NumberFeature, widthOf } from './encoding.ts';

type Features = ReadonlyArray<NumberFeature | CategoryFeature>;

/** The feature to which each matrix column belongs, without the products. */
const featureOf = (features: Features): number[] =>
  features.flatMap((feature, k) => new Array<number>(widthOf(feature)).fill(k));

/** Number of products. */
function countOf(features: Features): number {
  const widths = features.map(widthOf);
  const all = widths.reduce((a, b) => a + b, 0);
  return (all * all - widths.reduce((sum, w) => sum + w * w, 0)) / 2;
}

/**
 * Pairs of columns to be multiplied: all pairs that belong to different features, in column order, like
 * `PolynomialFeatures(interaction_only=True)` of scikit-learn. Levels of one category are not multiplied, since no row
 * has two of them.
 */
export function pairsOf(features: Features): Array<readonly [left: number, right: number]> {
  const of = featureOf(features);
  return of.flatMap((k, i) => of.flatMap((l, j) => (j > i && l !== k ? [[i, j] as const] : [])));
}

/** For each product, the indices of its two features. */
export function pairedFeatures(features: Features): Array<readonly [left: number, right: number]> {
  const of = featureOf(features);
  return pairsOf(features).map(([i, j]) => [of[i], of[j]] as const);
}

/** `left:right`, as in R. */
export const productNames = (features: Features, names: readonly string[]): string[] =>
  pairsOf(features).map(([i, j]) => `${names[i]}:${names[j]}`);

/** Maximum number of entries of a matrix with products: one gibibyte of doubles. */
const MOST = 2 ** 27;

/** @throws NOT_SUPPORTED if the products of all pairs would exceed the memory limit. */
export function checkProducts(name: string, features: Features, rows: number): void {
  const products = countOf(features);
  if (rows * products <= MOST) return;
  const size = (rows * products * 8) / 2 ** 30;
  fail(
    'INVALID_PARAMETER',
    `${name}: the products of all pairs of features are ${products.toLocaleString('en')} columns of ${rows.toLocaleString('en')} rows, ` +
      `${size < 10 ? size.toFixed(1) : Math.round(size).toLocaleString('en')} GiB, where 1 is the most. Name fewer features, or leave some out.`,
  );
}

/** Fills the columns after those of the features with the products. O(rows × products). */
export function fillProducts(X: DenseMatrix, features: Features): void {
  const first = featureOf(features).length;
  pairsOf(features).forEach(([i, j], k) => {
    const [left, right, to] = [X.column(i), X.column(j), X.column(first + k)];
    for (let row = 0; row < to.length; row++) to[row] = left[row] * right[row];
  });
}
