import { Random } from 'southwell';
import { graphMetrics, moments, residualVariances, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../material/graphPicture.ts';
import { columnVariances, dataSeed, fit, graphSeed, iterations, lambda, libraryMethod, names } from '../lab.ts';
import { record } from '../record.ts';

/** Task B: every variable has its own noise variance. */
export default experiment(record, {
  id: 'unequal',
  title: 'Unequal noise: estimated variances',
  axes: { x: 'draw', y: 'mean relative error of the noise variances', logY: false },
  parameters: [iterations, lambda],
  claims: ['unequal-noise'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const nodes = full ? 40 : 15;
    const most = Math.max(...record.claims[1].draws[context.size]);
    const variances = full ? (['none', 'equal', 'unequal'] as const) : (['none', 'unequal'] as const);
    const error: Record<'none' | 'equal' | 'unequal', number[]> = { none: [], equal: [], unequal: [] };
    const distance: typeof error = { none: [], equal: [], unequal: [] };
    const rows: Cell[][] = [];
    const paired = (of: typeof error) => ({
      draws: of.unequal.map((value, k) => ({ value, reference: of.none[k] })),
    });
    const atStart: number[] = [];
    const overs = (of: number[]) => ({ draws: error.unequal.map((value, k) => value / of[k]) });
    const values = () => ({
      error: full ? overs(error.none) : undefined,
      excess: full ? paired(distance) : undefined,
      overStart: overs(atStart),
    });
    let draw = 0;
    do {
      const seed = graphSeed(context, draw);
      const truth = simulateGraph({ nodes, edges: 4 * nodes, weights: [0.25, 1], seed });
      const noise = noiseVariances(nodes, seed);
      const X = simulateSem(truth, { n: 1000, variances: noise, seed: dataSeed(context, draw) });
      const relativeError = (values: Float64Array) => mean(Array.from(values, (v, j) => Math.abs(v / noise[j] - 1)));
      atStart.push(relativeError(columnVariances(X)));
      for (const variance of variances) {
        yield { kind: 'progress', label: `draw ${draw + 1}: ${names[variance]}`, fraction: draw / most };
        const estimate = await fit(method, X, variance, context);
        const { shd, fdr, tpr, sid } = graphMetrics(truth, estimate.dag);
        // The residuals of each method's own weights: for CoLiDE these are its estimate. Residuals of the thresholded
        // graph are farther from the truth, especially for least squares; they are in the table.
        const own = relativeError(estimate.sigma.map((s) => s ** 2));
        const ofGraph = relativeError(residualVariances(moments(X).C, estimate.dag));
        error[variance].push(own);
        distance[variance].push(shd);
        rows.push([names[variance], draw, shd, fdr, tpr, sid ?? null, own, ofGraph]);
        const work = { seconds: [estimate.seconds] };
        yield { kind: 'points', panel: 'noise', series: names[variance], x: [draw], y: [own], work };
        if (draw === 0) yield* graphPictures(truth, estimate.dag, names[variance]);
      }
      draw++;
    } while (!decide.enough('unequal-noise', draw, values));
    const columns = ['method', 'draw', 'SHD', 'FDR', 'TPR', 'SID', 'error before threshold', 'error of the graph'];
    yield { kind: 'table', title: `${nodes} variables, 1000 samples`, columns, rows };
    yield decide('unequal-noise', values());
  },
});

/** Uniform in [0.5, 10]. */
function noiseVariances(nodes: number, seed: number): Float64Array {
  const random = new Random(seed).split(1);
  return Float64Array.from({ length: nodes }, () => 0.5 + 9.5 * random.uniform());
}
