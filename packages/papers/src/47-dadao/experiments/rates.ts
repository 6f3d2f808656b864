import { graphSpectrum } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { countsOf, dadaoIterates, drawsOf, graphNames, graphs, mean, over, ratesOf, regressionsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by communications, barbell';
const RATES = 'communications by graph';
const series = [
  { id: 'chosen', name: 'chosen rates' },
  { id: 'uniform', name: 'uniform rates' },
];

/** Rates of links that are chosen for DADAO, beside uniform ones. */
export default experiment(record, {
  id: 'rates',
  title: 'Rates of links',
  panels: [
    {
      title: PANEL,
      x: { label: 'communications of all links' },
      y: { label: 'relative squared error', log: true },
      series,
      control: 'uniform',
    },
    {
      title: RATES,
      x: { label: 'graph, in the order of the table' },
      y: { label: 'communications per unit of time', log: true },
      series,
      control: 'uniform',
    },
  ],
  claims: ['gossip-rates'],
  method: ratesOf,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['gossip-rates'].sizes[size];
    const { n, d, rows, instances } = sizes;
    const pause = pauses(context);
    const rates = new Map<string, readonly [chosen: number, uniform: number, p: Float64Array]>();
    for (const [at, name] of graphNames.entries()) {
      yield { kind: 'progress', label: `rates of the ${name}`, fraction: at / 12 };
      const graph = graphs[name](n);
      const p = method(graph);
      const [chosen, uniform] = [graphSpectrum(graph, p).scale, graphSpectrum(graph).scale];
      rates.set(name, [chosen, uniform, p]);
      yield { kind: 'points', panel: RATES, series: 'chosen', x: [at + 1], y: [chosen] };
      yield { kind: 'points', panel: RATES, series: 'uniform', x: [at + 1], y: [uniform] };
      await pause();
    }
    const graph = graphs.barbell(n);
    const [barbell, , p] = rates.get('barbell')!;
    const runs: number[] = [];
    for (let number = 0; number < instances; number++) {
      const { local, mu, L, start, optimum } = regressionsOf(n, d, rows, drawsOf(seed, number));
      const problem = { local, graph, mu, L, start };
      const [own, uniform] = [p, 'uniform' as const].map((shares) =>
        dadaoIterates(problem, { rates: shares, seed: seed + number, optimum }),
      );
      yield { kind: 'progress', label: `runs on the barbell`, fraction: (1 + number / instances) / 2 };
      const counts = [await countsOf(own, sizes, pause), await countsOf(uniform, sizes, pause)];
      runs.push(over(counts[0], counts[1], 'communications'));
      if (number > 0) continue;
      for (const [k, { curve }] of counts.entries())
        yield { kind: 'points', panel: PANEL, series: series[k].id, x: curve.communications, y: curve.error };
    }
    yield decide('gossip-rates', {
      barbell,
      worse: Math.max(...[...rates.values()].map(([chosen, uniform]) => chosen / uniform)),
      run: mean(runs),
    });
    const table: Cell[][] = [...rates].map(([name, [chosen, uniform]]) => [name, uniform, chosen, chosen / uniform]);
    yield {
      kind: 'table',
      title: `Communications per unit of time on graphs of ${n} nodes`,
      columns: ['graph', 'uniform rates', 'chosen rates', 'ratio'],
      rows: table,
    };
  },
});
