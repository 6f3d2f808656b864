import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { altering, greyOf } from './images.ts';

/** Rows 1 2 3 and 4 5 6, with a second channel of their negatives. */
const image = () => Float32Array.from([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]);
const random = (...values: number[]) => ({ uniform: () => values.shift()! }) as Random;

test('images move with their edges going on, and have left and right exchanged, all channels alike', () => {
  const moved = (shift: number, flip: boolean, ...values: number[]) => {
    const own = image();
    altering([2, 3, 2], shift, flip)!(own, random(...values));
    expect(own.filter((_, at) => at % 2 === 1)).toEqual(own.filter((_, at) => at % 2 === 0).map((v) => -v));
    return [...own.filter((_, at) => at % 2 === 0)];
  };
  expect(moved(1, false, 0.5, 0.5)).toEqual([1, 2, 3, 4, 5, 6]);
  // Down by one, then right by one; then both back.
  expect(moved(1, false, 0.9, 0.5)).toEqual([1, 2, 3, 1, 2, 3]);
  expect(moved(1, false, 0.5, 0.9)).toEqual([1, 1, 2, 4, 4, 5]);
  expect(moved(1, false, 0.1, 0.1)).toEqual([5, 6, 6, 5, 6, 6]);
  expect(moved(0, true, 0.1)).toEqual([3, 2, 1, 6, 5, 4]);
  expect(moved(0, true, 0.9)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(altering([2, 3, 2], 0, false)).toBeUndefined();
});

test('the same seed moves images alike', () => {
  const [a, b] = [image(), image()];
  for (const own of [a, b]) altering([2, 3, 2], 2, true)!(own, new Random(4));
  expect(a).toEqual(b);
});

test('grey is the mean of the channels', () => {
  const values = [1, 3, 5, 7];
  expect(greyOf((at) => values[at], [1, 2, 2])).toEqual([2, 6]);
});
