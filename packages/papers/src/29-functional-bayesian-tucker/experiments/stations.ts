import { loadBundledDust } from '@southwell/data';
import { Random } from 'southwell';
import type { FunctionalTuckerOptions } from 'southwell/functional-tensors';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryFit, noiseOf, rmse } from '../lab.ts';
import { locked } from '../locked.ts';
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
  /** The same as grid cells. */
  readonly cell: readonly [number, number, number];
  readonly y: number;
}

/** log(1 + dust) at the stations, hourly, where measured. */
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

/** Matérn 1/2, as the paper uses for Beijing. */
const rough = (d: number): number => Math.exp(-d);
const { sizes, draws } = locked.claims.stations;
/** Correlation lengths in days, and ridges of CP. */
const { lengths: DAYS, ridges: RIDGES } = sizes.full;

const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;

/** The error of the daily means. */
function dayError(train: readonly Entry[], test: readonly Entry[]): number {
  const sums = new Map<number, number[]>();
  for (const e of train) sums.set(e.at[0], [...(sums.get(e.at[0]) ?? []), e.y]);
  const all = mean(train.map((e) => e.y));
  return rmse(
    test.map((e) => e.y),
    test.map((e) => mean(sums.get(e.at[0]) ?? [all])),
  );
}

/**
 * The error of a dense Gaussian process, which is infeasible for all entries: for a subset, with the hyperparameters
 * that are best on the tests.
 */
function processError(some: readonly Entry[], test: readonly Entry[], noise: number): number {
  const [truth, y] = [test, some].map((list) => list.map((e) => e.y));
  const off = DAYS.map((length) => {
    const scaled = (list: readonly Entry[]) =>
      list.map(({ at: [d, h, l] }) => [d / length, h / 12, (l - STATIONS[0].latitude) / 0.36]);
    return rmse(truth, gaussianProcess(scaled(some), y, scaled(test), noise, rough, 1));
  });
  return Math.min(...off);
}

/**
 * The error of CP on the grid, with the ridge that is best when trained on the first `cut` entries and validated on the
 * others.
 */
async function gridError(
  train: readonly Entry[],
  test: readonly Entry[],
  {
    cut,
    days,
    rank,
    seed,
  }: { readonly cut: number; readonly days: number; readonly rank: number; readonly seed: number },
  pause: () => Promise<void>,
): Promise<number> {
  const cells = (list: readonly Entry[]) => list.map((e) => e.cell);
  const values = (list: readonly Entry[]) => list.map((e) => e.y);
  const cp = (from: readonly Entry[], to: readonly Entry[], ridge: number) =>
    gridCp(cells(from), values(from), cells(to), [days, 24, 2], { rank, ridge, seed });
  const [check, rest] = [train.slice(0, cut), train.slice(cut)];
  let ridge: { value: number; error: number } = { value: RIDGES[0], error: Number.POSITIVE_INFINITY };
  for (const value of RIDGES) {
    const error = rmse(values(check), cp(rest, check, value));
    if (error < ridge.error) ridge = { value, error };
    await pause();
  }
  return rmse(values(test), cp(train, test, ridge.value));
}

/**
 * Dust in Beijing, day × hour × latitude, a tenth held out: compared with CP on the same grid and the daily means.
 * Neither contender uses the held-out entries: length scales and ridges are chosen on the rest.
 */
export default experiment(record, {
  id: 'stations',
  title: 'Dust at two stations of Beijing',
  panels: [
    {
      title: 'error on held-out entries',
      x: { label: 'rank' },
      y: { label: 'error' },
      series: ['functional Tucker', 'grid CP', 'mean of the day', 'process on some entries'],
      control: 'mean of the day',
    },
    {
      title: 'functions of the hour',
      x: { label: 'hour of the day' },
      y: { label: 'function' },
      series: ['function {number}'],
    },
  ],
  claims: ['stations'],
  method: libraryFit,
  async *run(context, decide, fit) {
    const pause = pauses(context);
    const { signal } = context;
    const { days, ranks: listed, hold, process: most } = sizes[context.size];
    const ranks: readonly number[] = listed;
    const splits = Math.max(...draws[context.size]);
    const entries = await entriesOf(days);
    const errors = ranks.map(() => ({ own: [] as number[], grid: [] as number[] }));
    const [daily, process]: [number[], number[]] = [[], []];
    const over = (k: number, rivals: readonly number[]) => errors[k].own.map((error, s) => error / rivals[s]);
    const values = () => ({
      day: ranks.map((rank, k) => ({ label: `rank ${rank}`, draws: over(k, daily) })),
      grid: ranks.map((rank, k) => ({ label: `rank ${rank}`, draws: over(k, errors[k].grid) })),
    });
    const rows: Cell[][] = [];
    let split = 0;
    const panel = 'error on held-out entries';
    /** The means over the splits so far. */
    const curve = (series: string, of: readonly (readonly number[])[]): ExperimentEvent => {
      const known = of.flatMap((list, k) => (list.length > 0 ? [k] : []));
      const [x, y] = [known.map((k) => ranks[k]), known.map((k) => mean(of[k]))];
      return { kind: 'points', panel, series, restart: true, x, y };
    };
    do {
      const order = [...new Random(1000 * context.seed + split).permutation(entries.length)];
      const cut = Math.round(entries.length * hold);
      const [test, train] = [order.slice(0, cut), order.slice(cut)].map((part) => part.map((i) => entries[i]));
      const [truth, y] = [test.map((e) => e.y), train.map((e) => e.y)];
      const day = dayError(train, test);
      daily.push(day);
      yield curve(
        'mean of the day',
        ranks.map(() => daily),
      );
      let chosen: Pick<FunctionalTuckerOptions, 'lengthscales' | 'centre'> = {};
      let gp = Number.NaN;
      for (const [k, rank] of ranks.entries()) {
        const label = `split ${split + 1}, rank ${rank}`;
        yield { kind: 'progress', label, fraction: (split + k / ranks.length) / splits };
        await pause();
        const options = {
          rank,
          kernel: 'matern12',
          calibrate: 0,
          restarts: 2,
          seed: split,
          signal,
          ...chosen,
        } as const;
        const model = await fit(
          train.map((e) => e.at),
          y,
          options,
        );
        await pause();
        if (k === 0) {
          const lengths = model.parts.axes.map(({ lengthscale }) => lengthscale);
          // Chosen with the lowest rank, for all ranks.
          chosen = { lengthscales: lengths, centre: model.parts.mean !== 0 };
          gp = processError(train.slice(0, most), test, noiseOf(model));
          process.push(gp);
          yield curve(
            'process on some entries',
            ranks.map(() => process),
          );
        }
        const found = model.predict(test.map((e) => e.at));
        const error = rmse(truth, found.mean);
        const best = await gridError(train, test, { cut, days, rank, seed: split }, pause);
        errors[k].own.push(error);
        errors[k].grid.push(best);
        yield curve(
          'functional Tucker',
          errors.map(({ own }) => own),
        );
        yield curve(
          'grid CP',
          errors.map(({ grid }) => grid),
        );
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
      split++;
    } while (!decide.enough('stations', split, values));
    const columns = ['split', 'rank', 'functional Tucker', 'grid CP', 'day', 'process', '90 % cover'];
    yield { kind: 'table', title: 'Errors on the tenth that was held out', columns, rows };
    yield decide('stations', values());
  },
});
