import { checkOptions, numberOption, type OptionsOf, type Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { Category } from '../categories.ts';
import { type AsynchronousMethod, type MethodContext, type Proposals, withRestarts } from '../method.ts';

const { exp, power } = elementary;

const BATCH = 32;

/** Random search: uniform between bounds, normal about the start without bounds. A baseline. */
export function* randomSearch({ space, random }: MethodContext): Proposals {
  for (;;) yield Array.from({ length: BATCH }, () => space.sample(random));
}

/** {@link randomSearch} without batches. */
export function asynchronousRandomSearch({ space, random }: MethodContext): AsynchronousMethod {
  let told = 0;
  return {
    propose: () => space.sample(random),
    update: () => void told++,
    get generation() {
      return Math.floor(told / BATCH);
    },
    stop: undefined,
  };
}

export const simulatedAnnealingRecords = {
  /** Initial temperature. Default: a third of the range of f at 10 random points. */
  temperature: numberOption({ min: 0 }),
  /** Ratio of the final to the initial temperature (geometric cooling over the budget). Default 1e-8. */
  cooling: numberOption({ min: 0 }),
};

export interface SimulatedAnnealingOptions extends OptionsOf<typeof simulatedAnnealingRecords> {}

/** The point with another value of a category. */
function otherWord(x: Float64Array, { coordinate, words }: Category, random: Random): Float64Array {
  const y = x.slice();
  y[coordinate] = (x[coordinate] + 1 + random.integer(words.length - 1)) % words.length;
  return y;
}

/**
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) with normal moves whose size is adapted to an acceptance
 * rate of 30 %. A move changes all numeric coordinates, or one category to another value, each coordinate with equal
 * probability. One point at a time.
 */
export function simulatedAnnealing(context: MethodContext, options: SimulatedAnnealingOptions = {}): Proposals {
  checkOptions('simulatedAnnealing', simulatedAnnealingRecords, options);
  return withRestarts(context, function* (start, random): Proposals {
    const { space, budget, restarts } = context;
    const { categories } = space;
    const unordered = new Set(categories.map(({ coordinate }) => coordinate));
    const moved = (from: Float64Array, size: number) =>
      from.map((v, i) => (unordered.has(i) ? v : v + size * space.step[i] * random.normal()));
    const { cooling = 1e-8 } = options;
    let { temperature } = options;
    let x = space.feasible(start);
    let [value] = yield [x];
    if (temperature === undefined) {
      const values = (yield Array.from({ length: 10 }, () => space.sample(random))).filter(Number.isFinite);
      temperature = (Math.max(...values) - Math.min(...values)) / 3;
      if (!(temperature > 0 && Number.isFinite(temperature))) temperature = 1;
    }
    const steps = Math.max(1, Math.floor((budget - 11) / (Number.isFinite(restarts) ? restarts + 1 : 10)));
    let size = 1;
    for (let k = 0; k < steps; k++) {
      const t = temperature * power(cooling, k / steps);
      // One category or all numeric coordinates: the acceptance of categories does not inform the step size.
      const chosen = categories.length > 0 ? categories[random.integer(space.dim)] : undefined;
      const y = chosen ? otherWord(x, chosen, random) : space.reflect(moved(x, size));
      const [found] = yield [y];
      const accepted = found <= value || random.uniform() < exp((value - found) / t);
      if (accepted) [x, value] = [y, found];
      if (chosen) continue;
      size = Math.min(2, Math.max(1e-12, size * exp(0.1 * ((accepted ? 1 : 0) - 0.3))));
    }
    return { status: 'completed', message: 'The final temperature is reached.' };
  });
}
