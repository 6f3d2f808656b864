import { isGzip, gunzip as portableGunzip } from './io/gzip.ts';
import { sniff } from './io/sniff.ts';
import { type Input, peek, type Source, toSource } from './io/source.ts';
import { utf8Of, utf16Of } from './io/utf16.ts';
import { pieces } from './io/window.ts';
import type { Format, ReadContext, ReadOptions } from './table.ts';

const HEAD = 1 << 16;
const MAX_LAYERS = 3;

/** Options that apply to one format only, with the name of that format in notes. */
const ABOUT = {
  header: ['csv', 'CSV'],
  skip: ['csv', 'CSV'],
  delimiter: ['csv', 'CSV'],
  decimal: ['csv', 'CSV'],
  missing: ['csv', 'CSV'],
  types: ['csv', 'CSV'],
  dateOrder: ['csv', 'CSV'],
  dateParts: ['csv', 'CSV'],
  zeroBased: ['libsvm', 'LIBSVM'],
  resize: ['picture', 'pictures'],
} as const satisfies Partial<Record<keyof ReadOptions, readonly [Format, string]>>;

/** Notes on options that apply to another format than that of the file. */
export const unusedOptions = (format: Format, options: ReadOptions, name: string): string[] =>
  Object.entries(ABOUT).flatMap(([option, [only, called]]) => {
    const value = options[option as keyof typeof ABOUT];
    if (format === only || value === undefined || value === 'auto') return [];
    return [`${options.spell?.(option) ?? option} applies to ${called} and has no effect on ${name}.`];
  });

export interface Opened {
  readonly source: Source;
  readonly format: Format;
  readonly context: ReadContext;
}

/** Opens the input: decompresses gzip, converts UTF-16, counts bytes for progress, and detects the format. */
export async function open(input: Input, options: ReadOptions): Promise<Opened> {
  const notes: string[] = [];
  let bytesRead = 0;
  const raw = toSource(input, options.name);
  const { name } = raw;
  const count = async (reading: Promise<Uint8Array>) => {
    const bytes = await reading;
    bytesRead += bytes.length;
    return bytes;
  };
  const counted: Source = {
    ...raw,
    async *stream(passing) {
      bytesRead = 0;
      for await (const chunk of pieces(raw.stream(passing))) {
        options.signal?.throwIfAborted();
        bytesRead += chunk.length;
        yield chunk;
      }
    },
    slice: raw.slice && ((start, end) => count(raw.slice!(start, end))),
    readInto:
      raw.readInto &&
      ((target, position) => {
        const read = raw.readInto!(target, position);
        bytesRead += read;
        return read;
      }),
  };
  options.signal?.throwIfAborted();
  let { head, source } = await peek(counted, HEAD);
  let layers = 0;
  for (; isGzip(head) && layers < MAX_LAYERS; layers++) {
    const inner = source;
    const gunzip = raw.gunzip ?? portableGunzip;
    ({ head, source } = await peek(
      { name, restartable: inner.restartable, stream: () => gunzip(inner.stream(), name) },
      HEAD,
    ));
  }
  if (layers > 1)
    notes.push(`${name} is gzipped ${layers === 2 ? 'twice' : `${layers} times`}; all layers were taken off.`);
  const encoding = utf16Of(head);
  if (encoding) {
    const inner = source;
    ({ head, source } = await peek(
      { name, restartable: inner.restartable, stream: () => utf8Of(inner.stream(), encoding) },
      HEAD,
    ));
  }
  const format = sniff(head, name, options.format, notes);
  notes.push(...unusedOptions(format, options, name));
  bytesRead = 0;
  return {
    source,
    format,
    context: {
      name,
      options,
      notes,
      size: layers === 0 && !encoding ? raw.size : undefined,
      progress(rows) {
        options.signal?.throwIfAborted();
        // Clamped, because some parts are read twice.
        options.onProgress?.(Math.min(bytesRead, raw.size ?? bytesRead), rows);
      },
    },
  };
}
