import { Arena } from '@southwell/kernels';
import { networkKernels } from '@southwell/kernels/networks';

/** Whether all values are finite. O(length), by a kernel where they are in the memory of kernels. */
export function areFinite(values: Float32Array | Float64Array): boolean {
  const arena = Arena.holding(values);
  if (!arena) return values.every(Number.isFinite);
  const kernels = arena.use(networkKernels);
  const { length, byteOffset } = values;
  return (values instanceof Float32Array ? kernels.snotFinite : kernels.notFinite)(length, byteOffset) === 0;
}
