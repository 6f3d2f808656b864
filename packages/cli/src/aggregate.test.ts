import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

file('five.csv', ',a,b,c\nw1,1,2,3\nw2,1.1,2,2.9\nw3,0.9,2.1,3\nw4,1,2,\nw5,100,-50,7\n');
file('turned.csv', 'w1,w2,w3,w4\n1,1.1,0.9,100\n2,2,2.1,-50\n');
file('text.csv', 'a,b\n1,2\n1.1,oops\n0.9,2.1\n5,6\n1,3\n');
file('one.csv', 'a,b\n1,2\n');

const json = async (...words: string[]) => JSON.parse((await here(['aggregate', ...words, '--json'])).out);
const refused = async (...words: string[]) => {
  const { code, err } = await here(['aggregate', ...words]);
  expect(code).toBe(2);
  return err;
};

test('a table with row names, a missing value and a worker far off', async () => {
  const told = await json('five.csv', '--rule', 'median', '--out', 'd.csv', '--report', 'r.html');
  expect(told.workers.map((w: { worker: string; state: string }) => [w.worker, w.state])).toEqual([
    ...['w1', 'w2', 'w3'].map((name) => [name, 'counted']),
    ['w4', 'excluded'],
    ['w5', 'suspected'],
  ]);
  // Medians of 0.9, 1, 1.1, 100; of −50, 2, 2, 2.1; of 2.9, 3, 3, 7.
  expect(readFileSync(at('d.csv'), 'utf8')).toBe('entry,direction\na,1.05\nb,2\nc,3\n');
  expect(readFileSync(at('r.html'), 'utf8')).toContain('cosine with the direction');
});

test('workers in columns, and a direction as NumPy reads it', async () => {
  const told = await json(
    'turned.csv',
    '--workers',
    'columns',
    '--rule',
    'multi-krum',
    '--faulty',
    '1',
    '--out',
    'd.npy',
  );
  // The nearest two have the same score; w1 is nearer to w3, though w2 is nearer to the one far off.
  expect(told.workers.map((w: { selected: boolean }) => w.selected)).toEqual([true, false, false, false]);
  expect(told.workers[0].distance).toBe(0);
  const bytes = readFileSync(at('d.npy'));
  expect(bytes.toString('latin1')).toContain("'descr': '<f8'");
  const tail = bytes.subarray(bytes.length - 16);
  expect([tail.readDoubleLE(0), tail.readDoubleLE(8)]).toEqual([1, 2]);
});

test('what does not fit is refused with what to do', async () => {
  expect(await refused('five.csv', '--rule', 'krum')).toContain('needs --faulty');
  expect(await refused('five.csv', '--rule', 'median', '--m', '2')).toContain(
    '--m cannot be combined with --rule median',
  );
  expect(await refused('five.csv', '--rule', 'bulyan', '--faulty', '1')).toContain(
    'Bulyan with --faulty 1 needs 7 workers',
  );
  expect(await refused('five.csv', '--rule', 'trimmed-mean', '--faulty', '3')).toContain('fewer than half');
  expect(await refused('text.csv')).toContain("column 'b' holds words such as 'oops' in row 2");
  expect(await refused('one.csv')).toContain('--workers columns');
});
