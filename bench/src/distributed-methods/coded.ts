// Jobs under codes in threads, two of 16 workers ten times as slow, beside waiting for all.
import { complete, type Ranks, threads } from '@southwell/distributed';
import {
  runCoded,
  type SequentialCodeOptions,
  sequentialCode,
  simulateStragglers,
} from 'southwell/distributed-methods';
import type { Measurement } from '../document.ts';

const [WORKERS, JOBS, ROWS] = [16, 6, 1600];
/** Seconds of a worker for its rows: without a load, and for all rows. */
const [BASE, SLOPE] = [0.06, 0.16];
const [SLOW, FACTOR] = [[3, 10], 10];
/** Workers are on three ranks, and the first rank coordinates. */
const RANKS = 4;
const NONE: SequentialCodeOptions = { kind: 'none', n: WORKERS };
/** Codes, and the rounds of which one has slow workers: those that are slow in all rounds are no bursts. */
const CASES: ReadonlyArray<readonly [code: SequentialCodeOptions, every: number]> = [
  [{ kind: 'gc', n: WORKERS, s: 3 }, 1],
  [{ kind: 'm-sgc', n: WORKERS, B: 1, W: 3, lambda: 3 }, 3],
];

const delayOf = (round: number, worker: number, every: number): number =>
  BASE * (round % every === 0 && SLOW.includes(worker) ? FACTOR : 1);

interface Asked {
  readonly code: SequentialCodeOptions;
  readonly every: number;
}

interface Ran {
  readonly seconds: number;
  readonly sum: number;
}

/** What every rank runs; the load of the code is waited for as well, so that a worker's rows take the time that the model says. */
export default function ran(ranks: Ranks, { code: options, every }: Asked): Ran {
  const code = sequentialCode(options);
  let sum = 0;
  const jobs = {
    ...{ jobs: JOBS, rows: ROWS, length: 1 },
    point() {},
    add(_: number, __: Float64Array, from: number, to: number, into: Float64Array) {
      for (let i = from; i < to; i++) into[0] += i;
    },
    finish(_: number, gradient: Float64Array) {
      sum += gradient[0];
    },
  };
  const slowness = (round: number, worker: number) => delayOf(round, worker, every) + SLOPE * code.load;
  const { roundTimes } = complete(ranks((comm) => runCoded(comm, code, jobs, { slowness })));
  return { seconds: roundTimes.reduce((a, b) => a + b, 0), sum };
}

/** Seconds by the model of the code, which knows no messages. */
function predicted(options: SequentialCodeOptions, every: number): number {
  const code = sequentialCode(options);
  const rounds = JOBS + code.delay;
  const delays = Float64Array.from({ length: WORKERS * rounds }, (_, k) =>
    delayOf((k % rounds) + 1, Math.floor(k / rounds), every),
  );
  return simulateStragglers(code, delays, { jobs: JOBS, loadSlope: SLOPE }).runtime;
}

/** Wall seconds of all jobs, beside waiting for all; `saved` is the share of what the model says that a code saves. */
export async function codedRows(say: (line: string) => void): Promise<Measurement[]> {
  say(
    `\n${''.padEnd(58)}${['s', 'waiting for all', 'ratio', 'saved of model'].map((text) => text.padStart(18)).join('')}`,
  );
  const module = new URL('./coded.js', import.meta.url);
  const run = async (input: Asked) => ((await threads(module, { ranks: RANKS, input })) as unknown as Ran[])[0];
  const rows: Measurement[] = [];
  for (const [code, every] of CASES) {
    const all = await run({ code: NONE, every });
    const { seconds, sum } = await run({ code, every });
    if (Math.abs(sum / all.sum - 1) > 1e-10) throw new Error('The sums under the code are others.');
    const saved = (all.seconds - seconds) / (predicted(NONE, every) - predicted(code, every));
    const name = `${sequentialCode(code).kind} on ${WORKERS} workers, two ${FACTOR} × slower${every > 1 ? ` in one of ${every} rounds` : ''}`;
    rows.push({ name, ours: seconds, peer: all.seconds, peerName: 'waiting for all', unit: 's', saved, goal: 0.8 });
    const cells = [seconds.toFixed(3), all.seconds.toFixed(3), (seconds / all.seconds).toFixed(3), saved.toFixed(3)];
    say(`${name.padEnd(58)}${cells.map((cell) => cell.padStart(18)).join('')}`);
  }
  return rows;
}
