import { checkOptions, fail, type Iterate, type OptionsOf, otherOption, type Status } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';
import { ending } from './ending.ts';
import { lbfgs } from './lbfgs.ts';
import { dot, type GradientOracle, largest } from './oracle.ts';
import { Orthant } from './orthant.ts';
import { Patience } from './patience.ts';
import { halving } from './search/halving.ts';
import type { Line, Search } from './search/search.ts';
import { strongWolfe } from './search/strongWolfe.ts';

export const descentRecords = {
  /** Search direction. Default {@link lbfgs}. */
  direction: otherOption<DirectionRule>('a direction'),
  /** Line search. Default {@link strongWolfe}; with an L1 penalty {@link halving}. */
  search: otherOption<Search>('a line search'),
  /** Adds Σ λₖ|xₖ|: one λ ≥ 0, or one per variable. Default 0. */
  l1: otherOption<number | Float64Array>('numbers of at least 0'),
};

export interface DescentOptions extends OptionsOf<typeof descentRecords> {}

/**
 * An iterate of a gradient-based method. Its vectors belong to the method and are valid until the next step.
 */
export interface GradientIterate extends Iterate<Float64Array> {
  readonly x: Float64Array;
}

/**
 * Minimises f, optionally with an L1 penalty, with a given search direction and line search. The certificate is the
 * largest entry of the gradient (with a penalty, of the minimum-norm subgradient), relative to that at the initial
 * point. Ends with 'converged' if the gradient is 0, 'stalled' if rounding allows no step or no progress, 'diverged' if
 * the objective or its gradient is not finite, 'unbounded' if the objective is −∞ or decreases without bound.
 * Non-finite trials are rejected by every search except {@link constantStep}. An iterate is a step; an iterate that
 * reports that there is none left to take repeats the last one.
 *
 * O(size) per step besides f and the direction.
 * @throws INVALID_PARAMETER, and NON_FINITE if the initial point is not.
 */
export function* descentIterates(
  f: GradientOracle,
  start: ArrayLike<number>,
  options: DescentOptions = {},
): Generator<GradientIterate> {
  checkOptions('descentIterates', descentRecords, options);
  const path = new Path(f, finiteStart(start), options);
  const patience = new Patience();
  try {
    for (let iteration = 0; ; iteration++) {
      const done = ending(path.value, path.steepness);
      yield path.iterate(iteration, done);
      if (done) return;
      const idle = path.search.descends && patience.exhausted(path.value, path.steepness);
      const stop = idle ? 'stalled' : path.step();
      if (stop) {
        yield path.iterate(iteration, stop);
        return;
      }
    }
  } finally {
    path.direction.free?.();
  }
}

/** a − b. Written as a loop, since `map` with a function is several times slower. */
function difference(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let k = 0; k < a.length; k++) out[k] = a[k] - b[k];
  return out;
}

/**
 * A copy of the initial point.
 * @throws NON_FINITE.
 */
export function finiteStart(start: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(start);
  const bad = x.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The starting point has ${x[bad]} at position ${bad + 1}: it must be finite.`);
  return x;
}

/** The current point, the values known there, and the line that searches evaluate. */
class Path implements Line {
  readonly search: Search;
  readonly direction: Direction;
  /** The objective, and the largest entry of its gradient. */
  value: number;
  steepness = 0;
  slope = 0;
  promised = 0;
  private readonly orthant: Orthant;
  private readonly scale: number;
  private g: Float64Array;
  private gNext: Float64Array;
  private readonly next: Float64Array;
  private readonly pseudo: Float64Array;
  private readonly p: Float64Array;
  private calls = 1;
  private trialValue = 0;
  private last: { readonly first: number; readonly alpha: number } | undefined;

  constructor(
    private readonly f: GradientOracle,
    private readonly x: Float64Array,
    { direction = lbfgs(), search, l1 = 0 }: DescentOptions,
  ) {
    const size = x.length;
    this.orthant = new Orthant(size, l1);
    this.search = search ?? (this.orthant.smooth ? strongWolfe() : halving());
    if (this.search.smooth && !this.orthant.smooth) {
      fail(
        'INVALID_PARAMETER',
        'This line search needs a smooth objective, which an L1 penalty is not: use halving().',
      );
    }
    this.direction = direction(size);
    const make = () => new Float64Array(size);
    [this.g, this.gNext, this.next, this.pseudo, this.p] = [make(), make(), make(), make(), make()];
    this.value = f(x, this.g) + this.orthant.norm(x);
    this.measure();
    this.scale = this.steepness;
  }

  private measure(): void {
    this.orthant.pseudoGradient(this.x, this.g, this.pseudo);
    this.steepness = largest(this.pseudo);
  }

  iterate(iteration: number, done: Status | undefined): GradientIterate {
    const { x, steepness, scale } = this;
    return {
      iteration,
      objective: this.value,
      certificate: { kind: 'gradientNorm', value: steepness, relative: scale === 0 ? 0 : steepness / scale },
      work: { oracleCalls: this.calls },
      done,
      x,
      snapshot: () => x.slice(),
    };
  }

  /** Takes one step, or returns why there is none to take. */
  step(): Status | undefined {
    const { x, next, direction, search } = this;
    this.aim();
    if (search.descends && !(this.slope < 0)) {
      direction.reset();
      this.last = undefined;
      this.aim();
      if (!(this.slope < 0)) return 'stalled';
    }
    const first = this.firstTrial();
    const alpha = search.step(this, first);
    if (alpha === Number.POSITIVE_INFINITY) return 'unbounded';
    if (!(alpha > 0) || next.every((v, k) => v === x[k])) return 'stalled';
    this.last = { first, alpha };
    if (direction.moved) {
      direction.moved(difference(next, x), difference(this.gNext, this.g));
    }
    x.set(next);
    [this.g, this.gNext] = [this.gNext, this.g];
    this.value = this.trialValue;
    this.measure();
    return undefined;
  }

  /** Computes p and its slope from the direction at this point. */
  private aim(): void {
    this.direction.take(this.pseudo);
    const { p } = this;
    const { direction } = this.direction;
    for (let k = 0; k < p.length; k++) p[k] = -direction[k];
    this.orthant.align(p, this.pseudo);
    this.slope = dot(p, this.pseudo);
  }

  private firstTrial(): number {
    const { last, slope, direction } = this;
    if (direction.firstTrial === 'one') return 1;
    // Twice the last length if that was the first trial, so that lengths can grow.
    if (last && direction.firstTrial === 'last') return last.alpha === last.first ? 2 * last.alpha : last.alpha;
    return Math.min(1, 1 / Math.sqrt(-slope));
  }

  evaluate(alpha: number): number {
    const { next, gNext, orthant } = this;
    this.promised = orthant.move(this.x, alpha, this.p, this.pseudo, next);
    this.calls++;
    this.trialValue = this.f(next, gNext) + orthant.norm(next);
    // 0 · v is NaN unless v is finite.
    let sound = 0;
    for (let k = 0; k < gNext.length; k++) sound += 0 * gNext[k];
    if (Number.isNaN(sound) && this.trialValue !== Number.NEGATIVE_INFINITY) this.trialValue = Number.NaN;
    return this.trialValue;
  }

  get slopeThere(): number {
    return dot(this.gNext, this.p);
  }
}
