import type { GraphOptions } from '@southwell/autodiff/nn';

/** A name that no value of the graph has. */
export function fresh({ nodes, inputs, parameters, state, constants }: GraphOptions, wanted: string): string {
  const taken = new Set([
    ...nodes.flatMap(({ outputs }) => outputs),
    ...inputs.map(({ name }) => name),
    ...[parameters, state, constants].flatMap(Object.keys),
  ]);
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}
