import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  integerOption,
  type OptionsOf,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { checkedProduct, dot, meanOf, type SymmetricProduct } from './product.ts';

const traceRecords = {
  /** Number of products. Default 60. */
  products: integerOption({ min: 2 }),
  /** Default 'hutchinson'. */
  method: choiceOption({ hutchinson: 'Hutchinson', 'hutch++': 'Hutch++' }),
  /** Default 0. */
  seed: seedOption(),
};

export interface TraceOptions extends OptionsOf<typeof traceRecords> {}

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
  checkOptions('hessianTrace', traceRecords, options);
  const { products = 60, method = 'hutchinson', seed = 0 } = options;
  const checked = checkedProduct(product, size);
  const random = new Random(seed);
  const signs = () => Float64Array.from({ length: size }, () => (random.bits() < 0 ? -1 : 1));
  const image = new Float64Array(size);
  if (method === 'hutchinson') {
    const values = Float64Array.from({ length: products }, () => {
      const z = signs();
      checked.product(z, image);
      return dot(z, image);
    });
    const { mean, error } = meanOf(values);
    return { trace: mean, error, products: checked.count };
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
