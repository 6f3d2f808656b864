import { fail } from '@southwell/numerics/core';
import { checkedParameters, type Penalty, stationarity } from './penalty.ts';
import type { SeparablePenalty } from './separable.ts';

/** One number for all coordinates, or one per coordinate. */
export type PerCoordinate = number | ArrayLike<number>;

const at = (v: PerCoordinate, j: number): number => (typeof v === 'number' ? v : v[j]);

/** The parameters of a penalty in the form that kernels take, with bounds. Each may differ by coordinate. */
export interface CoordinateParameters {
  readonly a1: PerCoordinate;
  readonly a2: PerCoordinate;
  readonly gamma: PerCoordinate;
  readonly lower: PerCoordinate;
  readonly upper: PerCoordinate;
}

/** A separable penalty that WebAssembly kernels can evaluate without a call into JavaScript per coordinate. */
export interface CoordinatePenalty extends SeparablePenalty {
  readonly penalty: Penalty;
  readonly parameters: CoordinateParameters;
}

/** The penalty of a family with given parameters. The constructors in this folder check their arguments and call it. */
export function coordinatePenalty(
  penalty: Penalty,
  parameters: CoordinateParameters,
  name = penalty.name,
): CoordinatePenalty {
  const { a1, a2, gamma, lower, upper } = parameters;
  const of = (j: number) => [at(a1, j), at(a2, j), at(gamma, j), at(lower, j), at(upper, j)] as const;
  return {
    name,
    convex: penalty.convex,
    penalty,
    parameters,
    value: (j, x) => penalty.value(x, ...of(j)),
    prox: (j, z, step) => penalty.prox(z, step, ...of(j)),
    subdifferentialDistance: (j, x, gradient) => stationarity(penalty, x, -gradient, ...of(j)),
    inSupport: (j, x) =>
      x > at(lower, j) &&
      x < at(upper, j) &&
      (x !== 0 || (penalty.convex && penalty.threshold(at(a1, j), at(gamma, j)) === 0)),
    derivative: (j, x) => penalty.derivative(x, at(a1, j), at(a2, j), at(gamma, j)),
    curvature: (j, x) => penalty.curvature(x, at(a1, j), at(a2, j), at(gamma, j)),
  };
}

/** A penalty with one alpha at the given parameters, in the units of the coordinates. */
export function concavePenalty(
  penalty: Penalty,
  alpha: number,
  parameters: Readonly<Record<string, number | undefined>> = {},
): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  const bounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
  return coordinatePenalty(penalty, { ...penalty.unit(checkedParameters(penalty, parameters), alpha, 1), ...bounds });
}

/** @throws unless every entry of alpha is at least 0 (weights may be +∞, which fixes the coordinate at zero). */
export function checkAlpha(name: string, value: PerCoordinate): void {
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
