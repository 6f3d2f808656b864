import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
} from '@southwell/numerics/core';

/** The rules, with their titles. */
export const aggregationRules = {
  flag: 'flag aggregator',
  mean: 'mean',
  'normalized-mean': 'mean of unit gradients',
  median: 'coordinate-wise median',
  'trimmed-mean': 'coordinate-wise trimmed mean',
  meamed: 'mean around the median (MeaMed)',
  phocas: 'mean around the trimmed mean (Phocas)',
  'geometric-median': 'geometric median',
  krum: 'Krum',
  'multi-krum': 'Multi-Krum',
  bulyan: 'Bulyan',
  'centered-clipping': 'centered clipping',
} as const;

export type AggregationRule = keyof typeof aggregationRules;

/** The rules that use the number of faulty workers. */
export const rulesWithFaulty = [
  'trimmed-mean',
  'meamed',
  'phocas',
  'krum',
  'multi-krum',
  'bulyan',
] as const satisfies readonly AggregationRule[];

export const flagRecords = {
  /** Dimension of the subspace; at most the rank of the gradients is used. Default ⌈(p + 1) / 2⌉ for p gradients. */
  m: integerOption(
    { min: 1 },
    {
      title: 'Dimension or count',
      about: 'dimension of the subspace of the flag aggregator; gradients that Multi-Krum averages',
      argument: 'count',
      otherwise: 'half of the workers, rounded up, for flag; all but the faulty ones and two for multi-krum',
      only: { rule: ['flag', 'multi-krum'] },
    },
  ),
  /** Weight of the term for differences between pairs of gradients. Default 0. */
  lambda: numberOption(
    { min: 0, finite: true },
    {
      title: 'Weight of pairs',
      about: 'weight of the agreement of pairs of workers',
      argument: 'number',
      default: 0,
      only: { rule: ['flag'] },
      form: { advanced: true },
    },
  ),
  /** Largest number of passes. Default 5, and 1000 for the geometric median. */
  iterations: integerOption(
    { min: 1 },
    {
      title: 'Passes',
      about: 'largest number of passes',
      argument: 'count',
      otherwise: '5, and 1000 for the geometric median',
      only: { rule: ['flag', 'geometric-median', 'centered-clipping'] },
      form: { advanced: true },
    },
  ),
  /**
   * Length of a direction made of unit gradients: as it is (at most 1), or times the median norm of the gradients.
   * Default 'unit'.
   */
  scale: choiceOption(
    { unit: 'unit gradients', 'median-norm': 'times the median norm of the gradients' },
    {
      title: 'Length',
      about: 'length of the direction that the rules of unit gradients give',
      argument: 'name',
      default: 'unit',
      only: { rule: ['flag', 'normalized-mean'] },
    },
  ),
};

/** Options of the rules of the Gram matrix that clip. */
export const clippingRecords = {
  /** Largest distance from the current centre that counts in full. Default: the median distance from the start. */
  radius: numberOption(
    { min: 0, open: true, finite: true },
    {
      title: 'Radius',
      about: 'largest distance from the centre that counts in full',
      argument: 'number',
      otherwise: 'the median norm of the gradients',
      only: { rule: ['centered-clipping'] },
    },
  ),
};

export const aggregateRecords = {
  /** How gradients are aggregated. Default 'flag'. */
  rule: choiceOption(aggregationRules, {
    title: 'Rule',
    about: 'how the gradients are aggregated',
    argument: 'name',
    default: 'flag',
  }),
  /** Number of workers that may be faulty, below half of all; needed by the rules that use it. */
  f: integerOption(
    { min: 0 },
    {
      title: 'Faulty workers',
      about: 'number of workers that may be faulty, below half of all',
      argument: 'count',
      only: { rule: rulesWithFaulty },
      form: { initial: true },
    },
  ),
  ...flagRecords,
  ...clippingRecords,
};

export interface AggregateOptions extends OptionsOf<typeof aggregateRecords> {}

/** Options that have been checked against the number of workers. */
export interface Settings extends AggregateOptions {
  readonly rule: AggregationRule;
  /** Workers that are counted. */
  readonly p: number;
  /** Those among them that may be faulty. */
  readonly f: number;
}

/** The fewest workers for which a rule is defined with f faulty ones. */
const FEWEST: Readonly<Partial<Record<AggregationRule, (f: number) => number>>> = {
  krum: (f) => f + 3,
  'multi-krum': (f) => f + 3,
  bulyan: (f) => 4 * f + 3,
};

/** @throws INVALID_PARAMETER for options that do not fit the rule or the number of workers. */
export function checkSettings(where: string, options: AggregateOptions, workers: number): void {
  checkOptions(where, aggregateRecords, options);
  const { rule = 'flag', f, m } = options;
  const title = aggregationRules[rule];
  if (f === undefined) {
    if (!(rulesWithFaulty as readonly string[]).includes(rule)) return;
    fail('INVALID_PARAMETER', `The rule '${rule}' needs f, the number of workers that may be faulty.`);
  }
  if (2 * f >= workers) {
    fail('INVALID_PARAMETER', `f = ${f} is too many for ${workers} workers: fewer than half of them may be faulty.`);
  }
  const fewest = FEWEST[rule]?.(f) ?? 1;
  if (workers < fewest) {
    fail(
      'INVALID_PARAMETER',
      `${title} with f = ${f} needs ${fewest} workers or more, but there are ${workers}; lower f or choose another rule.`,
    );
  }
  if (rule === 'multi-krum' && m !== undefined && m > workers - f) {
    fail(
      'INVALID_PARAMETER',
      `Multi-Krum can average m = ${workers - f} of ${workers} gradients at most if f = ${f} may be faulty, but m is ${m}.`,
    );
  }
}

/**
 * The settings for the workers that are left once `excluded` of them are known to be faulty: these count among the f.
 * @throws as {@link checkSettings}.
 */
export function settingsFor(where: string, options: AggregateOptions, workers: number, excluded: number): Settings {
  const { rule = 'flag', m } = options;
  const p = workers - excluded;
  const f = Math.max(0, (options.f ?? 0) - excluded);
  const averaged = rule === 'multi-krum' && m !== undefined ? { m: Math.min(m, p - f) } : {};
  const left = { ...options, ...(options.f !== undefined && { f }), ...averaged };
  checkSettings(where, left, p);
  return { ...left, rule, p, f };
}
