import { fail, SouthwellError } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import type { Precision } from '../layer.ts';
import { type Body, Call, type Held, type Val } from './call.ts';
import {
  classOf,
  type GraphBody,
  type GraphConstant,
  type GraphNode,
  type GraphOptions,
  placeOfNode,
} from './description.ts';
import { CONVOLUTION_NORM, fusedNodes } from './fuse.ts';
import { convolutionNorm } from './images.ts';
import { operatorOf } from './index.ts';
import { isOfMemory } from './memory.ts';
import { takenBy, withInner } from './order.ts';

/** A constant as a value. */
export function constantVal({ type, shape, values }: GraphConstant, real: Precision): Val {
  const kind = classOf(type);
  const dtype = kind === 'float' ? real : 'f64';
  return { class: kind, t: ad.tensor(Float64Array.from(values, Number), { shape, dtype }), type };
}

/** The value of a name. */
type Scope = (name: string) => Held | undefined;

/**
 * Computes one node. Its bodies take values of the scope around it.
 * @throws NOT_SUPPORTED for an operator that is not supported; as its operator, with the node.
 */
export function runNode(
  node: GraphNode,
  opset: number,
  real: Precision,
  inputs: ReadonlyArray<Held | undefined>,
  around: Scope = () => undefined,
): ReadonlyArray<Held | undefined> {
  const where = placeOfNode(node);
  const operator = node.op === CONVOLUTION_NORM ? convolutionNorm : operatorOf(node.op);
  if (!operator)
    fail(
      'NOT_SUPPORTED',
      `The operator ${node.op} is not supported; ${where} needs it, so that the network cannot be run.`,
    );
  try {
    const bodyOf: ConstructorParameters<typeof Call>[7] = (value) =>
      typeof value === 'object' && 'graph' in value ? runnable(value.graph, opset, real, around) : undefined;
    const made = operator(new Call(node.op, where, opset, real, inputs, node.attributes, node.outputs.length, bodyOf));
    return 'class' in made ? [made] : made;
  } catch (error) {
    if (isOfMemory(error))
      fail('NOT_SUPPORTED', `${where}: there is not enough memory for its result. ${error.message}`);
    if (!(error instanceof SouthwellError) || error.message.startsWith(where)) throw error;
    throw new SouthwellError(error.code, `${where}: ${error.message}`);
  }
}

/** Operators that give what they take. */
const SAME: readonly string[] = ['Identity', 'Cast', 'CastLike'];

/** A body that can be run any number of times. */
function runnable({ inputs, outputs, nodes }: GraphBody, opset: number, real: Precision, around: Scope): Body {
  const names = outputs.map(({ name }) => name);
  return {
    ...{ inputs, outputs, size: withInner(nodes).length },
    run: (given) => {
      const values = new Map(inputs.map(({ name }, i) => [name, given[i]] as const));
      runNodes(nodes, values, names, opset, real, around);
      return names.map((name) => values.get(name) ?? around(name)!);
    },
    source: (i) => {
      let name = names[i];
      for (;;) {
        const from = nodes.find((node) => node.outputs.includes(name));
        if (!from) break;
        if (!SAME.includes(from.op)) return undefined;
        [name] = from.inputs;
      }
      const at = inputs.findIndex((input) => input.name === name);
      return at >= 0 ? at : around(name);
    },
  };
}

/** Computes nodes from the values that there are, and adds theirs, of which those that nothing takes any more are dropped. */
function runNodes(
  nodes: readonly GraphNode[],
  values: Map<string, Held>,
  outputs: readonly string[],
  opset: number,
  real: Precision,
  around: Scope,
): void {
  const scope: Scope = (name) => values.get(name) ?? around(name);
  // Values are dropped after their last use, so that the memory of a deep network is not kept.
  const last = new Map<string, GraphNode>();
  for (const node of nodes) for (const name of takenBy(node)) last.set(name, node);
  for (const node of nodes) {
    const missing = takenBy(node).find((name) => name !== '' && !scope(name));
    if (missing !== undefined) fail('INVALID_PARAMETER', `The input '${missing}' of the network is not given.`);
    const inputs = node.inputs.map((name) => (name === '' ? undefined : scope(name)));
    const made = runNode(node, opset, real, inputs, scope);
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      values.set(name, made[i] ?? fail('NOT_SUPPORTED', `${placeOfNode(node)}: its output ${i} is not computed.`));
    });
    for (const name of takenBy(node)) if (last.get(name) === node && !outputs.includes(name)) values.delete(name);
  }
}

/** Nodes that outputs depend on, in their order. */
function needed(g: GraphOptions, outputs: readonly string[]): GraphNode[] {
  const wanted = new Set(outputs);
  const out: GraphNode[] = [];
  // Values within the graph are not there where nodes are computed together.
  const own = outputs.every((name) => g.outputs.some((o) => o.name === name));
  for (const node of [...(own ? fusedNodes(g) : g.nodes)].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const name of takenBy(node)) wanted.add(name);
    out.push(node);
  }
  return out.reverse();
}

/** Where a graph finds its tensors. */
export interface Tensors {
  param(name: string): ad.Tensor;
  state(name: string): ad.Tensor;
  input(name: string): ad.Tensor | undefined;
}

/**
 * The named values of a graph; integers and booleans as i32.
 * @throws NOT_SUPPORTED for operators that are not supported; INVALID_SHAPE if shapes do not fit.
 */
export function runGraph(g: GraphOptions, tensors: Tensors, outputs: readonly string[]): ad.Tensor[] {
  const values = new Map<string, Held>();
  const given = g.inputs.map(({ name }) => tensors.input(name));
  const parameters = Object.keys(g.parameters).map((name) => [name, tensors.param(name)] as const);
  const kinds = [...parameters.map(([, t]) => t), ...given].flatMap((t) => (t && t.dtype !== 'i32' ? [t.dtype] : []));
  const real: Precision = kinds[0] === 'f64' ? 'f64' : 'f32';
  const put = (name: string, v: Val): void => void values.set(name, v);
  for (const [name, t] of parameters) put(name, { class: 'float', t });
  for (const name of Object.keys(g.state)) {
    const t = ad.cast(tensors.state(name), real);
    const type = g.types?.[name];
    // Quantised weights stay in the precision of the others, which holds them exactly: in double they would take twice the memory.
    put(name, type === undefined ? { class: 'float', t } : { class: 'int', t, type });
  }
  for (const [name, constant] of Object.entries(g.constants)) put(name, constantVal(constant, real));
  g.inputs.forEach(({ name, type }, i) => {
    const t = given[i];
    const kind = classOf(type);
    if (t) put(name, { class: kind, t: ad.cast(t, kind === 'float' ? real : 'f64'), type });
  });
  runNodes(needed(g, outputs), values, outputs, g.opset, real, () => undefined);
  return outputs.map((name) => {
    const v = values.get(name) ?? fail('INVALID_PARAMETER', `The network has no value '${name}'.`);
    if (!('t' in v)) return fail('NOT_SUPPORTED', `The value '${name}' of the network is not a tensor.`);
    return v.class === 'float' ? v.t : ad.cast(v.t, 'i32');
  });
}
