import {
  choiceOption,
  flagOption,
  integerOption,
  limitOption,
  numberOption,
  numbersOption,
} from '@southwell/numerics/core';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { savedData } from '../saved-model.ts';
import { savedFields } from './records.ts';

const records = {
  weight: numberOption({ min: 0, finite: true }),
  floor: numberOption({ min: 0 }),
  rank: integerOption({ min: 1, max: 9 }),
  most: limitOption(1),
  centre: flagOption(),
  loss: choiceOption({ squares: 'squares', absolute: 'absolute values' }),
  gammas: numbersOption({ min: 0, max: 1 }),
};
const schema = v.object(savedFields(records));
const good = { weight: 0.1 + 0.2, floor: 0, rank: 3, most: 7, centre: false, loss: 'squares', gammas: [0, 1] };
const load = (data: unknown) => savedData('southwell-test', schema, data);

describe('fields of saved models by their records', () => {
  test('values in their ranges keep every bit', () => {
    expect(load(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  test.each([
    ['weight', -1, 'its field weight must be finite and at least 0, but is -1.'],
    ['weight', '1', 'its field weight must be finite and at least 0, but is 1.'],
    // JSON has null for an infinite number, and reads 1e999 as one.
    ['weight', null, 'its field weight must be finite and at least 0, but is null.'],
    ['floor', Number.POSITIVE_INFINITY, 'its field floor must be at least 0, but is Infinity.'],
    ['most', Number.POSITIVE_INFINITY, 'its field most must be at least 1, but is Infinity.'],
    ['rank', 2.5, 'its field rank must be a whole number from 1 to 9, but is 2.5.'],
    ['rank', 10, 'its field rank must be a whole number from 1 to 9, but is 10.'],
    ['centre', 1, 'its field centre must be true or false, but is 1.'],
    ['loss', 'toString', 'its field loss must be one of squares, absolute, but is toString.'],
    ['gammas', [0, 2], 'its field gammas must be numbers from 0 to 1, but is 0,2.'],
    ['rank', undefined, 'its field rank '],
  ])('%s %j is refused by its name', (name, value, message) => {
    expect(() => load({ ...good, [name]: value })).toThrow(message);
  });

  test('an absent field, and data that are none', () => {
    const { rank: _, ...rest } = good;
    expect(() => load(rest)).toThrow('its field rank does not match the format southwell-test.');
    expect(() => load('text')).toThrow('its contents do not match the format southwell-test.');
  });
});
