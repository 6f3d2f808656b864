import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

/** A field over two axes with noise of 0.1; rows of the second file are new. */
function write() {
  const random = new Random(3);
  const row = () => {
    const [lon, day] = [10 * random.uniform(), 100 * random.uniform()];
    return [lon, day, 5 + Math.sin(lon / 3) * Math.cos(day / 25) + 0.1 * random.normal()];
  };
  const text = (rows: Array<Array<number | string>>) => `lon,day,ozone\n${rows.map((r) => r.join(',')).join('\n')}\n`;
  const rows: Array<Array<number | string>> = Array.from({ length: 240 }, row);
  file('field.csv', text([...rows, [5, 50, '']]));
  file('fresh.csv', text([...Array.from({ length: 300 }, row), [40, 50, 5], ['', 50, 5]]));
}
const columnsIn = (name: string) => {
  const [head, ...lines] = readFileSync(at(name), 'utf8').trimEnd().split('\n');
  const cells = lines.map((line) => line.split(','));
  return Object.fromEntries(head.split(',').map((title, k) => [title, cells.map((line) => line[k])]));
};

const common = ['--axes', 'lon,day', '--target', 'ozone', '--rank', '2'];

test('a field is fitted, saved and predicted with intervals that cover what they say', async () => {
  write();
  const short = ['--lengthscale', '0.5', '--centre', 'yes', '--sweeps', '20', '--starts', '2'];
  const files = ['--out', 'out.csv', '--save', 'model.json', '--curves', 'curves.csv'];
  const r = await here(['factor', 'functional', 'field.csv', ...common, ...short, ...files, '--json']);
  expect([r.code, r.err]).toEqual([0, '']);
  const found = JSON.parse(r.out);
  expect(found).toMatchObject({
    target: 'ozone',
    rank: 2,
    centred: true,
    heldOut: { entries: 24 },
    status: 'completed',
  });
  expect(found.noise).toBeGreaterThan(0.08);
  expect(found.noise).toBeLessThan(0.12);
  expect(found.data.notes).toContain('1 row without ozone: predicted, not fitted.');
  const out = columnsIn('out.csv');
  expect(Object.keys(out)).toEqual(['prediction', 'sd', 'low', 'high']);
  expect(Math.abs(Number(out.prediction[240]) - 5 - Math.sin(5 / 3) * Math.cos(2))).toBeLessThan(0.15);
  expect(columnsIn('curves.csv').axis).toHaveLength(4 * 101);

  const p = await here(['predict', 'model.json', 'fresh.csv', '--out', 'fresh-out.csv']);
  expect(p.code, p.err).toBe(0);
  expect(p.out + p.err).toMatch(/1 row beyond the range of the axes of the fit[\s\S]*|R²/);
  const predicted = columnsIn('fresh-out.csv');
  expect(predicted.prediction[301]).toBe('');
  expect(Number(predicted.sd[300])).toBeGreaterThan(3 * Number(predicted.sd[0]));
  const truth = columnsIn('fresh.csv').ozone.map(Number);
  const inside = truth.slice(0, 300).filter((y, i) => y >= Number(predicted.low[i]) && y <= Number(predicted.high[i]));
  // Of the interval's nine tenths, by 24 entries.
  expect(inside.length / 300).toBeGreaterThan(0.8);
  // The bits of the fit.
  await here(['predict', 'model.json', 'field.csv', '--out', 'again.csv']);
  expect(columnsIn('again.csv')).toEqual(out);
});

test.each<[string, string[], string]>([
  [
    'an axis that is not there',
    ['--axes', 'lon,dya', '--target', 'ozone', '--rank', '1'],
    "no column 'dya' for --axes; did you mean 'day'?",
  ],
  [
    'a target among the axes',
    ['--axes', 'lon,ozone', '--target', 'ozone', '--rank', '1'],
    "'ozone' cannot be both --target and one of --axes",
  ],
  ['a core too large', ['--axes', 'lon,day', '--target', 'ozone', '--rank', '50'], 'more than 2000'],
  ['a value out of range', [...common, '--range', 'lon=0:3'], 'outside of its --range, 0 to 3'],
  ['a range of no axis', [...common, '--range', 'lat=0:3'], "--range names 'lat', which is not one of lon, day"],
  ['a range that is none', [...common, '--range', 'lon=3'], '--range must be of the form lon=0:1'],
  [
    'length scales of other axes',
    [...common, '--lengthscale', '1,2,3'],
    '--lengthscale must be one number, or one for each of lon, day, not 3',
  ],
])('%s is a sentence', async (_, args, message) => {
  write();
  const { code, err } = await here(['factor', 'functional', 'field.csv', ...args]);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('errors on fitted entries leave those out that are held out for calibration', async () => {
  write();
  const short = ['--lengthscale', '0.5', '--centre', 'no', '--sweeps', '5', '--starts', '1', '--seed', '4', '--json'];
  const result = async (name: string) =>
    JSON.parse((await here(['factor', 'functional', name, ...common, ...short])).out);
  const before = await result('field.csv');
  const [held] = new Random(4).split(1).permutation(240);
  const lines = readFileSync(at('field.csv'), 'utf8').split('\n');
  const cells = lines[held + 1].split(',');
  lines[held + 1] = [cells[0], cells[1], Number(cells[2]) + 1000].join(',');
  file('planted.csv', lines.join('\n'));
  const after = await result('planted.csv');
  expect([after.trainError, after.deviation]).toEqual([before.trainError, before.deviation]);
  expect(after.heldOut.error).toBeGreaterThan(100);
});
