import { fail } from '@southwell/numerics/core';
import { isPacked, type PackedTensor, Tensor, type Tree, unpackTensor, withLine } from '../index.ts';
import { needObject } from './given.ts';
import type { Parameters, Weights, WeightTree } from './layer.ts';

/** A parameter filter: glob patterns, in which * matches one component of a name and ** any number of them, or a predicate. */
export type Which = string | readonly string[] | ((name: string, parameter: Tensor) => boolean);

/** Compiles a glob such as `blocks.*.up.**` to a regular expression. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('.').map((part) => {
    if (part === '**') return '**';
    return part.replace(/[\\^$+?()[\]{}|]/g, '\\$&').replace(/\*/g, '[^.]*');
  });
  const text = parts
    .join('\\.')
    .replace(/\\\.\*\*$/, '(?:\\..+)?')
    .replace(/^\*\*\\\./, '(?:.+\\.)?')
    .replace(/\\\.\*\*\\\./g, '\\.(?:.+\\.)?')
    .replace(/^\*\*$/, '.*');
  return new RegExp(`^${text}$`);
}

function judge(which: Which): (name: string, parameter: Tensor) => boolean {
  if (typeof which === 'function') return which;
  const patterns = typeof which === 'string' ? [which] : which;
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string'))
    fail(
      'INVALID_PARAMETER',
      "Parameters are chosen by a pattern such as 'blocks.*.weight', several of them, or a function.",
    );
  const expressions = patterns.map(expressionOf);
  return (name) => expressions.some((e) => e.test(name));
}

/**
 * Flattens a tree of parameters: `{ blocks: [{ weight }] }` gives `blocks.0.weight`. A flat object is returned as it
 * is, and packed matrices as they are. O(parameters).
 * @throws INVALID_PARAMETER for anything but tensors in nested lists and objects.
 */
export const flattenParameters = withLine((tree: WeightTree): Weights => {
  const isLeaf = (value: unknown): value is Tensor | PackedTensor => value instanceof Tensor || isPacked(value);
  if (
    typeof tree === 'object' &&
    tree !== null &&
    !isLeaf(tree) &&
    !Array.isArray(tree) &&
    Object.values(tree).every(isLeaf)
  )
    return tree as Weights;
  const out: Record<string, Tensor | PackedTensor> = {};
  const visit = (value: unknown, path: string): void => {
    if (isLeaf(value)) {
      if (path === '')
        fail('INVALID_PARAMETER', 'Parameters must be lists or objects of tensors, not a single tensor.');
      out[path] = value;
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, entry] of Object.entries(value)) visit(entry, path === '' ? name : `${path}.${name}`);
    } else {
      fail(
        'INVALID_PARAMETER',
        `${path || 'The parameters'}: ${JSON.stringify(value)} is not a tensor, nor a list or object of tensors.`,
      );
    }
  };
  visit(tree, '');
  return out;
}) as { (tree: Tree): Parameters; (tree: WeightTree): Weights };

/**
 * Inverse of {@link flattenParameters}: `blocks.0.weight` gives `{ blocks: [{ weight }] }`. O(parameters).
 * @throws INVALID_PARAMETER if one name is a prefix of another.
 */
export const parameterTree = withLine((parameters: Parameters): Tree => {
  needObject('parameterTree', 'an object of tensors', parameters);
  const root = new Map<string, unknown>();
  for (const [name, value] of Object.entries(parameters)) {
    const parts = name.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) {
      const next = at.get(part) ?? new Map<string, unknown>();
      if (!(next instanceof Map))
        fail('INVALID_PARAMETER', `The parameter ${name} would be nested in another parameter.`);
      at.set(part, next);
      at = next;
    }
    const last = parts[parts.length - 1];
    if (at.has(last)) fail('INVALID_PARAMETER', `Other parameters would be nested in ${name}.`);
    at.set(last, value);
  }
  const build = (value: unknown): unknown => {
    if (!(value instanceof Map)) return value;
    const keys = [...value.keys()];
    const entries = keys.map((key) => [key, build(value.get(key))] as const);
    const counted = keys.length > 0 && keys.every((key, i) => key === String(i));
    return counted ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
  };
  return build(root) as Tree;
});

/**
 * Partitions parameters into those that match a filter and the rest. To freeze the rest, differentiate with respect to the
 * chosen ones only and pass `{ ...rest, ...chosen }` to `apply`: no gradients are computed for the rest, and no optimiser updates them.
 * @throws INVALID_PARAMETER if a pattern matches nothing.
 */
export const splitParameters = withLine(
  (tree: Tree, which: Which): { readonly chosen: Parameters; readonly rest: Parameters } => {
    const all = flattenParameters(tree);
    const wanted = judge(which);
    const [chosen, rest]: Array<Record<string, Tensor>> = [{}, {}];
    for (const [name, p] of Object.entries(all)) (wanted(name, p) ? chosen : rest)[name] = p;
    if (typeof which !== 'function' && Object.keys(chosen).length === 0 && Object.keys(all).length > 0) {
      fail(
        'INVALID_PARAMETER',
        `No parameter matches ${[which].flat().join(', ')}; there are ${listed(Object.keys(all))}.`,
      );
    }
    return { chosen, rest };
  },
);

/**
 * Splits parameters into named groups, each into the first whose filter matches: for weight decay or learning rates by group. `prepare` takes a tree of
 * groups as one argument and stores it group after group; {@link rangesOf} gives the ranges.
 * @throws INVALID_PARAMETER for parameters that match no group.
 */
export const groupParameters = withLine(
  <K extends string>(tree: Tree, groups: Readonly<Record<K, Which>>): Readonly<Record<K, Parameters>> => {
    needObject('groupParameters', 'an object of patterns', groups);
    const judges = Object.entries<Which>(groups).map(([name, which]) => [name, judge(which)] as const);
    const out = Object.fromEntries(judges.map(([name]) => [name, {} as Record<string, Tensor>]));
    const left: string[] = [];
    for (const [name, p] of Object.entries(flattenParameters(tree))) {
      const group = judges.find(([, wants]) => wants(name, p));
      if (group) out[group[0]][name] = p;
      else left.push(name);
    }
    if (left.length > 0)
      fail('INVALID_PARAMETER', `No group matches ${listed(left)}; add a last group '**' for the rest.`);
    return out as Readonly<Record<K, Parameters>>;
  },
);

/** Half-open ranges [start, end) of groups stored one after the other. */
export const rangesOf = withLine(
  <K extends string>(
    groups: Readonly<Record<K, Tree>>,
  ): Readonly<Record<K, { readonly from: number; readonly to: number }>> => {
    needObject('rangesOf', 'an object of groups of parameters', groups);
    let at = 0;
    const entries = Object.entries<Tree>(groups).map(([name, group]) => {
      const from = at;
      at += countParameters(group);
      return [name, { from, to: at }] as const;
    });
    return Object.fromEntries(entries) as Readonly<Record<K, { readonly from: number; readonly to: number }>>;
  },
);

/** Adds up something of the tensors and packed matrices of a tree. */
function total(tree: unknown, of: (weight: Tensor | PackedTensor) => number): number {
  if (tree instanceof Tensor || isPacked(tree)) return of(tree);
  if (typeof tree !== 'object' || tree === null) return 0;
  return Object.values(tree).reduce<number>((sum, entry) => sum + total(entry, of), 0);
}

/** Total number of scalar parameters; a packed matrix counts as the matrix for which it stands. */
export const countParameters = withLine((tree: WeightTree): number =>
  total(tree, ({ shape }) => shape.reduce((product, n) => product * n, 1)),
);

/** Total size of the parameters in bytes, of packed matrices as they are packed. */
export const parameterBytes = withLine((tree: WeightTree): number =>
  total(tree, (p) =>
    p instanceof Tensor ? p.bytes : Object.values<Tensor>(p.arrays).reduce((n, x) => n + x.bytes, 0),
  ),
);

/**
 * Parameters with tensors in place of packed matrices, for training or export. O(parameters).
 * @throws INVALID_FORMAT for damaged matrices.
 */
export const unpackParameters = withLine((tree: WeightTree): Parameters => {
  const entries = Object.entries(flattenParameters(tree));
  return Object.fromEntries(entries.map(([name, p]) => [name, p instanceof Tensor ? p : unpackTensor(p)]));
});

/** Lists names for a message, at most ten. */
export const listed = (names: readonly string[]): string =>
  names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
