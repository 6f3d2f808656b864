import { take } from '../../index.ts';
import { count, real } from '../fields.ts';
import { normal } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** Vocabulary size. */
  readonly count: number;
  /** Width of each embedding. */
  readonly width: number;
  /** Standard deviation of the initial values (1). */
  readonly deviation?: number;
}

export const embeddingKind: LayerKind<EmbeddingOptions> = {
  kind: 'embedding',
  options: { count: count(), width: count(), deviation: real(1, 0) },
  parameters: ({ count: n, width, deviation }) => ({ weight: { shape: [n, width], init: normal(deviation) } }),
  apply: (_, c, x) => {
    if (x.dtype !== 'i32') c.misfit(x, `it takes indices of dtype i32, not ${x.dtype}.`);
    return take(c.param('weight'), x);
  },
  onnx: ({ width }, e, x) => e.node('Gather', [e.param('weight'), x], [...x.shape, width]),
};

/**
 * Embedding lookup: indices […] (i32) from 0 to count − 1 give […, width]; weight [count, width], initially normal.
 * O(size·width).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const embedding = maker(embeddingKind);
