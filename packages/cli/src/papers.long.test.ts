import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interruptedPaper, keptResults } from './testing/papers.ts';
import { workshop } from './testing.ts';

const shop = workshop();
const { at, interrupted } = shop;
const { results, kept, forget } = keptResults(at);

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
