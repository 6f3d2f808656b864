import { fail } from '@southwell/numerics/core';
import { type Shape, type Tensor, withLine } from '../index.ts';
import { checked, type Fields } from './fields.ts';
import type { Context, Declared, Extent, Layer } from './layer.ts';
import type { Exporter, Value } from './onnx/graph.ts';

/** A layer type. Saving, loading, initialising, counting, applying and exporting all use this one definition. */
export interface LayerKind<O> {
  readonly kind: string;
  /** Its options, as in constructor calls and JSON. */
  readonly options: Fields<O>;
  /** Checks constraints between options; returns a message if one is violated. */
  check?(options: Required<O>): string | undefined;
  /** Its own parameters, without those of sublayers. */
  parameters?(options: Required<O>): Readonly<Record<string, Declared>>;
  /** Its own state, such as running statistics. */
  state?(options: Required<O>): Readonly<Record<string, Declared>>;
  /** Shapes of the memory it keeps between steps of a sequence; initially 0. */
  memory?(options: Required<O>, extent: Extent): Readonly<Record<string, Shape>>;
  /** Maximum sequence length, if it has one. */
  longest?(options: Required<O>): number;
  /** Its sublayers. */
  children?(options: Required<O>): Readonly<Record<string, Layer>>;
  apply(options: Required<O>, context: Context, x: Tensor): Tensor;
  /** The same computation as ONNX nodes. */
  onnx?(options: Required<O>, graph: Exporter, x: Value): Value;
}

/** A layer type with any options. */
export type AnyKind = LayerKind<object>;

/**
 * Validated options of a layer with defaults filled in.
 * @throws INVALID_PARAMETER for missing, unknown, out-of-range or conflicting options.
 */
export function optionsOf<O>(kind: LayerKind<O>, given: Readonly<Record<string, unknown>>, where: string): Required<O> {
  const options = checked(where, given, kind.options);
  const why = kind.check?.(options);
  if (why !== undefined) fail('INVALID_PARAMETER', `${where}: ${why}`);
  return options;
}

/** The constructor of a layer type. */
export const maker = <O extends object>(kind: LayerKind<O>): ((options: O) => Layer) =>
  withLine((options: O) => ({
    kind: kind.kind,
    ...optionsOf(kind, options as Record<string, unknown>, kind.kind),
  }));
