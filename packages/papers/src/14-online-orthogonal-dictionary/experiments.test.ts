import { polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, type MatrixLike, Random } from 'southwell';
import { OnlineOrthogonalDictionary, type OnlineOrthogonalOptions } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import type { Outcome } from '../experiment.ts';
import { experiments, experimentsWith, type Learner } from './index.ts';

async function outcomes(list: typeof experiments, id: string, seed: number): Promise<Record<string, Outcome>> {
  const out: Record<string, Outcome> = {};
  const kinds = new Set<string>();
  for await (const event of list.find((e) => e.id === id)!.run({ size: 'quick', seed })) {
    kinds.add(event.kind);
    if (event.kind === 'verdict') out[event.verdict.claim] = event.verdict.outcome;
  }
  expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  return out;
}

test('every claim holds, on a seed of the tests alone', async () => {
  expect(await outcomes(experiments, 'recovery', 11)).toEqual({ recovery: 'holds', 'gap-rate': 'holds' });
  expect(await outcomes(experiments, 'stored', 11)).toEqual({ 'beats-stored': 'holds' });
  expect(await outcomes(experiments, 'drift', 11)).toEqual({ drift: 'holds' });
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

  dictionary(): DenseMatrix {
    return DenseMatrix.fromColumnMajor(polarFactor(this.D, this.n), this.n, this.n);
  }
}

test('with the sign of the objective turned, nothing is found', async () => {
  const wrong = experimentsWith((options) => new WrongSign(options));
  expect((await outcomes(wrong, 'recovery', 11)).recovery).toBe('does not hold');
  expect(await outcomes(wrong, 'stored', 11)).toEqual({ 'beats-stored': 'does not hold' });
  expect(await outcomes(wrong, 'drift', 11)).toEqual({ drift: 'does not hold' });
});

test('steps that shrink too soon miss the rate, steps of nothing the rotation', async () => {
  const slow = experimentsWith(
    (options) =>
      new OnlineOrthogonalDictionary({ ...options, averaging: (t) => t ** (-2 / 3), stepSize: (t) => 1 / t }),
  );
  expect((await outcomes(slow, 'recovery', 11)).recovery).toBe('does not hold');
  const still = experimentsWith((options) => new OnlineOrthogonalDictionary({ ...options, stepSize: () => 0 }));
  expect(await outcomes(still, 'recovery', 11)).toEqual({ recovery: 'does not hold', 'gap-rate': 'does not hold' });
});

test('an abort ends a run by its reason, soon', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiments[0].run({ size: 'full', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
});
