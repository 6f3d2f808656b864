/** Names of rows and columns are what their file has, and pairs are found by them. */
import { readTable } from '@southwell/data';
import { expect, test } from 'vitest';
import { runTask, taskOf } from '../../index.ts';
import { finder } from './pairs.ts';

test.each<[string, Array<string | number>, string | number, number]>([
  ['a number and its spelling', [7, 8], '8', 1],
  ['another spelling of a number', ['7', '8.5'], '8.50', 1],
  ['a code as written', ['00501', '00007'], '00007', 1],
  // Not the second row, and not 00002.
  ['a number among codes', ['00501', '00002', '00777'], 2, -1],
  ['a number among numbers', [10, 20], 2, -1],
  ['an index among words', ['ann', 'bob'], 2, 1],
  ['no index among words and numbers', ['ann', '7'], 2, -1],
  ['an unknown word', ['ann'], 'zoe', -1],
])('%s', (_, names, name, place) => {
  expect(finder(names)(name)).toBe(place);
});

const read = (text: string, name: string) => readTable(new Blob([text]), { name });
const complete = async (text: string, pairs: string, asked: object = {}) => {
  const tables: Record<string, string> = { data: text, pairs };
  return (await runTask(
    taskOf('factor complete'),
    { data: 'd.csv', pairs: 'p.csv', rank: 1, lambda: 0.01, ...asked },
    {
      read: (which = 'data') => read(tables[which], `${which}.csv`),
      signal: new AbortController().signal,
      progress: () => {},
    },
  )) as unknown as { predictions: Record<string, unknown[]>; data: { notes: string[] }; matrix: object };
};

test('codes with leading zeros are not merged with numbers, nor taken for indices', async () => {
  const data = 'user,item,stars\n007,x,1\n007,y,2\n012,x,2\n012,y,4\n7000,x,3\n7000,y,6\n';
  const { predictions, data: about } = await complete(data, 'user,item\n7,x\n2,x\n007,y\n');
  const { user: _, item: __, ...rest } = predictions;
  const values = Object.values(rest).find((column) => column.some((value) => typeof value === 'number'))!;
  expect(values[0]).toBeNull();
  expect(values[1]).toBeNull();
  expect(values[2]).toBeCloseTo(2, 1);
  expect(about.notes.join()).toMatch(/2 of 3 pairs have names that are not in the data \(user 7, 2\)/);
});

test('dates name rows as they are written, in lists and in matrices', async () => {
  const data = 'day,item,stars\n31/01/2024,x,1\n31/01/2024,y,2\n01/02/2024,x,2\n01/02/2024,y,4\n';
  const { predictions } = await complete(data, 'day,item\n01/02/2024,y\n');
  expect(predictions.day).toEqual(['01/02/2024']);
  expect(Object.values(predictions).flat()).toContainEqual(expect.closeTo(4, 1));
  const wide = 'day,x,y\n2024-01-01,1,2\n2024-01-02,2,4\n2024-01-03,3,\n';
  const { matrix } = (await runTask(
    taskOf('factor complete'),
    { data: 'd.csv', dense: true, rank: 1, lambda: 0.001, fill: true },
    { read: () => read(wide, 'd.csv'), signal: new AbortController().signal, progress: () => {} },
  )) as unknown as { matrix: Record<string, unknown[]> };
  expect(matrix.day).toEqual(['2024-01-01', '2024-01-02', '2024-01-03']);
  expect(Object.keys(matrix)).toEqual(['day', 'x', 'y']);
});
