import type { DenseMatrix } from '@southwell/numerics/arrays';

/**
 * Writes a dense matrix (in Fortran order, its own) or a vector as .npy version 1, in little-endian doubles. O(values).
 */
export function writeNpy(data: DenseMatrix | Float64Array): Uint8Array {
  const values = data instanceof Float64Array ? data : data.data;
  const shape = data instanceof Float64Array ? `(${data.length},)` : `(${data.rows}, ${data.cols})`;
  const text = `{'descr': '<f8', 'fortran_order': ${!(data instanceof Float64Array) ? 'True' : 'False'}, 'shape': ${shape}, }`;
  // Magic, version, length and header together fill a multiple of 64 bytes and end with a line feed.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + values.length * 8);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + length);
  return bytes;
}
