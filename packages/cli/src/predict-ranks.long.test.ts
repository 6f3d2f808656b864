import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { writeNpy, writeParquet } from '@southwell/data/node';
import { DenseMatrix, Random } from 'southwell';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { command, hasMpi, workshop } from './testing.ts';

const { here: answered, at, env, file, folder, southwell } = workshop();
/** Without the time that it took. */
const here = async (args: readonly string[]) => {
  const { out, ...rest } = await answered(args);
  return { ...rest, out: out.replace(/"seconds":[\d.e-]+,/, '').replace(/ in [\d.]+ m?s/, '') };
};

/** So long that some thousand rows are several pieces of a file. */
const PAD = 'x'.repeat(500);
const ROWS = 4500;
const random = new Random(2);
const data = Array.from({ length: ROWS }, () => [random.uniform(), random.uniform() * 2, random.normal()]);
const colour = (i: number) => (i < 3500 ? ['red', 'green', 'blue'][i % 3] : ['mauve', 'teal', 'red'][i % 3]);
const target = (i: number) => 2 * data[i][0] - data[i][1] + (colour(i) === 'red' ? 1 : 0) + 0.1 * data[i][2];
const line = (i: number) => {
  const [a, b] = data[i];
  // Gaps, values that are no numbers, line ends in quotation marks.
  const first = i % 211 === 7 ? '' : i === 4000 || i === 300 ? 'oops' : a;
  return `"${i % 50 === 3 ? `${PAD}\n${PAD}` : PAD}",${first},${colour(i)},${b},${target(i)},${target(i) > 0.2 ? 'high' : 'low'}`;
};
const table = (from: number, to: number) =>
  `pad,a,c,b,y,kind\n${Array.from({ length: to - from }, (_, k) => line(from + k)).join('\n')}\n`;

const fits: Readonly<Record<string, readonly string[]>> = {
  linear: ['fit', '--target', 'y', '--drop', 'pad,kind', '--missing', 'drop-rows', '--path', '--n-alphas', '5'],
  classes: ['fit', '--target', 'kind', '--drop', 'pad,y', '--missing', 'mean', '--alpha', '0.01'],
  kmeans: ['cluster', '--features', 'a,b', '-k', '3', '--missing', 'drop-rows'],
  mixture: ['cluster', '--features', 'a,b', '-k', '2', '--method', 'mixture', '--missing', 'mean'],
  svd: ['factor', 'svd', '--features', 'a,b,y', '-k', '2', '--missing', 'mean', '--standardize'],
  nmf: ['factor', 'nmf', '--features', 'a,b', '-k', '1', '--missing', 'mean'],
  dictionary: ['factor', 'dictionary', '--features', 'a,b', '-k', '3', '--missing', 'mean', '--max-iter', '20'],
  network: ['train', '--target', 'kind', '--drop', 'pad,y', '--missing', 'indicator', '--epochs', '2', '--hidden', '8'],
  isotonic: ['isotonic', '--target', 'y', '--features', 'a', '--missing', 'drop-rows', '--out-of-bounds', 'nan'],
};

const fitted = async (name: string) => {
  const [verb, ...rest] = fits[name];
  const words = verb === 'factor' ? [verb, rest[0], 'train.csv', ...rest.slice(1)] : [verb, 'train.csv', ...rest];
  const { code, err } = await here([...words, '--save', `${name}.json`, '-q']);
  // A dictionary that is cut short is one, too.
  expect([err, code]).toEqual(['', name === 'dictionary' ? 3 : 0]);
};

beforeAll(async () => {
  file('large.csv', table(0, ROWS));
  file('train.csv', table(0, 260));
  file('kept.csv', 'mine\n');
  await fitted('linear');
});

const bytesOf = (name: string) => readFileSync(at(name));
const leftOver = () => readdirSync(folder).filter((name) => name.includes('.tmp'));

describe('what is written on ranks is what one rank writes', () => {
  test('to CSV, Parquet, JSON and the screen, with what there is to say of all rows', async () => {
    const args = ['predict', 'linear.json', 'large.csv'];
    const one = await here([...args, '--out', 'one.csv']);
    const told = one.out.replaceAll(/\s+/g, ' ');
    expect(told).toMatch(/24 of 4500 rows lack a value/);
    expect(told).toMatch(/'c' has 2 level\(s\) that the model does not know \("mauve", "teal"\)/);
    expect(told).toMatch(/2 values are not numbers and count as missing, "oops" in row 301, "oops" in row 4001/);
    await here([...args, '--out', 'one.parquet', '-q']);
    const document = (await here([...args, '--json'])).out;
    for (const ranks of ['1', '2', '4']) {
      const many = await here([...args, '--out', `many.csv`, '--ranks', ranks]);
      expect([many.err, many.out]).toEqual(['', one.out.replace('one.csv', 'many.csv')]);
      expect(bytesOf('many.csv').equals(bytesOf('one.csv'))).toBe(true);
      expect((await here([...args, '--json', '--ranks', ranks])).out).toBe(document);
    }
    await here([...args, '--out', 'many.parquet', '-q', '--ranks', '3']);
    expect(bytesOf('many.parquet').equals(bytesOf('one.parquet'))).toBe(true);
    const shown = southwell(...args, '--ranks', '2');
    expect(shown.out).toBe(bytesOf('one.csv').toString());
    for (const line of shown.err.trim().split('\n')) expect(told).toContain(line);
    expect(leftOver()).toEqual([]);
  });

  test.each([
    ['linear', '--alpha', '0.05'],
    ['classes', '--proba'],
    ['kmeans'],
    ['mixture', '--proba'],
    ['svd'],
    ['nmf'],
    ['dictionary'],
    ['network', '--proba'],
    ['isotonic'],
  ])('of a model of any family: %s %s', async (name, ...rest) => {
    if (!existsSync(at(`${name}.json`))) await fitted(name);
    const args = ['predict', `${name}.json`, 'large.csv', ...rest, '--json'];
    const one = await here(args);
    expect([one.err, JSON.parse(one.out).rows]).toEqual(['', ROWS]);
    // Counted over all blocks.
    if (name === 'isotonic') expect(JSON.parse(one.out).notes.join()).toMatch(/\d+ rows outside the range(?!.*range)/);
    expect(await here([...args, '--ranks', '3'])).toEqual(one);
  });

  test('of LIBSVM, .npy and Parquet', async () => {
    const wide = Array.from({ length: 40_000 }, (_, i) => [i % 7, (i * i) % 11, i % 5, i / 1e4]);
    const rows = wide.map((row, i) => `${i % 7 > 3 ? 1 : 0} ${row.map((v, j) => `${j + 1}:${v}`).join(' ')}\n`);
    file('all.svm', rows.join(''));
    file('some.svm', rows.slice(0, 300).join(''));
    file('all.npy', writeNpy(DenseMatrix.fromRows(wide)));
    file(
      'all.parquet',
      writeParquet(Object.fromEntries([0, 1, 2, 3].map((j) => [`x${j + 1}`, wide.map((r) => r[j])]))),
    );
    file(
      'some.csv',
      `x1,x2,x3,y\n${wide
        .slice(0, 300)
        .map((r) => `${r.slice(0, 3).join()},${r[0] - r[1]}\n`)
        .join('')}`,
    );
    await here(['fit', at('some.svm'), '--model', 'logistic', '--alpha', '0.01', '--save', 's.json', '-q']);
    await here(['fit', 'some.csv', '--target', 'y', '--alpha', '0.01', '--save', 'x.json', '-q']);
    for (const [model, name] of [
      ['s', 'svm'],
      ['x', 'npy'],
      ['x', 'parquet'],
    ]) {
      const args = ['predict', `${model}.json`, at(`all.${name}`), '--json'];
      const one = await here(args);
      expect([one.err, JSON.parse(one.out).predicted]).toEqual(['', 40_000]);
      expect(await here([...args, '--ranks', '2'])).toEqual(one);
    }
  });
});

describe('what is wrong is told as one rank tells it, and nothing is written', () => {
  test.each([
    ['a line far down', () => `${table(0, 4000)}"x",1,2\n`, /wrong\.csv, line 4082 has 3 fields where 6 were expected/],
    ['an infinite value', () => `${table(0, 4200)}"x",inf,red,1,1,low\n`, /column 'a' holds Infinity in row 4201/],
    ['texts', () => table(0, ROWS).replaceAll(/",(0\.\d+),/g, '",word,'), /'a' was numeric when .* "word" in row 1 /],
    [
      'gaps everywhere',
      () =>
        table(0, ROWS)
          .replaceAll(',oops,', ',,')
          .replaceAll(/",(0\.\d+),/g, '",,'),
      /every row has a missing value/,
    ],
    ['another column', () => table(0, ROWS).replace('pad,a,', 'pad,aa,'), /lacks the column 'a'/],
    ['no rows', () => 'pad,a,c,b\n', /has a header .* but no rows/],
  ])('%s', async (_, text, sentence) => {
    file('wrong.csv', text());
    const one = await here(['predict', 'linear.json', 'wrong.csv', '--out', 'kept.csv']);
    expect([one.code, one.err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(sentence)]);
    expect(await here(['predict', 'linear.json', 'wrong.csv', '--out', 'kept.csv', '--ranks', '3'])).toEqual(one);
    expect([bytesOf('kept.csv').toString(), leftOver()]).toEqual(['mine\n', []]);
  });

  test('what a model does not have, and files of the ranks’ own', async () => {
    const said = async (...args: string[]) => (await here([...args, '--ranks', '2'])).err;
    expect(await said('predict', 'linear.json', 'large.csv', '--proba')).toMatch(
      /^southwell: --proba needs a logistic or multinomial model; this one is squared\.\n$/,
    );
    expect(await said('predict', 'linear.json', 'part-{rank}.csv')).toMatch(/names a file per rank/);
    expect((await here(['predict', 'linear.json', 'large.csv', '--timeout', '3'])).err).toMatch(/needs several ranks/);
  });
});

test('what cannot be shared one rank does, and says so', async () => {
  file('large.csv.gz', gzipSync(bytesOf('large.csv')));
  const told = async (...args: string[]) => JSON.parse((await here(['predict', ...args, '--json'])).out);
  const one = await told('linear.json', 'large.csv');
  const zipped = await told('linear.json', 'large.csv.gz', '--ranks', '3');
  expect(zipped.columns).toEqual(one.columns);
  expect(zipped.notes.at(-1)).toBe(
    'large.csv.gz is compressed and cannot be read in parts: one of the 3 ranks predicted all rows.',
  );
  const piped = spawnSync(process.execPath, [command, 'predict', 'linear.json', '-', '--ranks', '2'], {
    ...{ cwd: folder, encoding: 'utf8', env: env(), input: table(0, 20) },
  });
  expect(piped.stdout.split('\n')).toHaveLength(22);
  expect(piped.stderr).toMatch(/Standard input can be read only once: one of the 2 ranks predicted all rows/);
  file(
    'seen.csv',
    `user,film,stars\n${Array.from({ length: 60 }, (_, i) => `u${i % 9},f${Math.floor(i / 9)},${i % 5}\n`).join('')}`,
  );
  file('pairs.csv', 'user,film\nu1,f1\nu2,f2\n');
  const saved = await here(['factor', 'complete', 'seen.csv', '--rank', '1', '--save', 'done.json', '-q']);
  expect(saved.err).toBe('');
  const pairs = await told('done.json', 'pairs.csv', '--ranks', '2');
  expect(pairs.columns).toEqual((await told('done.json', 'pairs.csv')).columns);
  expect(pairs.notes.at(-1)).toMatch(/looks at a table as a whole: one of the 2 ranks predicted all rows/);
});

describe.skipIf(!hasMpi)('ranks of MPI (need Open MPI and koffi)', () => {
  const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];
  const mpirun = (ranks: number, ...args: string[]) =>
    spawnSync('mpirun', [...flags, '-n', String(ranks), process.execPath, command, ...args], {
      ...{ cwd: folder, encoding: 'utf8', env: env() },
    });
  const ours = (err: string) => err.split('\n').filter((text) => text.startsWith('southwell:'));

  test('processes write what one does, and tell a mistake once', async () => {
    await here(['predict', 'linear.json', 'large.csv', '--out', 'one.csv', '-q']);
    const many = mpirun(3, 'predict', 'linear.json', 'large.csv', '--out', 'mpi.csv');
    expect([many.status, many.stdout]).toEqual([0, expect.stringMatching(/Predictions written to mpi\.csv/)]);
    expect(bytesOf('mpi.csv').equals(bytesOf('one.csv'))).toBe(true);
    file('wrong.csv', `${table(0, 4000)}"x",1,2\n`);
    const wrong = mpirun(3, 'predict', 'linear.json', 'wrong.csv', '--out', 'kept.csv');
    expect([wrong.status, ours(wrong.stderr)]).toEqual([2, [expect.stringMatching(/line 4082 has 3 fields/)]]);
    expect([bytesOf('kept.csv').toString(), leftOver()]).toEqual(['mine\n', []]);
  });

  test.each([
    ['SIGKILL', 137, []],
    ['SIGSTOP', 4, [/^southwell: Rank 0 has waited 1 s .*: rank 1 has not responded\.$/]],
  ] as const)('a rank that gets %s ends all, and the file stays as it was', async (signal, code, sentences) => {
    const some = table(0, ROWS).slice(table(0, 0).length - 1);
    file('long.csv', `pad,a,c,b,y,kind\n${some.repeat(25)}`);
    const logs = `${signal}.logs`;
    const rest = ['predict', 'linear.json', 'long.csv', '--out', 'kept.csv', '--rank-logs', logs, '--timeout', '1'];
    const child = spawn('mpirun', [...flags, '-n', '2', process.execPath, command, ...rest], {
      cwd: folder,
      env: env(),
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await vi.waitFor(() => expect(leftOver()).toHaveLength(1), { timeout: 30_000, interval: 5 });
    const log = readFileSync(at(`${logs}/rank-1.log`), 'utf8');
    process.kill(Number(/process (\d+)/.exec(log)![1]), signal);
    expect(await ended).toBe(code);
    expect(bytesOf('kept.csv').toString()).toBe('mine\n');
    expect(ours(err)).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
    for (const name of leftOver()) spawnSync('rm', [at(name)]);
  });
});
