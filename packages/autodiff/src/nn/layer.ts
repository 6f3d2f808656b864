import type { DType, PackedTensor, Shape, Tensor } from '../index.ts';

/**
 * A layer or model: a declarative description that JSON round-trips. Constructed by `linear`, `sequential` and so on, which validate
 * options and fill in defaults; `init` makes its parameters, `apply` computes.
 */
export interface Layer {
  /** Name of the layer type, such as `linear`. */
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** Whether a value looks like a layer: an object with a kind. */
export const isLayer = (value: unknown): value is Layer =>
  typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string';

/** Parameters of a model by name: `blocks.0.attention.query.weight`. A tree of tensors, as autodiff functions take. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Parameters of a model that runs: packed matrices may take the place of tensors. */
export type Weights = Readonly<Record<string, Tensor | PackedTensor>>;

/** Weights in nested lists and objects. */
export type WeightTree = Tensor | PackedTensor | readonly WeightTree[] | { readonly [name: string]: WeightTree };

/** Non-trainable state by name: the running statistics of batch norms. */
export type State = Readonly<Record<string, Tensor>>;

/** State of a sequence between calls of `step`, by name: hidden states, cached keys and values, and the position. */
export type Memory = Readonly<Record<string, Tensor>>;

/** Data types of parameters as they are initialised and trained. */
export type Precision = 'f32' | 'f64';

/** Data types of weights that are read: those of two bytes are widened by each product, and take half the memory. */
export type WeightDType = Exclude<DType, 'i32'>;

/** Initial values of a parameter from a random key. */
export type Initialiser = (key: Tensor, shape: Shape, dtype: Precision) => Tensor;

/** A tensor that a layer owns. */
export interface Declared {
  readonly shape: Shape;
  readonly init: Initialiser;
}

/** Sizes of a sequence memory. */
export interface Extent {
  /** Batch size. */
  readonly batch: number;
  /** Maximum number of positions. */
  readonly capacity: number;
}

/** Context of a layer's forward pass. Names are relative to the layer. */
export interface Context {
  /** Path and type of the layer, for error messages. */
  readonly where: string;
  readonly train: boolean;
  /** Attention mask, if given. */
  readonly mask: Tensor | undefined;
  /** Source sequence of cross-attention, if given. */
  readonly source: Tensor | undefined;
  /** Mask of the source. */
  readonly sourceMask: Tensor | undefined;
  /** Position of the first entry of the sequence; undefined without a memory. */
  readonly position: Tensor | undefined;
  param(name: string): Tensor;
  /** A parameter of another layer, by its full name. */
  shared(name: string): Tensor;
  state(name: string): Tensor;
  setState(name: string, value: Tensor): void;
  /** Memory of the sequence; undefined without one. */
  memory(name: string): Tensor | undefined;
  setMemory(name: string, value: Tensor): void;
  /** This layer's random key. */
  key(): Tensor;
  /** Names of its sublayers. */
  readonly children: readonly string[];
  /** Applies one of these to x. */
  child(name: string, x: Tensor): Tensor;
  /** Throws an error that names the layer and its input's shape. */
  misfit(x: Tensor, why: string): never;
}
