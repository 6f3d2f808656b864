import { expect, test } from 'vitest';
import { type BlockOptions, readBlocks } from './read-blocks.ts';
import { readTable } from './read-table.ts';
import { bytesOf, chunked, expectFailure } from './testing.ts';

const ROWS = 30_000;
const text = `a,b,name,c\n${Array.from({ length: ROWS }, (_, i) => `${i},${i % 7 === 0 ? 'NA' : i / 8},"x ""${i % 5}""",${-i}`).join('\n')}\n`;

async function all(input: Uint8Array | AsyncIterable<Uint8Array>, options: BlockOptions) {
  const blocks = [];
  for await (const block of readBlocks(input, { name: 'x.csv', ...options })) blocks.push(block);
  return blocks;
}

test('blocks, one after the other, are what readTable gives', async () => {
  const table = await readTable(bytesOf(text), { name: 'x.csv' });
  for (const rows of [1000, 7777, 50_000]) {
    const blocks = await all(chunked(bytesOf(text), [10_000]), { rows, columns: ['c', 'b'] });
    expect(blocks.length).toBe(Math.ceil(ROWS / rows));
    for (const block of blocks.slice(0, -1)) expect(block[0].values.length).toBe(rows);
    for (const [j, name] of ['c', 'b'].entries()) {
      const joined = blocks.flatMap((block) => [...block[j].values]);
      expect(blocks[0][j].name).toBe(name);
      expect(joined).toEqual([...(table.columns.find((c) => c.name === name) as { values: Float64Array }).values]);
    }
  }
  expect((await all(bytesOf('a,b\n1,2\n3,4'), { rows: 1 })).map((b) => b.map((c) => c.values[0]))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('no more of the stream is read than a block needs', async () => {
  let read = 0;
  async function* endless() {
    yield bytesOf('a,b\n');
    const line = bytesOf('1,2\n'.repeat(5000));
    for (; ; read++) yield line;
  }
  let rows = 0;
  for await (const block of readBlocks(endless(), { name: 'x.csv', rows: 4000 })) {
    rows += block[0].values.length;
    // What has come is given before more is asked for, but for what the look at the beginning takes.
    expect(read * 5000 - rows).toBeLessThan(40_000);
    if (rows > 1_000_000) break;
  }
  expect(rows).toBeGreaterThan(1_000_000);
});

test('errors are those of readTable, with file and line', async () => {
  await expectFailure(() => all(bytesOf(text), { rows: 10 }), /x\.csv, line 2 has .* in column 3 \('name'\)/);
  await expectFailure(() => all(bytesOf(text), { rows: 10, columns: ['d'] }), /no column 'd'/, 'INVALID_PARAMETER');
  await expectFailure(() => all(bytesOf('a,b\n1,2\n3\n'), { rows: 1 }), /line 3 has 1 field where 2/);
  await expectFailure(() => all(bytesOf(''), { rows: 1 }), /empty/);
  await expectFailure(() => all(bytesOf('a,b\n'), { rows: 1 }), /no rows/);
  await expectFailure(() => all(bytesOf('a\n1\n'), { rows: 0 }), /rows/, 'INVALID_PARAMETER');
  await expectFailure(() => all(bytesOf('1 1:2\n-1 2:3\n'), { rows: 1, name: 'x.svm' }), /LIBSVM/, 'NOT_SUPPORTED');
});
