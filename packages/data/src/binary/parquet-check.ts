import type { ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { compressors } from 'hyparquet-compressors';

/**
 * Validates the pages of one column before hyparquet decodes them, because its decoder trusts the lengths of runs in
 * damaged pages: up to 2³¹ values from four bytes.
 * @throws Error for an impossible page, count or run.
 */
export function checkPages(chunk: Uint8Array, meta: ColumnMetaData, optional: boolean, rows: number): void {
  if (Number(meta.num_values) !== rows) throw new Error(`a column has ${meta.num_values} values in ${rows} rows`);
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  for (let left = rows; left > 0; ) {
    if (reader.offset >= chunk.length - 1) throw new Error(`${left} values of a column are missing`);
    const header = parquetHeader(reader);
    const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
    const from = reader.offset;
    reader.offset += size;
    if (!(size >= 0 && unpacked >= 0 && reader.offset <= chunk.length))
      throw new Error('a page has an impossible size');
    const bytes = chunk.subarray(from, from + size);
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
    if (header.type === 'DICTIONARY_PAGE') {
      // Every value takes at least one bit.
      if (!dictionary || !(dictionary.num_values >= 0 && dictionary.num_values <= unpacked * 8)) {
        throw new Error('a dictionary has an impossible size');
      }
      continue;
    }
    const count = (v1 ?? v2)?.num_values;
    if (count === undefined || !(count > 0 && count <= left))
      throw new Error(`a page claims ${count} of ${left} values`);
    left -= count;
    let page = bytes;
    let at = 0;
    const encoding = (v1 ?? v2)!.encoding;
    const indexed = encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
    const runs = indexed || encoding === 'RLE';
    if (v2) {
      const levels = v2.definition_levels_byte_length;
      const before = v2.repetition_levels_byte_length;
      const nulls = v2.num_nulls;
      if (!(levels >= 0 && before >= 0 && before + levels <= size && nulls >= 0 && nulls <= count)) {
        throw new Error('a page has impossible levels');
      }
      if (optional) walkRuns(bytes, before, before + levels, 1, count, true);
      if (!runs) continue;
      page = bytes.subarray(before + levels);
      if (v2.is_compressed !== false) page = decompressPage(page, unpacked - before - levels, meta.codec, compressors);
    } else if (optional || runs) {
      page = decompressPage(bytes, unpacked, meta.codec, compressors);
      if (optional) {
        const end = 4 + lengthAt(page, 0);
        walkRuns(page, 4, end, 1, count, true);
        at = end;
      }
    }
    if (indexed) walkRuns(page, at + 1, page.length, page[at], count, false);
    else if (runs) walkRuns(page, at + 4, at + 4 + lengthAt(page, at), 1, count, false);
  }
}

function lengthAt(page: Uint8Array, at: number): number {
  return new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(at, true);
}

/**
 * Validates the runs of Parquet's RLE/bit-packing hybrid encoding: they must stay within the page, and yield at most
 * `count` values.
 */
function walkRuns(b: Uint8Array, at: number, end: number, width: number, count: number, all: boolean): void {
  if (end > b.length || width > 32) throw new Error('a page has impossible runs');
  let seen = 0;
  while (seen < count && at < end) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new Error('a page has impossible runs');
      const byte = b[at++];
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const length = Math.floor(header / 2);
    if (header % 2 === 1) {
      // Runs consist of groups of eight values; the padding of the last one may be cut off.
      at += length * width;
      seen += length * 8;
      if (seen > count + 7 + 8 * 64) throw new Error('a page has more values than it claims');
    } else {
      at += (width + 7) >> 3;
      seen += length;
      if (seen > count || length === 0) throw new Error('a page has more values than it claims');
    }
  }
  if (all && seen < count) throw new Error('a page has fewer values than it claims');
}
