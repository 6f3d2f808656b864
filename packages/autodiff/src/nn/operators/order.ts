import { fail } from '@southwell/numerics/core';
import { type GraphNode, placeOfNode } from './description.ts';

// What nodes of a graph take, also those of a file, and their order.

/** A node of a graph or of a file. */
export interface NodeLike {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}
/** A branch or the body of a loop. */
export interface BodyLike<N> {
  readonly inputs: ReadonlyArray<{ readonly name: string }>;
  readonly outputs: ReadonlyArray<{ readonly name: string }>;
  readonly nodes: readonly N[];
}

/** The graphs among the attributes of a node. */
export const bodiesOf = <N extends NodeLike>({ attributes }: N): ReadonlyArray<BodyLike<N>> =>
  Object.values(attributes).flatMap((value) =>
    typeof value === 'object' && value !== null && 'graph' in value ? [value.graph as BodyLike<N>] : [],
  );

/** Nodes and those of their bodies. */
export const withInner = <N extends NodeLike>(nodes: readonly N[]): readonly N[] =>
  nodes.flatMap((node) => [node, ...bodiesOf(node).flatMap((body) => withInner(body.nodes))]);

/** Names of the values from around that a body takes. */
export function capturedBy<N extends NodeLike>({ inputs, outputs, nodes }: BodyLike<N>): readonly string[] {
  const own = new Set([...inputs.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs), '']);
  const taken = new Set([...nodes.flatMap(takenBy), ...outputs.map(({ name }) => name)]);
  return [...taken].filter((name) => !own.has(name));
}

const found = new WeakMap<NodeLike, readonly string[]>();

/** Names of all values that a node takes: its inputs, and what its bodies take from around them. */
export function takenBy(node: NodeLike): readonly string[] {
  const before = found.get(node);
  if (before) return before;
  const bodies = bodiesOf(node);
  if (bodies.length === 0) return node.inputs;
  const all = [...node.inputs, ...new Set(bodies.flatMap(capturedBy))];
  found.set(node, all);
  return all;
}

/**
 * Nodes in an order in which each comes after those whose outputs it takes; the given order where it is one already.
 * @throws INVALID_FORMAT for cycles, for an input that nothing gives, and for a value that is given twice.
 */
export function ordered<N extends NodeLike & Pick<GraphNode, 'name' | 'op'>>(
  nodes: readonly N[],
  known: Iterable<string>,
  outputs: readonly string[],
): N[] {
  const from = new Map<string, N | undefined>();
  for (const name of known) from.set(name, undefined);
  for (const node of nodes)
    for (const name of node.outputs) {
      if (name === '') continue;
      if (from.has(name))
        fail('INVALID_FORMAT', `The graph gives the value '${name}' twice, the second time in ${placeOfNode(node)}.`);
      from.set(name, node);
    }
  for (const name of outputs)
    if (!from.has(name)) fail('INVALID_FORMAT', `The output '${name}' of the graph is given by no node.`);
  const done = new Set<N>();
  const out: N[] = [];
  for (const start of nodes) {
    // Depth first, without recursion: graphs may be thousands of nodes deep.
    const path: Array<{ readonly node: N; readonly takes: readonly string[]; next: number }> = [];
    const begin = (node: N): unknown => path.push({ node, takes: takenBy(node), next: 0 });
    if (!done.has(start)) begin(start);
    const open = new Set<N>([start]);
    while (path.length > 0) {
      const top = path[path.length - 1];
      const name = top.takes[top.next++];
      if (name === undefined) {
        done.add(top.node);
        open.delete(top.node);
        out.push(top.node);
        path.pop();
        continue;
      }
      if (name === '') continue;
      if (!from.has(name))
        fail(
          'INVALID_FORMAT',
          `In the graph, ${placeOfNode(top.node)} takes '${name}', which no node, input or initialiser gives.`,
        );
      const before = from.get(name);
      if (!before || done.has(before)) continue;
      if (open.has(before))
        fail(
          'INVALID_FORMAT',
          `The graph has a cycle: ${placeOfNode(top.node)} takes '${name}', which depends on its own result.`,
        );
      open.add(before);
      begin(before);
    }
  }
  return out;
}
