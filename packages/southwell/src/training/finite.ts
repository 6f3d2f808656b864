import { Arena } from '@southwell/kernels';
import { networkKernels } from '@southwell/kernels/networks';

/**
 * Whether the first `count` numbers are finite. O(count), by a kernel where they are in the memory of kernels; elsewhere with four
 * independent sums, since a function call for each would take as long as an epoch.
 */
export function areFinite(values: Float32Array | Float64Array, count = values.length): boolean {
  const arena = Arena.holding(values);
  if (arena) {
    const kernels = arena.use(networkKernels);
    const kernel = values instanceof Float32Array ? kernels.snotFinite : kernels.notFinite;
    return kernel(count, values.byteOffset) === 0;
  }
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = count - (count % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = whole; i < count; i++) a += 0 * values[i];
  return a + b + c + d === 0;
}
