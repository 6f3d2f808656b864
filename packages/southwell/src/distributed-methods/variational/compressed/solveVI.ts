import { alone, type Communicator, type Exchange, type Request } from '@southwell/distributed';
import {
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import type { VariationalPoint } from '../extragradient.ts';
import { isFinitePoint, naturalResidual, plus, times } from '../operators.ts';
import { type VariationalSettings, variationalRecords } from './options.ts';
import type { VariationalProblem } from './problem.ts';
import { Rank } from './rank.ts';
import type { VariationalState, WatchState } from './state.ts';

/** Options of {@link solveVI}. */
export interface VariationalOptions extends VariationalSettings, RunOptions<VariationalPoint, undefined> {}
const keys: OptionKeys<VariationalOptions> = { ...keysOf(variationalRecords), ...runKeys };

type VIIterate = Iterate<VariationalPoint, undefined>;

/** A residual this many times the first, or ten in a row that are ten times the least, is taken as divergence. */
const FAR = 1e6;
const WORSE = 10;
const IN_A_ROW = 10;
/** How often the step size is halved. */
const HALVINGS = 40;

/** The state that all ranks share, with the same bits. */
interface State {
  z: Float64Array;
  /** Reference point, and F there. */
  w: Float64Array;
  atW: Float64Array;
  gamma: number;
  sum: Float64Array;
  steps: number;
}

/** Watches residuals at points whose values are known, and keeps the point with the least. */
class Watch {
  first: number | undefined;
  least = Number.POSITIVE_INFINITY;
  private bad = 0;
  best: Float64Array;

  constructor(start: Float64Array) {
    this.best = start.slice();
  }

  /** Takes a residual; returns whether the run diverges. */
  diverges(z: Float64Array, residual: number): boolean {
    this.first ??= residual;
    if (!Number.isFinite(residual) || residual > FAR * this.first) return true;
    this.bad = residual > WORSE * this.least ? this.bad + 1 : 0;
    if (residual < this.least) {
      this.least = residual;
      this.best = z.slice();
    }
    return this.bad >= IN_A_ROW;
  }

  restart(): void {
    this.bad = 0;
  }

  state(): WatchState {
    return { first: this.first, least: this.least, bad: this.bad, best: this.best.slice() };
  }

  restore({ first, least, bad, best }: WatchState): void {
    [this.first, this.least, this.bad, this.best] = [first, least, bad, best.slice()];
  }
}

/** What a step found: the residual at the point that it reached, where values are known there. */
interface Stepped {
  readonly residual?: number;
  readonly refreshed: boolean;
}

/** One step of MASHA: moves z, and with probability 1 − τ the reference point. */
function* mashaStep(rank: Rank, state: State): Exchange<Stepped> {
  const { settings, givenProx } = rank;
  const { tau, batch, method, refreshPrevious } = settings;
  const { w, gamma } = state;
  const before = state.z;
  const from = new Float64Array(w.length);
  for (let i = 0; i < from.length; i++) from[i] = tau * state.z[i] + (1 - tau) * w[i] - gamma * state.atW[i];
  const half = givenProx && isFinitePoint(from) ? new Float64Array(givenProx(from, gamma)) : from;
  const scale = method === 'masha2' ? gamma : 1;
  const change = yield* rank.compressed(0, rank.senders(), (device) => times(scale, device.difference(half, w, batch)));
  const to = plus(from, method === 'masha2' ? -1 : -gamma, change);
  state.z = givenProx && isFinitePoint(to) ? new Float64Array(givenProx(to, gamma)) : to;
  for (let i = 0; i < half.length; i++) state.sum[i] += half[i];
  state.steps++;
  if (rank.coin.uniform() < tau) return { refreshed: false };
  const next = refreshPrevious ? before : state.z;
  if (!isFinitePoint(next)) return { refreshed: true, residual: Number.NaN };
  state.w = next.slice();
  state.atW = yield* rank.refresh(state.w);
  return { refreshed: true, residual: naturalResidual(state.w, state.atW, givenProx, gamma) };
}

/** One step of extragradient, or of descent and ascent at once, with messages that are compressed or not. */
function* plainStep(rank: Rank, state: State): Exchange<Stepped> {
  const { settings, givenProx } = rank;
  const { batch, method, feedback } = settings;
  const { gamma, z } = state;
  const scale = feedback.up ? gamma : 1;
  const project = (v: Float64Array) => (givenProx && isFinitePoint(v) ? new Float64Array(givenProx(v, gamma)) : v);
  const senders = rank.senders();
  const move = function* (at: number, point: Float64Array): Exchange<Float64Array> {
    if (method === 'eg') {
      return yield* rank.dense(rank.devices.map((device) => device.value(point)));
    }
    const change = yield* rank.compressed(at, senders, (device) => times(scale, device.sampled(point, batch)));
    return feedback.up ? change.map((v) => v / gamma) : change;
  };
  const value = yield* move(0, z);
  const half = project(plus(z, -gamma, value));
  for (let i = 0; i < half.length; i++) state.sum[i] += half[i];
  state.steps++;
  state.z = method === 'csgda' ? half : project(plus(z, -gamma, isFinitePoint(half) ? yield* move(1, half) : half));
  // Only dense values certify a point: that before the step.
  const residual = isFinitePoint(state.z) ? naturalResidual(z, value, givenProx, gamma) : Number.NaN;
  return method === 'eg' || !isFinitePoint(state.z) ? { residual, refreshed: false } : { refreshed: false };
}

function* stateAtStart(rank: Rank): Exchange<State> {
  const { start } = rank;
  const { gamma } = yield* rank.step();
  const atW = yield* rank.refresh(start);
  return { z: start.slice(), w: start.slice(), atW, gamma, sum: new Float64Array(start.length), steps: 0 };
}

/** A copy. */
const stateOf = ({ z, w, atW, gamma, sum, steps }: State): State => ({
  ...{ z: z.slice(), w: w.slice(), atW: atW.slice(), gamma },
  ...{ sum: sum.slice(), steps },
});

/**
 * A variational inequality whose operator is the mean of operators on several devices, as a part of a program for any
 * number of ranks: iterates, the same on all of them with the same bits, until the caller stops. The first rank is also
 * the server. Each rank passes the operators of its own devices; all pass the same point, constraint and options.
 *
 * MASHA1 keeps a reference point w with F(w) known, and with a step size γ
 *
 *   z½ = prox(u), u = τz + (1 − τ)w − γF(w),  z⁺ = prox(u − γ·S(mean of Q(Fₘ(z½) − Fₘ(w)))),
 *
 * where devices compress by Q and the server by S; with probability 1 − τ, w becomes z⁺ and values there are sent densely.
 * MASHA2 compresses γ times the difference by contractions, with what was left out of earlier messages added. Differences vanish as the
 * points converge, and with them the noise of compression; 'ceg' and 'csgda' compress the values themselves, and stall.
 *
 * The certificate is the natural residual at w when it is refreshed, or of extragradient at the point before each step,
 * relative to that of z0; compressed baselines have none. Metrics: `bitsUp` and `bitsDown` of messages of all devices (on ranks
 * other than the first: up only of its own), `refreshes`, `gamma`, `halvings`. A device with values that are not finite, or residuals that keep growing, halve the
 * step from the best point with 'auto', and otherwise end the run as `diverged`. Checkpoints hold the state of one rank; with `resume` a run
 * goes on with the iterate after, with the same bits, with as many ranks as before. A step takes one evaluation a device, and one more at a refresh; extragradient two. Memory: 3n numbers a device.
 *
 * Beznosikov, Richtárik, Diskin, Ryabinin & Gasnikov 2022, Distributed methods with compressed communication for solving
 * variational inequalities (arXiv 2110.03313), algorithms 1 and 2.
 *
 * @throws EMPTY, NON_FINITE for z0 or values there, INVALID_SHAPE, INVALID_PARAMETER, also for the state of another rank or of other options; MISMATCH for ranks with different options.
 */
export function* variationalIterates(
  comm: Communicator,
  problem: VariationalProblem,
  options: VariationalSettings = {},
): Generator<VIIterate | Request, void, unknown> {
  const rank = yield* Rank.over(comm, problem, options);
  const { settings, start, givenProx } = rank;
  const adaptive = settings.gamma === 'auto';
  const { resume } = options;
  const state: State = resume ? stateOf(resume) : yield* stateAtStart(rank);
  const watch = new Watch(start);
  if (resume) watch.restore(resume.watch);
  let { iteration, refreshes, halvings } = resume ?? { iteration: 0, refreshes: 1, halvings: 0 };
  const view = (point: Float64Array, residual: number | undefined, more: Partial<VIIterate> = {}): VIIterate => ({
    ...{ iteration, objective: undefined },
    ...(residual !== undefined && {
      certificate: { kind: 'residual', value: residual, relative: residual === 0 ? 0 : residual / watch.first! },
      ...(residual === 0 && { done: 'converged' as const }),
    }),
    work: { oracleCalls: rank.calls },
    metrics: {
      ...{ bitsUp: 8 * rank.bytesUp, bitsDown: 8 * rank.bytesDown, refreshes, gamma: state.gamma, halvings },
    },
    snapshot: () => ({
      z: point.slice(),
      zAverage: state.steps > 0 ? state.sum.map((v) => v / state.steps) : point.slice(),
    }),
    checkpoint: (): VariationalState => ({
      ...{ ...stateOf(state), iteration, refreshes, halvings },
      ...{ watch: watch.state(), own: rank.state() },
    }),
    ...more,
  });
  if (!resume) {
    const first = naturalResidual(start, state.atW, givenProx, state.gamma);
    watch.diverges(start, first);
    if (!Number.isFinite(first))
      fail('NON_FINITE', 'The operators have values that are not finite at the starting point.');
    yield view(start, first);
    if (first === 0) return;
  }
  for (;;) {
    const before = state.z;
    const found: Stepped = yield* settings.masha ? mashaStep(rank, state) : plainStep(rank, state);
    iteration++;
    if (found.refreshed) refreshes++;
    // What extragradient knows is the residual of the point before the step.
    const known = settings.masha ? state.w : before;
    const diverges = !isFinitePoint(state.z) || (found.residual !== undefined && watch.diverges(known, found.residual));
    if (!diverges) {
      yield view(found.residual === undefined ? state.z : known, found.residual);
      continue;
    }
    if (!adaptive || halvings >= HALVINGS) {
      const next = 'The residual grows: use a smaller gamma, or check that the operator is monotone and Lipschitz.';
      yield view(watch.best, undefined, { done: 'diverged', next, checkpoint: undefined });
      return;
    }
    halvings++;
    watch.restart();
    rank.forget();
    [state.z, state.w, state.gamma, state.steps] = [watch.best.slice(), watch.best.slice(), state.gamma / 2, 0];
    state.sum.fill(0);
    state.atW = yield* rank.refresh(state.w);
    refreshes++;
  }
}

/**
 * Solves a variational inequality over devices with compressed messages ({@link variationalIterates}), all of them in this
 * process: the same iterates as with a rank for each device. `solution.trace` has residuals and bits by iteration.
 *
 * @param problem operators of all devices (n values to n values, or with `samples` of their own), z0 (n values), prox.
 * @param options `tol` is on the natural residual relative to that of z0. Default 1e-8, within `maxIter` = 100 000 steps.
 * @throws EMPTY, NON_FINITE, INVALID_SHAPE, INVALID_PARAMETER.
 */
export function solveVI(
  problem: VariationalProblem,
  options: VariationalOptions = {},
): Solution<VariationalPoint, undefined> {
  knownKeys('solveVI', options, keys);
  const settings = only(options as VariationalSettings, keysOf(variationalRecords) as OptionKeys<VariationalSettings>);
  const watched = only(
    options as RunOptions<VariationalPoint, undefined>,
    runKeys as OptionKeys<RunOptions<VariationalPoint, undefined>>,
  );
  const iterates = alone<VIIterate, void>((comm) => variationalIterates(comm, problem, settings));
  return run(iterates, { tol: 1e-8, maxIter: 100_000, ...watched });
}
