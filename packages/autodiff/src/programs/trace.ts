import { rowMajor } from '../shapes.ts';
import { Storage, Tensor, type Trace } from '../tensor.ts';
import type { TensorFunction } from '../transforms/derive.ts';
import { flatten } from '../tree.ts';
import type { Traced } from './program.ts';

let depth = 0;

/** Calls a function with tensors that have shapes and kinds but no values, and collects what it does to them. */
export function traced(
  what: string,
  f: TensorFunction<readonly unknown[], unknown>,
  args: readonly unknown[],
  shapeOf: (x: Tensor, i: number) => readonly number[] = (x) => x.shape,
): Traced & { readonly trace: Trace } {
  const trace: Trace = { what, depth: ++depth, open: true, records: [] };
  try {
    const leaves: Tensor[] = [];
    const structure = flatten(args, leaves);
    const inputs = leaves.map((x, i) => {
      const shape = shapeOf(x, i);
      const size = shape.reduce((a, b) => a * b, 1);
      return new Tensor(shape, x.dtype, new Storage(x.dtype, size, undefined, trace), rowMajor(shape), 0);
    });
    const result = f(...(structure.build(inputs) as unknown[]));
    return { trace, records: trace.records, args, inputs, result };
  } finally {
    trace.open = false;
    depth--;
  }
}
