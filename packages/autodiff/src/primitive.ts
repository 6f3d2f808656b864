import { type Arena, type DenseKernels, denseKernels, type KernelCall, type ThreadPool } from '@southwell/kernels';
import { type NetworkKernels, networkKernels } from '@southwell/kernels/networks';
import type { Shape } from './shapes.ts';
import type { DType, Layout, Tensor } from './tensor.ts';

/** The kernels that operations on tensors are made of. */
export type TensorKernels = DenseKernels & NetworkKernels;
/** A call of one of them. */
export type TensorCall = KernelCall<keyof TensorKernels>;
export const tensorKernels = (arena: Arena): TensorKernels => arena.use(denseKernels, networkKernels);

/** Shape and dtype of an output. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tensor in memory: the byte offset of its first element, and how the others lie. */
export interface Place {
  readonly pointer: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly dtype: DType;
  readonly size: number;
}

/** Memory that an operation is bound to before it runs. */
export interface Binding<A> {
  readonly arena: Arena;
  readonly kernels: TensorKernels;
  /** Threads that may share the operation (see sharing.ts); none where there is one, or where a library has its own. */
  readonly pool: ThreadPool | undefined;
  readonly attrs: A;
  readonly x: readonly Place[];
  readonly y: readonly Place[];
  /** Scratch of as many bytes as {@link Op.work} asked for. */
  readonly work: number;
  /** The same for the thread of a number; `work` is that of thread 0. */
  scratch(thread: number): number;
  /** Integers for a kernel, kept as long as the binding; returns their byte offset. */
  meta(values: readonly number[]): number;
  /** Resources to release with the binding. */
  keep(resource: { free(): void }): void;
}

/** The functions in which derivatives are written. They are handed to the rules, so that operations may stand in any order. */
export interface Calculus {
  add(a: Tensor, b: Tensor | number): Tensor;
  sub(a: Tensor | number, b: Tensor | number): Tensor;
  mul(a: Tensor, b: Tensor | number): Tensor;
  div(a: Tensor | number, b: Tensor | number): Tensor;
  neg(x: Tensor): Tensor;
  exp(x: Tensor): Tensor;
  log(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  pow(a: Tensor, b: Tensor | number): Tensor;
  sin(x: Tensor): Tensor;
  cos(x: Tensor): Tensor;
  sign(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  erf(x: Tensor): Tensor;
  square(x: Tensor): Tensor;
  /** 1 where a < b (equal), else 0. */
  less(a: Tensor | number, b: Tensor | number): Tensor;
  lessEqual(a: Tensor | number, b: Tensor | number): Tensor;
  equal(a: Tensor, b: Tensor | number): Tensor;
  where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor;
  /** The sum over axes counted from the end, which stay as 1 with `keep`. */
  sum(x: Tensor, axes?: readonly number[], keep?: boolean): Tensor;
  /** The sum over all that broadcasting to the shape of x had repeated. */
  sumTo(x: Tensor, shape: Shape): Tensor;
  broadcastTo(x: Tensor, shape: Shape): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  permute(x: Tensor, axes: readonly number[]): Tensor;
  /** The last two axes exchanged. */
  turned(x: Tensor): Tensor;
  matmul(a: Tensor, b: Tensor): Tensor;
  softmax(x: Tensor): Tensor;
  /** Entry i of the first axis. */
  at(x: Tensor, i: number): Tensor;
  stack(tensors: readonly Tensor[]): Tensor;
  zerosLike(x: Tensor): Tensor;
}

/** Arguments of a derivative rule. */
export interface Pullback<A> {
  readonly o: Calculus;
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
  /** Cotangent of each output; undefined if unused. */
  readonly g: ReadonlyArray<Tensor | undefined>;
  readonly attrs: A;
  /** Which inputs need a cotangent. */
  readonly needs: readonly boolean[];
}

/** Arguments of a batching rule: mapped inputs have a leading batch axis. */
export interface Batching<A> {
  readonly o: Calculus;
  readonly x: readonly Tensor[];
  readonly mapped: readonly boolean[];
  /** The length of the batch. */
  readonly size: number;
  readonly attrs: A;
  /** The operation itself, on other inputs or with other attributes. */
  apply(x: readonly Tensor[], attrs?: A): Tensor[];
}

/** A primitive operation. Attributes are plain data, and part of its identity. */
export interface Op<A = unknown> {
  readonly name: string;
  /** Shapes and kinds of the results, by a sentence where the inputs do not fit (see {@link misfit}). */
  infer?(x: readonly Tensor[], attrs: A): readonly Spec[];
  /** In place of infer and bind: the same numbers, read in another way. */
  view?(x: Tensor, attrs: A): Layout;
  /** Whether inputs may have any strides; otherwise non-contiguous inputs are copied. */
  readonly strided?: boolean;
  /** Inputs in whose memory the first output may lie, where these are of its size and nobody reads them later. */
  readonly inPlace?: readonly number[];
  /** Excluded from common-subexpression elimination. */
  readonly unique?: boolean;
  /** Scratch size in bytes. */
  work?(x: readonly Layout[], y: readonly Layout[], attrs: A): number;
  /** The operation on memory, ready to be run again and again without allocating. */
  bind?(binding: Binding<A>): () => void;
  /** The derivatives with respect to the inputs, given those with respect to the outputs. None: it has none. */
  vjp?(pullback: Pullback<A>): ReadonlyArray<Tensor | undefined>;
  /**
   * The derivative with respect to an input from several records of this operation at once, and from `before`, what others gave: where that
   * is cheaper than one by one.
   */
  together?(
    x: Tensor,
    before: Tensor | undefined,
    parts: ReadonlyArray<{ readonly attrs: A; readonly g: Tensor }>,
  ): Tensor;
  /** The same in simple operations: where a rule gives no answer, the derivative of this does. */
  decompose?(o: Calculus, x: readonly Tensor[], attrs: A): readonly Tensor[];
  /**
   * How it acts on batches: `elementwise` aligns and broadcasts; by default it is applied as it is, to inputs which all have
   * the batch as a further first axis.
   */
  readonly batch?: 'elementwise' | ((batching: Batching<A>) => readonly Tensor[]);
}

/** Declares a primitive operation. */
export const defineOp = <A>(op: Op<A>): Op<A> => op;
