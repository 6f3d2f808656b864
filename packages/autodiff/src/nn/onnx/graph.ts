import type { Shape, Tensor } from '../../index.ts';

/** What flows through a graph of ONNX: its name, and its shape, in which −1 is a batch of any length. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** Attributes of a node, of the kinds that ONNX has for them. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** What a layer is given to write its nodes with. Names are relative to the layer. */
export interface Exporter {
  readonly where: string;
  /** A parameter or constant of these numbers, as they are or as a function makes them. */
  param(name: string, change?: (x: Tensor) => Tensor): Value;
  shared(name: string, change?: (x: Tensor) => Tensor): Value;
  state(name: string): Value;
  constant(x: Tensor): Value;
  /** One number of the kind of the parameters. */
  number(value: number): Value;
  /** Whole numbers, 64 bits each, as shapes and axes are. */
  integers(values: readonly number[]): Value;
  /** The other sequence that goes in, where there is one. */
  readonly source: Value | undefined;
  /** Adds a node whose one result has this shape. */
  node(op: string, inputs: readonly Value[], shape: Shape, attributes?: Readonly<Record<string, Attribute>>): Value;
  /** The names of the layers that it is made of. */
  readonly children: readonly string[];
  child(name: string, x: Value): Value;
  refuse(why: string): never;
}
