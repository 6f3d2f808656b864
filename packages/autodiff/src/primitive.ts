import { type Arena, type DenseKernels, denseKernels, type KernelCall, type ThreadPool } from '@southwell/kernels';
import { type NetworkKernels, networkKernels } from '@southwell/kernels/networks';
import { type PackedKernels, packedKernels } from '@southwell/kernels/packed';
import type { Shape } from './shapes.ts';
import { type DType, isHalf, type Layout, type Tensor, type TensorRecord, type Values } from './tensor.ts';

/** The kernels used by operations on tensors. */
export type TensorKernels = DenseKernels & NetworkKernels & PackedKernels;
/** A call of one of these kernels. */
export type TensorCall = KernelCall<keyof TensorKernels>;
export const tensorKernels = (arena: Arena): TensorKernels => arena.use(denseKernels, networkKernels, packedKernels);

/** The kernel that copies numbers of a dtype between any strides; it takes the arguments of mapElements. */
export const copyKernel = (dtype: DType): 'mapElements' | 'smapElements' | 'copyHalves' =>
  dtype === 'f64' ? 'mapElements' : isHalf(dtype) ? 'copyHalves' : 'smapElements';

/** Shape and dtype of an output. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The location of a tensor in memory: the byte offset of its first element, with shape and strides. */
export interface Place {
  readonly pointer: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly dtype: DType;
  readonly size: number;
}

/** The memory to which an operation is bound before it runs. */
export interface Binding<A> {
  readonly arena: Arena;
  readonly kernels: TensorKernels;
  /**
   * Threads that may share the operation (see sharing.ts); undefined if there is only one, or if a library has its own.
   */
  readonly pool: ThreadPool | undefined;
  readonly attrs: A;
  readonly x: readonly Place[];
  readonly y: readonly Place[];
  /** Scratch of the size requested by {@link Op.work}. */
  readonly work: number;
  /** The same for another thread, by number; `work` is that of thread 0. */
  scratch(thread: number): number;
  /** Integer parameters of a kernel, kept as long as the binding; returns their byte offset. */
  meta(values: readonly number[]): number;
  /** Resources to release with the binding, and the size of their memory. */
  keep(resource: { readonly bytes?: number; free(): void }): void;
}

/**
 * The functions in which derivative rules are written. They are passed to the rules, so that operations may be defined
 * in any order.
 */
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
  /** 1 where a < b (a = b for `equal`), 0 elsewhere. */
  less(a: Tensor | number, b: Tensor | number): Tensor;
  lessEqual(a: Tensor | number, b: Tensor | number): Tensor;
  equal(a: Tensor, b: Tensor | number): Tensor;
  where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor;
  /** The sum over axes counted from the end, kept with length 1 if `keep`. */
  sum(x: Tensor, axes?: readonly number[], keep?: boolean): Tensor;
  /** The sum over everything that broadcasting to the shape of x repeated. */
  sumTo(x: Tensor, shape: Shape): Tensor;
  broadcastTo(x: Tensor, shape: Shape): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  permute(x: Tensor, axes: readonly number[]): Tensor;
  /** Transposes the last two axes. */
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
  /** Length of the batch axis. */
  readonly size: number;
  readonly attrs: A;
  /** Applies the operation itself to other inputs or with other attributes. */
  apply(x: readonly Tensor[], attrs?: A): Tensor[];
}

/** A tensor in a sparsity pattern: for each element, by rows, the name of the set of variables on which it depends. */
export interface Dependent {
  readonly shape: Shape;
  /** 0 is the empty set. */
  readonly sets: Int32Array;
  /** The numbers of a constant, by rows. */
  readonly values: Values | undefined;
}

/** Arguments of a rule of dependence. */
export interface Dependence<A> {
  readonly x: readonly Dependent[];
  /** Shapes of the outputs. */
  readonly shapes: readonly Shape[];
  readonly attrs: A;
  /** The name of the union of sets. */
  union(sets: ArrayLike<number>): number;
}

/** The sets of the elements of each output. */
export type Dependences<A> = (dependence: Dependence<A>) => readonly Int32Array[];

/** A primitive operation. Attributes are plain data and part of its identity. */
export interface Op<A = unknown> {
  readonly name: string;
  /** Shapes and dtypes of the results; throws if the inputs do not match (see {@link misfit}). */
  infer?(x: readonly Tensor[], attrs: A): readonly Spec[];
  /** For views, instead of infer and bind: a new layout of the same numbers. */
  view?(x: Tensor, attrs: A): Layout;
  /** Whether inputs may have any strides; otherwise non-contiguous inputs are copied. */
  readonly strided?: boolean;
  /**
   * Whether it only moves numbers, and takes those of two bytes as they are. For other operations, except for views,
   * they are cast to single precision.
   */
  readonly moves?: boolean;
  /** Inputs whose memory the first output may overwrite, if they have its size and are not read later. */
  readonly inPlace?: readonly number[];
  /** Whether a function that is traced again keeps it even where all inputs are constants, which take less memory. */
  readonly deferred?: boolean;
  /** Excluded from common-subexpression elimination. */
  readonly unique?: boolean;
  /** Scratch size in bytes. */
  work?(x: readonly Layout[], y: readonly Layout[], attrs: A): number;
  /** Binds the operation to memory; the returned function can be run repeatedly without allocating. */
  bind?(binding: Binding<A>): () => void;
  /** The cotangents of the inputs, given those of the outputs. Absent if the operation has no derivative. */
  vjp?(pullback: Pullback<A>): ReadonlyArray<Tensor | undefined>;
  /**
   * The cotangent of an input from several records of this operation at once, and from `before`, the sum of other
   * contributions; for operations for which that is cheaper than one by one.
   */
  together?(
    x: Tensor,
    before: Tensor | undefined,
    parts: ReadonlyArray<{ readonly attrs: A; readonly g: Tensor }>,
  ): Tensor;
  /** The same in terms of simpler operations, whose derivative is used if the rule returns none. */
  decompose?(o: Calculus, x: readonly Tensor[], attrs: A): readonly Tensor[];
  /**
   * How the operation acts on batches: `elementwise` aligns and broadcasts; by default it is applied unchanged to
   * inputs that all have the batch as an additional first axis.
   */
  readonly batch?: 'elementwise' | ((batching: Batching<A>) => readonly Tensor[]);
  /**
   * For operations with several results, of which a program may need only some: what changes in the record if only the
   * used ones, and others that the operation cannot do without, are computed.
   */
  trim?(record: TensorRecord, used: ReadonlySet<Tensor>): Pick<TensorRecord, 'attrs' | 'inputs' | 'outputs'>;
  /**
   * On which elements of the inputs each element of the outputs depends, for sparsity patterns. Views and operations
   * with `batch: 'elementwise'` need no rule; the others depend on all elements by default. Operations without
   * derivative depend on none.
   */
  readonly depends?: Dependences<A>;
}

/** Declares a primitive operation. */
export const defineOp = <A>(op: Op<A>): Op<A> => op;
