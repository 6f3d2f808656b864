import { readFileSync } from 'node:fs';
import { writeCsv } from '@southwell/data';
import type { LearnedDictionary } from '@southwell/tasks';
import { Random } from 'southwell';
import { beforeAll, describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const n = 200;

beforeAll(() => {
  const random = new Random(1);
  const parts = [
    [1, 0.5, 0, 0, 0, 0],
    [0, 0, 1, 1, 0, 0],
    [0, 0, 0, 0, 0.5, 1],
  ];
  const columns: Record<string, number[] | string[]> = {};
  const codes = Array.from({ length: n }, () => parts.map(() => (random.uniform() < 0.4 ? 1 + random.uniform() : 0)));
  for (let j = 0; j < 6; j++) {
    columns[`f${j}`] = codes.map((h) => h.reduce((s, v, k) => s + v * parts[k][j], 0) + 0.02 * random.uniform());
  }
  const z = codes.map(() => random.normal());
  columns.age = z;
  columns.ill = codes.map((h, s) => (2 * (h[0] - h[1]) + z[s] + 0.2 * random.normal() > 0 ? 'yes' : 'no'));
  file('samples.csv', writeCsv(columns));
  file('gaps.csv', 'a,b,t\n1,2,x\n,3,y\n2,1,x\n3,3,\n4,1,y\n1,1,y\n');
  file('one.csv', 'a,b\n1,2\n');
  file('zeros.csv', 'a,b\n0,0\n0,0\n');
});

const json = async (...args: string[]) => {
  const run = await here(['factor', 'dictionary', ...args, '--json', '-q']);
  expect(run.err).toBe('');
  return { ...run, found: JSON.parse(run.out) as LearnedDictionary & { exitCode: number; codes: number[][] } };
};
const data = ['samples.csv', '--drop', 'age,ill'];

describe('southwell factor dictionary', () => {
  test.each(['batch', 'online'])('%s finds the three parts', async (method) => {
    const { code, found } = await json(...data, '-k', '3', '--method', method, '--non-negative', '--alpha', '0.05');
    expect(code).toBe(0);
    expect(found.reconstructionError).toBeLessThan(0.02);
    // Each atom is one part: its large entries are two of the same pair.
    const pairs = found.atoms.map((atom) => {
      const [first, second] = [...atom.keys()].sort((a, b) => atom[b] - atom[a]);
      expect(Math.floor(first / 2)).toBe(Math.floor(second / 2));
      return Math.floor(first / 2);
    });
    expect(pairs.sort()).toEqual([0, 1, 2]);
  });

  test('orthogonal: as many atoms as features, sparse codes', async () => {
    const { found } = await json(...data, '--method', 'orthogonal', '--sparsity', '2');
    expect(found.atoms).toHaveLength(6);
    for (const [i, a] of found.atoms.entries())
      for (const [j, b] of found.atoms.entries())
        expect(a.reduce((s, v, k) => s + v * b[k], 0)).toBeCloseTo(i === j ? 1 : 0, 10);
    expect(found.activeCodes).toBeLessThanOrEqual(2);
  });

  test.each([
    ['filter', 'bcd'],
    ['feature', 'bcd'],
    ['filter', 'lifted'],
  ])('supervised, %s, %s: covariates help', async (model, algorithm) => {
    const args = [...data, '-k', '3', '--method', 'supervised', '--target', 'ill', '--model', model];
    const more = ['--algorithm', algorithm, '--xi', '0.5', '--max-iter', '300'];
    const plain = await json(...args, ...more);
    const helped = await json(...args, ...more, '--covariates', 'age');
    expect(helped.found.supervised!.accuracy).toBeGreaterThan(plain.found.supervised!.accuracy);
    expect(helped.found.supervised!.accuracy).toBeGreaterThan(0.8);
    expect(helped.found.supervised!.covariates).toEqual(['age']);
    expect(helped.found.supervised!.classes).toEqual(['no', 'yes']);
  });

  test('writes codes and atoms, and says what it found', async () => {
    const run = await here([
      ...[
        'factor',
        'dictionary',
        'gaps.csv',
        '-k',
        '1',
        '--method',
        'supervised',
        '--target',
        't',
        '--missing',
        'drop-rows',
      ],
      ...['--out-codes', 'codes.csv', '--out-dictionary', 'atoms.csv', '--max-iter', '500'],
    ]);
    expect(run.out).toContain('2 rows with missing values were left out');
    expect(run.out).toMatch(/predict t correctly for \d/);
    const codes = readFileSync(at('codes.csv'), 'utf8').trim().split('\n');
    expect(codes[0]).toBe('atom_1,predicted_t');
    expect([codes.length, codes[2], codes[4]]).toEqual([7, ',', ',']);
    expect(readFileSync(at('atoms.csv'), 'utf8')).toMatch(/^atom,a,b\natom_1,/);
  });

  test('one row, zeros', async () => {
    for (const name of ['one.csv', 'zeros.csv']) {
      for (const method of ['batch', 'online']) {
        const { code, found } = await json(name, '-k', '2', '--method', method);
        expect(code).toBe(0);
        expect(found.reconstructionError).toBeLessThan(0.1);
      }
      expect((await json(name, '--method', 'orthogonal', '--whiten')).code).toBe(0);
    }
  });

  test.each([
    [['samples.csv'], 'Give the number of atoms'],
    [['samples.csv', '-k', '2', '--method', 'supervised'], 'needs --target'],
    [['samples.csv', '-k', '2', '--sparsity', '1'], '--sparsity cannot be combined with --method batch'],
    [[...data, '-k', '2', '--method', 'orthogonal'], 'as many atoms as features'],
    [['samples.csv', '-k', '2', '--out-codes', 'x.txt'], '.csv or .parquet'],
    [['samples.csv', '-k', '2', '--method', 'supervised', '--target', 'none'], "no column 'none'"],
    [['one.csv', '-k', '1', '--method', 'supervised', '--target', 'a'], 'only one label'],
    [[...data, '-k', '9', '--method', 'supervised', '--target', 'ill'], '-k must be at most'],
    [['gaps.csv', '-k', '1', '--drop', 't'], 'missing'],
    [['samples.csv', '-k', '2', '--method', 'svd'], "knows no 'svd'"],
  ])('%j is refused', async (args, message) => {
    const run = await here(['factor', 'dictionary', ...args]);
    expect(run.code).toBe(2);
    expect(run.err).toContain(message);
  });
});
