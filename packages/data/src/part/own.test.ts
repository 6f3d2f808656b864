import { DenseMatrix } from '@southwell/numerics/arrays';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Input } from '../io/source.ts';
import { readTable } from '../read-table.ts';
import { bytesOf, expectFailure, inPieces, partsOf, whole } from '../testing.ts';
import { writeNpy } from '../write/npy.ts';
import { writeParquet } from '../write/parquet.ts';

const own = (files: readonly Uint8Array[], ending = 'csv', chunk = 1) =>
  partsOf((rank): Input => inPieces(files[rank], `part-${rank}.${ending}`), files.length, {
    own: `part-{rank}.${ending}`,
    chunk,
  });

test('files of the ranks follow each other, however many rows each has, and rows go where they belong', async () => {
  const cell = fc.constantFrom('1', '2.5', 'NA', 'x', 'y', '007', 'z z', '"a\nb"');
  const rows = fc.array(
    fc.tuple(fc.constantFrom('1', '-3', '2.25'), cell, cell).map((cells) => `${cells.join(',')}\n`),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(fc.nat(40), { maxLength: 3 }),
      fc.constantFrom(1, 4, 16),
      async (lines, at, chunk) => {
        const cuts = [0, ...at.map((k) => k % (lines.length + 1)).sort((a, b) => a - b), lines.length];
        const files = cuts.slice(1).map((to, r) => `a,b,c\n${lines.slice(cuts[r], to).join('')}`);
        const { columns, rows: all } = await readTable(bytesOf(`a,b,c\n${lines.join('')}`), { header: true });
        const parts = await partsOf((rank): Input => inPieces(bytesOf(files[rank]), `part-${rank}.csv`), files.length, {
          own: 'part-{rank}.csv',
          header: true,
          chunk,
        });
        const found = whole(parts);
        expect([found.columns, found.rows, found.name]).toEqual([columns, all, 'part-{rank}.csv']);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 100) },
  );
});

test('what is said of them, and what is wrong in them, names the file', async () => {
  const text = (...lines: string[]) => bytesOf(`${lines.join('\n')}\n`);
  const [table] = await own([text('a,b', '1,2', '3,4'), text('a,b', '5,x', '6,y')]);
  expect(table.notes[0]).toBe(`Column 'b' is a category because line 2 of part-1.csv has "x" in it.`);
  const first = text('a,b', '1,2');
  await expectFailure(own([first, text('a,c', '1,2')]), /^part-1\.csv, of rank 1, has the column 'c' where .* 'b'/);
  await expectFailure(own([first, text('a', '1')]), /^part-1\.csv, of rank 1, has 1 column where .* has 2/);
  await expectFailure(own([first, first, text('a,b', '1,2', '1')]), /^part-2\.csv, line 3 has 1 field/);
  await expectFailure(
    own([first, text('1 1:2', '-1 3:4')]),
    /^part-1\.csv, of rank 1, holds LIBSVM where .* holds CSV/,
  );
  await expectFailure(own([text('1 1:2'), text('1 3:4')], 'svm'), /sparse matrix/, 'NOT_SUPPORTED');
});

test('.npy and Parquet', async () => {
  const npy = (...values: number[]) =>
    writeNpy(DenseMatrix.fromColumnMajor(Float64Array.from(values), values.length, 1));
  const numbers = whole(await own([npy(1, 2, 3, 4, 5), npy(6), npy(7, 8)], 'npy', 2));
  expect(numbers.columns[0]).toMatchObject({ values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  const parquet = (c: Array<string | null>) => writeParquet({ c, n: c.map((_, i) => i) });
  const texts = whole(await own([parquet([null, null]), parquet(['b', 'a', 'b']), parquet(['c', 'a'])], 'parquet'));
  expect(texts.columns[0]).toMatchObject({ levels: ['a', 'b', 'c'], codes: Int32Array.of(-1, -1, 1, 0, 1, 2, 0) });
  const mixed = own([parquet(['b']), writeParquet({ c: [1], n: [2] })], 'parquet');
  await expectFailure(
    mixed,
    /^part-1\.parquet, of rank 1, has numbers in column 'c' where part-0\.parquet, of rank 0, has texts/,
  );
});
