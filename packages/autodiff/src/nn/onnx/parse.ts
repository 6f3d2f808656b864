import { fail } from '@southwell/numerics/core';
import { type FieldRead, Message, type Span } from '../../protobuf/index.ts';
import { ELEMENT_TYPES } from '../operators/description.ts';
import type { Attribute } from './graph.ts';
import { type ByteSource, Bytes } from './source.ts';

// Field numbers are those of onnx.proto3. Numbers of tensors stay in the file until tensorData.ts reads them.

const typeName = (code: number): string => ELEMENT_TYPES[code] ?? `type ${code}`;

/** A tensor of the file. Its numbers are in `raw`, in `typed`, or in another file. */
export interface OnnxTensor {
  readonly name: string;
  /** Element type, such as `f32`. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly raw?: Span;
  /** Ranges of the typed fields, in order, with the number of the field. */
  readonly typed: ReadonlyArray<Span & { readonly field: number }>;
  readonly external?: { readonly location: string; readonly offset: number; readonly length?: number };
}

/** An attribute as it is in the file: a number, numbers, text, a tensor, or a part that is not read. */
export type OnnxAttribute =
  | Attribute
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph }
  | { readonly unread: string };

/** A node of the file. */
export interface OnnxNode {
  readonly name: string;
  /** Operator, with its domain unless it is ONNX's own. */
  readonly op: string;
  /** Names of values; empty for an optional input or output that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A declared value: name, element type, and shape, in which an unknown axis is a name or null; undefined: no shape is declared. */
export interface OnnxInfo {
  readonly name: string;
  readonly type: string;
  readonly shape?: ReadonlyArray<number | string | null>;
}

/** A graph of the file: that of the network, or a branch or the body of a loop. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxInfo[];
  readonly outputs: readonly OnnxInfo[];
}

/** The contents of an ONNX file. */
export interface OnnxFile extends OnnxGraph {
  readonly bytes: Bytes;
  /** Format of the file, in words; nodes are always those of ONNX. */
  readonly format: 'ONNX' | 'TensorFlow.js';
  /** Program that wrote it, with its version. */
  readonly producer: string;
  /** What the program that wrote it says of it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Version of ONNX's operators. */
  readonly opset: number;
  readonly graph: string;
}

const each = (m: Message, visit: (field: FieldRead) => void): void => {
  for (let field = m.next(); field; field = m.next()) visit(field);
};

function tensorOf(m: Message): OnnxTensor {
  let [name, code, raw, elsewhere] = ['', 0, undefined as Span | undefined, 0];
  const shape: number[] = [];
  const typed: Array<Span & { field: number }> = [];
  const external: Record<string, string> = {};
  each(m, (field) => {
    const { number, from, to } = field;
    if (number === 1) m.ints(field, shape);
    else if (number === 2) code = m.int(field);
    else if (number === 8) name = m.text(field);
    else if (number === 9) raw = { from, to };
    else if ([4, 5, 7, 10, 11].includes(number)) typed.push({ from, to, field: number });
    else if (number === 14) elsewhere = m.int(field);
    else if (number === 13) {
      const entry = m.inside(field, `${m.where}, external data`);
      const pair: string[] = ['', ''];
      each(entry, (part) => {
        if (part.number <= 2) pair[part.number - 1] = entry.text(part);
      });
      external[pair[0]] = pair[1];
    }
  });
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.some((n) => n < 0) || !Number.isSafeInteger(size))
    m.refuse(`the tensor '${name}' has the shape [${shape.join(', ')}]`);
  const tensor = { name, type: typeName(code), shape, typed, ...(raw ? { raw } : {}) };
  if (elsewhere !== 1) return tensor;
  const whole = (key: string): number | undefined => {
    const value = external[key] === undefined ? undefined : Number(external[key]);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      m.refuse(`the ${key} of the external data of '${name}' is '${external[key]}'`);
    return value;
  };
  if (!external.location) m.refuse(`the tensor '${name}' has external data without a location`);
  const length = whole('length');
  return {
    ...tensor,
    external: {
      location: external.location,
      offset: whole('offset') ?? 0,
      ...(length === undefined ? {} : { length }),
    },
  };
}

/** Parts of attributes that are recognised but not read, by field number. */
const UNREAD: Readonly<Record<number, string>> = {
  ...{ 10: 'tensors', 11: 'graphs', 14: 'a type', 15: 'types', 21: 'a reference', 22: 'a sparse tensor' },
  23: 'sparse tensors',
};
/** What a type code says of an attribute whose list is empty. */
const EMPTY: Readonly<Record<number, OnnxAttribute>> = { 3: '', 6: { floats: [] }, 7: [], 8: { texts: [] } };

/** Graphs within each other that are read: each is a branch or a loop of the one around it. */
const DEEPEST = 16;

function attributeOf(m: Message, depth: number): [string, OnnxAttribute] {
  let [name, type] = ['', 0];
  let found: OnnxAttribute | undefined;
  const [floats, ints, texts]: [number[], number[], string[]] = [[], [], []];
  each(m, (field) => {
    const { number } = field;
    if (number === 1) name = m.text(field);
    else if (number === 2) {
      const one: number[] = [];
      m.floats(field, one);
      if (one.length !== 1) m.refuse(`byte ${field.from}: the attribute '${name}' is not one number`);
      found = { float: one[0] };
    } else if (number === 3) found = m.int(field);
    else if (number === 4) found = m.text(field);
    else if (number === 5) found = { tensor: tensorOf(m.inside(field, `${m.where}, its tensor`)) };
    else if (number === 6) {
      if (depth >= DEEPEST) m.refuse(`byte ${field.from}: more than ${DEEPEST} graphs are within each other`);
      found = { graph: graphOf(m.inside(field, `${m.where}, its graph`), depth + 1) };
    } else if (number === 7) m.floats(field, floats);
    else if (number === 8) m.ints(field, ints);
    else if (number === 9) texts.push(m.text(field));
    else if (number === 20) type = m.int(field);
    else if (UNREAD[number]) found = { unread: UNREAD[number] };
  });
  if (floats.length > 0) found = { floats };
  else if (ints.length > 0) found = ints;
  else if (texts.length > 0) found = { texts };
  // Zeros are the default in this encoding, and may be left out.
  found ??= EMPTY[type] ?? (type === 1 ? { float: 0 } : 0);
  return [name, found];
}

function nodeOf(m: Message, depth: number): OnnxNode {
  const [inputs, outputs]: string[][] = [[], []];
  const attributes: Record<string, OnnxAttribute> = {};
  let [name, op, domain] = ['', '', ''];
  each(m, (field) => {
    const { number } = field;
    if (number === 1) inputs.push(m.text(field));
    else if (number === 2) outputs.push(m.text(field));
    else if (number === 3) name = m.text(field);
    else if (number === 4) op = m.text(field);
    else if (number === 5) {
      const [key, value] = attributeOf(
        m.inside(field, `${m.where}, attribute ${Object.keys(attributes).length}`),
        depth,
      );
      attributes[key] = value;
    } else if (number === 7) domain = m.text(field);
  });
  if (op === '') m.refuse('the node has no operator');
  const own = domain === '' || domain === 'ai.onnx';
  return { name, op: own ? op : `${domain}.${op}`, inputs, outputs, attributes };
}

function infoOf(m: Message): OnnxInfo {
  let info: { name: string; type: string; shape?: Array<number | string | null> } = { name: '', type: 'unknown' };
  const dimension = (d: Message): number | string | null => {
    let length: number | string | null = null;
    each(d, (field) => {
      if (field.number === 1) length = d.int(field);
      else if (field.number === 2) length = d.text(field) || null;
    });
    return length;
  };
  each(m, (field) => {
    if (field.number === 1) info.name = m.text(field);
    if (field.number !== 2) return;
    const type = m.inside(field, m.where);
    each(type, (kind) => {
      if (kind.number !== 1) {
        info = { ...info, type: 'not a tensor' };
        return;
      }
      const tensor = type.inside(kind, m.where);
      each(tensor, (part) => {
        if (part.number === 1) info.type = typeName(tensor.int(part));
        if (part.number !== 2) return;
        const shape: Array<number | string | null> = [];
        const dims = tensor.inside(part, `${m.where}, its shape`);
        each(dims, (d) => {
          if (d.number === 1) shape.push(dimension(dims.inside(d, dims.where)));
        });
        info.shape = shape;
      });
    });
  });
  return info;
}

function graphOf(m: Message, depth = 0): OnnxGraph & Pick<OnnxFile, 'graph'> {
  let graph = '';
  const nodes: OnnxNode[] = [];
  const initialisers: OnnxTensor[] = [];
  const [inputs, outputs]: OnnxInfo[][] = [[], []];
  const within = (what: string): string => (depth === 0 ? what : `${m.where}, ${what}`);
  each(m, (field) => {
    const { number } = field;
    if (number === 1) nodes.push(nodeOf(m.inside(field, within(`node ${nodes.length}`)), depth));
    else if (number === 2) graph = m.text(field);
    else if (number === 5) initialisers.push(tensorOf(m.inside(field, within(`initialiser ${initialisers.length}`))));
    else if (number === 11) inputs.push(infoOf(m.inside(field, within(`input ${inputs.length}`))));
    else if (number === 12) outputs.push(infoOf(m.inside(field, within(`output ${outputs.length}`))));
    else if (number === 15) fail('NOT_SUPPORTED', 'The ONNX file has sparse initialisers, which are not supported.');
  });
  const constants = new Set(initialisers.map(({ name }) => name));
  // Before IR version 4, initialisers were inputs as well.
  return { graph, nodes, initialisers, inputs: inputs.filter(({ name }) => !constants.has(name)), outputs };
}

/**
 * The contents of an ONNX file, without the numbers of its tensors; a file of any size is read by ranges. O(nodes).
 * @throws INVALID_FORMAT, with the place and the byte, for a file that is damaged, cut short, or not ONNX.
 */
export function parseOnnx(source: Uint8Array | ByteSource): OnnxFile {
  const bytes = new Bytes(source);
  const m = new Message(bytes, { from: 0, to: bytes.size }, 'the model', 'an ONNX file');
  let [producer, version, opset] = ['', '', undefined as number | undefined];
  let graph: ReturnType<typeof graphOf> | undefined;
  const metadata: Array<readonly [string, string]> = [];
  each(m, (field) => {
    const { number } = field;
    if (number === 2) producer = m.text(field);
    else if (number === 3) version = m.text(field);
    else if (number === 7) graph = graphOf(m.inside(field, 'the graph'));
    else if (number === 8) {
      const set = m.inside(field, 'an operator set');
      let [domain, number_] = ['', 0];
      each(set, (part) => {
        if (part.number === 1) domain = set.text(part);
        else if (part.number === 2) number_ = set.int(part);
      });
      if (domain === '' || domain === 'ai.onnx') opset = number_;
    } else if (number === 14) {
      const entry = m.inside(field, 'the metadata');
      let [key, value] = ['', ''];
      each(entry, (part) => {
        if (part.number === 1) key = entry.text(part);
        else if (part.number === 2) value = entry.text(part);
      });
      metadata.push([key, value]);
    }
  });
  if (!graph) return m.refuse('it has no graph');
  if (opset === undefined) return m.refuse('it does not say of which version of operators (opset) it is');
  const said = { producer: [producer, version].filter(Boolean).join(' '), metadata: Object.fromEntries(metadata) };
  return { bytes, format: 'ONNX', ...said, opset, ...graph };
}
