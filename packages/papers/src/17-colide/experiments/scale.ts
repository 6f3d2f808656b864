import { graphMetrics, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../graphPicture.ts';
import { dataSeed, fit, graphSeed, iterations, lambda, libraryMethod, names } from '../lab.ts';
import { record } from '../record.ts';

/** Task A: equal noise of several sizes, one sparsity weight. */
export default experiment(record, {
  id: 'scale',
  title: 'One sparsity weight over a range of noise',
  axes: { x: 'noise variance', y: 'structural Hamming distance, mean', logY: false, logX: true },
  parameters: [iterations, lambda],
  claims: ['one-weight', 'scale-estimate'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const nodes = full ? 20 : 10;
    const variances = full ? [0.02, 0.1, 1, 10] : [0.02, 1, 10];
    const draws = full ? 4 : 2;
    const jobs = variances.length * draws * 2;
    const distance: Record<string, Record<number, number>> = { none: {}, equal: {} };
    const rows: Cell[][] = [];
    const errors: Array<{ label: number; value: number }> = [];
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
          errors.push({ label: noise, value: mean(sizes) });
        }
      }
    }
    const columns = ['method', 'variance', 'draw', 'true edges', 'edges', 'SHD', 'FDR', 'TPR', 'estimated variance'];
    yield { kind: 'table', title: `${nodes} variables, 1000 samples`, columns, rows };
    const { equal, none } = distance;
    const spread = (by: Record<number, number>) => Math.max(...Object.values(by)) - Math.min(...Object.values(by));
    const low = full ? [0.02, 0.1] : [0.02];
    const high = full ? [1, 10] : [1];
    yield decide('one-weight', {
      ratio: low.map((noise) => ({ label: noise, value: equal[noise] / none[noise] })),
      excess: high.map((noise) => ({ label: noise, value: equal[noise] - none[noise] })),
      spread: full ? { value: spread(equal), reference: spread(none) } : undefined,
    });
    yield decide('scale-estimate', { error: errors });
  },
});
