import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Table } from '../table.ts';
import { bytesOf, expectSameInParts, partsOf, whole } from '../testing.ts';

test('pieces of 1 MiB, quoted line ends and places far from where a scan began', async () => {
  const lines = Array.from(
    { length: 120_000 },
    (_, i) => `${i},"t${i % 13}\n${'"",'.repeat(i % 5)}",${i % 1000 === 0 ? '' : i / 8}`,
  );
  const text = `id,"a\nb",v\n${lines.join('\n')}\n`;
  expect(text.length).toBeGreaterThan(2.5 * 2 ** 20);
  const table = (await expectSameInParts(bytesOf(text), [1, 3], { name: 'x.csv', chunk: 512 })) as Table;
  expect(table.rows).toBe(120_000);
});

test('more than 1 MiB that is compressed is read by all, with a note', async () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => `${Math.sin(i)},${i % 7 === 3 ? 'x' : 'y'}`);
  const packed = new Uint8Array(gzipSync(bytesOf(`a,b\n${rows.join('\n')}`)));
  expect(packed.length).toBeGreaterThan(2 ** 20);
  const table = whole(await partsOf(packed, 2, { name: 'x.csv.gz' }));
  expect([table.rows, table.columns[1].type === 'category' && table.columns[1].levels]).toEqual([300_000, ['x', 'y']]);
  expect(table.notes.join()).toMatch(/^x\.csv\.gz is compressed and cannot be read in parts/);
});
