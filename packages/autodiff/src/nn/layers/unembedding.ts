import { matmulTransposed, transpose } from '../../index.ts';
import { text } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';

/** Options of {@link unembedding}. */
export interface UnembeddingOptions {
  /** Full name of the embedding table, such as 'embedding.weight', of shape [count, width]. */
  readonly table: string;
}

export const unembeddingKind: LayerKind<UnembeddingOptions> = {
  kind: 'unembedding',
  options: { table: text() },
  apply: ({ table }, c, x) => {
    const w = c.shared(table);
    if (w.rank !== 2 || x.rank < 1 || x.shape.at(-1) !== w.shape[1])
      c.misfit(x, `the table ${table} is [${w.shape.join(', ')}], so it takes […, ${w.shape[1]}].`);
    return matmulTransposed(x, w);
  },
  onnx: ({ table }, e, x) => {
    const w = e.shared(table, transpose);
    return e.node('MatMul', [x, w], [...x.shape.slice(0, -1), w.shape[1]]);
  },
};

/**
 * Product with the transposed table of another layer: logits of a language model with tied embeddings (Press & Wolf
 * 2017): x […, width] gives […, count]. O(size·count).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const unembedding = maker(unembeddingKind);
