// Block sizes of assembly/common/packing.ts.
const KC = 256;
const MC = 128;
const NC = 1024;
/** Sizes of a tile of C and of a panel of B, four deep, per vector. */
const TILE = 128 + 64 * KC;
const roundUp = (n: number, step: number) => Math.ceil(n / step) * step;

/** Bytes of scratch that gemm and sgemm need for an m×k times k×n product: packed blocks, at most 2.4 MB. */
export function gemmWorkBytes(m: number, n: number, k: number): number {
  return TILE + 8 * Math.min(KC, k) * (roundUp(Math.min(MC, m), 8) + roundUp(Math.min(NC, n), 4));
}

// Block sizes of assembly/gram.ts.
export const GRAM_ROWS = 256;
const GRAM_BLOCK = 256;

/** Bytes of scratch that columnGram needs for m columns: the packed parts, 2 KB per column. */
export function gramWorkBytes(m: number): number {
  return TILE + 8 * GRAM_ROWS * (roundUp(m, 4) + roundUp(Math.min(GRAM_BLOCK, m), 4));
}
