import type { Shape } from '@southwell/autodiff';
import {
  type GraphConstant,
  type GraphNode,
  type GraphOptions,
  graph,
  type Layer,
  type Weights,
} from '@southwell/autodiff/nn';
import { fresh } from './fresh.ts';

/**
 * A network of which some weights have the outputs first: nodes turn them to the inputs first, as the others of a graph take them. Layers of
 * other kinds have the outputs first themselves.
 */
export function outputsFirst(layer: Layer, weights: Weights, turned: ReadonlySet<string>): [Layer, Weights] {
  if (turned.size === 0) return [layer, weights];
  const { kind: _, ...g } = layer as unknown as GraphOptions & Layer;
  const nodes: GraphNode[] = [];
  const [parameters, constants]: [Record<string, Shape>, Record<string, GraphConstant>] = [{}, { ...g.constants }];
  const own: Record<string, Weights[string]> = {};
  for (const [name, shape] of Object.entries(g.parameters)) {
    if (!turned.has(name)) {
      parameters[name] = shape;
      own[name] = weights[name];
      continue;
    }
    const stored = fresh(g, `${name}_packed`);
    own[stored] = weights[name];
    parameters[stored] = weights[name].shape;
    const matrix = shape.length === 2 ? name : fresh(g, `${name}_turned`);
    const node = { name: '', attributes: {} };
    nodes.push({ ...node, op: 'Transpose', inputs: [stored], outputs: [matrix], attributes: { perm: [1, 0] } });
    if (matrix === name) continue;
    const size = fresh(g, `${name}_shape`);
    constants[size] = { type: 'i64', shape: [shape.length], values: [...shape] };
    nodes.push({ ...node, op: 'Reshape', inputs: [matrix, size], outputs: [name] });
  }
  return [graph({ ...g, parameters, constants, nodes: [...nodes, ...g.nodes] }), own];
}
