import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { svd } from '../linalg/index.ts';
import { blockTriangular, maximumMatching, structuralRank } from './index.ts';
import { signOf } from './matching.ts';
import { cellsOf, fromCells, matrices } from './testing.ts';

test('the structural rank is that of almost all values', () => {
  fc.assert(
    fc.property(matrices(12), fc.integer(), (A, seed) => {
      const random = new Random(Math.abs(seed));
      const values = fromCells(
        A.rows,
        A.cols,
        [...cellsOf(A)].map(([i, j]) => [i, j, random.normal()]),
      );
      const { singularValues } = svd(values.toDense());
      expect(structuralRank(A)).toBe(singularValues.filter((s) => s > 1e-12 * singularValues[0]).length);
      const rowOf = maximumMatching(A);
      const rows = [...rowOf].filter((i) => i >= 0);
      expect(new Set(rows).size).toBe(rows.length);
      rowOf.forEach((i, j) => {
        if (i >= 0) expect([...cellsOf(A)].some(([r, c]) => r === i && c === j)).toBe(true);
      });
    }),
    { numRuns: 300 },
  );
});

test('below the blocks there is nothing, and no block can be split', () => {
  fc.assert(
    fc.property(matrices(12), (A) => {
      const { rowOrder, columnOrder, rowParts, columnParts, blocks } = blockTriangular(A);
      const sorted = (x: Int32Array) => Array.from(x).sort((a, b) => a - b);
      expect(sorted(rowOrder)).toEqual(Array.from({ length: A.rows }, (_, i) => i));
      expect(sorted(columnOrder)).toEqual(Array.from({ length: A.cols }, (_, j) => j));
      expect(rowParts[1] - rowParts[0]).toBe(columnParts[1] - columnParts[0]);
      expect(rowParts[0]).toBeLessThanOrEqual(columnParts[0]);
      expect(A.rows - rowParts[1]).toBeGreaterThanOrEqual(A.cols - columnParts[1]);
      const [rowAt, columnAt] = [rowOrder, columnOrder].map((order) => {
        const at = new Map<number, number>();
        order.forEach((v, k) => {
          at.set(v, k);
        });
        return at;
      });
      // The part a place lies in: the wide one, a block, or the tall one.
      const part = (k: number, parts: readonly [number, number]) =>
        k < parts[0]
          ? -1
          : k >= parts[1]
            ? blocks.length
            : blocks.filter((at) => at - columnParts[0] <= k - parts[0]).length;
      for (const [i, j] of cellsOf(A)) {
        expect(part(rowAt.get(i)!, rowParts)).toBeLessThanOrEqual(part(columnAt.get(j)!, columnParts));
      }
      // Any entry off the diagonal of a block lies on a cycle: without it, and its matched ones, the rank stays.
      for (let b = 0; b + 1 < blocks.length; b++) {
        const [from, to] = [blocks[b] - columnParts[0], blocks[b + 1] - columnParts[0]];
        const reach = new Set([from]);
        for (const k of reach) {
          for (const [i, j] of cellsOf(A)) {
            const [r, c] = [rowAt.get(i)! - rowParts[0], columnAt.get(j)! - columnParts[0]];
            if (c === k && r >= from && r < to) reach.add(r);
          }
        }
        expect(reach.size).toBe(to - from);
      }
    }),
    { numRuns: 300 },
  );
  const full = blockTriangular(
    fromCells(3, 3, [
      [0, 1, 1],
      [1, 0, 1],
      [2, 2, 1],
      [0, 2, 1],
      [1, 1, 1],
    ]),
  );
  expect([full.rowParts, full.columnParts]).toEqual([
    [0, 3],
    [0, 3],
  ]);
  expect(full.blocks.length).toBe(4);
});

test('the sign of a permutation is that of its exchanges', () => {
  expect(signOf(Int32Array.of())).toBe(1);
  expect(signOf(Int32Array.of(1, 0, 2))).toBe(-1);
  expect(signOf(Int32Array.of(1, 2, 0))).toBe(1);
  expect(signOf(Int32Array.of(3, 2, 1, 0))).toBe(1);
});
