import { fail } from '@southwell/numerics/core';
import type { GradientCode } from './gradientCode.ts';

/** What a worker does for one job in one round: the sum of weights[k]·(gradient of chunk chunks[k]). */
export interface CodedTask {
  /** From 1. */
  readonly job: number;
  readonly chunks: readonly number[];
  readonly weights: readonly number[];
}

/** A result in the sum that decodes a job, by the worker (from 0) and the round (from 1) that it came from. */
export interface CodedTerm {
  readonly worker: number;
  readonly round: number;
  readonly weight: number;
}

/** The rounds of one run, by what each worker is to do and who delivered it. */
export interface CodedRounds {
  /** By worker: its tasks of the next round, at most one for each job. O(n(W + B)s). */
  assignment(): CodedTask[][];
  /**
   * The terms whose sum is the gradient of a job. They are in the order of the chunks, so that with fractional repetition the bits of the sum do not
   * depend on who straggled.
   * @throws INVALID_PARAMETER unless the last call of `end` listed the job, SINGULAR if the code is too badly conditioned for these workers.
   */
  combination(job: number): CodedTerm[];
  /** Whether the next round may end without the workers with a non-zero entry, such that all jobs still meet their deadlines. */
  admits(stragglers: Uint8Array): boolean;
  /** Ends the next round without the stragglers, which it must admit; the jobs, from 1, that can be decoded since. O(n(W + B)). */
  end(stragglers: Uint8Array): number[];
  /** Jobs that can be decoded. */
  readonly decoded: number;
}

interface Bursts {
  readonly B: number;
  readonly W: number;
  readonly lambda: number;
}

const countOf = (mask: Uint8Array) => mask.reduce((sum, v) => sum + (v ? 1 : 0), 0);

/** The (B, W, λ)-bursty model: whether a round with these stragglers may follow the earlier ones. */
function bursty(past: readonly Uint8Array[], now: Uint8Array, { B, W, lambda }: Bursts): boolean {
  const window = past.slice(Math.max(0, past.length - W + 1));
  const distinct = now.map((v, i) => (v || window.some((mask) => mask[i]) ? 1 : 0));
  if (countOf(distinct) > lambda) return false;
  // Rounds r − W + 1 … r − B; `past` ends with round r − 1.
  const early = past.slice(Math.max(0, past.length - W + 1), Math.max(0, past.length - B + 1));
  return !now.some((v, i) => v && early.some((mask) => mask[i]));
}

/** Worker i's row of the code, of chunks that are numbered from `first`. */
function taskOf({ n, B }: GradientCode, job: number, i: number, first = 0): CodedTask {
  const chunks = Array.from({ length: n }, (_, j) => j).filter((j) => B[i * n + j] !== 0);
  return { job, chunks: chunks.map((j) => first + j), weights: chunks.map((j) => B[i * n + j]) };
}

/** The combination of one gradient code; `when` has the round of each worker's result, 0 for none. */
function decoded({ n, s, decode }: GradientCode, when: ArrayLike<number>): CodedTerm[] {
  const a = decode(when);
  if (!a) {
    fail(
      'SINGULAR',
      `The results of these workers do not decode: the code for ${n} workers and ${s} stragglers is too badly conditioned.`,
    );
  }
  return Array.from(a, (weight, worker) => ({ worker, round: when[worker], weight })).filter(
    ({ weight }) => weight !== 0,
  );
}

/** The combinations of the jobs that the last round completed. */
class Completed {
  private readonly last = new Map<number, () => CodedTerm[]>();

  /** Jobs are forgotten at the end of the next round. */
  replace(jobs: readonly (readonly [number, () => CodedTerm[]])[]): number[] {
    this.last.clear();
    for (const [job, terms] of jobs) this.last.set(job, terms);
    return [...this.last.keys()];
  }

  combination(job: number): CodedTerm[] {
    const terms = this.last.get(job);
    if (!terms) fail('INVALID_PARAMETER', `The last round did not complete job ${job}.`);
    return terms();
  }
}

/** Jobs that are decodable at the end of their own round if at most `most` workers straggle. */
export function single(code: () => GradientCode, jobs: number, most: number): CodedRounds {
  let round = 0;
  const completed = new Completed();
  return {
    assignment: () => Array.from({ length: code().n }, (_, i) => (round < jobs ? [taskOf(code(), round + 1, i)] : [])),
    combination: (job) => completed.combination(job),
    admits: (stragglers) => countOf(stragglers) <= most,
    end(stragglers) {
      if (round >= jobs) return completed.replace([]);
      const when = Array.from(stragglers, (v) => (v ? 0 : round + 1));
      round++;
      return completed.replace([[round, () => decoded(code(), when)]]);
    },
    get decoded() {
      return round;
    },
  };
}

/** SR-SGC: the gradient code with s = ⌈Bλ/(W − 1 + B)⌉, of which missing tasks are repeated B rounds later. */
export function selectiveRepetition(
  code: () => GradientCode,
  jobs: number,
  bursts: Bursts & { readonly s: number; readonly n: number },
): CodedRounds {
  const { B, s, n } = bursts;
  /** By job: the round of each worker's result, 0 for none. */
  const delivered = new Map<number, Int32Array>();
  const past: Uint8Array[] = [];
  const completed = new Completed();
  let count = 0;
  const missing = (job: number) => delivered.get(job)?.reduce((sum, v) => sum + (v ? 0 : 1), 0) ?? 0;
  /** The workers that repeat their task of job r − B in round r. */
  const repeats = (round: number) => {
    const late = delivered.get(round - B);
    const excess = missing(round - B) - s;
    if (!late || excess <= 0) return [];
    return Array.from({ length: n }, (_, i) => i)
      .filter((i) => !late[i])
      .slice(0, excess);
  };
  return {
    assignment() {
      const round = past.length + 1;
      const again = repeats(round);
      return Array.from({ length: n }, (_, i) => {
        if (again.includes(i)) return [taskOf(code(), round - B, i)];
        return round <= jobs ? [taskOf(code(), round, i)] : [];
      });
    },
    combination: (job) => completed.combination(job),
    admits(stragglers) {
      const again = repeats(past.length + 1);
      if (again.length === 0 && countOf(stragglers) <= s) return true;
      return !again.some((i) => stragglers[i]) && bursty(past, stragglers, bursts);
    },
    end(stragglers) {
      const round = past.length + 1;
      const again = repeats(round);
      const done: [number, () => CodedTerm[]][] = [];
      const finish = (job: number) => {
        const when = delivered.get(job)!;
        done.push([job, () => decoded(code(), when)]);
      };
      if (again.length > 0) {
        for (const i of again) delivered.get(round - B)![i] = round;
        finish(round - B);
      }
      if (round <= jobs) {
        const own = new Int32Array(n).fill(round);
        for (let i = 0; i < n; i++) if (stragglers[i] || again.includes(i)) own[i] = 0;
        delivered.set(round, own);
        if (missing(round) <= s) finish(round);
      }
      delivered.delete(round - B - 1);
      // A round that is exempt from the model leaves no trace in it: its job is decoded, and nobody repeats it.
      const exempt = again.length === 0 && countOf(stragglers) <= s;
      past.push(exempt ? new Uint8Array(n) : stragglers.slice());
      count += done.length;
      return completed.replace(done);
    },
    get decoded() {
      return count;
    },
  };
}

/** M-SGC: W − 1 private chunks for each worker, and `sets` sets of n chunks under a gradient code. */
export function multiplexed(
  code: () => GradientCode,
  jobs: number,
  { B, W, lambda, sets, n }: Bursts & { readonly sets: number; readonly n: number },
): CodedRounds {
  interface Job {
    /** Rounds in which each worker delivered its private chunks, of which it has W − 1. */
    readonly own: readonly number[][];
    /** By set: the round of each worker's coded result, 0 for none. */
    readonly coded: readonly Int32Array[];
    done: boolean;
  }
  const open = new Map<number, Job>();
  const past: Uint8Array[] = [];
  const completed = new Completed();
  let count = 0;
  const created = (): Job => ({
    own: Array.from({ length: n }, () => []),
    coded: Array.from({ length: sets }, () => new Int32Array(n)),
    done: false,
  });
  const complete = ({ own, coded }: Job) =>
    own.every((rounds) => rounds.length === W - 1) &&
    coded.every((when) => when.reduce((sum, v) => sum + (v ? 1 : 0), 0) >= n - lambda);
  const isPrivate = (job: Job, m: number, i: number) => m < W - 1 || job.own[i].length < W - 1;
  function taskIn(t: number, job: Job, m: number, i: number): CodedTask | undefined {
    if (isPrivate(job, m, i)) return { job: t, chunks: [i * (W - 1) + job.own[i].length], weights: [1] };
    const set = m - (W - 1);
    return set < sets ? taskOf(code(), t, i, n * (W - 1) + set * n) : undefined;
  }
  const termsOf = ({ own, coded }: Job) => [
    ...own.flatMap((rounds, worker) => rounds.map((round) => ({ worker, round, weight: 1 }))),
    ...coded.flatMap((when) => decoded(code(), when)),
  ];
  return {
    assignment() {
      const round = past.length + 1;
      const current: [number, Job][] = [...open];
      if (round <= jobs) current.push([round, created()]);
      return Array.from({ length: n }, (_, i) => current.flatMap(([t, job]) => taskIn(t, job, round - t, i) ?? []));
    },
    combination: (job) => completed.combination(job),
    admits: (stragglers) => bursty(past, stragglers, { B, W, lambda }),
    end(stragglers) {
      const round = past.length + 1;
      if (round <= jobs) open.set(round, created());
      const done: [number, () => CodedTerm[]][] = [];
      for (const [t, job] of open) {
        const m = round - t;
        for (let i = 0; i < n; i++) {
          if (stragglers[i]) continue;
          if (isPrivate(job, m, i)) job.own[i].push(round);
          else if (m - (W - 1) < sets) job.coded[m - (W - 1)][i] = round;
        }
        if (!job.done && complete(job)) {
          job.done = true;
          done.push([t, () => termsOf(job)]);
        }
        if (m === W - 2 + B) open.delete(t);
      }
      past.push(stragglers.slice());
      count += done.length;
      return completed.replace(done);
    },
    get decoded() {
      return count;
    },
  };
}
