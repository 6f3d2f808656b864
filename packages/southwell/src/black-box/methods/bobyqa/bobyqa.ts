import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { type MethodContext, type Proposals, type Stop, withRestarts } from '../../method.ts';
import type { Space } from '../../space.ts';
import { powerOfTwo } from '../powerOfTwo.ts';
import { boxStep, type Room } from './boxStep.ts';
import { geometryStep } from './geometryStep.ts';
import { type Exchange, QuadraticModel } from './model.ts';

export const bobyqaRecords = {
  /** Final trust-region radius ρ_end, relative to the initial step sizes, at most 1. Default 1e-8. */
  rhoEnd: numberOption({ min: 0, open: true }),
};

export interface BobyqaOptions extends OptionsOf<typeof bobyqaRecords> {}

/**
 * A derivative-free trust-region method within bounds, with a quadratic model that interpolates f at 2n + 1 points:
 * Powell, "The BOBYQA algorithm for bound constrained optimization without derivatives" (DAMTP 2009/NA06). The initial
 * points form a batch, later ones are proposed one at a time. The radius ρ, in initial step sizes, decreases from 1 to
 * ρ_end, each time when the model, whose points are then within 10ρ, predicts no step of at least ρ/2, or its steps
 * keep failing.
 *
 * Integer coordinates are rounded when f is evaluated, so that the model sees a step function.
 * @throws INVALID_PARAMETER.
 */
export function bobyqa(context: MethodContext, options: BobyqaOptions = {}): Proposals {
  checkOptions('bobyqa', bobyqaRecords, options);
  const { rhoEnd = 1e-8 } = options;
  if (rhoEnd > 1) fail('INVALID_PARAMETER', `rhoEnd must be at most 1, but is ${rhoEnd}.`);
  return withRestarts(context, (start) => new Region(context.space, start, rhoEnd).descend());
}

/** The model's prediction at a new point, and its error. */
export interface Prediction {
  readonly rho: number;
  /** Predicted change of f from the best value, and the error of the prediction. */
  readonly predicted: number;
  readonly error: number;
}

/** One run from the starting point with the default final radius; `watch` is called for each new point. */
export const interpolated = (space: Space, watch: (prediction: Prediction) => void): Proposals =>
  new Region(space, space.start.slice(), 1e-8, watch).descend();

/** The trust-region radius after a step of this length, where `ratio` is the actual over the predicted reduction. */
function nextRadius(ratio: number, radius: number, length: number): number {
  if (ratio <= 0.1) return Math.min(0.5 * radius, length);
  return Math.max(0.5 * radius, ratio <= 0.7 ? length : 2 * length);
}

class Region {
  /**
   * Coordinates that can move; the points of the model have only these, in units of their initial step sizes from
   * `origin`.
   */
  private readonly moving: number[];
  private readonly origin: Float64Array;
  private readonly step: Float64Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private highest = Number.NEGATIVE_INFINITY;
  private lowest = Number.POSITIVE_INFINITY;
  /** Values are divided by this power of two, which is exact, so that their squares neither overflow nor underflow. */
  private unit = 0;

  constructor(
    private readonly space: Space,
    private readonly start: Float64Array,
    private readonly rhoEnd: number,
    private readonly watch?: (prediction: Prediction) => void,
  ) {
    const { lower, upper, dim } = space;
    this.moving = Array.from({ length: dim }, (_, i) => i).filter((i) => lower[i] < upper[i]);
    const of = (list: (i: number) => number) => Float64Array.from(this.moving, list);
    this.step = of((i) => Math.min(space.step[i], 0.5 * (upper[i] - lower[i])));
    // At a bound, or a full step away from it.
    this.origin = of((i) => start[i]).map((v, k) => {
      const [l, u, s] = [lower[this.moving[k]], upper[this.moving[k]], this.step[k]];
      if (v - l < s) return v <= l + 0.5 * s * Number.EPSILON ? l : Math.min(l + s, u);
      if (u - v < s) return v >= u ? u : Math.max(u - s, l);
      return v;
    });
    const units = (bound: Float64Array) => this.origin.map((v, k) => (bound[this.moving[k]] - v) / this.step[k]);
    this.low = units(lower);
    this.high = units(upper);
  }

  /** The point to evaluate. */
  private at(u: Float64Array): Float64Array {
    const x = this.start.slice();
    const { lower, upper } = this.space;
    this.moving.forEach((i, k) => {
      // Exactly on the bound where that is intended.
      if (u[k] <= this.low[k]) x[i] = lower[i];
      else if (u[k] >= this.high[k]) x[i] = upper[i];
      else x[i] = clamp(this.origin[k] + this.step[k] * u[k], lower[i], upper[i]);
    });
    return x;
  }

  /**
   * Values for the model. An infinite value is replaced by one as far above the highest value as that is above the
   * lowest.
   */
  private tamed(values: Float64Array): Float64Array {
    for (const v of values) {
      if (!Number.isFinite(v)) continue;
      this.highest = Math.max(this.highest, v);
      this.lowest = Math.min(this.lowest, v);
    }
    const spread = this.highest - this.lowest;
    this.unit ||= spread > 0 ? powerOfTwo(spread) : 1;
    const worst = Number.isFinite(this.highest) ? this.highest + (spread || this.unit) : 0;
    return values.map((v) => (Number.isFinite(v) ? v : worst) / this.unit);
  }

  /** How far the best point can move, in the units of the model. */
  private room(model: QuadraticModel): Room {
    const u = model.outer(model.centre);
    const to = (bound: Float64Array) => bound.map((v, i) => v - u[i]);
    return { low: to(this.low).map((v) => Math.min(v, 0)), high: to(this.high).map((v) => Math.max(v, 0)) };
  }

  *descend(): Proposals {
    const n = this.moving.length;
    if (n === 0) {
      yield [this.start];
      return { status: 'converged', message: 'The bounds leave one point.' };
    }
    const { rhoEnd } = this;
    let model = yield* this.cross(new Float64Array(n), 1);
    let [rho, radius] = [1, 1];
    /** Number of evaluations since ρ decreased, or since a step was longer than ρ. */
    let since = 0;
    /** The last three errors of the model. */
    let errors = [0, 0, 0];
    /** Number of consecutive times that the model of least second derivative had a much smaller gradient. */
    let steeper = 0;
    /** ρ and the radius at which rounding last made the points useless. */
    let reset = [0, 0];
    let spoilt = false;

    for (;;) {
      if (radius > 1e20) return { status: 'diverged', message: 'The trust region grows without bound.' };
      if (spoilt) {
        // Unlike Powell's RESCUE, places all points anew around the best one, closer to it if that did not help.
        if (rho === reset[0] && radius <= reset[1]) {
          if (rho <= rhoEnd)
            return { status: 'stalled', message: 'Rounding errors prevent a quadratic model through the points.' };
          [rho, radius] = this.shrink(rho);
          since = 0;
        }
        reset = [rho, radius];
        spoilt = false;
        model = yield* this.cross(model.outer(model.centre), radius, model.values[model.best]);
        continue;
      }
      if (model.strayed(radius)) model.shift();
      const box = this.room(model);
      const gradient = model.gradient();
      const step = boxStep(gradient, (v) => model.times(v), radius, box);
      const length = Math.min(radius, norm(step.d));
      const predicted = model.change(step.d, gradient);
      let far: number;
      // A step without predicted reduction is treated as no step.
      if (length < 0.5 * rho || !(predicted < 0)) {
        far = since > 2 && this.settled(model, step, box, errors, rho) ? -1 : this.farthest(model, 10 * rho);
        if (far < 0) {
          if (rho <= rhoEnd) {
            // The last step, if it was so far too short to be tried.
            if (predicted < 0) yield [this.at(model.outer(model.centre.map((v, i) => v + step.d[i])))];
            return CONVERGED;
          }
          [rho, radius] = this.shrink(rho);
          since = 0;
          continue;
        }
        const distance = Math.sqrt(model.distance2(far, model.centre));
        radius = Math.min(radius / 10, distance / 2);
        if (radius <= 1.5 * rho) radius = rho;
      } else {
        const exchange = model.exchange(step.d);
        const { y } = exchange;
        const t = this.toReplace(model, exchange, radius, model.centre, model.best);
        if (t < 0) {
          spoilt = true;
          continue;
        }
        const [f] = this.tamed(yield [this.at(model.outer(y))]);
        const before = model.values[model.best];
        const error = f - before - predicted;
        this.watch?.({ rho, predicted, error });
        errors = [Math.abs(error), errors[0], errors[1]];
        since = length > rho ? 0 : since + 1;
        const ratio = (f - before) / predicted;
        radius = nextRadius(ratio, radius, length);
        if (radius <= 1.5 * rho) radius = rho;
        const place = f < before ? this.toReplace(model, exchange, radius, y) : t;
        model.replace(place < 0 ? t : place, exchange, f, error);
        steeper = this.steeper(model) ? steeper + 1 : 0;
        if (steeper >= 3) {
          model.interpolate();
          steeper = 0;
        }
        if (f <= before + 0.1 * predicted) continue;
        far = this.farthest(model, Math.max(2 * radius, 10 * rho));
        if (far < 0) {
          if (ratio > 0 || Math.max(radius, length) > rho) continue;
          if (rho <= rhoEnd) return CONVERGED;
          [rho, radius] = this.shrink(rho);
          since = 0;
          continue;
        }
      }
      const error = yield* this.bringNear(model, far, radius, rho);
      if (error === undefined) {
        spoilt = true;
        continue;
      }
      errors = [Math.abs(error), errors[0], errors[1]];
      since = length > rho ? 0 : since + 1;
    }
  }

  /**
   * Moves a distant point to where it improves the model most; returns the error of the model there, or undefined where
   * rounding prevents it.
   */
  private *bringNear(
    model: QuadraticModel,
    far: number,
    radius: number,
    rho: number,
  ): Generator<readonly Float64Array[], number | undefined, Float64Array> {
    if (model.strayed(radius)) model.shift();
    const distance = Math.sqrt(model.distance2(far, model.centre));
    const reach = Math.max(Math.min(0.1 * distance, radius), rho);
    const exchange = geometryStep(model, far, reach, this.room(model));
    if (!(exchange.denominator(far) > 0.5 * exchange.lagrange[far] ** 2)) return undefined;
    const d = exchange.y.map((v, i) => v - model.centre[i]);
    const [f] = this.tamed(yield [this.at(model.outer(exchange.y))]);
    const predicted = model.change(d);
    const error = f - model.values[model.best] - predicted;
    this.watch?.({ rho, predicted, error });
    model.replace(far, exchange, f, error);
    return error;
  }

  /**
   * A model with points at `radius` on both sides of a point in each coordinate, or at one and two radii from a bound.
   */
  private *cross(
    centre: Float64Array,
    radius: number,
    known?: number,
  ): Generator<readonly Float64Array[], QuadraticModel, Float64Array> {
    const { low, high } = this;
    const steps = Array.from(centre, (v, i): [number, number] => {
      const [below, above] = [v - low[i], high[i] - v];
      if (below >= radius && above >= radius) return [radius, -radius];
      const [room, side] = above >= below ? [above, 1] : [below, -1];
      const one = Math.min(radius, 0.5 * room) * side;
      return [one, 2 * one];
    });
    const around = [0, 1].flatMap((k) =>
      steps.map((pair, i) => {
        const u = centre.slice();
        u[i] += pair[k];
        return u;
      }),
    );
    const points = known === undefined ? [centre, ...around] : around;
    const found = this.tamed(yield points.map((u) => this.at(u)));
    const values = known === undefined ? found : Float64Array.from([known, ...found]);
    return new QuadraticModel(centre.slice(), steps, values);
  }

  /** Sets the next ρ and the trust-region radius that goes with it. */
  private shrink(rho: number): [rho: number, radius: number] {
    const ratio = rho / this.rhoEnd;
    const next = ratio <= 16 ? this.rhoEnd : ratio <= 250 ? Math.sqrt(ratio) * this.rhoEnd : 0.1 * rho;
    return [next, Math.max(0.5 * rho, next)];
  }

  /** The point farthest from the best one, if its distance exceeds `limit`. */
  private farthest(model: QuadraticModel, limit: number): number {
    let far = -1;
    let most = limit ** 2;
    for (let k = 0; k < model.m; k++) {
      const distance2 = model.distance2(k, model.centre);
      if (distance2 > most) [far, most] = [k, distance2];
    }
    return far;
  }

  /** Whether, by the last errors of the model, the predicted reduction of a step of length ρ is not significant. */
  private settled(
    model: QuadraticModel,
    { d, gradient, curvature }: ReturnType<typeof boxStep>,
    box: Room,
    errors: readonly number[],
    rho: number,
  ): boolean {
    const worst = Math.max(...errors);
    if (curvature > 0 && worst > 0.125 * rho * rho * curvature) return false;
    const limit = worst / rho;
    return d.every((v, i) => {
      const slope = v === box.low[i] ? gradient[i] : v === box.high[i] ? -gradient[i] : limit;
      return slope >= limit || slope + 0.5 * model.curvature(i) * rho >= limit;
    });
  }

  /** The point whose replacement has the largest denominator, with more weight for those far from `centre`. */
  private toReplace(model: QuadraticModel, exchange: Exchange, radius: number, centre: Float64Array, but = -1): number {
    let t = -1;
    let most = 0;
    let largest = 0;
    for (let k = 0; k < model.m; k++) {
      if (k === but) continue;
      const weight = Math.max(1, (model.distance2(k, centre) / (radius * radius)) ** 2);
      const denominator = weight * exchange.denominator(k);
      if (denominator > most) [t, most] = [k, denominator];
      largest = Math.max(largest, weight * exchange.lagrange[k] ** 2);
    }
    return most > 0.5 * largest ? t : -1;
  }

  /**
   * Whether the gradient, with the components that bounds block removed, is much longer than that of the model of least
   * second derivative.
   */
  private steeper(model: QuadraticModel): boolean {
    const box = this.room(model);
    const acting = (g: Float64Array) =>
      g.reduce((sum, v, i) => sum + (box.low[i] >= 0 && v > 0 ? 0 : box.high[i] <= 0 && v < 0 ? 0 : v * v), 0);
    return acting(model.gradient()) >= 10 * acting(model.leastGradient());
  }
}

const CONVERGED: Stop = { status: 'converged', message: 'The trust region has shrunk to its final radius.' };

const norm = (d: Float64Array): number => Math.sqrt(d.reduce((sum, v) => sum + v * v, 0));
