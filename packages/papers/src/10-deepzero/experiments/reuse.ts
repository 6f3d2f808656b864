import { type FeatureReuse, StagedLoss, zoBatches } from 'southwell/training';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { BATCH, drawOf, flatten, loadSmallDigits, perceptron, startOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const ways = { none: 'whole passes', stages: 'layers', units: 'units' } as const satisfies Record<FeatureReuse, string>;
const MU = 5e-3;
const SAME = locked.claims['feature-reuse'].measures.difference['≤'];

/** The same differences by full passes, from the layer of the weight onwards, and from its unit onwards. */
export default experiment(record, {
  id: 'reuse',
  title: 'What is kept of a pass',
  panels: [
    {
      title: 'Multiplications saved, layers of 16',
      x: { label: 'hidden layers' },
      y: { label: 'multiplications of whole passes over those that are made', log: true },
      series: [ways.stages, ways.units],
    },
  ],
  timed: true,
  claims: ['feature-reuse'],
  method: (net: StagedLoss, coord: number, to: number, reuse: FeatureReuse) => net.moved(coord, to, reuse),
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const size = locked.claims['feature-reuse'].sizes[context.size];
    const pause = pauses(context);
    const { train } = await loadSmallDigits();
    const opened = (hidden: number, width: number) => {
      const model = perceptron(Array.from({ length: hidden }, () => width));
      const random = drawOf(context.seed, hidden);
      const x = flatten(startOf(model, random.split(1)));
      const net = new StagedLoss(model, train, BATCH, 'crossEntropy');
      net.load(x, zoBatches(train.count, BATCH, random.integer(2 ** 31))(0));
      return { x, net };
    };
    /** Differences along every `every`-th weight, with their multiplications and seconds. */
    const measure = async ({ x, net }: ReturnType<typeof opened>, reuse: FeatureReuse, every: number) => {
      const values: number[] = [];
      const before = net.work;
      let seconds = 0;
      for (let j = 0; j < x.length; j += every) {
        const start = performance.now();
        values.push(method(net, j, x[j] + MU, reuse));
        seconds += (performance.now() - start) / 1000;
        await pause();
      }
      return { values, work: net.work - before, seconds };
    };
    const rows: Array<Array<string | number>> = [];
    const compare = async (hidden: number, width: number, every: number, repeats: number) => {
      const subject = opened(hidden, width);
      const best = {} as Record<FeatureReuse, Awaited<ReturnType<typeof measure>>>;
      // Alternating, so that other work on the machine affects all of them equally.
      for (let k = 0; k < repeats; k++) {
        for (const reuse of Object.keys(ways) as FeatureReuse[]) {
          const one = await measure(subject, reuse, every);
          if (!best[reuse] || one.seconds < best[reuse].seconds) best[reuse] = one;
        }
      }
      subject.net.free();
      const { none } = best;
      for (const reuse of ['stages', 'units'] as const)
        rows.push([
          `${hidden} × ${width}`,
          ways[reuse],
          none.work / best[reuse].work,
          none.seconds / best[reuse].seconds,
        ]);
      return best;
    };

    yield { kind: 'progress', label: 'four hidden layers of 64', fraction: 0 };
    const { none, stages, units } = await compare(size.hidden, size.width, size.every, size.repeats);
    const apart = (other: readonly number[]) =>
      other.reduce((most, v, k) => Math.max(most, Math.abs(v - none.values[k])), 0);
    const difference = [
      { label: ways.stages, value: apart(stages.values) },
      { label: ways.units, value: apart(units.values) },
    ];
    const same = Math.max(...difference.map(({ value }) => value)) <= SAME;
    yield decide('feature-reuse', {
      work: same ? none.work / units.work : 0,
      ...(full && {
        stages: same ? none.seconds / stages.seconds : 0,
        units: same ? none.seconds / units.seconds : 0,
      }),
      difference,
    });

    const depths = [1, 2, 3, 4, 5, 6];
    const gains: Record<'stages' | 'units', number[]> = { stages: [], units: [] };
    for (const hidden of depths) {
      yield { kind: 'progress', label: `${hidden} hidden layers of 16`, fraction: hidden / 7 };
      const best = await compare(hidden, 16, 7, full ? 3 : 1);
      for (const reuse of ['stages', 'units'] as const) gains[reuse].push(best.none.work / best[reuse].work);
    }
    for (const reuse of ['stages', 'units'] as const)
      yield {
        kind: 'points',
        panel: 'Multiplications saved, layers of 16',
        series: ways[reuse],
        x: depths,
        y: gains[reuse],
      };
    const columns = ['hidden layers', 'passing on', 'multiplications', 'time'];
    yield { kind: 'table', title: 'Whole passes over what is reused', columns, rows };
  },
});
