import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { type AsynchronousMethod, type MethodContext, type Proposals, withRestarts } from './method.ts';

const { exp, power } = elementary;

const BATCH = 32;

/** Random points: uniform between bounds, normal about the start where there are none. The baseline of any method. */
export function* randomSearch({ space, random }: MethodContext): Proposals {
  for (;;) yield Array.from({ length: BATCH }, () => space.sample(random));
}

/** The same points without batches. */
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

export interface SimulatedAnnealingOptions {
  /** First temperature. Default: a third of the range of f at 10 random points. */
  readonly temperature?: number;
  /** Last temperature over the first; it falls geometrically with the budget. Default 1e-8. */
  readonly cooling?: number;
}

export const simulatedAnnealingKeys: OptionKeys<SimulatedAnnealingOptions> = {
  temperature: true,
  cooling: true,
};

/**
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) with normal moves whose size is adapted so that three in ten
 * are accepted. One point at a time.
 */
export function simulatedAnnealing(context: MethodContext, options: SimulatedAnnealingOptions = {}): Proposals {
  knownKeys('simulatedAnnealing', options, simulatedAnnealingKeys);
  return withRestarts(context, function* (start, random): Proposals {
    const { space, budget, restarts } = context;
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
      const y = space.reflect(x.map((v, i) => v + size * space.step[i] * random.normal()));
      const [found] = yield [y];
      const accepted = found <= value || random.uniform() < exp((value - found) / t);
      if (accepted) [x, value] = [y, found];
      size = Math.min(2, Math.max(1e-12, size * exp(0.1 * ((accepted ? 1 : 0) - 0.3))));
    }
    return { status: 'completed', message: 'The temperature has reached its end.' };
  });
}
