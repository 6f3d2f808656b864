import { type Penalty, stationarity } from '../../penalties/index.ts';

/** A separable penalty as arrays over features, in the scaled coordinates of a {@link Design}. */
export interface ScaledPenalty {
  readonly penalty: Penalty;
  readonly a1: Float64Array;
  readonly a2: Float64Array;
  readonly gamma: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The penalty's threshold for each feature. */
  readonly threshold: Float64Array;
}

export function valueAt(P: ScaledPenalty, j: number, b: number): number {
  return P.penalty.value(b, P.a1[j], P.a2[j], P.gamma[j], P.lower[j], P.upper[j]);
}

/** argmin over b of (b − z)²/(2·step) + g_j(b). */
export function proxAt(P: ScaledPenalty, j: number, z: number, step: number): number {
  return P.penalty.prox(z, step, P.a1[j], P.a2[j], P.gamma[j], P.lower[j], P.upper[j]);
}

/** Distance of `pull` = −∂f/∂b_j to the subdifferential of the penalty at b. */
export function stationarityAt(P: ScaledPenalty, j: number, b: number, pull: number): number {
  return stationarity(P.penalty, b, pull, P.a1[j], P.a2[j], P.gamma[j], P.lower[j], P.upper[j]);
}
