import type { Random } from '@southwell/numerics/core';

/** Chooses arms and learns from what they cost. Losses are costs above the least possible one: 0 or more. */
export interface Learner {
  /** @param context Within the declared range; what needs none ignores it. */
  choose(random: Random, context: number): { readonly index: number; readonly probability: number };
  /** What the arm that was chosen last cost. */
  report(index: number, probability: number, loss: number, context: number): void;
  /** Plain data to go on from. */
  state(): unknown;
}

/** One index, drawn with these probabilities. */
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
  // What rounding left over is nobody's.
  while (index > 0 && p[index] === 0) index--;
  return { index, probability: p[index] };
}
