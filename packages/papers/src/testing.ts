import { expect } from 'vitest';
import type { Experiment, Outcome } from './experiment.ts';

/** What the tests of papers share. */

/**
 * The outcomes of experiments at quick size by claim. Each runs until its verdicts are in; `whole`, to its end, and then
 * it must have yielded events of every kind.
 */
export async function outcomesOf(
  experiments: readonly Experiment[],
  seed: number,
  options: { readonly whole?: boolean; readonly parameters?: Readonly<Record<string, number>> } = {},
): Promise<Record<string, Outcome>> {
  const { whole = false, parameters } = options;
  const out: Record<string, Outcome> = {};
  for (const experiment of experiments) {
    const kinds = new Set<string>();
    let open = experiment.claims.length;
    for await (const event of experiment.run({ size: 'quick', seed, parameters })) {
      kinds.add(event.kind);
      if (event.kind !== 'verdict') continue;
      out[event.verdict.claim] = event.verdict.outcome;
      if (--open === 0 && !whole) break;
    }
    if (whole) expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  }
  return out;
}

/** Begins the experiment at full size, aborts it soon, and asks that it ends by the reason of the abort. */
export async function expectAbort(experiment: Experiment): Promise<void> {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiment.run({ size: 'full', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
}
