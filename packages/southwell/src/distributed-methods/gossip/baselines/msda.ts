import {
  checkOptions,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { type Graph, graphSpectrum } from '../../graphs/index.ts';
import type { DadaoPoint } from '../problem.ts';
import { checkDual, type DualProblem, Iterates, laplacianTimes } from './points.ts';

const records = {
  /** The minimum, if it is known: the certificate is the squared distance from it. */
  optimum: otherOption<ArrayLike<number>>('a point'),
} as const;

type Settings = OptionsOf<typeof records>;
/** Options of {@link msda}. */
export interface MsdaOptions extends Settings, RunOptions<DadaoPoint, undefined> {}
const keys: OptionKeys<MsdaOptions> = { ...runKeys, ...keysOf(records) };

/** Exchanges of a round, ⌊√(λ_max / λ₂)⌋, and the eigenvalues. */
export function chebyshevOf(graph: Graph): { exchanges: number; gap: number; lambdaMax: number } {
  const { lambda2, lambdaMax } = graphSpectrum(graph, new Float64Array(graph.from.length).fill(1));
  // All eigenvalues of a complete graph are equal, up to rounding.
  const gap = Math.min(1, lambda2 / lambdaMax);
  return { exchanges: Math.floor(1 / Math.sqrt(gap) + 1e-9), gap, lambdaMax };
}

/** v − T(v) for the Chebyshev polynomial T of gossip with `exchanges` exchanges. */
function accelerated(graph: Graph, d: number): (v: Float64Array, into: Float64Array) => void {
  const { exchanges, gap, lambdaMax } = chebyshevOf(graph);
  const scale = ((1 + gap) * lambdaMax) / 2;
  const product = new Float64Array(graph.n * d);
  if (exchanges < 2) {
    return (v, into) => laplacianTimes(graph, v, d, scale, into);
  }
  const c2 = (1 + gap) / (1 - gap);
  return (v, into) => {
    let [before, now] = [v.slice(), new Float64Array(v.length)];
    let [aBefore, a] = [1, c2];
    laplacianTimes(graph, v, d, scale, product);
    for (let k = 0; k < v.length; k++) now[k] = c2 * (v[k] - product[k]);
    for (let e = 1; e < exchanges; e++) {
      laplacianTimes(graph, now, d, scale, product);
      for (let k = 0; k < v.length; k++) before[k] = 2 * c2 * (now[k] - product[k]) - before[k];
      [before, now] = [now, before];
      [aBefore, a] = [a, 2 * c2 * a - aBefore];
    }
    for (let k = 0; k < v.length; k++) into[k] = v[k] - now[k] / a;
  };
}

/**
 * MSDA (Scaman, Bach, Bubeck, Lee and Massoulié, ICML 2017): Nesterov's method in the dual, with Chebyshev gossip. An iterate is a round, in which
 * each node computes one gradient of its conjugate and uses all its links ⌊√(λ_max / λ₂)⌋ times.
 *
 * @throws INVALID_PARAMETER for a graph that is not connected or has one node, for functions that are not one a node, and invalid options.
 */
export function* msdaIterates(problem: DualProblem, options: Settings = {}): Generator<Iterate<DadaoPoint, undefined>> {
  checkOptions('msdaIterates', records, options);
  checkDual(problem);
  const { local, graph, mu, L, length: d } = problem;
  const { exchanges, gap } = chebyshevOf(graph);
  const root = Math.sqrt(gap);
  const power = ((1 - root) / (1 + root)) ** exchanges;
  const step = (mu * (1 + power * power)) / (1 + power) ** 2;
  const kappa = Math.sqrt(L / mu);
  const momentum = ((1 + power) * kappa - 1 + power) / ((1 + power) * kappa + 1 - power);
  const gossip = accelerated(graph, d);
  const size = graph.n * d;
  const [x, y, points, moved] = Array.from({ length: 4 }, () => new Float64Array(size));
  const iterates = new Iterates(d, options.optimum);
  for (let iteration = 0; ; iteration++) {
    local.forEach((client, i) => {
      client.conjugate(x.subarray(i * d, (i + 1) * d), points.subarray(i * d, (i + 1) * d));
    });
    const iterate = iterates.of({
      ...{ iteration, x: points, time: iteration, gradients: graph.n * (iteration + 1) },
      communications: iteration * exchanges * graph.from.length,
    });
    yield iterate;
    if (iterate.done) return;
    gossip(points, moved);
    for (let k = 0; k < size; k++) {
      const next = x[k] - step * moved[k];
      x[k] = (1 + momentum) * next - momentum * y[k];
      y[k] = next;
    }
  }
}

/**
 * Minimises by {@link msdaIterates}. Without `optimum` there is no certificate: give `maxIter`.
 *
 * @throws INVALID_PARAMETER as {@link msdaIterates}.
 */
export function msda(problem: DualProblem, options: MsdaOptions = {}): Solution<DadaoPoint, undefined> {
  knownKeys('msda', options, keys);
  const settings = only<Settings>(options, keysOf(records));
  return run(msdaIterates(problem, settings), only<RunOptions<DadaoPoint, undefined>>(options, runKeys));
}
