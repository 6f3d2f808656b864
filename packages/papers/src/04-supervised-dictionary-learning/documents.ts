import { metrics } from 'southwell';
import type { Cell, ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { documents } from './lab.ts';
import { type Method, split } from './models.ts';
import { classify, filtered, nmf, tableOf } from './rival.ts';

/** F1 score with few positives, for documents of two topics. */
export async function* texts(
  method: Method,
  context: ExperimentContext,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const full = context.size === 'full';
  const [n, words] = full ? [2000, 500] : [800, 120];
  const study = split(documents(n, words, 1000 * context.seed + 77), n / 2);
  const { train, test } = study;
  const rows: Cell[][] = [];
  const score = (name: string, P: ArrayLike<number>, threshold: number) => {
    let [hits, alarms, missed] = [0, 0, 0];
    for (let s = 0; s < test.y.length; s++) {
      const found = P[s] >= threshold;
      if (found && test.y[s] === 1) hits++;
      else if (found) alarms++;
      else if (test.y[s] === 1) missed++;
    }
    rows.push([name, (2 * hits) / (2 * hits + alarms + missed), metrics.rocAuc(test.y, P)]);
  };
  yield { kind: 'progress', label: 'documents', fraction: 0.9 };
  await pause();
  const [left, right] = [tableOf(train.X), tableOf(test.X)];
  const all = classify(left, train.y, right);
  score('all words', all.P, all.threshold);
  const { W } = nmf(left, 2, 1);
  const after = classify(filtered(left, W, 2), train.y, filtered(right, W, 2));
  score('factorise, then classify', after.P, after.threshold);
  await pause();
  const fit = await method
    .estimator({ rank: 2, xi: 0.01, maxIter: 150, seed: 1 })
    .fitAsync(train.X, train.y, { signal: context.signal });
  context.signal?.throwIfAborted();
  const P = fit.predictProba(test.X);
  score('supervised dictionary, ξ = 0.01', P.column(1), fit.threshold);
  P.free();
  study.free();
  yield {
    kind: 'table',
    title: `${n / 2} documents of ${words} words, 5 % positive`,
    columns: ['method', 'F', 'area under the ROC curve'],
    rows,
  };
}
