import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { tensor, type Values, withLine } from '../../index.ts';
import type { Parameters, Precision } from '../layer.ts';
import type { External } from '../onnx/tensorData.ts';
import { groupsOf, Weights } from './weights.ts';

/** Options of {@link readWeights}. */
export interface ReadWeightsOptions {
  /** Reads the files that the manifest names. */
  readonly external?: External;
  /** Data type of floating-point weights ('f32'). */
  readonly dtype?: Precision;
}
const keys: OptionKeys<ReadWeightsOptions> = { external: true, dtype: true };

/**
 * Weights of TensorFlow.js without a graph, by their names, from a list of tensors and files (`weights_manifest.json`); those quantised to uint8, uint16 or
 * float16 become floating-point numbers, and integers i32. O(size).
 * @throws INVALID_FORMAT for what is not a manifest, and for files that are missing or of another length; NOT_SUPPORTED for texts and complex numbers.
 */
export const readWeights = withLine((source: Uint8Array, options: ReadWeightsOptions = {}): Parameters => {
  knownKeys('readWeights', options, keys);
  const { external, dtype = 'f32' } = options;
  let manifest: unknown;
  try {
    manifest = JSON.parse(new TextDecoder().decode(source));
  } catch (error) {
    return fail('INVALID_FORMAT', `The list of weights is not JSON: ${(error as Error).message}.`);
  }
  const weights = new Weights(groupsOf(manifest, 'the list of weights'), external);
  const entries = weights.tensors.map((t) => {
    const kind = t.dtype === 'float32' ? dtype : 'i32';
    return [t.name, tensor(weights.numbers(t.name) as Values, { shape: t.shape, dtype: kind })] as const;
  });
  return Object.fromEntries(entries);
});
