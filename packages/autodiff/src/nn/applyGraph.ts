import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import * as ad from '../index.ts';
import { needObject } from './given.ts';
import type { Layer, State, WeightTree } from './layer.ts';
import { tensorOf } from './model.ts';
import type { GraphOptions } from './operators/description.ts';
import { runGraph } from './operators/run.ts';
import { flattenParameters, listed } from './parameters.ts';
import { resolve } from './registry.ts';
import { checkParameters } from './weights.ts';

/** Options of {@link applyGraph}. */
export interface ApplyGraphOptions {
  /** Tensors other than parameters, as `read` returns them; required for networks that have some. */
  readonly state?: State;
  /** Names of the values to return, of any node. Default: the outputs. */
  readonly values?: readonly string[];
}
const keys: OptionKeys<ApplyGraphOptions> = { state: true, values: true };

/**
 * Applies a graph to all its inputs by name, and returns its outputs, or the values that are asked for, by name; integers and booleans are i32.
 * @throws INVALID_PARAMETER for another kind of layer, missing inputs or state and unknown values; INVALID_SHAPE if shapes do not match; NOT_SUPPORTED for
 * operators that are not supported.
 */
export const applyGraph = ad.withLine(
  (
    layer: Layer,
    parameters: WeightTree,
    inputs: Readonly<Record<string, ad.Tensor>>,
    options: ApplyGraphOptions = {},
  ): Readonly<Record<string, ad.Tensor>> => {
    knownKeys('applyGraph', options, keys);
    needObject('applyGraph', 'an object of inputs', inputs);
    const { kind, options: own } = resolve(layer, '');
    if (kind.kind !== 'graph')
      fail('INVALID_PARAMETER', `applyGraph takes a graph, not ${kind.kind}: apply applies it.`);
    const g = own as GraphOptions;
    const names = g.inputs.map(({ name }) => name);
    for (const name of Object.keys(inputs))
      if (!names.includes(name))
        fail('INVALID_PARAMETER', `The graph has no input '${name}'; it has ${listed(names)}.`);
    const flat = flattenParameters(parameters);
    checkParameters(layer, flat);
    const { state = {} } = options;
    const tensors = {
      param: (name: string) => tensorOf(flat, name, Object.values(inputs)[0]),
      state: (name: string) =>
        state[name] ?? fail('INVALID_PARAMETER', `The graph needs the state '${name}': pass that which read returned.`),
      input: (name: string) => inputs[name],
    };
    const { values: wanted } = options;
    if (wanted !== undefined && !Array.isArray(wanted))
      fail('INVALID_PARAMETER', 'applyGraph: values must be a list of names.');
    const outputs = wanted ?? g.outputs.map(({ name }) => name);
    const made = runGraph(g, tensors, outputs);
    return Object.fromEntries(outputs.map((name, i) => [name, made[i]]));
  },
);
