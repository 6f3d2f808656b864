import type { Random } from '../core/index.ts';
import { type MethodContext, type Proposals, withRestarts } from './method.ts';

export interface DifferentialEvolutionOptions {
  /** Default 15 n, at least 5. */
  readonly population?: number;
  /** Range of the factor of the difference, drawn anew each generation. Default [0.5, 1]. */
  readonly mutation?: readonly [number, number];
  /** Probability that a coordinate comes from the mutant. Default 0.7. */
  readonly crossover?: number;
  /** What is perturbed: the best member (default) or a random one. */
  readonly base?: 'best' | 'random';
  /** Ends when the values of the population differ by at most this times the largest of them. Default 1e-10. */
  readonly tolerance?: number;
}

/**
 * Differential evolution, best/1/bin or rand/1/bin with dither (Storn and Price 1997), a generation at a time: with the
 * defaults what SciPy's differential_evolution does with updating='deferred', from a Latin hypercube. O(n) a point.
 */
export const differentialEvolution = (context: MethodContext, options: DifferentialEvolutionOptions = {}): Proposals =>
  withRestarts(context, (_, random) => evolve(context, options, random));

function* evolve(context: MethodContext, options: DifferentialEvolutionOptions, random: Random): Proposals {
  const { space } = context;
  const n = space.dim;
  const { mutation = [0.5, 1], crossover = 0.7, base = 'best', tolerance = 1e-10 } = options;
  const N = Math.max(5, options.population ?? 15 * n);
  let members: readonly Float64Array[] = latinHypercube(context, random, N);
  const values = yield members;
  let kept = members.slice();
  for (;;) {
    let best = 0;
    let high = values[0];
    for (let i = 1; i < N; i++) {
      if (values[i] < values[best]) best = i;
      high = Math.max(high, values[i]);
    }
    const range = high - values[best];
    if (Number.isFinite(range) && range <= tolerance * Math.max(Math.abs(high), Math.abs(values[best]))) {
      return { status: 'converged', message: `The values of the population differ by ${tolerance} of their size.` };
    }
    const factor = mutation[0] + (mutation[1] - mutation[0]) * random.uniform();
    members = kept.map((x, i) => {
      const picked: number[] = [];
      while (picked.length < 3) {
        const k = random.integer(N);
        if (k !== i && !picked.includes(k)) picked.push(k);
      }
      const [a, b, c] = picked;
      const origin = kept[base === 'best' ? best : c];
      const trial = x.slice();
      const sure = random.integer(n);
      for (let j = 0; j < n; j++) {
        if (j === sure || random.uniform() < crossover) trial[j] = origin[j] + factor * (kept[a][j] - kept[b][j]);
      }
      return space.reflect(trial);
    });
    const found = yield members;
    kept = kept.map((x, i) => {
      if (!(found[i] <= values[i])) return x;
      values[i] = found[i];
      return members[i];
    });
  }
}

/** One point in each of N slices of every coordinate; normal about the start where there are no bounds. */
function latinHypercube({ space }: MethodContext, random: Random, N: number): Float64Array[] {
  const points = Array.from({ length: N }, () => space.sample(random));
  for (let j = 0; j < space.dim; j++) {
    const width = space.upper[j] - space.lower[j];
    if (!Number.isFinite(width)) continue;
    random.permutation(N).forEach((slice, i) => {
      points[i][j] = space.lower[j] + (width * (slice + random.uniform())) / N;
    });
  }
  return points;
}
