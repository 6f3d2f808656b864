import {
  embedding,
  type Layer,
  layerNorm,
  linear,
  type Model,
  positions,
  sequential,
  transformerBlock,
} from '@southwell/autodiff/nn';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import type { TrainRequest } from '../options.ts';

/** A network on texts. */
export interface TextNetwork {
  /** By their numbers; whatever else there is has the number after the last. */
  readonly characters: readonly string[];
  /** Characters that are seen at once, at most. */
  readonly context: number;
  readonly model: Model;
}

const [WIDTH, BLOCKS, HEADS] = [64, 2, 4];

/** A transformer that looks back alone, norms first, its head apart from the embedding. Throws for heads that do not divide the width. */
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
      `${spell('heads')} ${heads} do not divide ${spell('width')} ${width}: each takes an equal part of it.`,
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

/** For people: `2 blocks of width 64 and 4 heads, context 64, relu`. */
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
