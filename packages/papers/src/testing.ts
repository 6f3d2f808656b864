import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Experiment, type ExperimentEvent, type Outcome, outcomes, resolveContext } from './experiment.ts';
import { emptyRun, fold } from './fold.ts';
import { experimentsOf, records, releasedOf, stateOf } from './index.ts';
import { missingParts, partFiles } from './node/parts.ts';
import { declares, panelOf } from './panels.ts';
import type { PaperRecord } from './record.ts';
import type { Size } from './size.ts';
import { lockedDigest } from './verdicts/locked.ts';
import type { ReleasedRun } from './verdicts/released.ts';
import { standings } from './verdicts/standing.ts';

/** Shared by the tests of papers. */

/** Where `npm run parts` puts links to files that are not shipped. */
const PARTS = fileURLToPath(new URL('../../../parts', import.meta.url));
export const files = partFiles(PARTS);
/** Why an experiment cannot run here; undefined if it can. */
export const lacking = (experiment: Experiment, size: Size = 'quick'): string | undefined =>
  missingParts(experiment, size, PARTS);

/** Checks that the points of an event belong to a panel and a series of the experiment. */
function expectDeclared(experiment: Experiment, event: ExperimentEvent): void {
  if (event.kind !== 'points') return;
  const panel = panelOf(experiment, event.panel);
  expect(panel, `${experiment.id} declares the panel “${event.panel}”`).toBeDefined();
  expect(declares(panel!, event.series), `${event.panel} declares “${event.series}”`).toBe(true);
}

/**
 * The outcomes of experiments at quick size by claim. Each runs until its verdicts are known; with `whole`, to its end,
 * and then it must have yielded events of every kind.
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
    for await (const event of experiment.run({ size: 'quick', seed, parameters, files })) {
      kinds.add(event.kind);
      expectDeclared(experiment, event);
      if (event.kind !== 'verdict') continue;
      out[event.verdict.claim] = event.verdict.outcome;
      if (--open === 0 && !whole) break;
    }
    if (whole) expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  }
  return out;
}

/** Starts the experiment at full size, aborts it soon, and checks that it throws the reason of the abort. */
export async function expectAbort(experiment: Experiment): Promise<void> {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiment.run({ size: 'full', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
}

/** An experiment of a paper, and its released quick runs. */
export interface Quickest {
  readonly record: PaperRecord;
  readonly experiment: Experiment;
  readonly released: readonly ReleasedRun[];
}

/** Maximum duration in seconds for the quick suite, whatever the family. */
const QUICK = 1;
/** Maximum duration of the fastest paper of a family. */
const OF_FAMILY = 3;

/**
 * For every paper that runs, the experiment with claims that took the least time when its verdicts were released, or
 * the first if no time was recorded; those whose verdicts depend on measured times are left out. `quick` contains the fastest paper of each family, unless it takes long, and those below a
 * second; `long` the others.
 */
export async function quickestExperiments(): Promise<Readonly<Record<'quick' | 'long', Quickest[]>>> {
  const found: Array<Quickest & { readonly seconds: number }> = [];
  for (const record of records.filter((r) => stateOf(r) === 'runs')) {
    const runs = (await releasedOf(record.number))?.runs ?? [];
    const own = (await experimentsOf(record.number))
      .filter(({ claims, needs, timed }) => claims.length > 0 && !needs?.quick && !timed)
      .map((experiment) => {
        const released = runs.filter((r) => r.experiment === experiment.id && r.size === 'quick');
        const seconds = Math.min(...released.flatMap((r) => r.seconds ?? []));
        return { record, experiment, released, seconds };
      });
    found.push(own.reduce((best, one) => (one.seconds < best.seconds ? one : best)));
  }
  const first = new Map<string, Quickest>();
  for (const one of found.toSorted((a, b) => b.seconds - a.seconds)) first.set(one.record.family, one);
  const isQuick = (one: (typeof found)[number]) =>
    one.seconds <= QUICK || (one.seconds <= OF_FAMILY && first.get(one.record.family) === one);
  return { quick: found.filter(isQuick), long: found.filter((one) => !isQuick(one)) };
}

/**
 * Runs the experiment until its verdicts are known, and checks that every claim has one: that of the release, if all
 * seeds of the release agree. The events must be consistent.
 */
export async function expectVerdicts({ record, experiment, released }: Quickest): Promise<void> {
  const seed = released[0]?.seed ?? 1;
  let state = emptyRun;
  for await (const event of experiment.run(resolveContext(experiment, { size: 'quick', seed }))) {
    if (event.kind === 'points') expect(event.y.length).toBe(event.x.length);
    expectDeclared(experiment, event);
    if (event.kind === 'table') for (const row of event.rows) expect(row.length).toBe(event.columns.length);
    state = fold(state, event);
    if (state.verdicts.length === experiment.claims.length) break;
  }
  const { verdicts } = state;
  expect(verdicts.map((v) => v.claim).sort()).toEqual(experiment.claims.map((c) => c.id).sort());
  const locked = lockedDigest(record, experiment.id);
  const standing = standings(record, [{ date: new Date().toISOString(), ...(locked && { locked }), verdicts }]);
  for (const { claim, outcome, measured, ...run } of verdicts) {
    expect(outcomes).toContain(outcome);
    expect(measured.length).toBeGreaterThan(0);
    expect(run).toEqual({ size: 'quick', seed });
    expect(standing.find((s) => s.claim === claim)?.outcome).toBe(outcome);
    const said = new Set(released.flatMap((r) => r.verdicts.filter((v) => v.claim === claim).map((v) => v.outcome)));
    if (said.size === 1 && !said.has('undecided')) expect([claim, outcome]).toEqual([claim, ...said]);
  }
}
