import { readFileSync } from 'node:fs';
import { parseEventList } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

const clique = (nodes: readonly string[]) =>
  nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => `${a},${b},1,x`)).join('\n');
const halves = [0, 8].map((from) => Array.from({ length: 8 }, (_, i) => String(from + i).padStart(3, '0')));
file('barbell.csv', `a,b,rate,colour\n${halves.map(clique).join('\n')}\n007,008,1,x\n`);
file('two.csv', 'from,to\nx,y\ny,z\nu,v\n');
file('loops.csv', 'from,to,cost\nx,y,1\ny,x,2\nx,x,1\ny,z,5\nz,x,1\n');
file('negative.csv', 'from,to,rate\nx,y,1\ny,z,-1\n');
file('words.csv', 'from,to,cost\nx,y,cheap\ny,z,dear\nz,x,cheap\n');
file('blank.csv', 'from,to,cost\nx,y,1\ny,,1\nz,x,1\n');
file('named.csv', 'from,to\n007,1.0\n1.0,1\n1,1e3\n1e3,007\n');
file('lines.csv', 'A,B\nB,C\nC,A\n');
file('zero.csv', 'from,to,weight\n1,2,0\n2,3,1\n3,1,1\n3,4,0\n');
file('self.csv', 'from,to\nx,x\ny,y\n');

const json = async (...words: string[]) => JSON.parse((await here(['gossip', ...words, '--json'])).out);
const refused = async (...words: string[]) => {
  const { code, err } = await here(['gossip', ...words]);
  expect(code).toBe(2);
  return err;
};

test('the rates of a barbell, with leading zeros of names kept and a stray column told', async () => {
  const told = await json('barbell.csv', '--out', 'rates.csv', '--report', 'r.html');
  expect(told.uniform.communications).toBeCloseTo(126.15, 1);
  expect(told.best.communications).toBeLessThan(35);
  expect(told.savingOfGiven).toBeCloseTo(told.saving, 10);
  expect(told.data.notes).toEqual(["Not read: column 'colour'."]);
  const rows = readFileSync(at('rates.csv'), 'utf8').trim().split('\n');
  expect(rows[0]).toBe('from,to,share,rate');
  expect(rows).toHaveLength(58);
  expect(rows[1].startsWith('000,001,')).toBe(true);
  const page = readFileSync(at('r.html'), 'utf8');
  expect(page).toContain('Rates of links');
  expect(page).toContain('stroke-width="7"');
});

test('loops are left out, repeated links are one, and links may cost more than they are worth', async () => {
  const told = await json('loops.csv');
  expect(told.data.notes).toEqual([
    '1 loop from a node to itself left out.',
    '1 link given again; the lowest cost counts.',
  ]);
  expect(told.links.map((link: { share: number }) => Number(link.share.toFixed(4)))).toEqual([0.5, 0, 0.5]);
  expect(told.best.cost).toBeCloseTo(2, 4);
  expect(told.links[1].share).toBe(0);
});

test('names of nodes stay as they are written', async () => {
  const told = await json('named.csv');
  expect(told.nodes.map(({ node }: { node: string }) => node)).toEqual(['007', '1.0', '1', '1e3']);
});

test('rates of zero that leave nodes apart, and a first line that may be a link', async () => {
  const told = await json('zero.csv');
  expect(told.given).toBeUndefined();
  expect(told.data.notes.join(' ')).toContain('leave the graph disconnected');
  const lines = await json('lines.csv');
  expect(lines.data.notes.join(' ')).toContain('if it is a link, add --header no');
  expect((await json('lines.csv', '--header', 'no')).links).toHaveLength(3);
});

test('a simulation counts communications, and its record has the graph', async () => {
  const told = await json('barbell.csv', '--simulate', '5', '--recording', at('events.json'));
  const [uniform, given, best] = told.simulated;
  expect([uniform.rates, given.rates, best.rates]).toEqual(['uniform', 'given', 'best']);
  expect([uniform.reached, best.reached]).toEqual([true, true]);
  expect(best.communications).toBeLessThan(0.35 * uniform.communications);
  const list = parseEventList(readFileSync(at('events.json'), 'utf8'));
  expect([list.ranks.length, list.links?.length, list.places?.length]).toEqual([16, 57, 16]);
  // Besides looks at all nodes, messages travel over links that are used.
  const used = new Set(list.links!.flatMap(([a, b, weight]) => (weight > 0 ? [`${a} ${b}`] : [])));
  const between = list.messages.filter(
    ([a, b, bytes]) => bytes === 64 && used.has(`${Math.min(a, b)} ${Math.max(a, b)}`),
  );
  expect(between.length).toBeGreaterThan(100);
  expect(await refused('barbell.csv', '--seed', '1')).toContain('--seed requires --simulate');
});

test('bad input is refused with where it is', async () => {
  expect(await refused('two.csv')).toContain('It has 2 components, and no link joins u, v to the others');
  expect(await refused('negative.csv')).toContain("column 'rate' has -1 in row 2");
  expect(await refused('words.csv')).toContain("column 'cost' is read as numbers, but has");
  expect(await refused('blank.csv')).toContain("column 'to' has no name of a node in row 2");
  expect(await refused('self.csv')).toContain('no link between two different nodes');
  expect(await refused('two.csv', '--rate', 'speed')).toContain("no column 'speed' for --rate");
});
