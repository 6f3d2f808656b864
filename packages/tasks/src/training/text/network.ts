import {
  embedding,
  type Layer,
  layerNorm,
  linear,
  type Model,
  type PackedModel,
  positions,
  sequential,
  transformerBlock,
} from '@southwell/autodiff/nn';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import type { TrainRequest } from '../options.ts';

/** A network for texts. */
export interface TextNetwork<M extends PackedModel = Model> {
  /** In the order of their tokens; the token after the last is for unknown characters. */
  readonly characters: readonly string[];
  /** Context length: the maximum number of preceding characters used. */
  readonly context: number;
  readonly model: M;
}

const [WIDTH, BLOCKS, HEADS] = [64, 2, 4];

/**
 * A causal transformer with pre-norm blocks and separate weights for the embedding and the head. Throws if the number
 * of heads does not divide the width.
 */
export function transformerOf(
  classes: number,
  context: number,
  request: TrainRequest,
  spell: TaskTools['spell'],
): Layer {
  const { width = WIDTH, blocks = BLOCKS, activation, dropout } = request;
  const heads = request.heads ?? [4, 3, 2, 1].find((h) => h <= HEADS && width % h === 0)!;
  if (width % heads !== 0) {
    throw new RequestError(
      `${spell('heads')} ${heads} does not divide ${spell('width')} ${width}: the width must be a multiple of the heads.`,
    );
  }
  const deviation = 0.02;
  return sequential({
    embedding: embedding({ count: classes, width, deviation }),
    positions: positions({ count: context, width, deviation }),
    blocks: sequential(
      Array.from({ length: blocks }, () => transformerBlock({ width, heads, causal: true, activation, dropout })),
    ),
    norm: layerNorm({ features: width }),
    head: linear({ in: width, out: classes }),
  });
}

/** A description such as `2 blocks of width 64 and 4 heads, context 64, relu`. */
export function transformerText({ layers }: Layer): string {
  const { positions: places, blocks } = layers as Readonly<Record<string, Layer>>;
  const all = Object.values(blocks.layers as Readonly<Record<string, Layer>>);
  const { width, heads, activation, dropout } = all[0];
  return [
    `${all.length === 1 ? '1 block' : `${all.length} blocks`} of width ${width} and ${heads === 1 ? '1 head' : `${heads} heads`}`,
    `context ${places.count}`,
    String(activation ?? 'gelu'),
    ...(typeof dropout === 'number' && dropout > 0 ? [`dropout ${dropout}`] : []),
  ].join(', ');
}
