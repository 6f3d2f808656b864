import { Random } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { boundedLbfgsIterates, functionsFrom, interiorPointIterates } from 'southwell/constrained';
import { type Method, through } from './lab.ts';
import { Oracle } from './oracle.ts';
import type { Problem } from './problems.ts';

/** What the hybrid is compared with; all take passes by the same rule, that of {@link Oracle}. */

/** The covering direct search alone. */
export const directSearch: Method = (problem, seed) => through(problem, { attack: false, seed });

/** The direct search within the hybrid, which polls n + 1 directions, without attacks. */
export const directSearchWithin: Method = (problem, seed) =>
  through(problem, { attack: (_, x) => new Float64Array(x.length), seed });

/** The hybrid without its covering step. */
export const withoutCovering: Method = (problem, seed) => through(problem, { covering: false, seed });

const sides = ({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }: Problem) =>
  [lower, upper] as const;

const moved = (x: Float64Array, d: ArrayLike<number>, length: number, [lower, upper]: readonly [number, number]) =>
  x.map((v, i) => clamp(v + length * d[i], lower, upper));

/**
 * Attacks alone, by the fast gradient sign method: with 1.1 times the radius, then with the radius itself. The one that
 * is better becomes the radius; without one, it is divided by 1.5, and the method ends below the least one.
 */
export const attacksAlone: Method = function* (problem) {
  const oracle = new Oracle(problem);
  const [least, largest] = problem.radii.attack;
  let x = problem.x0;
  let f = oracle.value(x);
  let radius = problem.radii.first;
  for (;;) {
    yield oracle.at(f, x);
    if (radius < least) return;
    const descent = oracle.gradient(x).map((v) => -Math.sign(v));
    const from = x;
    for (const r of [1.1 * radius, radius].map((r) => clamp(r, least, largest))) {
      const trial = moved(from, descent, r, sides(problem));
      const value = oracle.value(trial);
      if (!(value < f)) continue;
      [x, f, radius] = [trial, value, r];
      break;
    }
    if (x === from) radius /= 1.5;
  }
};

/** A random direction whose largest component is 1. */
function direction(n: number, random: Random): Float64Array {
  const d = Float64Array.from({ length: n }, () => random.normal());
  const largest = d.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return d.map((v) => v / largest);
}

/**
 * Searches along two random directions, of 1.1, 1 and 1/1.1 times the radius, until a point is better; its length
 * becomes the radius. After more than n + 1 failures the radius is divided by 1.3 each time, down to the least one.
 */
export const randomLineSearch: Method = function* (problem, seed) {
  const oracle = new Oracle(problem);
  const random = new Random(seed);
  const [least, largest] = problem.radii.poll;
  const n = problem.x0.length;
  let x = problem.x0;
  let f = oracle.value(x);
  let [radius, failures] = [problem.radii.first, 0];
  while (radius > least) {
    yield oracle.at(f, x);
    const from = x;
    for (const d of [direction(n, random), direction(n, random)]) {
      for (const factor of [1.1, 1, 1 / 1.1]) {
        if (x !== from) break;
        const trial = moved(from, d, factor * radius, sides(problem));
        const value = oracle.value(trial);
        if (value < f) [x, f, radius] = [trial, value, clamp(factor * radius, least, largest)];
      }
    }
    failures = x === from ? failures + 1 : 0;
    if (failures > n + 1) radius = Math.max(least, radius / 1.3);
  }
  yield oracle.at(f, x);
};

/** Share of the expected decrease that a step must have, and step lengths after an accepted and a rejected one. */
const [ARMIJO, LONGER, SHORTER] = [1e-4, 2, 0.5];

/**
 * Projected gradient descent: a step is shortened until the objective falls enough, and begins twice as long as the
 * last one; the first one changes the largest component by the first radius.
 */
export const projectedGradient: Method = function* (problem) {
  const oracle = new Oracle(problem);
  let x = problem.x0;
  let g = oracle.gradient(x);
  let f = oracle.value(x);
  let length = problem.radii.first / Math.max(...g.map(Math.abs), Number.MIN_VALUE);
  yield oracle.at(f, x);
  for (;;) {
    const trial = moved(x, g, -length, sides(problem));
    const fall = g.reduce((sum, v, i) => sum + v * (x[i] - trial[i]), 0);
    if (!(fall > 1e-16 * Math.abs(f))) return;
    const value = oracle.value(trial);
    if (value <= f - ARMIJO * fall) {
      [x, f] = [trial, value];
      g = oracle.gradient(x);
      length *= LONGER;
      yield oracle.at(f, x);
    } else length *= SHORTER;
  }
};

/** The library's L-BFGS-B, with its defaults. */
export const boundedLbfgs: Method = function* (problem) {
  const oracle = new Oracle(problem);
  const n = problem.x0.length;
  const [lower, upper] = sides(problem);
  const functions = functionsFrom({
    variables: n,
    objective: (x) => oracle.value(x),
    gradient: (x) => oracle.gradient(x),
  });
  const program = {
    ...{ functions, start: problem.x0 },
    ...{ lower: new Float64Array(n).fill(lower), upper: new Float64Array(n).fill(upper) },
  };
  for (const { objective, snapshot } of boundedLbfgsIterates(program)) {
    yield oracle.at(objective!, snapshot()!.x);
  }
};

/** x₁x₂ ≤ limit. */
export interface Edge {
  readonly limit: number;
}

/**
 * The library's interior-point method with first derivatives on the objective without a penalty, subject to bounds and
 * x₁x₂ ≤ limit; the values are the least ones of the penalised objective so far, as iterates are not feasible at first.
 */
export const interiorPoint = ({ limit }: Edge): Method =>
  function* (problem) {
    const [oracle, judge] = [new Oracle({ ...problem, constraints: undefined }), new Oracle(problem)];
    const [lower, upper] = sides(problem);
    const functions = functionsFrom({
      variables: 2,
      objective: (x) => oracle.value(x),
      gradient: (x) => oracle.gradient(x),
      constraints: 1,
      constraintValues: ([a, b]) => [a * b],
      jacobian: ([a, b]) => [[b, a]],
    });
    const program = {
      ...{ functions, start: problem.x0, lower: [lower, lower], upper: [upper, upper] },
      ...{ rowLower: [Number.NEGATIVE_INFINITY], rowUpper: [limit] },
    };
    let least = Number.POSITIVE_INFINITY;
    for (const { snapshot } of interiorPointIterates(program)) {
      const { x } = snapshot()!;
      least = Math.min(least, judge.value(x));
      yield oracle.at(least, x);
    }
  };
