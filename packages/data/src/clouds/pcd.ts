import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import { bytesWithEnd, cloudTable, countOf, fillColumn, NumberLines, type NumberType, refuseRest } from './layout.ts';
import { unlzf } from './lzf.ts';

const MAX_HEADER = 1 << 16;
const KINDS: Readonly<Record<string, string>> = { F: 'f', I: 'i', U: 'u' };

interface Field {
  readonly name: string;
  readonly type: NumberType;
  readonly size: number;
  readonly count: number;
}

interface Header {
  readonly fields: readonly Field[];
  readonly points: number;
  readonly data: string;
  readonly start: number;
  readonly line: number;
}

function headerOf(bytes: Uint8Array, name: string, notes: string[]): Header {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, MAX_HEADER));
  const end = /(^|\n)DATA[ \t]+(\S+)[ \t]*\r?\n/.exec(text);
  if (!end)
    fail('INVALID_FORMAT', `${name}: the header of a PCD file ends with 'DATA ascii' or its like, which is missing.`);
  const start = end.index + end[0].length;
  const lines = text.slice(0, start).split('\n');
  const entries = new Map(
    lines.map((line): [string, string[]] => {
      const [word, ...rest] = line.trim().split(/\s+/);
      return [word, rest];
    }),
  );
  const names = entries.get('FIELDS') ?? entries.get('COLUMNS') ?? [];
  if (names.length === 0) fail('INVALID_FORMAT', `${name}: its header has no line FIELDS, which names the columns.`);
  const of = (word: string, otherwise: string): readonly string[] => {
    const given = entries.get(word) ?? names.map(() => otherwise);
    if (given.length === names.length) return given;
    return fail(
      'INVALID_FORMAT',
      `${name}: ${word} has ${given.length} entries, but there are ${names.length} fields.`,
    );
  };
  const [sizes, types, counts] = [of('SIZE', '4'), of('TYPE', 'F'), of('COUNT', '1')];
  const fields = names.map((field, j): Field => {
    const type = `${KINDS[types[j]]}${sizes[j]}`;
    if (!/^([iu][1248]|f[48])$/.test(type)) {
      fail(
        'INVALID_FORMAT',
        `${name}: field '${field}' has TYPE ${types[j]} of SIZE ${sizes[j]}, which is not a number type.`,
      );
    }
    return {
      name: field,
      type: type as NumberType,
      size: Number(sizes[j]),
      count: countOf(counts[j], `COUNT of '${field}'`, name),
    };
  });
  const size = (word: string) => countOf(entries.get(word)?.[0] ?? '1', word, name);
  const area = size('WIDTH') * size('HEIGHT');
  const points = entries.has('POINTS') ? size('POINTS') : area;
  if (entries.has('WIDTH') && area !== points) {
    fail(
      'INVALID_FORMAT',
      `${name} announces ${points} points, but ${entries.get('WIDTH')} × ${entries.get('HEIGHT')} of them.`,
    );
  }
  const viewpoint = (entries.get('VIEWPOINT') ?? []).map(Number);
  if (viewpoint.some((v, k) => v !== (k === 3 ? 1 : 0))) {
    notes.push(`The viewpoint of ${name} was not applied: points are as stored.`);
  }
  return { fields, points, data: end[2], start, line: lines.length };
}

/**
 * Reads a point cloud of the Point Cloud Library, format 0.7: ASCII, binary or compressed. One column per field, or
 * several for a field with several numbers.
 * @throws INVALID_FORMAT.
 */
export async function readPcd(source: Source, context: ReadContext): Promise<Table> {
  const bytes = await bytesWithEnd(source);
  const { name } = context;
  const { fields, points, data, start, line } = headerOf(bytes, name, context.notes);
  const width = fields.reduce((sum, { count }) => sum + count, 0);
  const stride = fields.reduce((sum, { size, count }) => sum + size * count, 0);
  const left = bytes.length - 1 - start;
  const cut = (): never =>
    fail(
      'INVALID_FORMAT',
      `${name} announces ${points} points of ${stride} bytes, but has ${left} bytes after its header: it is cut off.`,
    );
  if (width > 1 << 16) fail('INVALID_FORMAT', `${name}: its fields claim ${width} numbers a point.`);
  const names: string[] = [];
  const wanted = fields.flatMap((field) =>
    // PCL uses fields of this name as padding.
    Array.from({ length: field.count }, (_, k) => {
      if (field.name !== '_') names.push(field.count === 1 ? field.name : `${field.name}_${k + 1}`);
      return field.name !== '_';
    }),
  );
  const columns = () => names.map(() => new Float64Array(points));
  if (data === 'ascii') {
    if (points * 2 * width > left + 1) cut();
    const values = columns();
    const lines = new NumberLines(bytes, start, line, name);
    const row = new Float64Array(width);
    for (let i = 0; i < points; i++) {
      if (!lines.next()) lines.bad(`the file ends after ${i} of ${points} points.`);
      const found = lines.read(row, width);
      if (found !== width) {
        lines.line--;
        lines.bad(`${found} numbers, and a point has ${width}.`);
      }
      let column = 0;
      for (let j = 0; j < width; j++) if (wanted[j]) values[column++][i] = row[j];
    }
    if (lines.next()) lines.bad(`there is more than the ${points} points that the header announces.`);
    return cloudTable(context, 'pcd', names, values);
  }
  let block: Uint8Array;
  if (data === 'binary') {
    if (points * stride > left) cut();
    refuseRest(bytes, start + points * stride, name, `${points} points`);
    block = bytes.subarray(start);
  } else if (data === 'binary_compressed') {
    if (left < 8) cut();
    const sizes = new DataView(bytes.buffer, bytes.byteOffset + start, 8);
    const [packed, whole] = [sizes.getUint32(0, true), sizes.getUint32(4, true)];
    if (packed > left - 8) cut();
    if (whole !== points * stride) {
      fail(
        'INVALID_FORMAT',
        `${name}: its compressed data hold ${whole} bytes, but ${points} points of ${stride} bytes were announced.`,
      );
    }
    block = unlzf(bytes.subarray(start + 8, start + 8 + packed), whole, name);
  } else {
    return fail(
      'INVALID_FORMAT',
      `${name}: its data are '${data}', but only ascii, binary and binary_compressed can be read.`,
    );
  }
  const values = columns();
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const apart = data === 'binary';
  let [at, column] = [0, 0];
  for (const field of fields) {
    const { type, size, count } = field;
    for (let k = 0; k < count; k++) {
      // Compressed data are stored field by field.
      const place = { start: at + size * k, stride: apart ? stride : size * count, type, little: true };
      if (field.name !== '_') fillColumn(view, values[column++], place);
    }
    at += size * count * (apart ? 1 : points);
  }
  return cloudTable(context, 'pcd', names, values);
}
