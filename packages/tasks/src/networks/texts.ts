import type { Tokeniser } from '@southwell/autodiff/tokenisers';
import { RequestError } from '../errors.ts';
import { grouped } from '../format.ts';
import type { NetworkInput } from './answer.ts';

// Texts for networks that take tokens.

/** Tokens of a text that is given to a network in a page. */
const MOST = 2048;

/** A text as numbers of the inputs of a network, and the pieces of which it consists. */
export interface TextExample {
  readonly numbers: Readonly<Record<string, Float64Array>>;
  readonly pieces: readonly string[];
}

/** Whether texts can be given: only tokens are taken, and what else is derived from them. */
export const takesTexts = (inputs: readonly NetworkInput[]): boolean =>
  inputs.length > 0 && inputs.every(({ kind }) => kind === 'whole');

/**
 * A text as an example: ids for the inputs, ones in the place of tokens for masks, and zeros for types of segments, as their names say. Inputs of a
 * fixed length are filled up. Throws a message for texts without tokens or with too many.
 */
export function exampleOfText(tokeniser: Tokeniser, inputs: readonly NetworkInput[], text: string): TextExample {
  const ids = tokeniser.encode(text, { addSpecial: true });
  if (ids.length === 0) throw new RequestError('The text has no tokens.');
  if (ids.length > MOST)
    throw new RequestError(`The text has ${grouped(ids.length)} tokens, more than the ${grouped(MOST)} of a page.`);
  const numbers = inputs.map((input) => {
    const fixed = input.kind === 'image' || input.open ? ids.length : input.count;
    if (ids.length > fixed)
      throw new RequestError(`The text has ${ids.length} tokens, but '${input.name}' takes ${fixed}.`);
    const isMask = /mask/i.test(input.name);
    const isOther = /type|segment|position/i.test(input.name);
    const made = new Float64Array(fixed).fill(isMask || isOther ? 0 : (tokeniser.special.pad ?? 0));
    for (let k = 0; k < ids.length; k++) {
      if (isMask) made[k] = 1;
      else if (/position/i.test(input.name)) made[k] = k;
      else if (!isOther) made[k] = ids[k];
    }
    return [input.name, made] as const;
  });
  return { numbers: Object.fromEntries(numbers), pieces: tokeniser.pieces(ids) };
}

/** Cosines of the angles between vectors. O(n²d). */
export function cosines(vectors: ReadonlyArray<ArrayLike<number>>): number[][] {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  };
  const lengths = vectors.map((v) => Math.sqrt(dot(v, v)));
  return vectors.map((a, i) => vectors.map((b, j) => dot(a, b) / (lengths[i] * lengths[j])));
}
