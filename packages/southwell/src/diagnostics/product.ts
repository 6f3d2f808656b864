import { fail, wholeNumber } from '@southwell/numerics/core';

/** out ← Av for a symmetric A, such as the Hessian of a loss at its parameters; keeps neither. */
export type SymmetricProduct = (v: Float64Array, out: Float64Array) => void;

/** Writes the gradient at x to `out`; what it returns, a value perhaps, is not looked at. */
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
            `Product ${checked.count} gave ${out[k]} at place ${k + 1}: look at the point it is taken at.`,
          );
        }
      }
    },
  };
  return checked;
}

/**
 * Products with the Hessian at x as central differences of gradients, two for each: where there is nothing better. Errors
 * are near `step`² times the third derivative and 1e-16/`step` of the gradient.
 *
 * @param step the length of what x is moved by, relative to 1 + ‖x‖. Default 1e-5.
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

/** The mean of some values, and its standard error; NaN of one value alone. */
export function meanOf(values: ArrayLike<number>): { readonly mean: number; readonly error: number } {
  const n = values.length;
  let mean = 0;
  for (let k = 0; k < n; k++) mean += values[k] / n;
  let square = 0;
  for (let k = 0; k < n; k++) square += (values[k] - mean) ** 2;
  return { mean, error: n > 1 ? Math.sqrt(square / (n - 1) / n) : Number.NaN };
}
