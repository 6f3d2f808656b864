import type { Iterate } from '@southwell/numerics/core';
import type { LinearPoint } from './state.ts';

const NOWHERE: LinearPoint = { coef: new Float64Array(0), intercept: 0 };

/** Iterates whose points are not used: the points, of p numbers each, are not created. */
export function* unseen(iterates: Iterable<Iterate<LinearPoint>>): Generator<Iterate<LinearPoint>> {
  for (const iterate of iterates) yield { ...iterate, snapshot: () => NOWHERE };
}
