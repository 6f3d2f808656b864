import type { DType, Shape, Tensor } from '../index.ts';

/**
 * A layer or a whole model: a description, plain data that JSON keeps as it is. Made by `linear`, `sequential` and their like, which check
 * options and fill in defaults; `init` makes its parameters, `apply` computes.
 */
export interface Layer {
  /** The name of its kind: `linear`. */
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** Whether a value looks like a layer: an object with a kind. */
export const isLayer = (value: unknown): value is Layer =>
  typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string';

/** Parameters of a model by their names: `blocks.0.attention.query.weight`. A tree of tensors, so functions of autodiff take it. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** What a model keeps beside its parameters and no gradient changes, by names too: the running statistics of batch norms. */
export type State = Readonly<Record<string, Tensor>>;

/** What a model keeps of a sequence between calls of `step`: hidden states, keys and values, and the position. By names. */
export type Memory = Readonly<Record<string, Tensor>>;

/** Data types of parameters. */
export type Precision = Exclude<DType, 'i32'>;

/** Initial values of a parameter from a random key. */
export type Initialiser = (key: Tensor, shape: Shape, dtype: Precision) => Tensor;

/** A tensor that a layer owns. */
export interface Declared {
  readonly shape: Shape;
  readonly init: Initialiser;
}

/** Sizes that the memory of a sequence depends on. */
export interface Extent {
  /** Sequences side by side. */
  readonly batch: number;
  /** The most positions that it can hold. */
  readonly capacity: number;
}

/** What a layer sees while it computes. Names are relative to the layer. */
export interface Context {
  /** Where the layer stands in the model, with its kind: for messages. */
  readonly where: string;
  readonly train: boolean;
  /** What positions may see one another, where the caller says so. */
  readonly mask: Tensor | undefined;
  /** The sequence that attention to another one attends to, where the caller gives one. */
  readonly source: Tensor | undefined;
  /** What of it counts. */
  readonly sourceMask: Tensor | undefined;
  /** The position of the first entry of the sequence; undefined where it is 0 and nothing is kept. */
  readonly position: Tensor | undefined;
  param(name: string): Tensor;
  /** A parameter of another layer, by its full name. */
  shared(name: string): Tensor;
  state(name: string): Tensor;
  setState(name: string, value: Tensor): void;
  /** What was kept of the sequence; undefined where nothing is. */
  memory(name: string): Tensor | undefined;
  setMemory(name: string, value: Tensor): void;
  /** Random numbers of this layer's own. */
  key(): Tensor;
  /** The names of the layers that it is made of. */
  readonly children: readonly string[];
  /** What one of these makes of x. */
  child(name: string, x: Tensor): Tensor;
  /** An error that names the layer and the shape that it was given. */
  misfit(x: Tensor, why: string): never;
}
