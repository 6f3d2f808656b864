import { describe, expect, expectTypeOf, test } from 'vitest';
import { knownKeys, type OptionKeys, only } from './checks.ts';
import { SouthwellError } from './errors.ts';

interface Options {
  readonly alpha?: number;
  readonly restarts?: number;
}
const keys: OptionKeys<Options> = { alpha: true, restarts: true };
const refused = (options: unknown, of: Readonly<Record<string, true>> = keys): string => {
  try {
    knownKeys('fit', options, of);
  } catch (error) {
    expect(error).toBeInstanceOf(SouthwellError);
    expect(error).toMatchObject({ code: 'INVALID_PARAMETER' });
    return (error as Error).message;
  }
  return '';
};

describe('keys of options', () => {
  test.each([
    [{ restrats: 2 }, "fit has no option 'restrats'; did you mean 'restarts'?"],
    [{ alpha: 1, alpa: undefined }, "fit has no option 'alpa'; did you mean 'alpha'?"],
    [{ weights: [1] }, "fit has no option 'weights'; it has alpha, restarts."],
    [{ toString: 1 }, "fit has no option 'toString'; it has alpha, restarts."],
    [null, 'fit takes its options as an object, such as { name: value }, not null.'],
    [[1], 'fit takes its options as an object, such as { name: value }, not a list.'],
    [3, 'fit takes its options as an object, such as { name: value }, not a number.'],
  ])('%j are refused', (options, message) => {
    expect(refused(options)).toBe(message);
  });

  test('where there are none, that is said', () => {
    expect(refused({ alpha: 1 }, {})).toBe("fit has no option 'alpha'; it has none.");
  });

  test('what is known, left out, or of a class is taken', () => {
    class Mine {
      alpha = 1;
      readonly own = 2;
    }
    for (const options of [undefined, {}, { alpha: undefined }, Object.assign(Object.create(null), keys), new Mine()]) {
      expect(refused(options)).toBe('');
    }
  });

  test('of more, only what is known is picked; what was left out stays so', () => {
    expect(only<Options>({ alpha: undefined, other: 1 } as Options, keys)).toEqual({ alpha: undefined });
    expect(Object.keys(only<Options>({ alpha: undefined, other: 1 } as Options, keys))).toEqual(['alpha']);
  });

  test('the compiler holds the names to the interface, of unions to every member', () => {
    expectTypeOf<OptionKeys<Options>>().toEqualTypeOf<{ readonly alpha: true; readonly restarts: true }>();
    expectTypeOf<OptionKeys<{ a: 1 } | { b?: 2 }>>().toEqualTypeOf<{ readonly a: true; readonly b: true }>();
  });
});
