import type { Random } from '@southwell/numerics/core';
import type { SequentialCode } from 'southwell/distributed-methods';

/**
 * Who straggles in each round of a run, as the code admits: workers are added in a random order while the code admits them, all in
 * every other pattern, which leaves no room for more, and up to a random number in the others.
 */
export function admitted(code: SequentialCode, jobs: number, random: Random, whole: boolean): Uint8Array[] {
  const rounds = code.rounds(jobs);
  const masks: Uint8Array[] = [];
  while (rounds.decoded < jobs) {
    const mask = new Uint8Array(code.n);
    let left = whole ? code.n : random.integer(code.n);
    // Somebody has to be in time, as the cut-off is relative to the first.
    for (const i of random.permutation(code.n)) {
      if (left-- <= 0) break;
      mask[i] = 1;
      if (!mask.includes(0) || !rounds.admits(mask)) mask[i] = 0;
    }
    rounds.end(mask);
    masks.push(mask);
  }
  return masks;
}
