export { isComplex } from '../given.ts';
export { abs, add, angle, conj, div, mul, neg, reciprocal, square, sub } from './arithmetic.ts';
export { type Complex, complex, fromPairs, type Operand, polar, toPairs } from './complex.ts';
export { cos, cosh, exp, log, pow, sin, sinh, sqrt, tan, tanh } from './elementary.ts';
export { type FourierNorm, type FourierOptions, fft, ifft, irfft, rfft } from './fourier.ts';
export { adjoint, einsum, inverse, matmul, solve } from './linalg.ts';
export {
  broadcastTo,
  concat,
  cumsum,
  expandDims,
  mean,
  pad,
  permute,
  reshape,
  slice,
  squeeze,
  stack,
  sum,
  take,
  transpose,
  where,
} from './parts.ts';
