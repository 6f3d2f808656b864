import { fail } from '@southwell/numerics/core';
import type { HighsEngine } from '../highs/engine.ts';
import type { HighsOptions, HighsResult } from '../highs/options.ts';
import type { ReluNetwork } from './network.ts';
import { ReluProgram, type Terms } from './program.ts';

/** A plan through a network that predicts the next state. */
export interface NetworkPlanProblem {
  /** Maps (state, control) to the next state, or to its change with `residual`. */
  readonly dynamics: ReluNetwork;
  readonly residual?: boolean;
  readonly horizon: number;
  readonly state: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  readonly controlLower: ArrayLike<number>;
  readonly controlUpper: ArrayLike<number>;
  /** Bounds that every state keeps. Default: none. */
  readonly stateLower?: ArrayLike<number>;
  readonly stateUpper?: ArrayLike<number>;
  /** Weights of |state − target|; of those at the end; of |control|. Default 1, as the first, and 0. */
  readonly weight?: ArrayLike<number>;
  readonly finalWeight?: ArrayLike<number>;
  readonly effort?: number;
}

export interface NetworkPlanOptions extends Omit<HighsOptions, 'start'> {
  /** How bounds of units are found: by interval arithmetic, or also by linear programs. Default interval. */
  readonly bounds?: 'interval' | 'lp';
  /** Controls of a plan to start from, one row a step, such as the previous plan moved by one. */
  readonly incumbent?: readonly ArrayLike<number>[];
}

export interface NetworkPlan {
  readonly status: HighsResult['status'];
  /** One row a step; absent if no plan was found. */
  readonly controls?: readonly Float64Array[];
  /** The states that the network predicts, from the first one on. */
  readonly states?: readonly Float64Array[];
  readonly cost?: number;
  /** No plan costs less. */
  readonly bound?: number;
  readonly nodes: number;
  /** Units whose sign was open. */
  readonly open: number;
  readonly message?: string;
}

/**
 * The controls u₀ … u_{H−1} in their box that bring the states x_{t+1} = network(x_t, u_t) nearest to a target, to global
 * optimality: minimises Σ weight·|x_t − target| + effort·|u_t| by a mixed-integer linear program (Liu et al. 2023).
 * Worst case exponential in the number of open units.
 * @throws INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE, NOT_SUPPORTED for other activations and without HiGHS; all as a
 * rejected promise.
 */
export async function planThroughNetwork(
  problem: NetworkPlanProblem,
  engine: HighsEngine,
  { bounds = 'interval', incumbent, ...options }: NetworkPlanOptions = {},
): Promise<NetworkPlan> {
  const { horizon, state, target } = problem;
  if (!(Number.isInteger(horizon) && horizon >= 1)) {
    fail('INVALID_PARAMETER', `horizon must be a whole number of at least 1, not ${horizon}.`);
  }
  if (bounds !== 'interval' && bounds !== 'lp')
    fail('INVALID_PARAMETER', `bounds are 'interval' or 'lp', not '${bounds}'.`);
  if (target.length !== state.length) {
    fail('INVALID_SHAPE', `The target has ${target.length} values, but the state has ${state.length}.`);
  }
  const { program, controls, states } = programOf(problem);
  const width = problem.controlLower.length;
  if (incumbent && (incumbent.length !== horizon || incumbent.some((u) => u.length !== width))) {
    fail('INVALID_SHAPE', `The incumbent must have ${horizon} rows of ${width} controls.`);
  }
  const { timeLimit } = options;
  const started = performance.now();
  if (bounds === 'lp') {
    const { signal, module } = options;
    const open = await program.tighten(engine, { ...(signal && { signal }), ...(module && { module }) });
    if (open === undefined) return { status: 'infeasible', nodes: 0, open: program.open, message: NO_PLAN };
  }
  const left = timeLimit === undefined ? undefined : Math.max(0, timeLimit - (performance.now() - started) / 1000);
  const found = await program.solve(engine, {
    ...{ ...options, ...(left !== undefined && { timeLimit: left }) },
    ...(incumbent && { incumbent: [...Array.from(state), ...incumbent.flatMap((u) => Array.from(u))] }),
  });
  const { status, x, objective, bound, nodes, message } = found;
  const picked = (from: readonly (readonly number[])[]) => from.map((row) => Float64Array.from(row, (j) => x![j]));
  return {
    ...{ status, nodes, open: program.open },
    ...(x && { controls: picked(controls), states: picked(states), cost: objective, bound }),
    ...((message ?? (status === 'infeasible' ? NO_PLAN : undefined)) !== undefined && { message: message ?? NO_PLAN }),
  };
}

const NO_PLAN = 'No controls in their box keep the states within their bounds.';

function programOf(problem: NetworkPlanProblem) {
  const { dynamics, residual = false, horizon, state, target, controlLower, controlUpper } = problem;
  const { stateLower, stateUpper, effort = 0 } = problem;
  const size = state.length;
  const weight = problem.weight ?? new Array<number>(size).fill(1);
  const finalWeight = problem.finalWeight ?? weight;
  for (const [name, values, length] of [
    ['controlUpper', controlUpper, controlLower.length],
    ['stateLower', stateLower, size],
    ['stateUpper', stateUpper, size],
    ['weight', weight, size],
    ['finalWeight', finalWeight, size],
  ] as const) {
    if (values && values.length !== length) {
      fail('INVALID_SHAPE', `${name} has ${values.length} values, but must have ${length}.`);
    }
  }
  const program = new ReluProgram();
  const cost: Array<readonly [number, number]> = [];
  // The first state, then all controls: the order in which an incumbent is given.
  let x = program.variables(size, { lower: state, upper: state, name: 'x0_' });
  const controls = Array.from({ length: horizon }, (_, t) =>
    program.variables(controlLower.length, { lower: controlLower, upper: controlUpper, name: `u${t}_` }),
  );
  const states = [x];
  for (const [t, u] of controls.entries()) {
    const outputs = program.network(dynamics, [...x, ...u]);
    if (outputs.length !== size) {
      fail('INVALID_SHAPE', `The network has ${outputs.length} outputs, but the state has ${size} values.`);
    }
    x = outputs.map((y, i) => {
      const terms: Terms = residual
        ? [
            [x[i], 1],
            [y, 1],
          ]
        : [[y, 1]];
      return program.sum(terms, { name: `x${t + 1}_${i + 1}`, ...boundsAt(i, stateLower, stateUpper) });
    });
    states.push(x);
    const weights = t === horizon - 1 ? finalWeight : weight;
    for (const [i, j] of x.entries()) {
      if (weights[i] !== 0) cost.push([program.distance([[j, 1]], -target[i], `d${t + 1}_${i + 1}`), weights[i]]);
    }
    if (effort !== 0) for (const j of u) cost.push([program.distance([[j, 1]]), effort]);
  }
  program.minimize(cost);
  return { program, controls, states };
}

const boundsAt = (i: number, lower?: ArrayLike<number>, upper?: ArrayLike<number>) => ({
  ...(lower && { lower: lower[i] }),
  ...(upper && { upper: upper[i] }),
});
