import type { GradientCode, SequentialCode, SequentialCodeOptions } from 'southwell/distributed-methods';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Make = (options: SequentialCodeOptions) => SequentialCode;
type MakeGradientCode = (n: number, s: number, options?: object) => GradientCode;

const coding = 'southwell/distributed-methods/coding';
const made = { module: `${coding}/sequentialCode`, name: 'sequentialCode' } as const;
const lab = 'papers/28-sequential-gradient-coding/lab';
const executor = { module: 'papers/28-sequential-gradient-coding/executor', name: 'carried' } as const;

/** Only M-SGC is changed, not its rivals, of which sending again is M-SGC with λ = n. */
const changed =
  (change: (options: SequentialCodeOptions & { readonly kind: 'm-sgc' }) => SequentialCodeOptions) =>
  (original: Make): Make =>
  (options) => {
    const { kind } = options;
    const tested = kind === 'm-sgc' && options.lambda < options.n;
    return original(tested ? change({ ...options, kind }) : options);
  };

/** A gradient code with other weights in its decoder. */
const decodedBy =
  (weightOf: (arrived: number | boolean) => number) =>
  (original: MakeGradientCode): MakeGradientCode =>
  (n, s, options) => ({
    ...original(n, s, options),
    decode: (arrived) => Float64Array.from(Array.from(arrived), weightOf),
  });

export default nulls(record, [
  {
    id: 'never-early',
    says: 'with all waited for in place of M-SGC',
    kinds: ['nothing'],
    claims: ['loads', 'run-time', 'slope', 'deadline', 'measured'],
    ...made,
    by: changed(({ n }) => ({ kind: 'none', n })),
  },
  {
    id: 'gradient-code',
    says: 'with the gradient code that tolerates as many in place of M-SGC',
    kinds: ['baseline'],
    claims: ['loads', 'run-time', 'slope', 'deadline', 'measured'],
    ...made,
    by: changed(({ n, lambda }) => ({ kind: 'gc', n, s: lambda })),
  },
  {
    id: 'uncoded-sets',
    says: 'with the second group of chunks left uncoded (λ = 0)',
    kinds: ['ingredient'],
    claims: ['loads', 'run-time', 'slope', 'deadline', 'measured'],
    ...made,
    by: changed((options) => ({ ...options, lambda: 0 })),
  },
  {
    id: 'again',
    says: 'with missed chunks sent again, without a code (λ = n)',
    kinds: ['ingredient'],
    claims: ['run-time', 'slope', 'deadline', 'measured'],
    ...made,
    by: changed((options) => ({ ...options, lambda: options.n })),
  },
  {
    id: 'no-choice',
    says: 'with no code to choose',
    kinds: ['nothing'],
    claims: ['fresh-rounds'],
    ...{ module: lab, name: 'candidates' },
    by: () => (_: string, n: number) => [{ kind: 'none', n }],
  },
  {
    id: 'chosen-there',
    says: 'with codes that are chosen on the rounds that judge',
    kinds: ['ingredient'],
    claims: ['fresh-rounds'],
    ...{ module: lab, name: 'choosing' },
    by: () => (_: Float64Array, later: Float64Array) => later,
  },
  {
    id: 'no-answers',
    says: 'with zero in place of what gradient codes decode',
    kinds: ['nothing'],
    claims: ['exact-training'],
    ...{ module: `${coding}/gradientCode`, name: 'gradientCode' },
    by: decodedBy(() => 0),
  },
  {
    id: 'left-out',
    says: 'with the answers that are there added up, and the others left out',
    kinds: ['unequal', 'ingredient'],
    claims: ['exact-training'],
    ...{ module: `${coding}/gradientCode`, name: 'gradientCode' },
    by: decodedBy((arrived) => (arrived ? 1 : 0)),
  },
  {
    id: 'waiting',
    says: 'with all waited for',
    kinds: ['nothing', 'baseline'],
    claims: ['seconds'],
    ...executor,
    by:
      () =>
      ({ n }: SequentialCodeOptions): SequentialCodeOptions => ({ kind: 'none', n }),
  },
  {
    id: 'single-copies',
    says: 'with chunks that one worker alone has (s = 0, λ = 0)',
    kinds: ['ingredient'],
    claims: ['seconds'],
    ...executor,
    by:
      () =>
      (options: SequentialCodeOptions): SequentialCodeOptions =>
        options.kind === 'none' || options.kind === 'gc'
          ? { kind: 'gc', n: options.n, s: 0 }
          : { ...options, lambda: 0 },
  },
]);
