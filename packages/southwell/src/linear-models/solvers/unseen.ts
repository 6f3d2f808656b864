import type { Iterate } from '@southwell/numerics/core';

/** Iterates whose points are not used: instead of points, of p numbers or more each, they have `nowhere`. */
export function* unseen<P>(iterates: Iterable<Iterate<P>>, nowhere: P): Generator<Iterate<P>> {
  for (const iterate of iterates) yield { ...iterate, snapshot: () => nowhere };
}
