import { fail, knownKeys, wholeNumber } from '@southwell/numerics/core';

/** A code for a sequence of jobs; `s`, or `B`, `W` and `lambda`, say which stragglers it tolerates. */
export type SequentialCodeOptions =
  | { readonly kind: 'none'; readonly n: number }
  | { readonly kind: 'gc'; readonly n: number; readonly s: number; readonly strict?: boolean }
  | {
      readonly kind: 'sr-sgc' | 'm-sgc';
      readonly n: number;
      readonly B: number;
      readonly W: number;
      readonly lambda: number;
    };

/** The rounds of one run, by what each worker is to do and who delivered it. */
export interface CodedRounds {
  /** Whether the next round may end without the workers with a non-zero entry, such that all jobs still meet their deadlines. */
  admits(stragglers: Uint8Array): boolean;
  /** Ends the next round without the stragglers, which it must admit; the jobs, from 1, that can be decoded since. O(n(W + B)). */
  end(stragglers: Uint8Array): number[];
  /** Jobs that can be decoded. */
  readonly decoded: number;
}

export interface SequentialCode {
  readonly kind: SequentialCodeOptions['kind'];
  readonly n: number;
  /** Share of the data of a job that a worker processes in a round. */
  readonly load: number;
  /** T: job t can be decoded by the end of round t + T. */
  readonly delay: number;
  /** Starts a run of `jobs` jobs. */
  rounds(jobs: number): CodedRounds;
}

const model = { kind: true, n: true, B: true, W: true, lambda: true } as const;
const keys = {
  none: { kind: true, n: true },
  gc: { kind: true, n: true, s: true, strict: true },
  'sr-sgc': model,
  'm-sgc': model,
} as const;

const countOf = (mask: Uint8Array) => mask.reduce((sum, v) => sum + (v ? 1 : 0), 0);

/** The (B, W, λ)-bursty model: whether a round with these stragglers may follow the earlier ones. */
function bursty(past: readonly Uint8Array[], now: Uint8Array, B: number, W: number, lambda: number): boolean {
  const window = past.slice(Math.max(0, past.length - W + 1));
  const distinct = now.map((v, i) => (v || window.some((mask) => mask[i]) ? 1 : 0));
  if (countOf(distinct) > lambda) return false;
  // Rounds r − W + 1 … r − B; `past` ends with round r − 1.
  const early = past.slice(Math.max(0, past.length - W + 1), Math.max(0, past.length - B + 1));
  return !now.some((v, i) => v && early.some((mask) => mask[i]));
}

/** Jobs that are decodable at the end of their own round if at most `most` workers straggle. */
function single(jobs: number, most: number): CodedRounds {
  let decoded = 0;
  return {
    admits: (stragglers) => countOf(stragglers) <= most,
    end: () => (decoded < jobs ? [++decoded] : []),
    get decoded() {
      return decoded;
    },
  };
}

function selectiveRepetition(n: number, s: number, jobs: number, B: number, W: number, lambda: number): CodedRounds {
  const delivered = new Map<number, Uint8Array>();
  const past: Uint8Array[] = [];
  let decoded = 0;
  const missing = (job: number) => n - countOf(delivered.get(job) ?? new Uint8Array(n).fill(1));
  /** The workers that repeat their task of job r − B in round r. */
  const repeats = (round: number) => {
    const excess = missing(round - B) - s;
    const late = delivered.get(round - B);
    return excess > 0
      ? Array.from({ length: n }, (_, i) => i)
          .filter((i) => !late![i])
          .slice(0, excess)
      : [];
  };
  return {
    admits(stragglers) {
      const again = repeats(past.length + 1);
      if (again.length === 0 && countOf(stragglers) <= s) return true;
      return !again.some((i) => stragglers[i]) && bursty(past, stragglers, B, W, lambda);
    },
    end(stragglers) {
      const round = past.length + 1;
      const again = repeats(round);
      const done: number[] = [];
      if (again.length > 0) {
        for (const i of again) delivered.get(round - B)![i] = 1;
        done.push(round - B);
      }
      if (round <= jobs) {
        const own = new Uint8Array(n).fill(1);
        for (let i = 0; i < n; i++) if (stragglers[i] || again.includes(i)) own[i] = 0;
        delivered.set(round, own);
        if (missing(round) <= s) done.push(round);
      }
      delivered.delete(round - B - 1);
      // A round that is exempt from the model leaves no trace in it: its job is decoded, and nobody repeats it.
      const exempt = again.length === 0 && countOf(stragglers) <= s;
      past.push(exempt ? new Uint8Array(n) : stragglers.slice());
      decoded += done.length;
      return done;
    },
    get decoded() {
      return decoded;
    },
  };
}

function multiplexed(n: number, jobs: number, B: number, W: number, lambda: number): CodedRounds {
  interface Job {
    /** Private chunks that each worker delivered, of W − 1. */
    readonly own: Int32Array;
    /** Coded results of each of the B sets. */
    readonly coded: Int32Array;
    done: boolean;
  }
  const open = new Map<number, Job>();
  const past: Uint8Array[] = [];
  let decoded = 0;
  const complete = ({ own, coded }: Job) => own.every((v) => v === W - 1) && coded.every((v) => v >= n - lambda);
  function deliver(job: Job, m: number, stragglers: Uint8Array) {
    for (let i = 0; i < n; i++) {
      if (stragglers[i]) continue;
      if (m < W - 1 || job.own[i] < W - 1) job.own[i]++;
      else job.coded[m - (W - 1)]++;
    }
  }
  return {
    admits: (stragglers) => bursty(past, stragglers, B, W, lambda),
    end(stragglers) {
      const round = past.length + 1;
      if (round <= jobs) open.set(round, { own: new Int32Array(n), coded: new Int32Array(B), done: false });
      const done: number[] = [];
      for (const [t, job] of open) {
        deliver(job, round - t, stragglers);
        if (!job.done && complete(job)) {
          job.done = true;
          done.push(t);
        }
        if (round - t === W - 2 + B) open.delete(t);
      }
      past.push(stragglers.slice());
      decoded += done.length;
      return done;
    },
    get decoded() {
      return decoded;
    },
  };
}

/**
 * A code for a sequence of jobs (Krishnan, Ebrahimi & Khisti, ICLR 2023), of which `rounds` says who may straggle and which jobs are
 * decodable since. `none` waits for all; `gc` is a gradient code in each round, with at most s stragglers (`strict`: fewer than s, as the authors'
 * implementation has it); `sr-sgc` repeats tasks of round r − B in round r; `m-sgc` has W − 1 private chunks for each worker and B coded sets. The last two
 * tolerate stragglers that are (B, W, λ)-bursty: at most λ in any W rounds, each of them within B consecutive ones.
 * @throws INVALID_PARAMETER for an unknown kind or option, unless 0 ≤ s < n, 0 ≤ λ ≤ n (`m-sgc`; < n for `sr-sgc`), 1 ≤ B < W, and B | (W − 1) for `sr-sgc`.
 */
export function sequentialCode(options: SequentialCodeOptions): SequentialCode {
  const { kind, n } = options;
  if (!Object.hasOwn(keys, kind)) {
    fail('INVALID_PARAMETER', `kind must be none, gc, sr-sgc or m-sgc, but is ${String(kind)}.`);
  }
  knownKeys('sequentialCode', options, keys[kind]);
  wholeNumber('n', n, 1);
  if (kind === 'none') return { kind, n, load: 1 / n, delay: 0, rounds: (jobs) => single(jobs, 0) };
  if (kind === 'gc') {
    wholeNumber('s', options.s, 0, n - 1);
    const most = options.strict ? Math.max(0, options.s - 1) : options.s;
    return { kind, n, load: (options.s + 1) / n, delay: 0, rounds: (jobs) => single(jobs, most) };
  }
  const { B, W, lambda } = options;
  wholeNumber('B', B, 1);
  wholeNumber('W', W, B + 1);
  wholeNumber('lambda', lambda, 0, kind === 'm-sgc' ? n : n - 1);
  if (kind === 'm-sgc') {
    const load =
      lambda === n ? (W - 1 + B) / (n * (W - 1)) : ((lambda + 1) * (W - 1 + B)) / (n * (B + (W - 1) * (lambda + 1)));
    return { kind, n, load, delay: W - 2 + B, rounds: (jobs) => multiplexed(n, jobs, B, W, lambda) };
  }
  if ((W - 1) % B !== 0) {
    fail('INVALID_PARAMETER', `sr-sgc needs B that divides W − 1, but ${B} does not divide ${W - 1}.`);
  }
  const s = Math.ceil((B * lambda) / (W - 1 + B));
  const rounds = (jobs: number) => selectiveRepetition(n, s, jobs, B, W, lambda);
  return { kind, n, load: (s + 1) / n, delay: B, rounds };
}
