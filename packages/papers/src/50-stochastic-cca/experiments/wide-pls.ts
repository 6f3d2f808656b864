import { DenseMatrix, Random } from 'southwell';
import { ccaExactIterates } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import { type Pause, pauses, pointOf } from '../../pauses.ts';
import { libraryMethod } from '../lab.ts';
import { record } from '../record.ts';

const K = 3;
const COVARIANCES = [3, 2, 1.5];
const ROWS = 500;

/** Two views of few shared directions in many columns, and noise. */
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
        let v = 0.02 * random.normal();
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
  axes: { x: 'passes over the rows', y: 'share of the exact covariance', logY: false },
  claims: ['wide-pls'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const columns = full ? 20_000 : 2000;
    yield { kind: 'progress', label: 'data', fraction: 0 };
    const views = await wide(columns, new Random(context.seed).split(0).integer(2 ** 32), pause);
    await pause();
    const exact = await pointOf(ccaExactIterates(views, { components: K, ridge: 1 }), pause);
    const best = exact.eigenvalues.reduce((s, v) => s + v, 0);
    await pause();
    const [batchSize, epochs] = [20, 40];
    const run = method.steps(views, {
      components: K,
      ridge: 1,
      batchSize,
      epochs,
      learningRate: full ? 3e-4 : 1e-3,
      seed: new Random(context.seed).split(1).integer(2 ** 32),
    });
    const resumed = performance.now();
    let steps = 0;
    for (;;) {
      const step = run.next();
      if (step.done) {
        const found = step.value;
        const share = found.eigenvalues.reduce((s, v) => s + v, 0) / best;
        const seconds = (performance.now() - resumed) / 1000;
        yield {
          kind: 'points',
          panel: 'Planted low rank',
          series: 'covariances in order',
          x: [1, 2, 3],
          y: Array.from(found.eigenvalues, (v, c) => v / exact.eigenvalues[c]),
          work: { seconds: [seconds, seconds, seconds] },
        };
        yield decide('wide-pls', { share });
        yield {
          kind: 'table',
          title: 'Partial least squares',
          columns: ['columns', 'steps', 'share', 'megabytes of weights', 'megabytes of the cross-covariance'],
          rows: [[columns, steps, Number(share.toFixed(4)), (8 * K * columns) / 1e6, (8 * (columns / 2) ** 2) / 1e6]],
        };
        return;
      }
      if (++steps % 50 === 0) {
        yield { kind: 'progress', label: `step ${steps}`, fraction: (steps * batchSize) / (ROWS * epochs) };
      }
      await pause();
    }
  },
});
