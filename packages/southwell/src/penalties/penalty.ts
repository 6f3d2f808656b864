import type { PenaltyKernel } from '@southwell/kernels/models';
import { fail, knownKeys } from '@southwell/numerics/core';

/** A parameter of a penalty besides alpha. */
export interface PenaltyParameter {
  readonly default: number;
  allows(value: number): boolean;
  /** The permitted values, in words that follow its name: `above 2`. */
  readonly range: string;
}

/** The numbers that define one coordinate's penalty; their meaning depends on the family. */
export interface Coefficients {
  readonly a1: number;
  readonly a2: number;
  readonly gamma: number;
}

/** The Fenchel conjugate of a convex penalty, for one coordinate. */
export interface PenaltyConjugate {
  /** sup over b of u·b − g(b). */
  value(u: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
  /** The largest s ≤ 1 at which the conjugate of s·u is finite. */
  feasibleScale(u: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
  /**
   * Whether g is zero on the whole permitted side of 0: dual feasibility is then an equation, which rounding never
   * satisfies exactly.
   */
  free(a1: number, a2: number, gamma: number, lower: number, upper: number): boolean;
}

/**
 * A separable penalty without its alpha: everything that solvers, estimators, messages and tests need of it. One record
 * per file, collected in index.ts; no other code distinguishes penalties. `value` and `prox` are those of its kernel,
 * whose code identifies it in WebAssembly.
 */
export interface Penalty extends PenaltyKernel {
  /** The value of `type` in a specification. */
  readonly name: string;
  /** The name at the beginning of sentences. */
  readonly title: string;
  readonly parameters: Readonly<Record<string, PenaltyParameter>>;
  readonly convex: boolean;
  /**
   * Whether the slope at 0 is finite and equals `threshold`: a coordinate at zero with a smaller gradient stays there,
   * and can be screened.
   */
  readonly screenable: boolean;
  /** Whether coefficients may have bounds. */
  readonly bounded: boolean;
  /** Whether g(t·b) is in this family for every t, so that columns of extreme scale can be rescaled to unit size. */
  readonly rescalable: boolean;
  /**
   * Whether g(s·b)/s² is in this family, with a1/s and the same a2 and gamma: targets of extreme scale can be rescaled
   * to unit size.
   */
  readonly followsTarget: boolean;
  /** Whether it is a1|b| + a2·b²/2 within bounds: Newton's method on a face of constant signs is then exact. */
  readonly quadraticFaces: boolean;
  /** The coefficients at alpha 1 times `factor`, as a function of b̃ where b = t·b̃. */
  unit(parameters: Readonly<Record<string, number>>, factor: number, t: number): Coefficients;
  /** g′(0+) if that is finite, otherwise a gradient magnitude by which zeros can be ranked; proportional to a1. */
  threshold(a1: number, gamma: number): number;
  /** g′(b), b ≠ 0. */
  derivative(b: number, a1: number, a2: number, gamma: number): number;
  /** g″(b), b ≠ 0 and not at a breakpoint. */
  curvature(b: number, a1: number, a2: number, gamma: number): number;
  /** Present for convex penalties, which then have duality gaps. */
  readonly conjugate?: PenaltyConjugate;
}

/**
 * The given parameters, checked, with defaults for the others.
 * @throws INVALID_PARAMETER.
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

/** Distance of `pull` = −∂f/∂b to the subdifferential of the penalty at b; at a bound this includes the normal cone. */
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
