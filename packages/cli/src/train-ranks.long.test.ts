import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import { withoutForecast } from './testing/ranks.ts';
import { command, hasMpi, type Outcome, workshop } from './testing.ts';

const { at, env, file, folder, here } = workshop();

const images = ['train', 'bundled:digits', '--predicts', 'classes', '--image', '8x8', '--shift', '1', '--filters', '4'];
const args = [...images, '--hidden', '16', '--epochs', '2', '--clip', '1', '--json'];

/** What a run says, without its seconds and the command itself, and the network that it saved. */
function told({ code, out, err }: Outcome, name: string, status = 0) {
  expect([err, code]).toEqual(['', status]);
  const plain = JSON.parse(out, (key, value) =>
    ['seconds', 'command', 'saved', 'checkpoint', 'ranks'].includes(key) ? undefined : withoutForecast(key, value),
  );
  const { network } = JSON.parse(readFileSync(at(name), 'utf8'));
  return { plain, network };
}
const run = async (name: string, ...more: readonly string[]) =>
  told(await here([...args, '--save', name, ...more]), name);

test('a step in parts has the same bits in one place and on any number of ranks', async () => {
  const parts = ['--dropout', '0.2', '--batch', '8', '--accumulate', '4'];
  const one = await run('one.json', ...parts);
  expect(await run('two.json', ...parts, '--ranks', '2')).toEqual(one);
  expect(await run('three.json', ...parts, '--ranks', '3')).toEqual(one);
});

test('a batch is cut into as many parts as ranks, with the losses of one in single precision', async () => {
  const [one, two] = [await run('one.json'), await run('two.json', '--ranks', '2')];
  expect(two.plain.history.loss).not.toEqual(one.plain.history.loss);
  two.plain.history.loss.forEach((loss: number, epoch: number) => {
    expect(Math.abs(loss / one.plain.history.loss[epoch] - 1)).toBeLessThan(1e-4);
  });
  // As one rank with batches of half as many rows, two a step.
  const { plain, network } = await run('half.json', '--batch', '16', '--accumulate', '2');
  expect([two.network, two.plain.history]).toEqual([network, plain.history]);
});

test('a checkpoint goes on with another number of ranks', async () => {
  const parts = ['--batch', '8', '--accumulate', '4'];
  const whole = await run('whole.json', ...parts);
  const kept = [...parts, '--checkpoint', at('kept.json'), '--save', 'cut.json'];
  told(await here([...args, ...kept, '--max-iter', '61', '--ranks', '3']), 'cut.json', 3);
  const { plain, network } = told(await here([...args, ...kept, '--resume', '--ranks', '2']), 'cut.json');
  expect([network, plain.history]).toEqual([whole.network, whole.plain.history]);
});

/** A table with words, gaps, weights and quoted line ends, which ranks read each a part of; and a text. */
const random = new Random(3);
const colours = ['red', 'green', 'blue, dark'];
const rows = Array.from({ length: 900 }, (_, i) => {
  const [a, b, k] = [random.normal(), 1e3 * random.normal(), random.integer(3)];
  const gap = i % 50 === 9 ? '' : String(a);
  return `${gap},${b},"${colours[k]}",${k + 1},${3 * a + k + b / 1e3},${a > 0 ? 'yes' : 'no'}`;
});
file('table.csv', `a,b,colour,times,y,kind\n${rows.join('\n')}\n`);
file(
  'far.csv',
  `a,b,colour,times,y,kind\n${rows.slice(0, 700).join('\n')}\n1,1e300,red,1,1,yes\n${rows.slice(700).join('\n')}\n`,
);
file('text.txt', 'the quick brown fox jumps over the lazy dog; '.repeat(60));

test("files of each rank's own are one table", async () => {
  const header = 'a,b,colour,times,y,kind\n';
  [rows.slice(0, 200), rows.slice(200)].forEach((own, k) => {
    file(`part-${k}.csv`, `${header}${own.join('\n')}\n`);
  });
  const how = [
    '--target',
    'kind',
    '--missing',
    'mean',
    '--batch',
    '10',
    '--accumulate',
    '2',
    '--epochs',
    '2',
    '--json',
  ];
  const trained = async (data: string, ...more: readonly string[]) => {
    const { plain, network } = told(await here(['train', data, ...how, '--save', 'p.json', ...more]), 'p.json');
    return { network, history: plain.history, rows: plain.data.rows };
  };
  expect(await trained('part-{rank}.csv', '--ranks', '2')).toEqual(await trained('table.csv'));
});

const parted = ['--batch', '10', '--accumulate', '6', '--epochs', '2', '--json'];
const jobs: Readonly<Record<string, readonly string[]>> = {
  'numbers, gaps filled, rows held out': ['table.csv', '--target', 'y', '--missing', 'mean', '--holdout', '0.2'],
  'classes, rows left out, weights': ['table.csv', '--target', 'kind', '--missing', 'drop-rows', '--weights', 'times'],
  'no validation, as they are': [
    'table.csv',
    '--target',
    'kind',
    '--drop',
    'a',
    '--validation',
    '0',
    '--no-standardize',
  ],
  'a text': ['text.txt', '--context', '16', '--width', '16', '--blocks', '1'],
};
test.each(Object.entries(jobs))('tables and predictions are those of one rank: %s', async (_, words) => {
  const ran = async (name: string, ...more: readonly string[]) => {
    const files = ['--save', `${name}.json`, '--out', `${name}.csv`];
    const found = told(await here(['train', ...words, ...parted, ...files, ...more]), `${name}.json`);
    return { ...found, plain: { ...found.plain, out: undefined }, rows: readFileSync(at(`${name}.csv`), 'utf8') };
  };
  const one = await ran('one');
  expect(await ran('two', '--ranks', '2')).toEqual(one);
  expect(await ran('three', '--ranks', '3')).toEqual(one);
});

test('what is wrong with a table is told once, with the row of the whole file', async () => {
  for (const [words, sentence] of [
    [['far.csv', '--drop', 'a', '--no-standardize'], /'b' is 1e\+300 in row 701, beyond the single precision/],
    [['table.csv'], /row 10/],
  ] as const) {
    const args = ['train', ...words, '--target', 'y', '--epochs', '1', '--quiet'];
    const [one, two] = [await here(args), await here([...args, '--ranks', '2'])];
    expect(one).toEqual({ code: 2, out: '', err: expect.stringMatching(sentence) });
    expect(two).toEqual(one);
  }
});

test('what diverges on one rank alone diverges on all', async () => {
  const words = [
    ...images,
    '--hidden',
    '16',
    '--epochs',
    '2',
    '--rate',
    '1e30',
    '--batch',
    '8',
    '--accumulate',
    '4',
    '--json',
  ];
  const [one, two] = [
    told(await here([...words, '--save', 'one.json']), 'one.json', 3),
    told(await here([...words, '--save', 'two.json', '--ranks', '2']), 'two.json', 3),
  ];
  expect(one.plain.status).toBe('diverged');
  expect(two).toEqual(one);
});

describe.skipIf(!hasMpi)('under MPI', () => {
  test('two processes train as two threads do', async () => {
    const two = await run('two.json', '--ranks', '2');
    const mpi = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const words = [...mpi, process.execPath, command, ...args, '--quiet', '--save', 'mpi.json'];
    const { status, stdout, stderr } = spawnSync('mpirun', words, { cwd: folder, env: env(), encoding: 'utf8' });
    expect(told({ code: status, out: stdout, err: stderr }, 'mpi.json')).toEqual(two);
  });
});
