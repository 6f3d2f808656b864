import { loadBundledDust } from '@southwell/data';
import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryFit, rmse } from '../lab.ts';
import { record } from '../record.ts';
import { gaussianProcess, gridCp } from '../rivals.ts';

/** Latitudes of the stations Dongsi and Dingling, in degrees. */
const STATIONS = [
  { name: 'dongsi', latitude: 39.93 },
  { name: 'dingling', latitude: 40.29 },
] as const;

interface Entry {
  /** Day, hour and latitude. */
  readonly at: readonly [number, number, number];
  /** The same as cells of a grid. */
  readonly cell: readonly [number, number, number];
  readonly y: number;
}

/** log(1 + dust) at the stations, hour by hour, where it was measured. */
async function entriesOf(days: number): Promise<Entry[]> {
  const { columns, rows } = await loadBundledDust();
  const numbers = (name: string) => {
    const column = columns.find((c) => c.name === name)!;
    if (column.type !== 'number') throw new Error(`The column ${name} holds words.`);
    return column.values;
  };
  const [day, hour] = [numbers('day'), numbers('hour')];
  return STATIONS.flatMap(({ name, latitude }, s) => {
    const dust = numbers(name);
    return Array.from({ length: rows }, (_, i) => i)
      .filter((i) => day[i] < days && Number.isFinite(dust[i]))
      .map((i): Entry => ({ at: [day[i], hour[i], latitude], cell: [day[i], hour[i], s], y: Math.log(1 + dust[i]) }));
  });
}

/** Hours are a tenth of a day’s range apart at most that they know of each other; days, of the whole range. */
const LENGTHS = [0.1, 0.3, 1];
const RIDGES = [0.01, 0.3, 1, 3];

/** Dust in Beijing, day by hour by latitude, a tenth held out: beside CP on that very grid and the mean of each day. */
export default experiment(record, {
  id: 'stations',
  title: 'Dust at two stations of Beijing',
  axes: { x: 'rank', y: 'error on held-out entries', logY: false },
  claims: ['stations'],
  method: libraryFit,
  async *run(context, decide, fit) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const days = full ? 365 : 90;
    const ranks = full ? [2, 3, 4, 5] : [2, 3];
    const splits = full ? 3 : 1;
    const entries = await entriesOf(days);
    const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
    const own = ranks.map(() => 0);
    const other = ranks.map(() => 0);
    let [daily, process] = [0, 0];
    const rows: Cell[][] = [];
    for (let split = 0; split < splits; split++) {
      const order = [...new Random(1000 * context.seed + split).permutation(entries.length)];
      const cut = Math.round(entries.length / 10);
      const [test, train] = [order.slice(0, cut), order.slice(cut)].map((part) => part.map((i) => entries[i]));
      const [truth, y] = [test.map((e) => e.y), train.map((e) => e.y)];
      const sums = new Map<number, number[]>();
      for (const e of train) sums.set(e.at[0], [...(sums.get(e.at[0]) ?? []), e.y]);
      const all = mean(y);
      const day = rmse(
        truth,
        test.map((e) => mean(sums.get(e.at[0]) ?? [all])),
      );
      // A dense process of all entries is out of reach; axes scaled as the tensor has them.
      const some = train.slice(0, full ? 2000 : 700);
      const scaled = (list: readonly Entry[]) =>
        list.map(({ at: [d, h, l] }) => [d / days / LENGTHS[0], h / 23 / LENGTHS[1], (l - 39.93) / 0.36 / LENGTHS[2]]);
      const rough = (d: number) => Math.exp(-d);
      const gp = rmse(
        truth,
        gaussianProcess(
          scaled(some),
          some.map((e) => e.y),
          scaled(test),
          0.4,
          rough,
          0.3,
        ),
      );
      [daily, process] = [daily + day / splits, process + gp / splits];
      for (const [k, rank] of ranks.entries()) {
        const label = `split ${split + 1}, rank ${rank}`;
        yield { kind: 'progress', label, fraction: (split + k / ranks.length) / splits };
        await pause();
        const options = {
          rank,
          kernel: 'matern12',
          lengthscales: LENGTHS,
          centre: true,
          calibrate: 0,
          restarts: 2,
        } as const;
        const model = fit(
          train.map((e) => e.at),
          y,
          { ...options, seed: split },
        );
        await pause();
        const found = model.predict(test.map((e) => e.at));
        const error = rmse(truth, found.mean);
        let best = Number.POSITIVE_INFINITY;
        for (const ridge of RIDGES) {
          const cells = (list: readonly Entry[]) => list.map((e) => e.cell);
          const cp = gridCp(cells(train), y, cells(test), [days, 24, 2], { rank, ridge, seed: split });
          best = Math.min(best, rmse(truth, cp));
          await pause();
        }
        own[k] += error / splits;
        other[k] += best / splits;
        const width = model.deviations(0.9);
        const inside = truth.filter((v, n) => Math.abs(v - found.mean[n]) <= width * Math.sqrt(found.variance[n]));
        rows.push([split + 1, rank, error, best, day, gp, inside.length / truth.length]);
        if (split === 0 && k === ranks.length - 1) {
          const x = Array.from({ length: 93 }, (_, i) => i / 4);
          const { mean: curves } = model.latent(1, x);
          for (const [r, curve] of curves.entries()) {
            yield { kind: 'points', panel: 'functions of the hour', series: `function ${r + 1}`, x, y: [...curve] };
          }
        }
      }
    }
    const panel = 'error on held-out entries';
    yield { kind: 'points', panel, series: 'functional Tucker', x: ranks, y: own };
    yield { kind: 'points', panel, series: 'grid CP', x: ranks, y: other };
    yield { kind: 'points', panel, series: 'mean of the day', x: ranks, y: ranks.map(() => daily) };
    yield { kind: 'points', panel, series: 'process on some entries', x: ranks, y: ranks.map(() => process) };
    const columns = ['split', 'rank', 'functional Tucker', 'grid CP', 'day', 'process', '90 % cover'];
    yield { kind: 'table', title: 'Errors on the tenth that was held out', columns, rows };
    yield decide('stations', {
      grid: ranks.map((rank, k) => ({ label: `rank ${rank}`, value: own[k] / other[k] })),
      day: ranks.map((rank, k) => ({ label: `rank ${rank}`, value: own[k] / daily })),
    });
  },
});
