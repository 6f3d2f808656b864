export type { Compressor } from './compressors/index.ts';
export * from './variational/index.ts';
