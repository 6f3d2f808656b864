import { decodeText } from '../io/window.ts';
import { DEFAULT_MISSING, type ReadContext, uniqueNames } from '../table.ts';
import { Dictionary } from './dictionary.ts';
import { COMMA, POINT, scanNumber } from './numbers.ts';

export const QUOTE = 34;
const CANDIDATES = [44, 59, 9, 124, 32];
const HASH = 35;

export interface Layout {
  readonly delimiter: number;
  /** The decimal mark: COMMA or POINT. */
  readonly mark: number;
  readonly header: boolean;
  readonly names: string[];
  /** Whether the header lacks a name for the first column, as when R and pandas write row names. */
  readonly unnamed: boolean;
  /** Byte offset of the data. */
  readonly dataStart: number;
  /** Number of physical lines before the data. */
  readonly dataLine: number;
  readonly notes: string[];
}

interface RawRecord {
  readonly fields: string[];
  readonly end: number;
  readonly lines: number;
}

/**
 * The end of a field. A separate function, because engines compile it at once, while compiling the whole record parser
 * takes 20 ms.
 */
function fieldEnd(b: Uint8Array, at: number, limit: number, delimiter: number): number {
  while (at < limit && b[at] !== delimiter && b[at] !== 10 && b[at] !== 13) at++;
  return at;
}

/** Parses one record slowly, for headers and detection only. Undefined if it does not end before `limit`. */
function readRecord(
  b: Uint8Array,
  at: number,
  limit: number,
  delimiter: number,
  final: boolean,
): RawRecord | undefined {
  const fields: string[] = [];
  let lines = 1;
  for (;;) {
    if (delimiter === 32) while (b[at] === 32) at++;
    let text = '';
    let start = at;
    if (b[at] === QUOTE) {
      for (start = ++at; ; at++) {
        if (at >= limit) return undefined;
        if (b[at] === 10) lines++;
        if (b[at] !== QUOTE) continue;
        if (b[at + 1] !== QUOTE) break;
        text += decodeText(b.subarray(start, at + 1)).text;
        start = at++ + 2;
      }
      text += decodeText(b.subarray(start, at)).text;
      start = ++at;
    }
    at = fieldEnd(b, at, limit, delimiter);
    if (at >= limit && !final) return undefined;
    text = (text + decodeText(b.subarray(start, at)).text).trim();
    if (delimiter === 32) {
      while (at < limit && b[at] === 32) at++;
      if (at < limit && b[at] !== 10 && b[at] !== 13) {
        fields.push(text);
        continue;
      }
    }
    fields.push(text);
    if (at >= limit) return { fields, end: at, lines };
    if (b[at] === delimiter) {
      at++;
      continue;
    }
    return { fields, end: b[at] === 13 && b[at + 1] === 10 ? at + 2 : at + 1, lines };
  }
}

function skipBlank(b: Uint8Array, at: number, limit: number): { at: number; lines: number } {
  let lines = 0;
  while (at < limit && (b[at] === 10 || b[at] === 13)) {
    if (b[at] === 10 || b[at + 1] !== 10) lines++;
    at++;
  }
  return { at, lines };
}

/** The offset after the next line. */
function lineEnd(b: Uint8Array, at: number, limit: number): number {
  while (at < limit && b[at] !== 10 && b[at] !== 13) at++;
  return b[at] === 13 && b[at + 1] === 10 ? at + 2 : at + 1;
}

/** Lines at the beginning of a file that are no data. */
interface Preamble {
  readonly at: number;
  readonly lines: number;
  /** The last of several comments, without its mark, which may hold the names of the columns. */
  readonly last?: { readonly from: number; readonly to: number };
  readonly comments: number;
}

/** Skips a number of lines, or comments. Undefined if they do not end before `limit`. */
function preamble(
  b: Uint8Array,
  from: number,
  limit: number,
  skip: number | undefined,
  final: boolean,
): Preamble | undefined {
  let [at, lines, comments] = [from, 0, 0];
  let last: Preamble['last'];
  if (skip !== undefined) {
    for (; lines < skip && at < limit; lines++) at = lineEnd(b, at, limit);
    return final || (lines === skip && at <= limit) ? { at: Math.min(at, limit), lines, comments } : undefined;
  }
  for (;;) {
    const blank = skipBlank(b, at, limit);
    [at, lines] = [blank.at, lines + blank.lines];
    if (at >= limit || b[at] !== HASH) break;
    const end = lineEnd(b, at, limit);
    let start = at;
    while (b[start] === HASH || b[start] === 32) start++;
    last = { from: start, to: end };
    comments++;
    lines++;
    at = end;
  }
  return at < limit ? { at, lines, last, comments } : undefined;
}

/** Parses the record at an offset with a given delimiter; undefined if it is incomplete. */
type Read = (at: number, delimiter: number) => RawRecord | undefined;

/** Caches records at the beginning of a file, which may be long and are examined several times. */
function reading(b: Uint8Array, limit: number, final: boolean): Read {
  const known = new Map<number, RawRecord | undefined>();
  return (at, delimiter) => {
    const key = 256 * at + delimiter;
    if (!known.has(key)) known.set(key, readRecord(b, at, limit, delimiter, final));
    return known.get(key);
  };
}

/** Number of fields from which on three records suffice. */
const PLENTY = 4000;

/** The first 20 records, or as many as requested. */
function sampled(read: Read, b: Uint8Array, start: number, limit: number, delimiter: number, most = 20): RawRecord[] {
  const records: RawRecord[] = [];
  let fields = 0;
  for (let at = start; records.length < most && at < limit && !(fields > PLENTY && records.length >= 3); ) {
    const record = read(skipBlank(b, at, limit).at, delimiter);
    if (!record || (record.fields.length === 1 && record.fields[0] === '')) break;
    records.push(record);
    fields += record.fields.length;
    at = record.end;
  }
  return records;
}

function detectDelimiter(read: Read, b: Uint8Array, start: number, limit: number, decimal: string): number {
  let best = 44;
  let bestScore = 0;
  for (const delimiter of CANDIDATES) {
    // A delimiter that does not divide the first record is discarded.
    if (sampled(read, b, start, limit, delimiter, 1).some(({ fields }) => fields.length < 2)) continue;
    const records = sampled(read, b, start, limit, delimiter);
    const seen = records.length;
    let first = records[0]?.fields.length ?? 0;
    let agree = 0;
    records.forEach(({ fields }, k) => {
      // A header may name one column fewer than there are (R's row names).
      if (fields.length !== first && !(k === 1 && first > 1 && fields.length === first + 1)) return;
      first = fields.length;
      agree++;
    });
    if (first < 2 || seen === 0 || (delimiter === 32 && agree < seen)) continue;
    // Agreement first, then the number of fields; blanks only if nothing else divides the lines.
    let score = (agree / seen) * 1000 + Math.min(first, 500) / 500;
    // Commas within numbers would divide lines as evenly: 1,5;2,5.
    const { fields } = records[seen - 1];
    const numbers = agree === seen && fields.every((t) => t === '' || isNumber(t, delimiter === 44 ? POINT : COMMA));
    if (numbers) score += delimiter === 44 ? 3 : 2;
    if (delimiter === 44 && decimal === ',') score /= 2;
    if (score > bestScore && !(delimiter === 32 && bestScore > 0 && !numbers)) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/**
 * Decimal comma if numbers look like 1,5, at least one cannot have a thousands separator (as in 1,500), and no number
 * has a point.
 */
function detectMark(records: readonly RawRecord[]): number {
  const fields = records.flatMap((record) => record.fields);
  const comma = fields.some(
    (t) => t.includes(',') && isNumber(t, COMMA) && /^[+-]?(\d*,(\d{1,2}|\d{4,})|0?,\d+)(e.*)?$/i.test(t),
  );
  return comma && !fields.some((t) => t.includes('.') && isNumber(t, POINT)) ? COMMA : POINT;
}

function isNumber(text: string, mark: number): boolean {
  const bytes = new TextEncoder().encode(`${text}\n`);
  return scanNumber(bytes, 0, mark) === bytes.length - 1;
}

/** Where the data or their header begin, and the delimiter there. Undefined if more bytes are needed. */
function beginning(
  b: Uint8Array,
  { bom, limit, final, skip = 0 }: { bom: number; limit: number; final: boolean; skip?: number },
  read: Read,
  delimiterAt: (at: number) => number,
): { start: { at: number; lines: number }; delimiter: number; named?: RawRecord; notes: string[] } | undefined {
  const before = preamble(b, bom, limit, skip || undefined, final);
  if (skip > 0) return before && { start: before, delimiter: delimiterAt(before.at), notes: [] };
  if (before && before.comments > 0) {
    const delimiter = delimiterAt(before.at);
    const data = read(before.at, delimiter);
    const comment = before.last && read(before.last.from, delimiter);
    const alike = data !== undefined && comment?.fields.length === data.fields.length;
    // A single line that begins with # and has as many fields is a header.
    if (data && !(alike && before.comments === 1)) {
      const lines = before.comments === 1 ? 'A line that begins' : `${before.comments} lines that begin`;
      const notes = [`${lines} with # at the beginning ${before.comments === 1 ? 'was' : 'were'} skipped.`];
      return { start: before, delimiter, ...(alike && { named: comment }), notes };
    }
  }
  const start = skipBlank(b, bom, limit);
  return { start, delimiter: delimiterAt(start.at), notes: [] };
}

/**
 * Detects delimiter, header and names from the beginning of a CSV file; undefined if more bytes are needed. The first
 * line is a header if it has no numbers, or a text above a number.
 */
function detectLayout(
  b: Uint8Array,
  limit: number,
  final: boolean,
  options: {
    delimiter?: string;
    skip?: number;
    header?: 'auto' | boolean;
    decimal?: 'auto' | '.' | ',';
    missing: readonly string[];
    spell: (option: string) => string;
  },
): Layout | undefined {
  const bom = b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf ? 3 : 0;
  const read = reading(b, limit, final);
  const { decimal = 'auto' } = options;
  const delimiterAt = (at: number) =>
    options.delimiter === undefined || options.delimiter === 'auto'
      ? detectDelimiter(read, b, at, limit, decimal)
      : options.delimiter.charCodeAt(0);
  const found = beginning(b, { bom, limit, final, skip: options.skip }, read, delimiterAt);
  if (!found) return undefined;
  const { start, delimiter, named } = found;
  const notes = [...found.notes];
  const first = read(start.at, delimiter);
  if (!first) return undefined;
  const gap = skipBlank(b, first.end, limit);
  const second = gap.at < limit ? read(gap.at, delimiter) : undefined;
  if (!second && !final) return undefined;
  const mark =
    decimal === 'auto' ? detectMark(sampled(read, b, start.at, limit, delimiter)) : decimal === ',' ? COMMA : POINT;
  const isNumeric = (text: string) => isNumber(text, mark);
  const missing = Dictionary.of(options.missing);
  const isMissing = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return missing.find(bytes, 0, bytes.length) >= 0;
  };
  const surplus = second ? second.fields.length - first.fields.length : 0;
  // If all lines end with a delimiter, there are no row names; they have one field more than the header.
  const trailing =
    surplus === 1 &&
    sampled(read, b, first.end, limit, delimiter).every(
      ({ fields }) => fields.length > first.fields.length && fields.at(-1) === '',
    );
  const shift = trailing ? 0 : surplus;
  const header =
    typeof options.header === 'boolean'
      ? options.header
      : first.fields.some((t) => !isMissing(t)) &&
        (!first.fields.some(isNumeric) ||
          first.fields.some(
            (t, j) =>
              !isNumeric(t) && !isMissing(t) && second !== undefined && isNumeric(second.fields[j + shift] ?? ''),
          ));
  if (decimal === 'auto' && mark === COMMA) {
    notes.push(
      `Numbers are written with decimal commas and are read so; ${options.spell('decimal')} . keeps them as texts.`,
    );
  }
  const heading = header ? first : options.header === false ? undefined : named;
  let names = first.fields.map((_, j) => (heading ? heading.fields[j] || `column${j + 1}` : `x${j + 1}`));
  if (!heading && options.header !== false && first.fields.some((t) => !isNumeric(t) && !isMissing(t))) {
    notes.push(
      `No names of columns were found, so that the first line counts as data: with ${options.spell('header')} yes it has the names.`,
    );
  }
  if (header && trailing) names = [...names, `column${names.length + 1}`];
  if (header && shift === 1) {
    names = ['row', ...names];
    notes.push("The header names one column fewer than the lines have; the first column is called 'row'.");
  }
  const unnamed = header && (shift === 1 || ['', 'Unnamed: 0'].includes(first.fields[0]));
  return {
    delimiter,
    mark,
    header,
    names,
    unnamed,
    dataStart: header ? first.end : start.at,
    dataLine: start.lines + (header ? first.lines : 0),
    notes,
  };
}

/** The layout with unique names, as modified by the options. Undefined as for {@link detectLayout}. */
export function csvLayout(
  b: Uint8Array,
  limit: number,
  final: boolean,
  { options }: Pick<ReadContext, 'options'>,
): Layout | undefined {
  const { delimiter, skip, header, decimal, missing = DEFAULT_MISSING, spell = (name) => name } = options;
  const layout = detectLayout(b, limit, final, { delimiter, skip, header, decimal, missing, spell });
  if (!layout) return undefined;
  const { names, note } = uniqueNames(layout.names);
  return { ...layout, names, notes: note ? [...layout.notes, note] : layout.notes };
}
