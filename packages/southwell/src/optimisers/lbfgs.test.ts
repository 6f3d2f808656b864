import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { lbfgs } from './lbfgs.ts';

const product = (A: number[][], v: ArrayLike<number>) => A.map((row) => row.reduce((s, a, k) => s + a * v[k], 0));

test('the two loops are the inverse BFGS updates of a multiple of the identity (Nocedal & Wright, eq. 7.16)', () => {
  const n = 5;
  const memory = 3;
  const random = new Random(8);
  const direction = lbfgs({ memory })(n);
  const pairs: Array<[number[], number[]]> = [];
  for (let round = 0; round < 6; round++) {
    const s = Array.from({ length: n }, () => random.normal());
    // A positive curvature along s.
    const y = s.map((v) => 2 * v + 0.3 * random.normal());
    direction.moved!(Float64Array.from(s), Float64Array.from(y));
    pairs.push([s, y]);
    const kept = pairs.slice(-memory);
    const inner = (a: number[], b: number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);
    const [sLast, yLast] = kept.at(-1)!;
    const gamma = inner(sLast, yLast) / inner(yLast, yLast);
    let H = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? gamma : 0)));
    for (const [a, b] of kept) {
      const rho = 1 / inner(a, b);
      const V = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 1 : 0) - rho * b[i] * a[j]),
      );
      const HV = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => V.reduce((sum, row, k) => sum + H[i][k] * row[j], 0)),
      );
      H = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => V.reduce((sum, row, k) => sum + row[i] * HV[k][j], 0) + rho * a[i] * a[j]),
      );
    }
    const g = Float64Array.from({ length: n }, () => random.normal());
    direction.take(g);
    const expected = product(H, g);
    for (let k = 0; k < n; k++) expect(direction.direction[k]).toBeCloseTo(expected[k], 10);
  }
});

test('steps without curvature are not remembered, and a reset forgets all', () => {
  const direction = lbfgs()(2);
  const g = Float64Array.of(1, 2);
  direction.moved!(Float64Array.of(1, 0), Float64Array.of(-1, 0));
  direction.take(g);
  expect([...direction.direction]).toEqual([1, 2]);
  expect(direction.firstTrial).toBe('unit');
  direction.moved!(Float64Array.of(1, 0), Float64Array.of(2, 0));
  direction.take(g);
  expect([...direction.direction]).toEqual([0.5, 1]);
  expect(direction.firstTrial).toBe('one');
  direction.reset();
  direction.take(g);
  expect([...direction.direction]).toEqual([1, 2]);
});
