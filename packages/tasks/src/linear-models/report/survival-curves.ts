import { type AnyModel, LinearModel } from 'southwell/linear-models';
import type { SurvivalTarget } from 'southwell/losses';
import type { Problem } from '../problem.ts';
import type { Curves } from '../result.ts';

/** Maximum number of times on a curve, and of strata. */
const MOST_TIMES = 400;
const MOST_STRATA = 8;

/** Quantiles of sorted values with linear interpolation (R's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * Survival curves at the quartiles of the linear predictor or, with strata, of each stratum at the overall median, with
 * both ends of steps, up to the last known time. Undefined for models other than Cox's.
 */
export function survivalCurves(model: AnyModel, p: Problem): Curves['survival'] {
  if (!(model instanceof LinearModel) || !model.baselineHazard) return undefined;
  const eta = model.decisionFunction(p.design.X, { offset: p.offset }).sort();
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(eta, share));
  const { strata } = p.y as SurvivalTarget;
  const rows = new Map<unknown, number>();
  for (const label of Array.from(strata ?? [])) rows.set(label, (rows.get(label) ?? 0) + 1);
  const sorted = model.baselineHazard.toSorted((a, b) => (rows.get(b.stratum) ?? 0) - (rows.get(a.stratum) ?? 0));
  const drawn = sorted.slice(0, MOST_STRATA);
  const wanted = strata
    ? drawn.map((baseline) => ({ name: String(baseline.stratum), baseline, at: median }))
    : [
        ...(low < median ? [{ name: 'lower quartile', baseline: drawn[0], at: low }] : []),
        { name: 'median', baseline: drawn[0], at: median },
        ...(high > median ? [{ name: 'upper quartile', baseline: drawn[0], at: high }] : []),
      ];
  const events = [...new Set(drawn.flatMap(({ times }) => [...times]))].sort((a, b) => a - b);
  const every = Math.ceil(events.length / MOST_TIMES);
  const last = Math.max(...drawn.map(({ lastTime }) => lastTime));
  const steps = [...new Set([...events.filter((_, k) => k % every === 0), ...drawn.map(({ lastTime }) => lastTime)])]
    .filter((t) => t > 0 && t <= last)
    .sort((a, b) => a - b);
  const lines = wanted.map(({ name, baseline, at }) => {
    let k = 0;
    let share = 1;
    const upTo = (t: number): number => {
      while (k < baseline.times.length && baseline.times[k] <= t) k++;
      return k === 0 ? 1 : Number(Math.exp(-Math.exp(baseline.logCumulative[k - 1] + at)).toPrecision(5));
    };
    share = upTo(0);
    const values: Array<number | null> = [share];
    for (const t of steps) {
      const before = share;
      share = upTo(t);
      values.push(...(t <= baseline.lastTime ? [before, share] : [null, null]));
    }
    return { name, values };
  });
  return { times: [0, ...steps.flatMap((t) => [t, t])], lines, left: sorted.length - drawn.length };
}
