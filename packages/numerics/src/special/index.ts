export * as elementary from './elementary.ts';
export { digamma, logGamma } from './gamma.ts';
export { type MedianInterval, medianInterval } from './medianInterval.ts';
export { erf, erfc, logNormalCdf, normalCdf, normalQuantile } from './normal.ts';
export { incompleteBeta, studentCdf, studentQuantile } from './student.ts';
