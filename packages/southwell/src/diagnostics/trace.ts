import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { checkedProduct, dot, meanOf, type SymmetricProduct } from './product.ts';

export interface TraceOptions {
  /** Number of products. Default 60. */
  readonly products?: number;
  /** Default 'hutchinson'. */
  readonly method?: 'hutchinson' | 'hutch++';
  /** Default 0. */
  readonly seed?: number;
}
const traceKeys: OptionKeys<TraceOptions> = { products: true, method: true, seed: true };

export interface TraceEstimate {
  readonly trace: number;
  /** Standard error of the estimate: ±2 standard errors are a 95 % confidence interval. */
  readonly error: number;
  readonly products: number;
}

/**
 * Stochastic trace estimate of a symmetric operator with Rademacher vectors z: E zᵀAz (Hutchinson 1989), or with
 * `hutch++` a third of the products for a subspace in which the trace is exact, a third in it, and a third for the
 * remainder (Meyer, Musco, Musco & Woodruff, SOSA 2021), which is better if eigenvalues decay, as those of Hessians do.
 * The error is that of the random part. With products for the whole space the trace is exact.
 *
 * O(products · (product + products · size)).
 * @throws NON_FINITE if a product is not finite; INVALID_PARAMETER.
 */
export function hessianTrace(product: SymmetricProduct, size: number, options: TraceOptions = {}): TraceEstimate {
  knownKeys('hessianTrace', options, traceKeys);
  const { products = 60, method = 'hutchinson', seed = 0 } = options;
  const checked = checkedProduct(product, size);
  const random = new Random(seed);
  const signs = () => Float64Array.from({ length: size }, () => (random.bits() < 0 ? -1 : 1));
  const image = new Float64Array(size);
  if (method === 'hutchinson') {
    wholeNumber('products', products, 2);
    const values = Float64Array.from({ length: products }, () => {
      const z = signs();
      checked.product(z, image);
      return dot(z, image);
    });
    const { mean, error } = meanOf(values);
    return { trace: mean, error, products: checked.count };
  }
  if (method !== 'hutch++') {
    fail('INVALID_PARAMETER', `method must be 'hutchinson' or 'hutch++', but is '${String(method)}'.`);
  }
  wholeNumber('products', products, 6);
  const third = Math.min(size, Math.floor(products / 3));
  const sketch = DenseMatrix.create(size, third);
  for (let j = 0; j < third; j++) {
    const out = new Float64Array(size);
    checked.product(signs(), out);
    sketch.column(j).set(out);
  }
  const factor = qr(sketch);
  const Q = factor.thinQ();
  const basis = Array.from({ length: third }, (_, j) => Q.column(j).slice());
  for (const used of [sketch, factor, Q]) used.free();
  let inside = 0;
  for (const q of basis) {
    checked.product(q, image);
    inside += dot(q, image);
  }
  if (third === size) return { trace: inside, error: 0, products: checked.count };
  const values = Float64Array.from({ length: products - 2 * third }, () => {
    const g = signs();
    for (const q of basis) {
      const s = dot(g, q);
      for (let k = 0; k < size; k++) g[k] -= s * q[k];
    }
    checked.product(g, image);
    return dot(g, image);
  });
  const { mean, error } = meanOf(values);
  return { trace: inside + mean, error, products: checked.count };
}
