import { type DenseMatrix, type Iterate, Random, runAsync } from 'southwell';
import {
  type ColideOptions,
  colideIterates,
  type GraphEstimate,
  type GraphPoint,
  graphEstimate,
  graphMetrics,
  type Moments,
  moments,
  residualVariances,
  simulateGraph,
  simulateSem,
} from 'southwell/structure-learning';
import {
  atMost,
  type Cell,
  type Experiment,
  type ExperimentContext,
  type Measurement,
  type Parameter,
  parameterValue,
  verdict,
} from '../experiment.ts';
import { graphPictures, mean } from '../graphPicture.ts';
import { record } from './record.ts';

/** The method under test: the library's, or a crippled one that the verdicts must catch. */
export type Method = (data: Moments, options: ColideOptions) => Iterable<Iterate<GraphPoint>>;

const claim = (id: string) => record.claims.find((c) => c.id === id)!;
const iterations: Parameter = {
  name: 'iterations',
  title: 'Iterations of a stage, at most (the last has 3.5 times as many)',
  default: { quick: 8000, full: 20_000 },
  min: 100,
  max: 100_000,
  integer: true,
};
const lambda: Parameter = {
  name: 'lambda',
  title: 'Sparsity weight',
  default: { quick: 0.05, full: 0.05 },
  min: 0,
  max: 10,
};
const names = { none: 'least squares (DAGMA)', equal: 'CoLiDE-EV', unequal: 'CoLiDE-NV' } as const;
type Variance = keyof typeof names;

/** Independent draws for each seed of the run. */
const graphSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + draw;
const dataSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + 100 + draw;

async function fit(
  method: Method,
  X: DenseMatrix,
  variance: Variance,
  context: ExperimentContext,
): Promise<GraphEstimate> {
  const data = moments(X);
  const steps = parameterValue(iterations, context);
  const options = {
    variance,
    lambda: parameterValue(lambda, context),
    iterations: steps,
    lastIterations: Math.round(3.5 * steps),
  };
  const { signal } = context;
  const solution = await runAsync(method(data, options), { signal });
  signal?.throwIfAborted();
  return graphEstimate(solution, data);
}

/** Task A: equal noise of several sizes, one sparsity weight. */
const scale = (method: Method): Experiment => ({
  id: 'scale',
  title: 'One sparsity weight over a range of noise',
  axes: { x: 'noise variance', y: 'structural Hamming distance, mean', logY: false, logX: true },
  parameters: [iterations, lambda],
  claims: [claim('one-weight'), claim('scale-estimate')],
  async *run(context) {
    const full = context.size === 'full';
    const nodes = full ? 20 : 10;
    const variances = full ? [0.02, 0.1, 1, 10] : [0.02, 1, 10];
    const draws = full ? 4 : 2;
    const jobs = variances.length * draws * 2;
    const distance: Record<string, Record<number, number>> = { none: {}, equal: {} };
    const rows: Cell[][] = [];
    const errors: Measurement[] = [];
    let done = 0;
    for (const variance of ['equal', 'none'] as const) {
      for (const noise of variances) {
        const found: number[] = [];
        const sizes: number[] = [];
        let seconds = 0;
        for (let draw = 0; draw < draws; draw++) {
          yield { kind: 'progress', label: `${names[variance]}, noise variance ${noise}`, fraction: done++ / jobs };
          const truth = simulateGraph({ nodes, edges: 2 * nodes, seed: graphSeed(context, draw) });
          const X = simulateSem(truth, { n: 1000, variances: noise, seed: dataSeed(context, draw) });
          const estimate = await fit(method, X, variance, context);
          const { shd, fdr, tpr, edges } = graphMetrics(truth, estimate.dag);
          found.push(shd);
          seconds += estimate.seconds;
          const size = mean(Array.from(estimate.sigma!, (s) => s ** 2));
          sizes.push(Math.abs(size / noise - 1));
          rows.push([names[variance], noise, draw, edges.truth, edges.estimate, shd, fdr, tpr, size]);
          if (draw === 0 && noise === variances[0]) yield* graphPictures(truth, estimate.dag, names[variance]);
        }
        distance[variance][noise] = mean(found);
        yield {
          kind: 'points',
          panel: 'wrong edges',
          series: names[variance],
          x: [noise],
          y: [mean(found)],
          work: { seconds: [seconds] },
        };
        if (variance === 'equal' && noise >= 1) {
          errors.push(atMost(`relative error of σ² at ${noise}, mean`, mean(sizes), full ? 0.1 : 0.15));
        }
      }
    }
    const columns = ['method', 'variance', 'draw', 'true edges', 'edges', 'SHD', 'FDR', 'TPR', 'estimated variance'];
    yield { kind: 'table', title: `${nodes} variables, 1000 samples`, columns, rows };
    const { equal, none } = distance;
    const spread = (by: Record<number, number>) => Math.max(...Object.values(by)) - Math.min(...Object.values(by));
    const ratio = (noise: number) =>
      atMost(`SHD at ${noise}, CoLiDE-EV / least squares`, equal[noise] / none[noise], full ? 0.7 : 0.8);
    const excess = (noise: number) =>
      atMost(`SHD at ${noise}, CoLiDE-EV − least squares`, equal[noise] - none[noise], full ? 4 : 3);
    yield verdict(
      claim('one-weight'),
      context,
      full
        ? [
            ratio(0.02),
            ratio(0.1),
            excess(1),
            excess(10),
            below('range of the SHD, CoLiDE-EV', spread(equal), spread(none)),
          ]
        : [ratio(0.02), excess(1)],
    );
    yield verdict(claim('scale-estimate'), context, errors);
  },
});

const below = (quantity: string, value: number, limit: number): Measurement => ({
  quantity,
  value,
  bar: `< ${limit}, that of least squares`,
  ok: value < limit,
});

/** Task B: every variable has noise of its own size. */
const unequal = (method: Method): Experiment => ({
  id: 'unequal',
  title: 'Unequal noise: estimated variances',
  axes: { x: 'draw', y: 'mean relative error of the noise variances', logY: false },
  parameters: [iterations, lambda],
  claims: [claim('unequal-noise')],
  async *run(context) {
    const full = context.size === 'full';
    const [nodes, draws] = full ? [40, 4] : [15, 1];
    const variances = ['none', 'equal', 'unequal'] as const;
    const error: Record<string, number[]> = { none: [], equal: [], unequal: [] };
    const distance: Record<string, number[]> = { none: [], equal: [], unequal: [] };
    const rows: Cell[][] = [];
    for (let draw = 0; draw < draws; draw++) {
      const seed = graphSeed(context, draw);
      const truth = simulateGraph({ nodes, edges: 4 * nodes, weights: [0.25, 1], seed });
      const noise = noiseVariances(nodes, seed);
      const X = simulateSem(truth, { n: 1000, variances: noise, seed: dataSeed(context, draw) });
      for (const [at, variance] of variances.entries()) {
        yield { kind: 'progress', label: names[variance], fraction: (draw + at / 3) / draws };
        const estimate = await fit(method, X, variance, context);
        const { shd, fdr, tpr, sid } = graphMetrics(truth, estimate.dag);
        const relativeError = (values: Float64Array) => mean(Array.from(values, (v, j) => Math.abs(v / noise[j] - 1)));
        // Each method by the residuals of its own weights: those of CoLiDE are its estimate. Residuals of the graph that
        // is left after thresholding are farther from the truth, for least squares most of all; they are in the table.
        const own = relativeError(estimate.sigma!.map((s) => s ** 2));
        const ofGraph = relativeError(residualVariances(moments(X).C, estimate.dag));
        error[variance].push(own);
        distance[variance].push(shd);
        rows.push([names[variance], draw, shd, fdr, tpr, sid ?? null, own, ofGraph]);
        const work = { seconds: [estimate.seconds] };
        yield { kind: 'points', panel: 'noise', series: names[variance], x: [draw], y: [own], work };
        if (draw === 0) yield* graphPictures(truth, estimate.dag, names[variance]);
      }
    }
    const columns = ['method', 'draw', 'SHD', 'FDR', 'TPR', 'SID', 'error before threshold', 'error of the graph'];
    yield { kind: 'table', title: `${nodes} variables, 1000 samples`, columns, rows };
    yield verdict(claim('unequal-noise'), context, [
      atMost(
        'error of variances, CoLiDE-NV / residuals of least squares',
        mean(error.unequal) / mean(error.none),
        full ? 0.75 : 0.9,
      ),
      atMost('SHD, CoLiDE-NV − least squares', mean(distance.unequal) - mean(distance.none), 3),
    ]);
  },
});

/** Uniform in [0.5, 10]. */
function noiseVariances(nodes: number, seed: number): Float64Array {
  const random = new Random(seed).split(1);
  return Float64Array.from({ length: nodes }, () => 0.5 + 9.5 * random.uniform());
}

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [scale(method), unequal(method)];

export const experiments = experimentsWith(colideIterates);
