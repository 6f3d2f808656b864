import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestScores, ScoreHeap } from './heap.ts';
import { topK } from './testing.ts';
import { UnionFind } from './unionFind.ts';

// Few distinct values, so that ties are common.
const scores = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 60 });

test('property: the k largest, ties to the lowest index', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 70 }), (values, k) => {
      const expected = topK(values, k);
      expect(Array.from(largestScores(Float64Array.from(values), k))).toEqual(expected);
      expect(Array.from(new ScoreHeap(Float64Array.from(values)).largest(k))).toEqual(expected);
    }),
  );
});

test('property: a heap whose scores change stays right', () => {
  fc.assert(
    fc.property(
      scores,
      fc.array(fc.tuple(fc.nat(59), fc.integer({ min: -6, max: 6 })), { maxLength: 80 }),
      (values, changes) => {
        const heap = new ScoreHeap(Float64Array.from(values));
        const now = [...values];
        for (const [i, v] of changes) {
          if (i >= now.length) continue;
          now[i] = v;
          heap.update(i, v);
        }
        expect(Array.from(heap.largest(5))).toEqual(topK(now, 5));
      },
    ),
  );
});

test('property: union–find says whether an edge closes a cycle', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }), (edges) => {
      const sets = new UnionFind(12);
      const label = Array.from({ length: 12 }, (_, i) => i);
      for (const [i, j] of edges) {
        expect(sets.union(i, j)).toBe(label[i] !== label[j]);
        const [from, to] = [label[j], label[i]];
        for (let k = 0; k < 12; k++) if (label[k] === from) label[k] = to;
        for (let k = 0; k < 12; k++) expect(sets.find(k) === sets.find(i)).toBe(label[k] === label[i]);
      }
    }),
  );
});
