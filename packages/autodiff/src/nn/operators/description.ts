import { fail } from '@southwell/numerics/core';
import type { Shape } from '../../index.ts';
import type { Class, NodeAttribute, PlainNumber } from './call.ts';

/** A node of a graph: an operator of ONNX. */
export interface GraphNode {
  /** Name for messages; may be empty. */
  readonly name: string;
  readonly op: string;
  /** Names of values; empty for an optional one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, NodeAttribute>>;
}

/** An input or output of a graph. */
export interface GraphValue {
  readonly name: string;
  /** Element type in the file, such as `f32`, `i64` or `bool`. */
  readonly type: string;
  /** Lengths of the axes; a name or null for those that are known only at run time. Null: not even their number is known. */
  readonly shape: ReadonlyArray<number | string | null> | null;
}

/** Numbers that are part of a graph, such as shapes and axes. */
export interface GraphConstant {
  readonly type: string;
  readonly shape: Shape;
  readonly values: readonly PlainNumber[];
}

/** A network as a graph of operators, in an order in which they can be computed. Plain data. */
export interface GraphOptions {
  /** Version of ONNX's operators. */
  readonly opset: number;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  /** Shapes of the trainable tensors by name. */
  readonly parameters: Readonly<Record<string, Shape>>;
  /** Shapes of other tensors by name: running statistics, masks. */
  readonly state: Readonly<Record<string, Shape>>;
  /** Element types of the state that is integers: quantised weights. */
  readonly types?: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, GraphConstant>>;
}

/** What the numbers of an element type are. */
export function classOf(type: string): Class {
  if (type === 'bool') return 'bool';
  return /^[iu]\d/.test(type) ? 'int' : 'float';
}

/** A node for messages: `node 'conv1' (Conv)`. */
export const placeOfNode = ({ name, op, outputs }: Pick<GraphNode, 'name' | 'op' | 'outputs'>): string =>
  `node '${name || outputs[0] || ''}' (${op})`;

/**
 * Nodes in an order in which each comes after those whose outputs it takes; the given order where it is one already.
 * @throws INVALID_FORMAT for cycles, for an input that nothing gives, and for a value that is given twice.
 */
export function ordered<N extends Pick<GraphNode, 'name' | 'op' | 'inputs' | 'outputs'>>(
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
    const path: Array<{ readonly node: N; next: number }> = done.has(start) ? [] : [{ node: start, next: 0 }];
    const open = new Set<N>([start]);
    while (path.length > 0) {
      const top = path[path.length - 1];
      const name = top.node.inputs[top.next++];
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
      path.push({ node: before, next: 0 });
    }
  }
  return out;
}
