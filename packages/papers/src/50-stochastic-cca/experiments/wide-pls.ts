import { DenseMatrix, Random } from 'southwell';
import { experiment } from '../../define.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { capturedCovariance, exactCovariances, type Table, tableOf } from '../exact.ts';
import { libraryMethod, weightsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, measures } = locked.claims['wide-pls'];
const { components: K, covariances: COVARIANCES, rows: ROWS, noise, batch: batchSize, epochs } = sizes.quick;

/** Two views with few shared directions in many columns, plus noise. */
async function wide(columns: number, seed: number, pause: Pause): Promise<DenseMatrix[]> {
  const random = new Random(seed);
  const scores = COVARIANCES.map((c) => Float64Array.from({ length: ROWS }, () => Math.sqrt(c) * random.normal()));
  const out: DenseMatrix[] = [];
  for (let view = 0; view < 2; view++) {
    const X = DenseMatrix.create(ROWS, columns / 2, { fill: false });
    const { data } = X;
    for (let j = 0; j < X.cols; j++) {
      const loadings = COVARIANCES.map(() => random.normal() / Math.sqrt(X.cols));
      for (let i = 0; i < ROWS; i++) {
        let v = noise * random.normal();
        for (let c = 0; c < K; c++) v += loadings[c] * scores[c][i];
        data[j * ROWS + i] = v;
      }
      await pause();
    }
    out.push(X);
  }
  return out;
}

/** Partial least squares on far more columns than rows. */
export default experiment(record, {
  id: 'wide-pls',
  title: 'Partial least squares on many columns',
  panels: [
    {
      title: 'Sum of the covariances',
      x: { label: 'steps' },
      y: { label: 'sum over its exact value' },
      series: ['Eckart–Young'],
    },
    {
      title: 'Planted low rank',
      x: { label: 'component' },
      y: { label: 'covariance over its exact value' },
      series: ['covariances in order'],
    },
  ],
  claims: ['wide-pls'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { columns, rate } = sizes[context.size];
    yield { kind: 'progress', label: 'data', fraction: 0 };
    const views = await wide(columns, new Random(context.seed).split(0).integer(2 ** 32), pause);
    await pause();
    const tables = views.map(tableOf) as unknown as readonly [Table, Table];
    const exact = exactCovariances(...tables, K);
    const best = exact.reduce((s, v) => s + v, 0);
    await pause();
    const run = method.steps(views, {
      components: K,
      ridge: 1,
      batchSize,
      epochs,
      learningRate: rate,
      seed: new Random(context.seed).split(1).integer(2 ** 32),
    });
    const resumed = performance.now();
    let [steps, kept, size] = [0, 0, 0];
    for (;;) {
      const step = run.next();
      if (step.done) {
        const found = step.value;
        const share = capturedCovariance(tables, weightsOf(found), K) / best;
        const seconds = (performance.now() - resumed) / 1000;
        yield {
          kind: 'points',
          panel: 'Planted low rank',
          series: 'covariances in order',
          x: [1, 2, 3],
          y: Array.from(found.eigenvalues, (v, c) => v / exact[c]),
          work: { seconds: [seconds, seconds, seconds] },
        };
        const checks = { size: Math.abs(size / best - 1), kept: kept / (K * columns) };
        const sound = checks.size <= measures.size['≤'] && checks.kept <= measures.kept['≤'];
        yield decide('wide-pls', { share: sound ? share : 0, ...checks });
        yield {
          kind: 'table',
          title: 'Partial least squares',
          columns: ['columns', 'steps', 'share', 'megabytes kept between steps', 'megabytes of the cross-covariance'],
          rows: [[columns, steps, Number(share.toFixed(4)), (8 * kept) / 1e6, (8 * (columns / 2) ** 2) / 1e6]],
        };
        return;
      }
      // ΣUᵀU is Λ at the minimum.
      size = step.value.weights.reduce((sum, U) => U.reduce((part, v) => part + v * v, sum), 0);
      if (++steps === 1) kept = numbersIn(step.value.checkpoint?.());
      if (steps % 10 === 0)
        yield { kind: 'points', panel: 'Sum of the covariances', series: 'Eckart–Young', x: [steps], y: [size / best] };
      if (steps % 50 === 0) {
        yield { kind: 'progress', label: `step ${steps}`, fraction: (steps * batchSize) / (ROWS * epochs) };
      }
      await pause();
    }
  },
});

/** Number of values in plain data. */
function numbersIn(value: unknown): number {
  if (typeof value === 'number') return 1;
  if (value instanceof Float64Array) return value.length;
  return typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, part) => sum + numbersIn(part), 0)
    : 0;
}
