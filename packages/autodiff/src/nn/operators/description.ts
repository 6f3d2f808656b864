import type { Shape } from '../../index.ts';
import type { Attribute } from '../onnx/graph.ts';

/** What a value's numbers are. Integers and booleans are computed as doubles, which hold those of shapes and indices exactly. */
export type Class = 'float' | 'int' | 'bool';

/** Element types by their number in the format. */
export const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  ...{ 0: 'undeclared', 1: 'f32', 2: 'u8', 3: 'i8', 4: 'u16', 5: 'i16', 6: 'i32', 7: 'i64', 8: 'string', 9: 'bool' },
  ...{ 10: 'f16', 11: 'f64', 12: 'u32', 13: 'u64', 14: 'complex64', 15: 'complex128', 16: 'bf16' },
  ...{ 21: 'u4', 22: 'i4' },
};

/** A number as JSON holds it: infinities and NaN are texts. */
export type PlainNumber = number | 'Infinity' | '-Infinity' | 'NaN';

/** An attribute of a node of a graph; `numbers` is a small tensor. */
export type NodeAttribute =
  | Attribute
  | { readonly numbers: readonly PlainNumber[]; readonly class: Class }
  | { readonly graph: GraphBody };

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

/** A branch or the body of a loop, as attribute of a node. It also takes values of the graphs around it, and no two values of all these have the same name. */
export interface GraphBody {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
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
