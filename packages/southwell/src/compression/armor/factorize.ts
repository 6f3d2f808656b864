import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { checkPattern, maskByScores } from '../masks.ts';
import { checkMoments, type InputMoments } from '../moments.ts';
import { checkWeights } from '../prune.ts';
import { type Normalised, normalised } from '../scores.ts';
import { type Factors, factorsOf } from './factors.ts';
import { Fit, type Padded } from './fit.ts';

const records = {
  /** Rows and columns of a block of A and B, a multiple of `of`. Default 32. */
  blockSize: integerOption({ min: 1 }),
  /** Weights of the core that stay in each group. Default 2. */
  keep: integerOption({ min: 1, max: 16 }),
  /** Weights of a group. Default 4. */
  of: integerOption({ min: 1, max: 16 }),
  /** Steps (default 600). 0: the core alone, which is NoWag-P (Liu et al. 2025). */
  steps: limitOption(0),
  /** Step size of Adam (default 1e-3), at a loss that is 1 for a core of zeros. */
  rate: numberOption({ min: 0, open: true, finite: true }),
  /** Added to the mean square of every input, as a share of their mean. Default 1e-3. */
  damping: numberOption({ min: 0, finite: true }),
  /** Which group of a block is decided again. Default `gradient`. */
  select: choiceOption({
    gradient: 'with probability proportional to its gradient',
    greedy: 'of greatest gradient',
    uniform: 'any',
  }),
  /** Whether A and B are fitted, or stay the identity. Default true. */
  wrappers: flagOption(),
  /** Whether places are decided again. Default true. */
  discrete: flagOption(),
  seed: seedOption(),
  /** A state from a checkpoint of the same call. */
  resume: otherOption<FitState>('a state from a checkpoint'),
} as const;

/** Options of {@link factorizeSparse}. */
export type FactorizeOptions = RunOptions<Factors> & OptionsOf<typeof records>;

const keys: OptionKeys<FactorizeOptions> = { ...runKeys, ...keysOf(records) };

/** Everything that the next steps depend on. */
interface FitState {
  readonly iteration: number;
  /** A, B, S, A·S and the residual, then the two moments of each of the first three. */
  readonly arrays: readonly Float64Array[];
  readonly mask: Uint8Array;
  readonly steps: number;
  readonly random: readonly number[];
  readonly best: { readonly loss: number; readonly arrays: readonly Float64Array[]; readonly mask: Uint8Array };
  readonly loss: number;
  readonly first: number;
  readonly sinceBetter: number;
}

/** Steps without a better loss after which a run ends, and what counts as better (the paper's repository). */
const PATIENCE = { steps: 100, relative: 1e-6, absolute: 1e-8 } as const;

interface Problem extends Padded {
  readonly scales: Normalised;
  readonly size: readonly [rows: number, columns: number];
}

function problemOf(name: string, W: DenseMatrix, moments: InputMoments, options: FactorizeOptions): Problem {
  knownKeys(name, options, keys);
  checkGiven(records, options);
  const { blockSize: b = 32, keep = 2, of = 4, damping = 1e-3, steps = 600 } = options;
  checkPattern(name, { keep, of });
  checkMoments(name, W, moments);
  checkWeights(name, W);
  if (W.rows === 0 || W.cols === 0) fail('EMPTY', `${name}: a layer of ${W.rows} × ${W.cols} has no weights.`);
  if (b % of !== 0 && steps > 0)
    fail('INVALID_PARAMETER', `${name}: blockSize must be a multiple of the groups of ${of}, not ${b}.`);
  const scales = normalised(W);
  const multiple = (n: number, k: number): number => Math.ceil(n / k) * k;
  const rows = multiple(W.rows, b);
  const columns = multiple(W.cols, b % of === 0 ? b : b * of);
  const target = new Float64Array(rows * columns);
  for (let j = 0; j < W.cols; j++) target.set(scales.values.subarray(j * W.rows, (j + 1) * W.rows), j * rows);
  const h = new Float64Array(columns);
  const mean = moments.diagonal.reduce((sum, d) => sum + d, 0) / W.cols;
  // Inputs that are all 0 say nothing about the columns: then all count alike.
  for (let j = 0; j < W.cols; j++) h[j] = mean === 0 ? 1 : moments.diagonal[j] / mean + damping;
  const scores = target.map((w, at) => w * w * h[Math.floor(at / rows)]);
  const mask = maskByScores(scores, rows, columns, { keep, of });
  return { rows, columns, b, keep, of, target, h, mask, scales, size: [W.rows, W.cols] };
}

/**
 * Iterates of {@link factorizeSparse}: the loss at I·S·I, then after each step.
 * @throws as {@link factorizeSparse}.
 */
export function* factorizeSparseIterates(
  W: DenseMatrix,
  moments: InputMoments,
  options: FactorizeOptions = {},
): Generator<Iterate<Factors>> {
  const problem = problemOf('factorizeSparse', W, moments, options);
  const { steps = 600, rate = 1e-3, select = 'gradient', wrappers = true, discrete = true, seed = 0, resume } = options;
  const fit = new Fit(problem);
  const random = new Random(seed);
  let loss = fit.loss();
  if (resume) {
    restore(fit, random, resume);
    ({ loss } = resume);
  }
  const first = resume?.first ?? loss;
  let best = resume?.best ?? { ...copyOf(fit), loss };
  let sinceBetter = resume?.sinceBetter ?? 0;
  let fell = 0;
  try {
    for (let iteration = resume?.iteration ?? 0; ; iteration++) {
      const done = ended(iteration, { steps, loss: best.loss, sinceBetter });
      yield {
        iteration,
        objective: loss,
        metrics: { best: best.loss, start: first, discrete: fell },
        work: { epochs: iteration },
        ...(done && { done }),
        snapshot: () => factorsOf(problem, best, { first, loss: best.loss }),
        checkpoint: () => stateOf(fit, random, { iteration, best, loss, first, sinceBetter }),
      };
      if (done) return;
      fit.gradient();
      fit.step(rate, wrappers);
      loss = fit.loss();
      fell = discrete ? fit.decide(select, random) : 0;
      loss -= fell;
      sinceBetter = loss < best.loss * (1 - PATIENCE.relative) - PATIENCE.absolute ? 0 : sinceBetter + 1;
      if (loss < best.loss) best = { ...copyOf(fit), loss };
    }
  } finally {
    fit.free();
  }
}

function ended(iteration: number, { steps, loss, sinceBetter }: Record<'steps' | 'loss' | 'sinceBetter', number>) {
  if (loss === 0) return 'converged' as const;
  if (iteration >= steps) return 'iteration-limit' as const;
  return sinceBetter >= PATIENCE.steps ? ('stalled' as const) : undefined;
}

const arraysOf = ({ A, B, S, AS, R, moments }: Fit): Float64Array[] => [
  ...[A.data, B.data, S.data, AS.data, R.data],
  ...moments.flatMap(({ first, second }) => [first, second]),
];
const copyOf = (fit: Fit): { arrays: Float64Array[]; mask: Uint8Array } => ({
  arrays: [fit.A, fit.B, fit.S].map(({ data }) => data.slice()),
  mask: fit.mask.slice(),
});

function stateOf(
  fit: Fit,
  random: Random,
  rest: Pick<FitState, 'iteration' | 'best' | 'loss' | 'first' | 'sinceBetter'>,
): FitState {
  const arrays = arraysOf(fit).map((values) => values.slice());
  return { ...rest, arrays, mask: fit.mask.slice(), steps: fit.steps, random: random.state() };
}

function restore(fit: Fit, random: Random, { arrays, mask, steps, random: state }: FitState): void {
  for (const [k, values] of arraysOf(fit).entries()) {
    if (values.length !== arrays[k]?.length)
      fail('INVALID_PARAMETER', 'factorizeSparse: the checkpoint is one of weights of another size.');
    values.set(arrays[k]);
  }
  fit.mask.set(mask);
  fit.steps = steps;
  random.restore(state);
}

/**
 * ARMOR: weights as diag(r₂)·A·S·B·diag(r₁), where `keep` of every `of` consecutive entries of a row of S may be other than 0
 * and A and B are block-diagonal, so that Σ h_j·(W̄ − A·S·B)²_ij is small for the mean squares h_j of the inputs and the weights
 * W̄ normalised by r₁ and r₂ (Liu et al. 2025, arXiv 2510.05528). Steps of Adam on A, S and B take turns with discrete ones, in
 * which every block decides again which places of one group stay; those never raise the loss. The factors of least loss are
 * returned, which is at most that of NoWag-P, the start. Sizes are padded to multiples of the block. O(rows·columns·blockSize)
 * a step.
 * @throws INVALID_PARAMETER for unknown options and values out of range; INVALID_SHAPE if the moments are those of other inputs;
 * NON_FINITE for weights that are NaN or infinite; EMPTY without weights.
 */
export function factorizeSparse(
  W: DenseMatrix,
  moments: InputMoments,
  options: FactorizeOptions = {},
): Solution<Factors> {
  return run(factorizeSparseIterates(W, moments, options), only<RunOptions<Factors>>(options, runKeys));
}
