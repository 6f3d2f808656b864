export { acos, asin, atan, atan2, tan } from './circular.ts';
export * as elementary from './elementary.ts';
export { acosh, asinh, atanh, cbrt, cosh, expm1, hypot, log1p, log2, log10, pow, sinh, tanh } from './exponential.ts';
export { digamma, logGamma, polygamma } from './gamma.ts';
export { type MedianInterval, medianInterval } from './medianInterval.ts';
export { erf, erfc, logNormalCdf, normalCdf, normalQuantile } from './normal.ts';
export { incompleteBeta, studentCdf, studentQuantile } from './student.ts';
