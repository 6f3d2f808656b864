import type { Shape, Tensor } from '../../index.ts';

/** A value of an ONNX graph: name and shape, in which −1 is the dynamic batch. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** Attributes of a node, of the types that ONNX defines. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] };

/** Interface with which a layer emits its nodes. Names are relative to the layer. */
export interface Exporter {
  readonly where: string;
  /** A parameter or constant, optionally transformed by a function. */
  param(name: string, change?: (x: Tensor) => Tensor): Value;
  shared(name: string, change?: (x: Tensor) => Tensor): Value;
  state(name: string): Value;
  constant(x: Tensor): Value;
  /** A scalar of the parameters' dtype. */
  number(value: number): Value;
  /** 64-bit integers, such as shapes and axes. */
  integers(values: readonly number[]): Value;
  /** The source sequence, if there is one. */
  readonly source: Value | undefined;
  /** Adds a node with one output of this shape. */
  node(op: string, inputs: readonly Value[], shape: Shape, attributes?: Readonly<Record<string, Attribute>>): Value;
  /** Names of its sublayers. */
  readonly children: readonly string[];
  child(name: string, x: Value): Value;
  refuse(why: string): never;
}
