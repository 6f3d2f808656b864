import { readFileSync } from 'node:fs';
import { writeNpy } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { gilbertElliott, sequentialCode, simulateStragglers, tuneCode } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

const [n, rounds] = [16, 60];
const delays = gilbertElliott({ n, rounds, pSlow: 0.04, seed: 3 });
const rowsOf = (all: Float64Array, columns: number) =>
  Array.from({ length: all.length / columns }, (_, i) => [...all.subarray(i * columns, (i + 1) * columns)]);
const npy = (all: Float64Array, columns: number) => writeNpy(DenseMatrix.fromRows(rowsOf(all, columns)));
const text = (rows: readonly (readonly (string | number)[])[]) => rows.map((row) => row.join()).join('\n');
file('delays.csv', `${text(rowsOf(delays, rounds))}\n`);
const turned = Array.from({ length: rounds }, (_, r) => Array.from({ length: n }, (__, i) => delays[i * rounds + r]));
file('turned.csv', `${text([Array.from({ length: n }, (_, i) => `w${i}`), ...turned])}\n`);
file('five.csv', ',r1,r2,r3,r4\na,1,1,2,1\nb,1,1,1,1\nc,inf,1,1,1\nd,1,1,1,5\ne,1,1,1,1\n');
file('text.csv', 'w,r1,r2,r3\na,1,1,2\nb,1,oops,1\n');

const json = async (...words: string[]) => JSON.parse((await here(['stragglers', ...words, '--json'])).out);
const refused = async (...words: string[]) => {
  const { code, err } = await here(['stragglers', ...words]);
  expect(code).toBe(2);
  return err;
};

test('the first half chooses, the other rounds report', async () => {
  const told = await json('delays.csv', '--slope', '1', '--out', 'codes.csv', '--report', 'r.html');
  const half = (from: number) =>
    Float64Array.from({ length: n * 30 }, (_, k) => delays[Math.floor(k / 30) * rounds + from + (k % 30)]);
  const [first] = tuneCode(half(0), { n, slope: 1 });
  expect(told.best[0]).toMatchObject({ load: first.load, delay: first.delay, choosing: { seconds: first.runtime } });
  const settings = { jobs: 27, loadSlope: 1 };
  const [code, none] = [sequentialCode(first.options), sequentialCode({ kind: 'none', n })].map(
    (one) => simulateStragglers(one, half(30), settings).runtime,
  );
  expect(told).toMatchObject({ verdict: 'pays', rounds: { choosing: 30, reporting: 30 }, jobs: { reporting: 27 } });
  expect(told.saved.share).toBeCloseTo(1 - code / none, 12);
  expect(told.best.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['gc', 'm-sgc', 'none', 'sr-sgc']);
  const [head, best] = readFileSync(at('codes.csv'), 'utf8').split('\n');
  expect(head).toBe('kind,s,B,W,lambda,load,delay,seconds,waits');
  expect(best.split(',')[0]).toBe(first.options.kind);
  expect(readFileSync(at('r.html'), 'utf8')).toMatch(/seconds since the round began[\s\S]*seconds until it is decoded/);
});

test('a code at the largest tolerance that was tried says so', async () => {
  const more = /No code was tried that tolerates more than 2 stragglers.*--max-tolerance 4 tries more/s;
  const told = async (...words: string[]) => (await json('bundled:delays', '--slope', '1', ...words)).advice.join();
  expect(await told('--max-tolerance', '2')).toMatch(more);
  expect(await told()).not.toMatch(/tries more/);
});

test('workers in columns, and delays with their load, are the same', async () => {
  const told = await json('delays.csv', '--slope', '1');
  const inColumns = await json('turned.csv', '--slope', '1', '--workers', 'columns');
  expect(inColumns.codes).toEqual(told.codes);
  expect(inColumns.workers[3]).toBe('w3');
  file(
    'loaded.csv',
    `${text(
      rowsOf(
        delays.map((v) => v + 0.25),
        rounds,
      ),
    )}\n`,
  );
  const loaded = await json('loaded.csv', '--slope', '1', '--load', '0.25');
  expect(loaded.saved.share).toBeCloseTo(told.saved.share, 10);
});

test('no code pays where all delays are equal', async () => {
  file('equal.npy', npy(new Float64Array(8 * 40).fill(1), 40));
  const { out } = await here(['stragglers', 'equal.npy', '--slope', '2']);
  expect(out).toContain('No code pays: in the 20 rounds that choose, waiting for all workers is fastest.');
  const told = await json('equal.npy', '--slope', '2');
  expect([told.verdict, told.saved, told.best[0].kind]).toEqual(['no-code', null, 'none']);
});

test('a code that chance chose does not pay, and few rounds are told', async () => {
  // Half of the rounds have a slow worker, the others none.
  const one = new Float64Array(8 * 10).fill(1);
  for (let r = 0; r < 5; r++) one[r * 10 + r] = 4;
  file('chance.npy', npy(one, 10));
  const { out } = await here(['stragglers', 'chance.npy', '--slope', '1']);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(
    /No code is known to pay: .* longer than no code on the 5 rounds that did not choose it, and saves .* % on those that did\. .*10 rounds are few/,
  );
  expect((await json('chance.npy', '--slope', '1')).verdict).toBe('does-not-pay');
});

test('a dead worker is done without, or stalls the run', async () => {
  const told = await json('five.csv', '--slope', '1');
  const seconds = (kind: string) => told.best.find((one: { kind: string }) => one.kind === kind);
  expect(seconds('none')).toMatchObject({ choosing: { seconds: null }, reporting: { seconds: 2.2 } });
  expect(seconds('gc').choosing.seconds).toBeGreaterThan(0);
  expect(told.advice.join()).toContain(
    'Worker c never answered in round 1; without a code the run would wait for ever.',
  );
  const dead = delays.slice();
  for (let r = 40; r < rounds; r++) dead[r] = dead[rounds + r] = dead[2 * rounds + r] = dead[3 * rounds + r] = Infinity;
  file('dead.npy', npy(dead, rounds));
  const stalled = await json('dead.npy', '--slope', '1', '--max-tolerance', '3');
  expect(stalled).toMatchObject({ verdict: 'stalls', saved: null });
  expect(stalled.best[0].reporting).toEqual({ seconds: null, waitOuts: expect.any(Number), stalledIn: 41 });
});

test('what are no delays is refused with worker and round', async () => {
  const changed = (k: number, v: number) => {
    const own = delays.slice();
    own[k] = v;
    file('changed.npy', npy(own, rounds));
    return refused('changed.npy', '--slope', '1');
  };
  expect(await changed(2 * rounds + 4, -1)).toContain('the delay of worker 3 in round 5 is -1');
  expect(await changed(rounds, Number.NaN)).toContain('the delay of worker 2 in round 1 is missing');
  expect(await refused('text.csv', '--slope', '1')).toContain("column 'r2' holds words such as 'oops' in row 2");
  expect(await refused('delays.csv')).toContain('--slope: the seconds that a worker would take');
  expect(await refused('delays.csv', '--slope', '-1')).toContain('at least 0');
  expect(await refused('delays.csv', '--slope', '8', '--load', '0.5')).toContain('less than the 4 s');
  expect(await refused('delays.csv', '--slope', '1', '--max-tolerance', '16')).toContain('less than the 16 workers');
  file('one.csv', text(Array.from({ length: 4 }, () => [1])));
  expect(await refused('one.csv', '--slope', '1')).toContain('has one round');
});
