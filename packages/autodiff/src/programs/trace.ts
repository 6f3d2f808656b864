import { recordingAll } from '../op.ts';
import { rowMajor } from '../shapes.ts';
import { Storage, Tensor, type Trace } from '../tensor.ts';
import type { TensorFunction } from '../transforms/derive.ts';
import { flatten } from '../tree.ts';
import type { Traced } from './program.ts';

let depth = 0;

/**
 * Calls a function with abstract tensors, which have shapes and dtypes but no values, and records the operations
 * applied to them, or all that it applies.
 */
export function traced(
  what: string,
  f: TensorFunction<readonly unknown[], unknown>,
  args: readonly unknown[],
  shapeOf: (x: Tensor, i: number) => readonly number[] = (x) => x.shape,
  all = false,
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
    const call = () => f(...(structure.build(inputs) as unknown[]));
    const result = all ? recordingAll(trace, call) : call();
    return { trace, records: trace.records, args, inputs, result };
  } finally {
    trace.open = false;
    depth--;
  }
}
