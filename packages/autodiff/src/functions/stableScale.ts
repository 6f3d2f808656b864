import { binary } from '../ops/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

const [larger, smaller] = [binary('max'), binary('min')];

/**
 * x + 1 for x ≥ 0 and 1/(1 − x) below: positive and increasing as the exponential, but growing linearly, so that no class loses the others to
 * rounding (Prieto et al., ICLR 2025). Continuous with its first derivative, which is 1 and 1/(1 − x)².
 */
export const stableScale = (x: Tensor): Tensor =>
  // Not `where`: the derivative of the branch that is not taken would be infinite at 1.
  o.add(larger(x, 0), o.div(1, o.sub(1, smaller(x, 0))));
