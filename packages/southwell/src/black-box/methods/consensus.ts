import {
  checkOptions,
  choiceOption,
  fail,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
  type Random,
} from '@southwell/numerics/core';
import type { AsynchronousMethod, MethodContext, Proposals, Stop } from '../method.ts';
import type { Space } from '../space.ts';
import { type GibbsMean, gibbsMean } from './gibbsMean.ts';
import { type Diffusion, moveParticle } from './particle.ts';

/**
 * prox_{τf}(m) without derivatives: the Gibbs mean of n normal points about m with variance τ/α. Exact for quadratic f
 * as n → ∞ at any α, else as α → ∞; the error falls like n^(−1/2), and with the effective sample size.
 */
export function proxByConsensus(
  f: (x: Float64Array) => number,
  m: ArrayLike<number>,
  tau: number,
  alpha: number,
  n: number,
  random: Random,
): GibbsMean {
  const spread = Math.sqrt(tau / alpha);
  const points = Array.from({ length: n }, () => Float64Array.from(m, (v) => v + spread * random.normal()));
  return gibbsMean(points, points.map(f), alpha);
}

/** State of a swarm for observers: before each move, and once at the end. Valid until the next step. */
export interface SwarmState {
  readonly step: number;
  readonly points: readonly Float64Array[];
  readonly values: Float64Array;
  readonly consensus: Float64Array;
  readonly effectiveSampleSize: number;
}

type StepSchedule = number | ((step: number) => number);

export const cboRecords = {
  /** Number of particles N. Default 200. */
  particles: limitOption(1),
  /** Time step Δt. Default 0.01; stable for λΔt < 2. */
  dt: numberOption({ min: 0 }),
  /** Drift λ. Default 1. */
  lambda: numberOption({ min: 0 }),
  /** Noise σ, or a function of the step. Default 1.6. */
  noise: otherOption<StepSchedule>('a number or a function of the step'),
  /** Inverse temperature α, or a function of the step. Default 100. */
  alpha: otherOption<StepSchedule>('a number or a function of the step'),
  /**
   * Isotropic noise grows with √n and is the default up to 10 coordinates; anisotropic noise perturbs each coordinate in
   * proportion to its own distance from the consensus.
   */
  diffusion: choiceOption({ isotropic: 'isotropic', anisotropic: 'anisotropic' }),
  /** Batch size: particles that share a consensus point, resampled each step (Carrillo et al. 2021). Default: all. */
  miniBatch: limitOption(1),
  /** Maximum number of steps. Default: until the budget is spent. */
  steps: limitOption(0),
  /** Tolerance on the largest distance of a particle from the consensus, in initial step sizes. Default 1e-9; 0 disables it. */
  tol: numberOption({ min: 0 }),
  /** Initial distribution of particles. Default: normal about the start with its step sizes, or uniform between finite bounds without x0. */
  cloud: otherOption<(random: Random) => Float64Array>('a function of the random stream'),
  /** Called before each move, and once at the end. */
  onStep: otherOption<(state: SwarmState) => void>('a function'),
};

export interface CboOptions extends OptionsOf<typeof cboRecords> {}

const at = (schedule: number | ((step: number) => number), step: number): number =>
  typeof schedule === 'number' ? schedule : schedule(step);

/**
 * Consensus-based optimisation (Pinnau et al. 2017; interpreted by Riedl et al. 2023 as a relaxed gradient descent): x
 * ← x − λΔt(x − c) + σ√Δt D(x − c)ξ with the Gibbs mean c. Points are reflected at the bounds after the move.
 * Parameters are not adjusted where theory requires 2λ > nσ²; see {@link contractsInMeanSquare}. N evaluations a step.
 * @throws INVALID_PARAMETER.
 */
export function* cbo(context: MethodContext, options: CboOptions = {}): Proposals {
  checkOptions('cbo', cboRecords, options);
  const swarm = new Swarm(context, options);
  const { points, N } = swarm;
  const { miniBatch = N } = options;
  for (let step = 0; ; step++) {
    const values = yield points.map((x) => x.slice());
    const { mean, over } = swarm.survey(step, values);
    if (over) {
      yield [mean];
      return over;
    }
    if (miniBatch >= N) for (const x of points) swarm.move(x, mean, step);
    else {
      const order = context.random.permutation(N);
      for (let from = 0; from < N; from += miniBatch) {
        const part = Array.from(order.subarray(from, from + miniBatch));
        const own = part.map((i) => values[i]);
        // A batch without a finite value follows the whole swarm.
        const centre = own.some(Number.isFinite)
          ? swarm.consensus(
              part.map((i) => points[i]),
              own,
              step,
            ).mean
          : mean;
        for (const i of part) swarm.move(points[i], centre, step);
      }
    }
  }
}

/**
 * {@link cbo} for asynchronous evaluation: particles move in turn, each towards the consensus of the latest values of
 * all. N values are a step. O(N n) a point.
 * @throws `NOT_SUPPORTED` for `miniBatch`, which needs whole steps.
 */
export function asynchronousCbo(context: MethodContext, options: CboOptions = {}): AsynchronousMethod {
  if (options.miniBatch !== undefined) fail('NOT_SUPPORTED', 'miniBatch cannot be asynchronous; leave it out.');
  const swarm = new Swarm(context, options);
  const { points, N } = swarm;
  const first = points.slice();
  const values = new Float64Array(N).fill(Number.POSITIVE_INFINITY);
  const underWay = new Map<Float64Array, number>();
  /** The proposal from which the newest value of each particle comes. */
  const newest = new Int32Array(N).fill(-1);
  let [proposed, told] = [0, 0];
  let last: { readonly mean: Float64Array; readonly over: Stop } | undefined;
  let stop: Stop | undefined;
  const step = () => Math.floor(told / N);
  const next = (i: number): Float64Array => {
    if (proposed < N) return first[i];
    // While there is no value that shows where to go.
    if (!values.some(Number.isFinite)) return swarm.begin();
    return swarm.move(points[i].slice(), swarm.consensus(points, values, step()).mean, step());
  };
  return {
    propose() {
      if (last && !underWay.has(last.mean)) {
        underWay.set(last.mean, proposed++);
        return last.mean;
      }
      const x = next(proposed % N);
      underWay.set(x, proposed++);
      return x;
    },
    update(x, value) {
      const proposal = underWay.get(x);
      if (proposal === undefined) return;
      underWay.delete(x);
      told++;
      if (x === last?.mean) stop = last.over;
      const i = proposal % N;
      if (proposal > newest[i]) {
        newest[i] = proposal;
        points[i] = x;
        values[i] = value;
      }
      if (last || told % N !== 0) return;
      const { mean, over } = swarm.survey(told / N - 1, values);
      if (over) last = { mean, over };
    },
    get generation() {
      return step();
    },
    get stop() {
      return stop;
    },
  };
}

/** The particles and their moves. */
class Swarm {
  readonly N: number;
  readonly points: Float64Array[];
  private readonly steps: number;
  private readonly diffusion: Diffusion;

  constructor(
    private readonly context: MethodContext,
    private readonly options: CboOptions,
  ) {
    const { space } = context;
    const {
      particles: N = 200,
      dt = 0.01,
      lambda = 1,
      diffusion = space.dim > 10 ? 'anisotropic' : 'isotropic',
    } = options;
    // So that the last consensus is evaluated as well.
    this.steps = options.steps ?? Math.max(0, Math.floor((context.budget - 1) / N) - 1);
    if (!(lambda * dt < 2))
      fail('INVALID_PARAMETER', `λΔt must be below 2, but is ${lambda * dt}: the swarm would diverge.`);
    this.N = N;
    this.diffusion = diffusion;
    this.points = Array.from({ length: N }, () => this.begin());
  }

  /** A particle of the initial cloud. */
  begin(): Float64Array {
    const { space, random } = this.context;
    const { cloud = (r: Random) => (space.begun ? normalAbout(space, space.start, r) : space.sample(r)) } =
      this.options;
    return space.reflect(cloud(random));
  }

  consensus(points: readonly Float64Array[], values: ArrayLike<number>, step: number): GibbsMean {
    return gibbsMean(points, values, at(this.options.alpha ?? 100, step));
  }

  /** The consensus of all particles, and the reason if it is the last. */
  survey(step: number, values: Float64Array): { readonly mean: Float64Array; readonly over: Stop | undefined } {
    const { points, steps } = this;
    const { step: sizes } = this.context.space;
    const { tol = 1e-9, onStep } = this.options;
    const { mean, effectiveSampleSize } = this.consensus(points, values, step);
    onStep?.({ step, points, values, consensus: mean, effectiveSampleSize });
    let radius = 0;
    for (const x of points)
      for (let j = 0; j < x.length; j++) radius = Math.max(radius, Math.abs(x[j] - mean[j]) / sizes[j]);
    let over: Stop | undefined;
    if (step >= steps) {
      over =
        steps > 0 || this.options.steps === 0
          ? { status: 'completed', message: `All ${steps} steps are done.` }
          : { status: 'iteration-limit', message: 'The budget is too small for one step of the swarm.' };
    }
    if (radius <= tol) {
      over =
        step === 0
          ? { status: 'stalled', message: 'All particles started at one point, which they can never leave.' }
          : { status: 'converged', message: 'The swarm has shrunk to a point.' };
    }
    return { mean, over };
  }

  /** One step of x towards the centre, in place. */
  move(x: Float64Array, centre: Float64Array, step: number): Float64Array {
    const { space, random } = this.context;
    const { dt = 0.01, lambda = 1, noise = 1.6 } = this.options;
    moveParticle(x, centre, { dt, lambda, sigma: at(noise, step), diffusion: this.diffusion }, random);
    return space.reflect(x);
  }
}

/** Whether the mean squared distance to the consensus shrinks: 2λ > nσ² (isotropic) or 2λ > σ² (anisotropic). */
export function contractsInMeanSquare(n: number, lambda: number, sigma: number, diffusion: Diffusion): boolean {
  return 2 * lambda > (diffusion === 'isotropic' ? n : 1) * sigma * sigma;
}

export const consensusHoppingRecords = {
  /** Number of particles N. Default 200. */
  particles: cboRecords.particles,
  /** Inverse temperature α, or a function of the step. Default 100. */
  alpha: cboRecords.alpha,
  /** Standard deviation of the cloud, in initial step sizes, or a function of the step. Default 1. */
  spread: otherOption<StepSchedule>('a number or a function of the step'),
  /** Number of steps. Default: until the budget is spent. */
  steps: limitOption(1),
  /** Called after each step. */
  onStep: cboRecords.onStep,
};

export interface ConsensusHoppingOptions extends OptionsOf<typeof consensusHoppingRecords> {}

/** Consensus hopping: a fresh normal cloud about the last consensus each step; as α → ∞, the proximal point method. */
export function* consensusHopping(
  { space, random, budget }: MethodContext,
  options: ConsensusHoppingOptions = {},
): Proposals {
  checkOptions('consensusHopping', consensusHoppingRecords, options);
  const { particles: N = 200, alpha = 100, spread = 1, onStep } = options;
  const { steps = Math.max(1, Math.floor((budget - 1) / N)) } = options;
  let consensus: Float64Array = space.start.slice();
  for (let step = 0; step < steps; step++) {
    const s = at(spread, step);
    const points = Array.from({ length: N }, () => space.reflect(normalAbout(space, consensus, random, s)));
    const values = yield points;
    const { mean, effectiveSampleSize } = gibbsMean(points, values, at(alpha, step));
    consensus = mean;
    onStep?.({ step, points, values, consensus, effectiveSampleSize });
  }
  yield [consensus];
  return { status: 'completed', message: `All ${steps} steps are done.` };
}

function normalAbout(space: Space, centre: Float64Array, random: Random, scale = 1): Float64Array {
  return centre.map((v, j) => v + scale * space.step[j] * random.normal());
}
