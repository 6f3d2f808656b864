export * from './aggregation/index.ts';
export type { Compressor } from './compressors/index.ts';
