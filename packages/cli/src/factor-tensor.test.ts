import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, southwell } = workshop();

/** A .npy file of doubles in C order, as NumPy writes them. */
function npy(name: string, shape: readonly number[], value: (at: readonly number[]) => number): void {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float64Array.from({ length: size }, (_, e) => {
    let rest = e;
    const place = shape.toReversed().map((n) => {
      const i = rest % n;
      rest = Math.floor(rest / n);
      return i;
    });
    return value(place.toReversed());
  });
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117);
  const head = [0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`)];
  file(name, new Uint8Array([...head, ...new Uint8Array(values.buffer)]));
}

const random = new Random(3);
const factors = [6, 5, 4].map((n) => Array.from({ length: n }, () => [random.uniform() + 0.1, random.uniform()]));
const truth = ([i, j, k]: readonly number[]) =>
  factors[0][i][0] * factors[1][j][0] * factors[2][k][0] + factors[0][i][1] * factors[1][j][1] * factors[2][k][1];

test('an array: factors, a report, a scan of ranks, and predictions of a saved form', () => {
  npy('low.npy', [6, 5, 4], truth);
  const words = ['factor', 'tensor', 'low.npy', '--rank', '2', '--scan', '--json', '--out', 'f.csv'];
  const r = southwell(...words, '--save', 'm.json', '--report', 'r.html', '--tol', '1e-9');
  expect([r.err, r.code]).toEqual(['', 0]);
  const found = JSON.parse(r.out);
  expect(found).toMatchObject({ shape: [6, 5, 4], ranks: [2], status: 'converged', report: 'r.html', saved: 'm.json' });
  expect(found.relativeError).toBeLessThan(1e-5);
  expect(found.scan.map((tried: { rank: number }) => tried.rank)).toEqual([1, 2]);
  expect(found.scan[1].coreConsistency).toBeCloseTo(100, 2);
  const [head, weight, ...rows] = readFileSync(at('f.csv'), 'utf8').trimEnd().split('\n');
  expect([head, rows.length]).toEqual(['mode,name,factor_1,factor_2', 15]);
  const [, , ...weights] = weight.split(',').map(Number);
  const row = (mode: number, i: number) =>
    rows
      .find((line) => line.startsWith(`mode_${mode},${i},`))!
      .split(',')
      .slice(2)
      .map(Number);
  const product = [0, 1].reduce((s, a) => s + weights[a] * row(1, 4)[a] * row(2, 5)[a] * row(3, 2)[a], 0);
  expect(product).toBeCloseTo(truth([3, 4, 1]), 4);
  expect(readFileSync(at('r.html'), 'utf8')).toContain('Core consistency by rank');
  file('where.csv', 'mode_1,mode_2,mode_3,value\n4,5,2,0\n7,1,1,0\n');
  const p = southwell('predict', 'm.json', 'where.csv');
  expect(Number(p.out.split('\n')[1].split(',')[3])).toBeCloseTo(truth([3, 4, 1]), 4);
  expect(p.err).toMatch(/1 of 2 rows have indices that the tensor does not have \(mode_1 7\): no prediction/);
});

test.each([
  ['tucker', '2,2,2'],
  ['hosvd', '2'],
  ['tt', '2,2'],
])('%s of ranks %s; its saved form predicts', (method, rank) => {
  npy('low.npy', [6, 5, 4], truth);
  const r = southwell('factor', 'tensor', 'low.npy', '--method', method, '--rank', rank, '--json', '--save', 'm.json');
  expect(JSON.parse(r.out).relativeError).toBeLessThan(1e-12);
  file('where.csv', 'a,b,c\n4,5,2\n');
  const p = southwell('predict', 'm.json', 'where.csv');
  expect(Number(p.out.split('\n')[1].split(',')[3])).toBeCloseTo(truth([3, 4, 1]), 10);
});

test('a table of entries: names, gaps that are found, entries of which nothing is known', () => {
  const lines: string[] = [];
  for (let e = 0; e < 120; e++) {
    const place = [Math.floor(e / 20), Math.floor(e / 4) % 5, e % 4];
    if (e % 7 !== 3) lines.push(`p${place[0]},${2000 + place[1]},${'abcd'[place[2]]},${truth(place)}`);
  }
  file('list.csv', `who,year,what,score\n${lines.join('\n')}\n`);
  const table = ['factor', 'tensor', 'list.csv', '--index', 'who,year,what'];
  const r = southwell(...table, '--missing', '--rank', '2', '--tol', '1e-10', '--save', 'm.json', '--json');
  const found = JSON.parse(r.out);
  expect(found).toMatchObject({ modes: ['who', 'year', 'what'], missing: 17, status: 'converged' });
  file('where.csv', 'who,year,what,score\np0,2000,d,1\n');
  const p = southwell('predict', 'm.json', 'where.csv');
  expect(p.out).toMatch(/^who,year,what,score\np0,2000,d,/);
  expect(Number(p.out.split('\n')[1].split(',')[3])).toBeCloseTo(truth([0, 0, 3]), 4);
  expect(JSON.parse(southwell(...table, '--json').out).missing).toBe(0);
});

test('entries of every place, in any order, are the array: the same bits', () => {
  npy('low.npy', [6, 5, 4], truth);
  const places = Array.from({ length: 120 }, (_, e) => [Math.floor(e / 20), Math.floor(e / 4) % 5, e % 4]);
  const lines = Array.from(new Random(5).permutation(120), (e) => places[e]).map(
    (p) => `${p.map((i) => i + 1).join(',')},${truth(p)}`,
  );
  file('all.csv', `i,j,k,x\n${lines.join('\n')}\n`);
  // A train has no sparse form: it takes arrays alone.
  for (const how of [
    ['--rank', '2'],
    ['--method', 'tt', '--rank', '2,2'],
  ]) {
    const [list, array] = [['all.csv', '--index', 'i,j,k'], ['low.npy']].map((data) => {
      const { out } = southwell('factor', 'tensor', ...data, ...how, '--json');
      return JSON.parse(out).relativeError;
    });
    expect(list).toBe(array);
  }
});

test('what is wrong is told by a sentence', () => {
  const told = (words: readonly string[], sentence: string | RegExp) => {
    const r = southwell('factor', 'tensor', ...words);
    expect(r.code).toBe(2);
    expect(r.err).toMatch(sentence);
  };
  npy('gap.npy', [3, 2, 2], ([i]) => (i === 1 ? Number.NaN : 1));
  npy('none.npy', [2, 2, 2], () => Number.NaN);
  told(['gap.npy'], /gap.npy has no number at \(2, 1, 1\), counted from 1: fill it in, or give --missing/);
  told(['none.npy', '--missing'], /All values of none.npy are missing/);
  told(['gap.npy', '--method', 'tt', '--missing'], /--missing cannot be combined with --method tt/);
  file('list.csv', 'i,j,k,y,z\n1,1,2,3,a\n2,1,1,4,b\n1,1,2,5,c\n');
  told(['list.csv'], /which is not a number. For a table of entries give its index columns by --index/);
  told(['list.csv', '--index', 'i,j,k'], /has \(1, 1, 2\) twice, in rows 1 and 3: keep one of the values/);
  told(
    ['list.csv', '--index', 'i,j,k', '--shape', '1,1,2'],
    /has index 2 in column 'i' of row 2: by --shape it must be a whole/,
  );
  told(['list.csv', '--index', 'i,j'], /several numeric columns \(k, y\): give the column of values by --value/);
  told(
    ['list.csv', '--index', 'i,j,k', '--value', 'z'],
    /Column 'z' of list.csv holds "a" in row 1, which is not a number/,
  );
  npy('flat.npy', [3, 2, 2], () => 2);
  told(['flat.npy', '--rank', '2,2'], /--rank must be one number for cp/);
  told(
    ['flat.npy', '--method', 'tucker', '--rank', '2,2'],
    /--rank must be one number, or 3 for the shape 3 × 2 × 2, not 2/,
  );
  const flat = JSON.parse(southwell('factor', 'tensor', 'flat.npy', '--rank', '7', '--json').out);
  expect(flat.relativeError).toBeLessThan(1e-6);
});

test('a fit that was cut off goes on', () => {
  npy('low.npy', [6, 5, 4], (place) => truth(place) + 0.3 * Math.sin(7 * place[0] + 3 * place[1] + place[2]));
  const words = ['factor', 'tensor', 'low.npy', '--rank', '3', '--json'];
  const whole = JSON.parse(southwell(...words, '--max-iter', '9', '--tol', '0').out);
  southwell(...words, '--max-iter', '4', '--tol', '0', '--checkpoint', 'c.json');
  const rest = JSON.parse(
    southwell(...words, '--max-iter', '9', '--tol', '0', '--checkpoint', 'c.json', '--resume').out,
  );
  expect(rest.weights).toEqual(whole.weights);
});
