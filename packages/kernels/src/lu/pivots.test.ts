import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

test('panels: PAQ = LU of what was eliminated, the same exchanges in all engines, pivots large enough', () => {
  const results = engines.map((engine) => {
    const random = uniform(31);
    return [
      [1, 1, 1],
      [6, 6, 6],
      [9, 5, 9],
      [40, 30, 12],
    ].flatMap(([M, whole, reach]) => {
      const t = new TestArena(engine);
      const A = reals(M * M, random);
      // A column of zeros, and one whose entries among the assembled rows are too small.
      if (M > 5) A.fill(0, 2 * M, 3 * M);
      if (whole < M) for (let i = 0; i < whole; i++) A[3 * M + i] *= 1e-3;
      const F = t.f64(A);
      const [rows, columns] = [
        t.i32(Array.from({ length: M }, (_, i) => 100 + i)),
        t.i32(Array.from({ length: M }, (_, i) => 100 + i)),
      ];
      const end = Math.min(whole, reach);
      const k = t.kernels.eliminatePanel(F.pointer, M, whole, 0, end, reach, rows.pointer, columns.pointer, 0.1);
      expect(k).toBeGreaterThanOrEqual(end - (whole < M ? 2 : 0));
      const at = (i: number, j: number) => F.view[j * M + i];
      for (let j = 0; j < reach; j++) {
        for (let i = 0; i < M; i++) {
          // L and U of the first k steps, and the rest beside them.
          let sum = i >= k && j >= k ? at(i, j) : 0;
          for (let s = 0; s < k && s <= Math.min(i, j); s++) sum += (s === i ? 1 : at(i, s)) * at(s, j);
          expect(sum).toBeCloseTo(A[(columns.view[j] - 100) * M + rows.view[i] - 100], 12);
          if (j < k && i > j) expect(Math.abs(at(i, j))).toBeLessThanOrEqual(10);
        }
      }
      const found = [k, ...rows.view, ...columns.view];
      expect(t.end()).toBe(0);
      return found;
    });
  });
  for (const other of results.slice(1)) expect(other).toEqual(results[0]);
});
