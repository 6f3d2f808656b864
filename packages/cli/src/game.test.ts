import { readFileSync, writeFileSync } from 'node:fs';
import { writeNpy } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const ran = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await here(['game', ...args]);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return out;
};
const refused = async (...args: string[]): Promise<string> => {
  const { out, err, code } = await here(['game', ...args]);
  expect([out, code]).toEqual(['', 2]);
  return err.replaceAll(/\s+/g, ' ').replaceAll(`${at('')}/`, '');
};

file('duel.csv', ',fast,slow,never\nleft,3,-1,4\nright,-2,4,4\nhide,-3,-3,-3\n');

test('two of three strategies each, by name, and those that are never played', async () => {
  const out = await ran('duel.csv', '--out', at('s.csv'), '--report', at('r.html'));
  expect(out).toContain('duel.csv: 3 × 3 strategies');
  // Of [[3, −1], [−2, 4]]: value (3·4 − 2)/10, x = (6, 4)/10, y = (5, 5)/10.
  expect(out).toContain('The value of the game is 1');
  expect(out).toMatch(/left +0\.6000 +1\.000\n +right +0\.4000 +1\.000\n +1 strategy never played\./);
  expect(out).toMatch(/fast +0\.5000 [^\n]*\n +slow +0\.5000 [^\n]*\n +1 strategy never played\./);
  const lines = readFileSync(at('s.csv'), 'utf8').trim().split('\n');
  expect(lines[0]).toBe('player,strategy,probability,payoff');
  expect(lines).toHaveLength(7);
  expect(lines[3]).toBe('row,hide,0,-3');
  const report = readFileSync(at('r.html'), 'utf8');
  for (const words of ['Payoffs and probabilities', 'left: 60.0 %', 'fast: 50.0 %', 'Convergence'])
    expect(report).toContain(words);
});

test('the JSON has both bounds, and no data of pictures', async () => {
  const found = JSON.parse(await ran('duel.csv', '--json'));
  expect(found).toMatchObject({ status: 'converged', value: expect.closeTo(1, 10) });
  expect(found.upper - found.lower).toBeLessThan(1e-11);
  expect(found.rows.map((row: { strategy: string }) => row.strategy)).toEqual(['left', 'right', 'hide']);
  expect(found).not.toHaveProperty('payoffs');
});

test('names in a first column of words, in a column that is asked for, or none', async () => {
  file('moves.csv', 'move,rock,paper,scissors\nrock,0,-1,1\npaper,1,0,-1\nscissors,-1,1,0\n');
  expect(await ran('moves.csv')).toContain("Column 'move' names the strategies in rows.");
  file('id.csv', 'id,a,b\n1,3,4\n2,5,1\n3,2,2\n');
  expect((await ran('id.csv')).replaceAll(/\s+/g, ' ')).toContain(
    "Column 'id' is a strategy here; if it names the rows, give --names id.",
  );
  expect(await ran('id.csv', '--names', 'id')).toContain('3 × 2 strategies');
  file('plain.csv', '0,-1\n-1,0\n');
  expect(await ran('plain.csv')).toMatch(/row 1 [\s\S]*column 1 /);
  writeFileSync(
    at('game.npy'),
    writeNpy(
      DenseMatrix.fromRows([
        [0, -1],
        [-1, 0],
      ]),
    ),
  );
  expect(await ran('game.npy')).toContain('The value of the game is -0.5');
});

test('what is no game is refused with the place and what to do', async () => {
  file('stray.csv', ',a,b\nu,1,x\nv,2,3\nw,4,5\nz,4,5\n');
  expect(await refused('stray.csv')).toContain("column 'b' holds words such as 'x' in row 1, but payoffs are numbers");
  file('missing.csv', ',a,b\nu,1,\nv,2,3\n');
  expect(await refused('missing.csv')).toContain("column 'b' has no payoff in row 1 (u): each pair of strategies");
  file('twice.csv', 'move,a,b\nup,1,2\nup,3,4\n');
  expect(await refused('twice.csv', '--names', 'move')).toContain("has 'up' in rows 1 and 2");
  expect(await refused('duel.csv', '--names', 'move')).toContain("has no column 'move' for --names");
  expect(await refused('duel.csv', '--drop', 'fast,slow,never')).toContain('has no columns of payoffs');
});

test('a run that a time limit ended is resumed with the same bits', async () => {
  const A = DenseMatrix.create(120, 120);
  for (let k = 0; k < A.data.length; k++) A.data[k] = Math.sin(k * k);
  writeFileSync(at('large.npy'), writeNpy(A));
  const whole = JSON.parse(await ran('large.npy', '--json'));
  // Whenever the limit comes, also after the end.
  const { code } = await here(['game', 'large.npy', '--checkpoint', at('run.json'), '--time-limit', '0.1']);
  expect([0, 3]).toContain(code);
  if (code === 0) return;
  const rest = JSON.parse(await ran('large.npy', '--checkpoint', at('run.json'), '--resume', '--json'));
  expect([rest.rows, rest.columns, rest.iterations]).toEqual([whole.rows, whole.columns, whole.iterations]);
});
