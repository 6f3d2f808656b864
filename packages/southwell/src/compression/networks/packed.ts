import {
  type PackedMatrix,
  packBitmap,
  packCodes,
  packGroups,
  packInt8,
  packWrapped,
  type Shape,
} from '@southwell/autodiff';
import type { Factors } from '../armor/factors.ts';
import type { CompressedWeights } from '../compressed.ts';

/** Groups that have a form of their own, for which there are kernels. */
const GROUP = { keep: 2, of: 4 } as const;

/** A matrix that is given column after column, row after row. */
function rowByRow(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i * columns + j] = values[j * rows + i];
  return out;
}

/** The sparse factor, row after row. */
function coreOf({ padded: [rows, columns], keep, of, values, places }: Factors): Float64Array {
  const out = new Float64Array(rows * columns);
  const kept = (columns / of) * keep;
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < kept; k++)
      out[i * columns + Math.floor(k / keep) * of + places[i * kept + k]] = values[i * kept + k];
  return out;
}

/**
 * Compressed weights in the form in which networks run with them. O(size).
 * @throws INVALID_PARAMETER for factors whose groups are not 2 of 4, which have no such form.
 */
export function packWeights(weights: CompressedWeights): PackedMatrix {
  switch (weights.kind) {
    case 'pruned': {
      const { rows, columns, group } = weights;
      const shape: Shape = [rows, columns];
      const values = rowByRow(weights.values, rows, columns);
      return group && group.keep <= GROUP.keep && group.of === GROUP.of
        ? packGroups(values, shape)
        : packBitmap(values, shape);
    }
    case 'scaled': {
      const { rows, columns, values, scales } = weights.scaled;
      return packInt8(values, scales, [rows, columns]);
    }
    case 'coded': {
      const { rows, columns, ...codes } = weights.codes;
      return packCodes(codes, [rows, columns]);
    }
    case 'factored': {
      const { rows, columns, blockSize, A, B } = weights.factors;
      return packWrapped({ block: blockSize, left: A, right: B, core: coreOf(weights.factors) }, [rows, columns]);
    }
  }
}
