import { PenaltyKind, penaltyDerivative, penaltyValue, proximal } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import type { SeparablePenalty } from './separable.ts';

/** One number for all coordinates or one a coordinate. */
export type PerCoordinate = number | ArrayLike<number>;

const at = (v: PerCoordinate, j: number): number => (typeof v === 'number' ? v : v[j]);

/** What a kernel needs to know of a coordinate penalty. Each entry may differ by coordinate. */
export interface CoordinateParameters {
  readonly kind: PenaltyKind;
  /** L1 strength, or threshold (MCP, SCAD), or strength (L½, L⅔). */
  readonly a1: PerCoordinate;
  /** Ridge strength. */
  readonly a2: PerCoordinate;
  /** Concavity of MCP and SCAD. */
  readonly gamma: PerCoordinate;
  readonly lower: PerCoordinate;
  readonly upper: PerCoordinate;
}

/** A separable penalty that WebAssembly kernels can run without crossing the border a coordinate. */
export interface CoordinatePenalty extends SeparablePenalty {
  readonly parameters: CoordinateParameters;
}

/** Builds the penalty that `parameters` describe. The constructors in this folder check their arguments and call it. */
export function coordinatePenalty(name: string, parameters: CoordinateParameters): CoordinatePenalty {
  const { kind } = parameters;
  const of = (j: number) =>
    [
      at(parameters.a1, j),
      at(parameters.a2, j),
      at(parameters.gamma, j),
      at(parameters.lower, j),
      at(parameters.upper, j),
    ] as const;

  const derivative = (j: number, x: number): number => {
    const [a1, a2, gamma] = of(j);
    return penaltyDerivative(kind, x, a1, a2, gamma);
  };

  return {
    name,
    convex: kind === PenaltyKind.convex,
    parameters,
    value: (j, x) => penaltyValue(kind, x, ...of(j)),
    prox: (j, z, step) => proximal(kind, z, step, ...of(j)),
    subdifferentialDistance(j, x, gradient) {
      const [a1, , , lower, upper] = of(j);
      // ∂g(x) = [left, right]; at a bound the normal cone opens one side.
      let left: number;
      let right: number;
      if (x === 0 && kind > PenaltyKind.scad) return 0; // |b|^q is infinitely steep at 0
      if (x === 0) {
        left = -a1;
        right = a1;
      } else {
        left = derivative(j, x);
        right = left;
      }
      if (x <= lower) left = Number.NEGATIVE_INFINITY;
      if (x >= upper) right = Number.POSITIVE_INFINITY;
      const need = -gradient;
      return need < left ? left - need : need > right ? need - right : 0;
    },
    inSupport(j, x) {
      const [a1, , , lower, upper] = of(j);
      return x > lower && x < upper && (x !== 0 || (kind === PenaltyKind.convex && a1 === 0));
    },
    derivative,
    curvature(j, x) {
      const [a1, a2, gamma] = of(j);
      const size = Math.abs(x);
      switch (kind) {
        case PenaltyKind.convex:
          return a2;
        case PenaltyKind.mcp:
          return size < gamma * a1 ? -1 / gamma : 0;
        case PenaltyKind.scad:
          return size > a1 && size < gamma * a1 ? -1 / (gamma - 1) : 0;
        case PenaltyKind.lHalf:
          return -0.25 * a1 * size ** -1.5;
        default:
          return (-2 / 9) * a1 * size ** (-4 / 3);
      }
    },
  };
}

/** Throws unless every entry of a strength is finite and ≥ 0 (weights may be +∞: the coordinate stays at zero). */
export function checkStrength(name: string, value: PerCoordinate): void {
  const values = typeof value === 'number' ? [value] : value;
  for (let j = 0; j < values.length; j++) {
    if (!(values[j] >= 0)) {
      fail(
        'INVALID_PARAMETER',
        `${name} must be at least 0, but is ${values[j]}${values.length > 1 ? ` at ${j}` : ''}.`,
      );
    }
  }
}
