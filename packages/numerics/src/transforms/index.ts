export { Cosine } from './cosine.ts';
export { Fourier } from './fourier.ts';
