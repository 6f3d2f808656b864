// Two threads against one, wall seconds: a pool for the products of one fit, and parallel folds of a cross-validation.
import { ThreadPool } from 'southwell';
import { lasso, logisticRegression } from 'southwell/linear-models';
import type { Outcome } from '../command.ts';
import { type DataSet, dense, missing, type Prepared, prepare, real } from './datasets.ts';
import { type Task, tasks } from './tasks.ts';

interface Row {
  readonly task: string;
  readonly one: number;
  readonly two: number;
  readonly speedup: number;
}

const FITS = ['dense-lasso-10', 'dense-lasso-100', 'dense-logistic-100', 'dense-path', 'reuters-path'];

const validations: ReadonlyArray<{ name: string; set: DataSet; run: (data: Prepared, threads: number) => unknown }> = [
  {
    name: 'spambase: logistic path, 10 folds',
    set: real.spambase,
    run: (data, threads) => logisticRegression({}).crossValidate(data.X, data.labels, { folds: 10, threads }),
  },
  {
    name: 'dense: lasso path, 5 folds',
    set: dense,
    run: (data, threads) => lasso({}).crossValidate(data.X, data.y, { folds: 5, threads }),
  },
];

function fitting(task: Task, data: Prepared): (pool: ThreadPool) => void {
  const gaussian = task.model.loss === 'squared';
  const y = gaussian ? data.y : data.labels;
  const estimator = (gaussian ? lasso : logisticRegression)({ fitIntercept: false });
  const alphaMax = estimator.alphaMax(data.X, y);
  const alphas = task.shares.map((share) => share * alphaMax);
  return (pool) => estimator.path(data.X, y, { alphas, pool });
}

/** Best wall seconds of `repeats` runs, alternating between one and two threads. */
async function compare(name: string, repeats: number, run: (threads: number) => unknown): Promise<Row> {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let k = 0; k < repeats; k++) {
    for (const threads of [1, 2]) {
      const start = performance.now();
      await run(threads);
      best[threads - 1] = Math.min(best[threads - 1], (performance.now() - start) / 1000);
    }
  }
  const [one, two] = best;
  console.error(`${name}: ${one.toPrecision(3)} s with one thread, ${two.toPrecision(3)} s with two`);
  return { task: name, one, two, speedup: one / two };
}

/** The comparison, printed as a table without --json; one thread takes the role of the peer. */
export async function threads(repeats: number, json: boolean): Promise<Outcome> {
  const rows: Row[] = [];
  for (const task of tasks.filter((t) => FITS.includes(t.name))) {
    if (missing(task.set)) continue;
    const data = await prepare(task.set);
    const pools = [1, 2].map((count) => ThreadPool.create({ arena: data.X.arena, threads: count }));
    const [one, two] = await Promise.all(pools);
    const fit = fitting(task, data);
    rows.push(await compare(task.name, repeats, (count) => fit(count === 1 ? one : two)));
    await two.close();
    data.X.free();
  }
  for (const { name, set, run } of validations) {
    const data = await prepare(set);
    rows.push(await compare(name, Math.min(repeats, 2), (count) => run(data, count)));
    data.X.free();
  }
  if (!json) {
    console.log('\n| wall seconds | one thread | two | speed-up |\n| --- | ---: | ---: | ---: |');
    for (const r of rows)
      console.log(`| ${r.task} | ${r.one.toPrecision(3)} | ${r.two.toPrecision(3)} | ${r.speedup.toFixed(2)} |`);
  }
  const measurements = rows.map(({ task, one, two, speedup }) => ({
    name: task,
    ...{ ours: two, peer: one, peerName: 'one thread', unit: 'wall seconds', speedup },
  }));
  return { tasks: measurements, json };
}
