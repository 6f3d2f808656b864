import { fail } from '@southwell/numerics/core';
import { isObject, type Json, listAt, numberAt, objectAt, textAt } from './json.ts';

// The graph of a model.json: nodes of TensorFlow's operators, as its converter writes them.

/** An output of a node. */
export interface TfValue {
  readonly name: string;
  readonly output: number;
}

/** A node of TensorFlow's graph. Attributes are as in the file; {@link attr} reads them. */
export interface TfNode {
  readonly name: string;
  readonly op: string;
  /** Without control inputs. */
  readonly inputs: readonly TfValue[];
  readonly attributes: Readonly<Record<string, Json>>;
}

/** A graph of TensorFlow's operators. */
export interface TfGraph {
  readonly nodes: readonly TfNode[];
  readonly outputs: readonly TfValue[];
}

/** The name of a value: of the first output, that of the node; empty for an input that is missing. */
export const nameOf = (value: TfValue | undefined): string =>
  !value ? '' : value.output === 0 ? value.name : `${value.name}:${value.output}`;

export function parsedValue(text: string): TfValue {
  const at = text.lastIndexOf(':');
  const output = at < 0 ? 0 : Number(text.slice(at + 1));
  return Number.isInteger(output) && at !== 0
    ? { name: at < 0 ? text : text.slice(0, at), output }
    : { name: text, output: 0 };
}

export const placeOfTf = ({ name, op }: TfNode): string => `node '${name}' (${op})`;

/** Element types by their numbers in TensorFlow, for those of ONNX. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ 1: 'f32', 2: 'f32', 3: 'i64', 4: 'i64', 5: 'i64', 6: 'i64', 7: 'string', 9: 'i64', 10: 'bool', 19: 'f32' },
  ...{ DT_FLOAT: 'f32', DT_DOUBLE: 'f32', DT_HALF: 'f32', DT_INT32: 'i64', DT_INT64: 'i64', DT_UINT8: 'i64' },
  ...{ DT_INT8: 'i64', DT_INT16: 'i64', DT_BOOL: 'bool', DT_STRING: 'string' },
};
export const typeOf = (value: Json): string | undefined =>
  Object.hasOwn(TYPES, String(value)) ? TYPES[String(value)] : undefined;

/** Bytes are texts in base 64, or lists of numbers in older files. */
function decoded(value: Json, where: string): string {
  if (Array.isArray(value)) return String.fromCharCode(...value.map((v) => numberAt(v, where)));
  return atob(textAt(value, where));
}

/** Attributes of a node, with what counts where one is left out. */
export const attr = {
  flag: (node: TfNode, name: string): boolean => {
    const value = node.attributes[name];
    return isObject(value) && value.b === true;
  },
  int: (node: TfNode, name: string, fallback = 0): number => {
    const value = node.attributes[name];
    return isObject(value) && value.i !== undefined ? numberAt(value.i, `${placeOfTf(node)}, ${name}`) : fallback;
  },
  real: (node: TfNode, name: string, fallback: number): number => {
    const value = node.attributes[name];
    return isObject(value) && value.f !== undefined ? numberAt(value.f, `${placeOfTf(node)}, ${name}`) : fallback;
  },
  text: (node: TfNode, name: string, fallback: string): string => {
    const value = node.attributes[name];
    return isObject(value) && value.s !== undefined ? decoded(value.s, `${placeOfTf(node)}, ${name}`) : fallback;
  },
  /** An element type, by ONNX's name. */
  type: (node: TfNode, name: string): string | undefined => {
    const value = node.attributes[name];
    return isObject(value) ? typeOf(value.type) : undefined;
  },
  ints: (node: TfNode, name: string): number[] => {
    const value = node.attributes[name];
    const list = isObject(value) && isObject(value.list) ? value.list.i : undefined;
    return list === undefined ? [] : listAt(list, name).map((v) => numberAt(v, `${placeOfTf(node)}, ${name}`));
  },
  texts: (node: TfNode, name: string): string[] => {
    const value = node.attributes[name];
    const list = isObject(value) && isObject(value.list) ? value.list.s : undefined;
    return list === undefined ? [] : listAt(list, name).map((v) => decoded(v, `${placeOfTf(node)}, ${name}`));
  },
  /** A shape; null for axes that are not known, and for a shape of which nothing is known. */
  shape: (node: TfNode, name: string): Array<number | null> | null => {
    const value = node.attributes[name];
    return isObject(value) ? shapeOf(value.shape) : null;
  },
};

/** A shape of TensorFlow. */
export function shapeOf(shape: Json): Array<number | null> | null {
  if (!isObject(shape) || shape.unknownRank === true) return null;
  return listAt(shape.dim ?? [], 'a shape').map((d) => {
    const n = numberAt(objectAt(d, 'an axis of a shape').size ?? -1, 'an axis of a shape');
    return n < 0 ? null : n;
  });
}

function nodeOf(value: Json, i: number): TfNode {
  const n = objectAt(value, `node ${i}`);
  const name = textAt(n.name, `node ${i}, its name`);
  const inputs = listAt(n.input ?? [], `the inputs of '${name}'`).map((v) => textAt(v, `the inputs of '${name}'`));
  return {
    name,
    op: textAt(n.op, `the operator of '${name}'`),
    inputs: inputs.filter((text) => !text.startsWith('^')).map(parsedValue),
    attributes: objectAt(n.attr ?? {}, `the attributes of '${name}'`),
  };
}

/** Outputs: those of the signature, or else the nodes that no other takes. */
function outputsOf(nodes: readonly TfNode[], signature: Json): TfValue[] {
  if (isObject(signature) && isObject(signature.outputs) && Object.keys(signature.outputs).length > 0)
    return Object.entries(signature.outputs).map(([key, value]) =>
      parsedValue(textAt(objectAt(value, `the output '${key}'`).name ?? key, `the output '${key}'`)),
    );
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  return nodes
    .filter(({ name, op }) => !taken.has(name) && !['Const', 'Placeholder', 'NoOp', 'Assert'].includes(op))
    .map(({ name }) => ({ name, output: 0 }));
}

/**
 * The graph of a model.
 * @throws INVALID_FORMAT if its parts are not there.
 */
export function graphOfModel(model: Json): TfGraph {
  const { modelTopology, signature, userDefinedMetadata: more } = objectAt(model, 'the file');
  const topology = objectAt(modelTopology, 'modelTopology');
  const nodes = listAt(topology.node, 'modelTopology.node').map(nodeOf);
  const declared = signature ?? (isObject(more) ? more.signature : undefined);
  const outputs = outputsOf(nodes, declared);
  if (outputs.length === 0) fail('INVALID_FORMAT', 'model.json: the graph has no outputs.');
  return { nodes, outputs };
}

/** Nodes that outputs depend on, each after those whose outputs it takes, as far as there are no cycles. */
export function neededNodes({ nodes, outputs }: TfGraph): TfNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const [done, out] = [new Set<TfNode>(), [] as TfNode[]];
  for (const output of outputs) {
    const first = byName.get(output.name);
    const path: Array<{ readonly node: TfNode; next: number }> = first ? [{ node: first, next: 0 }] : [];
    const open = new Set<TfNode>();
    while (path.length > 0) {
      const top = path[path.length - 1];
      open.add(top.node);
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        if (!done.has(top.node)) out.push(top.node);
        done.add(top.node);
        path.pop();
        continue;
      }
      const before = byName.get(input.name);
      if (before && !done.has(before) && !open.has(before)) path.push({ node: before, next: 0 });
    }
  }
  return out;
}
