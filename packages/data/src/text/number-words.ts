import { COMMA } from './numbers.ts';

/** Spellings of infinity. */
export const INFINITE = /^([+-]?)inf(inity)?$/i;

/** Whether a word is a number with separators of thousands. */
export const hasThousands = (word: string, mark: number): boolean =>
  (mark === COMMA ? /^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$/ : /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/).test(word);

/** Its value. */
export const withoutThousands = (word: string, mark: number): number =>
  Number(mark === COMMA ? word.replaceAll('.', '').replace(',', '.') : word.replaceAll(',', ''));

/** What programs write for missing values, beside the spellings that are always missing. */
export const isNothing = (word: string): boolean => /^(none|<na>|#n\/a|nil)$/i.test(word);

/** NaN for words that are not numbers. */
export const numbersOf = (words: readonly string[], mark: number, thousands = false): number[] =>
  words.map((word) => {
    if (thousands && hasThousands(word, mark)) return withoutThousands(word, mark);
    if (word.trim() === '' || (mark === COMMA && word.includes('.'))) return Number.NaN;
    const infinite = INFINITE.exec(word);
    if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return Number(mark === COMMA ? word.replace(',', '.') : word);
  });
