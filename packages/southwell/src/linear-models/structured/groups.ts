import { fail } from '@southwell/numerics/core';
import type { Groups } from '../solvers/groups/passes.ts';

/** A group label for every column (in any order), or the size of contiguous groups. */
export type GroupSpec = number | ArrayLike<number | string>;

/**
 * Columns by group, groups in order of first appearance.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function groupColumns(spec: GroupSpec, p: number): Groups {
  if (typeof spec === 'number') {
    if (!Number.isInteger(spec) || spec < 1) {
      fail('INVALID_PARAMETER', `The size of groups must be a whole number of at least 1, but is ${spec}.`);
    }
    const count = Math.ceil(p / spec);
    return {
      starts: Int32Array.from({ length: count + 1 }, (_, u) => Math.min(u * spec, p)),
      columns: Int32Array.from({ length: p }, (_, j) => j),
    };
  }
  if (spec === undefined || spec.length !== p) {
    fail('INVALID_SHAPE', `X has ${p} columns but groups has ${spec?.length ?? 'no'} labels.`);
  }
  const found = new Map<number | string, number[]>();
  for (let j = 0; j < p; j++) {
    const label = spec[j];
    const list = found.get(label);
    if (list) list.push(j);
    else found.set(label, [j]);
  }
  const lists = [...found.values()];
  const starts = new Int32Array(lists.length + 1);
  lists.forEach((list, u) => {
    starts[u + 1] = starts[u] + list.length;
  });
  return { starts, columns: Int32Array.from(lists.flat()) };
}
