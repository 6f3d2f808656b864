import type { Tensor } from '@southwell/autodiff';
import type { Parameters, PlainTensor, Stored, Weights } from '@southwell/autodiff/nn';
import type { Table } from '@southwell/data';
import type { SavedModel } from '../saved-model.ts';

/** The entry of a file's metadata that says which kind of model its tensors are, as plain data. */
export const MODEL = 'southwell.model';

/** Examples that go through a network together. */
export interface NetworkBatch {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** For each row of outputs the class, the token that follows or the number, if known; −1 or NaN if not. */
  readonly labels?: ArrayLike<number>;
}

/** What the outputs of a network are: logits of classes, logits of the token that follows, numbers, or unknown. */
export type Gives = 'classes' | 'tokens' | 'numbers' | 'unknown';

/** The network of a saved model, whose parameters can be exchanged. */
export interface ModelNetwork {
  readonly parameters: Parameters;
  readonly gives: Gives;
  /** The outputs for a batch, in rows. */
  apply(parameters: Weights, inputs: NetworkBatch['inputs']): Tensor;
  /** The smallest batch that it takes, of zeros. */
  example(): NetworkBatch;
  /**
   * At most so many examples of a table or a text, evenly spread over it, in batches of which each is spread likewise. Throws a message
   * if they do not fit. For networks of others, columns are divided by `divide`.
   */
  batches(
    table: Table,
    most: number,
    divide?: number,
  ): { readonly batches: readonly NetworkBatch[]; readonly notes: readonly string[] };
  /** The same model with other parameters. */
  with(parameters: Weights): SavedModel;
  /**
   * The contents of a file from which the model can be read again.
   * @param turned Names of parameters that have the inputs first, but are given as matrices with the outputs first.
   */
  stored(parameters: Weights, turned: ReadonlySet<string>): Stored<PlainTensor>;
  /** The network as ONNX, without what surrounds it. */
  onnx(parameters: Parameters): Uint8Array;
}

/** Examples of a batch, and the least number of batches, so that some can be set apart. */
const [SIZE, LEAST] = [64, 4];

/** Places among `count`, at most `most` of them and evenly spread, in batches that are spread likewise. */
export function spreadBatches(count: number, most: number): ReadonlyArray<readonly number[]> {
  const taken = Math.min(count, most);
  const batches = Math.min(taken, Math.max(LEAST, Math.ceil(taken / SIZE)));
  return Array.from({ length: batches }, (_, b) => {
    const places: number[] = [];
    for (let i = b; i < taken; i += batches) places.push(Math.floor((i * count) / taken));
    return places;
  });
}
