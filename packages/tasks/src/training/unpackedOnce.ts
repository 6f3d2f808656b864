import { isPacked } from '@southwell/autodiff';
import { countParameters, parameterBytes, unpackParameters, type Weights } from '@southwell/autodiff/nn';
import { bytesText } from '../networks/words.ts';

// Products of many rows unpack a packed matrix in each batch. Doing so once is faster, for the memory of the dense weights.

/** The number of rows from which it is done, and what dense weights may take. */
const [ROWS, MOST] = [512, 64e6];

/** The weights with which so many rows are predicted: packed ones, or what they stand for, with a note that says so. */
export function weightsFor<W extends Weights>(
  weights: W,
  rows: number,
): { readonly weights: W | Weights; readonly notes: readonly string[] } {
  const dense = 4 * countParameters(weights);
  if (rows < ROWS || dense > MOST || !Object.values(weights).some(isPacked)) return { weights, notes: [] };
  const more = bytesText(dense - parameterBytes(weights));
  return {
    weights: unpackParameters(weights),
    notes: [`The packed weights were unpacked once for ${rows} rows, which is faster and takes ${more} more memory.`],
  };
}
