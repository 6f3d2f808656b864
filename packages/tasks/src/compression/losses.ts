import * as ad from '@southwell/autodiff';
import type { LossExamples } from 'southwell/compression';
import type { Gives, ModelNetwork, NetworkBatch } from '../saved-model.ts';

/** Outputs of which there is a loss. */
export type Known = Exclude<Gives, 'unknown'>;

/**
 * Of each of n examples the sum of the losses of its rows of outputs, and how many of them have a known label: −log of the
 * probability of a class or token, or the squared error of a number. Unknown classes and tokens are −1 among the labels, [n, rows].
 */
export function lossSums(
  gives: Known,
  outputs: ad.Tensor,
  labels: ad.Tensor,
): { readonly losses: ad.Tensor; readonly known: ad.Tensor } {
  const [n, rows] = labels.shape;
  const flat = ad.reshape(labels, [n * rows]);
  const byExample = (x: ad.Tensor): ad.Tensor => ad.sum(ad.reshape(x, [n, rows]), 1);
  const none = ad.mul(flat, 0);
  const one = ad.add(none, 1);
  if (gives === 'numbers')
    return { losses: byExample(ad.square(ad.sub(ad.reshape(outputs, [n * rows]), flat))), known: byExample(one) };
  const isKnown = ad.greaterEqual(flat, 0);
  const all = ad.crossEntropy(ad.reshape(outputs, [n * rows, -1]), ad.cast(ad.maximum(flat, 0), 'i32'));
  return {
    losses: byExample(ad.where(isKnown, all, ad.mul(all, 0))),
    known: byExample(ad.where(isKnown, one, none)),
  };
}

/** The examples of batches of which a label is known, [n, …] with labels [n, rows of outputs of each]; undefined without any. */
export function labelledExamples(
  { gives }: ModelNetwork,
  batches: readonly NetworkBatch[],
  input: string,
): LossExamples | undefined {
  const isKnown = (label: number): boolean => (gives === 'numbers' ? !Number.isNaN(label) : label >= 0);
  const known = batches.flatMap(({ inputs, labels }) => {
    const x = inputs[input];
    if (!x || !labels) return [];
    const n = x.shape[0];
    const width = labels.length / n;
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) =>
      Array.from({ length: width }, (_, k) => labels[i * width + k]).some(isKnown),
    );
    return rows.length === 0 ? [] : [{ x, labels, width, rows }];
  });
  if (known.length === 0) return undefined;
  const inputs = known.map(({ x, rows }) => ad.take(x, ad.tensor(Int32Array.from(rows)), 0));
  const targets = known.flatMap(({ labels, width, rows }) =>
    rows.flatMap((i) => Array.from({ length: width }, (_, k) => labels[i * width + k])),
  );
  const [{ width }] = known;
  return {
    inputs: ad.concat(inputs, 0),
    targets: ad.tensor(Float32Array.from(targets), { shape: [targets.length / width, width] }),
  };
}
