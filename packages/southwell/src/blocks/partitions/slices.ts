import { checkOptions, choiceOption, fail, type OptionsOf } from '@southwell/numerics/core';
import type { BlockProblem } from '../problem.ts';
import type { Partition } from './rule.ts';

const sliceRecords = {
  /** Default 'lipschitz'. */
  by: choiceOption({ lipschitz: 'L_i', rowSums: 'Σ_j |H_ij|' }),
};

export interface SliceOptions extends OptionsOf<typeof sliceRecords> {}

/** Sort key of the coordinates: L_i or Σ_j |H_ij|. */
export type SortKey = NonNullable<SliceOptions['by']>;

/** Consecutive coordinates in index order. */
export function order(): Partition {
  return { name: 'order', blocks: (problem, size) => slices(indices(problem.dim), size) };
}

/**
 * Slices of the coordinates in ascending order of L_i, which groups similar ones. By far the best if the L_i vary.
 * @throws INVALID_PARAMETER.
 */
export function sort(options: SliceOptions = {}): Partition {
  checkOptions('sort', sliceRecords, options);
  return { name: 'sort', blocks: (problem, size) => slices(sorted(problem, options.by), size) };
}

/**
 * Slices that alternate between the smallest and the largest L_i, so that all blocks are similar.
 * @throws INVALID_PARAMETER.
 */
export function average(options: SliceOptions = {}): Partition {
  checkOptions('average', sliceRecords, options);
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
