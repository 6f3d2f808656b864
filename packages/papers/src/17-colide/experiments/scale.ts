import { graphMetrics, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { graphPictures, mean } from '../../material/graphPicture.ts';
import { columnVariances, dataSeed, fit, graphSeed, iterations, lambda, libraryMethod, names } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const compared = ['equal', 'none'] as const;

/** Task A: equal noise of several variances, one sparsity weight. */
export default experiment(record, {
  id: 'scale',
  title: 'One sparsity weight over a range of noise',
  panels: [
    {
      title: 'wrong edges',
      x: { label: 'noise variance', log: true },
      y: { label: 'structural Hamming distance, mean' },
      series: [names.equal, { id: names.none, name: 'least squares' }, names.unequal],
      control: names.none,
    },
  ],
  parameters: [iterations, lambda],
  claims: ['one-weight', 'scale-estimate'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const sizes = locked.claims['one-weight'].sizes[context.size];
    const { nodes, edges: expected, rows: n, rivalDraws } = sizes;
    const [variances, low]: ReadonlyArray<readonly number[]> = [sizes.variances, sizes.small];
    const high = variances.filter((noise) => !low.includes(noise));
    const most = Math.max(...locked.claims['scale-estimate'].draws[context.size]);
    /** By method and noise variance, one number per draw. */
    const none = () => Object.fromEntries(variances.map((noise) => [noise, [] as number[]]));
    const distance = { equal: none(), none: none() };
    const seconds = { equal: none(), none: none() };
    const [errors, startErrors, rivalErrors] = [none(), none(), none()];
    const rows: Cell[][] = [];
    let draw = 0;

    const sparse = () => {
      const both = (noise: number) =>
        distance.equal[noise].map((value, k) => ({ value, reference: distance.none[noise][k] }));
      const spread = (by: Record<number, number[]>, k: number) => {
        const over = variances.map((noise) => by[noise][k]);
        return Math.max(...over) - Math.min(...over);
      };
      return {
        ratio: low.map((noise) => ({ label: noise, draws: both(noise) })),
        excess: high.map((noise) => ({ label: noise, draws: both(noise) })),
        spread: full
          ? {
              draws: distance.equal[variances[0]].map((_, k) => ({
                value: spread(distance.equal, k),
                reference: spread(distance.none, k),
              })),
            }
          : undefined,
      };
    };
    const overs = (noises: readonly number[], by: Record<number, number[]>) =>
      noises.map((noise) => ({ label: noise, draws: by[noise].map((other, k) => errors[noise][k] / other) }));
    const scales = () => ({
      error: high.map((noise) => ({ label: noise, draws: errors[noise] })),
      overStart: overs(high, startErrors),
      overRival: overs(low, rivalErrors),
    });

    // A claim is decided at its own look; further draws for the other do not change it. Least squares, which takes most of
    // the time, and little noise are left out when enough of them are there.
    let [edges, scale] = [true, true];
    /** The means so far. */
    const curve = (variance: (typeof compared)[number]): ExperimentEvent => {
      const x = variances.filter((noise) => distance[variance][noise].length > 0);
      const work = { seconds: x.map((noise) => mean(seconds[variance][noise])) };
      const y = x.map((noise) => mean(distance[variance][noise]));
      return { kind: 'points', panel: 'wrong edges', series: names[variance], restart: true, x, y, work };
    };
    for (; edges || scale; draw++) {
      const others = edges || draw < rivalDraws;
      for (const noise of others ? variances : high) {
        const truth = simulateGraph({ nodes, edges: expected, seed: graphSeed(context, draw) });
        const X = simulateSem(truth, { n, variances: noise, seed: dataSeed(context, draw) });
        for (const variance of others ? compared : (['equal'] as const)) {
          const label = `draw ${draw + 1}: ${names[variance]}, noise variance ${noise}`;
          yield { kind: 'progress', label, fraction: draw / most };
          const estimate = await fit(method, X, variance, context);
          const found = graphMetrics(truth, estimate.dag);
          const size = mean(Array.from(estimate.sigma, (s) => s ** 2));
          if (edges) {
            distance[variance][noise].push(found.shd);
            seconds[variance][noise].push(estimate.seconds);
            yield curve(variance);
          }
          const error = Math.abs(size / noise - 1);
          if (scale && variance === 'none' && draw < rivalDraws) rivalErrors[noise].push(error);
          if (scale && variance === 'equal') {
            errors[noise].push(error);
            startErrors[noise].push(Math.abs(Math.min(...columnVariances(X)) / noise - 1));
          }
          const { shd, fdr, tpr } = found;
          rows.push([names[variance], noise, draw, found.edges.truth, found.edges.estimate, shd, fdr, tpr, size]);
          if (draw === 0 && noise === variances[0]) yield* graphPictures(truth, estimate.dag, names[variance]);
        }
      }
      if (edges && decide.enough('one-weight', draw + 1, sparse)) {
        edges = false;
        yield decide('one-weight', sparse());
      }
      if (scale && decide.enough('scale-estimate', draw + 1, scales)) {
        scale = false;
        yield decide('scale-estimate', scales());
      }
    }

    const columns = ['method', 'variance', 'draw', 'true edges', 'edges', 'SHD', 'FDR', 'TPR', 'estimated variance'];
    yield { kind: 'table', title: `${nodes} variables, ${n} samples`, columns, rows };
  },
});
