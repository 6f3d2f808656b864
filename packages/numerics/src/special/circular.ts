// The tangent and the inverse trigonometric functions, computed from additions, multiplications, divisions and square
// roots alone: the same bits in every engine, within 3 ulp of the true value, except for the tangent, whose error grows
// near its poles.
import { cos, sin } from './elementary.ts';

/** The tangent; NaN for infinite x. */
export const tan = (x: number): number => sin(x) / cos(x);

// atan ½, atan 1, atan 3/2 and atan ∞ = π/2, each in two parts.
const ATAN_HIGH = [4.6364760900080609e-1, 7.8539816339744828e-1, 9.8279372324732905e-1, 1.5707963267948966];
const ATAN_LOW = [2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17, 6.123233995736766e-17];

/** atan t = t − t³/3 + t⁵/5 − … for |t| ≤ 7/16, as t − t·tail. */
function tail(t: number): number {
  const z = t * t;
  let sum = 0;
  for (let n = 45; n >= 3; n -= 2) sum = z * (1 / n - sum);
  return sum;
}

/** The angle in [−π/2, π/2]. With atan x = atan c + atan((x − c)/(1 + cx)) for c = ½, 1, 3/2, ∞, as in fdlibm. */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (!(size > 7 / 16)) return x === 0 ? x : x - x * tail(x);
  const k = size < 11 / 16 ? 0 : size < 19 / 16 ? 1 : size < 39 / 16 ? 2 : 3;
  const c = (k + 1) / 2;
  const t = k === 3 ? -1 / size : (size - c) / (1 + c * size);
  const angle = ATAN_HIGH[k] - (t * tail(t) - ATAN_LOW[k] - t);
  return x < 0 ? -angle : angle;
}

/** The angle of the point (x, y), in [−π, π]; signed zeros and infinities as in IEEE 754. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const left = x < 0 || Object.is(x, -0);
  // Two infinities have the ratio 1.
  const ratio = Math.abs(x) === Math.abs(y) && x !== 0 ? 1 : y === 0 ? 0 : Math.abs(y / x);
  const angle = atan(ratio);
  const turned = left ? Math.PI - (angle - 2 * ATAN_LOW[3]) : angle;
  return y < 0 || Object.is(y, -0) ? -turned : turned;
}

/** The angle in [−π/2, π/2] whose sine is x; NaN for |x| > 1. */
export const asin = (x: number): number => atan2(x, Math.sqrt((1 - x) * (1 + x)));

/** The angle in [0, π] whose cosine is x; NaN for |x| > 1. */
export const acos = (x: number): number => 2 * atan2(Math.sqrt(1 - x), Math.sqrt(1 + x));
