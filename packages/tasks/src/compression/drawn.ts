import { type CompressedNetwork, compressedToDense } from 'southwell/compression';
import type { CompressResult } from './result.ts';

/** Rows and columns that are drawn at most. */
const MOST = 96;

/** The corner of the first large layer that was pruned: magnitudes of its weights, 0 where they were removed. */
export function drawnOf({ layers }: CompressedNetwork): Pick<CompressResult, 'drawn'> {
  const pruned = layers.filter(({ weights }) => weights.kind === 'pruned');
  const layer = pruned.find(({ outputs, inputs }) => outputs >= 16 && inputs >= 16) ?? pruned[0];
  if (!layer) return {};
  const W = compressedToDense(layer.weights);
  const [height, width] = [Math.min(MOST, W.rows), Math.min(MOST, W.cols)];
  const values = Array.from({ length: height * width }, (_, at) => Math.abs(W.get(Math.floor(at / width), at % width)));
  W.free();
  return { drawn: { name: layer.name, width, height, values } };
}
