import { DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import {
  dictionaryLearning,
  type OnlineDictionaryState,
  onlineDictionary,
  onlineDictionaryIterates,
  sparseCodes,
} from '../index.ts';

/** Unit atoms, K of length N, and samples of a few atoms each. */
function planted(N: number, K: number, n: number, seed: number, positive = false, each = 3) {
  const random = new Random(seed);
  const D = DenseMatrix.create(N, K);
  for (let j = 0; j < K; j++) {
    const atom = Float64Array.from({ length: N }, () => (positive ? Math.abs(random.normal()) ** 2 : random.normal()));
    const length = Math.hypot(...atom);
    D.column(j).set(atom.map((v) => v / length));
  }
  const X = DenseMatrix.create(n, K);
  for (let i = 0; i < n; i++)
    for (const j of random.sample(K, each))
      X.set(i, j, (1 + random.uniform()) * (positive || random.uniform() < 0.5 ? 1 : -1));
  const Y = DenseMatrix.create(n, N);
  matrixProduct(X, D, Y, { transB: true });
  return { D, Y };
}

/** The share of true atoms with a learned one within a cosine of 0.98. */
function found(truth: DenseMatrix, atoms: DenseMatrix): number {
  let count = 0;
  for (let j = 0; j < truth.cols; j++) {
    let best = 0;
    for (let k = 0; k < atoms.cols; k++) {
      const a = atoms.column(k);
      const length = Math.hypot(...a);
      best = Math.max(best, Math.abs(truth.column(j).reduce((s, v, i) => s + v * a[i], 0)) / (length || 1));
    }
    if (best > 0.98) count++;
  }
  return count / truth.cols;
}

test.each([false, true])('codes satisfy the conditions of the lasso (non-negative: %s)', (nonNegative) => {
  const { D, Y } = planted(10, 15, 20, 1);
  const alpha = 0.2;
  const X = sparseCodes(D, Y, { alpha, nonNegative });
  let zeros = 0;
  for (let i = 0; i < 20; i++) {
    const r = Float64Array.from({ length: 10 }, (_, a) => {
      let s = Y.get(i, a);
      for (let j = 0; j < 15; j++) s -= D.get(a, j) * X.get(i, j);
      return s;
    });
    for (let j = 0; j < 15; j++) {
      const c = D.column(j).reduce((s, v, a) => s + v * r[a], 0);
      const x = X.get(i, j);
      if (x !== 0) expect(Math.abs(c - alpha * Math.sign(x))).toBeLessThan(1e-9);
      else {
        zeros++;
        expect(nonNegative ? c : Math.abs(c)).toBeLessThan(alpha + 1e-9);
      }
      if (nonNegative) expect(x).toBeGreaterThanOrEqual(0);
    }
  }
  expect(zeros).toBeGreaterThan(100);
});

describe('batch', () => {
  test('finds planted atoms, more than coordinates; the objective never rises and is what it says', () => {
    const { D, Y } = planted(12, 16, 400, 2);
    const trace: number[] = [];
    const solution = dictionaryLearning(Y, {
      atoms: 16,
      alpha: 0.1,
      seed: 3,
      maxIter: 100,
      onIterate: (it) => trace.push(it.objective),
    });
    for (let k = 1; k < trace.length; k++) expect(trace[k]).toBeLessThanOrEqual(trace[k - 1] * (1 + 1e-9));
    const { atoms } = solution.point;
    expect(found(D, atoms)).toBeGreaterThanOrEqual(0.85);
    for (let j = 0; j < 16; j++) expect(Math.hypot(...atoms.column(j))).toBeLessThanOrEqual(1 + 1e-12);
    const X = solution.point.encode(Y);
    const back = solution.point.decode(X);
    const direct =
      (0.5 * Y.data.reduce((s, v, k) => s + (v - back.data[k]) ** 2, 0) +
        0.1 * X.data.reduce((s, v) => s + Math.abs(v), 0)) /
      400;
    expect(solution.objective).toBeCloseTo(direct, 8);
  });

  test('non-negative atoms and codes', () => {
    const { Y } = planted(8, 5, 200, 4, true);
    const { point } = dictionaryLearning(Y, {
      atoms: 5,
      alpha: 0.01,
      nonNegative: true,
      nonNegativeAtoms: true,
      maxIter: 30,
    });
    expect(Math.min(...point.atoms.data)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...point.encode(Y).data)).toBeGreaterThanOrEqual(0);
  });

  test('one sample, zeros, an atom too many, and what is refused', () => {
    const one = dictionaryLearning([[3, 4]], { atoms: 1, alpha: 0 });
    expect(one.objective).toBeCloseTo(0, 12);
    expect(dictionaryLearning([[0, 0]], { atoms: 2, alpha: 1 }).status).toBe('converged');
    expect(dictionaryLearning([[1, 2]], { atoms: 5, alpha: 0.1 }).status).toBe('converged');
    expect(() => dictionaryLearning([[Number.NaN]], { atoms: 1, alpha: 1 })).toThrow('NaN');
    expect(() => dictionaryLearning([], { atoms: 1, alpha: 1 })).toThrow('no rows');
    expect(() => dictionaryLearning([[1]], { atoms: 0, alpha: 1 })).toThrow('atoms must');
    expect(() => dictionaryLearning([[1]], { atoms: 1, alpha: -1 })).toThrow('alpha must');
    expect(() => sparseCodes(DenseMatrix.create(2, 2), [[1]], { alpha: 1 })).toThrow('1 columns');
  });
});

describe('online', () => {
  test('four passes find planted atoms, and a checkpoint goes on with the same bits', () => {
    const { D, Y } = planted(20, 20, 3000, 1, false, 2);
    const batch = (at: number) => {
      const out = DenseMatrix.create(10, 20);
      for (let i = 0; i < 10; i++) for (let j = 0; j < 20; j++) out.set(i, j, Y.get(10 * (at % 300) + i, j));
      return out;
    };
    const learner = onlineDictionary({ atoms: 20, alpha: 0.1, seed: 1 });
    for (let at = 0; at < 1100; at++) learner.update(batch(at));
    const other = onlineDictionary({ atoms: 20, alpha: 0.1 });
    const text = encodeCheckpoint({ method: 'online', problem: '', iteration: 1100, state: learner.state() });
    other.restore(decodeCheckpoint<OnlineDictionaryState>(text).state);
    for (let at = 1100; at < 1200; at++) for (const l of [learner, other]) l.update(batch(at));
    expect(other.state()).toEqual(learner.state());
    expect(found(D, learner.snapshot().atoms)).toBeGreaterThanOrEqual(0.9);
  });

  test('a bad batch changes nothing; no dictionary before the first', () => {
    const learner = onlineDictionary({ atoms: 2, alpha: 0.1 });
    expect(() => learner.snapshot()).toThrow('not processed any samples');
    expect(() => learner.update([[Number.NaN, 1]])).toThrow('NaN');
    learner.update([
      [1, 0],
      [0, 1],
    ]);
    const before = learner.state();
    expect(() => learner.update([[1]])).toThrow('1 columns');
    expect(() => learner.update([[1, Number.POSITIVE_INFINITY]])).toThrow('Infinity');
    expect(learner.state()).toEqual(before);
    expect(() => onlineDictionary({ atoms: 3, alpha: 0.1 }).restore(before)).toThrow('does not match');
    learner.update([[0, 0]]);
    expect(learner.state().D.every(Number.isFinite)).toBe(true);
  });

  test('through run', () => {
    const { Y } = planted(6, 6, 50, 6);
    const s = run(onlineDictionaryIterates(onlineDictionary({ atoms: 6, alpha: 0.1 }), [Y, Y, Y]), {});
    expect([s.iterations, s.point.atoms.cols, s.status]).toEqual([3, 6, 'completed']);
  });
});
