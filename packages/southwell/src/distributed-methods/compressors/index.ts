export type { Compressor } from './compressor.ts';
