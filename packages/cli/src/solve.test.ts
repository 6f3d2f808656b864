import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

/** A Matrix Market file of a dense list of rows, zeros left out; of symmetric ones the lower triangle. */
const matrix = (name: string, rows: readonly number[][], kind: 'general' | 'symmetric' = 'general') => {
  const entries = rows.flatMap((row, i) =>
    row.flatMap((v, j) => (v === 0 || (kind === 'symmetric' && j > i) ? [] : [`${i + 1} ${j + 1} ${v}`])),
  );
  const head = `%%MatrixMarket matrix coordinate real ${kind}`;
  return file(name, `${head}\n${rows.length} ${rows[0].length} ${entries.length}\n${entries.join('\n')}\n`);
};
const column = (name: string, values: readonly number[], header = 'b') =>
  file(name, `${header}\n${values.join('\n')}\n`);
const chain = Array.from({ length: 5 }, (_, i) =>
  Array.from({ length: 5 }, (__, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
);
const written = (name: string) => {
  const [head, ...rows] = readFileSync(at(name), 'utf8').trimEnd().split('\n');
  return { head, rows: rows.map((row) => row.split(',').map(Number)) };
};

test('a matrix, a right-hand side, a file of the solution, and what the matrix is', async () => {
  matrix('A.mtx', chain, 'symmetric');
  column('b.csv', [0, 0, 6, 0, 0], 'load');
  const { code, out, err } = await here(['solve', 'A.mtx', 'b.csv', '--out', at('x.csv')]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/5 × 5, 13 stored values, symmetric, positive definite, an\s+M-matrix/);
  expect(out).toMatch(/Solved by Cholesky factor/);
  const { head, rows } = written('x.csv');
  expect(head).toBe('load');
  [3, 6, 9, 6, 3].forEach((v, i) => {
    expect(rows[i][0]).toBeCloseTo(v, 12);
  });
});

test('without a right-hand side the solution is known; --json has what the table has', async () => {
  matrix('A.mtx', chain, 'symmetric');
  const { code, out } = await here(['solve', 'A.mtx', '--json', '--method', 'cg', '--preconditioner', 'ssor']);
  const found = JSON.parse(out);
  expect([code, found.status, found.solver.method]).toEqual([0, 'converged', 'cg']);
  expect(found.solutions[0].trueError).toBeLessThan(1e-9);
  expect(found.x.x).toHaveLength(5);
  expect(found.matrix).toMatchObject({ symmetric: true, mMatrix: true, definite: 'positive', bandwidth: 1 });
});

test('a factorisation is saved, and predict solves for further right-hand sides', async () => {
  matrix('A.mtx', chain, 'symmetric');
  column('b.csv', [0, 0, 6, 0, 0]);
  expect((await here(['solve', 'A.mtx', 'b.csv', '--save', at('factor.json')])).code).toBe(0);
  file('more.csv', `p,q\n${chain.map((row) => `${row[0]},${row[4]}`).join('\n')}\n`);
  const { code, out } = await here(['predict', 'factor.json', 'more.csv', '--out', at('more-x.csv')]);
  expect([code, out]).toEqual([0, expect.stringMatching(/5 predictions\.[\s\S]*Predictions written/)]);
  const { head, rows } = written('more-x.csv');
  expect(head).toBe('p,q');
  rows.forEach(([p, q], i) => {
    expect(p).toBeCloseTo(i === 0 ? 1 : 0, 12);
    expect(q).toBeCloseTo(i === 4 ? 1 : 0, 12);
  });
  column('short.csv', [1, 2]);
  const short = await here(['predict', 'factor.json', 'short.csv', '--out', at('no.csv')]);
  expect([short.code, short.err]).toEqual([2, expect.stringMatching(/2 rows, but the saved system has 5 equations/)]);
});

describe('what has no solution, or is no matrix', () => {
  test('no solution: least squares, told, and code 3', async () => {
    matrix('singular.mtx', [
      [1, 2],
      [2, 4],
    ]);
    column('b.csv', [1, 3]);
    const { code, out, err } = await here(['solve', 'singular.mtx', 'b.csv']);
    expect(code).toBe(3);
    expect(out + err).toMatch(/no solution/);
    expect(out).toMatch(/singular: rank 1/);
  });

  test('a table of numbers is a matrix; names and gaps are told with their place', async () => {
    file('table.csv', 'a,b\n1,2\n3,4\n5,7\n');
    column('b.csv', [1, 2, 3]);
    const { code, out } = await here(['solve', 'table.csv', 'b.csv']);
    expect([code, /QR factors/.test(out)]).toEqual([0, true]);
    file('named.csv', 'who,b\nann,2\nbob,4\n');
    expect((await here(['solve', 'named.csv'])).err).toMatch(/column 'who' holds words such as 'ann'/);
    file('stray.csv', 'a,b\n4,oops\n1,3\n');
    expect((await here(['solve', 'stray.csv'])).err).toMatch(/column 'b' holds words such as 'oops'/);
    file('gap.csv', 'a,b\n1,2\n3,NA\n');
    expect((await here(['solve', 'gap.csv'])).err).toMatch(/column 'b' has no value in row 2/);
    const other = await here(['solve', 'table.csv', 'gap.csv']);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/column 'b' has no value in row 2/)]);
    column('two.csv', [1, 2]);
    expect((await here(['solve', 'table.csv', 'two.csv'])).err).toMatch(
      /two.csv has 2 rows, but the matrix has 3 rows/,
    );
  });

  test('an indefinite matrix: the advice names an option of the verb', async () => {
    const indefinite = [
      [1, 2],
      [2, 1],
    ];
    matrix('indefinite.mtx', indefinite, 'symmetric');
    const { code, err } = await here(['solve', 'indefinite.mtx', '--method', 'cholesky']);
    expect([code, err.replace(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringMatching(/has the pivot -3\. Use --method ldlt for indefinite matrices, or add to the diagonal\./),
    ]);
    const auto = await here(['solve', 'indefinite.mtx']);
    expect([auto.code, auto.out + auto.err]).toEqual([0, expect.not.stringContaining('sparseLdlt')]);
  });

  test('methods that do not take it', async () => {
    matrix('A.mtx', [
      [1, 2],
      [3, 4],
    ]);
    expect((await here(['solve', 'A.mtx', '--method', 'cg'])).err).toMatch(/not symmetric, but cg/);
    expect((await here(['solve', 'A.mtx', '--preconditioner', 'ssor'])).err).toMatch(/--preconditioner/);
    expect((await here(['solve', 'A.mtx', '--method', 'cg', '--preconditioner', 'ssor', '--omega', '2'])).err).toMatch(
      /between 0 and 2/,
    );
  });
});

test('inspect draws where the entries are', async () => {
  const n = 40;
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j || j === 0 ? 1 : 0)));
  matrix('arrow.mtx', rows);
  const { code, out } = await here(['inspect', 'arrow.mtx']);
  expect(code).toBe(0);
  expect(out).toMatch(/not symmetric, bandwidth 39/);
  const drawn = out.split('\n').filter((line) => /[\u2800-\u28ff]/.test(line));
  expect(drawn).toHaveLength(10);
  // The first column, and the diagonal: dots 1, 2, 3, 7 of the first character, and two more of a step down.
  expect(drawn[0].trim().codePointAt(0)! & 0x47).toBe(0x47);
  const { pattern } = JSON.parse((await here(['inspect', 'arrow.mtx', '--json'])).out);
  expect([pattern.width, pattern.height, pattern.counts.filter((v: number) => v > 0).length]).toEqual([40, 40, 79]);
});
