import {
  type Certificate,
  fail,
  type Iterate,
  knownKeys,
  Random,
  type RunOptions,
  run,
  type Status,
} from '@southwell/numerics/core';
import type { SeparablePenalty } from '../penalties/index.ts';
import { BlockContext } from './context.ts';
import { type BlockOptions, blockKeys, type LooseOptions, type MethodOptions, methodKeys } from './options.ts';
import { checkedPlan, type Plan, sizeAt } from './plan.ts';
import type { BlockProblem, BlockState } from './problem.ts';
import { HEAP_FROM } from './selection/gs.ts';
import { inSupport } from './selection/scores.ts';

/** Number of steps between recomputations of incrementally updated quantities. */
const REFRESH_EVERY = 100;
/** Increase of F, relative to |F(x₀)|, that is an error rather than rounding. */
const INCREASE_TOLERANCE = 1e-12;

/** A step. Valid until the next one is requested. */
export interface BlockIterate extends Iterate<Float64Array> {
  /** The point itself, not a copy. */
  readonly x: Float64Array;
  /** The block that was updated; empty at the start. */
  readonly block: Int32Array;
  /** Milliseconds spent on choosing and on updating the block. */
  readonly selectTime: number;
  readonly updateTime: number;
  /** Number of coordinates away from their kinks (without a penalty: non-zero). */
  readonly support: number;
  /** Index of the last step that changed the support. */
  readonly activeSetIteration: number;
  readonly lipschitz: Float64Array;
}

export interface BlockTraceEntry {
  readonly k: number;
  readonly objective: number;
  readonly block: Int32Array;
  readonly selectTime: number;
  readonly updateTime: number;
  readonly support: number;
  /** ‖∇f‖∞ or, with a penalty, the KKT residual; undefined for steps that did not compute it. */
  readonly residual: number | undefined;
}

export interface BlockSolution {
  readonly x: Float64Array;
  readonly objective: number;
  readonly certificate: Certificate | undefined;
  readonly iterations: number;
  readonly status: Status;
  readonly trace: readonly BlockTraceEntry[];
  /** The step after which the support did not change any more during the run. */
  readonly activeSetIteration: number;
  /** L_i, or the estimates of the update LA. */
  readonly lipschitzEstimates: Float64Array;
  readonly seconds: number;
}

/**
 * Minimises F(x) = f(x) + Σ_i g_i(x_i) by block coordinate descent: choose a block, update it, repeat (Nutini, Laradji
 * & Schmidt, JMLR 23(131), 2022). Partition, selection, block size and update can be combined freely;
 * docs/block-coordinate-descent.md has a table of valid combinations.
 *
 * Defaults: variable blocks of min(dim, 50), selection GSD (with a penalty: proximal), update matrix (proximalNewton);
 * `tol` 10⁻⁶ on the residual relative to ‖∇f(0)‖∞, `maxIter` 10⁴. Also stops when a whole pass makes no progress.
 *
 * @throws SouthwellError for an invalid combination (NOT_SUPPORTED), invalid options (INVALID_PARAMETER,
 * INVALID_SHAPE), a gradient that is not a number (NUMERICAL).
 */
export function blockCoordinateDescent<P extends BlockProblem>(problem: P, options: BlockOptions<P>): BlockSolution;
export function blockCoordinateDescent(
  problem: BlockProblem,
  options: LooseOptions & RunOptions<Float64Array>,
): BlockSolution {
  knownKeys('blockCoordinateDescent', options, blockKeys);
  const trace: BlockTraceEntry[] = [];
  let last: BlockIterate | undefined;
  const solution = run(steps(problem, options), {
    tol: options.tol ?? 1e-6,
    maxIter: options.maxIter ?? 10_000,
    timeLimit: options.timeLimit,
    signal: options.signal,
    onIterate(iterate) {
      last = iterate as BlockIterate;
      trace.push({
        k: last.iteration,
        objective: last.objective,
        block: options.blocks === 'fixed' ? last.block : last.block.slice(),
        selectTime: last.selectTime,
        updateTime: last.updateTime,
        support: last.support,
        residual: last.certificate?.value,
      });
      options.onIterate?.(iterate);
    },
  });
  return {
    x: solution.point,
    objective: solution.objective,
    certificate: solution.certificate,
    iterations: solution.iterations,
    status: solution.status,
    trace,
    activeSetIteration: last!.activeSetIteration,
    lipschitzEstimates: last!.lipschitz.slice(),
    seconds: solution.seconds,
  };
}

/** The method as a generator of iterates, for `run`, `runAsync` or a custom loop; iterate 0 is the initial point. */
export function blockCoordinateDescentIterates<P extends BlockProblem>(
  problem: P,
  options: MethodOptions<P>,
): Generator<BlockIterate, void, undefined> {
  knownKeys('blockCoordinateDescentIterates', options, methodKeys);
  return steps(problem, options as LooseOptions);
}

function* steps(problem: BlockProblem, options: LooseOptions): Generator<BlockIterate, void, undefined> {
  const plan = checkedPlan(problem, options);
  const { penalty, selection, update, partition } = plan;
  const x0 = startingPoint(problem, penalty, options.x0);
  const state = problem.start(x0);
  const context = new BlockContext(problem, state, penalty, partition, new Random(options.seed ?? 0));
  const updater = update.start(context);
  const select = partition ? selection.fixed!(context) : selection.variable!(context);
  const { x } = state;
  const next = new Float64Array(problem.dim);

  let support = supportOf(context, x.length);
  let penaltyValue = penaltyOf(penalty, x);
  let objective = state.value() + penaltyValue;
  const start = Math.abs(objective);
  const scale = residualScale(problem, state.gradient(), options.x0);
  const { patience, certificateEvery, refreshEvery } = rhythmOf(problem, state, plan);
  let idle = 0;
  let activeSetIteration = 0;
  let epochs = 0;

  const view = {
    iteration: 0,
    objective,
    certificate: undefined as Certificate | undefined,
    active: support,
    work: { epochs },
    done: undefined as Status | undefined,
    x,
    block: new Int32Array(0) as Int32Array,
    selectTime: 0,
    updateTime: 0,
    support,
    activeSetIteration,
    lipschitz: context.lipschitz,
    snapshot: () => x.slice(),
  };
  const certify = (): Certificate => {
    const value = residual(context, view.iteration);
    return { kind: penalty ? 'kktResidual' : 'gradientNorm', value, relative: scale > 0 ? value / scale : value };
  };
  view.certificate = certify();
  if (view.certificate.value === 0) view.done = 'converged';
  yield view;
  if (view.done) return;

  for (let k = 0; ; k++) {
    const t0 = performance.now();
    context.iteration = k;
    context.keepSupport = plan.keepSupport;
    context.blockSize = Math.min(problem.dim, plan.keepSupport ? support + plan.extra : sizeAt(plan.blockSize, k, 1));
    const block = select();
    const t1 = performance.now();
    const target = next.subarray(0, block.length);
    updater(block, target);

    const before = Float64Array.from(block, (i) => x[i]);
    const change = step(context, block, target, before);
    if (!(change <= INCREASE_TOLERANCE * start)) {
      if (options.strict) failRaised(k + 1, update.name, change);
      backtrack(context, block, target, before);
    }
    let moved = false;
    for (let a = 0; a < block.length; a++) {
      const i = block[a];
      if (x[i] === before[a]) continue;
      if (Math.abs(x[i] - before[a]) > 4 * Number.EPSILON * Math.abs(x[i])) moved = true;
      const inside = inSupport(context, i);
      const was = penalty ? penalty.inSupport(i, before[a]) : before[a] !== 0;
      if (inside !== was) {
        support += inside ? 1 : -1;
        activeSetIteration = k + 1;
      }
      if (penalty) penaltyValue += penalty.value(i, x[i]) - penalty.value(i, before[a]);
    }
    if ((k + 1) % refreshEvery === 0) {
      state.refresh();
      if (penalty) penaltyValue = penaltyOf(penalty, x);
    }
    const t2 = performance.now();

    idle = moved ? 0 : idle + 1;
    epochs += block.length / problem.dim;
    objective = state.value() + penaltyValue;
    view.iteration = k + 1;
    view.objective = objective;
    view.block = block;
    view.selectTime = t1 - t0;
    view.updateTime = t2 - t1;
    view.active = view.support = support;
    view.activeSetIteration = activeSetIteration;
    view.work = { epochs };
    view.certificate = (k + 1) % certificateEvery === 0 || idle > patience ? certify() : undefined;
    if (!Number.isFinite(objective)) view.done = 'diverged';
    else if (view.certificate?.value === 0) view.done = 'converged';
    else if (idle > patience) view.done = 'stalled';
    yield view;
    if (view.done) return;
  }
}

function supportOf(context: BlockContext, dim: number): number {
  let count = 0;
  for (let i = 0; i < dim; i++) if (inSupport(context, i)) count++;
  return count;
}

function penaltyOf(penalty: SeparablePenalty | undefined, x: Float64Array): number {
  let sum = 0;
  if (penalty) for (let i = 0; i < x.length; i++) sum += penalty.value(i, x[i]);
  return sum;
}

function failRaised(step: number, rule: string, change: number): never {
  fail(
    'NUMERICAL',
    `Step ${step} (${rule}) increased the objective by ${change}; the update or the constants of the problem are wrong.`,
  );
}

/**
 * Number of steps without a move that ends the run, and the intervals at which a certificate is computed and the state
 * recomputed.
 */
function rhythmOf(problem: BlockProblem, state: BlockState, { partition, selection, blockSize }: Plan) {
  const pass = partition ? partition.length : Math.ceil(problem.dim / sizeAt(blockSize, 0, 1));
  // A certificate costs O(dim): negligible for rules that read the whole gradient anyway, but as much as a pass for the
  // others, and more than many steps where a heap tracks the few gradients that change.
  const heap = state.touched !== undefined && problem.dim >= HEAP_FROM;
  return {
    patience: Math.ceil(selection.sampled ? pass * (Math.log(pass) + 5) : pass),
    certificateEvery: selection.usesGradient ? (heap ? Math.ceil(problem.dim / 1024) : 1) : pass,
    refreshEvery: heap ? Math.max(REFRESH_EVERY, Math.ceil(pass / 10)) : REFRESH_EVERY,
  };
}

function step(context: BlockContext, block: Int32Array, target: Float64Array, before: Float64Array): number {
  for (let a = 0; a < block.length; a++) {
    if (target[a] !== before[a]) return context.move(block, target);
  }
  return 0;
}

/**
 * Backtracks, halving the step until F does not increase: a wrong constant reduces speed, but does not prevent
 * convergence.
 */
function backtrack(context: BlockContext, block: Int32Array, target: Float64Array, before: Float64Array): number {
  context.move(block, before);
  context.state.refresh();
  for (let alpha = 0.5; alpha > 1e-18; alpha /= 2) {
    const trial = target.map((v, a) => before[a] + alpha * (v - before[a]));
    if (context.trial(block, trial) <= 0) return context.move(block, trial);
  }
  return 0;
}

/** ‖∇f‖∞ or max_i dist(−∇_i f, ∂g_i(x_i)). */
function residual(context: BlockContext, iteration: number): number {
  const slope = context.slope();
  let largest = 0;
  for (let i = 0; i < slope.length; i++) {
    const v = Math.abs(slope[i]);
    if (v > largest) largest = v;
    else if (Number.isNaN(v))
      fail('NUMERICAL', `The gradient of coordinate ${i} is not a number at step ${iteration}.`);
  }
  return largest;
}

/** ‖∇f(0)‖∞, the scale of residuals, so that the tolerance does not depend on a warm start. */
function residualScale(problem: BlockProblem, gradient: Float64Array, x0: ArrayLike<number> | undefined): number {
  const atZero = x0 ? problem.start(new Float64Array(problem.dim)).gradient() : gradient;
  const size = (g: Float64Array) => g.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const scale = size(atZero);
  return Number.isFinite(scale) && scale > 0 ? scale : size(gradient);
}

function startingPoint(
  problem: BlockProblem,
  penalty: SeparablePenalty | undefined,
  x0: ArrayLike<number> | undefined,
): Float64Array {
  if (!x0) return new Float64Array(problem.dim);
  if (x0.length !== problem.dim) fail('INVALID_SHAPE', `x0 has ${x0.length} values for ${problem.dim} coordinates.`);
  const x = Float64Array.from(x0);
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) fail('NON_FINITE', `x0[${i}] is ${x[i]}; every value must be finite.`);
    if (penalty && !Number.isFinite(penalty.value(i, x[i]))) {
      fail('INVALID_PARAMETER', `x0[${i}] is ${x[i]}, outside the domain of the penalty "${penalty.name}".`);
    }
  }
  return x;
}
