import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import {
  canBeUser,
  canMount,
  onFullDisk,
  outputsOf,
  refusesFolder,
  refusesFullDisk,
  refusesStdout,
} from './testing/files.ts';
import { cleanEnv, command, workshop } from './testing.ts';

const shop = workshop();
const { folder, at, southwell, shell } = shop;
beforeAll(() => {
  southwell('fit', 'bundled:spambase', '--alpha', '0.01', '--standardize', '--save', 'big.json', '-q');
});

const outputs = outputsOf(shop).filter((_, k) => k !== 1);

test.skipIf(!canMount(shop)).each(outputs)('a full disk: %s (needs unshare and tmpfs)', (_, args) =>
  refusesFullDisk(shop, args),
);

test.skipIf(!canBeUser(shop)).each(outputs)('a folder of others: %s (needs a user who is not root)', (_, args) =>
  refusesFolder(shop, args),
);

const digits = ['bundled:digits', '--json'];
test.skipIf(!canMount(shop)).each([
  ['svd', '-k', '2', '--drop', 'digit', '--out-scores'],
  ['cca', '--x', 'p12,p13', '--y', 'p22,p23', '--out-scores'],
  ['dictionary', '-k', '4', '--drop', 'digit', '--method', 'online', '--passes', '1', '--out-codes'],
])('a full disk leaves the result of factor %s on the screen (needs unshare and tmpfs)', (verb, ...options) => {
  const r = onFullDisk(shop, (path) => ['factor', verb, ...digits, ...options, path]);
  expect(r.status).toBe(2);
  expect(r.stderr).toMatch(/old\.csv cannot be written: the disk is full/);
  expect(r.stdout).toMatch(/^\{[\s\S]*"status": "(converged|completed)"[\s\S]*"exitCode": 2\n\}\nold\.csv\nold$/);
});

test
  .skipIf(!existsSync('/dev/full'))
  .each([
    ['inspect', 'bundled:diabetes'],
    ['predict', 'big.json', 'bundled:spambase'],
    ['--help'],
    ['papers', 'run', '01', '--figure', '5', '--claims-only', '--no-save'],
    ['bench', 'linear-models', '--list'],
  ])('results that standard output cannot take: %s (needs /dev/full)', (...args) => refusesStdout(shop, args));

test('killed at any moment, the old predictions or the new ones are there, whole', async () => {
  southwell('predict', 'big.json', 'bundled:spambase', '--out', 'new.csv', '-q');
  const whole = [readFileSync(at('new.csv'), 'utf8'), 'old\n'];
  for (let attempt = 0; attempt < 6; attempt++) {
    writeFileSync(at('killed.csv'), 'old\n');
    const child = spawn(process.execPath, [command, 'predict', 'big.json', 'bundled:spambase', '--out', 'killed.csv'], {
      cwd: folder,
      env: cleanEnv(),
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    // The sooner one comes before the file, the later one after it.
    setTimeout(() => child.kill('SIGKILL'), 150 + 60 * attempt);
    await gone;
    expect(whole).toContain(readFileSync(at('killed.csv'), 'utf8'));
  }
});

test.each([
  [['bench', 'nope'], /There is no benchmark "nope"/],
  [['bench'], /Usage: /],
  [['bench', 'linear-models', '--tasks', 'zzz'], /There is no task "zzz"; there are /],
  [['bench', 'linear-models', '--repeats', '0'], /--repeats is a whole number from 1, not 0/],
  [['bench', 'linear-models', '--bogus'], /Unknown option '--bogus'/],
])('%j: a sentence and exit 2', (args, expected) => {
  const r = shell(...args);
  expect(r).toMatchObject({ code: 2, out: '' });
  expect(r.err).toMatch(expected);
});

test('bench --help is no error', () => {
  expect(shell('bench', '--help')).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^Usage: /) });
});
