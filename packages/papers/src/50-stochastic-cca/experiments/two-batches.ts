import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { capturedSum, crossCovariance, exactCca, scoresOf, type Table, tableOf } from '../exact.ts';
import { libraryMethod, type Method, planted, weightsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws } = locked.claims['two-batches'];
/** The last correlation is smaller than the shift caused by using one batch twice. */
const { components: K, rows: ROWS, columns, correlations, batch: BATCH, pairs: PAIRS, rate } = sizes.quick;

type Views = readonly [Table, Table];

/** The purpose of the second of two independent batches. */
export default experiment(record, {
  id: 'two-batches',
  title: 'Two batches, and one used twice',
  panels: [
    {
      title: 'Limits',
      x: { label: 'rows a batch', log: true },
      y: { label: 'variance of the scores at the end over its exact value' },
      series: ['two batches', 'one batch used twice'],
      control: 'one batch used twice',
    },
  ],
  claims: ['two-batches'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const looks = draws[context.size];
    const [slopes, spans, shares]: number[][] = [[], [], []];
    const off = (ratios: readonly number[]) => ({ draws: ratios.map((ratio) => Math.abs(ratio - 1)) });
    const values = () => ({ gradient: off(slopes), size: off(spans), share: { draws: shares } });
    const { epochs: passes, shown } = sizes[context.size];
    let first: { views: Awaited<ReturnType<typeof planted>>; tables: Views } | undefined;
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
      const random = new Random(context.seed).split(draw);
      const views = await planted(ROWS, columns, correlations, random.integer(2 ** 32), pause);
      const tables = views.map(tableOf) as unknown as Views;
      slopes.push(await slopeShare(method, tables, random, pause));
      const end = await limit(method, views, tables, { seed: draw, passes, batchSize: BATCH, twoBatches: true }, pause);
      spans.push(end.size);
      shares.push(end.share);
      if (draw === 0) first = { views, tables };
      else for (const V of views) V.free();
      draw++;
    } while (!decide.enough('two-batches', draw, values));
    yield decide('two-batches', values());
    const { views, tables } = first!;
    const rows: Cell[][] = [];
    for (const twoBatches of [true, false]) {
      for (const batchSize of shown) {
        const end = await limit(method, views, tables, { seed: 0, passes, batchSize, twoBatches }, pause);
        const series = twoBatches ? 'two batches' : 'one batch used twice';
        yield { kind: 'points', panel: 'Limits', series, x: [batchSize], y: [end.size] };
        rows.push([series, batchSize, end.size, end.share]);
      }
    }
    const headings = ['gradient from', 'rows a batch', 'variance of scores, over exact', 'share of the correlation'];
    yield { kind: 'table', title: 'Where the steps settle', columns: headings, rows };
    const [Zx, Zy] = exactCca(...tables, K).weights.map((W, v) => scoresOf(tables[v], W).data);
    const points = Array.from({ length: 500 }, (_, i) => ({ x: Zx[i * K], y: Zy[i * K] }));
    const picture = { type: 'scatter', xLabel: 'first view', yLabel: 'second view', points } as const;
    yield { kind: 'picture', title: 'First canonical variates, exact', picture };
    for (const V of views) V.free();
  },
});

/**
 * The ratio of the mean gradient along the weights over pairs of batches to its exact value −4 tr C + 4‖V‖², at
 * canonical weights of variance 1.
 */
async function slopeShare(method: Method, tables: Views, random: Random, pause: Pause): Promise<number> {
  const { correlations, weights } = exactCca(...tables, K);
  const rho = correlations.reduce((s, v) => s + v, 0);
  // V = 2I there, and tr C = 2Σρ.
  const exact = -8 * rho + 16 * K;
  let sum = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const [one, other] = [0, 1].map(() => {
      const order = random.sample(ROWS, BATCH);
      return tables.map(({ cols, data }) => {
        const out = new Float64Array(BATCH * cols);
        order.forEach((row, i) => {
          out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
        });
        return out;
      });
    });
    const { gradients } = method.gradient(one, other, weights, [0, 0], BATCH, K);
    gradients.forEach((g, v) => {
      for (let at = 0; at < g.length; at++) sum += g[at] * weights[v][at];
    });
    if (pair % 100 === 0) await pause();
  }
  return sum / PAIRS / exact;
}

interface Limit {
  readonly seed: number;
  readonly passes: number;
  readonly batchSize: number;
  readonly twoBatches: boolean;
}

/**
 * Plain steps for some passes: the variance of scores, averaged over the second half, divided by Σρ; and the fraction
 * of Σρ found.
 */
async function limit(
  method: Method,
  views: Parameters<Method['steps']>[0],
  tables: Views,
  { seed, passes, batchSize, twoBatches }: Limit,
  pause: Pause,
): Promise<{ readonly size: number; readonly share: number }> {
  const rho = exactCca(...tables, K).correlations.reduce((s, v) => s + v, 0);
  // The same total distance with larger batches, which take fewer steps.
  const learningRate = (rate * batchSize) / BATCH;
  const options = {
    components: K,
    batchSize,
    epochs: passes,
    optimiser: 'sgd',
    learningRate,
    twoBatches,
    seed,
  } as const;
  const steps = (passes * ROWS) / batchSize;
  const every = Math.ceil(steps / 100);
  let [taken, sum, count] = [0, 0, 0];
  const run = method.steps(views, options);
  for (;;) {
    const step = run.next();
    if (step.done) return { size: sum / count / rho, share: capturedSum(tables, weightsOf(step.value), K) / rho };
    taken++;
    if (2 * taken > steps && taken % every === 0) {
      count++;
      step.value.weights.forEach((U, v) => {
        const Z = scoresOf(tables[v], U);
        const V = crossCovariance(Z, Z);
        // V of both views is Λ at the minimum.
        for (let c = 0; c < K; c++) sum += V[c * K + c];
      });
    }
    if (taken % 50 === 0) await pause();
  }
}
