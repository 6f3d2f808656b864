import { fail } from '@southwell/numerics/core';
import type { Shape, Tensor } from '../index.ts';
import { checked, type Fields } from './fields.ts';
import type { Context, Declared, Extent, Layer } from './layer.ts';
import type { Exporter, Value } from './onnx/graph.ts';

/** A kind of layer: all that is known of it. What can be saved, loaded, initialised, counted, computed and exported follows from this. */
export interface LayerKind<O> {
  readonly kind: string;
  /** Its options, as constructors and JSON give them. */
  readonly options: Fields<O>;
  /** What options must fulfil together, by a sentence where they do not. */
  check?(options: Required<O>): string | undefined;
  /** The parameters of its own. */
  parameters?(options: Required<O>): Readonly<Record<string, Declared>>;
  /** What it keeps beside them. */
  state?(options: Required<O>): Readonly<Record<string, Declared>>;
  /** What it keeps of a sequence between steps, as shapes; all begins at 0. */
  memory?(options: Required<O>, extent: Extent): Readonly<Record<string, Shape>>;
  /** The most positions that it knows, where there is a last one. */
  longest?(options: Required<O>): number;
  /** The layers that it is made of. */
  children?(options: Required<O>): Readonly<Record<string, Layer>>;
  apply(options: Required<O>, context: Context, x: Tensor): Tensor;
  /** The same as nodes of ONNX. */
  onnx?(options: Required<O>, graph: Exporter, x: Value): Value;
}

/** A kind of any options. */
export type AnyKind = LayerKind<object>;

/**
 * The options of a layer, checked and with defaults.
 * @throws INVALID_PARAMETER for options that are missing, unknown, out of range or at odds.
 */
export function optionsOf<O>(kind: LayerKind<O>, given: Readonly<Record<string, unknown>>, where: string): Required<O> {
  const options = checked(where, given, kind.options);
  const why = kind.check?.(options);
  if (why !== undefined) fail('INVALID_PARAMETER', `${where}: ${why}`);
  return options;
}

/** The constructor of a kind. */
export const maker =
  <O extends object>(kind: LayerKind<O>) =>
  (options: O): Layer => ({ kind: kind.kind, ...optionsOf(kind, options as Record<string, unknown>, kind.kind) });
