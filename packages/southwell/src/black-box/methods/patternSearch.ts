import { checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { type MethodContext, type Proposals, withRestarts } from '../method.ts';

export const patternSearchRecords = {
  /** Tolerance on the mesh size, relative to the initial step sizes. Default 1e-10. */
  tolX: numberOption({ min: 0 }),
};

export interface PatternSearchOptions extends OptionsOf<typeof patternSearchRecords> {}

/**
 * Generalised pattern search (Torczon 1997) with the 2n coordinate directions, all polled at once: the best of them is
 * taken and the mesh size doubled, or the mesh size is halved. After a success it first tries the same move again.
 * Points beyond bounds are clipped to them; an integer coordinate never moves by less than 1.
 */
export function patternSearch(context: MethodContext, options: PatternSearchOptions = {}): Proposals {
  checkOptions('patternSearch', patternSearchRecords, options);
  return withRestarts(context, (start) => poll(context, options, start));
}

function* poll({ space }: MethodContext, { tolX = 1e-10 }: PatternSearchOptions, start: Float64Array): Proposals {
  const n = space.dim;
  let x = space.feasible(start);
  let [value] = yield [x];
  const whole = new Set(space.integer);
  let last: Float64Array | undefined;
  for (let mesh = 1; ; ) {
    const trials: Float64Array[] = [];
    const propose = (y: Float64Array) => {
      const t = space.feasible(y);
      if (t.some((v, i) => v !== x[i])) trials.push(t);
    };
    if (last) propose(x.map((v, i) => v + last![i]));
    for (let i = 0; i < n; i++) {
      const step = whole.has(i) ? Math.max(1, Math.round(mesh * space.step[i])) : mesh * space.step[i];
      for (const sign of [1, -1]) {
        const y = x.slice();
        y[i] += sign * step;
        propose(y);
      }
    }
    const values = trials.length > 0 ? yield trials : [];
    let best = -1;
    for (let k = 0; k < trials.length; k++) if (values[k] < (best < 0 ? value : values[best])) best = k;
    if (best >= 0) {
      last = trials[best].map((v, i) => v - x[i]);
      x = trials[best];
      value = values[best];
      mesh = Math.min(1, 2 * mesh);
      continue;
    }
    last = undefined;
    mesh /= 2;
    if (mesh <= tolX || trials.length === 0)
      return { status: 'converged', message: `No point of the mesh of ${tolX} is better.` };
  }
}
