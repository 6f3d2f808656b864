import { descentIterates } from '../../descent.ts';
import { lbfgs } from '../../lbfgs.ts';
import { largest } from '../../oracle.ts';
import type { Surrogate } from './quadratic.ts';

export const innerTitles = {
  armijo: 'steps with backtracking',
  gradient: 'steps of constant length',
  lbfgs: 'L-BFGS',
  exact: 'exact',
} as const;
export type InnerMethod = keyof typeof innerTitles;

/** Armijo backtracking: the factor after a rejected length, the maximum number of trials, and the minimum length. */
export const SHRINK = 0.9;
export const TRIALS = 100;
const SHORTEST = 1e-6;

/** The result of minimising a surrogate. */
interface Lowered {
  readonly decrease: number;
  readonly steepness: number;
}

/** How a surrogate is minimised. */
export interface Lowering {
  readonly inner: InnerMethod;
  readonly steps: number;
  readonly sufficient: number;
  readonly innerTol: number;
  readonly first: number;
  readonly growth: number;
  exact(): void;
}

/** Descends on a surrogate from x, in place; its gradient there is known. */
export function lowerSurrogate(surrogate: Surrogate, x: Float64Array, gradient: Float64Array, o: Lowering): Lowered {
  const ending = (): Lowered => ({ decrease: -surrogate.evaluate(x), steepness: largest(gradient) });
  if (o.inner === 'exact') {
    o.exact();
    return ending();
  }
  if (o.inner === 'lbfgs') {
    for (const it of descentIterates((p, g) => surrogate.evaluate(p, g), x, { direction: lbfgs() })) {
      if (it.done || it.iteration >= o.steps || (it.certificate?.value ?? 0) <= o.innerTol) {
        x.set(it.x);
        return { decrease: -it.objective, steepness: it.certificate?.value ?? 0 };
      }
    }
  }
  let value = 0;
  let length = o.first;
  const before = new Float64Array(x.length);
  for (let step = 0; step < o.steps; step++) {
    if (step > 0) value = surrogate.evaluate(x, gradient);
    if (largest(gradient) <= o.innerTol) break;
    before.set(x);
    const move = (): void => {
      for (let k = 0; k < x.length; k++) x[k] = before[k] - length * gradient[k];
    };
    if (o.inner === 'gradient') {
      move();
      continue;
    }
    const square = gradient.reduce((sum, g) => sum + g * g, 0);
    let found = false;
    for (let trial = 0; trial < TRIALS && length >= SHORTEST; trial++) {
      move();
      if (surrogate.evaluate(x) <= value - o.sufficient * length * square) {
        found = true;
        break;
      }
      length *= SHRINK;
    }
    if (!found) {
      x.set(before);
      break;
    }
    length *= o.growth;
  }
  return ending();
}
