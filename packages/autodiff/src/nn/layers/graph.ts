import { fail, SouthwellError } from '@southwell/numerics/core';
import type { Shape } from '../../index.ts';
import { type Field, natural } from '../fields.ts';
import { initialisers } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Declared } from '../layer.ts';
import type { GraphBody, GraphConstant, GraphNode, GraphOptions, GraphValue } from '../operators/description.ts';
import { bodiesOf, capturedBy, ordered } from '../operators/order.ts';
import { runGraph } from '../operators/run.ts';

type Plain = Readonly<Record<string, unknown>>;
const isPlain = (v: unknown): v is Plain => typeof v === 'object' && v !== null && !Array.isArray(v);
const isText = (v: unknown): v is string => typeof v === 'string';
const isShape = (v: unknown): v is Shape => Array.isArray(v) && v.every((n) => Number.isSafeInteger(n) && n >= 0);
const texts = (v: unknown): boolean => Array.isArray(v) && v.every(isText);

function list<T>(what: string, ok: (value: Plain) => boolean): Field<readonly T[]> {
  return {
    check: (value, where) => {
      if (!Array.isArray(value)) fail('INVALID_PARAMETER', `${where} must be a list of ${what}.`);
      const wrong = value.findIndex((entry) => !isPlain(entry) || !ok(entry));
      if (wrong >= 0) fail('INVALID_PARAMETER', `${where}: entry ${wrong} is not one of the ${what} of a graph.`);
      return value as readonly T[];
    },
  };
}
function table<T>(what: string, ok: (value: unknown) => boolean): Field<Readonly<Record<string, T>>> {
  return {
    check: (value, where) => {
      if (!isPlain(value)) fail('INVALID_PARAMETER', `${where} must be an object of ${what} by name.`);
      const wrong = Object.keys(value).find((name) => !ok(value[name]));
      if (wrong !== undefined) fail('INVALID_PARAMETER', `${where}: '${wrong}' is not one of the ${what} of a graph.`);
      return value as Readonly<Record<string, T>>;
    },
  };
}

const isConstant = (v: unknown): boolean =>
  isPlain(v) &&
  isText(v.type) &&
  isShape(v.shape) &&
  Array.isArray(v.values) &&
  v.values.every((x) => typeof x === 'number' || ['Infinity', '-Infinity', 'NaN'].includes(x)) &&
  v.values.length === v.shape.reduce((a, b) => a * b, 1);
const isValue = ({ name, type, shape }: Plain): boolean =>
  isText(name) && isText(type) && (shape === null || Array.isArray(shape));
const values = list<GraphValue>('values', isValue);
const all = (v: unknown, ok: (value: Plain) => boolean): boolean =>
  Array.isArray(v) && v.every((e) => isPlain(e) && ok(e));
const isBody = (v: unknown): boolean =>
  isPlain(v) && all(v.inputs, isValue) && all(v.outputs, isValue) && all(v.nodes, isNode);
const isNode = (n: Plain): boolean =>
  isText(n.name) &&
  isText(n.op) &&
  texts(n.inputs) &&
  texts(n.outputs) &&
  isPlain(n.attributes) &&
  Object.values(n.attributes).every((a) => !isPlain(a) || !('graph' in a) || isBody(a.graph));

/** Whether nodes, and those of their bodies, are in an order in which they can be computed. */
function inOrder(nodes: readonly GraphNode[], known: Iterable<string>, outputs: readonly GraphValue[]): boolean {
  const names = outputs.map(({ name }) => name);
  if (ordered(nodes, known, names).some((node, i) => node !== nodes[i])) return false;
  return nodes.every((node) =>
    bodiesOf(node).every((body) =>
      inOrder(body.nodes, [...body.inputs.map(({ name }) => name), ...capturedBy(body)], (body as GraphBody).outputs),
    ),
  );
}

export const graphKind: LayerKind<GraphOptions> = {
  kind: 'graph',
  options: {
    opset: natural(),
    inputs: values,
    outputs: values,
    nodes: list<GraphNode>('nodes', isNode),
    parameters: table<Shape>('shapes', isShape),
    state: table<Shape>('shapes', isShape),
    types: { ...table<string>('element types', isText), fallback: {} },
    constants: table<GraphConstant>('constants', isConstant),
  },
  check: (o) => {
    const known = [...o.inputs.map(({ name }) => name), ...[o.parameters, o.state, o.constants].flatMap(Object.keys)];
    try {
      if (!inOrder(o.nodes, known, o.outputs)) return 'its nodes are not in an order in which they can be computed.';
    } catch (error) {
      if (error instanceof SouthwellError) return error.message;
      throw error;
    }
    return o.outputs.length === 0 ? 'it has no outputs.' : undefined;
  },
  parameters: (o) => declared(o.parameters),
  state: (o) => declared(o.state),
  apply: (o, c, x) => {
    const [first, second, ...more] = o.inputs;
    if (more.length > 0 || (second && !c.source))
      fail(
        'INVALID_PARAMETER',
        `${c.where} has ${o.inputs.length} inputs (${o.inputs.map(({ name }) => name).join(', ')}): applyGraph takes them by name.`,
      );
    const input = (name: string) => (name === first?.name ? x : name === second?.name ? c.source : undefined);
    return runGraph(o, { param: c.param, state: c.state, input }, [o.outputs[0].name])[0];
  },
};

/** Initial values are not in a description: those of weights are drawn by their shape, as those of `linear`. */
const declared = (shapes: Readonly<Record<string, Shape>>): Readonly<Record<string, Declared>> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, init: initialisers['kaiming-uniform'] }]),
  );

/**
 * A network as a graph of ONNX's operators, as `read` makes it of a file: its parameters are named as there. Applied to its first input, with
 * the `source` as the second, it returns its first output; {@link applyGraph} has all of them by name. Batch norms use their state in training,
 * too, and dropout is left out, as in the exported network.
 * @throws INVALID_PARAMETER for a description that is not a graph: cycles, values that nothing gives.
 */
export const graph = maker(graphKind);
