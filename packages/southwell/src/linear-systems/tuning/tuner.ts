import {
  decodeCheckpoint,
  encodeCheckpoint,
  fail,
  knownKeys,
  type OptionKeys,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { BinnedTsallisInf } from './binned.ts';
import { ChebCb, type ChebCbState } from './chebCb.ts';
import type { Learner } from './learner.ts';
import { TsallisInf, type TsallisInfState } from './tsallisInf.ts';

/** How arms are chosen: one for all, one a bin of contexts, or by a curve of each arm's cost over contexts. */
export type TunerKind = 'tsallis-inf' | 'tsallis-inf-binned' | 'cheb-cb';

export interface TunerOptions {
  /** Values of the parameter to choose among, such as twenty relaxation factors from 1 to 1.95. */
  readonly arms: readonly number[];
  /** Default `tsallis-inf`, which sees no context. */
  readonly learner?: TunerKind;
  /** The least and the largest context, of learners that see one. Contexts beyond are taken for these, and counted. */
  readonly contextRange?: readonly [number, number];
  /** Bins of the range, of `tsallis-inf-binned`. Default 5. */
  readonly bins?: number;
  /** Of the polynomials of `cheb-cb`. Default 5. */
  readonly degree?: number;
  /** The least that a solve can cost: 1 iteration, the default; 0 for seconds. */
  readonly leastCost?: number;
  /** Default 0. */
  readonly seed?: number;
}
const keys: OptionKeys<TunerOptions> = {
  arms: true,
  learner: true,
  contextRange: true,
  bins: true,
  degree: true,
  leastCost: true,
  seed: true,
};

/** What was tried and what it cost. */
export interface TunerSummary {
  readonly rounds: number;
  readonly totalCost: number;
  /** Of each arm, in the order of the arms; null where it was never played. */
  readonly arms: ReadonlyArray<{ readonly value: number; readonly pulls: number; readonly meanCost: number | null }>;
  /**
   * The total above that of as many rounds at the mean cost of the arm that has the least. An estimate: of arms that were
   * seldom played the mean is uncertain, and with contexts it is of those that they were played in.
   */
  readonly regret: number;
  /** Contexts that lay beyond the range. */
  readonly clamped: number;
}

interface Saved {
  readonly options: Required<Omit<TunerOptions, 'contextRange'>> & Pick<TunerOptions, 'contextRange'>;
  readonly learner: unknown;
  readonly random: readonly number[];
  readonly pulls: Float64Array;
  readonly costs: Float64Array;
  readonly clamped: number;
}

/**
 * Chooses a parameter of a solver, instance by instance, from what the instances before cost: see {@link tuneAcrossSequence}.
 */
export class SequenceTuner {
  private readonly learner: Learner;
  private readonly random: Random;
  private readonly pulls: Float64Array;
  private readonly costs: Float64Array;
  private clamped = 0;
  private open: { readonly index: number; readonly probability: number; readonly context: number } | undefined;

  /** @internal */
  constructor(
    private readonly options: Saved['options'],
    saved?: Saved,
  ) {
    const d = options.arms.length;
    this.random = new Random(options.seed);
    if (saved) this.random.restore(saved.random);
    this.pulls = saved?.pulls.slice() ?? new Float64Array(d);
    this.costs = saved?.costs.slice() ?? new Float64Array(d);
    this.clamped = saved?.clamped ?? 0;
    this.learner = this.learnerFrom(saved?.learner);
  }

  private learnerFrom(state: unknown): Learner {
    const { arms, learner, contextRange, bins, degree, leastCost } = this.options;
    const d = arms.length;
    if (learner === 'tsallis-inf') return new TsallisInf(d, state as TsallisInfState | undefined);
    if (learner === 'cheb-cb')
      return new ChebCb(d, contextRange!, degree + 1, leastCost, state as ChebCbState | undefined);
    return new BinnedTsallisInf(d, contextRange!, bins, state as readonly TsallisInfState[] | undefined);
  }

  /**
   * The arm for the instance at hand; its cost is to be reported before the next.
   * @param context What is known of the instance, of learners that see it.
   * @throws INVALID_PARAMETER if a context lacks or is not finite, or the last cost was not reported.
   */
  choose(context?: number): { readonly value: number; readonly index: number; readonly probability: number } {
    if (this.open) fail('INVALID_PARAMETER', 'Report what the last arm cost, report(cost), before the next is chosen.');
    const seen = this.context(context);
    const { index, probability } = this.learner.choose(this.random, seen);
    this.open = { index, probability, context: seen };
    return { value: this.options.arms[index], index, probability };
  }

  private context(given: number | undefined): number {
    const { learner, contextRange: range } = this.options;
    if (learner === 'tsallis-inf' || !range) return 0;
    if (given === undefined || !Number.isFinite(given)) {
      fail(
        'INVALID_PARAMETER',
        `The learner ${learner} needs the context of every instance, a finite number, not ${given}.`,
      );
    }
    const inside = Math.max(range[0], Math.min(range[1], given));
    if (inside !== given) this.clamped++;
    return inside;
  }

  /**
   * What the arm that was chosen last cost: iterations, seconds, any number from `leastCost` on.
   * @throws INVALID_PARAMETER for any other, or where no arm was chosen.
   */
  report(cost: number): void {
    const { open } = this;
    if (!open) fail('INVALID_PARAMETER', 'There is nothing to report on: choose an arm first.');
    const { leastCost } = this.options;
    if (!(cost >= leastCost && Number.isFinite(cost))) {
      fail(
        'INVALID_PARAMETER',
        `A cost is a finite number of at least leastCost, ${leastCost}, not ${cost}. Count at least one iteration a solve; costs in seconds want leastCost: 0.`,
      );
    }
    this.open = undefined;
    this.pulls[open.index]++;
    this.costs[open.index] += cost;
    this.learner.report(open.index, open.probability, cost - leastCost, open.context);
  }

  /** What was tried and what it cost. O(arms). */
  summary(): TunerSummary {
    const rounds = this.pulls.reduce((a, b) => a + b, 0);
    const totalCost = this.costs.reduce((a, b) => a + b, 0);
    const arms = this.options.arms.map((value, i) => ({
      ...{ value, pulls: this.pulls[i] },
      meanCost: this.pulls[i] > 0 ? this.costs[i] / this.pulls[i] : null,
    }));
    const best = arms.reduce((least, { meanCost }) => Math.min(least, meanCost ?? least), Number.POSITIVE_INFINITY);
    return { rounds, totalCost, arms, regret: rounds === 0 ? 0 : totalCost - rounds * best, clamped: this.clamped };
  }

  /**
   * The cost of an arm that `cheb-cb` expects in a context.
   * @throws NOT_SUPPORTED of other learners, INVALID_PARAMETER.
   */
  expectedCost(index: number, context: number): number {
    if (!(this.learner instanceof ChebCb)) {
      fail('NOT_SUPPORTED', `The learner ${this.options.learner} has no curve of costs over contexts; cheb-cb has.`);
    }
    wholeNumber('index', index, 0, this.options.arms.length - 1);
    const [a, b] = this.options.contextRange!;
    return this.learner.expected(index, Math.max(a, Math.min(b, context)));
  }

  /** Text to go on from, with the same choices. @throws INVALID_PARAMETER between an arm and its cost. */
  serialize(): string {
    if (this.open) fail('INVALID_PARAMETER', 'Report what the last arm cost, report(cost), before the tuner is saved.');
    const state: Saved = {
      options: this.options,
      learner: this.learner.state(),
      random: this.random.state(),
      pulls: this.pulls,
      costs: this.costs,
      clamped: this.clamped,
    };
    return encodeCheckpoint({ method: METHOD, problem: '', iteration: this.summary().rounds, state });
  }

  /**
   * The tuner of a text that `serialize` gave.
   * @throws INVALID_FORMAT, INVALID_PARAMETER for any other text.
   */
  static restore(text: string): SequenceTuner {
    const { state } = decodeCheckpoint<Saved>(text, { method: METHOD });
    return new SequenceTuner(state.options, state);
  }
}

const METHOD = 'sequence-tuner';

/**
 * A tuner for one parameter of a solver across a sequence of instances, from past costs alone: no eigenvalues, no further
 * solves (Khodak, Chow, Balcan & Talwalkar, Learning to Relax, ICLR 2024). `tsallis-inf` comes to cost what the best fixed
 * arm does; learners that see a context can do better, as the best arm then may differ from one instance to the next.
 * Costs may be of any kind, arms too: restart lengths, thresholds, sizes of blocks. O(arms) a round, `cheb-cb` O(arms · degree²).
 *
 * @example
 * const tuner = tuneAcrossSequence({ arms: [1, 1.2, 1.4, 1.6, 1.8] });
 * for (const b of rightHandSides) {
 *   const { value: omega } = tuner.choose();
 *   tuner.report(sor(A, b, { omega }).iterations);
 * }
 * @throws INVALID_PARAMETER.
 */
export function tuneAcrossSequence(options: TunerOptions): SequenceTuner {
  knownKeys('tuneAcrossSequence', options, keys);
  const { arms, learner = 'tsallis-inf', contextRange, bins = 5, degree = 5, leastCost = 1, seed = 0 } = options;
  if (!Array.isArray(arms) || arms.length === 0) {
    fail('INVALID_PARAMETER', 'Give arms, the values to choose among: an array of at least one number.');
  }
  const bad = arms.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail('INVALID_PARAMETER', `arms[${bad}] is ${arms[bad]}, not a finite number.`);
  if (!['tsallis-inf', 'tsallis-inf-binned', 'cheb-cb'].includes(learner)) {
    fail('INVALID_PARAMETER', `learner is tsallis-inf, tsallis-inf-binned or cheb-cb, not '${learner}'.`);
  }
  if (learner !== 'tsallis-inf') {
    const [a, b] = contextRange ?? [Number.NaN, Number.NaN];
    if (!(Number.isFinite(a) && Number.isFinite(b) && a < b)) {
      fail('INVALID_PARAMETER', `The learner ${learner} needs contextRange, the least context and a larger one.`);
    }
  }
  wholeNumber('bins', bins, 1, 100_000);
  wholeNumber('degree', degree, 0, 100);
  if (!(leastCost >= 0 && Number.isFinite(leastCost))) {
    fail('INVALID_PARAMETER', `leastCost is a number of at least 0, not ${leastCost}.`);
  }
  return new SequenceTuner({ arms: [...arms], learner, contextRange, bins, degree, leastCost, seed });
}
