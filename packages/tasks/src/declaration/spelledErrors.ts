import { SouthwellError } from '@southwell/numerics/core';
import { declared, type Options } from './option.ts';

/**
 * Runs a job and spells the options in its errors as its request does: `maxIter` from the library, names followed by
 * `must be` at the beginning of a sentence, and `use method qr` with one of the choices of `method`, and
 * names after `raise`, `increase`, `give` or `set` become `--max-iter` and so on at the shell. Other words are left alone, as `time` or `path` may be ordinary words.
 */
export async function withSpelledErrors<T>(
  options: Options,
  spell: (option: string) => string,
  job: () => Promise<T>,
): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof SouthwellError) error.message = spelledMessage(error.message, options, spell);
    throw error;
  }
}

export const spelledMessage = (message: string, options: Options, spell: (option: string) => string): string =>
  message.replace(/(?<![\w-])[a-z]\w*(?![\w-])/g, (name, at: number) => {
    if (!Object.hasOwn(options, name)) return name;
    const [before, after] = [message.slice(0, at), message.slice(at + name.length)];
    const begins = /(^|[.;:] )$/.test(before) && after.startsWith(' must ');
    const [, value] = /^ ([\w-]+)/.exec(after) ?? [];
    const advises = /\buse $/i.test(before) && declared(options[name]).choices?.some(([choice]) => choice === value);
    const changes = /\b(raise|increase|give|set) $/i.test(before);
    return begins || advises || changes || /[A-Z0-9]/.test(name) ? spell(name) : name;
  });
