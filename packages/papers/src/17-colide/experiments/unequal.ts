import { Random } from 'southwell';
import { graphMetrics, moments, residualVariances, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../graphPicture.ts';
import { dataSeed, fit, graphSeed, iterations, lambda, libraryMethod, names } from '../lab.ts';
import { record } from '../record.ts';

/** Task B: every variable has noise of its own size. */
export default experiment(record, {
  id: 'unequal',
  title: 'Unequal noise: estimated variances',
  axes: { x: 'draw', y: 'mean relative error of the noise variances', logY: false },
  parameters: [iterations, lambda],
  claims: ['unequal-noise'],
  method: libraryMethod,
  async *run(context, decide, method) {
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
    yield decide('unequal-noise', {
      error: mean(error.unequal) / mean(error.none),
      excess: mean(distance.unequal) - mean(distance.none),
    });
  },
});

/** Uniform in [0.5, 10]. */
function noiseVariances(nodes: number, seed: number): Float64Array {
  const random = new Random(seed).split(1);
  return Float64Array.from({ length: nodes }, () => 0.5 + 9.5 * random.uniform());
}
