/** kill −9 of each family that is in no other file, and --resume. */
import { existsSync, readFileSync } from 'node:fs';
import { loadBundledText } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { resultOf } from './testing/factor.ts';
import { workshop } from './testing.ts';

const { at, file, killed, southwell } = workshop();

const random = new Random(3);
const rows = Array.from({ length: 600 }, () => Array.from({ length: 4 }, () => random.uniform().toFixed(4)));
file('starts.csv', `${rows.map((r) => r.join(',')).join('\n')}\n`);
file('book.txt', (await loadBundledText()).slice(0, 6000));

const cluster = ['cluster', 'starts.csv', '-k', '8', '--restarts', '12'];
const text = ['--width', '16', '--blocks', '1', '--heads', '2', '--context', '8'];
const table = ['--epochs', '90', '--patience', '90', '--average', 'exponential', '--dropout', '0.1'];

test.each([
  ['kmeans', ...cluster],
  ['mixture', ...cluster, '--method', 'mixture'],
  ['laplacian', ...cluster, '--method', 'laplacian'],
  ['a network on a table', 'train', 'bundled:spambase', ...table],
  ['a network on a text', 'train', 'book.txt', ...text, '--epochs', '40', '--dropout', '0.1'],
])('%s: killed in the middle, it goes on to the bits of a run that was not', async (name, ...args) => {
  const run = [...args, '--json'];
  const whole = southwell(...run);
  expect([whole.err, whole.code]).toEqual(['', 0]);
  const kept = [...run, '--checkpoint', `${name}.ck`];
  // Networks: once a checkpoint has replaced the first, which is of step 0.
  const later = () =>
    existsSync(at(`${name}.ck`)) &&
    (args[0] !== 'train' || /"iteration":[1-9]/.test(readFileSync(at(`${name}.ck`), 'utf8').slice(0, 1000)));
  await killed(kept, later);
  expect(later()).toBe(true);
  const rest = southwell(...kept, '--resume');
  expect([rest.err, rest.code]).toEqual(['', 0]);
  expect(resultOf(rest.out)).toEqual(resultOf(whole.out));
});
