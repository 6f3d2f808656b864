import {
  checkGiven,
  choiceOption,
  flagOption,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  numbersOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { stopReasons } from '../minimize.ts';
import type { Attack } from './attack.ts';
import { checkRadii } from './directStep.ts';
import { NetworkDescent, type NetworkProblem, type Successes, type ThroughNetworkState } from './networkDescent.ts';

const problemKeys: OptionKeys<NetworkProblem> = {
  ...{ network: true, objective: true, constraints: true },
  ...{ x0: true, lower: true, upper: true },
};

export const throughNetworkRecords = {
  /** An attack by its name, a function, or false for the direct search alone. Default 'fgsm'. */
  attack: otherOption<'fgsm' | 'pgd' | Attack | false>(
    "'fgsm', 'pgd', a function or false",
    (v) => v === 'fgsm' || v === 'pgd' || v === false || typeof v === 'function',
  ),
  /** Initial radius of attacks and polls, and the scale of covering and search steps, in units of x. Default 0.1. */
  radius0: numberOption({ min: 0, open: true, finite: true }),
  /** Smallest and largest radius of attacks. Default [1e-6, 10]. */
  attackRadius: numbersOption({ min: 0, open: true }),
  /** Smallest and largest radius of polls. Default [1e-5, 10]. */
  pollRadius: numbersOption({ min: 0, open: true }),
  /** Number of poll directions. Default 'n+1' with attacks, '2n' without. */
  poll: choiceOption({ 'n+1': 'n + 1 directions', '2n': '2n directions' }),
  /** Whether to try a random point in each iteration. Default true. */
  covering: flagOption(),
  /** Whether to try a random direction before each poll. Default true. */
  search: flagOption(),
  /** Maximum number of calls of the network's `value`; calls of `vjp` are counted separately. Default 20,000. */
  maxEvaluations: limitOption(1),
  /** Default 0. */
  seed: seedOption(),
};

export interface ThroughNetworkOptions extends OptionsOf<typeof throughNetworkRecords> {
  /** State from a checkpoint of an earlier run of the same problem with the same options; the budget may be larger. */
  readonly resume?: ThroughNetworkState;
}
const optionKeys: OptionKeys<ThroughNetworkOptions> = { ...keysOf(throughNetworkRecords), resume: true };

export interface ThroughNetworkResult extends Solution<Float64Array> {
  /** f(Φ(x)) at the point. `objective` includes the penalty. */
  readonly value: number;
  /** Φ(x) at the point. */
  readonly output: Float64Array;
  /** Largest constraint violation at the point, at least 0. */
  readonly constraintViolation: number;
  /** Number of calls of the network's `value`. */
  readonly evaluations: number;
  /** Number of calls of its `vjp`. */
  readonly gradientCalls: number;
  readonly successes: Successes;
  /** Why the run ended. */
  readonly message: string;
}

const { tol: _, ...watchKeys } = runKeys;

/**
 * The method with its defaults.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
function descentOf(problem: NetworkProblem, options: ThroughNetworkOptions): NetworkDescent {
  knownKeys('problem', problem, problemKeys);
  checkGiven(throughNetworkRecords, options);
  const { attack = 'fgsm', radius0 = 0.1, attackRadius = [1e-6, 10], pollRadius = [1e-5, 10], seed = 0 } = options;
  const { poll = attack ? 'n+1' : '2n', covering = true, search = true, maxEvaluations = 20_000, resume } = options;
  checkRadii('pollRadius', pollRadius, radius0);
  if (attack) checkRadii('attackRadius', attackRadius, radius0);
  const descent = new NetworkDescent(problem, {
    ...{ attack, radius0, attackRadius, pollRadius, poll, covering, search, maxEvaluations, seed },
    searchGrows: attack !== false,
  });
  if (resume) descent.resume(resume);
  return descent;
}

/**
 * The iterates of {@link optimizeThroughNetwork}, for core's `run`. The objective of an iterate includes the penalty;
 * metrics are both radii, the constraint violation and how many iterations each step has made successful; work is
 * `oracleCalls` and `gradientCalls`.
 * @throws as {@link optimizeThroughNetwork}.
 */
export function throughNetworkIterates(
  problem: NetworkProblem,
  options: ThroughNetworkOptions = {},
): Generator<Iterate<Float64Array>, void, undefined> {
  knownKeys('throughNetworkIterates', options, optionKeys);
  return descentOf(problem, options).iterates();
}

/**
 * Minimises f(Φ(x)) over the inputs of a trained network Φ by directional attacks within a direct search (Bouchet and
 * Vidal 2025). Each iteration first attacks the network: it asks for a displacement of at most the attack radius in each
 * coordinate that moves the outputs along −∇f. If f decreases by a thousandth, this is the whole iteration; otherwise
 * the covering, search and poll steps of the direct search follow, which make the limit points local solutions under
 * mild assumptions whatever the attacks do. A point is accepted only if it is better, so that the objective never
 * increases. Bounds are kept by projection, and constraints c(x, Φ(x)) ≤ 0 are replaced by the penalty ‖max(c, 0)‖². To
 * maximise f, minimise −f.
 *
 * `converged` means that the radii of attacks and polls have reached their minima and that neither an attack nor a poll
 * from the point finds a better one; it is not a proof of a minimum, and no step looks for distant minima systematically. An attack costs one `vjp`
 * and one `value` ('pgd': 10 and 11), the direct search up to n + 3 calls of `value` (2n + 2 with 2n directions), and
 * O(n) memory.
 *
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE for options, bounds and starting points that do not fit each
 * other, and for functions with results of wrong lengths; what these functions throw.
 */
export function optimizeThroughNetwork(
  problem: NetworkProblem,
  options: ThroughNetworkOptions & Omit<RunOptions<Float64Array>, 'tol'> = {},
): ThroughNetworkResult {
  knownKeys('optimizeThroughNetwork', options, { ...optionKeys, ...watchKeys });
  const descent = descentOf(problem, only<ThroughNetworkOptions>(options, optionKeys));
  const { maxIter, timeLimit, signal, onIterate, checkpoint } = options;
  const solution = run(descent.iterates(), { maxIter, timeLimit, signal, onIterate, checkpoint });
  const { network, outputs, successes, message } = descent;
  return {
    ...solution,
    value: network.valueOf(outputs),
    output: network.ownOf(outputs),
    constraintViolation: network.violation(outputs),
    evaluations: network.evaluations,
    gradientCalls: network.gradientCalls,
    successes: { ...successes },
    message: message || (stopReasons[solution.status] ?? ''),
  };
}
