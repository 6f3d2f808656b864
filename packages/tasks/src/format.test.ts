import { expect, test } from 'vitest';
import { grouped } from './format.ts';

test.each([0, 7, -999, 1000, -12_345, 999_999, 1_234_567_890, 2 ** 53])('%d is grouped as in English', (n) => {
  expect(grouped(n)).toBe(n.toLocaleString('en'));
});

test('what is no whole number is left as it is', () => {
  expect([0.12345, 1e21, Number.NaN].map(grouped)).toEqual(['0.12345', '1e+21', 'NaN']);
});
