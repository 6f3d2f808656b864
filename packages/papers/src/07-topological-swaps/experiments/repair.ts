import { runAsync } from 'southwell';
import {
  golemIterates,
  graphEstimate,
  hammingDistance,
  notearsIterates,
  strongestOrder,
} from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures } from '../../material/graphPicture.ts';
import { cyclesOf, draw, libraryMethod, lossOf, optionsOf, regressionScore, search, smallSet } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** After NOTEARS. */
export default experiment(record, {
  id: 'repair',
  title: 'Swaps after NOTEARS',
  panels: [
    {
      title: 'gap',
      x: { label: 'draw' },
      y: { label: 'score less that of the true order' },
      series: ['NOTEARS', { id: 'and swaps', name: 'NOTEARS and swaps' }],
      control: 'NOTEARS',
    },
  ],
  parameters: [smallSet],
  claims: ['lower-scores', 'repairs-notears'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { signal } = context;
    const claim = locked.claims['repairs-notears'];
    const setting = claim.sizes[context.size];
    const [cycles, fitted, before, after, golem, random]: number[][] = [[], [], [], [], [], []];
    const lower = () => ({
      notears: { draws: before.map((gap, k) => gap - random[k]) },
      golem: { draws: golem.map((gap, k) => gap - random[k]) },
    });
    const values = () => ({
      cycles: { draws: cycles },
      fitted: { draws: fitted },
      before: { draws: before },
      change: Math.max(...after.map((gap, k) => gap - before[k])),
      after: { draws: after },
    });
    const most = Math.max(...claim.draws[context.size]);
    const rows: Cell[][] = [];
    let k = 0;
    do {
      const { truth, data, best, seed } = draw(setting, context, k);
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
      // GOLEM with the library's defaults, its order refitted in the same way; swaps from a random order.
      const rival = graphEstimate(await runAsync(golemIterates(data, {}), { signal }), data);
      signal?.throwIfAborted();
      golem.push(regressionScore(data.C, strongestOrder(rival.dag)) - best);
      const own = await search(method, data, { ...optionsOf(setting, context), seed }, signal);
      random.push(own.score - best);
      const shd = [left.dag, estimate.dag].map((dag) => hammingDistance(truth, dag));
      rows.push([k, before[k], after[k], golem[k], random[k], ...shd, left.seconds, estimate.seconds]);
      const points = (series: string, y: number, seconds: number) =>
        ({ kind: 'points', panel: 'gap', series, x: [k], y: [y], work: { seconds: [seconds] } }) as const;
      yield points('NOTEARS', before[k], left.seconds);
      yield points('and swaps', after[k], estimate.seconds);
      if (k === 0) {
        yield* graphPictures(truth, left.dag, 'NOTEARS');
        yield* graphPictures(truth, estimate.dag, 'NOTEARS and swaps');
      }
      k++;
    } while (!(decide.enough('repairs-notears', k, values) && decide.enough('lower-scores', k, lower)));
    const columns = [
      'draw',
      'NOTEARS',
      'and swaps',
      'GOLEM-EV',
      'swaps from a random order',
      'SHD before',
      'SHD after',
      'seconds before',
      'seconds of swaps',
    ];
    yield { kind: 'table', title: `${setting.nodes} variables: score less that of the true order`, columns, rows };
    yield decide('lower-scores', lower());
    yield decide('repairs-notears', values());
  },
});
