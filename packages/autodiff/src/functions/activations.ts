import { needTensors } from '../given.ts';
import { clip, unary, where } from '../ops/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

const positive = (x: Tensor): Tensor => o.less(0, x);
const expm1 = unary('expm1');

/** x where it is positive, else slope·x. */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => {
  needTensors('leakyRelu', { x });
  return where(positive(x), x, o.mul(x, slope));
};

/** x where it is positive, else alpha·(e^(x/scale) − 1), whose exponential cannot overflow. */
function bent(name: string, x: Tensor, alpha: number, scale = 1): Tensor {
  needTensors(name, { x });
  const above = positive(x);
  const below = where(above, 0, x);
  return where(above, x, o.mul(expm1(scale === 1 ? below : o.div(below, scale)), alpha));
}

/** x where it is positive, else alpha·(eˣ − 1) (Clevert et al. 2016). */
export const elu = (x: Tensor, alpha = 1): Tensor => bent('elu', x, alpha);

/** x where it is positive, else alpha·(e^(x/alpha) − 1), whose derivative is continuous (Barron 2017). */
export const celu = (x: Tensor, alpha = 1): Tensor => bent('celu', x, alpha, alpha);

/** The scaled {@link elu} that preserves mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu = (x: Tensor): Tensor => o.mul(bent('selu', x, 1.6732632423543772), 1.0507009873554805);

/** x/(1 + |x|). */
export const softsign = (x: Tensor): Tensor => {
  needTensors('softsign', { x });
  return o.div(x, o.add(unary('abs')(x), 1));
};

/** x, clipped to [low, high]. */
export const hardtanh = (x: Tensor, low = -1, high = 1): Tensor => {
  needTensors('hardtanh', { x });
  return clip(x, low, high);
};
