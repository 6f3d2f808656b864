import { fail } from '@southwell/numerics/core';
import { needFunctions } from './given.ts';
import { atLine } from './line.ts';
import { Tensor } from './tensor.ts';

/**
 * A pytree: tensors in arbitrarily nested lists and plain objects, such as the parameters of a model. Functions of this package also accept interfaces of
 * that form, and pass other values through.
 */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** Structure of a tree without its leaves: a cache key, and a template to rebuild it. */
export interface Structure {
  /** Equal for trees of the same structure, including values other than tensors. */
  readonly key: string;
  readonly build: (leaves: readonly unknown[]) => unknown;
}

let objects = 0;
const names = new WeakMap<object, number>();
/** A unique name for an object that is compared by identity. */
function nameOf(value: object): string {
  let name = names.get(value);
  if (name === undefined) {
    name = ++objects;
    names.set(value, name);
  }
  return `#${name}`;
}

/** Flattens a tree into its tensors and its structure. Other values (numbers, strings) belong to the structure. */
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

/** The leaves of a tree, in the order of its entries. */
export function leavesOf(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  flatten(tree, leaves);
  return leaves;
}

/**
 * Maps `f` over the corresponding leaves of trees with the same structure.
 * @throws INVALID_SHAPE if they are not.
 */
export function mapTree<T>(f: (...leaves: Tensor[]) => Tensor, tree: T, ...others: readonly T[]): T {
  needFunctions('mapTree', { f });
  const leaves: Tensor[] = [];
  const structure = flatten(tree, leaves);
  const rest = others.map((other) => {
    const found: Tensor[] = [];
    if (flatten(other, found).key !== structure.key) {
      fail(
        'INVALID_SHAPE',
        `mapTree${atLine()} takes trees of the same structure: equal names and lengths, with tensors in the same positions.`,
      );
    }
    return found;
  });
  return structure.build(leaves.map((leaf, i) => f(leaf, ...rest.map((found) => found[i])))) as T;
}

/** The names of the leaves of a tree, such as `carry.h` or `carry[1]`. */
export function namesOf(tree: unknown, root: string): string[] {
  if (tree instanceof Tensor) return [root];
  if (Array.isArray(tree)) return tree.flatMap((entry, i) => namesOf(entry, `${root}[${i}]`));
  if (typeof tree !== 'object' || tree === null || !isPlain(tree)) return [];
  return Object.entries(tree).flatMap(([name, entry]) => namesOf(entry, `${root}.${name}`));
}
