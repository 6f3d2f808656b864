import { type Iterate, Random, runAsync } from 'southwell';
import {
  type GraphPoint,
  graphEstimate,
  hammingDistance,
  type Moments,
  moments,
  notearsIterates,
  orderScore,
  simulateGraph,
  simulateSem,
  strongestOrder,
  type TopoOptions,
  topoIterates,
  topologicalOrder,
  varianceOrder,
} from 'southwell/structure-learning';
import {
  atLeast,
  atMost,
  type Cell,
  type Experiment,
  type ExperimentContext,
  type ExperimentEvent,
  type Measurement,
  type Parameter,
  parameterValue,
  verdict,
} from '../experiment.ts';
import { graphPictures, mean } from '../graphPicture.ts';
import { record } from './record.ts';

/** The method under test: the library's, or a crippled one that the verdicts must catch. */
export type Method = (data: Moments, options: TopoOptions) => Iterable<Iterate<GraphPoint>>;

const claim = (id: string) => record.claims.find((c) => c.id === id)!;

interface Setting {
  readonly nodes: number;
  readonly edges: number;
  readonly small: number;
  readonly large: number;
  readonly searches: number;
  readonly draws: number;
}

const ten: Setting = { nodes: 10, edges: 20, small: 15, large: 45, searches: 1, draws: 3 };
const twenty: Setting = { nodes: 20, edges: 80, small: 100, large: 190, searches: 1, draws: 5 };
const hundred: Setting = { nodes: 100, edges: 400, small: 150, large: 2500, searches: 15, draws: 3 };

const smallSet: Parameter = {
  name: 'small',
  title: 'Swaps tried first, as a share of the usual number',
  default: { quick: 1, full: 1 },
  min: 0.05,
  max: 20,
};

/** A graph with data of unit noise, not centred, as in the study. */
function draw(setting: Setting, context: ExperimentContext, at: number) {
  const seed = 1000 * context.seed + at;
  const truth = simulateGraph({ nodes: setting.nodes, edges: setting.edges, seed });
  const data = moments(simulateSem(truth, { n: 1000, seed: seed + 100 }), { centre: false });
  return { truth, data, best: orderScore(data.C, topologicalOrder(truth)!), seed };
}

const optionsOf = (setting: Setting, context: ExperimentContext): TopoOptions => ({
  small: Math.max(1, Math.round(setting.small * parameterValue(smallSet, context))),
  large: setting.large,
  largeSearches: setting.searches,
});

/** Runs to the end, with the score after each round. */
async function search(method: Method, data: Moments, options: TopoOptions, signal: AbortSignal | undefined) {
  const solution = await runAsync(method(data, options), { signal });
  signal?.throwIfAborted();
  const rounds = solution.trace.filter((t, k, all) => k === 0 || t.iteration !== all[k - 1].iteration);
  return { estimate: graphEstimate(solution, data), rounds };
}

/** From random orders. */
const orders = (method: Method): Experiment => ({
  id: 'orders',
  title: 'From random orders to the score of the true one',
  axes: { x: 'round', y: 'score', logY: true },
  parameters: [smallSet],
  claims: [claim('reaches-true-score'), claim('monotone')],
  async *run(context) {
    const settings = context.size === 'full' ? [twenty, hundred] : [ten];
    const total = settings.reduce((sum, s) => sum + s.draws, 0);
    const measured: Measurement[] = [];
    let largestRise = Number.NEGATIVE_INFINITY;
    let done = 0;
    for (const setting of settings) {
      const { nodes } = setting;
      const gaps: number[] = [];
      const distances: number[] = [];
      const rows: Cell[][] = [];
      for (let k = 0; k < setting.draws; k++) {
        yield { kind: 'progress', label: `${nodes} variables, draw ${k}`, fraction: done++ / total };
        const { truth, data, best, seed } = draw(setting, context, k);
        const { estimate, rounds } = await search(
          method,
          data,
          { ...optionsOf(setting, context), seed },
          context.signal,
        );
        const x = rounds.map((_, at) => at);
        const panel = `${nodes} variables`;
        const work = { seconds: rounds.map((r) => r.seconds) };
        yield { kind: 'points', panel, series: `draw ${k}`, x, y: rounds.map((r) => r.objective), work };
        yield { kind: 'points', panel, series: `true order, draw ${k}`, x: [0, x.length - 1], y: [best, best] };
        for (let t = 1; t < rounds.length; t++) {
          largestRise = Math.max(largestRise, rounds[t].objective - rounds[t - 1].objective);
        }
        const gap = estimate.objective - best;
        const shd = hammingDistance(truth, estimate.dag);
        gaps.push(gap);
        distances.push(shd);
        const random = orderScore(data.C, new Random(seed).permutation(nodes)) - best;
        const variance = orderScore(data.C, varianceOrder(data)) - best;
        rows.push([k, random, variance, gap, shd, rounds.length - 1, estimate.seconds]);
        if (k === 0 && setting === settings[0]) yield* graphPictures(truth, estimate.dag, 'Learned');
      }
      const columns = ['draw', 'random order', 'by variance', 'swaps', 'SHD', 'rounds', 'seconds'];
      yield { kind: 'table', title: `${nodes} variables: score less that of the true order`, columns, rows };
      const bar = setting === hundred ? 0.1 : 0.01;
      const enough = setting === twenty ? 4 : 2;
      measured.push(
        atLeast(
          `${nodes} variables: gap ≤ ${bar}, of ${setting.draws} draws`,
          gaps.filter((g) => g <= bar).length,
          enough,
        ),
      );
      if (setting !== hundred) {
        measured.push(atMost(`${nodes} variables: SHD, mean`, mean(distances), setting === twenty ? 3 : 1));
      }
    }
    yield verdict(claim('reaches-true-score'), context, measured);
    const ok = largestRise < 0;
    yield verdict(claim('monotone'), context, [
      { quantity: 'largest change of the score in a round', value: largestRise, bar: '< 0', ok },
    ]);
  },
});

/** After NOTEARS. */
const repair = (method: Method): Experiment => ({
  id: 'repair',
  title: 'Swaps after NOTEARS',
  axes: { x: 'draw', y: 'score less that of the true order', logY: false },
  parameters: [smallSet],
  claims: [claim('repairs-notears')],
  async *run(context): AsyncGenerator<ExperimentEvent, void, undefined> {
    const full = context.size === 'full';
    const setting = full ? twenty : ten;
    const { signal } = context;
    const [before, after]: [number[], number[]] = [[], []];
    const rows: Cell[][] = [];
    for (let k = 0; k < setting.draws; k++) {
      const { truth, data, best } = draw(setting, context, k);
      yield { kind: 'progress', label: `NOTEARS, draw ${k}`, fraction: k / setting.draws };
      const solution = await runAsync(notearsIterates(data, { lambda: 0 }), { signal });
      signal?.throwIfAborted();
      const left = graphEstimate(solution, data);
      // The order of its graph, edges at threshold 0.3; all regressions along it are refitted.
      const order = strongestOrder(left.dag);
      before.push(orderScore(data.C, order) - best);
      yield { kind: 'progress', label: `swaps, draw ${k}`, fraction: (k + 0.9) / setting.draws };
      const { estimate } = await search(method, data, { ...optionsOf(setting, context), order }, signal);
      after.push(estimate.objective - best);
      const shd = [left.dag, estimate.dag].map((dag) => hammingDistance(truth, dag));
      rows.push([k, before[k], after[k], ...shd, left.seconds, estimate.seconds]);
      yield {
        kind: 'points',
        panel: 'gap',
        series: 'NOTEARS',
        x: [k],
        y: [before[k]],
        work: { seconds: [left.seconds] },
      };
      yield {
        kind: 'points',
        panel: 'gap',
        series: 'and swaps',
        x: [k],
        y: [after[k]],
        work: { seconds: [estimate.seconds] },
      };
      if (k === 0) {
        yield* graphPictures(truth, left.dag, 'NOTEARS');
        yield* graphPictures(truth, estimate.dag, 'NOTEARS and swaps');
      }
    }
    const columns = ['draw', 'NOTEARS', 'and swaps', 'SHD before', 'SHD after', 'seconds before', 'seconds of swaps'];
    yield { kind: 'table', title: `${setting.nodes} variables: score less that of the true order`, columns, rows };
    const worst = Math.max(...after);
    yield verdict(
      claim('repairs-notears'),
      context,
      full
        ? [atLeast('gap of NOTEARS, mean', mean(before), 0.1), atMost('gap after swaps, largest', worst, 0.01)]
        : [
            atMost('change of the gap by swaps, largest', Math.max(...after.map((g, k) => g - before[k])), 0),
            atMost('gap after swaps, largest', worst, 0.01),
          ],
    );
  },
});

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [orders(method), repair(method)];

export const experiments = experimentsWith(topoIterates);
