import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { lsqrIterates } from '@southwell/numerics/iterative';
import { qr } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import hardInstance from './experiments/hard-instance.ts';
import proofGap from './experiments/proof-gap.ts';
import rate from './experiments/rate.ts';
import refinement from './experiments/refinement.ts';
import { gapMatrix } from './gap.ts';
import { hardInstances, knownSolution, librarySolve, median, slope, worstError } from './lab.ts';

test('the pieces: the hard instance, known solutions, medians and slopes', () => {
  for (const { A, b, x, unit } of Object.values(hardInstances(256, 4, 64, new Random(1)))) {
    expect(worstError(qr(A).leastSquares(b), x)).toBeLessThan(1e-14);
    const residual = b.map((v, i) => v - x.reduce((s, c, j) => s + c * A.get(i, j), 0));
    expect(residual.reduce((s, v) => s + v * v, 0)).toBeCloseTo(1, 12);
    for (let j = 0; j < 4; j++) {
      expect(A.column(j).reduce((s, v) => s + v * v, 0)).toBeCloseTo(1, 14);
      expect(A.column(j).reduce((s, v, i) => s + v * residual[i], 0)).toBeCloseTo(0, 14);
    }
    expect(unit).toBe(1 / 8);
  }
  const known = knownSolution(100, 4, 100, 1e-3, new Random(2));
  for (let j = 0; j < 4; j++) {
    let g = 0;
    for (let i = 0; i < 100; i++) {
      let r = known.b[i];
      for (let k = 0; k < 4; k++) r -= known.A.get(i, k) * known.x[k];
      g += known.A.get(i, j) * r;
    }
    expect(Math.abs(g)).toBeLessThan(1e-15);
  }
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect(slope([1, 10, 100], [5, 0.5, 0.05])).toBeCloseTo(-1, 12);
  // By hand for d = 2: v = ±e₂.
  const { M } = gapMatrix(2, new Random(1));
  const v = Math.sign(M.get(1, 2));
  expect(Array.from(M.data)).toEqual([1, -0.05 * v, 0, -0.05 * v, 1, 0.05 * v, 0, 0.05 * v, 1].map((t) => t + 0));
});

test('rows with one sign each have uneven errors', async () => {
  // Normal numbers stand beside the others, and judge nothing.
  const counted = hardInstance.withMethod((kind, A, b, rows, seed) =>
    kind === 'gaussian' || kind === 'osnap'
      ? b.slice(0, 1)
      : librarySolve(kind === 'srht' || kind === 'gaussian-pooled' ? 'count-sketch' : 'srht', A, b, rows, seed),
  );
  const control = await outcomesOf([counted], 11);
  expect(control['even-error']).not.toBe('holds');
  expect(control['sparse-fails']).not.toBe('holds');
});

test('errors do not fall without more rows', async () => {
  const flat = rate.withMethod((kind, A, b, _, seed) => librarySolve(kind, A, b, 256, seed));
  expect((await outcomesOf([flat], 11)).rate).not.toBe('holds');
});

test('steps without the sketch are not exact', async () => {
  const plain = refinement.withMethod(({ A, b }) => lsqrIterates(A, b, { atol: 0, btol: 0 }));
  expect((await outcomesOf([plain], 11)).refinement).toBe('does not hold');
});

test('a matrix without the gap of the proof has none', async () => {
  const identity = proofGap.withMethod((d) => {
    const M = DenseMatrix.create(d + 1, d + 1);
    for (let j = 0; j <= d; j++) M.set(j, j, 1);
    return { M, v: new Float64Array(d) };
  });
  expect((await outcomesOf([identity], 11))['proof-gap']).not.toBe('holds');
  await expectAbort(hardInstance);
});
