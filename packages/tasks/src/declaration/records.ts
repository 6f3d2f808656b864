import { type AskedNames, askedNames, type OptionRecord, type OptionRecords } from '@southwell/numerics/core';
import * as v from 'valibot';
import { type About, choice, flag, numbers, numberThat, type Option, option, whole } from './option.ts';

/** The public options among those that a library function has records of. */
export type OptionsOfRecords<R extends OptionRecords> = {
  readonly [K in keyof R]: R[K] extends OptionRecord<infer T>
    ? Option<
        | (T extends ArrayLike<number> ? readonly number[] : T)
        | (R[K] extends { readonly ask: { readonly default: unknown } } ? never : undefined)
      >
    : never;
};

/** The fields of a saved model that hold values of options. */
export type SavedFields<R extends OptionRecords> = {
  readonly [K in keyof R]: R[K] extends OptionRecord<infer T> ? v.GenericSchema<T> : never;
};

/**
 * The fields of a saved model that hold values of these options. JSON has no infinite numbers, so that an infinite one
 * was not written by a release.
 */
export const savedFields = <R extends OptionRecords>(records: R): SavedFields<R> =>
  Object.fromEntries(
    Object.entries(records).map(([name, { allows, range }]) => [
      name,
      v.custom(
        (value) => allows(value) && (typeof value !== 'number' || Number.isFinite(value)),
        ({ input }) => `must be ${range}, but is ${String(input)}`,
      ),
    ]),
  ) as unknown as SavedFields<R>;

/** The type of an option's values as a task has it. */
function typeOf({ kind, range, allows, min, max, choices }: OptionRecord): v.GenericSchema<unknown> {
  if (kind === 'flag') return flag();
  if (kind === 'choice') return choice(choices!);
  if (kind === 'whole') return whole(min, max);
  if (kind === 'numbers') return numbers(min, max) as v.GenericSchema<unknown>;
  return numberThat(range, allows, min, max);
}

/**
 * The options of a task that are declared by records of the library: the public ones.
 * @param more What the task adds to each: its heading, and its conditions on other options.
 */
export const optionsOf = <R extends OptionRecords>(
  records: R,
  more: (name: AskedNames<R>) => Partial<About>,
): OptionsOfRecords<Pick<R, AskedNames<R>>> =>
  Object.fromEntries(
    askedNames(records).map((name) => {
      const { form, ...ask } = records[name].ask!;
      const { form: ours, ...rest } = more(name);
      // Excluded from forms if either of the two says so.
      const shown = form === false || ours === false ? false : { ...ours, ...form };
      const plain = shown !== false && Object.keys(shown).length === 0;
      return [name, option(typeOf(records[name]), { ...ask, ...rest, ...(plain ? {} : { form: shown }) } as About)];
    }),
  ) as unknown as OptionsOfRecords<Pick<R, AskedNames<R>>>;
