import {
  checkGiven,
  checkOptions,
  choiceOption,
  decodeCheckpoint,
  encodeCheckpoint,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
  otherOption,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { BinnedTsallisInf } from './binned.ts';
import { ChebCb, type ChebCbState } from './chebCb.ts';
import type { Learner } from './learner.ts';
import { TsallisInf, type TsallisInfState } from './tsallisInf.ts';

const learners = {
  'tsallis-inf': 'one distribution over arms',
  'tsallis-inf-binned': 'one distribution for each bin of contexts',
  'cheb-cb': 'regression of each arm on the context',
} as const;

/** Learner: one distribution over arms, one for each bin of contexts, or a regression of the cost of each arm on the context. */
export type TunerKind = keyof typeof learners;

const tunerRecords = {
  /** Values of the parameter to choose from, such as twenty relaxation factors from 1 to 1.95. */
  arms: otherOption<readonly number[]>('finite numbers, at least one'),
  /** Default `tsallis-inf`, which ignores contexts. */
  learner: choiceOption(learners),
  /** The smallest and the largest context, for learners that use contexts. Contexts outside are clipped, and counted. */
  contextRange: otherOption<readonly [number, number]>('the smallest context and a larger one'),
  /** Number of bins of the range for `tsallis-inf-binned`. Default 5. */
  bins: integerOption({ min: 1, max: 100_000 }),
  /** Degree of the polynomials of `cheb-cb`. Default 5. */
  degree: integerOption({ min: 0, max: 100 }),
  /** Lower bound on the cost of a solve: 1 iteration, the default; 0 for seconds. */
  leastCost: numberOption({ min: 0, finite: true }),
  /** Default 0. */
  seed: seedOption(),
};

export interface TunerOptions extends OptionsOf<typeof tunerRecords> {
  readonly arms: readonly number[];
}

/** Arms that were tried and their costs. */
export interface TunerSummary {
  readonly rounds: number;
  readonly totalCost: number;
  /** Statistics of each arm, in order; null if it was never played. */
  readonly arms: ReadonlyArray<{ readonly value: number; readonly pulls: number; readonly meanCost: number | null }>;
  /**
   * Total cost minus that of as many rounds at the mean cost of the cheapest arm. An estimate: the means of arms that
   * were rarely played are uncertain, and with contexts they depend on the contexts in which they were played.
   */
  readonly regret: number;
  /** Number of contexts outside the range. */
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
 * Chooses a parameter of a solver for each instance, from the costs of earlier instances: see {@link
 * tuneAcrossSequence}.
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
   * Chooses an arm for an instance; its cost must be reported before the next.
   * @param context The context of the instance, for learners that use it.
   * @throws INVALID_PARAMETER if a context is missing or not finite, or the last cost was not reported.
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
   * Reports the cost of the arm chosen last: iterations, seconds, any number of at least `leastCost`.
   * @throws INVALID_PARAMETER for any other, or if no arm was chosen.
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

  /** Arms that were tried and their costs. O(arms). */
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
   * The cost that `cheb-cb` expects of an arm in a context.
   * @throws NOT_SUPPORTED for other learners, INVALID_PARAMETER.
   */
  expectedCost(index: number, context: number): number {
    if (!(this.learner instanceof ChebCb)) {
      fail('NOT_SUPPORTED', `The learner ${this.options.learner} has no curve of costs over contexts; cheb-cb has.`);
    }
    wholeNumber('index', index, 0, this.options.arms.length - 1);
    const [a, b] = this.options.contextRange!;
    return this.learner.expected(index, Math.max(a, Math.min(b, context)));
  }

  /**
   * State as text, from which choices continue identically. @throws INVALID_PARAMETER between the choice of an arm and
   * its cost.
   */
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
   * The tuner from a text that `serialize` returned.
   * @throws INVALID_FORMAT, INVALID_PARAMETER for any other text.
   */
  static restore(text: string): SequenceTuner {
    const { state } = decodeCheckpoint<Saved>(text, { method: METHOD });
    checkGiven(tunerRecords, state.options);
    return new SequenceTuner(state.options, state);
  }
}

const METHOD = 'sequence-tuner';

/**
 * A tuner for one parameter of a solver across a sequence of instances, from past costs alone: no eigenvalues, no
 * further solves (Khodak, Chow, Balcan & Talwalkar, Learning to Relax, ICLR 2024). The cost of `tsallis-inf` approaches
 * that of the best fixed arm; learners with contexts can do better, since the best arm may then depend on the instance.
 * Costs may be of any kind, and so may arms: restart lengths, thresholds, block sizes. O(arms) a round, `cheb-cb`
 * O(arms · degree²).
 *
 * @example const tuner = tuneAcrossSequence({ arms: [1, 1.2, 1.4, 1.6, 1.8] }); for (const b of rightHandSides) {
 *   const { value: omega } = tuner.choose();
 *   tuner.report(sor(A, b, { omega }).iterations);
 * }
 * @throws INVALID_PARAMETER.
 */
export function tuneAcrossSequence(options: TunerOptions): SequenceTuner {
  checkOptions('tuneAcrossSequence', tunerRecords, options);
  const { arms, learner = 'tsallis-inf', contextRange, bins = 5, degree = 5, leastCost = 1, seed = 0 } = options;
  if (!Array.isArray(arms) || arms.length === 0) {
    fail('INVALID_PARAMETER', 'arms must be an array of at least one number, the values to choose from.');
  }
  const bad = arms.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail('INVALID_PARAMETER', `arms[${bad}] is ${arms[bad]}, not a finite number.`);
  if (learner !== 'tsallis-inf') {
    const [a, b] = contextRange ?? [Number.NaN, Number.NaN];
    if (!(Number.isFinite(a) && Number.isFinite(b) && a < b)) {
      fail('INVALID_PARAMETER', `The learner ${learner} needs contextRange, the smallest context and a larger one.`);
    }
  }
  return new SequenceTuner({ arms: [...arms], learner, contextRange, bins, degree, leastCost, seed });
}
