import { Random } from 'southwell';
import { type TopoOptions, varianceOrder } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { draw, libraryMethod, search } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { evaluationsTo, type Reached, randomSwaps } from '../rivals.ts';

/** Swaps by the gradient and as many swaps at random, from the same orders. */
export default experiment(record, {
  id: 'candidates',
  title: 'Swaps by the gradient and at random',
  panels: [
    {
      title: 'from {order}',
      x: { label: 'evaluations' },
      y: { label: 'score less that of the true order' },
      series: ['by the gradient', 'at random'],
      control: 'at random',
    },
  ],
  claims: ['by-gradient'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const claim = locked.claims['by-gradient'];
    const setting = claim.sizes[context.size];
    const { nodes, searches, few, reached } = setting;
    const found: Array<{ evaluations: number; variance: number; few: number }> = [];
    const over = (of: (own: (typeof found)[number]) => number) => ({ draws: found.map(of) });
    const values = () => ({
      evaluations: over((one) => one.evaluations),
      variance: over((one) => one.variance),
      few: over((one) => one.few),
    });
    const most = Math.max(...claim.draws[context.size]);
    const rows: Cell[][] = [];
    let k = 0;
    do {
      const { data, best, seed } = draw(setting, context, k);
      const random = new Random(seed);
      const start = random.permutation(nodes);
      const settings = [
        ['random order', { ...setting, order: start }],
        ['order by variance', { ...setting, order: varianceOrder(data) }],
        ['random order, few swaps', { small: few, large: few, searches: 0, order: start }],
      ] as const;
      const pairs: Array<readonly [own: readonly Reached[], other: readonly Reached[]]> = [];
      for (const [name, { small, large, searches: budget, order }] of settings) {
        yield { kind: 'progress', label: `${name}, draw ${k}`, fraction: (k + pairs.length / 3) / most };
        const options: TopoOptions = { small, large, largeSearches: budget, order };
        const { rounds } = await search(method, data, options, context.signal);
        const rule = { small, large, searches: budget };
        const other = await randomSwaps(data, order, rule, random.split(pairs.length), pause);
        pairs.push([rounds, other]);
        const ends = [rounds, other].map((t) => t[t.length - 1]);
        const needed = [rounds, other].map((t) => evaluationsTo(t, best + reached));
        rows.push([k, name, ...needed, ...ends.map((e) => e.score - best), ...ends.map((e) => e.evaluations)]);
        if (k > 0) continue;
        for (const [series, trace] of [
          ['by the gradient', rounds],
          ['at random', other],
        ] as const) {
          const points = trace.filter((t) => t.score - best < 10);
          const [x, y] = [points.map((t) => t.evaluations), points.map((t) => t.score - best)];
          yield { kind: 'points', panel: `from a ${name}`.replace('a order', 'the order'), series, x, y };
        }
      }
      const ratio = ([own, other]: (typeof pairs)[number]) =>
        evaluationsTo(own, best + reached) / evaluationsTo(other, best + reached);
      const last = (trace: readonly Reached[]) => trace[trace.length - 1].score;
      const [own, other] = pairs[2];
      found.push({ evaluations: ratio(pairs[0]), variance: ratio(pairs[1]), few: last(own) - last(other) });
      k++;
    } while (!decide.enough('by-gradient', k, values));
    yield decide('by-gradient', values());
    const columns = [
      ...['draw', 'start', `evaluations to ${reached}`, 'of random swaps'],
      ...['gap', 'of random swaps', 'evaluations in all', 'of random swaps'],
    ];
    yield { kind: 'table', title: `${nodes} variables, ${searches} large searches`, columns, rows };
  },
});
