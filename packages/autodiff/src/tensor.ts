import { fail } from '@southwell/numerics/core';
import {
  BYTES,
  type DType,
  type HalfDType,
  isHalf,
  numbersOf,
  roomFor,
  type StoredNumbers,
  stored,
  type Values,
} from './dtypes.ts';
import { atLine } from './line.ts';
import { isContiguous, rowMajor, type Shape, show, sizeOf } from './shapes.ts';

export {
  BYTES,
  type DType,
  type HalfDType,
  isHalf,
  roomFor,
  type StoredNumbers,
  type Values,
  zeros,
} from './dtypes.ts';

/** A trace: while open, it records operations on its tensors, which have no values. */
export interface Trace {
  /** Description of the trace for messages: "a compiled function". */
  readonly what: string;
  readonly depth: number;
  open: boolean;
  readonly records: TensorRecord[];
}

/** Storage of one or more tensors. */
export class Storage {
  constructor(
    readonly dtype: DType,
    readonly length: number,
    /**
     * The numbers: an array, or a function that returns the current view of a program's memory. Undefined while traced.
     */
    public source: StoredNumbers | (() => StoredNumbers) | undefined,
    readonly trace: Trace | undefined = undefined,
    /** The byte offset in the memory of programs, if the storage lies there. */
    readonly pointer: number | undefined = undefined,
  ) {}

  /** The numbers as they are stored: those of two bytes as their bits. */
  get values(): StoredNumbers | undefined {
    return typeof this.source === 'function' ? this.source() : this.source;
  }
}

/** Layout of a tensor in its storage: strides and offset in elements. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A recorded operation: its inputs and outputs. */
export interface TensorRecord {
  readonly id: number;
  readonly op: { readonly name: string };
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** The calling line; only looked up for NaN detection. */
  readonly line: string;
  /** The checkpointed segment it belongs to: recomputed in the backward pass. */
  readonly region: object | undefined;
}

let ids = 0;
/** Increasing sequence numbers: inputs of an operation have lower ones than its outputs. */
export const nextId = (): number => ++ids;

/**
 * An immutable array of numbers. Created by {@link tensor} and by operations; read by `data`, `toArray` and `item`.
 * Inside a function that is being compiled or mapped it has a shape and dtype, but no values.
 */
export class Tensor implements Layout {
  readonly id = nextId();

  /** Tensors are made by `tensor` and by operations. */
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly storage: Storage,
    readonly strides: readonly number[],
    readonly offset: number,
    /** The operation that produced it, if a derivative or a trace needs it. */
    public record: TensorRecord | undefined = undefined,
    /** Whether it is a variable of a derivative in progress. */
    public leaf = false,
  ) {}

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The size of the elements in bytes. */
  get bytes(): number {
    return this.size * BYTES[this.dtype];
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether a derivative in progress may depend on it. */
  get tracked(): boolean {
    return this.leaf || this.record !== undefined;
  }

  /**
   * A copy of the values in row-major order; those of two bytes (f16, bf16) as a Float32Array, which is exact. O(size).
   * @throws NOT_SUPPORTED in a function that is being compiled or mapped, where tensors have no values.
   */
  data(): Values {
    return numbersOf(this.stored(), this.dtype);
  }

  /**
   * @internal A copy of the numbers as they are stored, in row-major order: those of two bytes as their bits.
   * @throws NOT_SUPPORTED as {@link data}.
   */
  stored(): StoredNumbers {
    const { storage, shape, strides, offset, size } = this;
    const values = storage.values;
    if (!values) {
      fail(
        'NOT_SUPPORTED',
        `The values of a tensor of ${show(shape)} were asked for inside ${storage.trace?.what ?? 'a trace'}${atLine()}. There they ` +
          'are not known: it is traced once and then replayed with other numbers. Choose by where(condition, a, b) instead of ' +
          'if, loop over shapes, or call the function as it is.',
      );
    }
    if (isContiguous(shape, strides)) return values.slice(offset, offset + size);
    const out = roomFor(storage.dtype, size);
    let at = 0;
    const visit = (d: number, from: number): void => {
      if (d === shape.length) out[at++] = values[from];
      else for (let i = 0; i < shape[d]; i++) visit(d + 1, from + i * strides[d]);
    };
    visit(0, offset);
    return out;
  }

  /**
   * The value of a one-element tensor.
   * @throws INVALID_SHAPE unless it has exactly one element; NOT_SUPPORTED as {@link data}.
   */
  item(): number {
    if (this.size !== 1) {
      fail(
        'INVALID_SHAPE',
        `item() takes a tensor of one element, not of ${show(this.shape)}${atLine()}; try data() or toArray().`,
      );
    }
    return this.data()[0];
  }

  /**
   * The values as nested lists; a number for a scalar. O(size).
   * @throws NOT_SUPPORTED as {@link data}.
   */
  toArray(): NestedNumbers {
    const values = this.data();
    const { shape } = this;
    let at = 0;
    const build = (d: number): NestedNumbers =>
      d === shape.length ? values[at++] : Array.from({ length: shape[d] }, () => build(d + 1));
    return build(0);
  }

  /** Representation in Node's console. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** The values as nested lists, as returned by {@link toArray}. */
  toJSON(): NestedNumbers {
    return this.toArray();
  }

  /**
   * Guards against operators on tensors: `+` would concatenate strings, and `<` would always be false.
   * @throws NOT_SUPPORTED except for conversion to a string.
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    return fail(
      'NOT_SUPPORTED',
      `Operators such as + and < do not work on tensors${atLine()}: there are add, less and others; item() gives a number.`,
    );
  }

  toString(): string {
    const traced = this.storage.values === undefined;
    const text = (v: NestedNumbers): string => (typeof v === 'number' ? String(v) : `[${v.map(text).join(',')}]`);
    return `Tensor ${this.dtype} ${show(this.shape)}${traced ? ', traced' : this.size <= 16 ? ` ${text(this.toArray())}` : ''}`;
  }
}

/** Nested lists of numbers. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Options of {@link tensor}. */
export interface TensorOptions {
  /** Data type; default: that of a typed array, else `f64`. */
  readonly dtype?: DType;
  /** Shape; default: that of the lists, or the length of a typed array. */
  readonly shape?: Shape;
}

/** A tensor that takes ownership of these values, or, for a dtype of two bytes, of the bits nearest to them. */
export function owning(values: StoredNumbers, dtype: DType, shape: Shape): Tensor {
  return new Tensor(shape, dtype, new Storage(dtype, values.length, stored(values, dtype)), rowMajor(shape), 0);
}

/**
 * A tensor over the numbers of a typed array, without a copy: the array must not change afterwards. A Uint16Array has
 * the bits of numbers of two bytes, of which `half` is the dtype.
 * @throws INVALID_PARAMETER for other arrays; INVALID_SHAPE for what is not a shape of this number of elements.
 */
export function tensorOver(values: StoredNumbers, shape: Shape, half?: HalfDType): Tensor {
  const bits = values instanceof Uint16Array;
  if (!(bits || values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array))
    fail(
      'INVALID_PARAMETER',
      `tensorOver${atLine()}: values must be a Float32Array, Float64Array, Int32Array or, with the dtype of halves, a Uint16Array.`,
    );
  if (bits ? half === undefined || !isHalf(half) : half !== undefined)
    fail(
      'INVALID_PARAMETER',
      `tensorOver${atLine()}: a Uint16Array, and no other array, needs a dtype of two bytes, 'f16' or 'bf16'.`,
    );
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    fail('INVALID_SHAPE', `tensorOver${atLine()}: a shape is a list of whole numbers.`);
  if (sizeOf(shape) !== values.length)
    fail('INVALID_SHAPE', `tensorOver${atLine()}: ${values.length} numbers do not fill ${show(shape)}.`);
  const dtype = values instanceof Float32Array ? 'f32' : values instanceof Float64Array ? 'f64' : 'i32';
  return owning(values, half ?? dtype, [...shape]);
}
