import {
  checkOptions,
  choiceOption,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
  type Random,
} from '@southwell/numerics/core';
import {
  type AsynchronousMethod,
  begun,
  type MethodContext,
  type Proposals,
  type Stop,
  successive,
  withRestarts,
} from '../method.ts';

export const differentialEvolutionRecords = {
  /** Population size. Default 15 n, at least 5 and at least 5 per category. */
  population: limitOption(1),
  /** Range of the differential weight F, resampled each generation (dither). Default [0.5, 1]. */
  mutation: otherOption<readonly [number, number]>('a range of weights'),
  /** Crossover probability. Default 0.7. */
  crossover: numberOption({ min: 0, max: 1 }),
  /** Base vector of the mutation: the best member (default) or a random one. */
  base: choiceOption({ best: 'the best member', random: 'a random member' }),
  /** Relative tolerance on the range of the population's values. Default 1e-10. */
  tolerance: numberOption({ min: 0 }),
};

export interface DifferentialEvolutionOptions extends OptionsOf<typeof differentialEvolutionRecords> {}

/**
 * Differential evolution, best/1/bin or rand/1/bin with dither (Storn and Price 1997), one generation at a time: with
 * the defaults the same as SciPy's differential_evolution with updating='deferred', from a Latin hypercube. O(n) a
 * point. Categories have no difference: a mutant takes the category of its base where both members of the difference
 * agree, otherwise that of any of the three; with probability 1/n a coordinate takes a random category, as in genetic
 * algorithms, since a category that every member has lost could not return.
 */
export function differentialEvolution(context: MethodContext, options: DifferentialEvolutionOptions = {}): Proposals {
  checkOptions('differentialEvolution', differentialEvolutionRecords, options);
  return withRestarts(context, function* (_, random): Proposals {
    const population = new Population(context, options, random);
    let trials: readonly Float64Array[] = population.members.slice();
    for (;;) {
      const values = yield trials;
      trials.forEach((x, i) => void population.compete(i, x, values[i]));
      const stop = population.survey();
      if (stop) return stop;
      population.dither();
      trials = trials.map((_, i) => population.trial(i));
    }
  });
}

/**
 * Steady-state differential evolution: trials are made for each member in turn from the present population, and a value
 * that arrives competes with its member immediately. A trial of a member whose first value is still outstanding takes
 * its place if it arrives first, and the better of the two is kept. O(n) a point, and O(N) every N values.
 */
export const asynchronousDifferentialEvolution = (
  context: MethodContext,
  options: DifferentialEvolutionOptions = {},
): AsynchronousMethod =>
  successive(
    begun(context, (_, random) => {
      const population = new Population(context, options, random);
      const N = population.members.length;
      const first = population.members.slice();
      const underWay = new Map<Float64Array, number>();
      let [proposed, told] = [0, 0];
      let stop: Stop | undefined;
      return {
        propose() {
          const i = proposed++ % N;
          if (i === 0) population.dither();
          const x = proposed <= N ? first[i] : population.trial(i);
          underWay.set(x, i);
          return x;
        },
        update(x, value) {
          const i = underWay.get(x);
          if (i === undefined) return;
          underWay.delete(x);
          population.compete(i, x, value);
          if (++told % N === 0) stop = population.survey();
        },
        get generation() {
          return Math.floor(told / N);
        },
        get stop() {
          return stop;
        },
      };
    }),
  );

/** The members with their values, +∞ for those without a value yet. */
class Population {
  readonly members: Float64Array[];
  private readonly values: Float64Array;
  /** Number of categories, by coordinate. */
  private readonly sizes: ReadonlyMap<number, number>;
  private best = 0;
  private factor = 0;

  constructor(
    private readonly context: MethodContext,
    private readonly options: DifferentialEvolutionOptions,
    private readonly random: Random,
  ) {
    const { dim, categories } = context.space;
    this.sizes = new Map(categories.map(({ coordinate, words }) => [coordinate, words.length]));
    const N = Math.max(5, options.population ?? Math.max(15 * dim, 5 * Math.max(0, ...this.sizes.values())));
    this.members = latinHypercube(context, random, N, this.sizes);
    this.values = new Float64Array(N).fill(Number.POSITIVE_INFINITY);
  }

  /** A trial replaces member i unless it is worse. */
  compete(i: number, trial: Float64Array, value: number): void {
    if (!(value <= this.values[i])) return;
    this.members[i] = trial;
    this.values[i] = value;
    if (value < this.values[this.best]) this.best = i;
  }

  /** Finds the best member, and whether the population has converged. O(N). */
  survey(): Stop | undefined {
    const { values } = this;
    const { tolerance = 1e-10 } = this.options;
    let best = 0;
    let high = values[0];
    for (let i = 1; i < values.length; i++) {
      if (values[i] < values[best]) best = i;
      high = Math.max(high, values[i]);
    }
    this.best = best;
    const range = high - values[best];
    if (Number.isFinite(range) && range <= tolerance * Math.max(Math.abs(high), Math.abs(values[best]))) {
      return {
        status: 'converged',
        message: `The values of the population differ by at most ${tolerance}, relatively.`,
      };
    }
    return undefined;
  }

  /** Draws the differential weight. */
  dither(): void {
    const { mutation = [0.5, 1] } = this.options;
    this.factor = mutation[0] + (mutation[1] - mutation[0]) * this.random.uniform();
  }

  /** A trial vector for member i. */
  trial(i: number): Float64Array {
    const { members, random, factor } = this;
    const { crossover = 0.7, base = 'best' } = this.options;
    const n = this.context.space.dim;
    const picked: number[] = [];
    while (picked.length < 3) {
      const k = random.integer(members.length);
      if (k !== i && !picked.includes(k)) picked.push(k);
    }
    const [a, b, c] = picked;
    const origin = members[base === 'best' ? this.best : c];
    const trial = members[i].slice();
    const sure = random.integer(n);
    for (let j = 0; j < n; j++) {
      if (!(j === sure || random.uniform() < crossover)) continue;
      const [first, second] = [members[a][j], members[b][j]];
      if (!this.sizes.has(j)) trial[j] = origin[j] + factor * (first - second);
      else if (random.uniform() * n < 1) trial[j] = random.integer(this.sizes.get(j)!);
      else trial[j] = first === second ? origin[j] : [origin[j], first, second][random.integer(3)];
    }
    return this.context.space.reflect(trial);
  }
}
/**
 * A Latin hypercube: one point in each of N intervals of every coordinate, every category equally often; normal about
 * the start in unbounded coordinates.
 */
function latinHypercube(
  { space }: MethodContext,
  random: Random,
  N: number,
  sizes: ReadonlyMap<number, number>,
): Float64Array[] {
  const points = Array.from({ length: N }, () => space.sample(random));
  for (let j = 0; j < space.dim; j++) {
    const size = sizes.get(j);
    if (size !== undefined) {
      random.permutation(N).forEach((slice, i) => {
        points[i][j] = Math.floor((slice * size) / N);
      });
      continue;
    }
    const width = space.upper[j] - space.lower[j];
    if (!Number.isFinite(width)) continue;
    random.permutation(N).forEach((slice, i) => {
      points[i][j] = space.lower[j] + (width * (slice + random.uniform())) / N;
    });
  }
  return points;
}
