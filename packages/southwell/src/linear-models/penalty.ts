import { fail, nearestName, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { checkedParameters, type Penalty, type PenaltySpec, penalties } from '../penalties/index.ts';
import type { ScaledPenalty } from './solvers/scaledPenalty.ts';

export const penaltyRecords = {
  /** Factor of alpha for each feature: 0 leaves a feature unpenalised, Infinity excludes it. Default all 1. */
  penaltyFactor: otherOption<ArrayLike<number>>('a number of at least 0 for each column'),
  /** Bounds on coefficients, one for all or one for each, with lower ≤ 0 ≤ upper. Elastic net only. */
  lower: otherOption<number | ArrayLike<number>>('a number of at most 0, or one for each column'),
  /** As `lower`. */
  upper: otherOption<number | ArrayLike<number>>('a number of at least 0, or one for each column'),
};

export interface PenaltyOptions extends OptionsOf<typeof penaltyRecords> {}

/**
 * The penalty with the name in the specification.
 * @throws INVALID_PARAMETER.
 */
export function penaltyOf(spec: PenaltySpec): Penalty {
  const names = Object.keys(penalties);
  if (!Object.hasOwn(penalties, spec.type)) {
    const near = nearestName(String(spec.type), names);
    const hint = near ? `did you mean ${near}?` : `there are ${names.join(', ')}.`;
    fail('INVALID_PARAMETER', `There is no penalty ${String(spec.type)}; ${hint}`);
  }
  return penalties[spec.type];
}

/**
 * Checks the options of a penalty; returns its parameters.
 * @throws INVALID_SHAPE, INVALID_PARAMETER, NOT_SUPPORTED.
 */
export function checkPenalty(
  penalty: Penalty,
  spec: PenaltySpec,
  options: PenaltyOptions,
  p: number,
): Readonly<Record<string, number>> {
  const { type: _, ...given } = spec;
  const parameters = checkedParameters(penalty, given);
  const { penaltyFactor, lower, upper } = options;
  if (penaltyFactor) {
    if (penaltyFactor.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but penaltyFactor has ${penaltyFactor.length} values.`);
    }
    for (let j = 0; j < p; j++) {
      if (!(penaltyFactor[j] >= 0)) {
        fail('INVALID_PARAMETER', `penaltyFactor must be at least 0, but is ${penaltyFactor[j]} for column ${j + 1}.`);
      }
    }
  }
  if (lower === undefined && upper === undefined) return parameters;
  if (!penalty.bounded) {
    const others = Object.values(penalties).filter((other) => other.bounded);
    fail(
      'NOT_SUPPORTED',
      `The penalty ${penalty.name} does not support bounds. Drop the bounds or use ${others.map(({ name }) => name).join(' or ')}.`,
    );
  }
  for (let j = 0; j < p; j++) {
    const lo = pick(lower, j, Number.NEGATIVE_INFINITY);
    const hi = pick(upper, j, Number.POSITIVE_INFINITY);
    if (!(lo <= 0 && hi >= 0)) {
      fail('INVALID_PARAMETER', `Bounds must contain 0, but column ${j + 1} has lower ${lo} and upper ${hi}.`);
    }
  }
  return parameters;
}

const pick = (v: number | ArrayLike<number> | undefined, j: number, fallback: number): number =>
  v === undefined ? fallback : typeof v === 'number' ? v : v[j];

/**
 * The penalty at alpha 1 in scaled coordinates b̃ = b/scale. `units` are the column scales in which the penalty is
 * measured: with standardisation the penalty acts on b̃ (units = scale), otherwise on b (units = 1). `targetScale`
 * divides the target, and hence the coefficients.
 */
export function scaledPenalty(
  penalty: Penalty,
  parameters: Readonly<Record<string, number>>,
  options: PenaltyOptions,
  scale: Float64Array,
  units: Float64Array | undefined,
  targetScale: number,
): ScaledPenalty {
  const p = scale.length;
  const P = blank(penalty, p, {
    gamma: new Float64Array(p),
    lower: new Float64Array(p),
    upper: new Float64Array(p),
  });
  for (let j = 0; j < p; j++) {
    // b in the units of the penalty is t·b̃.
    const t = scale[j] / (units ? units[j] : 1);
    const { a1, a2, gamma } = penalty.unit(parameters, options.penaltyFactor ? options.penaltyFactor[j] : 1, t);
    P.a1[j] = a1;
    P.a2[j] = a2;
    P.gamma[j] = gamma;
    P.lower[j] = pick(options.lower, j, Number.NEGATIVE_INFINITY) / scale[j] / targetScale;
    P.upper[j] = pick(options.upper, j, Number.POSITIVE_INFINITY) / scale[j] / targetScale;
  }
  setThresholds(P);
  return P;
}

const blank = (
  penalty: Penalty,
  p: number,
  shared: Pick<ScaledPenalty, 'gamma' | 'lower' | 'upper'>,
): ScaledPenalty => ({
  penalty,
  a1: new Float64Array(p),
  a2: new Float64Array(p),
  threshold: new Float64Array(p),
  ...shared,
});

function setThresholds({ penalty, a1, gamma, threshold }: ScaledPenalty): void {
  for (let j = 0; j < threshold.length; j++) threshold[j] = penalty.threshold(a1[j], gamma[j]);
}

/** A penalty for {@link setAlpha} to fill; bounds and concavities are shared with the penalty at alpha 1. */
export const atAlpha = ({ penalty, a1, gamma, lower, upper }: ScaledPenalty): ScaledPenalty =>
  blank(penalty, a1.length, { gamma, lower, upper });

/**
 * Sets `out` to the penalty at alpha for a target divided by `targetScale`, given the penalty at alpha 1. In place,
 * since paths have many alphas.
 */
export function setAlpha(out: ScaledPenalty, unit: ScaledPenalty, alpha: number, targetScale: number): void {
  times(unit.a1, alpha / targetScale, out.a1);
  times(unit.a2, alpha, out.a2);
  setThresholds(out);
}

function times(values: Float64Array, alpha: number, to: Float64Array): void {
  for (let j = 0; j < to.length; j++) to[j] = values[j] * alpha;
  // Infinity excludes a feature at any alpha, including 0.
  if (alpha === 0) for (let j = 0; j < to.length; j++) if (Number.isNaN(to[j])) to[j] = values[j];
}

/**
 * A penalty that excludes a column; finite, so that times 0 it is 0: a column may be excluded while a solver still has
 * it in a working set.
 */
const OUT = 1e300;

/** Sets `out` to no penalty on the listed columns, and to one that excludes every other column. */
export function freeOn(out: ScaledPenalty, columns: ArrayLike<number>): void {
  out.a1.fill(OUT);
  out.a2.fill(0);
  for (let k = 0; k < columns.length; k++) out.a1[columns[k]] = 0;
  setThresholds(out);
}
