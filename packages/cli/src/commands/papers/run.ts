import { mkdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checkWritable, failFile } from '@southwell/data/node';
import { NoAnswerError } from '@southwell/distributed';
import {
  decidedClaims,
  type Experiment,
  type ExperimentEvent,
  experimentsOf,
  firstSeed,
  type Ledger,
  type PaperRecord,
  records,
  releasedOf,
  resolveContext,
  type Size,
  stateOf,
} from '@southwell/papers';
import { missingParts, Recording, type ResultStore, type RunResult } from '@southwell/papers/node';
import { EXIT, UsageError } from '../../errors.ts';
import type { Job, JobList } from '../../paper-worker.ts';
import { inTurn, type Place, placeOf, type RankOptions } from '../../ranks/ranks.ts';
import { ProgressLine } from '../../terminal/progress.ts';
import { Crew } from './crew.ts';
import { paperNamed, printJson, resultStore, twoDigits } from './shared.ts';
import { View } from './view.ts';

export interface RunOptions extends RankOptions {
  readonly experiment?: readonly string[];
  readonly full?: boolean;
  /** Default: the first that counts for the claims. */
  readonly seed?: readonly number[];
  readonly set?: Readonly<Record<string, number>>;
  /** A folder with the files that are not shipped. */
  readonly parts?: string;
  readonly claimsOnly?: boolean;
  readonly json?: boolean;
  readonly save: boolean;
}

/** One experiment with one seed. */
interface Task {
  readonly experiment: Experiment;
  readonly seed: number;
}

/** What to run, how, and where to store the results. */
interface Plan {
  readonly record: PaperRecord;
  readonly size: Size;
  readonly set: Readonly<Record<string, number>>;
  readonly seeds: readonly number[];
  /** What claims hold as well with or without, see the ledger. */
  readonly asWell: Ledger['asWell'];
  readonly tasks: readonly Task[];
  /** Experiments that were left out for want of their files. */
  readonly leftOut: ReadonlyArray<{ readonly experiment: string; readonly reason: string }>;
  readonly parts: string | undefined;
  readonly claimsOnly: boolean;
  readonly store: ResultStore | undefined;
}

/** Runs experiments of a paper, prints and stores their results; returns 0 only if every claim holds. */
export async function runCommand(name: string, options: RunOptions, command: string): Promise<number> {
  const place = placeOf(options);
  const speaks = place === undefined || place.rank === 0;
  const plan = await planOf(name, { ...options, save: options.save && speaks });
  const { record, size, set, seeds, tasks, leftOut, store } = plan;
  const crew = new Crew(jobsOf(plan), place);
  if (!speaks) {
    // The first rank prints, stores and determines the exit code.
    await orTogether(crew, place, () => crew.serve());
    return EXIT.done;
  }
  const view = new View(record, size, set, plan.asWell, options.json === true);
  const { status, results, failures } = await orTogether(crew, place, () => runTasks(plan, view, crew));
  const verdicts = results.flatMap(({ result }) =>
    result.verdicts.map((v) => ({ experiment: result.experiment, ...v })),
  );
  const withoutVerdict = tasks.flatMap(({ experiment, seed }) =>
    decidedClaims(experiment, size)
      .filter((c) => !verdicts.some((v) => v.claim === c.id && v.seed === seed))
      .map((c) => ({ experiment: experiment.id, claim: c.id, seed })),
  );
  const holds = withoutVerdict.length === 0 && verdicts.every((v) => v.outcome === 'holds');
  const exitCode =
    failures.length > 0 ? EXIT.usage : status === 'stopped' ? EXIT.stopped : holds ? EXIT.done : EXIT.claimFails;
  if (options.json) {
    const { number, slug, title } = record;
    const about = { paper: number, slug, title, size, seed: seeds[0], seeds, set };
    printJson({
      southwell: 1,
      command,
      ...about,
      status,
      verdicts,
      withoutVerdict,
      leftOut,
      ...plain(results),
      exitCode,
    });
  } else
    view.summary(
      verdicts,
      withoutVerdict,
      leftOut.map(({ reason }) => reason),
      results.some((r) => r.path !== undefined),
      store,
    );
  if (status === 'stopped') {
    process.stderr.write(
      results.length === 0
        ? 'Stopped before anything was measured.\n'
        : `Stopped on request; what was measured ${store ? 'is kept' : 'is above'}.\n`,
    );
  }
  // After everything is written, so that nothing is lost if a rank is stopped while it disconnects.
  await orTogether(crew, place, () => crew.end());
  if (failures.length > 0) throw new UsageError([...new Set(failures)].join(' '));
  return exitCode;
}

/** Under MPI an error ends all ranks, which may be waiting for this one. */
async function orTogether<T>(crew: Crew, place: Place | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof NoAnswerError ? EXIT.noAnswer : EXIT.usage;
    if (place?.kind === 'mpi') writeSync(2, `southwell: ${await inTurn((error as Error).message)}\n`);
    await crew.abandon(code);
    throw error;
  }
}

const jobsOf = ({ record, size, set, tasks, parts, claimsOnly }: Plan): JobList => ({
  paper: record.number,
  jobs: tasks.map(({ experiment, seed }): Job => ({ experiment: experiment.id, seed })),
  size,
  set,
  parts,
  claimsOnly,
});

/**
 * The order in which tasks are assigned to several executors: tasks without stored runs first, then the slowest ones in
 * stored runs. A single executor takes them in the given order.
 */
async function orderOf({ record, size, tasks, store }: Plan, alone: boolean): Promise<number[]> {
  const places = tasks.map((_, k) => k);
  if (alone || !store) return places;
  const kept = (await store.list()).filter(
    (r) => r.paper === record.number && r.size === size && r.status === 'complete',
  );
  const seconds = tasks.map(
    ({ experiment }) => kept.find((r) => r.experiment === experiment.id)?.seconds ?? Number.POSITIVE_INFINITY,
  );
  return places.sort((a, b) => (seconds[a] === seconds[b] ? a - b : seconds[b] - seconds[a]));
}

/** Detects user errors before any work. */
async function planOf(name: string, options: RunOptions): Promise<Plan> {
  const record = paperNamed(name);
  const size: Size = options.full ? 'full' : 'quick';
  const { set = {} } = options;
  const released = await releasedOf(record.number);
  const seeds = options.seed ?? [firstSeed(released?.seen)];
  const { parts = process.env.SOUTHWELL_PARTS } = options;
  const all = choose(record, await runnable(record), options.experiment);
  const leftOut = all.flatMap((e) => {
    const reason = missingParts(e, size, parts);
    return reason === undefined ? [] : [{ experiment: e.id, reason }];
  });
  const experiments = all.filter((e) => !leftOut.some((one) => one.experiment === e.id));
  if (leftOut.length > 0 && (options.experiment?.length || experiments.length === 0))
    throw new UsageError(leftOut[0].reason);
  for (const e of experiments) {
    try {
      resolveContext(e, { size, seed: seeds[0], set });
    } catch (error) {
      throw new UsageError((error as Error).message);
    }
  }
  const store = options.save ? resultStore() : undefined;
  if (store) checkStore(store);
  const tasks = experiments.flatMap((experiment) => seeds.map((seed) => ({ experiment, seed })));
  return {
    record,
    size,
    set,
    seeds,
    asWell: released?.ledger?.asWell,
    tasks,
    leftOut,
    parts,
    claimsOnly: options.claimsOnly === true,
    store,
  };
}

/**
 * The results of the tasks; `failures` are the reasons why results could not be stored, which are nevertheless printed.
 */
interface Ran {
  readonly status: RunResult['status'];
  readonly results: readonly Kept[];
  readonly failures: readonly string[];
}

/** Runs the tasks, shows their events in the order of the tasks, and stores each result when it is complete. */
async function runTasks(plan: Plan, view: View, crew: Crew): Promise<Ran> {
  const { record, size, set, tasks, store } = plan;
  const { jobs } = jobsOf(plan);
  const results: Kept[] = [];
  const failures: string[] = [];
  const keep = async (job: number, result: RunResult): Promise<void> => {
    let path: string | undefined;
    try {
      path = await store?.save(result);
    } catch (error) {
      failures.push((error as Error).message);
    }
    results[job] = { result, path };
  };
  const line = new ProgressLine(false);
  const recordings = new Map<number, Recording>();
  const shown = new InOrder(tasks.length);
  const print = (job: number, what: () => void) =>
    shown.say(job, () => {
      line.clear();
      what();
    });
  const saving: Promise<void>[] = [];
  const close = (job: number, status: RunResult['status'], seconds?: number) => {
    const result = recordings.get(job)!.finish(status, seconds);
    recordings.delete(job);
    print(job, () => view.end(result));
    shown.end(job);
    saving.push(keep(job, result));
  };
  view.start();
  const status = await crew
    .run(await orderOf(plan, crew.size === 1), {
      begin(job) {
        const { experiment, seed } = tasks[job];
        recordings.set(job, new Recording(record, experiment, { size, seed, set }));
        print(job, () => view.begin(experiment, jobs[job]));
      },
      events(job, events) {
        for (const event of events) {
          recordings.get(job)?.take(event);
          if (event.kind === 'progress') line.update(progressOf(jobs, job, event));
          else if (event.kind === 'table' || event.kind === 'verdict') {
            print(job, () => view.show(event, tasks[job].experiment));
          }
        }
      },
      end: (job, seconds) => close(job, 'complete', seconds),
      stopping() {
        line.clear();
        process.stderr.write('Stopping; what was measured so far is kept. Ctrl-C again quits at once.\n');
      },
    })
    .finally(() => line.clear());
  for (const job of [...recordings.keys()].sort((a, b) => a - b)) close(job, 'stopped');
  shown.rest();
  await Promise.all(saving);
  return { status, results: results.filter((kept) => kept !== undefined), failures };
}

/** Serialises the output of jobs that run concurrently, in the order of the jobs. */
class InOrder {
  private readonly waiting: Array<Array<() => void>>;
  private readonly over = new Set<number>();
  private at = 0;

  constructor(jobs: number) {
    this.waiting = Array.from({ length: jobs }, () => []);
  }

  say(job: number, what: () => void): void {
    if (job === this.at) what();
    else this.waiting[job].push(what);
  }

  end(job: number): void {
    this.over.add(job);
    while (this.over.has(this.at)) {
      this.at++;
      this.flush(this.at);
    }
  }

  /** Flushes the output of jobs whose predecessors have not finished. */
  rest(): void {
    for (let job = this.at; job < this.waiting.length; job++) this.flush(job);
  }

  private flush(job: number): void {
    for (const what of this.waiting[job]?.splice(0) ?? []) what();
  }
}

interface Kept {
  readonly result: RunResult;
  readonly path?: string;
}

/** The part of each run in the document besides its verdicts; curves are only in the stored files. */
const plain = (results: readonly Kept[]) => ({
  tables: results.flatMap(({ result: { experiment, seed, tables } }) =>
    tables.map(({ title, columns, rows }) => ({ experiment, seed, title, columns, rows })),
  ),
  runs: results.map(({ result: { id, experiment, seed, seconds, status }, path }) => ({
    id,
    experiment,
    seed,
    seconds,
    status,
    saved: path ?? null,
  })),
});

async function runnable(record: PaperRecord): Promise<readonly Experiment[]> {
  if (stateOf(record) === 'runs') return experimentsOf(record.number);
  const running = records.filter((r) => stateOf(r) === 'runs').map((r) => twoDigits(r.number));
  throw new UsageError(
    `Paper ${twoDigits(record.number)} (${record.title}) does not run yet: its claims are stated, but no experiment measures them. Those that run: ${running.join(', ')}.`,
  );
}

function choose(
  record: PaperRecord,
  experiments: readonly Experiment[],
  wanted: readonly string[] = [],
): readonly Experiment[] {
  if (wanted.length === 0) return experiments;
  const chosen = wanted.map((id) => {
    const found = experiments.find((e) => e.id === id || e.id === `figure-${id}`);
    if (found) return found;
    const ids = experiments.map((e) => e.id).join(', ');
    throw new UsageError(`There is no experiment "${id}" of paper ${twoDigits(record.number)}; there are ${ids}.`);
  });
  return [...new Set(chosen)];
}

function checkStore(store: ResultStore): void {
  try {
    mkdirSync(store.folder, { recursive: true });
  } catch (error) {
    failFile(error, store.folder, 'written');
  }
  checkWritable(join(store.folder, 'result.json'));
}

function progressOf(jobs: readonly Job[], at: number, event: Extract<ExperimentEvent, { kind: 'progress' }>): string {
  const which = jobs.length > 1 ? ` (${at + 1} of ${jobs.length})` : '';
  return `${jobs[at].experiment}${which}: ${event.label} … ${Math.round(100 * event.fraction)} %`;
}
