import {
  checkOptions,
  fail,
  integerOption,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  Random,
  seedOption,
} from '@southwell/numerics/core';

/** An operator F of a variational inequality: n values to n values, in a new array or always in the same one. */
export type Operator = (z: Float64Array) => Float64Array;

/**
 * The proximal operator of a constraint or a regulariser: argmin over w of g(w) + ‖w − z‖²/(2·step), in a new array. A projection does not
 * depend on the step.
 */
export type Prox = (z: Float64Array, step: number) => Float64Array;

/** A differentiable function g(x, y) to be minimised over x and maximised over y. */
export interface SaddleFunction {
  /** ∇ₓg, dx values. */
  readonly gradX: (x: Float64Array, y: Float64Array) => ArrayLike<number>;
  /** ∇ᵧg, dy values. */
  readonly gradY: (x: Float64Array, y: Float64Array) => ArrayLike<number>;
  readonly dx: number;
  readonly dy: number;
}

const saddleKeys: OptionKeys<SaddleFunction> = { gradX: true, gradY: true, dx: true, dy: true };

/**
 * The operator F(z) = (∇ₓg, −∇ᵧg) of the saddle-point problem minₓ maxᵧ g(x, y) at z = (x, y): monotone if g is convex in x
 * and concave in y, and then zero exactly at saddle points. O(dx + dy) besides the gradients.
 * @throws INVALID_PARAMETER for dimensions that are no whole numbers of at least 1; the operator throws INVALID_SHAPE for
 * a point or a gradient of another length.
 */
export function saddle(g: SaddleFunction): Operator {
  knownKeys('saddle', g, saddleKeys);
  const { gradX, gradY, dx, dy } = g;
  for (const [name, d] of Object.entries({ dx, dy })) {
    if (!Number.isInteger(d) || d < 1)
      fail('INVALID_PARAMETER', `${name} must be a whole number of at least 1, but is ${d}.`);
  }
  return (z) => {
    if (z.length !== dx + dy)
      fail('INVALID_SHAPE', `The point has ${z.length} values, but x and y together ${dx + dy}.`);
    const [x, y] = [z.slice(0, dx), z.slice(dx)];
    const [a, b] = [gradX(x, y), gradY(x, y)];
    if (a.length !== dx) fail('INVALID_SHAPE', `gradX returned ${a.length} values where x has ${dx}.`);
    if (b.length !== dy) fail('INVALID_SHAPE', `gradY returned ${b.length} values where y has ${dy}.`);
    const out = new Float64Array(dx + dy);
    out.set(a);
    for (let j = 0; j < dy; j++) out[dx + j] = -b[j];
    return out;
  };
}

/** The values of an operator as an array of its own. @throws INVALID_SHAPE for another length. */
export function valueAt(F: Operator, z: Float64Array): Float64Array {
  const value = F(z);
  if (value.length !== z.length)
    fail('INVALID_SHAPE', `The operator returned ${value.length} values at a point of ${z.length}.`);
  return new Float64Array(value);
}

export function norm(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

// `plus`, `times` and `isFinitePoint` are loops, which are several times as fast as `map` and `every` on long vectors.

/** a + factor·b, in a new array. */
export function plus(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i] + factor * b[i];
  return out;
}

/** factor·a, in a new array. */
export function times(factor: number, a: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = factor * a[i];
  return out;
}

/** The natural residual z − prox(z − γF(z), γ), divided by γ: F(z) itself without a constraint. */
export function naturalResidual(z: Float64Array, value: Float64Array, prox: Prox | undefined, gamma: number): number {
  return prox ? distance(z, prox(plus(z, -gamma, value), gamma)) / gamma : norm(value);
}

export function isFinitePoint(v: Float64Array): boolean {
  for (let i = 0; i < v.length; i++) if (!Number.isFinite(v[i])) return false;
  return true;
}

/** @throws EMPTY, NON_FINITE. */
export function checkStart(z0: ArrayLike<number>): Float64Array {
  if (z0.length === 0) fail('EMPTY', 'A starting point needs at least one value.');
  const z = Float64Array.from(z0);
  const bad = z.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The starting point has ${z[bad]} in entry ${bad + 1}.`);
  return z;
}

const lipschitzRecords = {
  /** Steps of the power iteration. Default 50. */
  iterations: integerOption({ min: 1 }),
  /** Distance of the points whose values are compared. Default 1e-3·max(1, ‖z‖). */
  radius: numberOption({ min: 0, open: true, finite: true }),
  /** Seed of the first direction. Default 0. */
  seed: seedOption(),
};

/**
 * An estimate of the Lipschitz constant of F near z by power iteration on differences, d ← (F(z + r·d/‖d‖) − F(z))/r: the
 * largest ‖F(a) − F(b)‖/‖a − b‖ that was seen, and so never above the constant for all points. For an affine F whose matrix is
 * normal, such as that of xᵀAy + λ(‖x‖² − ‖y‖²)/2, it tends to the spectral norm. One call of F a step.
 *
 * @param z n values, near which F is compared.
 * @throws EMPTY, NON_FINITE for the point or values of F at it, INVALID_SHAPE, INVALID_PARAMETER.
 */
export function lipschitzEstimate(
  F: Operator,
  z: ArrayLike<number>,
  options: OptionsOf<typeof lipschitzRecords> = {},
): number {
  checkOptions('lipschitzEstimate', lipschitzRecords, options);
  const from = checkStart(z);
  const { iterations = 50, seed = 0, radius = 1e-3 * Math.max(1, norm(from)) } = options;
  const random = new Random(seed);
  const at = valueAt(F, from);
  if (!isFinitePoint(at)) fail('NON_FINITE', 'The operator has values that are not finite at the point.');
  let direction = Float64Array.from(from, () => random.normal());
  let largest = 0;
  for (let k = 0; k < iterations; k++) {
    const size = norm(direction);
    if (!(size > 0)) break;
    const to = plus(from, radius / size, direction);
    const length = distance(to, from);
    const change = plus(valueAt(F, to), -1, at);
    if (!isFinitePoint(change)) break;
    largest = Math.max(largest, norm(change) / length);
    direction = change.map((v) => v / radius);
  }
  return largest;
}
