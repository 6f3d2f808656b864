import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import { readTableBlocks } from '../read-table-blocks.ts';
import { contents, expectSameInParts } from '../testing.ts';

/** An array of 64-bit integers as numpy.save writes it. */
function npyOf(rows: ReadonlyArray<readonly bigint[]>, kind = '<i8', fortran = false): Uint8Array {
  const [n, d] = [rows.length, rows[0].length];
  const header = `{'descr': '${kind}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${n}, ${d}), }`;
  const padded = header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11);
  const bytes = new Uint8Array(10 + padded.length + 1 + 8 * n * d);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (padded.length + 1) & 255, (padded.length + 1) >> 8]);
  bytes.set(new TextEncoder().encode(`${padded}\n`), 10);
  const view = new DataView(bytes.buffer, 10 + padded.length + 1);
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      view.setBigUint64(8 * (fortran ? j * n + i : i * d + j), BigInt.asUintN(64, value), true);
    });
  });
  return bytes;
}

const big = 2n ** 60n;
const ids = [big + 1n, big + 2n, big, -(big + 1n), 7n, big + 1n];
const rows = ids.map((id, i) => [BigInt(i), id]);

test.each([false, true])('.npy: identifiers that doubles would merge are texts, Fortran order %s', async (fortran) => {
  const bytes = npyOf(rows, '<i8', fortran);
  const table = await readTable(bytes, { name: 'ids.npy' });
  expect(contents(table)).toEqual({ x1: [0, 1, 2, 3, 4, 5], x2: ids.map(String) });
  expect(table.notes).toEqual([
    "Column 'x2' has codes rather than amounts: integers beyond 2^53, which doubles would merge, as in 1152921504606846977.",
  ]);
  await expectSameInParts(bytes, [1, 2, 3], { name: 'ids.npy' });
});

test('small integers, and large ones that doubles hold, are numbers without a note', async () => {
  const { columns, notes } = await readTable(npyOf([[1n], [-2n], [big]]), { name: 'a.npy' });
  expect([columns[0].type, notes]).toEqual(['number', []]);
  const unsigned = await readTable(npyOf([[2n ** 64n - 1n], [2n ** 64n - 2n]], '<u8'), { name: 'a.npy' });
  expect(contents(unsigned)).toEqual({ x1: ['18446744073709551615', '18446744073709551614'] });
});

test('blocks: texts where a category is wanted, else rounded with a note', async () => {
  for (const fortran of [false, true]) {
    const read = async (type: 'number' | 'category') => {
      const choose = () => new Map([['x2', { type }]]);
      const found: unknown[] = [];
      let notes: readonly string[] = [];
      for await (const block of readTableBlocks(npyOf(rows, '<i8', fortran), { name: 'ids.npy', choose })) {
        found.push(...contents(block).x2);
        ({ notes } = block);
      }
      return { found, notes };
    };
    expect(await read('category')).toEqual({ found: ids.map(String), notes: [] });
    const { found, notes } = await read('number');
    expect([found[0], notes]).toEqual([2 ** 60, ["Column 'x2' has integers beyond 2^53, which were rounded."]]);
  }
});
