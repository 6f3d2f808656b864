import type { Random } from '@southwell/numerics/core';
import { draw, type Learner } from './learner.ts';
import { tsallisWeights } from './tsallisWeights.ts';

/** Lower bound on the mean cost, so that probabilities stay finite. */
const TINY = 1e-12;

/** State of {@link TsallisInf}. */
export interface TsallisInfState {
  readonly losses: readonly number[];
  readonly sum: number;
  readonly rounds: number;
}

/**
 * Learns the best fixed arm from the costs of the arms that were played: Tsallis-INF (Zimmert & Seldin 2021) with η =
 * 2/√t and losses in units of their mean (Khodak, Chow, Balcan & Talwalkar 2024). O(arms) a round.
 */
export class TsallisInf implements Learner {
  /** Importance-weighted sums of losses, relative to the smallest. */
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

  /** Probability of every arm in the coming round. */
  probabilities(): Float64Array {
    const scale = this.rounds === 0 ? 1 : Math.max(this.sum / this.rounds, TINY);
    return tsallisWeights(
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
