import { linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { workshop } from '../testing.ts';

const { at, file, here, southwell } = workshop();
const table = `a,b,y\n${Array.from({ length: 20 }, (_, i) => `${i % 7},${i % 5},${i % 7}`).join('\n')}\n`;
file('data.csv', table);
mkdirSync(at('folder'));
symlinkSync(at('data.csv'), at('soft.csv'));
linkSync(at('data.csv'), at('hard.csv'));
symlinkSync(at('folder'), at('door'));

const fit = ['fit', 'data.csv', '--target', 'y', '--alpha', '0.1'];

describe('what is read is never written over, by whatever name', () => {
  test.each([
    [[...fit, '--save', 'data.csv'], /--save would overwrite data\.csv, which is read as data/],
    [[...fit, '--report', './folder/../data.csv'], /--report would overwrite/],
    [[...fit, '--save', 'soft.csv'], /--save would overwrite soft\.csv/],
    [[...fit, '--save', 'hard.csv'], /--save would overwrite hard\.csv/],
    [[...fit, '--checkpoint', 'hard.csv'], /--checkpoint would overwrite hard\.csv/],
    [['cluster', 'soft.csv', '-k', '2', '--out', 'hard.csv'], /--out would overwrite/],
    [['factor', 'cca', 'data.csv', 'other.csv', '--out-scores', 'other.csv'], /which is read as second/],
    [['graph', 'learn', 'data.csv', '--tiers', 'tiers.csv', '--out', 'tiers.csv'], /which is read as --tiers/],
    [['cluster', 'data.csv', '--config', 'k.csv', '--out', 'k.csv'], /which is read as --config/],
    [
      ['predict', 'model.json', 'data.csv', '--out', 'hard.csv'],
      /--out would overwrite hard\.csv, which is read as data/,
    ],
  ] as const)('%j', (args, message) => {
    file('other.csv', table);
    file('tiers.csv', 'variable,tier\na,1\n');
    file('k.csv', '{ "k": 2 }');
    const { code, err } = southwell(...args);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
    expect(readFileSync(at('data.csv'), 'utf8')).toBe(table);
    expect(readFileSync(at('other.csv'), 'utf8')).toBe(table);
  });
});

test('no file is written twice, also where it is not there yet', async () => {
  const twice = await here([...fit, '--save', 'new.html', '--report', 'new.html']);
  expect([twice.code, twice.err]).toEqual([2, expect.stringMatching(/--save and --report both name .*new\.html/)]);
  const args = [
    'factor',
    'svd',
    'data.csv',
    '-k',
    '1',
    '--out-scores',
    'folder/s.csv',
    '--out-components',
    'door/s.csv',
  ];
  expect(southwell(...args).err).toMatch(/--out-scores and --out-components both name/);
});

test('what is no file may be named as often as one likes', () => {
  expect(southwell(...fit, '--save', '/dev/null', '--report', '/dev/null', '-q')).toEqual({
    code: 0,
    out: '',
    err: '',
  });
});
