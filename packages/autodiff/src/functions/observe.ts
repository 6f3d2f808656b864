import { needFunctions } from '../given.ts';
import { watch } from '../op.ts';
import type { Tensor, TensorRecord } from '../tensor.ts';

/** An operation that was computed, with the values that it read and produced. */
export interface Operation {
  readonly name: string;
  /** Options of the operation, such as the axes of a sum. */
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Tensor[];
  /** Views of an input have its `storage`; other results have their own. */
  readonly outputs: readonly Tensor[];
}

/**
 * Calls f, and `seen` after each operation on tensors within it, views included. Compiled functions are computed operation
 * by operation, loops and branches as they go. For tools that need to know what a network does: inputs of its layers, how
 * axes depend on each other.
 * @throws as f and `seen`; INVALID_PARAMETER unless both are functions.
 */
export function observe<R>(f: () => R, seen: (operation: Operation) => void): R {
  needFunctions('observe', { f, seen });
  const before = watch({
    lines: false,
    seen: ({ op, attrs, inputs, outputs }: TensorRecord) =>
      seen({ name: op.name, attrs: attrs as Operation['attrs'], inputs, outputs }),
  });
  try {
    return f();
  } finally {
    watch(before);
  }
}
