import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import { command, hasMpi, type Outcome, workshop } from './testing.ts';

const { at, env, file, folder, here } = workshop();

const random = new Random(6);
const vectors = (n: number) => Array.from({ length: n }, () => [random.uniform() + 0.5, random.normal() / 2]);
const [users, films] = [vectors(60), vectors(35)];
const lines = Array.from({ length: 900 }, () => [random.integer(60), random.integer(35)] as const)
  .filter(([i, j], e, all) => all.findIndex(([a, b]) => a === i && b === j) === e)
  .map(([i, j], e) => {
    const stars = users[i][0] * films[j][0] + users[i][1] * films[j][1] + 0.05 * random.normal();
    // Some that have no value, and a column of words that is none of the entries.
    return `${e},user ${i},f${j},${e % 90 === 7 ? '' : stars},${e % 3 === 0 ? 'seen' : 'heard'},${1 + (e % 4)}`;
  });
const text = `at,who,what,stars,how,times\n${lines.join('\n')}\n`;
file('stars.csv', text);
file('other.csv', `${text}900,user 1,f1,3,seen,1\n`);
file('pairs.csv', 'what,who\nf3,user 5\nf1,user 2\nf99,user 1\n');

const list = ['factor', 'complete', 'stars.csv', '--row', 'who', '--col', 'what', '--value', 'stars'];

/** What a run says, without its seconds and the command itself, and the files that it wrote. */
function told({ code, out, err }: Outcome, files: readonly string[]) {
  expect([err, code]).toEqual(['', 0]);
  const plain = JSON.parse(out, (key, value) =>
    ['seconds', 'command', 'saved', 'out'].includes(key) ? undefined : value,
  );
  return { plain, files: files.map((name) => readFileSync(at(name), 'utf8')) };
}

const cases: Readonly<Record<string, readonly string[]>> = {
  'held out, the largest of each row': [
    ...list,
    '--rank',
    '2',
    '--lambda',
    '0.2',
    '--biases',
    '--holdout',
    '0.1',
    '--top',
    '3',
  ],
  'rank and penalty chosen, pairs': [...list, '--biases', '--clip', '--pairs', 'pairs.csv', '--tol', '1e-8'],
  'als, weights': [...list, '--method', 'als', '--rank', '2', '--lambda', '0.2', '--weights', 'times', '--top', '2'],
};

test.each(Object.entries(cases))('threads say what one rank says: %s', async (_, args) => {
  const run = async (name: string, ...ranks: string[]) =>
    told(await here([...args, '--json', '--out', `${name}.csv`, '--save', `${name}.json`, ...ranks]), [
      `${name}.csv`,
      `${name}.json`,
    ]);
  const [one, three, plain] = [
    await run('one', '--ranks', '1'),
    await run('three', '--ranks', '3'),
    await run('plain'),
  ];
  expect(three).toEqual(one);
  const { data, rank, lambda, unidentified, determination, observed } = plain.plain;
  expect(one.plain).toMatchObject({ data, rank, lambda, unidentified, determination, observed });
  expect(one.plain.trainError).toBeCloseTo(plain.plain.trainError, 6);
});

test.each([
  [['--method', 'svt'], /Running on ranks cannot be combined with --method svt, only with robust, als, soft-impute/],
])('what ranks cannot do is refused: %j', async (args, sentence) => {
  const { code, err } = await here([...list, ...args, '--ranks', '2']);
  expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(sentence)]);
});

test.each(['robust', 'als', 'soft-impute'])(
  'a checkpoint goes on with another number of ranks, on the same entries alone: %s',
  async (method) => {
    const args = [...list, '--method', method, '--rank', '2', '--lambda', '0.2', '--json'];
    const kept = ['--checkpoint', `${method}.json`];
    const again = ['--checkpoint', `${method}-again.json`];
    const whole = told(await here([...args, '--out', 'w.csv', '--ranks', '3']), ['w.csv']);
    const cut = await here([...args, ...kept, '--out', 'cut.csv', '--ranks', '2', '--max-iter', '3']);
    expect(cut.code).toBe(3);
    const rest = told(await here([...args, ...kept, '--resume', '--out', 'r.csv', '--ranks', '3']), ['r.csv']);
    expect(rest).toEqual(whole);
    // And without ranks, but for rounding.
    const cutAgain = await here([...args, ...again, '--out', 'cut.csv', '--ranks', '2', '--max-iter', '3']);
    expect(cutAgain.code).toBe(3);
    const { files } = told(await here([...args, ...again, '--resume', '--out', 'p.csv']), ['p.csv']);
    const numbers = (csv: string) => csv.split(/[,\n]/).map(Number).filter(Number.isFinite);
    const [found, wanted] = [numbers(files[0]), numbers(whole.files[0])];
    expect(found.length).toBe(wanted.length);
    expect(Math.max(...found.map((v, k) => Math.abs(v - wanted[k])))).toBeLessThan(1e-8);
    const other = await here([...args.with(2, 'other.csv'), ...kept, '--resume', '--ranks', '2']);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other data or other options/)]);
  },
);

test('what is wrong is told with the row of the whole file', async () => {
  file('wrong.csv', `${text}900,,f1,3,seen,1\n`);
  const args = ['factor', 'complete', 'wrong.csv', ...list.slice(3), '--rank', '1'];
  const one = await here(args);
  expect(one.err).toMatch(new RegExp(`has no who in row ${lines.length + 1}`));
  expect(await here([...args, '--ranks', '3'])).toEqual(one);
});

describe.skipIf(!hasMpi)('ranks of MPI (need Open MPI and koffi)', () => {
  test('two processes say what one rank says', async () => {
    const [args] = Object.values(cases);
    const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2', process.execPath];
    const run = spawnSync('mpirun', [...flags, command, ...args, '--json', '-q', '--out', 'mpi.csv'], {
      ...{ cwd: folder, encoding: 'utf8', env: env() },
    });
    const many = told({ code: run.status, out: run.stdout, err: run.stderr }, ['mpi.csv']);
    expect(many).toEqual(told(await here([...args, '--json', '--out', 'o.csv', '--ranks', '1']), ['o.csv']));
  });
});
