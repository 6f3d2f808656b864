import fc from 'fast-check';
import { expect, test } from 'vitest';
import { select } from './select.ts';

test('the entry of a rank is that of a sort, of the first n alone, twins included', () => {
  const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, fc.nat(), fc.nat(), (list, some, rank) => {
      const n = 1 + (some % list.length);
      const r = rank % n;
      const v = Float64Array.from(list);
      expect(select(v, n, r)).toBe(list.slice(0, n).sort((a, b) => a - b)[r]);
      expect(Array.from(v.subarray(n))).toEqual(list.slice(n));
    }),
  );
});
