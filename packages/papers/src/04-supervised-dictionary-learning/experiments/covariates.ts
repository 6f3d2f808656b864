import { elementary } from '@southwell/numerics/special';
import type { DenseMatrix } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { texts } from '../documents.ts';
import { covariateStudy } from '../lab.ts';
import { locked } from '../locked.ts';
import { libraryMethod, mean, split } from '../models.ts';
import { record } from '../record.ts';

/** Three covariates with a true effect; and documents. */
export default experiment(record, {
  id: 'covariates',
  title: 'Covariates beside the dictionary',
  panels: [
    {
      title: 'deviance',
      x: { label: 'draw' },
      y: { label: 'test deviance of a sample' },
      series: ['with covariates', { id: 'without', name: 'without covariates' }],
      control: 'without',
    },
  ],
  claims: ['covariates'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { sizes, draws } = locked.claims.covariates;
    const { columns: p, samples: n, steps } = sizes[context.size];
    const looks = draws[context.size];
    const pause = pauses(context);
    const [ratios, leaks]: number[][] = [[], []];
    const values = () => ({ ratio: { draws: ratios }, leak: { draws: leaks } });
    const rows: Cell[][] = [];
    let draw = 0;
    do {
      const study = split(covariateStudy(p, n, 1000 * context.seed + draw), n / 2);
      const { train, test } = study;
      const deviance: number[] = [];
      for (const with_ of [false, true]) {
        const name = with_ ? 'with covariates' : 'without';
        yield { kind: 'progress', label: name, fraction: (draw + (with_ ? 0.5 : 0)) / looks[looks.length - 1] };
        const start = performance.now();
        const fit = await method
          .estimator({ rank: 3, xi: 0.1, seed: draw, maxIter: steps })
          .fitAsync(train.X, train.y, {
            covariates: with_ ? train.covariates : undefined,
            signal: context.signal,
          });
        context.signal?.throwIfAborted();
        const seconds = (performance.now() - start) / 1000;
        const P = fit.predictProba(test.X, { covariates: with_ ? test.covariates : undefined });
        const value = devianceOf(test.y, P.column(1));
        const leak = largestCorrelation(fit.codes, train.covariates!);
        deviance.push(value);
        rows.push([draw + 1, name, value, fit.reconstructionError, leak]);
        if (with_) leaks.push(leak);
        const work = { seconds: [seconds] };
        yield { kind: 'points', panel: 'deviance', series: name, x: [draw + 1], y: [value], work };
        if (draw === 0) {
          const points = Array.from({ length: test.X.rows }, (_, s) => ({ x: s, y: P.get(s, 1), group: test.y[s] }));
          const groups = ['label 0', 'label 1'];
          const picture = { type: 'scatter', xLabel: 'test sample', yLabel: 'probability', points, groups } as const;
          yield { kind: 'picture', title: `Probabilities ${name}`, picture };
        }
        P.free();
        await pause();
      }
      ratios.push(deviance[1] / deviance[0]);
      study.free();
      draw++;
    } while (!decide.enough('covariates', draw, values));
    yield {
      kind: 'table',
      title: `${p} coordinates, ${n / 2} samples`,
      columns: [
        'draw',
        'model',
        'test deviance',
        'reconstruction error',
        'largest correlation of codes and covariates',
      ],
      rows,
    };
    yield decide('covariates', values());
    yield* texts(method, context, pause);
  },
});

/** −2 log likelihood, averaged over samples. */
function devianceOf(y: ArrayLike<number>, P: ArrayLike<number>): number {
  let sum = 0;
  for (let s = 0; s < y.length; s++) sum -= 2 * elementary.log(Math.max(1e-15, y[s] === 1 ? P[s] : 1 - P[s]));
  return sum / y.length;
}

/** The largest absolute correlation between a code and a covariate. */
function largestCorrelation(H: DenseMatrix, Z: DenseMatrix): number {
  const centred = (x: Float64Array) => {
    const m = mean(Array.from(x));
    const v = x.map((value) => value - m);
    const length = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
    return v.map((value) => (length > 0 ? value / length : 0));
  };
  let largest = 0;
  for (let k = 0; k < H.cols; k++) {
    const h = centred(H.column(k));
    for (let j = 0; j < Z.cols; j++) {
      const z = centred(Z.column(j));
      largest = Math.max(largest, Math.abs(h.reduce((sum, v, s) => sum + v * z[s], 0)));
    }
  }
  return largest;
}
