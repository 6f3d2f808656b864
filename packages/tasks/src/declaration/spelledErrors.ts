import { SouthwellError } from '@southwell/numerics/core';
import type { Options } from './option.ts';

/**
 * Runs a job and spells the options in its errors as its request does: `maxIter` from the library, and names followed
 * by `must be` at the beginning of a sentence, become `--max-iter` at the shell. Other words are left alone, as `time`
 * or `path` may be ordinary words.
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
    const begins = /(^|[.;:] )$/.test(message.slice(0, at)) && message.startsWith(' must ', at + name.length);
    return begins || /[A-Z0-9]/.test(name) ? spell(name) : name;
  });
