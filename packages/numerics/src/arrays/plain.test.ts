import { expect, test } from 'vitest';
import { DenseMatrix } from './dense.ts';
import { fromPlain, toPlain } from './plain.ts';

test('points with matrices come back to the last bit, as copies', () => {
  const M = DenseMatrix.fromRows([
    [1, 0.1],
    [Number.NaN, -0],
    [2, 3],
  ]);
  const point = {
    M,
    list: [M, Float64Array.of(1, 2)],
    k: 3,
    name: 'a',
    none: undefined,
    nested: { labels: Int32Array.of(4) },
  };
  const plain = toPlain(point);
  const back = fromPlain<typeof point>(structuredClone(plain));
  expect([back.M.rows, back.M.cols]).toEqual([3, 2]);
  expect(back.M.data).toEqual(M.data);
  expect(back.list[1]).toEqual(Float64Array.of(1, 2));
  expect([back.k, back.name, back.none, back.nested]).toEqual([3, 'a', undefined, { labels: Int32Array.of(4) }]);
  M.set(0, 0, 9);
  expect(fromPlain<typeof point>(plain).M.get(0, 0)).toBe(1);
});
