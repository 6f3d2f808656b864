import { fail } from '@southwell/numerics/core';
import { atLine } from './line.ts';
import { fromEnd, type Shape, show } from './shapes.ts';
import type { DType, Tensor } from './tensor.ts';

// Checks of what users pass in place of tensors, axes, shapes and functions: called before anything is read of it, so
// that the error names the function and its argument.

/** @throws INVALID_PARAMETER, with the calling line. */
export function refuse(name: string, why: string): never {
  return fail('INVALID_PARAMETER', `${name}${atLine()}: ${why}`);
}

/** A value in words, for messages. */
export function described(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'undefined') return String(value);
  if (isTensor(value)) return `a tensor of ${show(value.shape)}`;
  if (Array.isArray(value)) return 'a list';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether a value is a tensor, also one that another copy of this package made. */
export const isTensor = (x: unknown): x is Tensor => (x as Tensor | undefined | null)?.storage !== undefined;

/** @throws INVALID_PARAMETER, saying that `which` is not a tensor. */
export function notTensor(name: string, which: string, value: unknown): never {
  const hint =
    value === undefined ? 'does a tree of parameters lack its name?' : 'tensor(…) converts numbers and lists.';
  return refuse(name, `${which} is ${described(value)}, not a tensor; ${hint}`);
}

type Named = Readonly<Record<string, unknown>>;

/**
 * Checks arguments that must be tensors, and those that may also be absent.
 * @throws INVALID_PARAMETER if one is something else.
 */
export function needTensors(name: string, required: Named, optional: Named = {}): void {
  for (const key in required) if (!isTensor(required[key])) notTensor(name, key, required[key]);
  for (const key in optional) {
    const value = optional[key];
    if (value !== undefined && value !== null && !isTensor(value)) notTensor(name, key, value);
  }
}

/** @throws INVALID_PARAMETER unless all are functions. */
export function needFunctions(name: string, given: Named): void {
  for (const key in given)
    if (typeof given[key] !== 'function') refuse(name, `${key} is ${described(given[key])}, not a function.`);
}

/** @throws INVALID_PARAMETER unless all are lists. */
export function needLists(name: string, given: Named): void {
  for (const key in given)
    if (!Array.isArray(given[key])) refuse(name, `${key} is ${described(given[key])}, not a list.`);
}

/**
 * The place of an axis of x, counted from the end.
 * @throws INVALID_PARAMETER if x is not a tensor or has no such axis.
 */
export function needAxis(name: string, x: Tensor, axis: number): number {
  needTensors(name, { x });
  const at = typeof axis === 'number' ? fromEnd(axis, x.rank) : undefined;
  if (at !== undefined) return at;
  const given = typeof axis === 'number' ? `axis ${axis}` : `axis ${described(axis)}; axes are whole numbers`;
  return refuse(name, `a tensor of ${show(x.shape)} has no ${given}.`);
}

/** @throws INVALID_PARAMETER unless `shape` is a list of whole numbers of at least `least`. */
export function needShape(name: string, shape: Shape, least = 0): void {
  if (!Array.isArray(shape))
    refuse(name, `a shape is a list of whole numbers, such as [2, 3], not ${described(shape)}.`);
  const bad = shape.find((n) => !Number.isSafeInteger(n) || n < least);
  if (bad !== undefined || shape.includes(undefined as never))
    refuse(name, `a shape has whole numbers of at least ${least}, not ${described(bad)}.`);
}

/**
 * A number for rows and one for columns, which may be given as one.
 * @throws INVALID_PARAMETER for anything else than one or two numbers.
 */
export function pairGiven(
  name: string,
  what: string,
  given: number | readonly [number, number],
): readonly [rows: number, columns: number] {
  if (typeof given === 'number') return [given, given];
  if (!Array.isArray(given) || given.length !== 2 || !given.every((n) => typeof n === 'number'))
    refuse(name, `${what} must be a number, or two for rows and columns, not ${described(given)}.`);
  return given;
}

/** @throws INVALID_PARAMETER unless `dtype` is one of `kinds`. */
export function needDtype(name: string, dtype: DType, kinds: readonly DType[] = ['f32', 'f64', 'i32']): void {
  if (kinds.includes(dtype)) return;
  const given = typeof dtype === 'string' ? `'${dtype}'` : described(dtype);
  refuse(name, `dtype must be ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}, not ${given}.`);
}
