import {
  checkOptions,
  fail,
  type Iterate,
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
import { type Graph, graphSpectrum } from '../../graphs/index.ts';
import type { DadaoPoint } from '../problem.ts';
import { checkProblem, clientAt, type DecentralisedProblem, startsOf } from '../problem.ts';
import { Iterates, laplacianTimes } from './points.ts';

const records = {
  /** As many exchanges in each step as make the graph one with χ = 2. Default false. */
  multiConsensus: otherOption<boolean>('true or false', (value) => typeof value === 'boolean'),
  /** The minimum, if it is known: the certificate is the squared distance from it. */
  optimum: otherOption<ArrayLike<number>>('a point'),
  /** Of draws of stochastic gradients. Default 0. */
  seed: seedOption(),
} as const;

type Settings = OptionsOf<typeof records>;
/** Options of {@link adomPlus}. */
export interface AdomPlusOptions extends Settings, RunOptions<DadaoPoint, undefined> {}
const keys: OptionKeys<AdomPlusOptions> = { ...runKeys, ...keysOf(records) };

/** χ = λ_max / λ₂ of a graph, and the exchanges of a step. */
export function consensusOf(graph: Graph, multi: boolean): { chi: number; exchanges: number; lambdaMax: number } {
  const { lambda2, lambdaMax } = graphSpectrum(graph, new Float64Array(graph.from.length).fill(1));
  const chi = lambdaMax / lambda2;
  return multi ? { chi: 2, exchanges: Math.ceil(chi * Math.LN2), lambdaMax } : { chi, exchanges: 1, lambdaMax };
}

/** The constants of ADOM+ (the source has γ with ν, which appears as γ / ν). */
function constantsOf(mu: number, L: number, chi: number) {
  const tau2 = Math.sqrt(mu / L);
  const sigma2 = tau2 / (16 * chi);
  const nu = mu / 2;
  return {
    ...{ tau1: 1 / (1 / tau2 + 0.5), tau2, sigma1: 1 / (1 / sigma2 + 0.5), sigma2, eta: 1 / (L * tau2), nu },
    ...{ alpha: nu, beta: 1 / (2 * L), delta: 1 / (17 * L), gamma: nu / (14 * sigma2 * chi * chi) },
    ...{ theta: nu / (4 * sigma2), zeta: 0.5 },
  };
}

/**
 * ADOM+ (Kovalev, Gasanov, Gasnikov and Richtárik, NeurIPS 2021): synchronous and primal. An iterate is a step, in which each node computes one
 * gradient and uses all its links once, or ⌈χ ln 2⌉ times with `multiConsensus`. O(links · d) an exchange and n gradients.
 *
 * @throws INVALID_PARAMETER, NON_FINITE as {@link dadao}.
 */
export function* adomPlusIterates(
  problem: DecentralisedProblem,
  options: Settings = {},
): Generator<Iterate<DadaoPoint, undefined>> {
  checkOptions('adomPlusIterates', records, options);
  const { multiConsensus = false, optimum, seed = 0 } = options;
  const graphs = checkProblem(problem);
  if (graphs.length > 1) fail('INVALID_PARAMETER', 'adomPlus takes one graph.');
  const [graph] = graphs;
  const starts = startsOf(problem);
  const [n, d] = [starts.length, starts[0].length];
  const { chi, exchanges, lambdaMax } = consensusOf(graph, multiConsensus);
  const c = constantsOf(problem.mu, problem.L, chi);
  const clients = starts.map((_, i) => clientAt(problem.local, i));
  const root = new Random(seed).split(1);
  const draws = starts.map((_, i) => root.split(i));
  const zeros = () => new Float64Array(n * d);
  const [rest, gradient, work, moved, mixed] = [zeros(), zeros(), zeros(), zeros(), zeros()];
  /** I − (I − W)^exchanges, times v. */
  const W = (v: Float64Array, into: Float64Array): void => {
    rest.set(v);
    for (let e = 0; e < exchanges; e++) {
      laplacianTimes(graph, rest, d, lambdaMax, work);
      for (let k = 0; k < rest.length; k++) rest[k] -= work[k];
    }
    for (let k = 0; k < rest.length; k++) into[k] = v[k] - rest[k];
  };
  const x = zeros();
  starts.forEach((start, i) => {
    x.set(start, i * d);
  });
  const [xf, y, yf, z, zf, m, xg, sum, by] = [
    x.slice(),
    zeros(),
    zeros(),
    zeros(),
    zeros(),
    zeros(),
    zeros(),
    zeros(),
    zeros(),
  ];
  const iterates = new Iterates(d, optimum);
  // The two implicit equations in the next x and y.
  const [a, b] = [1 + c.eta * c.alpha, 1 + c.theta * c.beta];
  const determinant = a * b + c.eta * c.theta;
  for (let iteration = 0; ; iteration++) {
    const iterate = iterates.of({
      ...{ iteration, x, gradients: n * iteration, time: iteration },
      communications: iteration * exchanges * graph.from.length,
    });
    yield iterate;
    if (iterate.done) return;
    for (let k = 0; k < x.length; k++) xg[k] = c.tau1 * x[k] + (1 - c.tau1) * xf[k];
    clients.forEach((client, i) => {
      client.gradient(xg.subarray(i * d, (i + 1) * d), gradient.subarray(i * d, (i + 1) * d), draws[i]);
    });
    for (let k = 0; k < x.length; k++) {
      const yg = c.sigma1 * y[k] + (1 - c.sigma1) * yf[k];
      const zg = c.sigma1 * z[k] + (1 - c.sigma1) * zf[k];
      const g = gradient[k] - c.nu * xg[k];
      const right = x[k] + c.eta * c.alpha * xg[k] - c.eta * g;
      const below = y[k] + c.theta * c.beta * g - (c.theta / c.nu) * (yg + zg);
      const [xNew, yNew] = [(b * right + c.eta * below) / determinant, (a * below - c.theta * right) / determinant];
      xf[k] = xg[k] + c.tau2 * (xNew - x[k]);
      yf[k] = yg + c.sigma2 * (yNew - y[k]);
      x[k] = xNew;
      y[k] = yNew;
      sum[k] = yg + zg;
      by[k] = (c.gamma / c.nu) * sum[k] + m[k];
      zf[k] = zg;
      z[k] += c.gamma * c.delta * (zg - z[k]);
    }
    W(by, moved);
    W(sum, mixed);
    for (let k = 0; k < x.length; k++) {
      z[k] -= moved[k];
      m[k] = by[k] - moved[k];
      zf[k] -= c.zeta * mixed[k];
    }
  }
}

/**
 * Minimises by {@link adomPlusIterates}. Without `optimum` there is no certificate: give `maxIter`.
 *
 * @throws INVALID_PARAMETER, NON_FINITE as {@link dadao}.
 */
export function adomPlus(
  problem: DecentralisedProblem,
  options: AdomPlusOptions = {},
): Solution<DadaoPoint, undefined> {
  knownKeys('adomPlus', options, keys);
  const settings = only<Settings>(options, keysOf(records));
  return run(adomPlusIterates(problem, settings), only<RunOptions<DadaoPoint, undefined>>(options, runKeys));
}
