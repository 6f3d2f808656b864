import { expect, test } from 'vitest';
import { names } from './options.ts';

test('lists of names: blanks do not count, names with commas stand in quotes', () => {
  expect(names('a, b c ,d,')).toEqual(['a', 'b c', 'd']);
  expect(names('"x, y",z', ['w'])).toEqual(['w', 'x, y', 'z']);
  expect(names('a,"say ""so""",5" pipe')).toEqual(['a', 'say "so"', '5" pipe']);
  expect(names(',,')).toEqual([]);
});
