import type { Random } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { chebyshev } from './chebyshev.ts';
import { draw, type Learner } from './learner.ts';

/** Eigenvalues of a Gram matrix that count as 0, relative to the largest. */
const RANK = 1e-12;

/** State of {@link ChebCb}. */
export interface ChebCbState {
  readonly grams: readonly Float64Array[];
  readonly sums: readonly Float64Array[];
  readonly squares: Float64Array;
  readonly rounds: number;
  readonly largest: number;
  readonly least: number;
  readonly predicted: readonly [number, number, number];
}

/**
 * The best arm for a one-dimensional context: the cost of each arm is regressed on Chebyshev polynomials of the
 * context, and arms are drawn by inverse gaps to the cheapest (Foster & Rakhlin 2020; Khodak, Chow, Balcan & Talwalkar
 * 2024). m terms, O(arms · m²) a round, and m³ for each refitted arm: the one that was played, or all if the range of
 * costs has grown.
 */
export class ChebCb implements Learner {
  private readonly grams: Float64Array[];
  /** Features times losses, in units of losses. */
  private readonly sums: Float64Array[];
  private readonly theta: Float64Array[];
  /** Sums of squared losses in units of losses. */
  private readonly squares: Float64Array;
  /** Residual sum of squares of each arm's fit, in the unit of the box. */
  private readonly left: Float64Array;
  private rounds = 0;
  private largest = 0;
  private least = Number.POSITIVE_INFINITY;
  /** Σŷ², Σŷl and Σl² over the rounds: changes of scale affect only l. */
  private predicted: [number, number, number] = [0, 0, 0];
  private guess = 0;

  constructor(
    private readonly arms: number,
    private readonly range: readonly [number, number],
    private readonly terms: number,
    private readonly leastCost: number,
    state?: ChebCbState,
  ) {
    const each = (size: number, from?: readonly Float64Array[]) =>
      Array.from({ length: arms }, (_, i) => from?.[i].slice() ?? new Float64Array(size));
    this.grams = each(terms * terms, state?.grams);
    this.sums = each(terms, state?.sums);
    this.theta = each(terms);
    this.squares = state?.squares.slice() ?? new Float64Array(arms);
    this.left = new Float64Array(arms);
    if (!state) return;
    ({ rounds: this.rounds, largest: this.largest, least: this.least } = state);
    this.predicted = [...state.predicted];
    for (let i = 0; i < arms; i++) this.refit(i);
  }

  choose(random: Random, context: number): { readonly index: number; readonly probability: number } {
    const chosen = draw(this.probabilities(context), random);
    this.guess = this.value(chosen.index, this.features(context));
    return chosen;
  }

  /** Probability of every arm in the coming round. */
  probabilities(context: number): Float64Array {
    const features = this.features(context);
    const guesses = Float64Array.from({ length: this.arms }, (_, i) => this.value(i, features));
    const best = guesses.indexOf(guesses.reduce((a, b) => Math.min(a, b)));
    const eta = this.eta();
    const p = guesses.map((guess) => 1 / (this.arms + eta * (guess - guesses[best])));
    p[best] = 0;
    p[best] = 1 - p.reduce((a, b) => a + b, 0);
    return p;
  }

  report(index: number, _: number, loss: number, context: number): void {
    const features = this.features(context);
    const gram = this.grams[index];
    for (let a = 0; a < this.terms; a++) {
      for (let b = 0; b < this.terms; b++) gram[a * this.terms + b] += features[a] * features[b];
      this.sums[index][a] += loss * features[a];
    }
    this.squares[index] += loss * loss;
    this.predicted[0] += this.guess * this.guess;
    this.predicted[1] += this.guess * loss;
    this.predicted[2] += loss * loss;
    this.rounds++;
    const cost = loss + this.leastCost;
    const widened = cost > this.largest || cost < this.least;
    this.largest = Math.max(this.largest, cost);
    this.least = Math.min(this.least, cost);
    if (!widened) this.refit(index);
    else for (let i = 0; i < this.arms; i++) this.refit(i);
  }

  /** The expected cost of an arm in this context. */
  expected(index: number, context: number): number {
    return this.leastCost + this.box().scale * this.value(index, this.features(context));
  }

  state(): ChebCbState {
    const { grams, sums, rounds, largest, least, predicted } = this;
    return {
      grams: grams.map((g) => g.slice()),
      sums: sums.map((s) => s.slice()),
      squares: this.squares.slice(),
      ...{ rounds, largest, least, predicted: [...predicted] },
    };
  }

  /** T₀ … of the context, mapped to [−1, 1]. */
  private features(context: number): Float64Array {
    const [a, b] = this.range;
    return chebyshev((2 * (context - a)) / (b - a) - 1, this.terms);
  }

  private value(index: number, features: Float64Array): number {
    let sum = 0;
    for (let j = 0; j < this.terms; j++) sum += this.theta[index][j] * features[j];
    return sum;
  }

  /** The range of costs (b − a)·Lip, the unit of losses, and the bound on coefficients in it. */
  private box(): { readonly spread: number; readonly scale: number; readonly bound: (j: number) => number } {
    const spread = this.rounds === 0 ? 0 : this.largest - this.least;
    const N = 2 + (this.largest > 0 ? 4 * (spread / this.largest) * (1 + elementary.log(this.terms)) : 0);
    const scale = this.largest > 0 ? this.largest * N : 1;
    return { spread, scale, bound: (j) => (j === 0 ? 1 / N : (2 * spread) / (scale * j)) };
  }

  /**
   * Exploitation parameter of inverse gap weighting: from the regret of the predictions so far, that is their squared
   * errors minus those of the fits in hindsight (Foster & Rakhlin 2020, theorem 1), rather than from the errors
   * themselves, which may be mostly noise.
   */
  private eta(): number {
    const { rounds: t, arms: d, terms: m } = this;
    if (t === 0) return 0;
    const { spread, scale } = this.box();
    const [squares, products, losses] = this.predicted;
    const errors = squares - (2 * products) / scale + losses / scale / scale;
    const R = Math.max(0, errors - this.left.reduce((a, b) => a + b, 0));
    const alpha = ((Math.PI + (2 / Math.PI) * elementary.log(2 * m + 1)) * spread) / (2 * scale * (m + 1));
    const error = R + 2 * alpha * alpha * t;
    return error > 0 ? 2 * t * Math.sqrt((d * t) / error) : Number.MAX_VALUE / 1e9;
  }

  /** Minimum-norm least squares on the rounds of an arm; constrained to the box if that is outside. */
  private refit(index: number): void {
    const { terms: m } = this;
    const { scale, bound } = this.box();
    const G = this.grams[index];
    const h = this.sums[index].map((s) => s / scale);
    const theta = this.theta[index];
    theta.fill(0);
    const { values, vectors } = symmetricEigen(G.slice(), m);
    const cut = RANK * values.reduce((a, b) => Math.max(a, b), 0);
    for (let e = 0; e < m; e++) {
      if (!(values[e] > cut)) continue;
      let along = 0;
      for (let j = 0; j < m; j++) along += vectors[j * m + e] * h[j];
      for (let j = 0; j < m; j++) theta[j] += (along / values[e]) * vectors[j * m + e];
    }
    if (theta.some((v, j) => Math.abs(v) > bound(j))) inBox(G, h, theta, bound);
    let left = this.squares[index] / scale / scale;
    for (let a = 0; a < m; a++) {
      let along = -2 * h[a];
      for (let b = 0; b < m; b++) along += G[a * m + b] * theta[b];
      left += theta[a] * along;
    }
    this.left[index] = Math.max(0, left);
  }
}

/** θ ← the minimiser of ½θᵀGθ − hᵀθ with |θⱼ| ≤ boundⱼ, by coordinate descent from θ clipped to the box. */
export function inBox(G: Float64Array, h: Float64Array, theta: Float64Array, bound: (j: number) => number): void {
  const m = h.length;
  for (let j = 0; j < m; j++) theta[j] = Math.max(-bound(j), Math.min(bound(j), theta[j]));
  for (let sweep = 0; sweep < 1000; sweep++) {
    let [moved, size] = [0, 0];
    for (let j = 0; j < m; j++) {
      const curvature = G[j * m + j];
      if (curvature <= 0) continue;
      let gradient = -h[j];
      for (let l = 0; l < m; l++) gradient += G[j * m + l] * theta[l];
      const next = Math.max(-bound(j), Math.min(bound(j), theta[j] - gradient / curvature));
      moved = Math.max(moved, Math.abs(next - theta[j]));
      size = Math.max(size, bound(j));
      theta[j] = next;
    }
    if (moved <= 1e-13 * size) return;
  }
}
