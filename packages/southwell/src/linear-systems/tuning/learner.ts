import type { Random } from '@southwell/numerics/core';

/** Chooses arms and learns from their costs. Losses are costs minus the lower bound: at least 0. */
export interface Learner {
  /** @param context Within the declared range; ignored by learners without contexts. */
  choose(random: Random, context: number): { readonly index: number; readonly probability: number };
  /** Reports the cost of the arm chosen last. */
  report(index: number, probability: number, loss: number, context: number): void;
  /** State as plain data. */
  state(): unknown;
}

/** An index drawn with these probabilities. */
export function draw(p: Float64Array, random: Random): { readonly index: number; readonly probability: number } {
  let left = random.uniform();
  let index = p.length - 1;
  for (let i = 0; i < p.length; i++) {
    left -= p[i];
    if (left < 0) {
      index = i;
      break;
    }
  }
  // Rounding errors leave no probability to assign.
  while (index > 0 && p[index] === 0) index--;
  return { index, probability: p[index] };
}
