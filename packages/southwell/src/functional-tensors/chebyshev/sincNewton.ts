import { checkOptions, fail, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const sincRecords = {
  /** Lower end, above 0, of the interval of z on which 1/z is approximated. */
  zMin: numberOption({ min: 0, open: true }),
  /** Upper end. */
  zMax: numberOption({ min: 0, open: true, finite: true }),
  /** Relative error on the interval. Default 1e-6. */
  tol: numberOption({ min: 1e-14, below: 1 }),
  /** Step of the quadrature. Default: the first of 2, 2·0.95, 2·0.95², … that achieves `tol`. */
  step: numberOption({ min: 0, open: true, finite: true }),
};

export interface SincNewtonOptions extends OptionsNeeding<typeof sincRecords, 'zMin' | 'zMax'> {}

/** 1/z ≈ Σ_k weights[k]·exp(−rates[k]²·z²), the smoothest first. */
export interface SincSum {
  readonly weights: Float64Array;
  /** Ascending from 0; the width of a Gaussian is the inverse of its rate. */
  readonly rates: Float64Array;
  readonly step: number;
  /** Maximum relative error at 400 points from zMin to zMax. */
  readonly error: number;
}

const PLACES = 400;
const MOST_TERMS = 2000;

/**
 * Newton's kernel 1/z as a sum of Gaussians on [zMin, zMax], which makes 1/‖x − y‖ a sum of products of univariate
 * functions: the trapezoidal rule for (2/√π)∫exp(−z²t²)dt with t = sinh u (Hackbusch and Khoromskij 2006). Terms of
 * small rate are the smooth long-range part of the kernel, those of large rate its short-range part (Benner,
 * Khoromskaia and Khoromskij 2018). The error is measured, not only estimated. O(log(1/tol)·log(1/(tol·zMin))) terms.
 *
 * @example const { weights, rates } = sincNewton({ zMin: 1e-3, zMax: 3.5, tol: 1e-6 });
 * @throws INVALID_PARAMETER; NUMERICAL if no sum of 2000 terms achieves `tol`.
 */
export function sincNewton(options: SincNewtonOptions): SincSum {
  checkOptions('sincNewton', sincRecords, options);
  const { zMin, zMax, tol = 1e-6, step } = options;
  if (!(zMax > zMin)) fail('INVALID_PARAMETER', `zMax must be above zMin, but they are ${zMax} and ${zMin}.`);
  if (step !== undefined) {
    return (
      sumOf(step, zMin, zMax, tol) ?? fail('NUMERICAL', `With a step of ${step} the sum has more than 2000 terms.`)
    );
  }
  for (let h = 2; ; h *= 0.95) {
    const sum = sumOf(h, zMin, zMax, tol);
    if (!sum)
      fail(
        'NUMERICAL',
        `No sum of ${MOST_TERMS} terms approximates 1/z on [${zMin}, ${zMax}] to ${tol}: use a larger tol.`,
      );
    if (sum.error <= tol) return sum;
  }
}

function sumOf(step: number, zMin: number, zMax: number, tol: number): SincSum | undefined {
  const weights: number[] = [];
  const rates: number[] = [];
  // The tail of the integral beyond t is erfc(z·t): truncated terms are below a hundredth of the tolerance.
  const enough = Math.sqrt(-elementary.log(tol / 100)) / zMin;
  for (let k = 0; k === 0 || rates[k - 1] < enough; k++) {
    if (k === MOST_TERMS) return undefined;
    const grown = elementary.exp(k * step);
    rates.push((grown - 1 / grown) / 2);
    weights.push(((k === 0 ? 0.5 : 1) * step * (grown + 1 / grown)) / Math.sqrt(Math.PI));
  }
  let error = 0;
  const ratio = elementary.log(zMax / zMin);
  for (let i = 0; i < PLACES; i++) {
    const z = zMin * elementary.exp((ratio * i) / (PLACES - 1));
    let sum = 0;
    for (let k = 0; k < rates.length; k++) sum += weights[k] * elementary.exp(-((rates[k] * z) ** 2));
    error = Math.max(error, Math.abs(z * sum - 1));
  }
  return { weights: Float64Array.from(weights), rates: Float64Array.from(rates), step, error };
}
