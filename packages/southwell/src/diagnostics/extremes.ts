import {
  checkOptions,
  integerOption,
  numberOption,
  type OptionsOf,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { LanczosProcess } from '@southwell/numerics/krylov';
import { checkedProduct, dot, type SymmetricProduct } from './product.ts';

const extremeRecords = {
  /** Number of largest and of smallest eigenvalues. Defaults 1, 1. */
  largest: integerOption({ min: 0 }),
  smallest: integerOption({ min: 0 }),
  /** Tolerance on residuals, relative to the largest |eigenvalue|. Default 1e-6. */
  tol: numberOption({ min: 0, finite: true }),
  /** Maximum number of products; one vector is stored for each. Default 200. */
  maxProducts: integerOption({ min: 1 }),
  /** Seed of the initial vector. Default 0. */
  seed: seedOption(),
};

export interface ExtremeOptions extends OptionsOf<typeof extremeRecords> {}

/** An eigenpair. */
export interface RitzPair {
  readonly value: number;
  /** ‖Av − value·v‖, recomputed: there is an eigenvalue within this distance of the value. */
  readonly residual: number;
  /** Unit eigenvector. */
  readonly vector: Float64Array;
}

export interface Extremes {
  /** In descending order. */
  readonly largest: readonly RitzPair[];
  /** In ascending order. */
  readonly smallest: readonly RitzPair[];
  readonly products: number;
  /** Whether all residuals are within the tolerance. */
  readonly converged: boolean;
}

/**
 * Extreme eigenpairs of a symmetric operator, with residuals, by Lanczos with full reorthogonalisation: for the Hessian
 * of a loss, the sharpest directions and those of negative curvature. A multiple eigenvalue is found once, unless the
 * products reach the whole space, as they do for small operators. Memory for `maxProducts` vectors; O(products ·
 * (product + products · size)).
 *
 * @throws NON_FINITE if a product is not finite; INVALID_PARAMETER.
 */
export function extremeEigenvalues(product: SymmetricProduct, size: number, options: ExtremeOptions = {}): Extremes {
  checkOptions('extremeEigenvalues', extremeRecords, options);
  const { largest = 1, smallest = 1, tol = 1e-6, maxProducts = 200, seed = 0 } = options;
  const checked = checkedProduct(product, size);
  wholeNumber('largest', largest, 0, size);
  wholeNumber('smallest', smallest, 0, size);
  const random = new Random(seed);
  const normals = () => Float64Array.from({ length: size }, () => random.normal());
  const process = new LanczosProcess(checked.product, normals());
  const wanted = Math.max(largest, smallest);
  let order: number[] = [];
  let ritz = { values: new Float64Array(0), vectors: new Float64Array(0) };
  for (let m = 1; ; m++) {
    const b = process.step();
    const over = m >= size || m >= maxProducts;
    const scale = Math.max(...process.alpha.map(Math.abs), ...process.beta.slice(0, -1));
    const exhausted = b <= 16 * size * Number.EPSILON * scale;
    if (!over && !exhausted && (m < wanted || m % 5 !== 0)) continue;
    if (exhausted && !over && process.restart(normals())) continue;
    ritz = process.ritz() as typeof ritz;
    const { values, vectors } = ritz;
    order = Array.from(values.keys()).sort((p, q) => values[p] - values[q]);
    const most = Math.max(Math.abs(values[order[0]]), Math.abs(values[order[m - 1]]));
    const settled = (j: number) => b * Math.abs(vectors[(m - 1) * m + j]) <= 0.5 * tol * most;
    const done = order.slice(0, smallest).every(settled) && order.slice(Math.max(0, m - largest)).every(settled);
    if (over || exhausted || (done && m >= wanted)) break;
  }
  const m = order.length;
  const image = new Float64Array(size);
  const pair = (j: number): RitzPair => {
    const vector = new Float64Array(size);
    for (let i = 0; i < m; i++) {
      const [u, w] = [process.vector(i), ritz.vectors[i * m + j]];
      for (let k = 0; k < size; k++) vector[k] += w * u[k];
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let k = 0; k < size; k++) vector[k] /= length;
    checked.product(vector, image);
    // The Rayleigh quotient of the computed vector, the value with the smallest residual.
    const value = dot(vector, image);
    let square = 0;
    for (let k = 0; k < size; k++) square += (image[k] - value * vector[k]) ** 2;
    return { value, residual: Math.sqrt(square), vector };
  };
  const found = {
    largest: order
      .slice(Math.max(0, m - largest))
      .reverse()
      .map(pair),
    smallest: order.slice(0, smallest).map(pair),
  };
  const all = [...found.largest, ...found.smallest];
  const most = Math.max(0, ...Array.from(ritz.values, Math.abs));
  const complete = found.largest.length === largest && found.smallest.length === smallest;
  return {
    ...found,
    products: checked.count,
    converged: complete && all.every(({ residual }) => residual <= tol * most),
  };
}
