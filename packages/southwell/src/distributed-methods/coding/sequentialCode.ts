import { fail, knownKeys, wholeNumber } from '@southwell/numerics/core';
import { type GradientCode, gradientCode } from './gradientCode.ts';
import { type CodedRounds, multiplexed, selectiveRepetition, single } from './rounds.ts';

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

export interface SequentialCode {
  readonly kind: SequentialCodeOptions['kind'];
  readonly n: number;
  /** Share of the data of a job that a worker processes in a round. */
  readonly load: number;
  /** T: job t can be decoded by the end of round t + T. */
  readonly delay: number;
  /** Sizes of the chunks of a job as shares of its data; their sum is 1. */
  readonly chunks: Float64Array;
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

/** The gradient code of a run, made when first needed: fractional repetition, which needs no solving, if s + 1 divides n. */
function codeOf(n: number, s: number): () => GradientCode {
  let made: GradientCode | undefined;
  return () => {
    made ??= gradientCode(n, s, { kind: n % (s + 1) === 0 ? 'fractional' : 'cyclic' });
    return made;
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
  const equal = new Float64Array(n).fill(1 / n);
  if (kind === 'none')
    return { kind, n, load: 1 / n, delay: 0, chunks: equal, rounds: (jobs) => single(codeOf(n, 0), jobs, 0) };
  if (kind === 'gc') {
    wholeNumber('s', options.s, 0, n - 1);
    const most = options.strict ? Math.max(0, options.s - 1) : options.s;
    const rounds = (jobs: number) => single(codeOf(n, options.s), jobs, most);
    return { kind, n, load: (options.s + 1) / n, delay: 0, chunks: equal, rounds };
  }
  const { B, W, lambda } = options;
  wholeNumber('B', B, 1);
  wholeNumber('W', W, B + 1);
  wholeNumber('lambda', lambda, 0, kind === 'm-sgc' ? n : n - 1);
  if (kind === 'm-sgc') {
    const sets = lambda === n ? 0 : B;
    const coded = 1 / (n * (sets + (W - 1) * (lambda + 1)));
    const own = lambda === n ? 1 / (n * (W - 1)) : (lambda + 1) * coded;
    // The private chunks first, worker by worker, then the coded sets.
    const chunks = new Float64Array(n * (W - 1 + sets)).fill(own, 0, n * (W - 1)).fill(coded, n * (W - 1));
    const rounds = (jobs: number) => multiplexed(codeOf(n, lambda === n ? 0 : lambda), jobs, { B, W, lambda, sets, n });
    return { kind, n, load: own * (W - 1 + B), delay: W - 2 + B, chunks, rounds };
  }
  if ((W - 1) % B !== 0) {
    fail('INVALID_PARAMETER', `sr-sgc needs B that divides W − 1, but ${B} does not divide ${W - 1}.`);
  }
  const s = Math.ceil((B * lambda) / (W - 1 + B));
  const rounds = (jobs: number) => selectiveRepetition(codeOf(n, s), jobs, { B, W, lambda, s, n });
  return { kind, n, load: (s + 1) / n, delay: B, chunks: equal, rounds };
}
