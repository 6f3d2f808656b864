import type * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import {
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
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
import { activationOverlaps } from './activations.ts';
import type { MergingData } from './barrier.ts';
import { checkAlike } from './models.ts';
import { checkPermutations, type PermutationSpec, type Permutations } from './permute.ts';
import { type StraightState, straightThrough } from './straightThrough.ts';
import { bestOf, copyOf, identities, overlap, pairsOf, sweepOnce } from './sweep.ts';

export const matchRecords = {
  /** Which axes are permuted alike, of `permutationSpec`. */
  spec: otherOption<PermutationSpec>('the spec of the network'),
  /** What is to agree: the weights, the activations on `inputs`, or with 'ste' whatever lowers the loss of `data` halfway. Default 'weights'. */
  method: choiceOption(
    {
      weights: 'weights, by coordinate ascent',
      activations: 'activations on examples',
      ste: 'the loss halfway between the networks, by straight-through gradients',
    },
    { title: 'What is matched', about: 'what is matched', argument: 'name', default: 'weights' },
  ),
  /** Examples for the method 'activations', with the axis of examples first. */
  inputs: otherOption<ad.Tensor>('a tensor of examples'),
  /** Examples for the method 'ste', all of which are used in every step. */
  data: otherOption<MergingData>('examples with targets and a loss'),
  /** Maximum number of passes over all permutations; of steps, with 'ste'. Default 100; with 'ste' 400. */
  maxSweeps: integerOption({ min: 1 }),
  /** Step length of Adam with the method 'ste'. Default 0.001. */
  rate: numberOption(
    { min: 0, open: true },
    { title: 'Rate', about: 'length of the steps', argument: 'number', default: 1e-3, form: { advanced: true } },
  ),
  /**
   * Free parameters that 'ste' starts with: noise of this many times the standard deviation of each parameter; 0 is the first network itself,
   * from which it hardly leaves the result of 'weights'. Default 0.1.
   */
  noise: numberOption(
    { min: 0 },
    {
      title: 'Noise',
      about: 'deviation of the free parameters at the start, in that of the weights; 0: those of the first network',
      argument: 'number',
      default: 0.1,
      form: { advanced: true },
    },
  ),
  /** Seed of the order of the permutations in a pass. Default 0. */
  seed: seedOption('seed of the order in which neurons are matched, and of the noise'),
};

export interface MatchStart extends OptionsOf<typeof matchRecords> {
  readonly spec: PermutationSpec;
}

/** How the second network is to be permuted. */
export interface Match {
  readonly permutations: Permutations;
  /** Inner product of the first network with the permuted second; of activations with 'activations', and with 'ste' the loss halfway. */
  readonly objective: number;
  readonly sweeps: number;
}

/** State between sweeps, as plain data. */
export interface MatchState {
  readonly sweep: number;
  readonly permutations: Permutations;
}

export interface MatchOptions extends MatchStart, Omit<RunOptions<Match>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same networks and options. */
  readonly resume?: MatchState | StraightState;
}

const { tol: _, maxIter: __, ...watchKeys } = runKeys;
const keys: OptionKeys<MatchOptions> = { ...keysOf(matchRecords), ...watchKeys, resume: true };

/**
 * Permutations of b's neurons that make it agree with a, two networks of the same form (Ainsworth, Hayase & Srinivasa, Git
 * Re-Basin, ICLR 2023). With the method 'weights' iterate t is the result of t sweeps, in which each permutation in turn, in random order,
 * becomes the best one for those of the others, by linear assignment; the objective ⟨a, π(b)⟩ never falls. Ends `converged` when
 * a sweep changes nothing. O(Σ n²·m) a sweep for permutations of n neurons with m weights each, and O(n³) for their assignment. With the method 'activations'
 * every permutation maximises the overlap of activations at the inputs of products with weights, and there is a single step. With the method 'ste' the
 * permutations match free parameters, which descend the loss of the network halfway between a and π(b) by gradients that pass through the matching as if it
 * were the identity; the objective is that loss, and the result has the lowest.
 * @throws INVALID_SHAPE for networks that are not alike; NON_FINITE; INVALID_PARAMETER.
 */
export function* matchWeightsIterates(
  a: nn.Model,
  b: nn.Model,
  options: MatchStart & { readonly resume?: MatchState | StraightState },
): Generator<Iterate<Match>> {
  const { resume, ...settings } = options;
  checkOptions('matchWeightsIterates', matchRecords, settings);
  const { spec, method = 'weights', inputs, data, seed = 0, rate = 1e-3, noise = 0.1 } = settings;
  const { maxSweeps = method === 'ste' ? 400 : 100 } = settings;
  if (!spec) fail('INVALID_PARAMETER', 'Matching needs the spec of the network, from permutationSpec.');
  checkAlike(a, b);
  if (method === 'activations') {
    if (!inputs) fail('INVALID_PARAMETER', "Matching of activations needs examples: the option 'inputs'.");
    yield* byActivations(a, b, spec, inputs);
    return;
  }
  if (method === 'ste') {
    if (!data) fail('INVALID_PARAMETER', "Straight-through gradients need examples with a loss: the option 'data'.");
    yield* straightThrough(a, b, { spec, data, steps: maxSweeps, rate, noise, seed, resume: resume as StraightState });
    return;
  }
  const start = resume as MatchState | undefined;
  const pairs = pairsOf(a, b, spec);
  const names = Object.keys(spec.sizes);
  const permutations = { ...identities(spec), ...start?.permutations };
  checkPermutations(spec, permutations);
  const random = new Random(seed);
  for (let sweep = 0; sweep < (start?.sweep ?? 0); sweep++) random.permutation(names.length);
  let settled = names.length === 0;
  for (let sweep = start?.sweep ?? 0; ; sweep++) {
    const objective = overlap(pairs, permutations);
    const done = settled ? 'converged' : sweep >= maxSweeps ? 'iteration-limit' : undefined;
    yield {
      ...{ iteration: sweep, objective, work: {}, ...(done ? { done } : {}) },
      snapshot: () => ({ permutations: copyOf(permutations), objective, sweeps: sweep }),
      checkpoint: (): MatchState => ({ sweep, permutations: copyOf(permutations) }),
    };
    if (done) return;
    const order = Array.from(random.permutation(names.length), (at) => names[at]);
    settled = !sweepOnce(pairs, permutations, order);
  }
}

function* byActivations(a: nn.Model, b: nn.Model, spec: PermutationSpec, inputs: ad.Tensor): Generator<Iterate<Match>> {
  const overlaps = activationOverlaps(a, b, inputs);
  const permutations: Record<string, Int32Array> = identities(spec);
  let objective = 0;
  for (const [name, n] of Object.entries(spec.sizes)) {
    const matrix = overlaps.get(name);
    if (!matrix) continue;
    const best = bestOf(matrix, n);
    permutations[name] = best;
    for (let i = 0; i < n; i++) objective += matrix[i * n + best[i]];
  }
  yield {
    ...{ iteration: 1, objective, work: {}, done: 'converged' },
    snapshot: () => ({ permutations, objective, sweeps: 1 }),
  };
}

/**
 * Runs {@link matchWeightsIterates} to its end: `point` has the permutations.
 * @throws as {@link matchWeightsIterates}.
 */
export function matchWeights(a: nn.Model, b: nn.Model, options: MatchOptions): Solution<Match> {
  knownKeys('matchWeights', options, keys);
  const { spec, method, inputs, data, maxSweeps, rate, noise, seed, resume, ...rest } = options;
  const given = { spec, method, inputs, data, maxSweeps, rate, noise, seed };
  const start = Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)) as unknown as MatchStart;
  const watch = only<Omit<RunOptions<Match>, 'tol' | 'maxIter'>>(rest, watchKeys);
  return run(matchWeightsIterates(a, b, { ...start, resume }), { ...watch, maxIter: Number.POSITIVE_INFINITY });
}
