import { tensor } from '@southwell/autodiff';
import { RequestError } from '../../errors.ts';
import type { NetworkBatch } from '../../saved-model.ts';
import { spreadBatches } from '../../saved-models/modelNetwork.ts';

/** How tokens are divided for a network. */
interface Windows {
  /** Tokens of a window, those before the text included. */
  readonly length: number;
  /** Tokens that begin each window. */
  readonly before?: readonly number[];
  /** Name of the text, for messages. */
  readonly name: string;
  /** The token of unknown characters, which is no label. */
  readonly unknown?: number;
}

/**
 * Batches of windows of a text, at most `most` and evenly spread, with the token after each as its label; the last of a window has none. Throws
 * a message for a text of fewer than two tokens.
 */
export function windowBatches(
  tokens: ArrayLike<number>,
  most: number,
  { length, before = [], name, unknown }: Windows,
): NetworkBatch[] {
  if (tokens.length < 2) throw new RequestError(`${name} has too few tokens for the network to continue any.`);
  // A text that is shorter than a window is one.
  const own = Math.min(tokens.length, Math.max(2, length - before.length));
  return spreadBatches(Math.floor(tokens.length / own), most).map((places) => {
    const width = before.length + own;
    const [values, labels] = [new Int32Array(places.length * width), new Int32Array(places.length * width).fill(-1)];
    places.forEach((place, i) => {
      values.set(before, i * width);
      for (let k = 0; k < own; k++) {
        const token = tokens[place * own + k];
        values[i * width + before.length + k] = token;
        if (before.length + k > 0 && token !== unknown) labels[i * width + before.length + k - 1] = token;
      }
    });
    return { inputs: { x: tensor(values, { shape: [places.length, width] }) }, labels };
  });
}
