import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { observedOf, planted, rivalTrace, traceOf } from './lab.ts';
import { conjugateGradients, exactSweeps, normalEquations, orthonormalColumns, triangular } from './rival.ts';

const pause = async () => {};

test('columns become orthonormal', () => {
  const random = new Random(1);
  const f = Float64Array.from({ length: 60 }, () => random.normal());
  orthonormalColumns(f, 4);
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      let sum = 0;
      for (let i = 0; i < f.length; i += 4) sum += f[i + a] * f[i + b];
      expect(sum).toBeCloseTo(a === b ? 1 : 0, 14);
    }
  }
});

test.each([
  ['normal equations', normalEquations()],
  ['triangular factors', triangular],
  ['conjugate gradients', conjugateGradients(1e-14)],
])('%s fit a line through three points', (_, solve) => {
  // y = c + d·t at t = 0, 1, 2 with y = 1, 2, 4: d = 3/2, c = 5/6.
  const factor = Float64Array.of(1, 0, 9, 9, 1, 1, 1, 2);
  const x = new Float64Array(2);
  solve({ indices: Int32Array.of(0, 2, 3), values: Float64Array.of(1, 2, 4) }, factor, 2, x);
  expect(x[0]).toBeCloseTo(5 / 6, 12);
  expect(x[1]).toBeCloseTo(3 / 2, 12);
});

test('a weight draws towards zero: 3x = 6 is (3² + 1)x = 18', () => {
  const x = new Float64Array(1);
  normalEquations(1)({ indices: Int32Array.of(0), values: Float64Array.of(6) }, Float64Array.of(3), 1, x);
  expect(x[0]).toBeCloseTo(1.8, 14);
});

test('a matrix of rank 1 is filled in: 2 · 6 / 3', async () => {
  const observed = observedOf(2, 2, [0, 0, 1], [0, 1, 0], [3, 6, 2]);
  const sweeps = exactSweeps(observed, { rank: 1, random: new Random(1) });
  let entry = 0;
  for (const it of sweeps) {
    const { left, right } = it.snapshot();
    entry = left[1] * right[1];
    if (it.iteration === 30) break;
  }
  expect(entry).toBeCloseTo(4, 8);
});

test('a planted matrix is recovered, from any start', async () => {
  const p = await planted({ size: 60, rank: 2, condition: 3, share: 0.5 }, new Random(3), pause);
  const left = Float64Array.from({ length: 120 }, (_, i) => 1 + ((i * 7) % 11));
  for (const from of [undefined, left]) {
    const t = await rivalTrace(p, { random: new Random(1), left: from }, { sweeps: 60, until: 1e-9, pause });
    expect(t.errors.at(-1)).toBeLessThan(1e-9);
  }
  const t = await traceOf(p, exactSweeps(p.observed, { rank: 2, random: new Random(1) }), { sweeps: 0, pause });
  expect(t.errors).toEqual([1]);
});
