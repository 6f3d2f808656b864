import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOnePlace, ownColumns, sumOverRows, treeSum, wholeColumns } from './splitRows.ts';

/** Summands of very different magnitude, so that another order of additions gives other bits. */
const summand = fc
  .tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.integer({ min: -40, max: 40 }))
  .map(([v, k]) => v * 2 ** k);

/** The sum of leaves [from, to) by halves at powers of two, as a reader of the definition would write it. */
function byHalves(leaves: readonly number[], from: number, to: number): number {
  if (to - from === 1) return leaves[from];
  const half = 2 ** Math.ceil(Math.log2(to - from) - 1);
  return byHalves(leaves, from, from + half) + byHalves(leaves, from + half, to);
}

const sumOf = (leaves: readonly number[], from: number, to: number): number => {
  const into = new Float64Array(1);
  treeSum(from, to, into, (leaf, part) => {
    part[0] += leaves[leaf];
  });
  return into[0];
};

test('leaves are added in the order of a binary tree, to the bit, so that nodes of the tree can be summed apart', () => {
  fc.assert(
    fc.property(fc.array(summand, { minLength: 1, maxLength: 40 }), (leaves) => {
      const whole = sumOf(leaves, 0, leaves.length);
      expect(whole).toBe(byHalves(leaves, 0, leaves.length));
      const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
      if (leaves.length > 1) expect(sumOf(leaves, 0, half) + sumOf(leaves, half, leaves.length)).toBe(whole);
    }),
  );
  const nothing = Float64Array.of(7);
  treeSum(3, 3, nothing, () => {});
  expect(nothing[0]).toBe(0);
});

test('rows in pieces are summed piece by piece; in one piece at once', () => {
  fc.assert(
    fc.property(fc.array(summand, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (rows, chunk) => {
      const pieces = Array.from({ length: Math.ceil(rows.length / chunk) }, (_, k) =>
        rows.slice(k * chunk, (k + 1) * chunk).reduce((a, b) => a + b, 0),
      );
      expect(sumOverRows(inOnePlace(rows.length, chunk), (i) => rows[i])).toBe(byHalves(pieces, 0, pieces.length));
      expect(sumOverRows(inOnePlace(rows.length), (i) => rows[i])).toBe(rows.reduce((a, b) => a + b, 0));
    }),
  );
});

test('columns of all rows are those of the rows that are here, where all are', () => {
  const own = Float64Array.of(1, 2, 3, 4, 5, 6);
  const rows = inOnePlace(3);
  expect(wholeColumns(rows, own, 2)).toEqual(own);
  expect(ownColumns(rows, own, 2)).toEqual(own);
});
