import { Random } from 'southwell';
import { hammingDistance, varianceOrder } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures } from '../../material/graphPicture.ts';
import {
  betterSwaps,
  draw,
  libraryMethod,
  optionsOf,
  regressionScore,
  type Setting,
  search,
  smallSet,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** From random orders. */
export default experiment(record, {
  id: 'orders',
  title: 'From random orders to the score of the true one',
  panels: [
    {
      title: '{count} variables',
      x: { label: 'round' },
      y: { label: 'score', log: true },
      series: [
        { id: 'draw 0', name: 'draw 1' },
        { id: 'draw 1', name: 'draw 2' },
        { id: 'draw 2', name: 'draw 3' },
        { id: 'true order, draw 1', name: 'true order' },
        { id: 'draw 3', name: 'draw 4' },
        { id: 'draw 4', name: 'draw 5' },
        'true order, draw {draw}',
      ],
      control: 'true order, draw 1',
    },
  ],
  parameters: [smallSet],
  claims: ['reaches-true-score', 'monotone'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const { nodes, edges, small, large, searches, rows: n } = locked.claims['reaches-true-score'].sizes[context.size];
    const settings = nodes.map(
      (count, k): Setting => ({
        ...{ nodes: count, edges: edges[k], small: small[k], large: large[k], searches: searches[k], rows: n },
      }),
    );
    const [twenty, more] = settings;
    const none = () => ({ gaps: [] as number[], distances: [] as number[], seconds: [] as number[] });
    const [ofTwenty, ofMore] = [none(), none()];
    /** The largest increase of the score over the rounds of a search; NaN if there were none. */
    const rises: number[] = [];
    const monotone = () => decide('monotone', { rise: Math.max(...rises) });
    let falling = true;
    let better = 0;
    const values = () => ({
      gapOfTwenty: { draws: ofTwenty.gaps },
      better,
      distanceOfTwenty: { draws: ofTwenty.distances },
      gapOfMore: [{ label: String(more.nodes), draws: ofMore.gaps }],
      secondsOfMore: full ? { draws: ofMore.seconds } : undefined,
    });
    const most = Math.max(...locked.claims['reaches-true-score'].draws[context.size]);
    const rows = new Map(settings.map((setting) => [setting, [] as Cell[][]]));
    let k = 0;
    do {
      for (const setting of settings) {
        const { nodes } = setting;
        yield { kind: 'progress', label: `${nodes} variables, draw ${k}`, fraction: k / most };
        const { truth, data, best, seed } = draw(setting, context, k);
        const options = { ...optionsOf(setting, context), seed };
        const { estimate, rounds, score } = await search(method, data, options, context.signal);
        const x = rounds.map((_, at) => at);
        if (k < 5) {
          const panel = `${nodes} variables`;
          const work = { seconds: rounds.map((r) => r.seconds) };
          yield { kind: 'points', panel, series: `draw ${k}`, x, y: rounds.map((r) => r.score), work };
          yield { kind: 'points', panel, series: `true order, draw ${k}`, x: [0, x.length - 1], y: [best, best] };
        }
        const changes = rounds.slice(1).map((r, at) => r.score - rounds[at].score);
        rises.push(changes.length > 0 ? Math.max(...changes) : Number.NaN);
        // One round that does not lower the score decides.
        if (falling && !(Math.max(...rises) < 0)) {
          falling = false;
          yield monotone();
        }
        const shd = hammingDistance(truth, estimate.dag);
        const found = setting === twenty ? ofTwenty : ofMore;
        found.gaps.push(score - best);
        found.distances.push(shd);
        found.seconds.push(estimate.seconds);
        const random = regressionScore(data.C, new Random(seed).permutation(nodes)) - best;
        const variance = regressionScore(data.C, varianceOrder(data)) - best;
        rows.get(setting)!.push([k, random, variance, score - best, shd, rounds.length - 1, estimate.seconds]);
        if (setting === twenty) better += betterSwaps(data.C, estimate.order);
        if (k === 0 && setting === twenty) yield* graphPictures(truth, estimate.dag, 'Learned');
      }
      k++;
    } while (!decide.enough('reaches-true-score', k, values));
    const columns = ['draw', 'random order', 'by variance', 'swaps', 'SHD', 'rounds', 'seconds'];
    for (const [{ nodes }, list] of rows) {
      yield { kind: 'table', title: `${nodes} variables: score less that of the true order`, columns, rows: list };
    }
    yield decide('reaches-true-score', values());
    if (falling) yield monotone();
  },
});
