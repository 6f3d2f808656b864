import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  askedNames,
  checkOption,
  checkOptions,
  choiceOption,
  flagOption,
  integerOption,
  keysOf,
  limitOption,
  numberOption,
  numbersOption,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
} from './index.ts';

const records = {
  /** How wide. */
  width: numberOption({ min: 0, open: true }, { title: 'Width', about: 'how wide' }),
  share: numberOption({ min: 0, max: 1, open: true }),
  power: numberOption({ min: 1, max: 2 }),
  alpha: numberOption({ min: 0, finite: true }),
  momentum: numberOption({ min: 0, below: 1 }),
  steps: limitOption(1),
  rank: integerOption({ min: 1 }),
  degree: integerOption({ min: 0, max: 9 }),
  quiet: flagOption(),
  ties: choiceOption({ breslow: 'Breslow', efron: 'Efron' }),
  gammas: numbersOption({ min: 0, max: 1 }),
  groups: otherOption<string[]>('names'),
  mu: otherOption<number | (() => number)>('a number or a function', (v) => ['number', 'function'].includes(typeof v)),
};
type Options = OptionsOf<typeof records>;

test('types, names and what is asked follow from the records', () => {
  expectTypeOf<Options['width']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<OptionsNeeding<typeof records, 'rank'>['rank']>().toEqualTypeOf<number>();
  // Not intersected with the optional one.
  expectTypeOf<OptionsNeeding<typeof records, 'mu'>['mu']>().toEqualTypeOf<number | (() => number)>();
  expectTypeOf<OptionsNeeding<typeof records, 'rank'>['width']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Options['ties']>().toEqualTypeOf<'breslow' | 'efron' | undefined>();
  expectTypeOf<Options['groups']>().toEqualTypeOf<string[] | undefined>();
  expect(Object.keys(keysOf(records))).toEqual(Object.keys(records));
  expect(askedNames(records)).toEqual(['width']);
});

describe('values', () => {
  test.each<[keyof typeof records, unknown[], unknown[], string]>([
    ['width', [1e-300, 5, Number.POSITIVE_INFINITY], [0, -1, Number.NaN, '1', null], 'above 0'],
    ['share', [0.5, 1e-9], [0, 1, 2, Number.NaN], 'above 0 and below 1'],
    ['power', [1, 1.5, 2], [0.99, 2.01, Number.NaN], 'from 1 to 2'],
    ['alpha', [0, 7], [-1, Number.POSITIVE_INFINITY, Number.NaN], 'finite and at least 0'],
    ['momentum', [0, 0.9], [-0.1, 1, Number.NaN], 'at least 0 and below 1'],
    ['steps', [1, 12], [0, -3, Number.NaN, true], 'at least 1'],
    ['rank', [1, 12], [0, 1.5, Number.POSITIVE_INFINITY, Number.NaN, '2'], 'a whole number of at least 1'],
    ['degree', [0, 9], [-1, 10, 2.5], 'a whole number from 0 to 9'],
    ['quiet', [true, false], [0, 'yes', {}], 'true or false'],
    ['ties', ['breslow', 'efron'], ['exact', 'toString', 3], 'one of breslow, efron'],
    ['gammas', [[0, 1], [], Float64Array.of(0.5)], [[2], [-0.1, 0.5], [Number.NaN], 0.5], 'numbers from 0 to 1'],
    ['groups', [['a'], 3], [], 'names'],
    ['mu', [1, () => 1], ['x', null], 'a number or a function'],
  ])('%s', (name, good, bad, range) => {
    expect(records[name].range).toBe(range);
    for (const value of good) expect(() => checkOption(name, records[name], value)).not.toThrow();
    for (const value of bad) {
      expect(() => checkOption(name, records[name], value)).toThrow(
        `${name} must be ${range}, but is ${String(value)}.`,
      );
    }
  });

  test('all at once: unknown names, then values; what is not given is not looked at', () => {
    expect(() => checkOptions('f', records, { width: undefined, steps: 2 })).not.toThrow();
    expect(() => checkOptions('f', records, { wdth: 1 } as never)).toThrow(
      "f has no option 'wdth'; did you mean 'width'?",
    );
    expect(() => checkOptions('f', records, { steps: 0 })).toThrow('steps must be at least 1, but is 0.');
    expect(() => checkOptions('f', records, { rank: 2 }, ['rank'])).not.toThrow();
    expect(() => checkOptions('f', records, { steps: 2 }, ['rank', 'steps'])).toThrow(
      'rank must be a whole number of at least 1, but is undefined.',
    );
  });

  test('a range holds exactly its numbers', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        fc.boolean(),
        (x, a, b, open) => {
          const [min, max] = [Math.min(a, b), Math.max(a, b)];
          const inside = open ? x > min && (x < max || max === Number.POSITIVE_INFINITY) : x >= min && x <= max;
          expect(numberOption({ min, max, open }).allows(x)).toBe(inside);
        },
      ),
    );
  });
});
