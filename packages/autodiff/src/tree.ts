import { fail } from '@southwell/numerics/core';
import { Tensor } from './tensor.ts';

/**
 * Tensors in lists and plain objects, nested as one likes: parameters of a model, for example. Functions of this room take interfaces of
 * that form, too, and leave other values as they are.
 */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** How a tree is built around its leaves: for the key of a cache, and to build another one like it. */
export interface Structure {
  /** The same for trees that are built alike; other values than tensors are a part of it. */
  readonly key: string;
  readonly build: (leaves: readonly unknown[]) => unknown;
}

let objects = 0;
const names = new WeakMap<object, number>();
/** A name for what is compared by identity. */
function nameOf(value: object): string {
  let name = names.get(value);
  if (name === undefined) {
    name = ++objects;
    names.set(value, name);
  }
  return `#${name}`;
}

/** The tensors of a tree in the order of its entries, and what is around them. Other values (numbers, text) stay as they are. */
export function flatten(value: unknown, leaves: Tensor[]): Structure {
  if (value instanceof Tensor) {
    const at = leaves.length;
    leaves.push(value);
    return { key: '*', build: (all) => all[at] };
  }
  if (Array.isArray(value)) {
    const parts = value.map((entry) => flatten(entry, leaves));
    return { key: `[${parts.map((p) => p.key).join(',')}]`, build: (all) => parts.map((p) => p.build(all)) };
  }
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    const parts = Object.entries(value).map(([name, entry]) => [name, flatten(entry, leaves)] as const);
    return {
      key: `{${parts.map(([name, p]) => `${JSON.stringify(name)}:${p.key}`).join(',')}}`,
      build: (all) => Object.fromEntries(parts.map(([name, p]) => [name, p.build(all)])),
    };
  }
  const key =
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? nameOf(value)
      : `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`;
  return { key, build: () => value };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree, in the order of its entries. */
export function leavesOf(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  flatten(tree, leaves);
  return leaves;
}

/**
 * A tree like the first with what `f` makes of the leaves of all, which are built alike.
 * @throws INVALID_SHAPE where they are not.
 */
export function mapTree<T>(f: (...leaves: Tensor[]) => Tensor, tree: T, ...others: readonly T[]): T {
  const leaves: Tensor[] = [];
  const structure = flatten(tree, leaves);
  const rest = others.map((other) => {
    const found: Tensor[] = [];
    if (flatten(other, found).key !== structure.key) {
      fail(
        'INVALID_SHAPE',
        'mapTree takes trees that are built alike: the same names and lengths, tensors in the same places.',
      );
    }
    return found;
  });
  return structure.build(leaves.map((leaf, i) => f(leaf, ...rest.map((found) => found[i])))) as T;
}
