import { fail, wholeNumber } from '@southwell/numerics/core';

/** out ← Av for a symmetric A, such as the Hessian of a loss at its parameters; must not retain the arrays. */
export type SymmetricProduct = (v: Float64Array, out: Float64Array) => void;

/** Writes the gradient at x to `out`; a returned value is ignored. */
export type GradientFunction = (x: Float64Array, out: Float64Array) => unknown;

/** A product that checks its results and counts calls. */
export interface CheckedProduct {
  readonly product: SymmetricProduct;
  readonly count: number;
}

/** @throws INVALID_PARAMETER for an invalid size; its product NON_FINITE, with the index. */
export function checkedProduct(product: SymmetricProduct, size: number): CheckedProduct {
  wholeNumber('size', size, 1);
  const checked = {
    count: 0,
    product: (v: Float64Array, out: Float64Array): void => {
      product(v, out);
      checked.count++;
      for (let k = 0; k < size; k++) {
        if (!Number.isFinite(out[k])) {
          fail(
            'NON_FINITE',
            `Product ${checked.count} returned ${out[k]} at index ${k}: check the point where it is taken.`,
          );
        }
      }
    },
  };
  return checked;
}

/**
 * Products with the Hessian at x by central differences of gradients, two for each: for functions without exact
 * products. Errors are about `step`² times the third derivative and 1e-16/`step` times the gradient.
 *
 * @param step the norm of the displacement of x, relative to 1 + ‖x‖. Default 1e-5.
 * @throws INVALID_PARAMETER.
 */
export function differencedHessian(gradient: GradientFunction, x: Float64Array, step = 1e-5): SymmetricProduct {
  if (!(step > 0 && Number.isFinite(step))) fail('INVALID_PARAMETER', `step must be above 0, but is ${step}.`);
  const moved = new Float64Array(x.length);
  const below = new Float64Array(x.length);
  const scale = step * (1 + Math.sqrt(dot(x, x)));
  return (v, out) => {
    const length = Math.sqrt(dot(v, v));
    if (length === 0) {
      out.fill(0);
      return;
    }
    const h = scale / length;
    for (let k = 0; k < x.length; k++) moved[k] = x[k] - h * v[k];
    gradient(moved, below);
    for (let k = 0; k < x.length; k++) moved[k] = x[k] + h * v[k];
    gradient(moved, out);
    for (let k = 0; k < x.length; k++) out[k] = (out[k] - below[k]) / (2 * h);
  };
}

/** Σ a[k]·b[k]. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** The mean of values, and its standard error; NaN for a single value. */
export function meanOf(values: ArrayLike<number>): { readonly mean: number; readonly error: number } {
  const n = values.length;
  let mean = 0;
  for (let k = 0; k < n; k++) mean += values[k] / n;
  let square = 0;
  for (let k = 0; k < n; k++) square += (values[k] - mean) ** 2;
  return { mean, error: n > 1 ? Math.sqrt(square / (n - 1) / n) : Number.NaN };
}
