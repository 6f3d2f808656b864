import type { Shape } from '../../index.ts';
import { bytesField, floatField, floatsField, intField, intsField, joinBytes, message } from '../../protobuf/index.ts';
import type { Attribute } from './graph.ts';

// Messages of an ONNX file. Field numbers are those of onnx.proto3.

/** Element types that are written, by their number in the format. */
const TYPES = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  u32: 12,
  u64: 13,
  u4: 21,
  i4: 22,
} as const;
/** An element type that is written. */
export type Written = keyof typeof TYPES;
/** Whether an element type is one that is written. */
export const isWritten = (type: string): type is Written => type in TYPES;

/** A tensor whose numbers are given as bytes; without a name if it is an attribute. */
export function tensorBytes(name: string, type: Written, shape: Shape, bytes: Uint8Array): Uint8Array {
  return joinBytes([intsField(1, shape), intField(2, TYPES[type]), bytesField(8, name), bytesField(9, bytes)]);
}

/** An attribute as it is written: tensors and graphs are given as their messages. */
export type WrittenAttribute = Attribute | Uint8Array | { readonly graph: Uint8Array };

/** An attribute. */
export function attributeBytes(name: string, value: WrittenAttribute): Uint8Array {
  const kind = (type: number, ...fields: Uint8Array[]) =>
    joinBytes([bytesField(1, name), ...fields, intField(20, type)]);
  if (typeof value === 'number') return kind(2, intField(3, value));
  if (typeof value === 'string') return kind(3, bytesField(4, value));
  if (value instanceof Uint8Array) return kind(4, bytesField(5, value));
  if ('graph' in value) return kind(5, bytesField(6, value.graph));
  if ('float' in value) return kind(1, floatField(2, value.float));
  if ('floats' in value) return kind(6, floatsField(7, value.floats));
  if ('texts' in value) return kind(8, ...value.texts.map((v) => bytesField(9, v)));
  return kind(7, ...value.map((v) => intField(8, v)));
}

/** The domain of an operator, such as `com.microsoft`; empty for ONNX's own. */
export const domainOf = (op: string): string => op.slice(0, Math.max(0, op.lastIndexOf('.')));

/** A node. */
export function nodeBytes(
  op: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, WrittenAttribute>>,
): Uint8Array {
  const domain = domainOf(op);
  return joinBytes([
    ...inputs.map((v) => bytesField(1, v)),
    ...outputs.map((v) => bytesField(2, v)),
    ...[bytesField(3, name), bytesField(4, domain === '' ? op : op.slice(domain.length + 1))],
    ...Object.entries(attributes).map(([key, value]) => bytesField(5, attributeBytes(key, value))),
    ...(domain === '' ? [] : [bytesField(7, domain)]),
  ]);
}

/** An input or output; axes whose length is not known have a name or none, and a null shape is not declared. Without a type it has its name only. */
export function infoBytes(
  name: string,
  type: Written | undefined,
  shape: ReadonlyArray<number | string | null> | null,
): Uint8Array {
  if (type === undefined) return bytesField(1, name);
  const dims = shape?.map((n) =>
    message(1, typeof n === 'number' ? [intField(1, n)] : n === null ? [] : [bytesField(2, n)]),
  );
  const declared = dims ? [message(2, dims)] : [];
  return joinBytes([bytesField(1, name), message(2, [message(1, [intField(1, TYPES[type]), ...declared])])]);
}

/** The messages of a graph. */
export interface GraphParts {
  readonly nodes: readonly Uint8Array[];
  readonly initialisers: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** The message of a graph. */
export const graphBytes = (parts: GraphParts): Uint8Array =>
  joinBytes([
    ...parts.nodes.map((node) => bytesField(1, node)),
    bytesField(2, 'southwell'),
    ...parts.initialisers.map((t) => bytesField(5, t)),
    ...parts.inputs.map((v) => bytesField(11, v)),
    ...parts.outputs.map((v) => bytesField(12, v)),
  ]);

/** A file of one graph, of operators of ONNX and those of version 1 of other domains. */
export function fileBytes(
  parts: GraphParts,
  opset: number,
  metadata: Readonly<Record<string, string>> = {},
  domains: readonly string[] = [],
): Uint8Array {
  // The version of the format that came with this version of operators.
  const format = opset > 20 ? 10 : opset > 18 ? 9 : 8;
  return joinBytes([
    ...[intField(1, format), bytesField(2, 'southwell'), bytesField(7, graphBytes(parts))],
    message(8, [bytesField(1, ''), intField(2, opset)]),
    ...domains.map((domain) => message(8, [bytesField(1, domain), intField(2, 1)])),
    ...Object.entries(metadata).map(([key, value]) => message(14, [bytesField(1, key), bytesField(2, value)])),
  ]);
}
