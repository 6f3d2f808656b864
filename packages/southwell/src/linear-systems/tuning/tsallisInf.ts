import type { Random } from '@southwell/numerics/core';
import { draw, type Learner } from './learner.ts';

/** Where a mean cost counts as none, so that probabilities stay finite. */
const TINY = 1e-12;

/** What {@link TsallisInf} goes on from. */
export interface TsallisInfState {
  readonly losses: readonly number[];
  readonly sum: number;
  readonly rounds: number;
}

/**
 * The best fixed arm, learned from what the arms that were played cost: Tsallis-INF (Zimmert & Seldin 2021) with η = 2/√t and
 * losses in units of their mean (Khodak, Chow, Balcan & Talwalkar 2024). O(arms) a round.
 */
export class TsallisInf implements Learner {
  /** Sums of losses above the least, by importance weights. */
  private readonly losses: Float64Array;
  private sum = 0;
  private rounds = 0;

  constructor(arms: number, state?: TsallisInfState) {
    this.losses = state ? Float64Array.from(state.losses) : new Float64Array(arms);
    if (state) ({ sum: this.sum, rounds: this.rounds } = state);
  }

  choose(random: Random): { readonly index: number; readonly probability: number } {
    return draw(this.probabilities(), random);
  }

  /** Of every arm in the round to come. */
  probabilities(): Float64Array {
    const scale = this.rounds === 0 ? 1 : Math.max(this.sum / this.rounds, TINY);
    return normalised(
      this.losses.map((loss) => loss / scale),
      2 / Math.sqrt(this.rounds + 1),
    );
  }

  report(index: number, probability: number, loss: number): void {
    this.sum += loss;
    this.rounds++;
    this.losses[index] += loss / probability;
  }

  state(): TsallisInfState {
    return { losses: Array.from(this.losses), sum: this.sum, rounds: this.rounds };
  }
}

/**
 * 4(η(kᵢ − x))⁻² with the x < min k at which they sum to 1. The sum is convex and rises with x, so that Newton's steps from
 * above, where the largest alone is 1, fall to the root and never beyond.
 */
export function normalised(k: Float64Array, eta: number): Float64Array {
  const least = k.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  // From min k on, as differences of large numbers lose what is looked for.
  const above = k.map((v) => v - least);
  let x = -2 / eta;
  const p = new Float64Array(k.length);
  for (let step = 0; step < 60; step++) {
    let [sum, slope] = [0, 0];
    for (let i = 0; i < k.length; i++) {
      const root = 2 / (eta * (above[i] - x));
      p[i] = root * root;
      sum += p[i];
      slope += eta * p[i] * root;
    }
    const next = x - (sum - 1) / slope;
    if (!(next < x)) break;
    x = next;
  }
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((v) => v / sum);
}
