import { checkOptions, choiceOption, fail, integerOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';

/**
 * A differentiable map from n inputs to m outputs, such as a trained network. Results may be overwritten by the next
 * call.
 */
export interface Network {
  /** Φ(x), m numbers. */
  value(x: Float64Array): ArrayLike<number>;
  /** J(x)ᵀu for u of m numbers, n numbers. */
  vjp(x: Float64Array, u: Float64Array): ArrayLike<number>;
}

export const attackRecords = {
  /** One step along the signs of the gradient, or several projected ones. Default 'fgsm'. */
  method: choiceOption({ fgsm: 'fast gradient sign method', pgd: 'projected gradient steps' }),
  /** Number of steps of 'pgd', each of 2.5·radius/steps. Default 10. */
  steps: integerOption({ min: 1 }),
  /** Bounds of x + d, one for all coordinates or one for each. Default: none. */
  lower: otherOption<number | ArrayLike<number>>('a number, or one for each coordinate'),
  upper: otherOption<number | ArrayLike<number>>('a number, or one for each coordinate'),
};

export interface AttackOptions extends OptionsOf<typeof attackRecords> {}

/**
 * A function in place of {@link attack}: a displacement d with |dᵢ| ≤ radius that increases the outputs along
 * `direction`; x + d need not be within the bounds, to which it is clipped. In a problem with constraints, their positive
 * parts are further outputs of the network, and the direction has a component for each.
 */
export type Attack = (network: Network, x: Float64Array, direction: Float64Array, radius: number) => ArrayLike<number>;

/**
 * A displacement d, |dᵢ| ≤ radius, that increases ⟨direction, Φ(x + d)⟩: an adversarial attack towards a direction of
 * the outputs. `fgsm` (Goodfellow et al. 2015) is radius·sign(Jᵀu), exact where Φ is affine, for one call of `vjp`.
 * `pgd` (Madry et al. 2018) takes steps along the signs, each followed by projection, without a random start, and
 * returns the best of its points by their values, for up to `steps` calls of `vjp` and `steps` + 1 of `value`. All
 * zeros where the gradient is zero or not finite, and for `pgd` where no point is better than x.
 * @throws INVALID_PARAMETER for a radius that is not above 0; INVALID_SHAPE for results and bounds of wrong lengths.
 */
export function attack(
  network: Network,
  x: ArrayLike<number>,
  direction: ArrayLike<number>,
  radius: number,
  options: AttackOptions = {},
): Float64Array {
  checkOptions('attack', attackRecords, options);
  if (!(radius > 0 && radius < Number.POSITIVE_INFINITY))
    fail('INVALID_PARAMETER', `The radius of an attack must be above 0 and finite, but is ${radius}.`);
  const { method = 'fgsm', steps = 10, lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = options;
  const [from, u] = [Float64Array.from(x), Float64Array.from(direction)];
  const n = from.length;
  const [low, high] = [listOf('lower', lower, n), listOf('upper', upper, n)];
  /** d + length·sign(J(x + d)ᵀu), projected onto the ball and the box. */
  const stepFrom = (d: Float64Array, length: number): Float64Array => {
    const gradient = network.vjp(shifted(from, d), u.slice());
    if (gradient.length !== n)
      fail('INVALID_SHAPE', `vjp returned ${gradient.length} numbers for ${n} inputs of the network.`);
    return d.map((v, i) => {
      const slope = Number.isFinite(gradient[i]) ? Math.sign(gradient[i]) : 0;
      if (slope === 0) return v;
      return clamp(clamp(v + length * slope, -radius, radius), low[i] - from[i], high[i] - from[i]);
    });
  };
  const start = new Float64Array(n);
  if (method === 'fgsm') return stepFrom(start, radius);
  const gain = (d: Float64Array) => {
    const y = network.value(shifted(from, d));
    if (y.length !== u.length)
      fail('INVALID_SHAPE', `The network has ${y.length} outputs, but the direction ${u.length} numbers.`);
    return u.reduce((s, v, k) => (v === 0 ? s : s + v * y[k]), 0);
  };
  let best: Float64Array = start;
  let most = gain(start);
  for (let k = 0, d = best; k < steps; k++) {
    const next = stepFrom(d, (2.5 * radius) / steps);
    if (next.every((v, i) => v === d[i])) break;
    const value = gain(next);
    if (value > most) [best, most] = [next, value];
    d = next;
  }
  return best.slice();
}

const shifted = (x: Float64Array, d: Float64Array): Float64Array => x.map((v, i) => v + d[i]);

/** @throws INVALID_SHAPE. */
function listOf(name: string, bound: number | ArrayLike<number>, n: number): Float64Array {
  if (typeof bound === 'number') return new Float64Array(n).fill(bound);
  if (bound.length !== n) fail('INVALID_SHAPE', `${name} has ${bound.length} numbers for ${n} coordinates.`);
  return Float64Array.from(bound);
}
