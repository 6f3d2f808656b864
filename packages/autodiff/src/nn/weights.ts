import { fail } from '@southwell/numerics/core';
import type { Shape } from '../index.ts';
import type { Declared, Layer } from './layer.ts';
import { listed } from './parameters.ts';
import { joined, placeOf, walk } from './registry.ts';

const show = (shape: Shape): string => `[${shape.join(', ')}]`;

/** Declared parameters or state of a model by name. */
export function declaredOf(
  layer: Layer,
  what: 'parameters' | 'state',
): ReadonlyMap<string, Declared & { readonly where: string }> {
  const out = new Map<string, Declared & { readonly where: string }>();
  walk(layer, ({ kind, options }, path) => {
    for (const [name, declared] of Object.entries(kind[what]?.(options) ?? {}))
      out.set(joined(path, name), { ...declared, where: placeOf(path, kind.kind) });
  });
  return out;
}

/**
 * Checks tensors against the declarations of an architecture: the message names the first mismatch with its shape, and counts missing and
 * unexpected tensors.
 * @throws INVALID_SHAPE if they differ.
 */
export function checkFit(
  what: string,
  declared: ReadonlyMap<string, { readonly shape: Shape; readonly where: string }>,
  found: Readonly<Record<string, { readonly shape: Shape }>>,
): void {
  const missing = [...declared.keys()].filter((name) => !Object.hasOwn(found, name));
  const unexpected = Object.keys(found).filter((name) => !declared.has(name));
  const wrong = [...declared].find(([name, { shape }]) => {
    const given = found[name]?.shape;
    return given && (given.length !== shape.length || given.some((n, d) => n !== shape[d]));
  });
  if (!wrong && missing.length + unexpected.length === 0) return;
  const parts = [
    ...(wrong
      ? [`${wrong[0]} is ${show(found[wrong[0]].shape)}, but ${wrong[1].where} needs ${show(wrong[1].shape)}`]
      : []),
    ...(missing.length > 0 ? [`${missing.length} missing: ${listed(missing)}`] : []),
    ...(unexpected.length > 0 ? [`${unexpected.length} unexpected: ${listed(unexpected)}`] : []),
  ];
  fail('INVALID_SHAPE', `The ${what} do not match the architecture: ${parts.join('; ')}.`);
}

const checkedTrees = new WeakMap<object, Layer>();

/** {@link checkFit}, cached for each pair of model and parameters. */
export function checkParameters(layer: Layer, parameters: Readonly<Record<string, { readonly shape: Shape }>>): void {
  if (checkedTrees.get(parameters) === layer) return;
  checkFit('parameters', declaredOf(layer, 'parameters'), parameters);
  checkedTrees.set(parameters, layer);
}
