import * as ad from '../../index.ts';
import type { GraphNode, GraphOptions } from './description.ts';
import { takenBy } from './order.ts';

// Nodes that are computed together, because it takes fewer passes over large arrays.

/** Name under which a convolution with the batch norm after it is computed. It is not an operator of ONNX, and graphs do not hold it. */
export const CONVOLUTION_NORM = 'Conv+BatchNormalization';

/** How many nodes and outputs take each value. */
function readers(g: GraphOptions): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of [...g.nodes.flatMap(takenBy), ...g.outputs.map((o) => o.name)])
    found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

function fused(g: GraphOptions): readonly GraphNode[] {
  const count = readers(g);
  const given = new Set([g.parameters, g.state, g.constants].flatMap(Object.keys));
  const convolutions = new Map<string, GraphNode>();
  const out = new Map<GraphNode, GraphNode | undefined>();
  for (const node of g.nodes) {
    const [x, ...rest] = node.inputs;
    if (node.op === 'Conv' && count.get(node.outputs[0]) === 1) convolutions.set(node.outputs[0], node);
    const before = node.op === 'BatchNormalization' && node.outputs.length === 1 ? convolutions.get(x) : undefined;
    if (!before || !rest.every((name) => given.has(name)) || node.attributes.training_mode) continue;
    const [image, weight, bias = ''] = before.inputs;
    out.set(before, undefined);
    const attributes = { ...before.attributes, epsilon: node.attributes.epsilon ?? { float: 1e-5 } };
    out.set(node, { ...node, op: CONVOLUTION_NORM, inputs: [image, weight, bias, ...rest], attributes });
  }
  return g.nodes.flatMap((node) => (out.has(node) ? (out.get(node) ?? []) : [node]));
}

const known = new WeakMap<GraphOptions, readonly GraphNode[]>();

/** The nodes of a graph with those together that are computed together. */
export function fusedNodes(g: GraphOptions): readonly GraphNode[] {
  const before = known.get(g);
  if (before) return before;
  const made = fused(g);
  known.set(g, made);
  return made;
}

/** Filters [out, …] and a bias for a convolution that includes a batch norm after it. */
export function withNorm(
  filters: ad.Tensor,
  bias: ad.Tensor | undefined,
  [gamma, beta, mean, variance]: readonly ad.Tensor[],
  epsilon: number,
): readonly [filters: ad.Tensor, bias: ad.Tensor] {
  const scale = ad.div(gamma, ad.sqrt(ad.add(variance, epsilon)));
  const wide = ad.reshape(scale, [-1, ...filters.shape.slice(1).map(() => 1)]);
  const centre = bias ? ad.sub(mean, bias) : mean;
  return [ad.mul(filters, wide), ad.sub(beta, ad.mul(centre, scale))];
}
