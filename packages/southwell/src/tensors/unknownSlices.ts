import type { SparseTensor } from './sparseTensor.ts';
import { type Stack, stackOf, type Tensor } from './tensor.ts';

/** For each mode, indices without known values. */
export function unknownSlices(tensor: Tensor | SparseTensor): number[][] {
  const { shape } = tensor;
  if (tensor.kind === 'sparse' && !tensor.missing) return shape.map(() => []);
  const seen = shape.map((n) => new Uint8Array(n));
  if (tensor.kind === 'sparse') {
    tensor.indices.forEach((of, k) => {
      for (const i of of) seen[k][i] = 1;
    });
  } else {
    seen.forEach((of, mode) => {
      const stack = stackOf(shape, mode);
      for (let i = 0; i < of.length; i++) of[i] = knownIn(tensor.data, stack, i) ? 1 : 0;
    });
  }
  return seen.map((of) => [...of.keys()].filter((i) => of[i] === 0));
}

/** Whether a slice has a known value: ends at the first. */
function knownIn(data: Float64Array, { before, size, after }: Stack, i: number): boolean {
  for (let l = 0; l < before; l++) {
    const from = (l * size + i) * after;
    for (let e = from; e < from + after; e++) if (!Number.isNaN(data[e])) return true;
  }
  return false;
}
