import { Random } from 'southwell';
import { type CanonicalVariates, ccaExactIterates } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { capturedSum, type Table, tableOf } from '../exact.ts';
import { libraryMethod, planted } from '../lab.ts';
import { record } from '../record.ts';

const K = 5;
const RHO = [0.9, 0.85, 0.8, 0.75, 0.7];
/** Target fraction of the exact sum; with many columns, noise keeps constant steps on batches from going much further. */
const GOAL = 0.95;
const BATCH = 100;

/** Runs steps to the end, or until `enough` returns true; seconds are those of the steps alone. */
async function timed<S>(
  steps: Generator<S>,
  pause: Pause,
  enough: (step: S, count: number) => boolean,
): Promise<{ readonly seconds: number; readonly steps: number }> {
  let seconds = 0;
  for (let count = 1; ; count++) {
    const resumed = performance.now();
    const step = steps.next();
    seconds += (performance.now() - resumed) / 1000;
    if (step.done) return { seconds, steps: count - 1 };
    if (enough(step.value, count)) return { seconds, steps: count };
    await pause();
  }
}

/** The number of columns from which small batches are faster than the eigenproblem. Times are not claimed. */
export default experiment(record, {
  id: 'crossover',
  title: 'Time against the number of columns',
  panels: [
    {
      title: 'Planted, {rows} rows',
      x: { label: 'columns of both views', log: true },
      y: { label: `time to ${GOAL} of the exact correlation`, unit: 's', log: true },
      series: ['exact, whole', `Eckart–Young, batches of ${BATCH}`],
      control: 'exact, whole',
    },
  ],
  claims: [],
  method: libraryMethod,
  async *run(context, _, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const root = new Random(context.seed);
    const n = full ? 10_000 : 2000;
    const sizes = full ? [64, 128, 256, 512, 1024] : [32, 64, 128];
    const panel = `Planted, ${n} rows`;
    const table: Cell[][] = [];
    for (const [at, columns] of sizes.entries()) {
      yield { kind: 'progress', label: `${columns} columns`, fraction: at / sizes.length };
      const [dataSeed, seed] = [0, 1].map((of) =>
        root
          .split(of)
          .split(at)
          .integer(2 ** 32),
      );
      const views = await planted(n, [columns / 2, columns / 2], RHO, dataSeed, pause);
      let whole: CanonicalVariates | undefined;
      const exact = await timed(ccaExactIterates(views, { components: K }), pause, (it) => {
        whole = it.snapshot();
        return it.done !== undefined;
      });
      const sum = whole!.eigenvalues.reduce((s, v) => s + v, 0);
      const tables = views.map(tableOf) as unknown as readonly [Table, Table];
      const every = full ? 20 : 5;
      let share = 0;
      const options = { components: K, batchSize: BATCH, epochs: full ? 30 : 60, learningRate: 2e-3, seed };
      const ey = await timed(method.steps(views, options), pause, ({ weights }, count) => {
        if (count % every === 0) share = capturedSum(tables, weights, K) / sum;
        return share >= GOAL;
      });
      for (const V of views) V.free();
      const point = (series: string, y: number) => ({ kind: 'points' as const, panel, series, x: [columns], y: [y] });
      yield point('exact, whole', exact.seconds);
      if (share >= GOAL) yield point(`Eckart–Young, batches of ${BATCH}`, ey.seconds);
      const short = (seconds: number) => Number(seconds.toPrecision(3));
      table.push([columns, short(exact.seconds), share >= GOAL ? short(ey.seconds) : null, ey.steps, share]);
    }
    yield {
      kind: 'table',
      title: `Seconds to ${GOAL} of the exact correlation`,
      columns: ['columns', 'exact, whole', 'Eckart–Young', 'steps', 'share reached'],
      rows: table.map((row) => row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(4)) : cell))),
    };
  },
});
