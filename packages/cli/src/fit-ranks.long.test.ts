import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import { coefficients, command, hasMpi, withoutProgress, workshop } from './testing.ts';

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

/** 40 rows of 90 numbers, survival, classes, folds and gaps: more features than rows. */
function writeWide(): void {
  const random = new Random(5);
  const lines = Array.from({ length: 40 }, (_, i) => {
    const x = Array.from({ length: 90 }, () => random.normal());
    const y = 2 * x[0] - x[1] + 0.3 * random.normal();
    const time = Math.exp(0.5 * x[2] + 0.2 * random.normal()).toFixed(4);
    const words = [i % 4, 'uvw'[i % 3], y > 0 ? 'up' : 'down', time, i % 5 === 0 ? 0 : 1];
    return [y.toFixed(4), ...words, i === 7 ? '' : x[0].toFixed(4), ...x.slice(1).map((v) => v.toFixed(4))].join(',');
  });
  const names = Array.from({ length: 90 }, (_, j) => `x${j}`);
  file('wide.csv', `${['y', 'fold', 'group', 'kind', 'time', 'died', ...names].join(',')}\n${lines.join('\n')}\n`);
}
writeWide();

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

const wide = ['fit', 'wide.csv', '--missing', 'drop-rows', '--json', '--tol', '1e-12'];
const survival = ['--time', 'time', '--event', 'died', '--strata', 'group', '--drop', 'y,fold,kind', '--alpha', '0.1'];
const wideCases: Readonly<Record<string, readonly string[]>> = {
  'folds of a column': [...wide, '--target', 'y', '--fold-column', 'fold', '--drop', 'group,kind,time,died'],
  classes: [
    ...wide,
    '--target',
    'kind',
    '--drop',
    'y,fold,group,time,died',
    '--alpha',
    '0.05',
    '--class-weight',
    'up=2',
  ],
  survival: [...wide, ...survival],
  'survival, rows held out': [...wide, ...survival, '--holdout', '0.3'],
  relaxed: [...wide, '--target', 'y', '--drop', 'fold,group,kind,time,died', '--relax', '--alpha', '0.3'],
};

test.each(Object.entries(wideCases))('ranks have columns where there are more features than rows: %s', (_, args) => {
  const [plain, two] = [[], ['--ranks', '2']].map((ranks, k) =>
    told(southwell(...args, ...ranks, '--save', `${k}.json`), `${k}.json`),
  );
  const [found, wanted] = [two.document, plain.document].map(coefficients);
  const size = Object.values(wanted).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(found)) {
    expect(Math.abs(value - wanted[name])).toBeLessThanOrEqual(1e-10 * size);
  }
  expect(two.document.data).toEqual(plain.document.data);
  expect(two.document.classification?.confusion).toEqual(plain.document.classification?.confusion);
  expect(two.document.holdout).toEqual(plain.document.holdout);
});

test('a row of columns that are spread is named by its place in the file', () => {
  file(
    'gap.csv',
    readFileSync(at('wide.csv'), 'utf8').replace(/(\n[^\n]*){31}$/, (rest) => rest.replace(/^\n[^,]*,\d,/, '\n1,,')),
  );
  const { code, err } = southwell(
    ...wideCases['folds of a column'].map((a) => (a === 'wide.csv' ? 'gap.csv' : a)),
    '--ranks',
    '2',
  );
  expect(code).toBe(2);
  expect(err.replaceAll(/\s+/g, ' ')).toMatch(/column 'fold' has no value in row 11,/);
});

test('a checkpoint of columns goes on with another number of ranks', () => {
  const args = [...wideCases['folds of a column'], '--n-alphas', '12', '--checkpoint', 'wide-kept.json'];
  const whole = told(southwell(...args, '--ranks', '2', '--save', 'w.json'), 'w.json');
  expect(told(southwell(...args, '--resume', '--ranks', '3', '--save', 'v.json'), 'v.json')).toEqual(whole);
});

test.each([
  [['--model', 'quantile'], /--model quantile needs all rows on one rank, but they are distributed unless/],
  [['--relax'], /--relax needs all rows on one rank/],
])('what needs all rows in one place is refused: %j', (args, sentence) => {
  const { code, err } = southwell(...numbers.slice(0, -1), '--missing', 'mean', ...args, '--ranks', '2');
  expect(code).toBe(2);
  expect(err.replaceAll(/\s+/g, ' ')).toMatch(sentence);
});

test('what ranks sent each other is told', () => {
  const args = [...Object.values(cases)[0], '--explain', '--ranks', '2', '--rank-logs', 'logs'];
  const { exchanges } = JSON.parse(southwell(...args).out).explanation;
  const logs = [0, 1].map((rank) => readFileSync(at(`logs/rank-${rank}.log`), 'utf8'));
  const bytes = logs.map((log) =>
    Number(/sent ([\d,]+) bytes in [\d,]+ messages; [\d.]+ s in exchanges/.exec(log)![1].replaceAll(',', '')),
  );
  expect(exchanges.ranks).toBe(2);
  expect(exchanges.seconds).toBeGreaterThan(0);
  // The question itself is asked of all ranks, and counted by none.
  expect(bytes[0] + bytes[1] - exchanges.bytes).toBeGreaterThan(0);
  expect(bytes[0] + bytes[1] - exchanges.bytes).toBeLessThan(2000);
});

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
  expect(southwell('fit', 't.csv', '--target', 'y', '--dry-run').err).toMatch(/--dry-run needs several ranks/);
});

test('time that is over before the first result is so on all ranks, and told once', () => {
  const args = ['fit', 't.csv', '--target', 'y', '--drop', 'kind', '--missing', 'mean', '--path', '--n-alphas', '3'];
  const run = (...ranks: string[]) => southwell(...args, '--time-limit', '1e-9', '--tol', '1e-14', '--json', ...ranks);
  const alone = run();
  expect([alone.code, alone.out]).toEqual([3, '']);
  expect(alone.err).toMatch(/^southwell: The time limit of 1e-9 s was reached before there was a first result/);
  expect(run('--ranks', '2')).toEqual(alone);
  expect(run('--ranks', '1')).toEqual(alone);
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
    const many = told({ code: run.status, out: run.stdout, err: withoutProgress(run.stderr) }, 'm.json');
    expect(many).toEqual(told(southwell(...args, '--ranks', '1', '--save', 'o.json'), 'o.json'));
  });
});
