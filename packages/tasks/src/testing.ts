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
  for (const one of all) expect(one.map(bare)).toEqual(all[0].map(bare));
  return all[0];
}

/** Without checkpoints, which tell seconds. */
const bare = ({ texts: _, ...rest }: SpreadResult) => rest;

/** Does jobs on two ranks that keep checkpoints, and goes on from some of these on one and on three: to the same bits. */
export async function goOnElsewhere(jobs: readonly SpreadJob[]): Promise<void> {
  const plain = await onThreads(2, jobs);
  const kept = await onThreads(
    2,
    jobs.map((job) => ({ ...job, kept: {} })),
  );
  expect(kept.map(bare)).toEqual(plain);
  const from = jobs.flatMap((job, k) => {
    const texts = kept[k].texts as string[];
    expect(texts.length).toBeGreaterThan(0);
    // Some in the middle of a run, where it matters what else is kept than the point.
    const some = new Set(Array.from({ length: 9 }, (_, q) => Math.round((q * (texts.length - 1)) / 8)));
    return [...some].map((at) => [k, { ...job, kept: { text: texts[at] } }] as const);
  });
  for (const ranks of [1, 3]) {
    const ended = await onThreads(
      ranks,
      from.map(([, job]) => job),
    );
    for (const [at, [k]] of from.entries()) expect(bare(ended[at])).toEqual(plain[k]);
  }
  // Of other data: refused.
  const [[, { columns, ...first }]] = from;
  const other = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.toReversed()]));
  const [refused] = await onThreads(2, [{ ...first, columns: other }]);
  expect(refused.error).toMatch(/other data or other options/);
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
