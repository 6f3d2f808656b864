import { type Tensor, tensor } from '@southwell/autodiff';
import type { GraphValue } from '@southwell/autodiff/nn';
import { readTokeniser, type Tokeniser, type TokeniserFiles } from '@southwell/autodiff/tokenisers';
import type { Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import { networkInput } from '../networks/answer.ts';
import { exampleOfText, takesTexts } from '../networks/texts.ts';

// Rows of text for networks that take tokens.

/** A tokeniser, why there is none, as a sentence, or nothing where none was looked for. */
export type Words = Tokeniser | string | undefined;

/** The tokeniser of a network; undefined if it takes no tokens. Throws as `readTokeniser`. */
export const wordsOf = (inputs: readonly GraphValue[], files: TokeniserFiles | string | undefined): Words =>
  files === undefined || !takesTexts(inputs.map(networkInput))
    ? undefined
    : typeof files === 'string'
      ? files
      : readTokeniser(files);

/** The texts of a table, null where they are missing, and what was left out. */
export interface Texts {
  readonly texts: ReadonlyArray<string | null>;
  readonly notes: readonly string[];
}

/**
 * The column of texts of a table, or the lines of a text, for a network that takes tokens; undefined if numbers are given, or taken. Throws a message if
 * there are several columns of text, or no tokeniser.
 */
export function textsOf(
  { name, format, columns }: Table,
  inputs: readonly GraphValue[],
  words: Words,
): Texts | undefined {
  if (!takesTexts(inputs.map(networkInput))) return undefined;
  const found = columns.flatMap((column) => (column.type === 'number' ? [] : [column]));
  const numbers = columns.length - found.length;
  if (found.length === 0 || (numbers > 0 && words === undefined)) return undefined;
  if (words === undefined) throw new RequestError(`${name} has texts, but the network takes tokens.`);
  if (typeof words === 'string')
    throw new RequestError(
      numbers === 0
        ? words
        : `${name} has texts in ${found[0].name}, and the network takes tokens: give its tokeniser, {tokenizer}, or leave the column out with {types} ${found[0].name}=drop.`,
    );
  const [{ codes, levels }] = found;
  if (format === 'text') {
    const lines = Array.from(codes, (code) => levels[code])
      .join('')
      .split(/\r?\n/);
    return { texts: lines.filter((line) => line.trim() !== ''), notes: [] };
  }
  if (found.length > 1)
    throw new RequestError(
      `${name} has ${found.length} columns of text, ${found
        .slice(0, 5)
        .map((column) => column.name)
        .join(', ')}${found.length > 5 ? ', …' : ''}: leave all but one out with {types} ${found[1].name}=drop.`,
    );
  return {
    texts: Array.from(codes, (code) => (code < 0 || levels[code].trim() === '' ? null : levels[code])),
    notes: [
      `The network read the texts of ${found[0].name}${numbers > 0 ? '; columns of numbers were left out' : ''}.`,
    ],
  };
}

/** Some rows, and the tensors of a network's inputs for them, perhaps with rows of zeros at the end. */
export interface RowBatch {
  readonly rows: readonly number[];
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** Texts at a time, for networks that take any number of them. */
const BATCH = 64;

/** Texts in batches, each of texts with as many tokens, which therefore need no filling up. Throws a message as `exampleOfText`. */
export function textBatches(
  texts: ReadonlyArray<string | null>,
  rows: readonly number[],
  { inputs, words, fixed }: { readonly inputs: readonly GraphValue[]; readonly words: Words; readonly fixed?: number },
): readonly RowBatch[] {
  const most = fixed ?? BATCH;
  const takes = inputs.map(networkInput);
  const byLength = new Map<string, Array<{ row: number; numbers: Readonly<Record<string, Float64Array>> }>>();
  for (const row of rows) {
    const { numbers } = exampleOfText(words as Tokeniser, takes, texts[row]!);
    const key = inputs.map(({ name }) => numbers[name].length).join();
    const own = byLength.get(key) ?? [];
    own.push({ row, numbers });
    byLength.set(key, own);
  }
  return [...byLength.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / most) }, (_, k) => {
      const own = all.slice(k * most, (k + 1) * most);
      const tensorOf = ({ name }: GraphValue) => {
        const width = own[0].numbers[name].length;
        const taken = fixed ?? own.length;
        const values = new Int32Array(taken * width);
        own.forEach(({ numbers }, i) => {
          values.set(numbers[name], i * width);
        });
        return tensor(values, { shape: [taken, width], dtype: 'i32' });
      };
      return { rows: own.map(({ row }) => row), inputs: Object.fromEntries(inputs.map((v) => [v.name, tensorOf(v)])) };
    }),
  );
}
