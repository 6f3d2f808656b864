import { fail } from '@southwell/numerics/core';
import { owning, Tensor } from '../tensor.ts';
import { checkPacked, checkPackedSizes, FORMS, needPacked, type Packed, type PackedMatrix, sizesOf } from './matrix.ts';

/** A packed matrix over tensors: takes the place of a tensor among the parameters of a network. */
export type PackedTensor = Packed<Tensor, Tensor>;

/** Whether a value is a packed matrix over tensors. */
export function isPacked(value: unknown): value is PackedTensor {
  const { form, arrays } = (value ?? {}) as { form?: unknown; arrays?: unknown };
  return typeof form === 'string' && typeof arrays === 'object' && arrays !== null;
}

/** The arrays of a packed matrix in the order of its form, without those that are absent. */
export function arraysOf<F, I>(packed: Packed<F, I>): ReadonlyArray<readonly [name: string, array: F | I]> {
  const arrays = packed.arrays as Readonly<Record<string, F | I | undefined>>;
  return FORMS[packed.form].arrays.flatMap(([name]) =>
    arrays[name] === undefined ? [] : [[name, arrays[name]] as const],
  );
}

/**
 * A packed matrix as a parameter of networks, over its arrays, which must not change afterwards.
 * @throws INVALID_FORMAT for damaged matrices; INVALID_PARAMETER for other values.
 */
export function packedTensor(matrix: PackedMatrix): PackedTensor {
  checkPacked('packedTensor', matrix);
  const arrays = arraysOf(matrix).map(([name, a]) => [
    name,
    owning(a, a instanceof Float32Array ? 'f32' : 'i32', [a.length]),
  ]);
  return { ...sizesOf(matrix), arrays: Object.fromEntries(arrays) } as PackedTensor;
}

/**
 * Inverse of {@link packedTensor}.
 * @throws INVALID_FORMAT for damaged matrices; INVALID_PARAMETER for other values; NOT_SUPPORTED in a function that is being compiled.
 */
export function packedMatrix(packed: PackedTensor): PackedMatrix {
  checkTensors('packedMatrix', packed);
  const arrays = arraysOf(packed).map(([name, x]) => [name, x.data()]);
  const matrix = { ...sizesOf(packed), arrays: Object.fromEntries(arrays) } as PackedMatrix;
  checkPacked('packedMatrix', matrix);
  return matrix;
}

/**
 * Checks sizes and dtypes. The values have been checked by those who made them.
 * @throws INVALID_FORMAT for damaged matrices; INVALID_PARAMETER for other values.
 */
export function checkTensors(name: string, packed: PackedTensor): void {
  needPacked(name, packed);
  if (Object.hasOwn(FORMS, packed.form)) {
    const arrays = packed.arrays as Readonly<Record<string, Tensor | undefined>>;
    for (const [key, dtype] of FORMS[packed.form].arrays) {
      const x = arrays[key];
      if (x !== undefined && !(x instanceof Tensor && x.dtype === dtype && x.rank === 1))
        fail(
          'INVALID_FORMAT',
          `${name}: ${key} of a packed matrix must be a tensor of one axis and the dtype ${dtype}.`,
        );
    }
  }
  const lengths = Object.entries(packed.arrays).map(([key, x]) => [key, { length: (x as Tensor)?.size }]);
  checkPackedSizes(name, { ...packed, arrays: Object.fromEntries(lengths) } as never);
}
