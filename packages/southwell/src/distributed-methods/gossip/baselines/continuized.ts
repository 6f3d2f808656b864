import {
  checkOptions,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { graphSpectrum } from '../../graphs/index.ts';
import type { DadaoPoint } from '../problem.ts';
import { checkDual, type DualProblem, Iterates } from './points.ts';

const records = {
  /** The minimum, if it is known: the certificate is the squared distance from it. */
  optimum: otherOption<ArrayLike<number>>('a point'),
  /** Events between iterates. Default: the number of links. */
  interval: integerOption({ min: 1 }),
  /** Default 0. */
  seed: seedOption(),
} as const;

type Settings = OptionsOf<typeof records>;
/** Options of {@link continuized}. */
export interface ContinuizedOptions extends Settings, RunOptions<DadaoPoint, undefined> {}
const keys: OptionKeys<ContinuizedOptions> = { ...runKeys, ...keysOf(records) };

/**
 * The continuized method in the dual (Even, Berthier, Bach, Flammarion, Gaillard, Hendrikx, Massoulié and Taylor, NeurIPS 2021): at random times of each
 * link its two nodes compute a gradient of their conjugates each, and exchange them. Links are used equally often. An iterate is `interval` events, of
 * two gradients and one communication each.
 *
 * @throws INVALID_PARAMETER for a graph that is not connected or has one node, for functions that are not one a node, and invalid options.
 */
export function* continuizedIterates(
  problem: DualProblem,
  options: Settings = {},
): Generator<Iterate<DadaoPoint, undefined>> {
  checkOptions('continuizedIterates', records, options);
  checkDual(problem);
  const { local, graph, mu, L, length: d } = problem;
  const { interval = graph.from.length, seed = 0, optimum } = options;
  const { lambda2, resistances } = graphSpectrum(graph);
  const most = resistances.reduce((a, r) => Math.max(a, r), 0);
  const eta = Math.sqrt((lambda2 * mu) / (most * L));
  const gamma = mu / (2 * most);
  const gammaTilde = Math.sqrt((L * mu) / (2 * lambda2 * most));
  const random = new Random(seed);
  const size = graph.n * d;
  const [y, z, points] = Array.from({ length: 3 }, () => new Float64Array(size));
  const [first, second] = [new Float64Array(d), new Float64Array(d)];
  const since = new Float64Array(graph.n);
  let time = 0;
  const flow = (i: number): void => {
    const e = elementary.exp(-2 * eta * (time - since[i]));
    since[i] = time;
    for (let k = i * d; k < (i + 1) * d; k++) {
      const mean = (y[k] + z[k]) / 2;
      const half = ((y[k] - z[k]) / 2) * e;
      y[k] = mean + half;
      z[k] = mean - half;
    }
  };
  const iterates = new Iterates(d, optimum);
  for (let iteration = 0; ; iteration++) {
    // Flows compose, so that moving all nodes to the present changes nothing but the rounding.
    for (let i = 0; i < graph.n; i++) flow(i);
    local.forEach((client, i) => {
      client.conjugate(y.subarray(i * d, (i + 1) * d), points.subarray(i * d, (i + 1) * d));
    });
    const events = iteration * interval;
    const iterate = iterates.of({ iteration, x: points, time, gradients: 2 * events, communications: events });
    yield iterate;
    if (iterate.done) return;
    for (let event = 0; event < interval; event++) {
      time += random.exponential();
      const link = random.integer(graph.from.length);
      const [i, j] = [graph.from[link], graph.to[link]];
      flow(i);
      flow(j);
      local[i].conjugate(y.subarray(i * d, (i + 1) * d), first);
      local[j].conjugate(y.subarray(j * d, (j + 1) * d), second);
      for (let k = 0; k < d; k++) {
        const difference = first[k] - second[k];
        y[i * d + k] -= gamma * resistances[link] * difference;
        y[j * d + k] += gamma * resistances[link] * difference;
        z[i * d + k] -= gammaTilde * difference;
        z[j * d + k] += gammaTilde * difference;
      }
    }
  }
}

/**
 * Minimises by {@link continuizedIterates}. Without `optimum` there is no certificate: give `maxIter`.
 *
 * @throws INVALID_PARAMETER as {@link continuizedIterates}.
 */
export function continuized(problem: DualProblem, options: ContinuizedOptions = {}): Solution<DadaoPoint, undefined> {
  knownKeys('continuized', options, keys);
  const settings = only<Settings>(options, keysOf(records));
  return run(continuizedIterates(problem, settings), only<RunOptions<DadaoPoint, undefined>>(options, runKeys));
}
