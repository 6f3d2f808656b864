import { needTensors } from '../given.ts';
import { misfit } from '../op.ts';
import { bentExponential, bentLine } from '../ops/bends.ts';
import { clip, unary } from '../ops/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/** Checks that an activation is given floating-point numbers. */
function checked(name: string, x: Tensor): void {
  needTensors(name, { x });
  if (x.dtype === 'i32') misfit(name, [x], "it takes f32 or f64, not i32; cast(x, 'f64') converts.");
}

/** x where it is positive, else slope·x. */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => {
  checked('leakyRelu', x);
  return bentLine(x, slope);
};

function bent(name: string, x: Tensor, alpha: number, scale = 1, gain = 1): Tensor {
  checked(name, x);
  return bentExponential(x, alpha, scale, gain);
}

/** x where it is positive, else alpha·(eˣ − 1) (Clevert et al. 2016). */
export const elu = (x: Tensor, alpha = 1): Tensor => bent('elu', x, alpha);

/** x where it is positive, else alpha·(e^(x/alpha) − 1), whose derivative is continuous (Barron 2017). */
export const celu = (x: Tensor, alpha = 1): Tensor => bent('celu', x, alpha, alpha);

/** The scaled {@link elu} that preserves mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu = (x: Tensor): Tensor => bent('selu', x, 1.6732632423543772, 1, 1.0507009873554805);

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
