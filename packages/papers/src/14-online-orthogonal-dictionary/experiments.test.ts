import { polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, type MatrixLike, Random } from 'southwell';
import { OnlineOrthogonalDictionary, type OnlineOrthogonalOptions } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { expectAbort, outcomesOf } from '../testing.ts';
import drift from './experiments/drift.ts';
import recovery from './experiments/recovery.ts';
import sensors from './experiments/sensors.ts';
import stored from './experiments/stored.ts';
import type { Learner, Method } from './learner.ts';

const outcomes = (experiment: Experiment) => outcomesOf([experiment], 11, { whole: true });

test('every claim holds, on a seed of the tests alone', async () => {
  expect(await outcomes(recovery)).toEqual({ recovery: 'holds', 'gap-rate': 'holds', 'within-the-ball': 'holds' });
  expect(await outcomes(stored)).toEqual({ 'beats-stored': 'holds' });
  expect(await outcomes(drift)).toEqual({ drift: 'holds' });
});

/** The method with the sign of the objective turned: towards dense codes. Written without the library's. */
class WrongSign implements Learner {
  gap = Number.POSITIVE_INFINITY;
  private t = 0;
  private D: Float64Array;
  private readonly G: Float64Array;
  private readonly n: number;

  constructor({ dim: n, seed = 0 }: OnlineOrthogonalOptions) {
    const random = new Random(seed);
    this.n = n;
    this.D = polarFactor(
      Float64Array.from({ length: n * n }, () => random.normal()),
      n,
    );
    this.G = new Float64Array(n * n);
  }

  update(batch: MatrixLike): void {
    const { n, G } = this;
    const Y = batch as DenseMatrix;
    const rho = 1 / Math.sqrt(++this.t);
    for (let k = 0; k < n * n; k++) G[k] *= 1 - rho;
    for (let i = 0; i < Y.rows; i++) {
      for (let j = 0; j < n; j++) {
        let z = 0;
        for (let a = 0; a < n; a++) z += this.D[j * n + a] * Y.get(i, a);
        for (let a = 0; a < n; a++) G[j * n + a] -= (rho * z * Math.abs(z) * Y.get(i, a)) / Y.rows;
      }
    }
    const S = polarFactor(G, n, this.D);
    this.gap = S.reduce((sum, s, k) => sum + (s - this.D[k]) * G[k], 0);
    const gamma = this.t ** -0.75;
    this.D = this.D.map((d, k) => d + gamma * (S[k] - d));
  }

  iterate(): DenseMatrix {
    return DenseMatrix.fromColumnMajor(this.D, this.n, this.n);
  }

  dictionary(): DenseMatrix {
    return DenseMatrix.fromColumnMajor(polarFactor(this.D, this.n), this.n, this.n);
  }
}

test('with the sign of the objective turned, nothing is found', async () => {
  const wrong: Method = (options) => new WrongSign(options);
  expect((await outcomes(recovery.withMethod(wrong))).recovery).toBe('does not hold');
});

test('steps that shrink too soon miss the rate, steps of nothing the rotation', async () => {
  const slow: Method = (options) =>
    new OnlineOrthogonalDictionary({ ...options, averaging: (t) => t ** (-2 / 3), stepSize: (t) => 1 / t });
  expect((await outcomes(recovery.withMethod(slow))).recovery).toBe('does not hold');
  const still: Method = (options) => new OnlineOrthogonalDictionary({ ...options, stepSize: () => 0 });
  expect(await outcomes(recovery.withMethod(still))).toMatchObject({
    recovery: 'does not hold',
    'gap-rate': 'does not hold',
  });
});

test('signals are kept by every basis in a table', async () => {
  for await (const event of sensors.run({ size: 'quick', seed: 11 })) {
    if (event.kind !== 'table') continue;
    expect(event.rows).toHaveLength(2);
    for (const [, own, batch] of event.rows) expect(own).toBeGreaterThan(Number(batch) - 2);
  }
});

test('an abort ends a run by its reason, soon', () => expectAbort(recovery));
