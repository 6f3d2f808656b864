import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Factors, factorsToDense } from './armor/factors.ts';
import { type CodedWeights, fromCodes, fromScaledRows, type ScaledRows } from './quantise.ts';

/** Weights of a layer in fewer bytes, as plain data. */
export type CompressedWeights =
  /** Some are 0. */
  | {
      readonly kind: 'pruned';
      readonly rows: number;
      readonly columns: number;
      /** Column after column. */
      readonly values: Float64Array;
      /** 1 where a weight stays, likewise. */
      readonly mask: Uint8Array;
      /** If every group of consecutive inputs keeps the same number. */
      readonly group?: { readonly keep: number; readonly of: number };
    }
  /** Whole numbers of eight bits with a scale for each row. */
  | { readonly kind: 'scaled'; readonly scaled: ScaledRows }
  /** Places in codebooks. */
  | { readonly kind: 'coded'; readonly codes: CodedWeights }
  /** Block-diagonal times sparse in groups times block-diagonal. */
  | { readonly kind: 'factored'; readonly factors: Factors };

/** The weights as a matrix. O(size); of factors O(size·blockSize). */
export function compressedToDense(weights: CompressedWeights): DenseMatrix {
  switch (weights.kind) {
    case 'pruned':
      return DenseMatrix.fromColumnMajor(weights.values, weights.rows, weights.columns);
    case 'scaled':
      return fromScaledRows(weights.scaled);
    case 'coded':
      return fromCodes(weights.codes);
    case 'factored':
      return factorsToDense(weights.factors);
  }
}
