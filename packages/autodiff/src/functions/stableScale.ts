import { needTensors } from '../given.ts';
import { binary } from '../ops/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

const [larger, smaller] = [binary('max'), binary('min')];

/**
 * x + 1 for x ≥ 0 and 1/(1 − x) below: positive and increasing like the exponential, but growing only linearly, so that
 * no class is lost to rounding (Prieto et al., ICLR 2025). Continuously differentiable, with derivative 1 and 1/(1 −
 * x)².
 */
export function stableScale(x: Tensor): Tensor {
  needTensors('stableScale', { x });
  // `where` is not used, because the derivative of the unselected branch would be infinite at 1.
  return o.add(larger(x, 0), o.div(1, o.sub(1, smaller(x, 0))));
}
