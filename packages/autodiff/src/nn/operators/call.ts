import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import type { Precision } from '../layer.ts';
import type { Class, GraphValue, NodeAttribute } from './description.ts';

/** A value of a graph. */
export interface Val {
  readonly class: Class;
  readonly t: ad.Tensor;
  /** Element type of integers that others are quantised like, such as `i8`; absent where it is not known. */
  readonly type?: string;
}

/** A list of tensors. */
export interface Sequence {
  readonly class: 'sequence';
  readonly items: readonly Val[];
}

/** An optional value that is not there. */
export interface Nothing {
  readonly class: 'nothing';
}

/** Whatever a name of a graph can stand for. */
export type Held = Val | Sequence | Nothing;

/** A branch or the body of a loop, with the values around it that it takes. */
export interface Body {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** The number of nodes, including those of bodies within. */
  readonly size: number;
  run(inputs: readonly Held[]): readonly Held[];
  /** Where output i comes from, through nodes that change nothing: the number of an input, or a value from around; undefined if it is computed. */
  source(i: number): number | Held | undefined;
}

/** The largest tensor that is made from a shape alone. */
const LARGEST = 2 ** 28;

/** A call of an operator: its inputs and attributes. */
export class Call {
  constructor(
    readonly op: string,
    /** Operator and node, for messages. */
    readonly where: string,
    readonly opset: number,
    /** Floating-point dtype of the graph. */
    readonly real: Precision,
    private readonly inputs: ReadonlyArray<Held | undefined>,
    private readonly attributes: Readonly<Record<string, NodeAttribute>>,
    /** Number of outputs, including those left out. */
    readonly outputs: number,
    private readonly bodyOf: (value: NodeAttribute) => Body | undefined,
  ) {}

  /** @throws NOT_SUPPORTED, naming the node. */
  refuse(why: string): never {
    return fail('NOT_SUPPORTED', `${this.where}: ${why}`);
  }

  /** Refuses further outputs than the first `n`. */
  atMost(n: number): void {
    if (this.outputs > n) this.refuse(`only its first ${n === 1 ? 'output is' : `${n} outputs are`} computed.`);
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  get count(): number {
    return this.inputs.length;
  }

  /**
   * Input i, of any kind.
   * @throws INVALID_FORMAT if it is missing.
   */
  held(i: number): Held {
    return this.inputs[i] ?? fail('INVALID_FORMAT', `${this.where}: its input ${i} is missing.`);
  }

  /**
   * Input i, a tensor.
   * @throws INVALID_FORMAT if it is missing or of another kind.
   */
  x(i: number): Val {
    const v = this.held(i);
    if ('t' in v) return v;
    const what = v.class === 'sequence' ? 'a list of tensors' : 'an optional value that is not there';
    return fail('INVALID_FORMAT', `${this.where}: its input ${i} is ${what}, and not a tensor.`);
  }

  /**
   * The tensors of input i, a list.
   * @throws INVALID_FORMAT if it is missing or of another kind.
   */
  items(i: number): readonly Val[] {
    const v = this.held(i);
    if (v.class === 'sequence') return v.items;
    return fail('INVALID_FORMAT', `${this.where}: its input ${i} is not a list of tensors.`);
  }

  /**
   * A graph as attribute.
   * @throws INVALID_FORMAT if there is none.
   */
  body(name: string): Body {
    const value = this.attributes[name];
    return (value === undefined ? undefined : this.bodyOf(value)) ?? this.wrong(name);
  }

  /** The tensor of input i, in the dtype of floating-point numbers. */
  float(i: number): ad.Tensor {
    return ad.cast(this.x(i).t, this.real);
  }

  /** The same, if the input is there. */
  maybe(i: number): ad.Tensor | undefined {
    return this.has(i) ? this.float(i) : undefined;
  }

  /** All inputs, floating-point ones in one dtype. */
  all(): Val[] {
    return this.inputs.map((_, i) => this.x(i));
  }

  /**
   * The numbers of input i, which the shape of the result depends on.
   * @throws NOT_SUPPORTED if they are only known at run time.
   */
  numbers(i: number): number[] {
    const { t } = this.x(i);
    if (t.storage.values === undefined)
      this.refuse(
        `input ${i} determines a shape but depends on the data, so that it is not known before the network runs.`,
      );
    return [...t.data()];
  }

  /** The numbers of input i or of an attribute, as older opsets have it; undefined if neither is there. */
  listed(i: number, name: string): number[] | undefined {
    return this.has(i) ? this.numbers(i) : this.list(name);
  }

  private wrong(name: string): never {
    return fail('INVALID_FORMAT', `${this.where}: the attribute '${name}' is missing or of the wrong type.`);
  }

  /** An integer attribute. */
  int(name: string, fallback?: number): number {
    const value = this.attributes[name] ?? fallback;
    return typeof value === 'number' ? value : this.wrong(name);
  }

  /** The same, if the attribute is there. */
  maybeInt(name: string): number | undefined {
    return this.attributes[name] === undefined ? undefined : this.int(name);
  }

  /** A list of integers or floats. */
  list(name: string): number[] | undefined {
    const value = this.attributes[name];
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return [...value];
    return typeof value === 'object' && 'floats' in value ? [...value.floats] : this.wrong(name);
  }

  /** A floating-point attribute. */
  real1(name: string, fallback: number): number {
    const value = this.attributes[name] ?? { float: fallback };
    return typeof value === 'object' && 'float' in value ? value.float : this.wrong(name);
  }

  text(name: string, fallback: string): string {
    const value = this.attributes[name] ?? fallback;
    return typeof value === 'string' ? value : this.wrong(name);
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.attributes[name];
    if (value === undefined) return undefined;
    return typeof value === 'object' && 'texts' in value ? value.texts : this.wrong(name);
  }

  /** A tensor as attribute, of one number. */
  one(name: string): { readonly value: number; readonly class: Class } | undefined {
    const value = this.attributes[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || !('numbers' in value)) return this.wrong(name);
    return { value: Number(value.numbers[0] ?? 0), class: value.class };
  }

  /**
   * An axis counted from the front.
   * @throws INVALID_FORMAT if there is none.
   */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(at) || at < 0 || at >= Math.max(rank, 1))
      fail('INVALID_FORMAT', `${this.where}: there is no axis ${axis} in a tensor of ${rank} axes.`);
    return at;
  }

  /**
   * A shape whose tensor fits.
   * @throws INVALID_FORMAT otherwise.
   */
  shape(shape: readonly number[]): number[] {
    const size = shape.reduce((a, b) => a * b, 1);
    if (!shape.every((n) => Number.isInteger(n) && n >= 0) || size > LARGEST)
      fail('INVALID_FORMAT', `${this.where}: [${shape.join(', ')}] is not the shape of a tensor that could be made.`);
    return [...shape];
  }
}

/** An operator: from a call to its outputs, undefined for those that are not computed; a single one may be returned by itself. */
export type Operator = (c: Call) => Held | ReadonlyArray<Held | undefined>;

export const float = (t: ad.Tensor): Val => ({ class: 'float', t });
/** Integers from doubles. */
export const int = (t: ad.Tensor): Val => ({ class: 'int', t: ad.cast(t, 'f64') });
export const bool = (t: ad.Tensor): Val => ({ class: 'bool', t: ad.cast(t, 'f64') });

/** Integers that are known. */
export const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Val =>
  int(ad.tensor(Float64Array.from(values), { shape }));

/** Casts a value of one class to another, as ONNX's Cast. */
export function classed(v: Val, to: Class, real: Precision): Val {
  if (to === 'float') return float(ad.cast(v.t, real));
  if (to === 'bool') return bool(ad.notEqual(v.t, 0));
  if (v.class !== 'float') return { class: to, t: v.t };
  // Truncation towards 0.
  return int(ad.mul(ad.sign(v.t), ad.floor(ad.abs(v.t))));
}

/** The shape to which shapes broadcast. */
export function together(c: Call, shapes: readonly ad.Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, d) => {
    const lengths = shapes.map((s) => s[s.length - rank + d] ?? 1).filter((n) => n !== 1);
    if (new Set(lengths).size > 1)
      fail('INVALID_SHAPE', `${c.where}: ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not broadcast.`);
    return lengths[0] ?? 1;
  });
}
