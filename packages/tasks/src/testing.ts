/** What tests of jobs on ranks share. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threads } from '@southwell/distributed';
import { expect } from 'vitest';
import type { SpreadJob, SpreadResult } from './spread/testing.ts';

// Workers run what was built.
const module = new URL('../dist/spread/testing.js', import.meta.url);
export const built = existsSync(fileURLToPath(module));

/** Does jobs on threads, all of which must say the same. */
export async function onThreads(ranks: number, input: readonly SpreadJob[]): Promise<SpreadResult[]> {
  const all = await threads<readonly SpreadJob[], SpreadResult[]>(module, { ranks, input });
  for (const one of all) expect(one).toEqual(all[0]);
  return all[0];
}

/** Numbers, lists of them, or nothing: alike but for a share of the largest. */
export function near(found: unknown, wanted: unknown, share: number): void {
  const flat = (values: unknown): unknown[] => (Array.isArray(values) ? values.flatMap(flat) : [values]);
  const [a, b] = [flat(found), flat(wanted)];
  const size = b.reduce<number>((most, v) => Math.max(most, Math.abs(Number(v ?? 0))), 0);
  expect(a).toHaveLength(b.length);
  for (const [i, v] of b.entries()) {
    if (typeof v !== 'number') expect(a[i]).toBe(v);
    else expect(Math.abs((a[i] as number) - v), `number ${i}`).toBeLessThanOrEqual(share * size);
  }
}
