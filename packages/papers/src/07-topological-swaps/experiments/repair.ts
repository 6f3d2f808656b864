import { runAsync } from 'southwell';
import { graphEstimate, hammingDistance, notearsIterates, strongestOrder } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures } from '../../material/graphPicture.ts';
import {
  cyclesOf,
  draw,
  libraryMethod,
  lossOf,
  optionsOf,
  regressionScore,
  search,
  smallSet,
  ten,
  twenty,
} from '../lab.ts';
import { record } from '../record.ts';

/** After NOTEARS. */
export default experiment(record, {
  id: 'repair',
  title: 'Swaps after NOTEARS',
  axes: { x: 'draw', y: 'score less that of the true order', logY: false },
  parameters: [smallSet],
  claims: ['repairs-notears'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { signal } = context;
    const setting = context.size === 'full' ? twenty : ten;
    const [cycles, fitted, before, after]: number[][] = [[], [], [], []];
    const values = () => ({
      cycles: { draws: cycles },
      fitted: { draws: fitted },
      before: { draws: before },
      change: Math.max(...after.map((gap, k) => gap - before[k])),
      after: { draws: after },
    });
    const most = Math.max(...record.claims[1].draws[context.size]);
    const rows: Cell[][] = [];
    let k = 0;
    do {
      const { truth, data, best } = draw(setting, context, k);
      yield { kind: 'progress', label: `NOTEARS, draw ${k}`, fraction: k / most };
      const solution = await runAsync(notearsIterates(data, { lambda: 0 }), { signal });
      signal?.throwIfAborted();
      const left = graphEstimate(solution, data);
      // The order of its graph, with edges at threshold 0.3; all regressions along it are refitted.
      const order = strongestOrder(left.dag);
      const refitted = regressionScore(data.C, order);
      before.push(refitted - best);
      // It has converged by its own criteria: no cycles, and nothing left to fit.
      cycles.push(cyclesOf(left.W));
      fitted.push(lossOf(data.C, left.W) - refitted);
      yield { kind: 'progress', label: `swaps, draw ${k}`, fraction: (k + 0.9) / most };
      const { estimate, score } = await search(method, data, { ...optionsOf(setting, context), order }, signal);
      after.push(score - best);
      const shd = [left.dag, estimate.dag].map((dag) => hammingDistance(truth, dag));
      rows.push([k, before[k], after[k], ...shd, left.seconds, estimate.seconds]);
      const points = (series: string, y: number, seconds: number) =>
        ({ kind: 'points', panel: 'gap', series, x: [k], y: [y], work: { seconds: [seconds] } }) as const;
      yield points('NOTEARS', before[k], left.seconds);
      yield points('and swaps', after[k], estimate.seconds);
      if (k === 0) {
        yield* graphPictures(truth, left.dag, 'NOTEARS');
        yield* graphPictures(truth, estimate.dag, 'NOTEARS and swaps');
      }
      k++;
    } while (!decide.enough('repairs-notears', k, values));
    const columns = ['draw', 'NOTEARS', 'and swaps', 'SHD before', 'SHD after', 'seconds before', 'seconds of swaps'];
    yield { kind: 'table', title: `${setting.nodes} variables: score less that of the true order`, columns, rows };
    yield decide('repairs-notears', values());
  },
});
