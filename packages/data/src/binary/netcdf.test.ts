import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import { chunked, contents, expectFailure } from '../testing.ts';

/** Written by SciPy 1.15.3. */
const fixtures: Record<'packed' | 'records' | 'alone' | 'empty', string> = JSON.parse(
  readFileSync(new URL('./netcdf-fixtures.json', import.meta.url), 'utf8'),
);
const bytesOf = (name: keyof typeof fixtures) => Uint8Array.from(atob(fixtures[name]), (c) => c.charCodeAt(0));
const gap = null;

test('a grid has a row a place: coordinates, then variables, unpacked and with gaps', async () => {
  for (const input of [bytesOf('packed'), chunked(bytesOf('packed'), [7])]) {
    const table = await readTable(input, { name: 'a.nc' });
    expect([table.format, table.rows]).toEqual(['netcdf', 6]);
    expect(contents(table)).toEqual({
      lat: [50, 50, 51, 51, 52, 52],
      lon: [7.5, 8, 7.5, 8, 7.5, 8],
      t: [10.5, 11, 11.5, gap, 12.5, 13],
      // Nothing was written at one place, and a byte has its sign.
      height: [1, 2, 3, 4, gap, 6],
      mask: [1, -1, 0, 1, 2, gap],
    });
    expect(table.notes.join(' ')).toMatch(/grid of lat 3 × lon 2, .* left out: station\./);
  }
});

test('records lie between each other, those of one variable alone without a gap', async () => {
  expect(contents(await readTable(bytesOf('records'), { name: 'a.nc' }))).toEqual({
    time: [100.5, 100.5, 100.5, 101.5, 101.5, 101.5],
    // A dimension without coordinates counts from 1.
    x: [1, 2, 3, 1, 2, 3],
    a: [0, 0.25, 0.5, 1, 1.25, 1.5],
    b: [1, 2, 3, 11, 12, 13],
  });
  expect(contents(await readTable(bytesOf('alone'), { name: 'a.cdf' })).b).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23]);
});

test('without records, cut anywhere, and other kinds: sentences', async () => {
  await expectFailure(readTable(bytesOf('empty'), { name: 'a.nc' }), /nothing was written along 'time'/);
  const whole = bytesOf('packed');
  for (let end = 5; end < whole.length - 4; end += 13) {
    await expectFailure(readTable(whole.slice(0, end), { name: 'a.nc' }), /^a\.nc .*(damaged|cut short)/);
  }
  const hdf = Uint8Array.from('\x89HDF\r\n\x1a\n', (c) => c.charCodeAt(0));
  await expectFailure(readTable(hdf, { name: 'a.nc' }), /nccopy/);
});

test('damaged headers end in a sentence or a table, soon', async () => {
  const whole = bytesOf('packed');
  for (let at = 4; at < 500; at += 3) {
    const bytes = whole.slice();
    bytes[at] = 0xff;
    await readTable(bytes, { name: 'a.nc' }).catch((error) => expect(error.message).toMatch(/^a\.nc /));
  }
});

const era = new URL('../../../../../shared/data/era/eraint_uvz.nc', import.meta.url);
test.skipIf(!existsSync(era))('a reanalysis of the weather (needs shared/data/era)', async () => {
  const table = await readTable(readFileSync(era), { name: 'eraint_uvz.nc' });
  expect(table.columns.map(({ name }) => name)).toEqual(['month', 'level', 'latitude', 'longitude', 'z', 'u', 'v']);
  const found = contents(table) as Record<string, number[]>;
  // By SciPy: netcdf_file(…).variables['u'][1, 2, 100, 200], scaled.
  const at = ((1 * 3 + 2) * 241 + 100) * 480 + 200;
  expect([found.month[at], found.level[at], found.latitude[at], found.longitude[at]]).toEqual([7, 850, 15, -30]);
  expect(found.u[at]).toBeCloseTo(-5.562651643471888, 12);
});
