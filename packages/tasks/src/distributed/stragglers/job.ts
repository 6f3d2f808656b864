import { runAsync } from '@southwell/numerics/core';
import {
  type SequentialCodeOptions,
  type StragglerSimulation,
  sequentialCode,
  simulateStragglers,
  type TunedCode,
  tuneCodeIterates,
} from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { workerNumbers } from '../workerNumbers.ts';
import type { StragglersRequest } from './options.ts';
import type { StragglersResult } from './result.ts';

/** Fewer rounds are too few to tell a gain from chance. */
const FEW = 20;
/** Answers that a picture shows at most. */
const DRAWN = 6000;

type Best = StragglersResult['best'][number];

const finite = (v: number): number | null => (Number.isFinite(v) ? v : null);
const runOf = ({ runtime, waitOuts }: { readonly runtime: number; readonly waitOuts: number }) => ({
  seconds: finite(runtime),
  waitOuts,
});

/** A run on the rounds after the first half; rounds are counted from 1 over all. */
const reportOf = (run: StragglerSimulation, half: number) => ({
  ...runOf(run),
  ...(run.status === 'stalled' && { stalledIn: half + run.roundTimes.length }),
});

/** Seconds by worker and round, by rows, as they were at load 0. */
interface Measured {
  readonly seconds: Float64Array;
  readonly n: number;
  readonly rounds: number;
}

/** Throws a message that names worker and round of a number that is no delay. */
function measuredOf(
  { workers, numbers }: ReturnType<typeof workerNumbers>,
  { slope, load }: { readonly slope: number; readonly load: number },
  name: string,
  spell: TaskTools['spell'],
): Measured {
  const [n, rounds] = [workers.length, numbers[0].length];
  if (rounds < 2) {
    throw new RequestError(
      `${name} has one round, but one half of the rounds chooses the code and the other one judges it: measure ${FEW} rounds or more.`,
    );
  }
  const seconds = new Float64Array(n * rounds);
  numbers.forEach((own, i) => {
    own.forEach((v, r) => {
      const where = `${name}: the delay of worker ${workers[i]} in round ${r + 1}`;
      if (Number.isNaN(v)) throw new RequestError(`${where} is missing; a worker that did not answer has inf.`);
      if (v < 0) throw new RequestError(`${where} is ${v}, but delays are seconds of at least 0.`);
      if (v < slope * load) {
        throw new RequestError(
          `${where} is ${v} s, less than the ${slope * load} s that ${spell('slope', String(slope))} and ${spell('load', String(load))} say for its data alone: correct one of them.`,
        );
      }
      seconds[i * rounds + r] = v - slope * load;
    });
  });
  return { seconds, n, rounds };
}

/** Some of the rounds. */
function part({ seconds, n, rounds }: Measured, from: number, to: number): Float64Array {
  const out = new Float64Array(n * (to - from));
  for (let i = 0; i < n; i++) out.set(seconds.subarray(i * rounds + from, i * rounds + to), i * (to - from));
  return out;
}

function told({ options, load, delay, ...run }: TunedCode) {
  const { n: _, ...own } = options as SequentialCodeOptions & { readonly strict?: boolean };
  return { ...own, load, delay, choosing: runOf(run) };
}

/** The rounds of the picture: those that report, as many as can be seen. */
function shownOf(
  measured: Measured,
  from: number,
  { options, load }: TunedCode,
  { roundTimes }: StragglerSimulation,
  slope: number,
): StragglersResult['shown'] {
  const { n, rounds, seconds } = measured;
  const length = Math.min(roundTimes.filter(Number.isFinite).length, Math.max(1, Math.floor(DRAWN / n)));
  const at = (i: number, k: number, share: number) => seconds[i * rounds + from + k] + slope * share;
  const rows = (f: (k: number) => number) => Array.from({ length }, (_, k) => f(k));
  return {
    first: from + 1,
    answers: Array.from({ length: n }, (_, i) => rows((k) => at(i, k, load)).map(finite)),
    ends: rows((k) => roundTimes[k]),
    all: rows((k) => {
      let most = 0;
      for (let i = 0; i < options.n; i++) most = Math.max(most, at(i, k, 1 / n));
      return most;
    }).map(finite),
  };
}

/** The stragglers that a code tolerates. */
const toleranceOf = (options: SequentialCodeOptions): number =>
  options.kind === 'none' ? 0 : options.kind === 'gc' ? options.s : options.lambda;

function adviceOf(
  { rounds, n, seconds }: Measured,
  workers: readonly string[],
  best: readonly Best[],
  delay: number,
): string[] {
  const dead = seconds.indexOf(Number.POSITIVE_INFINITY);
  const none = best.find(({ kind }) => kind === 'none');
  return [
    ...(rounds < FEW
      ? [
          `${count(rounds, 'round')} are few: what the code saves may be chance. Measure ${FEW} or more, and the more the better.`,
        ]
      : []),
    ...(dead >= 0
      ? [
          `Worker ${workers[Math.floor(dead / rounds)]} never answered in round ${(dead % rounds) + 1}${none?.reporting.seconds === null || none?.choosing.seconds === null ? '; without a code the run would wait for ever' : ''}.`,
        ]
      : []),
    ...(delay > 0
      ? [`Jobs are decoded up to ${count(delay, 'round')} later: ${delay + 1} models are trained in turn.`]
      : []),
    ...(n < 8 ? [`With ${n} workers, codes are coarse: one straggler more costs a share of 1/${n} of the data.`] : []),
  ];
}

/** Throws if the request or the data are invalid. */
export async function stragglersJob(request: StragglersRequest, tools: TaskTools): Promise<StragglersResult> {
  const started = performance.now();
  const table = await tools.read();
  const { load, mu, waitFor, maxDelay: asked, maxTolerance, workers: where, timeLimit } = request;
  const slope = request.slope!;
  const given = workerNumbers(table, where, 'delays', tools);
  const measured = measuredOf(given, { slope, load }, table.name, tools.spell);
  const { n, rounds } = measured;
  if (maxTolerance !== undefined && maxTolerance >= n) {
    throw new RequestError(
      `${tools.spell('maxTolerance', String(maxTolerance))} must be less than the ${n} workers, one of which has to answer.`,
    );
  }
  const half = Math.floor(rounds / 2);
  const maxDelay = Math.min(asked, half - 1);
  const solution = await runAsync(
    tuneCodeIterates(part(measured, 0, half), {
      n,
      slope,
      mu,
      waitFor,
      maxDelay,
      ...(maxTolerance !== undefined && { maxTolerance }),
    }),
    {
      ...{ signal: tools.signal, timeLimit },
      onIterate: ({ iteration, metrics }) =>
        tools.progress({ text: `code ${iteration} of ${metrics!.codes}`, done: iteration, total: metrics!.codes }),
    },
  );
  const { point: ranked, status, iterations } = solution;
  const later = part(measured, half, rounds);
  const jobs = { choosing: half - maxDelay, reporting: rounds - half - maxDelay };
  const onLater = (options: SequentialCodeOptions) =>
    simulateStragglers(sequentialCode(options), later, { jobs: jobs.reporting, mu, waitFor, loadSlope: slope });
  const kinds = new Set<string>();
  const best = ranked
    .filter(({ options: { kind } }) => !kinds.has(kind) && kinds.add(kind))
    .map((one) => ({ one, run: onLater(one.options) }));
  const [chosen] = best;
  const none = best.find(({ one }) => one.options.kind === 'none')!;
  const bestTold: Best[] = best.map(({ one, run }) => ({
    ...told(one),
    ...{ reporting: reportOf(run, half), finish: [...run.jobFinish].filter(Number.isFinite) },
  }));
  const largest = Math.max(...ranked.map(({ options }) => toleranceOf(options)));
  const share = (code: number, without: number) => (Number.isFinite(without) ? 1 - code / without : null);
  const without = none.run.runtime;
  const coded = chosen !== none;
  const saved =
    coded && Number.isFinite(without) && Number.isFinite(chosen.run.runtime)
      ? { seconds: without - chosen.run.runtime, share: 1 - chosen.run.runtime / without }
      : null;
  const stalls = !Number.isFinite(chosen.run.runtime) || !Number.isFinite(chosen.one.runtime);
  return {
    ...{
      status,
      command: tools.command,
      data: { name: table.name, notes: [...given.notes] },
      workers: [...given.workers],
    },
    ...{ rounds: { choosing: half, reporting: rounds - half }, jobs },
    verdict: stalls ? 'stalls' : !coded ? 'no-code' : chosen.run.runtime < without ? 'pays' : 'does-not-pay',
    saved,
    savedChoosing: coded ? share(chosen.one.runtime, none.one.runtime) : null,
    best: bestTold,
    codes: ranked.map(told),
    tried: { codes: iterations, of: solution.trace.at(-1)?.metrics?.codes ?? iterations },
    shown: shownOf(measured, half, chosen.one, chosen.run, slope),
    advice: [
      ...adviceOf(measured, given.workers, bestTold, chosen.one.delay),
      ...(status === 'completed' && largest < n - 1 && toleranceOf(chosen.one.options) === largest
        ? [
            `No code was tried that tolerates more than ${count(largest, 'straggler')}, as the chosen one does: ${tools.spell('maxTolerance', String(Math.min(2 * largest, n - 1)))} tries more.`,
          ]
        : []),
    ],
    seconds: (performance.now() - started) / 1000,
  };
}
