import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestPlaces, sortPlaces } from './ops/ordering.ts';

test('places are those of a comparing sort: stable, NaN last, zeros of both signs equal', () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double(),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 130 }), fc.boolean(), (values, descending) => {
      const n = values.length;
      const keys = Float64Array.from(values);
      const order = new Int32Array(n);
      sortPlaces(keys, order, new Int32Array(n), n, descending);
      const expected = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => {
        const [u, v] = [values[a], values[b]];
        if (Number.isNaN(u) || Number.isNaN(v)) return Number(Number.isNaN(u)) - Number(Number.isNaN(v)) || a - b;
        if (u === v) return a - b;
        return (descending ? u > v : u < v) ? -1 : 1;
      });
      expect(order).toEqual(expected);
      expect(keys).toEqual(Float64Array.from(values));
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('the places of the largest are the first of the descending ones', () => {
  const value = fc.oneof(fc.constantFrom(0, -0, 1, Number.NaN, Number.NEGATIVE_INFINITY), fc.double());
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), (values, k) => {
      const n = values.length;
      const count = 1 + (k % n);
      const [all, found] = [new Int32Array(n), new Int32Array(n)];
      sortPlaces(Float64Array.from(values), all, new Int32Array(n), n, true);
      largestPlaces(Float64Array.from(values), found, n, count);
      expect(found.subarray(0, count)).toEqual(all.subarray(0, count));
    }),
    { numRuns: 500, seed: 2 },
  );
});
