/** Each verb that runs on ranks, on two threads: what one rank says. Sizes, carriers and failures are in the long tests. */
import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { withoutForecast } from './testing/ranks.ts';
import { coefficients, workshop } from './testing.ts';

const { at, file, here } = workshop();

const random = new Random(4);
const rows = Array.from({ length: 120 }, (_, i) => {
  const [a, b] = [random.normal(), 5 + 3 * random.normal()];
  const c = ['red', 'green', 'blue'][random.integer(3)];
  const y = a - 0.3 * b + (c === 'red' ? 1 : 0) + 0.5 * random.normal();
  return [i % 13 === 5 ? '' : a.toFixed(4), b.toFixed(4), i % 17 === 3 ? '' : c, i % 9, y.toFixed(4), y > -1].join();
});
file('t.csv', `a,b,c,w,y,kind\n${rows.join('\n')}\n`);
const stars = Array.from({ length: 40 }, (_, i) =>
  Array.from({ length: 20 }, (__, j) => (random.uniform() < 0.4 ? `u${i},f${j},${(i % 5) * (j % 3) + 1}` : '')),
);
file('stars.csv', `who,what,stars\n${stars.flat().filter(Boolean).join('\n')}\n`);

/** Without what differs from run to run: seconds, the command itself, and predicted times. */
const plain = (text: string) =>
  JSON.parse(text, (key, value) =>
    ['seconds', 'command', 'saved', 'out', 'ranks'].includes(key) ? undefined : withoutForecast(key, value),
  );
/** What a run says, and the file that it wrote. */
async function told(args: readonly string[], name: string) {
  const { code, out, err } = await here([...args, '--json']);
  expect([err, code]).toEqual(['', 0]);
  const written = readFileSync(at(name), 'utf8');
  return { document: plain(out), file: name.endsWith('.json') ? plain(written) : written };
}
const twice = async (args: readonly string[], name: string, option: string) => {
  const words = [...args, option, at(name)];
  return [await told(words, name), await told([...words, '--ranks', '2'], name)];
};
/** To rounding: sums are of parts. */
const close = (found: object, wanted: object) => {
  const [some, all] = [Object.entries(found), Object.entries(wanted)].map((list) => list.toSorted());
  expect(some.map(([name]) => name)).toEqual(all.map(([name]) => name));
  for (const [k, [, value]] of some.entries()) expect(value).toBeCloseTo(all[k][1], 9);
};

test('fit, with rows on ranks and with columns on ranks; predict', async () => {
  const fit = ['fit', 't.csv', '--target', 'y', '--drop', 'kind', '--weights', 'w', '--missing', 'drop-rows'];
  const [one, two] = await twice([...fit, '--alpha', '0.02', '--tol', '1e-12'], 'rows.json', '--save');
  close(coefficients(two.document), coefficients(one.document));
  const [alone, both] = await twice(['predict', 'rows.json', 't.csv'], 'p.csv', '--out');
  expect(both).toEqual(alone);
  const wide = Array.from({ length: 20 }, (_, i) => {
    const x = Array.from({ length: 50 }, () => random.normal());
    return [(2 * x[0] - x[1] + 0.3 * random.normal()).toFixed(4), i % 4, ...x.map((v) => v.toFixed(4))].join();
  });
  file('wide.csv', `y,fold,${Array.from({ length: 50 }, (_, j) => `x${j}`).join()}\n${wide.join('\n')}\n`);
  const columns = ['fit', 'wide.csv', '--target', 'y', '--fold-column', 'fold', '--n-alphas', '10', '--tol', '1e-12'];
  const [whole, parts] = await twice(columns, 'columns.json', '--save');
  close(coefficients(parts.document), coefficients(whole.document));
  expect(parts.document.data).toEqual(whole.document.data);
});

test('train', async () => {
  const how = ['--missing', 'mean', '--batch', '10', '--accumulate', '2', '--epochs', '2', '--hidden', '8'];
  const [one, two] = await twice(['train', 't.csv', '--target', 'kind', ...how], 'net.json', '--save');
  expect(two).toEqual(one);
});

test('train says before it begins whether ranks are slower, by times that are part of the result', async () => {
  const words = ['train', 't.csv', '--target', 'y', '--missing', 'mean', '--epochs', '2', '--hidden', '4'];
  for (const batch of ['2', '40']) {
    const { code, err, out } = await here([...words, '--batch', batch, '--ranks', '2']);
    expect(code).toBe(0);
    const said = /^On 2 ranks a step of \d+ rows is predicted to take .* ms/;
    if (err !== '') expect(err).toMatch(said);
    // Not once more at the end.
    expect(out).not.toMatch(/is predicted to/);
    const { ranks, data } = JSON.parse((await here([...words, '--batch', batch, '--ranks', '2', '--json'])).out);
    const [one, two] = ranks.seconds;
    expect([ranks.ranks, ranks.of, one.ranks, two.ranks]).toEqual([2, 2, 1, 2]);
    expect([one.step > 0, two.step > 0, ranks.batch === null || ranks.batch >= 1]).toEqual([true, true, true]);
    const notes = data.notes.filter((note: string) => said.test(note));
    expect(notes).toHaveLength(two.step > 1.1 * one.step ? 1 : 0);
  }
  const { document } = await told([...words, '--save', at('one.json'), '--ranks', '1'], 'one.json');
  expect(document.data.notes.join()).not.toMatch(/is predicted to/);
});

test('train --ranks auto says how many ranks it uses, and finds what they find', async () => {
  const words = ['train', 't.csv', '--target', 'kind', '--missing', 'mean', '--epochs', '2', '--hidden', '8'];
  for (const batch of ['2', '60']) {
    const run = async (ranks: string) => {
      const { code, err, out } = await here([
        ...words,
        '--batch',
        batch,
        '--save',
        at('n.json'),
        '--ranks',
        ranks,
        '--json',
      ]);
      expect([code, err]).toEqual([0, '']);
      return { found: JSON.parse(out), document: plain(out), network: plain(readFileSync(at('n.json'), 'utf8')) };
    };
    const { found, ...auto } = await run('auto');
    const taken = found.ranks?.ranks ?? 1;
    expect(found.data.notes.join()).toMatch(new RegExp(`--ranks auto uses ${taken} ranks?[ ,]`));
    const { found: _, ...given } = await run(String(taken));
    expect(auto).toEqual(given);
  }
  const { err, code } = await here(['fit', 't.csv', '--target', 'y', '--ranks', 'auto']);
  expect([code, err]).toEqual([2, expect.stringMatching(/^southwell: --ranks auto needs an estimate/)]);
});

test('factor complete', async () => {
  const how = ['--method', 'als', '--rank', '2', '--lambda', '0.2', '--tol', '1e-3'];
  const [one, two] = await twice(['factor', 'complete', 'stars.csv', ...how], 'done.csv', '--out');
  const { rank, observed, data, trainError } = one.document;
  expect(two.document).toMatchObject({ rank, observed, data });
  expect(two.document.trainError).toBeCloseTo(trainError, 6);
});

test('inspect', async () => {
  const one = await here(['inspect', 't.csv', '--json']);
  expect(one.code).toBe(0);
  expect(await here(['inspect', 't.csv', '--json', '--ranks', '2'])).toEqual(one);
});
