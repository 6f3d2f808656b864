// What the page derives without a browser: its addresses, commands, axes and labels.
import { zoomed } from '@southwell/charts';
import { readTable } from '@southwell/data';
import { experimentsOf, records } from '@southwell/papers';
import { families, formOf } from '@southwell/tasks';
import { expect, test } from 'vitest';
import { likelyTarget } from '../packages/tasks/src/declaration/targets.ts';
import { commandOf, fromAddress, same, tell, toAddress, usual } from '../packages/workbench/app/lib/asked.ts';
import { boundText, predicted, sidesText, withBound } from '../packages/workbench/app/lib/bounds.ts';
import { slug, spelt } from '../packages/workbench/app/lib/chart.ts';
import { opening } from '../packages/workbench/app/lib/format.ts';
import { valuesFromAddress, valuesInAddress } from '../packages/workbench/app/lib/forms.ts';
import { tidy } from '../packages/workbench/app/lib/tidy.ts';
import { summary } from '../packages/workbench/app/workers/summary.ts';

const query = (values: Readonly<Record<string, string>>) => `?${new URLSearchParams(values)}`;

test('what a paper’s form asks for goes into an address and comes back', async () => {
  const experiments = await experimentsOf(1);
  const asked = { experiment: 'figure-4', size: 'full', seed: 3, set: { steps: 20 } } as const;
  expect(fromAddress(query(toAddress(asked)), experiments, 11)).toEqual(asked);
  expect(same(asked, { ...asked, set: { steps: 21 } })).toBe(false);
  expect(commandOf(1, asked)).toBe('npx southwell papers run 01 --experiment figure-4 --full --seed 3 --set steps=20');
  expect(tell(asked)).toBe('figure-4, full size, seed 3, steps = 20');
  expect(fromAddress('?family=clustering', experiments, 11)).toBeUndefined();
  // What does not fit is left out: no such experiment, no seed, a parameter out of its range or its default.
  const wrong = '?experiment=none&seed=-1&size=huge&set.steps=0&set.other=1';
  expect(fromAddress(wrong, experiments, 11)).toEqual(usual(experiments, 11));
  expect(fromAddress('?seed=', experiments, 11)?.seed).toBe(11);
});

test('values of a form go into an address and come back; files stay out', () => {
  const race = families.flatMap(({ races = [] }) => races).find((r) => r.id === 'clustering')!;
  const controls = formOf(race.options);
  const changed = { data: 'file', k: 7, rows: '', labels: 'a=b&c', file: new Blob(['a']) };
  const { file: _, ...rest } = changed;
  expect(valuesFromAddress(controls, query(valuesInAddress(controls, changed)))).toEqual(rest);
  expect(valuesFromAddress(controls, '?o.data=nowhere&o.k=0&o.rows=2.5&o.seed=x')).toEqual({});
});

test('the suggested target is neither constant nor a date nor an id', async () => {
  const suggested = async (csv: string) => {
    const table = await readTable(new TextEncoder().encode(csv), { name: 'a.csv', header: true });
    return likelyTarget({ data: 'a.csv', ...summary(table) });
  };
  const rows = (line: (i: number) => string) => Array.from({ length: 12 }, (_, i) => line(i)).join('\n');
  const size = (i: number) => (7 * i) % 11;
  expect(await suggested(`size,flag\n${rows((i) => `${size(i)},1`)}`)).toBe('size');
  expect(await suggested(`size,flag\n${rows((i) => `${size(i)},${i === 0 ? '' : 1}`)}`)).toBe('size');
  expect(await suggested(`size,day\n${rows((i) => `${size(i)},2024-03-${String(12 - i).padStart(2, '0')}`)}`)).toBe(
    'size',
  );
  expect(await suggested(`size,order\n${rows((i) => `${size(i)},${100 + i}`)}`)).toBe('size');
  expect(await suggested(`size,user_id\n${rows((i) => `${size(i)},${(5 * i) % 12}`)}`)).toBe('size');
  expect(await suggested(`class,size\n${rows((i) => `${i % 2},${size(i)}`)}`)).toBe('class');
  // The last column, where nothing speaks against it; and where something speaks against all of them.
  expect(await suggested(`other,size\n${rows((i) => `${(5 * i) % 7},${size(i)}`)}`)).toBe('size');
  expect(await suggested(`a,b\n${rows(() => '1,2')}`)).toBe('b');
});

test('abbreviations are spelt out, names of files are plain', () => {
  const terms = { GS: 'greedy', VB: 'variable blocks' };
  expect(spelt('GS-VB, own code', terms)).toBe('GS: greedy; VB: variable blocks');
  expect(spelt('random', terms)).toBeUndefined();
  expect(slug('diabetes', 'λ = 2 / cv', 'model.json')).toBe('diabetes-2-cv-model.json');
});

test('every paper begins with a sentence or two that fit above the fold', () => {
  for (const { summary, slug: of } of records) {
    const [first, rest] = opening(summary);
    expect(`${first} ${rest}`.trim(), of).toBe(summary.trim());
    expect(first.length, of).toBeLessThan(260);
    expect(first, of).toMatch(/[.?!]["”’)]?$/);
  }
});

test('an axis is zoomed about its middle, moved, and never leaves what there is', () => {
  expect(zoomed([0, 8], [0, 8], 0.5, 0, false)).toEqual([2, 6]);
  expect(zoomed([2, 6], [0, 8], 1, 0.25, false)).toEqual([3, 7]);
  expect(zoomed([3, 7], [0, 8], 1, 0.5, false)).toEqual([4, 8]);
  expect(zoomed([3, 7], [0, 8], 2, 0, false)).toEqual([0, 8]);
  // By powers of ten.
  const [from, to] = zoomed([1, 1e4], [1, 1e4], 0.5, 0, true);
  expect([from, to].map(Math.log10)).toEqual([expect.closeTo(1), expect.closeTo(3)]);
  expect(zoomed([from, to], [1, 1e4], 4, 0, true)).toEqual([1, 1e4]);
});

test('a changed bound: as the command takes it, replacing an earlier one of its side, and what its price says', () => {
  const entry = { name: 'a<b', value: 5, lower: 2, upper: 5, multiplier: 3, at: 'upper' } as const;
  const edit = { name: 'a<b', side: 'upper', value: 6.5 } as const;
  expect(boundText(edit, entry)).toBe('a<b<=6.5');
  expect(boundText({ ...edit, value: null }, entry)).toBe('a<b<=inf');
  expect(boundText(edit, { ...entry, lower: 5 })).toBe('a<b=6.5');
  expect(withBound(['x>=1', 'a<b<=4', 'a<b>=1'], 'a<b<=6.5')).toEqual(['x>=1', 'a<b>=1', 'a<b<=6.5']);
  expect(predicted(entry, edit)).toBe(4.5);
  // The lower bound does not bind, and without multipliers nothing is known.
  expect(predicted(entry, { ...edit, side: 'lower', value: 3 })).toBe(0);
  expect(predicted({ ...entry, multiplier: null }, edit)).toBeUndefined();
  expect(sidesText(entry)).toBe('≥ 2, ≤ 5');
  expect(tidy(1777.5, 10)).toBe('1777.5');
  expect([tidy(100), tidy(-1e-16), tidy(null)]).toEqual(['100', '0', '–']);
});
