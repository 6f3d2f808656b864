import type { PenaltyKernel } from '@southwell/kernels/models';
import { fail, knownKeys } from '@southwell/numerics/core';

/** A parameter of a penalty beside its alpha. */
export interface PenaltyParameter {
  readonly default: number;
  allows(value: number): boolean;
  /** The values it may take, in words that follow its name: `above 2`. */
  readonly range: string;
}

/** The numbers that make one coordinate's penalty of a family: what each means, the family says. */
export interface Coefficients {
  readonly a1: number;
  readonly a2: number;
  readonly gamma: number;
}

/** The Fenchel conjugate of a convex penalty, coordinate by coordinate. */
export interface PenaltyConjugate {
  /** sup over b of u·b − g(b). */
  value(u: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
  /** The largest s ≤ 1 at which the conjugate of s·u is finite. */
  feasibleScale(u: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
  /** Whether g is zero as far as one side goes: dual feasibility is then an equation, which rounding never meets. */
  free(a1: number, a2: number, gamma: number, lower: number, upper: number): boolean;
}

/**
 * A separable penalty, its alpha left open: all that solvers, estimators, error sentences and tests ask of it. One record a
 * file, gathered in index.ts; nothing else tells penalties apart. `value` and `prox` are those of its kernel, whose
 * code stands for it in WebAssembly.
 */
export interface Penalty extends PenaltyKernel {
  /** As `type` of a specification has it. */
  readonly name: string;
  /** As sentences begin with it. */
  readonly title: string;
  readonly parameters: Readonly<Record<string, PenaltyParameter>>;
  readonly convex: boolean;
  /** The slope at 0 is finite, and is `threshold`: a coordinate at zero with less gradient stays, and need not be read. */
  readonly screenable: boolean;
  /** Coefficients may have bounds. */
  readonly bounded: boolean;
  /** g(t·b) is of this family for every t, so that columns of extreme size can be brought to unit size. */
  readonly rescalable: boolean;
  /** g(s·b)/s² is of this family, with a1/s and the same a2 and gamma: targets of extreme size can be brought to unit size. */
  readonly followsTarget: boolean;
  /** It is a1|b| + a2·b²/2 within bounds: Newton's method on a face of constant signs is exact. */
  readonly quadraticFaces: boolean;
  /** At alpha 1 times `factor`, as a function of b̃ where b = t·b̃. */
  unit(parameters: Readonly<Record<string, number>>, factor: number, t: number): Coefficients;
  /** g′(0+) where that is finite, else a size of gradient by which zeros can be ranked; in proportion to a1. */
  threshold(a1: number, gamma: number): number;
  /** g′(b), b ≠ 0. */
  derivative(b: number, a1: number, a2: number, gamma: number): number;
  /** g″(b), b ≠ 0 and off the joints of pieces. */
  curvature(b: number, a1: number, a2: number, gamma: number): number;
  /** Convex penalties have one, and with it duality gaps. */
  readonly conjugate?: PenaltyConjugate;
}

/**
 * The parameters given, checked, with defaults for the others.
 * @throws INVALID_PARAMETER in a sentence.
 */
export function checkedParameters(
  { title, parameters }: Penalty,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number>> {
  const names = Object.keys(parameters).map((name) => [name, true] as const);
  knownKeys(title, given, Object.fromEntries(names));
  const out: Record<string, number> = {};
  for (const [name, { default: usual, allows, range }] of Object.entries(parameters)) {
    const value = (given[name] ?? usual) as number;
    if (!allows(value)) fail('INVALID_PARAMETER', `${title} needs ${name} ${range}, but ${name} is ${value}.`);
    out[name] = value;
  }
  return out;
}

/** Distance of `pull` = −∂f/∂b to the subdifferential of the penalty at b; at a bound the normal cone opens one side. */
export function stationarity(
  penalty: Penalty,
  b: number,
  pull: number,
  a1: number,
  a2: number,
  gamma: number,
  lower: number,
  upper: number,
): number {
  let left: number;
  let right: number;
  if (b === 0) {
    if (!penalty.screenable) return 0; // infinitely steep
    right = penalty.threshold(a1, gamma);
    left = -right;
  } else left = right = penalty.derivative(b, a1, a2, gamma);
  if (b <= lower) left = Number.NEGATIVE_INFINITY;
  if (b >= upper) right = Number.POSITIVE_INFINITY;
  return pull < left ? left - pull : pull > right ? pull - right : 0;
}
