// Truncated or altered files. Not exported from the package.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import type { Table } from '../table.ts';
import { bytesOf, chunked } from '../testing.ts';
import { writePcd, writePly, writeXyz } from '../write/cloud.ts';
import { writeCsv } from '../write/csv.ts';
import { writeNpy } from '../write/npy.ts';
import { writeParquet } from '../write/parquet.ts';

const ROWS = 40;
const data = {
  a: Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i) * 10 ** (i % 5)),
  b: Array.from({ length: ROWS }, (_, i) => `level ${i % 4}`),
  c: Array.from({ length: ROWS }, (_, i) => (i % 9 ? i : null)),
};
const fixtures = JSON.parse(readFileSync(new URL('../binary/numpy-fixtures.json', import.meta.url), 'utf8'));
const decode = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const svm = Array.from({ length: ROWS }, (_, i) => `${i % 2} 1:${Math.cos(i)} ${3 + (i % 4)}:2`).join('\n');
const mtx = Array.from({ length: ROWS }, (_, i) => `${i + 1} ${(i % 7) + 1} ${Math.cos(i)}`).join('\n');

/**
 * `exact`: whether any lost byte must be detected (text formats without a count cannot detect truncation at the end of
 * a line).
 */
const files: Array<{ name: string; bytes: Uint8Array; rows: number; exact: boolean }> = [
  { name: 'a.csv', bytes: writeCsv(data), rows: ROWS, exact: false },
  { name: 'a.svm', bytes: bytesOf(`${svm}\n`), rows: ROWS, exact: false },
  {
    name: 'a.mtx',
    bytes: bytesOf(`%%MatrixMarket matrix coordinate real general\n${ROWS} 7 ${ROWS}\n${mtx}\n`),
    rows: ROWS,
    exact: false,
  },
  { name: 'a.npy', bytes: writeNpy(DenseMatrix.fromColumnMajor(data.a, ROWS, 1)), rows: ROWS, exact: true },
  { name: 'a.npz', bytes: decode(fixtures.npz['arrays deflated']), rows: 3, exact: true },
  { name: 'sparse.npz', bytes: decode(fixtures.npz['csr deflated']), rows: 7, exact: true },
  { name: 'a.parquet', bytes: writeParquet(data), rows: ROWS, exact: true },
  { name: 'a.ply', bytes: writePly({ x: data.a, y: data.a, z: data.a }), rows: ROWS, exact: true },
  { name: 'a.pcd', bytes: writePcd({ x: data.a, y: data.a, z: data.a }), rows: ROWS, exact: true },
  { name: 'text.ply', bytes: writePly({ x: data.a, y: data.a }, { encoding: 'ascii' }), rows: ROWS, exact: false },
  { name: 'a.xyz', bytes: writeXyz({ x: data.a, y: data.a, z: data.a }), rows: ROWS, exact: false },
  { name: 'a.csv.gz', bytes: new Uint8Array(gzipSync(writeCsv(data))), rows: ROWS, exact: true },
];

/** The table, or undefined after a typed error whose message names the file; anything else fails the test. */
async function attempt(bytes: Uint8Array, name: string, streamed: boolean): Promise<Table | undefined> {
  try {
    return await readTable(streamed ? chunked(bytes, [50]) : bytes, { name });
  } catch (error) {
    expect(error).toBeInstanceOf(SouthwellError);
    expect((error as SouthwellError).code).toBe('INVALID_FORMAT');
    expect((error as SouthwellError).message).toContain(name);
    return undefined;
  }
}

/** Tests of files of every format, truncated at `cuts` positions and altered `runs` times. */
export function fuzz({ cuts, runs }: { readonly cuts: number; readonly runs: number }): void {
  test.each(files)('the whole $name is read', async ({ bytes, name, rows }) => {
    expect((await attempt(bytes, name, false))?.rows).toBe(rows);
  });

  test.each(files)(
    '$name cut off at any byte: a sentence, or every row that is whole',
    async ({ bytes, name, exact }) => {
      const step = Math.max(1, Math.floor(bytes.length / cuts));
      for (let end = 0; end < bytes.length; end += step) {
        const table = await attempt(bytes.slice(0, end), name, end % 2 === 0);
        if (exact) expect(table, `cut at ${end}`).toBeUndefined();
        else if (table) {
          const lines = new TextDecoder().decode(bytes.subarray(0, end)).trimEnd().split('\n').length;
          if (name === 'a.mtx' || name === 'text.ply')
            expect(end).toBeGreaterThan(bytes.lastIndexOf(10, bytes.length - 2));
          // Lines with one or two numbers are skipped.
          else if (name === 'a.xyz') expect(lines - table.rows).toBeLessThanOrEqual(table.notes.length);
          else expect(table.rows).toBe(name === 'a.csv' ? lines - 1 : lines);
        }
      }
    },
  );

  test.each(files)(
    '$name with bytes altered: a sentence, or all the rows',
    async ({ bytes, name, rows, exact }) => {
      const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), async (changes, streamed) => {
          const altered = bytes.slice();
          for (const { at, to } of changes) altered[at] = to;
          const table = await attempt(altered, name, streamed);
          if (!table) return;
          if (exact && name !== 'a.npy') expect(table.rows).toBe(rows);
          // A change in text may join two lines, split one, or turn one into a comment or the header; no more than that
          // may be lost.
          else if (name !== 'a.npy') expect(table.rows).toBeGreaterThanOrEqual(rows - 1 - 2 * changes.length);
          for (const column of table.columns) {
            const values = column.type === 'number' ? column.values : column.codes;
            expect(values.length).toBe(table.rows);
          }
          table.sparse?.X.validate();
        }),
        { numRuns: runs },
      );
    },
    30_000,
  );

  test('random bytes, with and without a signature in front', async () => {
    const signature = fc.constantFrom(
      '',
      '\x93NUMPY\x01\0',
      'PAR1',
      'PK\x03\x04',
      '\x1f\x8b\x08\0',
      '%%MatrixMarket matrix ',
      '1 1:',
    );
    await fc.assert(
      fc.asyncProperty(signature, fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
        await attempt(new Uint8Array([...Uint8Array.from(start, (c) => c.charCodeAt(0)), ...rest]), 'a', false);
      }),
      { numRuns: 2 * runs },
    );
  });
}
