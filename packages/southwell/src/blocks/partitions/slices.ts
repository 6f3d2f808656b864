import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { BlockProblem } from '../problem.ts';
import type { Partition } from './rule.ts';

/** Sort key of the coordinates: L_i or Σ_j |H_ij|. */
export type SortKey = 'lipschitz' | 'rowSums';

export interface SliceOptions {
  /** Default 'lipschitz'. */
  readonly by?: SortKey;
}

const sliceKeys: OptionKeys<SliceOptions> = { by: true };

/** Consecutive coordinates in index order. */
export function order(): Partition {
  return { name: 'order', blocks: (problem, size) => slices(indices(problem.dim), size) };
}

/** Slices of the coordinates in ascending order of L_i, which groups similar ones. By far the best if the L_i vary. */
export function sort(options: SliceOptions = {}): Partition {
  knownKeys('sort', options, sliceKeys);
  return { name: 'sort', blocks: (problem, size) => slices(sorted(problem, options.by), size) };
}

/** Slices that alternate between the smallest and the largest L_i, so that all blocks are similar. */
export function average(options: SliceOptions = {}): Partition {
  knownKeys('average', options, sliceKeys);
  return {
    name: 'average',
    blocks(problem, size) {
      const ascending = sorted(problem, options.by);
      const p = ascending.length;
      const mixed = new Int32Array(p);
      for (let t = 0; t < p; t++) mixed[t] = t % 2 === 0 ? ascending[t >> 1] : ascending[p - 1 - (t >> 1)];
      return slices(mixed, size);
    },
  };
}

const indices = (p: number): Int32Array => Int32Array.from({ length: p }, (_, i) => i);

function sorted(problem: BlockProblem, by: SortKey = 'lipschitz'): Int32Array {
  if (by === 'rowSums' && !problem.boundRowSums) {
    fail('NOT_SUPPORTED', `The problem "${problem.name}" has no boundRowSums; sort by "lipschitz" instead.`);
  }
  const key = by === 'rowSums' ? problem.boundRowSums!() : problem.coordinateLipschitz;
  return indices(problem.dim).sort((i, j) => key[i] - key[j] || i - j);
}

function slices(coordinates: Int32Array, size: number): Int32Array[] {
  const blocks: Int32Array[] = [];
  for (let at = 0; at < coordinates.length; at += size) blocks.push(coordinates.slice(at, at + size).sort());
  return blocks;
}
