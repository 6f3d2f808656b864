export { Cosine } from './cosine.ts';
export { dct2Rows, dctMatrix } from './dct.ts';
export { Fourier } from './fourier.ts';
export { RealFourier } from './realFourier.ts';
