import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNpyMatrix } from '../binary/npy.ts';
import { readTable } from '../read-table.ts';
import { bytesOf, cells, chunked, contents, expectFailure } from '../testing.ts';
import { writeCsv } from './csv.ts';
import { writeLibsvm } from './libsvm.ts';
import { writeNpy } from './npy.ts';
import { writeParquet } from './parquet.ts';

const number = fc.option(fc.double({ noNaN: true }), { nil: null });
const word = fc.option(fc.stringMatching(/^[a-zA-Zé",;\n\r' ]{1,6}x$/), { nil: null });
const tables = fc.integer({ min: 1, max: 30 }).chain((rows) =>
  fc.record({
    a: fc.array(number, { minLength: rows, maxLength: rows }),
    'b, "quoted"': fc.array(word, { minLength: rows, maxLength: rows }),
    c: fc.array(number, { minLength: rows, maxLength: rows }),
  }),
);
const plain = (values: ReadonlyArray<string | number | null>) => values.map((v) => (typeof v === 'number' ? v + 0 : v));
const categories = { types: { 'b, "quoted"': 'text' as const } };

test('CSV and Parquet are read back as written', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (data) => {
      const csv = await readTable(writeCsv(data), { header: true, delimiter: ',', ...categories });
      const parquet = await readTable(writeParquet(data));
      for (const table of [csv, parquet]) {
        expect(table.columns.map((column) => column.name)).toEqual(Object.keys(data));
        for (const column of table.columns) {
          expect(plain(cells(column))).toEqual(plain(data[column.name as keyof typeof data]));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a table that was read can be written, and one column of missing values is no blank line', async () => {
  const table = await readTable(bytesOf('a,b\n1,x\n,y\n'), { name: 't.csv' });
  expect(new TextDecoder().decode(writeCsv(table))).toBe('a,b\n1,x\n,y\n');
  expect(new TextDecoder().decode(writeCsv({ a: [1, null] }))).toBe('a\n1\n""\n');
  expect(contents(await readTable(writeCsv({ a: [1, null] })))).toEqual({ a: [1, null] });
});

test('.npy is byte for byte what NumPy 2.2 writes, and comes back', async () => {
  const matrix = DenseMatrix.fromRows([
    [1, 2, 3],
    [4, 5, 6.5],
  ]);
  const bytes = writeNpy(matrix);
  // np.save(f, np.asfortranarray([[1, 2, 3], [4, 5, 6.5]]))
  const header = `\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }`.padEnd(127) + '\n';
  expect(new TextDecoder('latin1').decode(bytes.subarray(1, 128))).toBe(header.slice(1));
  expect(bytes.length).toBe(128 + 48);
  expect(Array.from((await readNpyMatrix(bytes)).data)).toEqual(Array.from(matrix.data));
  expect(Array.from((await readNpyMatrix(writeNpy(Float64Array.of(1, 2)))).data)).toEqual([1, 2]);
});

test('LIBSVM is read back as written, from sparse and dense alike', async () => {
  const rows = fc.array(
    fc.array(fc.oneof(fc.constant(0), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      minLength: 4,
      maxLength: 4,
    }),
    { minLength: 1, maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(rows, async (data) => {
      data[0][3] = 1; // the number of columns is not stored
      const dense = DenseMatrix.fromRows(data);
      const y = data.map((_, i) => i / 3);
      const bytes = writeLibsvm(CscMatrix.fromDense(dense), y);
      expect(writeLibsvm(dense, y)).toEqual(bytes);
      const { X, y: labels } = (await readTable(bytes, { format: 'libsvm' })).sparse!;
      expect(Array.from(X.toDense().data, (v) => v + 0)).toEqual(Array.from(dense.data, (v) => v + 0));
      expect(Array.from(labels!)).toEqual(y);
    }),
  );
  await expectFailure(
    async () => writeLibsvm(DenseMatrix.fromRows([[1]]), [1, 2]),
    /1 rows.*2 labels/,
    'INVALID_SHAPE',
  );
});

test('Parquet through a stream and by pieces of a Blob', async () => {
  const bytes = writeParquet({
    a: Float64Array.from({ length: 5000 }, (_, i) => i),
    s: Array.from({ length: 5000 }, (_, i) => `s${i % 3}`),
  });
  for (const input of [chunked(bytes, [999]), new Blob([bytes as Uint8Array<ArrayBuffer>])]) {
    const table = await readTable(input, { name: 't.parquet' });
    expect(table.rows).toBe(5000);
    expect(cells(table.columns[0]).every((v, i) => v === i)).toBe(true);
    expect(cells(table.columns[1]).every((v, i) => v === `s${i % 3}`)).toBe(true);
  }
});
