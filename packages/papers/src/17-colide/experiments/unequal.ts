import { Random } from 'southwell';
import { graphMetrics, moments, residualVariances, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../material/graphPicture.ts';
import {
  columnVariances,
  dataSeed,
  fit,
  graphSeed,
  iterations,
  lambda,
  libraryMethod,
  names,
  rivalGraph,
  rivals,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Of one draw: errors of the variances, SHD, and SHD with less noise. */
interface Found {
  readonly error: Record<'columns' | 'none' | 'unequal', number>;
  readonly distance: Record<'none' | 'unequal' | 'golem' | 'sorted', number>;
  readonly small: Record<'none' | 'unequal', number>;
}

/** Task B: every variable has its own noise variance. */
export default experiment(record, {
  id: 'unequal',
  title: 'Unequal noise: estimated variances',
  panels: [
    {
      title: 'noise',
      x: { label: 'draw' },
      y: { label: 'mean relative error of the noise variances' },
      series: [names.equal, { id: names.none, name: 'least squares' }, names.unequal],
      control: names.none,
    },
  ],
  parameters: [iterations, lambda],
  claims: ['one-weight-unequal', 'unequal-noise', 'fewest-edges'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const sizes = locked.claims['unequal-noise'].sizes[context.size];
    const { nodes, edges, weights, scaled, rows: n } = sizes;
    const most = Math.max(...locked.claims['unequal-noise'].draws[context.size]);
    const found: Found[] = [];
    const rows: Cell[][] = [];
    const over = (of: (one: Found) => number) => ({ draws: found.map(of) });
    const paired = (value: (one: Found) => number, reference: (one: Found) => number) => ({
      draws: found.map((one) => ({ value: value(one), reference: reference(one) })),
    });
    const levels = () => ({
      ratio: paired(
        (one) => one.small.unequal,
        (one) => one.small.none,
      ),
    });
    const values = () => ({
      error: over(({ error }) => error.unequal / error.none),
      excess: paired(
        (one) => one.distance.unequal,
        (one) => one.distance.none,
      ),
      overStart: over(({ error }) => error.unequal / error.columns),
    });
    const others = { none: names.none, ...rivals } as const;
    const leads = () => ({
      lead: (Object.keys(others) as Array<keyof typeof others>).map((rival) => ({
        label: others[rival],
        ...over(({ distance }) => distance[rival] - distance.unequal),
      })),
    });
    let draw = 0;
    do {
      const seed = graphSeed(context, draw);
      const truth = simulateGraph({ nodes, edges, weights, seed });
      const noise = noiseVariances(nodes, sizes.variances, seed);
      const label = (name: string) => `draw ${draw + 1}: ${name}`;
      const one: Found = {
        error: { columns: 0, none: 0, unequal: 0 },
        distance: { none: 0, unequal: 0, golem: 0, sorted: 0 },
        small: { none: 0, unequal: 0 },
      };
      for (const factor of [1, scaled]) {
        const variances = noise.map((v) => factor * v);
        const X = simulateSem(truth, { n, variances, seed: dataSeed(context, draw) });
        const relativeError = (v: Float64Array) => mean(Array.from(v, (s, j) => Math.abs(s / variances[j] - 1)));
        if (factor === 1) one.error.columns = relativeError(columnVariances(X));
        for (const variance of ['none', 'unequal'] as const) {
          yield { kind: 'progress', label: label(names[variance]), fraction: draw / most };
          const estimate = await fit(method, X, variance, context);
          const { shd, fdr, tpr, sid } = graphMetrics(truth, estimate.dag);
          // The residuals of each method's own weights: for CoLiDE these are its estimate. Residuals of the thresholded
          // graph are farther from the truth, especially for least squares; they are in the table.
          const own = relativeError(estimate.sigma.map((s) => s ** 2));
          const ofGraph = relativeError(residualVariances(moments(X).C, estimate.dag));
          rows.push([names[variance], factor, draw, shd, fdr, tpr, sid ?? null, own, ofGraph]);
          if (factor !== 1) {
            one.small[variance] = shd;
            continue;
          }
          one.error[variance] = own;
          one.distance[variance] = shd;
          const work = { seconds: [estimate.seconds] };
          yield { kind: 'points', panel: 'noise', series: names[variance], x: [draw], y: [own], work };
          if (draw === 0) yield* graphPictures(truth, estimate.dag, names[variance]);
        }
        for (const rival of factor === 1 ? (['golem', 'sorted'] as const) : []) {
          yield { kind: 'progress', label: label(rivals[rival]), fraction: draw / most };
          const { shd, fdr, tpr, sid } = graphMetrics(truth, await rivalGraph(X, rival, context));
          rows.push([rivals[rival], factor, draw, shd, fdr, tpr, sid ?? null, null, null]);
          one.distance[rival] = shd;
        }
      }
      found.push(one);
      draw++;
    } while (
      !(
        decide.enough('unequal-noise', draw, values) &&
        decide.enough('one-weight-unequal', draw, levels) &&
        decide.enough('fewest-edges', draw, leads)
      )
    );
    const columns = [
      ...['method', 'noise times', 'draw', 'SHD', 'FDR', 'TPR', 'SID'],
      ...['error before threshold', 'error of the graph'],
    ];
    yield { kind: 'table', title: `${nodes} variables, ${n} samples`, columns, rows };
    yield decide('one-weight-unequal', levels());
    yield decide('unequal-noise', values());
    yield decide('fewest-edges', leads());
  },
});

/** Uniform between two numbers. */
function noiseVariances(nodes: number, [low, high]: readonly [number, number], seed: number): Float64Array {
  const random = new Random(seed).split(1);
  return Float64Array.from({ length: nodes }, () => low + (high - low) * random.uniform());
}
