import { readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const lines = (name: string) =>
  readFileSync(at(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
const json = async (...args: string[]) => {
  const { code, out, err } = await here([...args, '--json']);
  expect(err).toBe('');
  return { code, ...JSON.parse(out) };
};
const complete = (...args: string[]) => here(['factor', 'complete', ...args]);

/** Eleven of thirty products are missing. */
const gaps = [
  [0, 2],
  [0, 3],
  [0, 4],
  [1, 3],
  [2, 4],
  [3, 0],
  [3, 3],
  [4, 1],
  [4, 4],
  [5, 0],
  [5, 2],
];
const table = Array.from({ length: 6 }, (_, i) =>
  Array.from({ length: 5 }, (__, j) => (gaps.some(([a, b]) => a === i && b === j) ? '' : (i + 1) * (j + 1))),
);
file('products.csv', `a,b,c,d,e\n${table.map((row) => row.join()).join('\n')}\n`);

test('a multiplication table with eleven gaps is filled, without a word on rank or lambda', async () => {
  const r = await complete('products.csv', '--dense', '--out', 'filled.csv');
  expect(r.out.replace(/\s+/g, ' ')).toMatch(
    /Rank 1 by robust, lambda 0:.*kept back in parts: rank 1 of 1, 2, 3, 5; lambda 0 of 0, /,
  );
  expect(r.out).not.toMatch(/not determined/);
  const [, ...rows] = lines('filled.csv');
  for (const [i, row] of rows.entries())
    for (const [j, v] of row.entries()) expect(Number(v)).toBeCloseTo((i + 1) * (j + 1), 9);
});

test('what the entries do not determine stays empty, is counted, and never is 0', async () => {
  file('small.csv', '1,2,3\n2,,6\n,,\n4,8,12\n');
  const r = await complete('small.csv', '--dense', '--out', 'small-out.csv');
  expect(r.out.replace(/\s+/g, ' ')).toMatch(/Nothing is known of 1 row.*3 of 4 missing entries are not determined/);
  const [, ...rows] = lines('small-out.csv');
  expect(rows.map((row) => row.map((v) => (v === '' ? '' : Math.round(Number(v) * 1e9) / 1e9)))).toEqual([
    [1, 2, 3],
    [2, 4, 6],
    ['', '', ''],
    [4, 8, 12],
  ]);
  // Two blocks that nothing connects.
  file('blocks.csv', 'u,i,r\na,x,1\na,y,2\nb,x,2\nc,z,3\nd,z,4\nd,w,8\n');
  const found = await json('factor', 'complete', 'blocks.csv', '--rank', '1', '--lambda', '0');
  const { u, i, r: value, determined } = found.predictions;
  expect(found.determination).toEqual({ test: 'jacobian', missing: 10, undetermined: 8, penalised: false });
  const sure = u
    .map((name: string, e: number) => `${name}${i[e]}`)
    .filter((_: string, e: number) => determined[e] === 'yes');
  expect(sure).toEqual(['by', 'cw']);
  expect(value.map((v: number | null) => v === null)).toEqual(determined.map((mark: string) => mark === 'no'));
  const top = await json('factor', 'complete', 'blocks.csv', '--rank', '1', '--lambda', '0', '--top', '3');
  expect(top.predictions.u).toEqual(['b', 'c']);
});

test('with a penalty, undetermined entries are its choice and told as such', async () => {
  const args = ['factor', 'complete', 'blocks.csv', '--rank', '1', '--lambda', '0.5'];
  const { predictions, determination } = await json(...args);
  expect(determination).toMatchObject({ undetermined: 8, penalised: true });
  expect(predictions.r.every((v: number | null) => v !== null)).toBe(true);
  expect((await here(args)).out.replace(/\s+/g, ' ')).toMatch(
    /would change them; their values are the choice of the penalty/,
  );
  file('wide.csv', 'p,q,r,s\n1,2,,\n2,4,,\n,,3,6\n,,4,8\n');
  const wide = ['wide.csv', '--dense', '--rank', '1', '--lambda', '0.1', '--out'];
  const empty = await complete(...wide, 'wide-out.csv');
  expect(empty.out.replace(/\s+/g, ' ')).toMatch(/they stay empty. --fill writes what the penalty chooses/);
  expect(lines('wide-out.csv')[1].slice(2)).toEqual(['', '']);
  await complete(...wide, 'wide-full.csv', '--fill');
  expect(lines('wide-full.csv').flat()).not.toContain('');
});

test('where nothing can be kept back that is said, and what was taken', async () => {
  file('cross.csv', 'u,i,r\na,x,1\nb,y,2\n');
  const r = await complete('cross.csv');
  expect(r.out.replace(/\s+/g, ' ')).toMatch(/Too few entries to keep any back: the lowest rank and no penalty/);
  expect(r.out.replace(/\s+/g, ' ')).toMatch(/2 of 2 missing entries are not determined/);
});

/** Ratings with biases. */
const random = new Random(1);
const rated = Array.from({ length: 40 }, (_, u) =>
  Array.from({ length: 12 }, (__, i) => 3 + Math.sin(u) + Math.cos(i) + Math.sin(u * 2) * Math.cos(i * 3)),
);
const known = rated.flatMap((row, u) =>
  row.flatMap((v, i) => (random.uniform() < 0.7 ? [`u${u},${i * 10},${v}`] : [])),
);
file('ratings.csv', `who,what,stars\n${known.join('\n')}\n`);

test.each([[['--biases']], [[]], [['--biases', '--clip']]])(
  'predictions are rebuilt from --factors and from --json: %j',
  async (more) => {
    const args = ['factor', 'complete', 'ratings.csv', '--rank', '2', '--lambda', '0.5', ...more];
    await here([...args, '--factors', 'f.csv', '--out', 'p.csv']);
    const document = await json(...args);
    const file = await readTable(at('f.csv'));
    const column = (name: string) => {
      const c = file.columns.find((found) => found.name === name);
      return c && (c.type === 'number' ? [...c.values] : Array.from(c.codes, (k) => c.levels[k] ?? null));
    };
    const fromFile = Object.fromEntries(
      ['of', 'name', 'bias', 'factor_1', 'factor_2'].map((name) => [name, column(name)]),
    );
    for (const f of [fromFile, document.factors]) {
      const place = (of: string, name: string) =>
        f.name.findIndex((n: unknown, k: number) => String(n) === name && f.of[k] === of);
      for (const [who, what, stars] of lines('p.csv').slice(1)) {
        const [r, c] = [place('row', who), place('column', what)];
        const bias = f.bias ? f.bias[f.of.indexOf('mean')] + f.bias[r] + f.bias[c] : 0;
        const value = bias + (f.factor_1[r] * f.factor_1[c] + f.factor_2[r] * f.factor_2[c]);
        const values = known.map((line) => Number(line.split(',')[2]));
        const clipped = more.includes('--clip')
          ? Math.min(Math.max(value, Math.min(...values)), Math.max(...values))
          : value;
        expect(Number(stars)).toBe(clipped);
      }
    }
    if (more.includes('--biases')) expect(document.mean).toBe(document.factors.bias[0]);
  },
);

test('pairs are predicted by name or number, in their order; names that are unknown get a sentence', async () => {
  file('pairs.csv', 'what,who\n110,u3\n20,u5\n7,u3\n20,nobody\n');
  const args = [
    'factor',
    'complete',
    'ratings.csv',
    '--rank',
    '2',
    '--lambda',
    '0.5',
    '--biases',
    '--pairs',
    at('pairs.csv'),
  ];
  const all = await json(...args.slice(0, -2));
  const { predictions, data } = await json(...args);
  expect(predictions.who).toEqual(['u3', 'u5', 'u3', 'nobody']);
  expect(predictions.stars.slice(2)).toEqual([null, null]);
  expect(predictions.determined.slice(2)).toEqual(['no', 'no']);
  const listed = (who: string, what: number) =>
    all.predictions.stars[
      all.predictions.who.findIndex((w: string, e: number) => w === who && all.predictions.what[e] === what)
    ];
  for (const [e, what] of [110, 20].entries()) {
    const before = listed(predictions.who[e], what);
    if (before !== undefined) expect(predictions.stars[e]).toBe(before);
    expect(predictions.stars[e]).toBeGreaterThan(0);
  }
  expect(data.notes.join(' ')).toMatch(
    /2 of 4 pairs name what the data do not have \(who nobody; what 7\): no prediction/,
  );
  file('one.csv', 'who\nu3\n');
  expect((await complete('ratings.csv', '--pairs', at('one.csv'))).err).toMatch(/no list of pairs/);
  // Of a matrix whose rows have no names, by numbers.
  file('places.csv', 'row,col\n1,c\n6,a\n3,5\n');
  const places = await json('factor', 'complete', 'products.csv', '--dense', '--pairs', at('places.csv'));
  expect(places.predictions.value.map((v: number) => Math.round(v))).toEqual([3, 6, 15]);
});

test('what is no number, and a rank that the matrix does not have', async () => {
  file('inf.csv', 'u,i,r\na,x,1\na,y,inf\nb,x,2\n');
  expect((await complete('inf.csv', '--rank', '1')).err.replace(/\s+/g, ' ')).toMatch(/holds Infinity for u a, i y/);
  expect((await complete('products.csv', '--dense', '--rank', '9')).err).toMatch(
    /--rank must be a whole number from 1 to 5/,
  );
});

test('a saved completion predicts pairs and new rows', async () => {
  const args = [
    'factor',
    'complete',
    'ratings.csv',
    '--rank',
    '2',
    '--lambda',
    '0.5',
    '--biases',
    '--method',
    'als',
    '--tol',
    '1e-14',
  ];
  await here([...args, '--max-iter', '5000', '--save', 'ratings.json', '--out', 'p.csv']);
  const asked = lines('p.csv').slice(1);
  file('asked.csv', `what,who\n${asked.map(([who, what]) => `${what},${who}`).join('\n')}\n`);
  const pairs = await json('predict', 'ratings.json', 'asked.csv');
  // The same bits as the fit's.
  expect(pairs.columns.stars.map(String)).toEqual(asked.map(([, , stars]) => stars));
  expect(pairs.columns.determined).toEqual(asked.map(([, , , determined]) => determined));
  // Row u7 under another name: its entries code it, the rest follow.
  const own = known.filter((line) => line.startsWith('u7,')).map((line) => line.replace('u7', 'new'));
  const rest = asked.filter(([who]) => who === 'u7');
  file('new.csv', `who,what,stars\n${[...own, ...rest.map(([, what]) => `new,${what},`)].join('\n')}\n`);
  const folded = await json('predict', 'ratings.json', 'new.csv');
  expect(folded.notes.join(' ')).toMatch(/1 new who coded/);
  for (const [e, [, , stars]] of rest.entries())
    expect(folded.columns.stars[own.length + e]).toBeCloseTo(Number(stars), 5);
  // Entries of rows that are known say how well they are predicted.
  file(
    'test.csv',
    `who,what,stars\n${asked.map(([who, what]) => `${who},${what},${rated[Number(who.slice(1))][Number(what) / 10]}`).join('\n')}\n`,
  );
  expect((await json('predict', 'ratings.json', 'test.csv')).score).toMatchObject({ name: 'RMSE', rows: asked.length });
  file('bad.json', readFileSync(at('ratings.json'), 'utf8').replace('"rank":2', '"rank":3'));
  expect((await here(['predict', 'bad.json', 'asked.csv'])).err).toMatch(/inconsistent/);
});

test('a saved matrix fills new rows; columns are found by name', async () => {
  await complete('products.csv', '--dense', '--save', 'products.json');
  file('rows.csv', 'e,c,extra,a\n35,,9,7\n,,1,\n,6,0,\n');
  const r = await json('predict', 'products.json', 'rows.csv');
  expect(r.columns.e[0]).toBe(35);
  expect(r.columns.b[0]).toBeCloseTo(14, 9);
  expect(r.columns.d[2]).toBeCloseTo(8, 9);
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => r.columns[name][1])).toEqual([null, null, null, null, null]);
  expect(r.predicted).toBe(2);
  expect(r.notes.join(' ')).toMatch(/lacks count as gaps: b, d\..*ignored: extra/);
  file('none.csv', 'x,y\n1,2\n');
  expect((await here(['predict', 'products.json', 'none.csv'])).err).toMatch(/none of the columns that were completed/);
  await complete('products.csv', '--dense', '--method', 'svt', '--save', 'svt.json');
  expect((await here(['predict', 'svt.json', 'rows.csv'])).err.replace(/\s+/g, ' ')).toMatch(/no codes for new rows/);
});
