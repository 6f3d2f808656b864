export type { Compressor } from './compressor.ts';
export { identity } from './dense.ts';
export type { Precision } from './message.ts';
export { type RandKOptions, randK, type TopKOptions, topK } from './sparse.ts';
