import { checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { type MethodContext, type Proposals, ranking, withRestarts } from '../method.ts';

export const nelderMeadRecords = {
  /** Tolerance on the range of function values of the simplex; both tolerances must be met. Default 1e-12. */
  tolF: numberOption({ min: 0 }),
  /** Tolerance on the size of the simplex, relative to the initial step sizes. Default 1e-8. */
  tolX: numberOption({ min: 0 }),
};

export interface NelderMeadOptions extends OptionsOf<typeof nelderMeadRecords> {}

/**
 * Nelder–Mead simplex method with the adaptive coefficients of Gao and Han (2012), which depend on the number of
 * coordinates. Points beyond bounds are clipped to them. One point at a time, except for the initial simplex and
 * shrinking.
 */
export function nelderMead(context: MethodContext, options: NelderMeadOptions = {}): Proposals {
  checkOptions('nelderMead', nelderMeadRecords, options);
  return withRestarts(context, (start) => descend(context, options, start));
}

function* descend({ space }: MethodContext, options: NelderMeadOptions, start: Float64Array): Proposals {
  const { tolF = 1e-12, tolX = 1e-8 } = options;
  const n = space.dim;
  // For one coordinate the simplex would shrink to a point; the coefficients for two are used.
  const m = Math.max(2, n);
  const [expand, contract, shrink] = [1 + 2 / m, 0.75 - 1 / (2 * m), 1 - 1 / m];
  let corners = Array.from({ length: n + 1 }, (_, k) => {
    const x = start.slice();
    // Towards the farther bound, so that no vertex coincides with another at a bound.
    if (k > 0) {
      const i = k - 1;
      const step = space.integer.includes(i) ? Math.max(1, space.step[i]) : space.step[i];
      x[i] += x[i] + step <= space.upper[i] || space.upper[i] - x[i] >= x[i] - space.lower[i] ? step : -step;
    }
    return space.feasible(x);
  });
  let values = yield corners;
  for (;;) {
    const order = ranking(values);
    corners = Array.from(order, (k) => corners[k]);
    values = Float64Array.from(order, (k) => values[k]);
    let size = 0;
    for (const x of corners)
      for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(x[i] - corners[0][i]) / space.step[i]);
    if (size === 0 || (values[n] - values[0] <= tolF && size <= tolX)) {
      return { status: 'converged', message: 'The simplex has shrunk to a point.' };
    }
    const centre = new Float64Array(n);
    for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) centre[i] += corners[k][i] / n;
    const worst = corners[n];
    const along = (t: number) => space.feasible(centre.map((c, i) => c + t * (c - worst[i])));
    const replace = (x: Float64Array, value: number) => {
      corners[n] = x;
      values[n] = value;
    };
    const reflected = along(1);
    const [fr] = yield [reflected];
    if (fr < values[0]) {
      const expanded = along(expand);
      const [fe] = yield [expanded];
      if (fe < fr) replace(expanded, fe);
      else replace(reflected, fr);
      continue;
    }
    if (fr < values[n - 1]) {
      replace(reflected, fr);
      continue;
    }
    const contracted = along(fr < values[n] ? contract : -contract);
    const [fc] = yield [contracted];
    if (fc < Math.min(fr, values[n]) || (fr < values[n] && fc <= fr)) {
      replace(contracted, fc);
      continue;
    }
    const [best, ...others] = corners;
    const shrunk = others.map((x) => space.feasible(x.map((v, i) => best[i] + shrink * (v - best[i]))));
    const found = yield shrunk;
    corners = [best, ...shrunk];
    values = Float64Array.from([values[0], ...found]);
  }
}
