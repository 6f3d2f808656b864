import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interruptedPaper, keptResults } from './testing/papers.ts';
import { TRACE, workshop } from './testing.ts';

const shop = workshop();
const { at, here, interrupted } = shop;
const { results, kept, forget } = keptResults(at);

test('Ctrl-C keeps what was measured, as stopped, and exits 3', async () => {
  forget();
  const { code, out, err } = await interruptedPaper(shop, 1);
  expect(err).not.toMatch(TRACE);
  expect(err).toMatch(/Stopping; what was measured so far is kept/);
  expect(code).toBe(3);
  const json = JSON.parse(out);
  expect(json).toMatchObject({ status: 'stopped', exitCode: 3 });
  expect(json.withoutVerdict.map((u: { claim: string }) => u.claim)).toContain('figure-8-sizes');
  const stored = kept();
  expect(stored[stored.length - 1]).toMatchObject({ status: 'stopped', size: 'full' });
  expect(stored[stored.length - 1].curves.length).toBeGreaterThan(0);
});

test('Ctrl-C twice exits at once; what lies in the store is whole', async () => {
  forget();
  const { code } = await interruptedPaper(shop, 2);
  // The first may have ended the run already.
  expect([130, 3]).toContain(code);
  expect(() => kept()).not.toThrow();
  expect(readdirSync(results()).filter((name) => !name.endsWith('.json'))).toEqual([]);
});

test('Ctrl-C on two ranks keeps what both have measured', async () => {
  const { code, err } = await interrupted(['papers', 'run', '07', '--seed', '1,2', '--ranks', '2', '--json'], /orders/);
  expect(code).toBe(3);
  expect(err).toMatch(/Stopped on request; what was measured is kept\./);
});

test('run on two ranks: the same verdicts and tables in the same order, each kept once', async () => {
  const args = ['papers', 'run', '01', '--figure', '5', '--seed', '1,2', '--set', 'steps=5', '--json'];
  const ran = async (...more: string[]) => {
    const { code, out } = await here([...args, ...more]);
    const { verdicts, tables, runs } = JSON.parse(out);
    const timed = tables[0].columns.map((name: string) => /second|time/.test(name));
    return {
      code,
      verdicts,
      // But for what was measured by a clock.
      tables: tables.map((t: { rows: number[][] }) => ({
        ...t,
        rows: t.rows.map((row) => row.filter((_, j) => !timed[j])),
      })),
      runs: runs.map(({ experiment, seed, status }: Record<string, unknown>) => ({ experiment, seed, status })),
    };
  };
  expect(await ran('--ranks', '2', '--rank-logs', at('paper-logs'))).toEqual(await ran());
  expect(readFileSync(at('paper-logs/rank-1.log'), 'utf8')).toMatch(/figure-5 \(seed [12]\) begins/);
});
