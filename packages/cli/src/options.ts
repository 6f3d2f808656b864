/** What an option's argument may be; anything else is a sentence. */

import { nearestName } from '@southwell/numerics/core';
import { InvalidArgumentError, Option } from 'commander';

/** What data may be, for help; formats by their names. */
export { FORMATS, TABLE as DATA } from '@southwell/tasks';

export const real =
  (what: string, ok: (v: number) => boolean) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !ok(value)) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
export const positive = real('a number above 0', (v) => v > 0);
export const names = (text: string, previous: string[] = []): string[] => [
  ...previous,
  // A name with commas in double quotes, one of its own doubled, as in CSV.
  ...Array.from(text.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]+))/g), ([, quoted, plain]) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  ).filter((name) => name !== ''),
];
export const oneOf =
  (what: string, choices: readonly string[]) =>
  (text: string): string => {
    if (choices.includes(text)) return text;
    const near = nearestName(text, choices);
    throw new InvalidArgumentError(
      `There is no ${what} '${text}'; ${near ? `did you mean '${near}'?` : `there are ${choices.join(', ')}.`}`,
    );
  };

/** The options of jobs that can go on after they were cut off. */
export const CHECKPOINT = new Option('--checkpoint <file>', 'write a checkpoint to this file every two seconds');
export const RESUME = new Option('--resume', 'resume from the checkpoint, to the result of an uninterrupted run');

/** Examples below the help of a command. */
export const example = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
