import { fail, nearestName } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { bbob, type TestFunction } from './bbob/functions.ts';

const { cos, exp } = elementary;
const TURN = 2 * Math.PI;

type Classic = readonly [limit: number, xopt: number, f: (x: Float64Array) => number];

const sum = (x: Float64Array, term: (v: number, i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += term(x[i], i);
  return total;
};

/** Half the width of the box, each coordinate of the optimum, and the function; the minimum of all is 0. */
const classics: Readonly<Record<string, Classic>> = {
  sphere: [5, 0, (x) => sum(x, (v) => v * v)],
  ellipsoid: [5, 0, (x) => sum(x, (v, i) => elementary.power(1e6, i / Math.max(1, x.length - 1)) * v * v)],
  rosenbrock: [5, 1, (x) => sum(x.subarray(1), (v, i) => 100 * (v - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2)],
  rastrigin: [5.12, 0, (x) => sum(x, (v) => v * v + 10 * (1 - cos(TURN * v)))],
  ackley: [
    32,
    0,
    (x) => {
      const n = x.length;
      const waves = sum(x, (v) => cos(TURN * v)) / n;
      return 20 * (1 - exp(-0.2 * Math.sqrt(sum(x, (v) => v * v) / n))) + exp(1) - exp(waves);
    },
  ],
  griewank: [
    600,
    0,
    (x) => {
      let product = 1;
      for (let i = 0; i < x.length; i++) product *= cos(x[i] / Math.sqrt(i + 1));
      return sum(x, (v) => v * v) / 4000 + 1 - product;
    },
  ],
};

/** Names that {@link testFunction} accepts, besides `bbob:1` … `bbob:24`. */
export const testFunctionNames: readonly string[] = Object.keys(classics);

/**
 * A test function by name: `rosenbrock`, or `bbob:8` with an instance.
 * @throws `INVALID_PARAMETER` for other names.
 */
export function testFunction(name: string, dim: number, instance = 1): TestFunction {
  const number = /^bbob:(\d+)$/.exec(name)?.[1];
  if (number !== undefined) return bbob(Number(number), dim, instance);
  const classic = Object.hasOwn(classics, name) ? classics[name] : undefined;
  if (!classic) {
    const near = nearestName(name, testFunctionNames);
    fail(
      'INVALID_PARAMETER',
      `There is no function '${name}'; ${near ? `did you mean '${near}'?` : `there are ${testFunctionNames.join(', ')} and bbob:1 to bbob:24.`}`,
    );
  }
  const [limit, at, f] = classic;
  return { name, dim, lower: -limit, upper: limit, xopt: new Float64Array(dim).fill(at), fopt: 0, f };
}
