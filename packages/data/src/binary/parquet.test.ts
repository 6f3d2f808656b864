import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import { bytesOf, contents, expectFailure } from '../testing.ts';

const write = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'], rowGroupSize = 2) =>
  new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

test('every flat type, over several row groups', async () => {
  const bytes = write([
    { name: 'flag', data: [true, false, true], type: 'BOOLEAN' },
    { name: 'int', data: [1, null, -3], type: 'INT32', nullable: true },
    { name: 'long', data: [1n, 2n ** 60n + 1n, -3n], type: 'INT64' },
    { name: 'float', data: Float32Array.of(0.5, 1.5, -2), type: 'FLOAT' },
    { name: 'text', data: ['b', 'a', null], type: 'STRING', nullable: true },
    { name: 'time', data: [new Date(1500), new Date(-250), new Date(0)], type: 'TIMESTAMP' },
    { name: 'nothing', data: [null, null, null], type: 'DOUBLE', nullable: true },
  ]);
  const table = await readTable(bytes, { name: 't.parquet' });
  expect(contents(table)).toEqual({
    flag: [1, 0, 1],
    int: [1, null, -3],
    long: ['1', '1152921504606846977', '-3'],
    float: [0.5, 1.5, -2],
    text: ['b', 'a', null],
    time: [1.5, -0.25, 0],
    nothing: [null, null, null],
  });
  expect(table.notes[0]).toBe(
    "Column 'long' has codes rather than amounts: integers beyond 2^53, which doubles would merge, as in 1152921504606846977.",
  );
});

test('a Parquet file named .csv is read as what it is', async () => {
  const table = await readTable(write([{ name: 'a', data: [1, 2], type: 'INT32' }]), { name: 'wrong.csv' });
  expect(contents(table)).toEqual({ a: [1, 2] });
  expect(table.notes.join()).toMatch(/named like CSV but holds Parquet/);
});

test('damage is told', async () => {
  const bytes = write([{ name: 'a', data: [1, 2, 3], type: 'DOUBLE' }]);
  await expectFailure(
    readTable(bytes.slice(0, -5), { name: 't.parquet' }),
    /t\.parquet is damaged, or not a supported Parquet file/,
  );
  await expectFailure(readTable(bytesOf('a,b\n1,2\n'), { name: 't.parquet' }), /named like Parquet but holds text/);
  await expectFailure(readTable(write([{ name: 'a', data: [], type: 'DOUBLE' }]), { name: 't.parquet' }), /no rows/);
});
