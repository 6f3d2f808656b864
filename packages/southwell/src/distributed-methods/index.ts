export type { Compressor } from './compressors/index.ts';
