import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import {
  bytesWithEnd,
  cloudTable,
  countOf,
  fillColumn,
  NumberLines,
  type NumberType,
  numberAt,
  refuseRest,
  sizeOf,
} from './layout.ts';

const TYPES: Readonly<Record<string, NumberType>> = {
  ...{ char: 'i1', uchar: 'u1', short: 'i2', ushort: 'u2', int: 'i4', uint: 'u4', float: 'f4', double: 'f8' },
  ...{ int8: 'i1', uint8: 'u1', int16: 'i2', uint16: 'u2', int32: 'i4', uint32: 'u4', float32: 'f4', float64: 'f8' },
};
const FORMATS = ['ascii', 'binary_little_endian', 'binary_big_endian'] as const;
const MAX_HEADER = 1 << 16;

interface Property {
  readonly name: string;
  readonly type: NumberType;
  /** For lists: the type of their length. */
  readonly length?: NumberType;
}

interface Element {
  readonly name: string;
  readonly count: number;
  readonly properties: Property[];
}

interface Header {
  readonly format: (typeof FORMATS)[number];
  readonly elements: readonly Element[];
  /** Byte offset and line number of the data. */
  readonly start: number;
  readonly line: number;
}

function headerOf(bytes: Uint8Array, name: string): Header {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, MAX_HEADER));
  const end = /(^|\n)end_header[ \t]*\r?\n/.exec(text);
  if (!end) fail('INVALID_FORMAT', `${name}: the header of a PLY file ends with 'end_header', which is missing.`);
  const start = end.index + end[0].length;
  const lines = text.slice(0, start).split('\n');
  const elements: Element[] = [];
  let format: Header['format'] | undefined;
  for (const [at, line] of lines.entries()) {
    const [word, ...rest] = line.trim().split(/\s+/);
    const bad = (what: string): never => fail('INVALID_FORMAT', `${name}, line ${at + 1}: ${what}`);
    if (word === 'format') {
      format =
        FORMATS.find((known) => known === rest[0]) ?? bad(`the format '${rest[0]}' is none of ${FORMATS.join(', ')}.`);
    } else if (word === 'element') {
      if (rest.length < 2) bad("an element has a name and a count, as in 'element vertex 100'.");
      elements.push({ name: rest[0], count: countOf(rest[1], rest[0], name), properties: [] });
    } else if (word === 'property') {
      const list = rest[0] === 'list';
      const [length, type, title] = list ? rest.slice(1) : [undefined, rest[0], rest[1]];
      const element = elements.at(-1) ?? bad('a property comes before any element.');
      const known = Object.hasOwn(TYPES, type ?? '') && (!list || Object.hasOwn(TYPES, length ?? ''));
      if (!known || title === undefined) bad(`'${line.trim()}' is no property of a known type.`);
      element.properties.push({ name: title, type: TYPES[type], ...(length && { length: TYPES[length] }) });
    }
  }
  if (!format) fail('INVALID_FORMAT', `${name}: its header does not say 'format ascii 1.0' or a binary one.`);
  return { format, elements, start, line: lines.length };
}

/** Skips elements that contain lists or are not wanted; O(bytes). */
function passed(view: DataView, at: number, element: Element, little: boolean, name: string): number {
  const cut = (): never =>
    fail(
      'INVALID_FORMAT',
      `${name} ends within its elements '${element.name}': ${element.count} were announced. It is cut off.`,
    );
  if (element.properties.every(({ length }) => !length)) {
    const stride = element.properties.reduce((sum, { type }) => sum + sizeOf(type), 0);
    return at + stride * element.count;
  }
  for (let i = 0; i < element.count; i++) {
    for (const { type, length } of element.properties) {
      let items = 1;
      if (length) {
        if (at + sizeOf(length) > view.byteLength) cut();
        items = numberAt(view, at, length, little);
        if (!(items >= 0))
          fail('INVALID_FORMAT', `${name}: element '${element.name}' ${i + 1} has a list of ${items} items.`);
        at += sizeOf(length);
      }
      at += items * sizeOf(type);
    }
    if (at > view.byteLength) cut();
  }
  return at;
}

/**
 * Reads the vertices of a PLY file (Turk 1994), ASCII or binary of either byte order, with one column per property;
 * other elements and lists are skipped with a note.
 * @throws INVALID_FORMAT.
 */
export async function readPly(source: Source, context: ReadContext): Promise<Table> {
  const bytes = await bytesWithEnd(source);
  const { name, notes } = context;
  const { format, elements, start, line } = headerOf(bytes, name);
  const at = elements.findIndex((element) => element.name === 'vertex');
  if (at < 0) {
    const there = elements.map((element) => element.name).join(', ') || 'no elements';
    fail('INVALID_FORMAT', `${name} has no element 'vertex', and so no points: it has ${there}.`);
  }
  const vertex = elements[at];
  const kept = vertex.properties.filter(({ length }) => !length);
  if (kept.length === 0) fail('INVALID_FORMAT', `${name}: its vertices have no properties.`);
  const others = elements.filter((element, k) => k !== at && element.count > 0);
  if (others.length > 0) {
    notes.push(
      `Of ${name} the vertices were read, and not its ${others.map((e) => `${e.count} of '${e.name}'`).join(', ')}.`,
    );
  }
  if (kept.length < vertex.properties.length) notes.push(`Lists of the vertices of ${name} were left out.`);
  const { count } = vertex;
  const left = bytes.length - 1 - start;
  // Checked before memory is allocated, because a header can claim anything.
  const least =
    format === 'ascii'
      ? 2 * vertex.properties.length
      : vertex.properties.reduce((s, p) => s + sizeOf(p.length ?? p.type), 0);
  if (count * least > left + 1) {
    fail(
      'INVALID_FORMAT',
      `${name} announces ${count} vertices, but has ${left} bytes after its header: it is cut off.`,
    );
  }
  const values = kept.map(() => new Float64Array(count));
  if (format === 'ascii') {
    const lines = new NumberLines(bytes, start, line, name);
    const before = elements.slice(0, at).reduce((sum, element) => sum + element.count, 0);
    for (let i = 0; i < before; i++) {
      if (!lines.next()) lines.bad('the file ends before its vertices.');
      lines.skip();
    }
    readRows(lines, vertex, values);
    const after = elements.slice(at + 1).reduce((sum, element) => sum + element.count, 0);
    for (let i = 0; i < after; i++) {
      if (!lines.next()) lines.bad('the file ends before all of its elements.');
      lines.skip();
    }
    if (lines.next())
      lines.bad(
        `there is more than the ${count} vertices${others.length > 0 ? ' and others' : ''} that the header announces.`,
      );
  } else {
    const little = format === 'binary_little_endian';
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length - 1);
    let from = start;
    for (const element of elements.slice(0, at)) from = passed(view, from, element, little, name);
    from = readBinary(view, from, vertex, values, little, name);
    for (const element of elements.slice(at + 1)) from = passed(view, from, element, little, name);
    if (from > view.byteLength) {
      fail('INVALID_FORMAT', `${name} ends before all of the elements that its header announces: it is cut off.`);
    }
    refuseRest(bytes, from, name, others.length > 0 ? 'elements' : `${count} vertices`);
  }
  return cloudTable(
    context,
    'ply',
    kept.map((property) => property.name),
    values,
  );
}

function readRows(lines: NumberLines, { count, properties }: Element, values: readonly Float64Array[]): void {
  const lists = properties.some(({ length }) => length);
  // The line of a vertex with a list has more numbers than there are properties.
  const row = new Float64Array(lists ? 4096 : properties.length);
  for (let i = 0; i < count; i++) {
    if (!lines.next()) lines.bad(`the file ends after ${i} of ${count} vertices.`);
    const found = lines.read(row, row.length);
    let at = 0;
    let column = 0;
    for (const { length } of properties) {
      if (length) at += 1 + row[at];
      else values[column++][i] = row[at++];
    }
    if (found === at && found <= row.length) continue;
    lines.line--;
    lines.bad(`${found} numbers, and a vertex has ${at}.`);
  }
}

/** Fills the columns; returns the offset of the end of the vertices. */
function readBinary(
  view: DataView,
  from: number,
  vertex: Element,
  values: readonly Float64Array[],
  little: boolean,
  name: string,
): number {
  const { count, properties } = vertex;
  const cut = (): never => fail('INVALID_FORMAT', `${name} ends within its ${count} vertices: it is cut off.`);
  if (properties.every(({ length }) => !length)) {
    const stride = properties.reduce((sum, { type }) => sum + sizeOf(type), 0);
    if (from + count * stride > view.byteLength) cut();
    let start = from;
    for (const [j, { type }] of properties.entries()) {
      fillColumn(view, values[j], { start, stride, type, little });
      start += sizeOf(type);
    }
    return from + count * stride;
  }
  let at = from;
  for (let i = 0; i < count; i++) {
    let column = 0;
    for (const { type, length } of properties) {
      if (at + sizeOf(length ?? type) > view.byteLength) cut();
      const value = numberAt(view, at, length ?? type, little);
      at += sizeOf(length ?? type);
      if (length && !(value >= 0)) fail('INVALID_FORMAT', `${name}: vertex ${i + 1} has a list of ${value} items.`);
      if (length) at += value * sizeOf(type);
      else values[column++][i] = value;
    }
  }
  if (at > view.byteLength) cut();
  return at;
}
