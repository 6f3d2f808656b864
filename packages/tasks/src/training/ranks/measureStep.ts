import type { Layer } from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { type Examples, type TrainingOptions, trainingIterates } from 'southwell/training';
import { gatherOf } from '../../spread/gather.ts';
import { fromFirst, type JobRanks } from '../../spread/ranks.ts';
import { splitPieces } from '../../spread/splitRows.ts';
import { parameterNumbers } from './parameterNumbers.ts';
import { type MeanSettings, RankMean } from './rankMean.ts';
import { type StepCosts, sentIn } from './stepModel.ts';

/** Rows of the small steps on one rank; the large ones have several times as many. */
const [FEW, TIMES] = [8, 4];
/** Seconds that a large step may take, so that a measurement has several. */
const LONG = 4e-3;
/** Seconds of a small step from which no large one is measured. */
const VERY_LONG = 20e-3;
/** Number of steps before those that are measured. */
const WARM = 3;
/** Number of calls by which it is decided how often to repeat one: the shortest counts, as others may be disturbed. */
const CALLS = 3;
/** Seconds in which steps on one rank, and on all ranks, are repeated. */
const [ALONE, TOGETHER] = [0.06, 0.05];
/** Seconds and number of sums of one number, and of a gradient. */
const [PING, PINGS] = [5e-3, 50];
/** Seconds of rounds of compression: the first ones run code that is not compiled yet, and take up to a hundred times as long. */
const CODING = 0.4;
/** Maximum number of measured steps. */
const MOST = 400;
/** Number of steps of an epoch, after which parameters are copied. */
const STEPS = 64;
/** Too small to change the parameters noticeably. */
const RATE = 1e-12;

const now = () => performance.now() / 1000;

/** Seconds that a call takes. */
function secondsOf(f: () => void, clock = now): number {
  const began = clock();
  f();
  return clock() - began;
}

/** The clock of exchanges: that of the simulated network, if it is one. */
const clockOf = (ranks: JobRanks): (() => number) =>
  ranks.simulated ? () => ranks.together((comm) => comm.clock()) : now;

/** Times of some calls, which fill a time; `calls` of them are made to find out how many. */
function timesOf(call: () => number, { time, calls, most, ranks }: Repeated): number[] {
  const least = Math.min(...Array.from({ length: calls }, call));
  // The first rank decides, since all must call equally often.
  const times = fromFirst(ranks, Math.max(1, Math.min(most, Math.ceil(time / least))));
  return Array.from({ length: times }, call);
}

interface Repeated {
  readonly time: number;
  readonly calls: number;
  readonly most: number;
  readonly ranks: JobRanks;
}

/** A run ended by itself, since its loss is not finite. */
class Unmeasurable extends Error {}

/** Times of the steps of a training run of its own, whose parameters are discarded. */
class Steps {
  private readonly run;

  /** The first steps allocate memory, and are slower: `warm` of them are not measured. */
  constructor(layer: Layer, data: Examples, asked: TrainingOptions, own: Partial<TrainingOptions>, warm = WARM) {
    const { validation: _, patience: __, average: ___, resume: ____, schedule: _____, ...rest } = asked;
    this.run = trainingIterates(layer, data, { ...rest, accumulate: 1, epochs: 1e9, rate: RATE, ...own });
    for (let k = 0; k < warm; k++) this.next();
  }

  next(): number {
    return secondsOf(() => {
      const { value, done } = this.run.next();
      if (done || value.done) throw new Unmeasurable();
    });
  }

  free(): void {
    this.run.return(undefined);
  }
}

/** The mean of the middle half: steps during which another program had the core are as long as chance has it. */
function typical(times: readonly number[]): number {
  const middle = times.toSorted((a, b) => a - b).slice(times.length >> 2, times.length - (times.length >> 2));
  return middle.reduce((a, b) => a + b, 0) / middle.length;
}

/** The first examples, enough for epochs of many steps; weights cost nothing. */
const firstOf = (data: Examples, rows: number): Examples => ({
  count: Math.min(data.count, STEPS * rows),
  inputs: data.inputs,
  targets: data.targets,
});

/** What a step costs on one rank; and the size of the largest step that was measured. */
type OwnCosts = Pick<StepCosts, 'step' | 'row'> & { readonly rows: number };

/** Small and large steps on one rank. */
function ownCosts(layer: Layer, data: Examples, asked: TrainingOptions, batch: number): OwnCosts {
  const few = Math.max(1, Math.min(FEW, Math.floor(data.count / TIMES)));
  const small = new Steps(layer, firstOf(data, few), asked, { batchSize: few });
  let large: Steps | undefined;
  try {
    const first = Math.min(small.next(), small.next());
    // The rest of a step is then little compared with its rows.
    if (first > VERY_LONG) return { step: 0, row: first / few, rows: few };
    const affordable = Math.floor((few * LONG) / first);
    const rows = Math.min(data.count, Math.max(batch, TIMES * FEW), Math.max(TIMES * few, affordable));
    large = new Steps(layer, firstOf(data, rows), asked, { batchSize: rows });
    const times: [number[], number[]] = [[], []];
    // In turn, since code gets faster as it runs, and the load of a machine changes.
    for (const end = now() + ALONE; times[0].length === 0 || (now() < end && times[0].length < MOST); ) {
      times[0].push(small.next());
      times[1].push(large.next());
    }
    const [a, b] = times.map(typical);
    // A row cannot cost nothing, nor more than its share of a step.
    const row = Math.min(b / rows, Math.max((b - a) / (rows - few), (0.01 * b) / rows));
    return { step: b - row * rows, row, rows };
  } finally {
    small.free();
    large?.free();
  }
}

/** Seconds of an exchange of all ranks, which is repeated. */
function exchangeSeconds(ranks: JobRanks, exchange: () => void): number {
  const clock = clockOf(ranks);
  exchange();
  return typical(timesOf(() => secondsOf(exchange, clock), { time: PING, calls: CALLS, most: PINGS, ranks }));
}

/** Seconds of a sum of this many numbers over the ranks. */
function sumSeconds(ranks: JobRanks, length: number): number {
  const pieces = splitPieces(ranks, ranks.size);
  const numbers = new Float32Array(length);
  return exchangeSeconds(ranks, () => pieces.sum(numbers, () => {}));
}

/** What it costs that every rank gets the bytes of all. */
export interface GatherCosts {
  /** Seconds, whatever the bytes. */
  readonly fixed: number;
  /** Seconds for each byte that a rank sends to all others together. */
  readonly byte: number;
}

/** Measures gathers, of a byte and of `most` bytes of each rank; to be called on all ranks, which receive the same numbers. */
export function gatherCosts(ranks: JobRanks, most: number): GatherCosts {
  const gather = gatherOf(ranks);
  const [one, all] = [1, most].map((length) => exchangeSeconds(ranks, () => void gather(new Uint8Array(length))));
  const others = Math.max(1, ranks.size - 1);
  const byte = Math.max(0, all - one) / Math.max(1, others * (most - 1));
  return fromFirst(ranks, { fixed: Math.max(0, one - byte * others), byte });
}

/** What a round of an exchange asks of the others, and what it computes itself. */
export interface RoundCosts {
  /** Seconds of compression, and of what the messages of all ranks are made into. */
  readonly coding: number;
  /** Bytes of the message that the others receive; 0 if numbers are summed. */
  readonly gathered: number;
  /** Numbers that are summed; 0 if a message is sent. */
  readonly summed: number;
}

/**
 * Measures rounds of an exchange without other ranks, whose messages are those of this one; on the first rank, for all. Of the
 * rounds the second half counts.
 */
export function roundCosts(ranks: JobRanks, settings: MeanSettings, length: number): RoundCosts {
  const measured = () => {
    const mean = new RankMean(settings, ranks);
    const random = new Random(settings.seed);
    const round = () => {
      const v = Float32Array.from({ length }, () => random.normal());
      const asked = { gathered: 0, summed: 0 };
      const coding = secondsOf(() => {
        const steps = mean.of(v);
        for (let step = steps.next(); !step.done; ) {
          const { value } = step;
          if ('gather' in value) asked.gathered = value.gather.length;
          else asked.summed = value.sum.length;
          step = steps.next('gather' in value ? Array.from({ length: ranks.size }, () => value.gather) : []);
        }
      });
      return { coding, ...asked };
    };
    round();
    const rounds: RoundCosts[] = [];
    for (const end = now() + CODING; rounds.length < CALLS || (now() < end && rounds.length < MOST); )
      rounds.push(round());
    const settled = rounds.slice(rounds.length >> 1);
    return { ...rounds.at(-1)!, coding: typical(settled.map(({ coding }) => coding)) };
  };
  return fromFirst(ranks, ranks.rank === 0 ? measured() : undefined);
}

/** Seconds of a step of this many rows for each rank. */
function jointSteps(
  layer: Layer,
  data: Examples,
  asked: TrainingOptions,
  ranks: JobRanks,
  { rows, expected }: { readonly rows: number; readonly expected: number },
): number {
  const spread = (pieces: number) => splitPieces(ranks, pieces);
  const own = { batchSize: rows * ranks.size, accumulate: ranks.size, spread };
  const [warm, calls] = expected > LONG ? [1, 1] : [WARM, CALLS];
  const steps = new Steps(layer, firstOf(data, own.batchSize), asked, own, warm);
  try {
    return typical(timesOf(() => steps.next(), { time: TOGETHER, calls, most: MOST, ranks }));
  } finally {
    steps.free();
  }
}

/**
 * Measures what a step costs on the ranks of a job by some steps of training runs of their own, on one rank and on all,
 * and by sums; to be called on all ranks, which receive the same numbers. Takes a few tenths of a second, of which half is
 * preparation, and changes nothing of the training. `batch` is the number of rows whose intermediate results are known
 * to be wanted in memory. Undefined if there are too few examples to measure, or a step does not fit into memory.
 * @param asked Options of the training without `spread`.
 */
export function measuredCosts(
  layer: Layer,
  data: Examples,
  asked: TrainingOptions,
  ranks: JobRanks,
  { batch, accumulate }: { readonly batch: number; readonly accumulate: number },
): StepCosts | undefined {
  const { size } = ranks;
  if (data.count < Math.max(size, TIMES)) return undefined;
  // The other ranks wait, as there are none if the training is not divided.
  const own = fromFirst(ranks, ranks.rank === 0 ? possible(() => ownCosts(layer, data, asked, batch)) : undefined);
  if (!own) return undefined;
  const share = Math.min(Math.ceil((batch * accumulate) / size), own.rows, Math.floor(data.count / size));
  // All ranks get the same losses, and therefore end at the same step if these are not finite.
  const expected = own.step + own.row * share;
  // Computing takes no time on a simulated clock, and one rank computes after the other.
  const joint = ranks.simulated ? 0 : possible(() => jointSteps(layer, data, asked, ranks, { rows: share, expected }));
  if (joint === null) return undefined;
  // With the loss.
  const length = parameterNumbers(layer) + 1;
  const [one, all] = [sumSeconds(ranks, 1), sumSeconds(ranks, length)];
  const [empty, full] = [sentIn(4, size), sentIn(4 * length, size)];
  const byte = Math.max(0, all - one) / Math.max(1, full.bytes - empty.bytes);
  const message = one / empty.messages;
  const waiting = Math.max(0, joint - expected - (full.messages * message + full.bytes * byte));
  return fromFirst(ranks, { step: own.step, row: own.row, message, byte, waiting, bytes: 4 * length });
}

/** The result of a function; null if it needs more memory than there is, or its steps end. */
function possible<T>(f: () => T): T | null {
  try {
    return f();
  } catch (error) {
    if (error instanceof Unmeasurable) return null;
    if (['ArenaMemoryError', 'RangeError'].includes((error as Error)?.name)) return null;
    throw error;
  }
}
