import { DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import { columnsToRead } from './design/assemble.ts';
import { applyEncoding, designMatrix } from './design/design-matrix.ts';
import { EncodingTally } from './design/tally.ts';
import { readTable } from './read-table.ts';
import { readTableBlocks } from './read-table-blocks.ts';
import { bytesOf, chunked, expectFailure } from './testing.ts';
import { writeNpy } from './write/npy.ts';
import { writeParquet } from './write/parquet.ts';

const rows = 20_000;
const cell = (i: number, j: number) => ((i * 31 + j * 17) % 97) / 8;
const colour = (i: number) => ['red', 'blue', 'lime green', '7', '7.0'][(i * i) % 5];
const line = (i: number) =>
  `${i},${i % 50 === 7 ? '' : cell(i, 1)},"${colour(i)}",${i % 1000 === 999 ? 'oops' : cell(i, 2)},${i % 2 ? 'yes' : 'no'}`;
const csv = `id,a,c,b,y\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`;

test('blocks of a CSV file become the matrix that the whole file becomes, however it comes', async () => {
  const table = await readTable(bytesOf(csv), { name: 'x.csv' });
  const { encoding } = designMatrix(table, { target: 'y', drop: ['id'], missing: 'drop-rows', sparse: false });
  const whole = applyEncoding(table, encoding);
  for (const sizes of [[1 << 20], [70_000, 999], [70_000, 40_000]]) {
    const tally = new EncodingTally();
    const [X, y]: [number[][], number[]] = [encoding.featureNames.map(() => []), []];
    let [blocks, before] = [0, 0];
    let notes: readonly string[] = [];
    const choose = (names: readonly string[], file: string) => columnsToRead(encoding, names, file);
    for await (const block of readTableBlocks(chunked(bytesOf(csv), sizes), { name: 'x.csv', choose })) {
      expect([block.before, block.columns.map((c) => c.name)]).toEqual([before, ['y', 'a', 'c', 'b']]);
      const design = applyEncoding(block, encoding, tally);
      encoding.featureNames.forEach((_, j) => {
        for (let i = 0; i < design.X.rows; i++) X[j].push(design.X.kind === 'dense' ? design.X.get(i, j) : Number.NaN);
      });
      y.push(...design.y!);
      before += block.rows;
      blocks++;
      notes = block.notes;
    }
    expect(before).toBe(rows);
    expect(blocks > 1).toBe(sizes[0] < csv.length);
    expect(X.flat()).toEqual(whole.X.kind === 'dense' ? Array.from(whole.X.data) : []);
    expect(y).toEqual(Array.from(whole.y!));
    expect(tally.notes('x.csv', 0)).toEqual(whole.notes);
    expect(notes.join()).toMatch(/'b' is numeric: 20 values are not numbers .* "oops" in row 1000, "oops" in row 2000/);
  }
});

test('columns that are not there, or hold what they must not, are told as for a whole file', async () => {
  const table = await readTable(bytesOf(csv), { name: 'x.csv' });
  const { encoding } = designMatrix(table, { features: ['a', 'b'], missing: 'mean' });
  const read = async (text: string) => {
    const choose = (names: readonly string[], file: string) => columnsToRead(encoding, names, file);
    for await (const block of readTableBlocks(chunked(bytesOf(text), [1000]), { name: 'x.csv', choose })) {
      applyEncoding(block, encoding);
    }
  };
  await expectFailure(read('a,c\n1,2\n'), /x\.csv lacks the column 'b'/, 'INVALID_PARAMETER');
  await expectFailure(
    read('a,b\n1,x\n2,y\n3,4\n'),
    /column 'b' was numeric when .* has "x" in row 1 \(of 3 values 2 are/,
  );
  await expectFailure(
    read(csv.replace(/\n19999,[^,]*/, '\n19999,inf')),
    /'a' holds Infinity in row 20000/,
    'NON_FINITE',
  );
});

test('.npy, Parquet and LIBSVM, where index 0 may come late', async () => {
  const numbers = Array.from({ length: 400 }, (_, i) => [i, cell(i, 1)]);
  const choose = () => new Map([['x2', { type: 'number' as const }]]);
  const second = async (bytes: Uint8Array, name: string) => {
    const values: number[] = [];
    for await (const { columns } of readTableBlocks(bytes, { name, choose })) {
      values.push(...(columns[0].type === 'number' ? columns[0].values : []));
    }
    return values;
  };
  const expected = numbers.map(([, v]) => v);
  expect(await second(writeNpy(DenseMatrix.fromRows(numbers)), 'x.npy')).toEqual(expected);
  const parquet = writeParquet({ x1: numbers.map(([v]) => v), x2: expected });
  expect(await second(parquet, 'x.parquet')).toEqual(expected);

  const svm = bytesOf(numbers.map(([i, v], k) => `${i % 2} ${k === 399 ? '0:5 ' : ''}3:${v + 1}\n`).join(''));
  const whole = await readTable(svm, { name: 'x.svm' });
  const [entries, labels]: [number[], number[]] = [[], []];
  for await (const { sparse } of readTableBlocks(svm, { name: 'x.svm', choose })) {
    for (let i = 0; i < sparse!.X.rows; i++) entries.push(sparse!.X.toDense().get(i, 3));
    labels.push(...sparse!.y!);
  }
  expect(entries).toEqual(numbers.map(([, v]) => v + 1));
  expect(labels).toEqual(Array.from(whole.sparse!.y!));
});
