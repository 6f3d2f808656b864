import type { SparseTensor } from './sparseTensor.ts';
import type { Tensor } from './tensor.ts';

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
    const { data, strides } = tensor;
    if (!data.some(Number.isNaN)) return shape.map(() => []);
    for (let e = 0; e < data.length; e++) {
      if (Number.isNaN(data[e])) continue;
      for (let k = 0; k < shape.length; k++) seen[k][Math.floor(e / strides[k]) % shape[k]] = 1;
    }
  }
  return seen.map((of) => [...of.keys()].filter((i) => of[i] === 0));
}
