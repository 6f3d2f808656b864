/** Parsers of option arguments, which throw a sentence for invalid ones. */

import { nearestName } from '@southwell/numerics/core';
import { InvalidArgumentError, Option } from 'commander';

/** Description of data for help; formats by name. */
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
  // Names with commas are in double quotes, in which a double quote is doubled, as in CSV.
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

/** Options of jobs that can be resumed. */
export const CHECKPOINT = new Option('--checkpoint <file>', 'write a checkpoint to this file every two seconds');
export const RESUME = new Option('--resume', 'resume from the checkpoint, to the result of an uninterrupted run');

/** Examples at the end of a command's help. */
export const example = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
