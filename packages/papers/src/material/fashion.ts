import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';
import { type ImageSet, imagesOf } from './perceptrons.ts';

const FILES = {
  train: ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'],
  test: ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'],
} as const;

/** Xiao, Rasul and Vollgraf (2017). */
export const fashion: Part = {
  id: 'fashion-mnist',
  title: 'Fashion-MNIST',
  files: Object.values(FILES).flat(),
  from: "Debian's package dataset-fashion-mnist, or https://github.com/zalandoresearch/fashion-mnist",
};

let kept: Promise<ImageSet> | undefined;

/** The 60 000 images of Fashion-MNIST for training and 10 000 for tests, 28 × 28. */
export function fashionSet(context: ExperimentContext): Promise<ImageSet> {
  kept ??= read(context);
  kept.catch(() => {
    kept = undefined;
  });
  return kept;
}

async function read(context: ExperimentContext): Promise<ImageSet> {
  const files = await filesOf(fashion, context);
  // idx: a header of 4 bytes and 4 for each dimension, then bytes.
  const unpacked = async (name: string, header: number) => {
    const packed = new Blob([files.get(name)! as Uint8Array<ArrayBuffer>]).stream();
    const bytes = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
    return new Uint8Array(bytes, header);
  };
  const part = async ([images, classes]: readonly [string, string]) => {
    const [pixels, labels] = [await unpacked(images, 16), await unpacked(classes, 8)];
    return imagesOf(pixels, labels, Array.from(labels.keys()));
  };
  return { name: 'fashion', train: await part(FILES.train), test: await part(FILES.test) };
}
