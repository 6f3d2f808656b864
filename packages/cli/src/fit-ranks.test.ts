import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import { coefficients, command, hasMpi, workshop } from './testing.ts';

const { at, env, file, folder, southwell } = workshop();

/** 150 rows with categories, gaps, weights and classes, the rare one in the last rows alone. */
function write(): void {
  const random = new Random(4);
  const lines = Array.from({ length: 150 }, (_, i) => {
    const [a, b] = [random.normal(), 5 + 3 * random.normal()];
    const c = ['red', 'green', 'blue'][Math.floor(3 * random.uniform())];
    const y = a - 0.3 * b + (c === 'red' ? 1 : 0) + 0.5 * random.normal();
    const kind = i > 140 ? 'rare' : y > -1 ? 'high' : 'low';
    return [i % 13 === 5 ? '' : a.toFixed(4), b.toFixed(4), i % 17 === 3 ? '' : c, i % 9, y.toFixed(4), kind].join(',');
  });
  file('t.csv', `a,b,c,w,y,kind\n${lines.join('\n')}\n`);
}
write();

/** What a run says, without its seconds and the command itself, and the model that it saved. */
function told({ code, out, err }: { code: number | null; out: string; err: string }, model: string) {
  expect([err, code]).toEqual(['', 0]);
  const plain = (text: string) =>
    JSON.parse(text, (key, value) => (['seconds', 'command', 'saved'].includes(key) ? undefined : value));
  return { document: plain(out), model: plain(readFileSync(at(model), 'utf8')) };
}

const numbers = ['fit', 't.csv', '--target', 'y', '--drop', 'kind', '--weights', 'w', '--standardize', '--json'];
const cases: Readonly<Record<string, readonly string[]>> = {
  'one alpha, rows left out': [...numbers, '--missing', 'drop-rows', '--alpha', '0.02'],
  'folds, gaps marked': [...numbers, '--missing', 'indicator', '--cv', '3', '--n-alphas', '8', '--tol', '1e-10'],
  'one alpha, rows held out': [
    ...numbers,
    '--missing',
    'drop-rows',
    '--alpha',
    '0.02',
    '--holdout',
    '0.3',
    '--seed',
    '4',
  ],
  'classes, rows held out': [
    ...['fit', 't.csv', '--target', 'kind', '--drop', 'y,w', '--missing', 'mean', '--alpha', '0.01', '--tol', '1e-10'],
    ...['--holdout', '0.2', '--json'],
  ],
  classes: [
    'fit',
    't.csv',
    '--target',
    'kind',
    '--drop',
    'y,w',
    '--missing',
    'mean',
    '--path',
    '--n-alphas',
    '6',
    '--json',
  ],
};

test.each(Object.entries(cases))('threads say what one rank says, and so the plain command: %s', (_, args) => {
  const [one, two, plain] = [['--ranks', '1'], ['--ranks', '2'], []].map((ranks, k) =>
    told(southwell(...args, ...ranks, '--save', `${k}.json`), `${k}.json`),
  );
  expect(two).toEqual(one);
  const [found, wanted] = [one.document, plain.document].map(coefficients);
  const size = Object.values(wanted).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(found)) {
    expect(Math.abs(value - wanted[name])).toBeLessThanOrEqual(1e-10 * size);
  }
  const { targetMean: _mean, targetSd: _sd, ...data } = plain.document.data;
  expect(one.document.data).toMatchObject(data);
  const { score, ...held } = plain.document.holdout ?? {};
  expect(one.document.holdout ?? {}).toMatchObject(held);
  if (score) expect(one.document.holdout.score.value).toBeCloseTo(score.value, 10);
  expect(one.document.classification?.confusion).toEqual(plain.document.classification?.confusion);
});

test.each([[['--model', 'quantile'], /Running on ranks does not go with --model quantile, but with lasso/]])(
  'what needs all rows in one place is refused: %j',
  (args, sentence) => {
    const { code, err } = southwell(...numbers.slice(0, -1), '--missing', 'mean', ...args, '--ranks', '2');
    expect(code).toBe(2);
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(sentence);
  },
);

test('a plan has the rows, memory and messages of as many ranks as are asked for, and fits nothing', () => {
  const plan = southwell(
    'fit',
    't.csv',
    '--target',
    'y',
    '--missing',
    'mean',
    '--dry-run',
    '--ranks',
    '1000',
    '--json',
  );
  const { rows, ranks, exchanges } = JSON.parse(plan.out);
  expect([plan.code, rows, ranks.length]).toEqual([0, 150, 1000]);
  expect(ranks.reduce((sum: number, r: { rows: number }) => sum + r.rows, 0)).toBe(150);
  // a, b, w, three colours less one or not, and the classes of kind.
  const p = exchanges[0].doubles;
  expect(exchanges.map((e: { doubles: number }) => e.doubles)).toEqual([p, (p * (p + 1)) / 2, 2]);
  const [some, none] = [ranks[0], ranks[1]].map((r: { rows: number; bytes: number }) => r);
  expect(some.bytes - none.bytes).toBe((some.rows - none.rows) * (8 * p + 56));
  const shown = southwell('fit', 't.csv', '--target', 'y', '--missing', 'mean', '--dry-run', '--ranks', '2');
  expect(shown.out).toMatch(/150 rows in chunks of 16, \d+ features, dense; 2 ranks\. Nothing was fitted\./);
  expect(southwell('fit', 't.csv', '--target', 'y', '--dry-run').err).toMatch(/--dry-run is about ranks/);
});

test('time is over on all ranks where it is on one', () => {
  const args = ['fit', 't.csv', '--target', 'y', '--drop', 'kind', '--missing', 'mean', '--path', '--n-alphas', '3'];
  const run = (...ranks: string[]) => southwell(...args, '--time-limit', '1e-9', '--tol', '1e-14', '--json', ...ranks);
  const [two, one] = [run('--ranks', '2'), run('--ranks', '1')];
  expect([two.code, two.err, JSON.parse(two.out).status]).toEqual([3, '', 'time-limit']);
  const [{ model }, { model: other }] = [two, one].map(({ out }) => JSON.parse(out));
  expect(model.coefficients).toEqual(other.coefficients);
});

test('a checkpoint goes on with another number of ranks, on the same data alone', () => {
  const args = [...cases['folds, gaps marked'], '--n-alphas', '12', '--checkpoint', 'kept.json'];
  const whole = told(southwell(...args, '--ranks', '2', '--save', 'w.json'), 'w.json');
  // As if it had been cut off in the path, at the boundary.
  const text = readFileSync(at('kept.json'), 'utf8');
  const again = told(southwell(...args, '--resume', '--ranks', '3', '--save', 'v.json'), 'v.json');
  expect(again).toEqual(whole);
  file('kept.json', text);
  file('t.csv', readFileSync(at('t.csv'), 'utf8').replace(/,red,/, ',blue,'));
  const other = southwell(...args, '--resume', '--ranks', '2');
  write();
  expect(other.code).toBe(2);
  expect(other.err).toMatch(/other data|another problem|not of this/);
});

describe.skipIf(!hasMpi)('ranks of MPI (need Open MPI and koffi)', () => {
  test('two processes say what one rank says', () => {
    const [, args] = Object.entries(cases)[0];
    const mpi = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2', process.execPath];
    const run = spawnSync('mpirun', [...mpi, command, ...args, '--save', 'm.json'], {
      cwd: folder,
      encoding: 'utf8',
      env: env(),
    });
    const many = told({ code: run.status, out: run.stdout, err: run.stderr }, 'm.json');
    expect(many).toEqual(told(southwell(...args, '--ranks', '1', '--save', 'o.json'), 'o.json'));
  });
});
