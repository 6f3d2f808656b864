import { runAsync } from 'southwell';
import {
  graphEstimate,
  hammingDistance,
  notearsIterates,
  orderScore,
  strongestOrder,
} from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../graphPicture.ts';
import { draw, libraryMethod, optionsOf, search, smallSet, ten, twenty } from '../lab.ts';
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
    yield decide('repairs-notears', {
      before: full ? mean(before) : undefined,
      change: full ? undefined : Math.max(...after.map((g, k) => g - before[k])),
      after: Math.max(...after),
    });
  },
});
