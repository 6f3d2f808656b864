/** Shared by tests of jobs on ranks. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threads } from '@southwell/distributed';
import { expect } from 'vitest';
import { fitSpread, type Spread, type SpreadFit } from './linear-models/testing.ts';
import type { SpreadJob, SpreadResult } from './spread/testing.ts';

// Workers run the compiled files.
const module = new URL('../dist/spread/testing.js', import.meta.url);
export const built = existsSync(fileURLToPath(module));

const fitModule = new URL('../dist/linear-models/testing.js', import.meta.url);

/** Runs fits on threads, and checks that all ranks agree to a tolerance far below that of the tests. */
export async function fitsOnThreads(ranks: number, fits: readonly SpreadFit[]): Promise<Spread[]> {
  const all = await threads<readonly SpreadFit[], Spread[]>(fitModule, { ranks, input: fits.map(closely) });
  for (const one of all) expect(one).toEqual(all[0]);
  return all[0];
}

const closely = (fit: SpreadFit): SpreadFit => ({ ...fit, options: { tol: 1e-12, ...fit.options } });

/** Checks that fits on ranks equal the fit of all rows and columns in one process. */
export async function asInOnePlace(fit: SpreadFit, ...onRanks: readonly Spread[]): Promise<void> {
  const plain = await fitSpread({ ...closely(fit), byColumns: false });
  for (const found of onRanks) {
    expect(found.status).toBe(plain.status);
    for (const part of ['coef', 'intercept', 'alphas', 'numbers'] as const) near(found[part], plain[part], 1e-10);
  }
}

/** Runs jobs on threads, and checks that all ranks agree. */
export async function onThreads(ranks: number, input: readonly SpreadJob[]): Promise<SpreadResult[]> {
  const all = await threads<readonly SpreadJob[], SpreadResult[]>(module, { ranks, input });
  for (const one of all) expect(one.map(bare)).toEqual(all[0].map(bare));
  return all[0];
}

/** Without checkpoints, which contain times. */
const bare = ({ texts: _, ...rest }: SpreadResult) => rest;

/** Checks that jobs, by name, are bit-identical on several ranks and on one. */
export async function alikeOnRanks(ranks: number, jobs: Readonly<Record<string, SpreadJob>>): Promise<void> {
  const [one, many] = [await onThreads(1, Object.values(jobs)), await onThreads(ranks, Object.values(jobs))];
  for (const [k, name] of Object.keys(jobs).entries()) expect(many[k], name).toEqual(one[k]);
}

/**
 * Runs jobs on two ranks with checkpoints, and resumes from some of these, at most that many of each job, on other
 * numbers of ranks: results must be bit-identical.
 */
export async function goOnElsewhere(
  jobs: readonly SpreadJob[],
  { most = 9, on = [1, 3] }: { readonly most?: number; readonly on?: readonly number[] } = {},
): Promise<void> {
  const all = await onThreads(2, [...jobs, ...jobs.map((job) => ({ ...job, kept: {} }))]);
  const [plain, kept] = [all.slice(0, jobs.length), all.slice(jobs.length)];
  expect(kept.map(bare)).toEqual(plain);
  const from = jobs.flatMap((job, k) => {
    const texts = kept[k].texts as string[];
    expect(texts.length).toBeGreaterThan(0);
    // Includes checkpoints in the middle of a run, where the state consists of more than the point.
    const some = new Set(Array.from({ length: most }, (_, q) => Math.round((q * (texts.length - 1)) / (most - 1))));
    return [...some].map((at) => [k, { ...job, kept: { text: texts[at] } }] as const);
  });
  const [[, { columns, ...first }]] = from;
  const other = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.toReversed()]));
  for (const ranks of on) {
    const ended = await onThreads(ranks, [...from.map(([, job]) => job), { ...first, columns: other }]);
    for (const [at, [k]] of from.entries()) expect(bare(ended[at])).toEqual(plain[k]);
    // A checkpoint for other data must be rejected.
    expect(ended.at(-1)!.error).toMatch(/other data or other options/);
  }
}

/** Checks that numbers, lists of them, or undefined are equal up to a fraction of the largest. */
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
