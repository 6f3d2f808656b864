import { fail } from '@southwell/numerics/core';
import type { OnnxAttribute, OnnxNode } from '../onnx/parse.ts';
import { attr, nameOf, placeOfTf, type TfNode } from './nodes.ts';
import type { Weights } from './weights.ts';

/** The end of an axis, as ONNX's Slice has it. */
export const END = 2 ** 31 - 1;

/** Attributes of a node as numbers, texts and lists. */
export type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Collects the nodes of ONNX that stand for those of TensorFlow. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  private readonly made = new Map<string, OnnxNode>();
  private readonly constants = new Map<string, string>();
  private readonly ranks = new Map<string, number | undefined>();
  private count = 0;

  constructor(
    readonly weights: Weights,
    private readonly byName: ReadonlyMap<string, TfNode>,
  ) {}

  /** Adds a node with one output and returns its name. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, name?: string): string {
    const out = name ?? this.fresh(op);
    this.add({ name: out, op, inputs, outputs: [out], attributes });
    return out;
  }

  private add(node: OnnxNode): void {
    this.nodes.push(node);
    for (const out of node.outputs) this.made.set(out, node);
  }

  /** Gives a value that was made from the node `from` on another name; false if it was made before. */
  rename(from: number, value: string, name: string): boolean {
    const at = this.nodes.findIndex(({ op, outputs }, i) => i >= from && op !== 'Constant' && outputs.includes(value));
    if (at < 0) return false;
    const node = this.nodes[at];
    const outputs = node.outputs.map((out) => (out === value ? name : out));
    this.nodes[at] = { ...node, name: node.outputs[0] === value ? name : node.name, outputs };
    this.made.set(name, this.nodes[at]);
    return true;
  }

  /** A value with its axes in another order; without a node where that undoes the node that made it. */
  transposed(x: string, perm: readonly number[]): string {
    const before = this.made.get(x);
    const order = before?.op === 'Transpose' ? before.attributes.perm : undefined;
    if (Array.isArray(order) && perm.every((d, i) => order[d] === i)) return before!.inputs[0];
    return this.node('Transpose', [x], { perm });
  }

  /** Adds a node with several outputs. */
  several(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}): void {
    this.add({ name: outputs[0], op, inputs, outputs, attributes });
  }

  fresh(what: string): string {
    return `southwell/${what.toLowerCase()}${this.count++}`;
  }

  private constant(key: string, attributes: Attributes): string {
    const before = this.constants.get(key);
    if (before !== undefined) return before;
    const name = this.node('Constant', [], attributes, this.fresh('constant'));
    this.constants.set(key, name);
    return name;
  }

  /** A list of integers. */
  integers(values: readonly number[]): string {
    return this.constant(`integers ${values}`, { value_ints: values });
  }

  integer(value: number): string {
    return this.constant(`integer ${value}`, { value_int: value });
  }

  /** A floating-point number. */
  real(value: number): string {
    return this.constant(`real ${value}`, { value_float: { float: value } });
  }

  /** The node that gives a value, without those that only pass it on. */
  private origin(name: string): TfNode | undefined {
    let node = this.byName.get(name);
    // No longer than the graph: it may have a cycle, which is told later.
    for (let steps = 0; node && PASSING.has(node.op) && node.inputs.length > 0; steps++)
      node = steps > this.byName.size ? undefined : this.byName.get(node.inputs[0].name);
    return node;
  }

  /** The numbers of a constant; undefined for what is only known when the network runs. */
  known(name: string): number[] | undefined {
    const node = this.origin(name);
    return node?.op === 'Const' && this.weights.get(node.name)
      ? Array.from(this.weights.numbers(node.name))
      : undefined;
  }

  /**
   * Input i of a node, a constant.
   * @throws NOT_SUPPORTED if it is only known when the network runs.
   */
  numbers(node: TfNode, i: number, what: string): number[] {
    const input = node.inputs[i];
    return (
      (input && this.known(nameOf(input))) ??
      fail('NOT_SUPPORTED', `${placeOfTf(node)}: its ${what} is computed, which is not supported.`)
    );
  }

  /** The number of axes of a value, where it can be seen from the graph. */
  rank(name: string): number | undefined {
    if (this.ranks.has(name)) return this.ranks.get(name);
    // Until it is found: in a cycle it never is.
    this.ranks.set(name, undefined);
    const node = this.origin(name);
    const rank = node && this.rankOf(node);
    this.ranks.set(name, rank);
    return rank;
  }

  private rankOf(node: TfNode): number | undefined {
    const inputs = node.inputs.map(nameOf);
    if (node.op === 'Const') return this.weights.get(node.name)?.shape.length;
    if (node.op === 'Placeholder') return attr.shape(node, 'shape')?.length;
    if (MATRICES.has(node.op)) return 2;
    if (IMAGES.has(node.op)) return 4;
    if (node.op === 'Transpose') return this.known(inputs[1])?.length;
    if (node.op === 'ExpandDims') return plus(this.rank(inputs[0]), 1);
    if (node.op === 'Reshape') return this.length(inputs[1]);
    if (node.op.startsWith('BatchMatMul')) return this.rank(inputs[0]) ?? this.rank(inputs[1]);
    if (ELEMENTWISE.has(node.op)) {
      const ranks = inputs.map((input) => this.rank(input));
      return ranks.every((r) => r !== undefined) ? Math.max(...(ranks as number[])) : undefined;
    }
    return undefined;
  }

  /** The number of numbers in a shape. */
  private length(name: string): number | undefined {
    const node = this.origin(name);
    if (node?.op === 'Const') return this.weights.get(node.name)?.shape[0];
    if (node?.op === 'Pack') return node.inputs.length;
    if (node?.op === 'Shape') return this.rank(nameOf(node.inputs[0]));
    return undefined;
  }
}

const plus = (a: number | undefined, b: number): number | undefined => (a === undefined ? undefined : a + b);

/** Operators that pass their first input on. */
export const PASSING: ReadonlySet<string> = new Set([
  ...['Identity', 'StopGradient', 'PreventGradient', 'Snapshot', 'CheckNumerics', 'PlaceholderWithDefault'],
]);
const MATRICES: ReadonlySet<string> = new Set(['MatMul', '_FusedMatMul']);
const IMAGES: ReadonlySet<string> = new Set([
  ...['Conv2D', '_FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative', 'MaxPool', 'AvgPool'],
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3', 'ResizeBilinear', 'ResizeNearestNeighbor'],
]);
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Add', 'AddV2', 'BiasAdd', 'Sub', 'Mul', 'RealDiv', 'Div', 'Maximum', 'Minimum', 'Relu', 'Relu6', 'Tanh'],
  ...[
    'Sigmoid',
    'Softmax',
    'Square',
    'Rsqrt',
    'Sqrt',
    'Exp',
    'Erf',
    'Neg',
    'Cast',
    'Elu',
    'LeakyRelu',
    'SquaredDifference',
  ],
]);
