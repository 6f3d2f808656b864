import type { Spell } from '../declaration/check.ts';

/** A message of the library about rules of aggregation, with options in place of its parameters: f, the number of faulty workers, and m. */
export const inOptions = (message: string, spell: Spell): string =>
  message
    .replace(/\bf = (\d+)/g, (_, value: string) => spell('faulty', value))
    .replace(/\blower f\b/, `lower ${spell('faulty')}`)
    .replace(/\bm = (\d+)/g, '$1')
    .replace(/\bbut m is (\d+)/, (_, value: string) => `not ${spell('m', value)}`);
