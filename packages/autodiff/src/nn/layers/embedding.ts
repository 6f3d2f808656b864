import { take } from '../../index.ts';
import { count, real } from '../fields.ts';
import { normal } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** How many there are to choose from. */
  readonly count: number;
  /** Numbers of each. */
  readonly width: number;
  /** Standard deviation of the first ones (1). */
  readonly deviation?: number;
}

export const embeddingKind: LayerKind<EmbeddingOptions> = {
  kind: 'embedding',
  options: { count: count(), width: count(), deviation: real(1, 0) },
  parameters: ({ count: n, width, deviation }) => ({ weight: { shape: [n, width], init: normal(deviation) } }),
  apply: (_, c, x) => {
    if (x.dtype !== 'i32') c.misfit(x, `it takes whole numbers (i32), not ${x.dtype}: which entries to take.`);
    return take(c.param('weight'), x);
  },
  onnx: ({ width }, e, x) => e.node('Gather', [e.param('weight'), x], [...x.shape, width]),
};

/**
 * Rows of a table by their numbers: whole numbers […] from 0 to count − 1 (i32) give […, width]; weight [count, width], normal at first.
 * O(size·width).
 * @throws INVALID_PARAMETER for options that are none.
 */
export const embedding = maker(embeddingKind);
