import { DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import { jacobiSvd, matrixProduct, polarFactor } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { powerGradient } from './dictionary/orthogonalDictionary.ts';
import {
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalState,
  onlineOrthogonalDictionary,
  onlineOrthogonalIterates,
  orthogonalDictionary,
  orthogonalDictionaryIterates,
  recoveryError,
} from './index.ts';

const rotation = (n: number, random: Random) =>
  DenseMatrix.fromColumnMajor(
    polarFactor(
      Float64Array.from({ length: n * n }, () => random.normal()),
      n,
    ),
    n,
    n,
  );

/** Samples by rows of Bernoulli–normal codes. */
function sampler(D: DenseMatrix, share: number, random: Random) {
  return (count: number): DenseMatrix => {
    const n = D.cols;
    const X = DenseMatrix.create(count, n);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < n; j++) if (random.uniform() < share) X.set(i, j, random.normal());
    const Y = DenseMatrix.create(count, D.rows);
    matrixProduct(X, D, Y, { transB: true });
    return Y;
  };
}
const distance = (A: Float64Array, B: Float64Array) => Math.hypot(...A.map((v, k) => v - B[k]));

test.each([3, 4, 3.5])('the gradient of the norm to the power %d, by differences', (p) => {
  const z = Float64Array.of(-2, -1e-3, 0, 0.5, 3);
  const value = (x: Float64Array) => x.reduce((s, v) => s + Math.abs(v) ** p, 0);
  const gradient = z.slice();
  expect(powerGradient(gradient, p)).toBeCloseTo(value(z), 10);
  z.forEach((v, k) => {
    const h = 1e-5;
    const [up, down] = [z.slice(), z.slice()];
    up[k] = v + h;
    down[k] = v - h;
    expect(p * gradient[k]).toBeCloseTo((value(up) - value(down)) / (2 * h), 5);
  });
});

test('the error does not see order and signs of atoms, and sees a turn', () => {
  const D = rotation(7, new Random(1));
  const other = DenseMatrix.create(7, 7);
  new Random(2).permutation(7).forEach((j, k) => {
    other.column(k).set(D.column(j).map((v) => (k % 2 ? v : -v)));
  });
  expect(Math.abs(recoveryError(other, D))).toBeLessThan(1e-14);
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const [a, b] = [other.column(0).slice(), other.column(1).slice()];
  other.column(0).set(a.map((v, i) => c * v + s * b[i]));
  other.column(1).set(a.map((v, i) => c * b[i] - s * v));
  expect(recoveryError(other, D)).toBeCloseTo((2 / 7) * (1 - c ** 4 - s ** 4), 12);
  expect(() => recoveryError(DenseMatrix.create(2, 3), D)).toThrow('square');
});

describe('the online method', () => {
  test('one pass over 3000 samples finds a rotation, and stays in the ball', () => {
    const random = new Random(41);
    const D = rotation(12, random);
    const draw = sampler(D, 0.2, random);
    const learner = onlineOrthogonalDictionary({ dim: 12, seed: 5 });
    const norms: number[] = [];
    let last = Number.POSITIVE_INFINITY;
    for (let t = 1; t <= 3000; t++) {
      learner.update(draw(1));
      expect(learner.gap).toBeGreaterThan(-1e-12);
      if (t !== 30 && t !== 300 && t !== 3000) continue;
      const iterate = learner.iterate();
      norms.push(jacobiSvd(iterate.data, 12, 12).sizes[0]);
      // Farther from orthogonal ones ten times fewer steps ago.
      const off = distance(iterate.data, polarFactor(iterate.data.slice(), 12));
      expect(off).toBeLessThan(last);
      last = off;
    }
    expect(Math.max(...norms)).toBeLessThanOrEqual(1 + 1e-12);
    expect(recoveryError(learner.dictionary(), D)).toBeLessThan(0.01);
    // About a fifteenth of the samples is zero: 0.8¹².
    expect(learner.skipped).toBeGreaterThan(100);
    expect(learner.samples + learner.skipped).toBe(3000);
    expect(learner.notes).toEqual([`${learner.skipped} samples of zeros were skipped.`]);
  });

  test('a batch of all data and whole steps: matching, stretching, projection, up to rounding', () => {
    const random = new Random(42);
    const Y = sampler(rotation(8, random), 0.3, random)(400);
    for (let i = 0; i < 400; i++) Y.set(i, 0, Y.get(i, 0) + 1e-3); // no sample of zeros, which the online method skips
    const learner = onlineOrthogonalDictionary({ dim: 8, seed: 3, averaging: () => 1, stepSize: () => 1 });
    const batch = orthogonalDictionaryIterates(Y, { seed: 3 });
    batch.next();
    for (let sweep = 0; sweep < 5; sweep++) {
      learner.update(Y);
      const { values } = batch.next().value!.snapshot();
      expect(distance(learner.iterate().data, values)).toBeLessThan(1e-13);
    }
  });

  test('the truth is a fixed point in expectation', () => {
    const random = new Random(43);
    const D = rotation(6, random);
    const learner = onlineOrthogonalDictionary({ dim: 6, init: D, averaging: () => 1, stepSize: () => 1 });
    learner.update(sampler(D, 0.2, random)(20000));
    expect(recoveryError(learner.dictionary(), D)).toBeLessThan(1e-3);
  });

  test('a dictionary that is not orthogonal needs whitening, and the notes say so', () => {
    const random = new Random(44);
    const A = rotation(8, random);
    for (let j = 0; j < 8; j++)
      for (let i = 0; i < 8; i++) A.set(i, j, (0.3 + 0.35 * j) * (A.get(i, j) + 0.3 * random.normal()));
    const draw = sampler(A, 0.2, random);
    const plain = onlineOrthogonalDictionary({ dim: 8, seed: 1 });
    const white = onlineOrthogonalDictionary({ dim: 8, seed: 1, whiten: true });
    for (let t = 0; t < 2000; t++) {
      const Y = draw(10);
      plain.update(Y);
      white.update(Y);
    }
    /** The least of the largest cosines between each true atom and those found. */
    const worst = (atoms: DenseMatrix) => {
      const cosine = (a: Float64Array, b: Float64Array) =>
        Math.abs(a.reduce((s, v, i) => s + v * b[i], 0)) / (Math.hypot(...a) * Math.hypot(...b));
      return Math.min(
        ...Array.from({ length: 8 }, (_, j) =>
          Math.max(...Array.from({ length: 8 }, (__, k) => cosine(A.column(j), atoms.column(k)))),
        ),
      );
    };
    expect(worst(white.snapshot().atoms())).toBeGreaterThan(0.995);
    expect(worst(plain.snapshot().atoms())).toBeLessThan(0.9);
    expect(plain.notes.join()).toContain('try whiten');
    expect(white.notes.join()).not.toContain('energy');
    const Y = draw(5);
    expect(distance(white.decode(white.encode(Y)).data, Y.data)).toBeLessThan(1e-10);
  });

  test('outliers spoil it unless clipped', () => {
    const random = new Random(45);
    const D = rotation(8, random);
    const draw = sampler(D, 0.2, random);
    const errors = [undefined, 0.95].map((clip) => {
      const learner = onlineOrthogonalDictionary({ dim: 8, seed: 2, clip });
      const noise = new Random(46);
      for (let t = 0; t < 1500; t++) {
        const Y = draw(4);
        if (t % 10 === 0) for (let j = 0; j < 8; j++) Y.set(0, j, 40 * noise.normal());
        learner.update(Y);
      }
      return recoveryError(learner.dictionary(), D);
    });
    expect(errors[0]).toBeGreaterThan(0.1);
    expect(errors[1]).toBeLessThan(0.02);
  });

  test('a checkpoint goes on with the same bits', () => {
    const random = new Random(47);
    const draw = sampler(rotation(5, random), 0.3, random);
    const options = { dim: 5, whiten: true, clip: 0.9, seed: 1 };
    const first = onlineOrthogonalDictionary(options);
    for (let t = 0; t < 20; t++) first.update(draw(3));
    const second = onlineOrthogonalDictionary({ ...options, seed: 9 });
    const text = encodeCheckpoint({ method: 'online', problem: '', iteration: 20, state: first.state() });
    second.restore(decodeCheckpoint<OnlineOrthogonalState>(text).state);
    for (let t = 0; t < 20; t++) {
      const Y = draw(3);
      first.update(Y);
      second.update(Y);
    }
    expect(second.state()).toEqual(first.state());
    expect(() => onlineOrthogonalDictionary({ dim: 4 }).restore(first.state())).toThrow('does not match');
    expect(() => first.restore({} as never)).toThrow('does not match');
    // Before the first sample there is no gap yet.
    const fresh = onlineOrthogonalDictionary({ dim: 2 });
    fresh.restore(fresh.state());
    expect(fresh.gap).toBe(Number.POSITIVE_INFINITY);
  });

  test('a bad batch is refused and changes nothing', () => {
    const learner = onlineOrthogonalDictionary({ dim: 3, seed: 1 });
    learner.update([[1, 2, 3]]);
    const before = learner.state();
    expect(() => learner.update([[1, Number.NaN, 0]])).toThrow('NaN');
    expect(() => learner.update([[1e120, 0, 0]])).toThrow('overflows');
    expect(() => learner.update([[1, 2]])).toThrow('2 columns');
    expect(() => learner.update([])).toThrow('no rows');
    expect(learner.state()).toEqual(before);
  });

  test('zeros, a constant stream, one coordinate', () => {
    const learner = onlineOrthogonalDictionary({ dim: 3, init: 'identity' });
    learner.update([[0, 0, 0]]);
    expect([learner.steps, learner.skipped, learner.gap]).toEqual([0, 1, Number.POSITIVE_INFINITY]);
    for (let t = 0; t < 300; t++) learner.update([[1, 2, 3]]);
    const D = learner.dictionary();
    const inside = DenseMatrix.create(3, 3);
    matrixProduct(D, D, inside, { transA: true });
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(inside.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 12);
    // One atom is the sample's direction.
    const codes = learner.encode([[1, 2, 3]]);
    expect(Math.max(...codes.data.map(Math.abs))).toBeGreaterThan(3.74);
    const one = onlineOrthogonalDictionary({ dim: 1 });
    one.update([[2], [-3]]);
    expect(Math.abs(one.dictionary().get(0, 0))).toBe(1);
  });

  test('through run: iterates, a limit, and parameters that are refused', () => {
    const random = new Random(48);
    const draw = sampler(rotation(5, random), 0.3, random);
    const batches = function* () {
      for (;;) yield draw(5);
    };
    const learner = onlineOrthogonalDictionary({ dim: 5 });
    const solution = run(onlineOrthogonalIterates(learner, batches()), { maxIter: 50 });
    expect([solution.status, solution.iterations]).toEqual(['iteration-limit', 50]);
    expect(solution.certificate!.value).toBe(learner.gap);
    for (const bad of [{ dim: 0 }, { dim: 2.5 }, { power: 2 }, { clip: 1 }, { forgetting: 2 }, { init: draw(2) }]) {
      expect(() => new OnlineOrthogonalDictionary({ dim: 5, ...bad })).toThrow(/must/);
    }
    const wrong = onlineOrthogonalDictionary({ dim: 5, stepSize: () => 2 });
    expect(() => wrong.update(draw(1))).toThrow('stepSize must give');
    expect(wrong.steps).toBe(0);
  });
});

describe('batch methods', () => {
  test.each([
    [{ method: 'msp' as const, power: 3 }, 5e-3],
    [{ method: 'msp' as const, power: 4 }, 2e-2],
    [{ method: 'procrustes' as const }, 5e-3],
    [{ method: 'procrustes' as const, sparsity: 3 }, 5e-3],
  ])('%o finds a rotation, and its objective never rises', (options, bar) => {
    const random = new Random(50);
    const D = rotation(10, random);
    const trace: number[] = [];
    const found = orthogonalDictionary(sampler(D, 0.2, random)(3000), {
      ...options,
      seed: 1,
      onIterate: (it) => trace.push(it.objective),
    });
    expect(found.status).toBe('converged');
    expect(recoveryError(found.point.dictionary(), D)).toBeLessThan(bar);
    for (let k = 1; k < trace.length; k++) expect(trace[k]).toBeLessThanOrEqual(trace[k - 1] + 1e-12);
  });

  test('codes: thresholds, the largest, ties, and back', () => {
    const { point } = orthogonalDictionary([[1, 0, 0]], { init: 'identity', maxIter: 0 });
    const Y = [
      [3, -1, 2],
      [1, 1, -1],
    ];
    expect(Array.from(point.encode(Y, { sparsity: 2 }).data)).toEqual([3, 1, 0, 1, 2, 0]);
    expect(Array.from(point.encode(Y, { threshold: 1 }).data)).toEqual([3, 0, 0, 0, 2, 0]);
    expect(Array.from(point.encode(Y, { sparsity: 0 }).data)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(Array.from(point.decode(point.encode(Y)).data)).toEqual([3, 1, -1, 1, 2, -1]);
    expect(() => point.encode(Y, { sparsity: 4 })).toThrow('sparsity');
    expect(() => point.encode(Y, { threshold: -1 })).toThrow('threshold');
    expect(() => point.decode([[1, 2]])).toThrow('2 columns');
  });

  test('zeros, one sample, and what is refused', () => {
    const zero = orthogonalDictionary([[0, 0]]);
    expect([zero.status, zero.iterations]).toEqual(['converged', 0]);
    expect(orthogonalDictionary([[1, 2, 3]], { whiten: true }).status).toBe('converged');
    expect(() => orthogonalDictionary([])).toThrow('no rows');
    expect(() => orthogonalDictionary([[Number.NaN]])).toThrow('NaN');
    expect(() => orthogonalDictionary([[1]], { method: 'ksvd' as never })).toThrow('msp, procrustes');
  });
});
