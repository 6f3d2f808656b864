import { fail } from '@southwell/numerics/core';
import { type Tensor, tensor, withLine } from '../../index.ts';
import type { Layer, Precision } from '../layer.ts';
import { embedding } from '../layers/embedding.ts';
import { linear } from '../layers/linear.ts';
import { rmsNorm } from '../layers/rmsNorm.ts';
import { sequential } from '../layers/sequential.ts';
import { transformerBlock } from '../layers/transformerBlock.ts';
import { unembedding } from '../layers/unembedding.ts';
import { type ByteSource, Bytes } from '../onnx/source.ts';
import type { LanguageModel } from './languageModel.ts';

// The format of llama2.c: seven integers, and the numbers of all tensors, of those of the blocks the same one of every block together.

interface Header {
  readonly width: number;
  readonly hidden: number;
  readonly blocks: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabulary: number;
  readonly context: number;
  /** Whether the embedding is also the output matrix. */
  readonly shared: boolean;
}

const HEADER = 28;
/** `ak42` in the order of the file: newer formats begin with it. */
const NEWER = 0x616b3432;

function headerOf(source: Uint8Array | ByteSource): Header | undefined {
  const file = new Bytes(source);
  if (file.size < HEADER) return undefined;
  const bytes = file.slice({ from: 0, to: HEADER });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, hidden, blocks, heads, keyValueHeads, tokens, context] = Array.from({ length: 7 }, (_, i) =>
    view.getInt32(4 * i, true),
  );
  if (view.getUint32(0, true) === NEWER)
    fail(
      'NOT_SUPPORTED',
      'The file is of a newer version of the format of llama2.c: export the model with version 0, as its run.c reads it.',
    );
  const between = (value: number, most: number): boolean => value >= 1 && value <= most;
  const plausible =
    between(width, 1 << 16) &&
    between(hidden, 1 << 20) &&
    between(blocks, 1 << 10) &&
    between(heads, width) &&
    between(keyValueHeads, heads) &&
    between(Math.abs(tokens), 1 << 24) &&
    between(context, 1 << 24);
  if (!plausible || width % (2 * heads) !== 0 || heads % keyValueHeads !== 0) return undefined;
  return {
    ...{ width, hidden, blocks, heads, keyValueHeads, context },
    ...{ vocabulary: Math.abs(tokens), shared: tokens > 0 },
  };
}

/** Whether a file begins as a model of llama2.c. */
export const isLlama2c = (source: Uint8Array | ByteSource): boolean => headerOf(source) !== undefined;

function layerOf({ width, hidden, blocks, heads, keyValueHeads, vocabulary, shared }: Header): Layer {
  const block = transformerBlock({
    ...{ width, heads, keyValueHeads, hidden, causal: true, bias: false, rotary: 'neighbours' },
    ...{ norm: 'rms', gated: true, activation: 'silu' },
  });
  return sequential({
    embedding: embedding({ count: vocabulary, width }),
    blocks: sequential(Array.from({ length: blocks }, () => block)),
    norm: rmsNorm({ features: width }),
    head: shared ? unembedding({ table: 'embedding.weight' }) : linear({ in: width, out: vocabulary, bias: false }),
  });
}

/** Names and shapes of what the file has, in its order; undefined for tables that are not needed. */
function* layout(h: Header): Generator<readonly [name: string | undefined, shape: readonly number[]]> {
  const { width, hidden, heads, keyValueHeads, vocabulary, context, blocks, shared } = h;
  const narrow = (width / heads) * keyValueHeads;
  yield ['embedding.weight', [vocabulary, width]];
  const each: ReadonlyArray<readonly [string, readonly number[]]> = [
    ['attentionNorm', [width]],
    ['attention.query', [width, width]],
    ['attention.key', [narrow, width]],
    ['attention.value', [narrow, width]],
    ['attention.out', [width, width]],
    ['hiddenNorm', [width]],
    ['gate', [hidden, width]],
    ['down', [width, hidden]],
    ['up', [hidden, width]],
  ];
  for (const [name, shape] of each) for (let k = 0; k < blocks; k++) yield [`blocks.${k}.${name}.weight`, shape];
  yield ['norm.weight', [width]];
  // Cosines and sines of the rotary embedding.
  for (let k = 0; k < 2; k++) yield [undefined, [context, width / heads / 2]];
  if (!shared) yield ['head.weight', [vocabulary, width]];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Reads a model of llama2.c, a Llama in single precision. O(size).
 * @throws INVALID_FORMAT for a file that is no such model, or is cut short or longer than its header says; NOT_SUPPORTED for newer versions of the format.
 */
export const readLlama2c = withLine((source: Uint8Array | ByteSource, dtype: Precision = 'f32'): LanguageModel => {
  const header = headerOf(source);
  if (!header)
    return fail('INVALID_FORMAT', 'The file is no model of llama2.c: it does not begin with the sizes of one.');
  const bytes = new Bytes(source);
  const all = [...layout(header)];
  const expected = HEADER + 4 * all.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  if (bytes.size !== expected) {
    const { width, blocks, vocabulary } = header;
    fail(
      'INVALID_FORMAT',
      `The file is damaged, cut short, or no model of llama2.c: a model of ${blocks} blocks of width ${width} with ${vocabulary} tokens has ${expected} bytes, but the file has ${bytes.size}.`,
    );
  }
  const parameters: Record<string, Tensor> = {};
  let at = HEADER;
  for (const [name, shape] of all) {
    const to = at + 4 * sizeOf(shape);
    // Copied, as the numbers of a view need not be aligned.
    if (name !== undefined) {
      const values = new Float32Array(Uint8Array.from(bytes.slice({ from: at, to })).buffer);
      parameters[name] = tensor(values, { shape, dtype });
    }
    at = to;
  }
  const { vocabulary, context } = header;
  return { layer: layerOf(header), parameters, vocabulary, context, gives: 'logits', unused: [] };
});
