import { PenaltyKind } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import type { ScaledPenalty } from './solvers/scaledPenalty.ts';

/**
 * A separable penalty by name, its strength (alpha) left open. `elastic-net` with l1Ratio 1 is the lasso, with 0 ridge.
 * Formulas in packages/southwell/src/penalties.
 */
export type PenaltySpec =
  | { readonly type: 'elastic-net'; readonly l1Ratio?: number }
  | { readonly type: 'mcp'; readonly gamma?: number }
  | { readonly type: 'scad'; readonly gamma?: number }
  | { readonly type: 'l1/2' }
  | { readonly type: 'l2/3' };

export interface PenaltyOptions {
  /** Multiplies alpha, feature by feature: 0 leaves a feature unpenalised, Infinity keeps it out. Default all 1. */
  readonly penaltyFactor?: ArrayLike<number>;
  /** Bounds on coefficients, one for all or one each, with lower ≤ 0 ≤ upper. Convex penalties only. */
  readonly lower?: number | ArrayLike<number>;
  readonly upper?: number | ArrayLike<number>;
}

const KINDS = {
  'elastic-net': PenaltyKind.convex,
  mcp: PenaltyKind.mcp,
  scad: PenaltyKind.scad,
  'l1/2': PenaltyKind.lHalf,
  'l2/3': PenaltyKind.lTwoThirds,
} as const;

/** Checks a penalty at the door. */
export function checkPenalty(spec: PenaltySpec, options: PenaltyOptions, p: number): void {
  if (!(spec.type in KINDS)) {
    fail('INVALID_PARAMETER', `There is no penalty ${String(spec.type)}; there are ${Object.keys(KINDS).join(', ')}.`);
  }
  const { l1Ratio, gamma } = parameters(spec);
  if (spec.type === 'elastic-net' && !(l1Ratio >= 0 && l1Ratio <= 1)) {
    fail('INVALID_PARAMETER', `l1Ratio must be between 0 (ridge) and 1 (lasso), but is ${l1Ratio}.`);
  }
  if (spec.type === 'mcp' && !(gamma > 0)) fail('INVALID_PARAMETER', `MCP needs gamma above 0, but gamma is ${gamma}.`);
  if (spec.type === 'scad' && !(gamma > 2))
    fail('INVALID_PARAMETER', `SCAD needs gamma above 2, but gamma is ${gamma}.`);
  const { penaltyFactor, lower, upper } = options;
  if (penaltyFactor) {
    if (penaltyFactor.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but penaltyFactor has ${penaltyFactor.length} values.`);
    }
    for (let j = 0; j < p; j++) {
      if (!(penaltyFactor[j] >= 0)) {
        fail('INVALID_PARAMETER', `penaltyFactor must be at least 0, but is ${penaltyFactor[j]} for column ${j}.`);
      }
    }
  }
  if (lower === undefined && upper === undefined) return;
  if (spec.type !== 'elastic-net') {
    fail(
      'NOT_SUPPORTED',
      `Bounds go with the convex penalties; ${spec.type} has none. Drop the bounds or use elastic-net.`,
    );
  }
  for (let j = 0; j < p; j++) {
    const lo = pick(lower, j, Number.NEGATIVE_INFINITY);
    const hi = pick(upper, j, Number.POSITIVE_INFINITY);
    if (!(lo <= 0 && hi >= 0)) {
      fail('INVALID_PARAMETER', `Bounds must contain 0, but column ${j} has lower ${lo} and upper ${hi}.`);
    }
  }
}

const pick = (v: number | ArrayLike<number> | undefined, j: number, fallback: number): number =>
  v === undefined ? fallback : typeof v === 'number' ? v : v[j];

function parameters(spec: PenaltySpec): { l1Ratio: number; gamma: number } {
  return {
    l1Ratio: spec.type === 'elastic-net' ? (spec.l1Ratio ?? 1) : 1,
    gamma: spec.type === 'mcp' ? (spec.gamma ?? 3) : spec.type === 'scad' ? (spec.gamma ?? 3.7) : 0,
  };
}

/**
 * The penalty at strength 1 in scaled coordinates b̃ = b/scale, where `units` are the column scales by which the
 * penalty itself is measured: for standardisation the penalty acts on b̃ (units = scale), otherwise on b (units = 1).
 */
export function scaledPenalty(
  spec: PenaltySpec,
  options: PenaltyOptions,
  scale: Float64Array,
  units: Float64Array | undefined,
): ScaledPenalty {
  const p = scale.length;
  const kind = KINDS[spec.type];
  const { l1Ratio, gamma } = parameters(spec);
  const q = spec.type === 'l1/2' ? 0.5 : spec.type === 'l2/3' ? 2 / 3 : 1;
  const P = {
    kind,
    a1: new Float64Array(p),
    a2: new Float64Array(p),
    gamma: new Float64Array(p),
    lower: new Float64Array(p),
    upper: new Float64Array(p),
  };
  for (let j = 0; j < p; j++) {
    // b in the units of the penalty is t·b̃.
    const t = scale[j] / (units ? units[j] : 1);
    const factor = options.penaltyFactor ? options.penaltyFactor[j] : 1;
    P.a1[j] = l1Ratio === 0 ? 0 : factor * l1Ratio * t ** q;
    P.a2[j] = l1Ratio === 1 ? 0 : factor * (1 - l1Ratio) * t * t;
    // A feature kept out by an infinite factor needs an infinite threshold whatever the l1Ratio.
    if (factor === Number.POSITIVE_INFINITY) {
      P.a1[j] = Number.POSITIVE_INFINITY;
      P.a2[j] = 0;
    }
    P.gamma[j] = gamma / (kind === PenaltyKind.mcp ? t * t : 1);
    P.lower[j] = pick(options.lower, j, Number.NEGATIVE_INFINITY) / scale[j];
    P.upper[j] = pick(options.upper, j, Number.POSITIVE_INFINITY) / scale[j];
  }
  return P;
}

/** A penalty for {@link setStrength} to fill; bounds and concavities are shared with that at strength 1. */
export const strengthOf = (unit: ScaledPenalty): ScaledPenalty => ({
  ...unit,
  a1: new Float64Array(unit.a1.length),
  a2: new Float64Array(unit.a2.length),
});

/** Makes `out` the penalty at strength alpha, from that at strength 1: in place, since paths have many strengths. */
export function setStrength(out: ScaledPenalty, unit: ScaledPenalty, alpha: number): void {
  const times = (values: Float64Array, to: Float64Array): void => {
    for (let j = 0; j < to.length; j++) to[j] = values[j] * alpha;
    // Infinity keeps a feature out at any strength, 0 included.
    if (alpha === 0) for (let j = 0; j < to.length; j++) if (Number.isNaN(to[j])) to[j] = values[j];
  };
  times(unit.a1, out.a1);
  times(unit.a2, out.a2);
}

/** The share of alpha that can hold a feature at zero. */
export function thresholdRatio(spec: PenaltySpec): number {
  return parameters(spec).l1Ratio;
}
