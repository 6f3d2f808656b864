import { embedding } from '../layers/embedding.ts';
import { layerNorm } from '../layers/layerNorm.ts';
import { positions } from '../layers/positions.ts';
import { sequential } from '../layers/sequential.ts';
import { transformerBlock } from '../layers/transformerBlock.ts';
import type { StoredTensor } from '../stored.ts';
import { activationOf } from './activationOf.ts';
import type { Architecture, Config } from './config.ts';

const PARTS: Readonly<Record<string, string>> = {
  'attention.self.query': 'attention.query',
  'attention.self.key': 'attention.key',
  'attention.self.value': 'attention.value',
  'attention.output.dense': 'attention.out',
  'attention.output.LayerNorm': 'attentionNorm',
  'intermediate.dense': 'up',
  'output.dense': 'down',
  'output.LayerNorm': 'hiddenNorm',
};
const WHOLE: Readonly<Record<string, string>> = {
  word_embeddings: 'embedding',
  position_embeddings: 'positions',
  token_type_embeddings: 'types',
  LayerNorm: 'norm',
};

/** Adds the embedding of the first type, which every token of a single text has, to those of the positions. */
function withTypes(tensors: Readonly<Record<string, StoredTensor>>): Readonly<Record<string, StoredTensor>> {
  const { 'types.weight': types, ...rest } = tensors;
  const places = rest['positions.weight'];
  const width = types?.shape[1] ?? 0;
  if (!types || places?.shape[1] !== width) return rest;
  const values = Float64Array.from(places.values, (v, i) => v + types.values[i % width]);
  return { ...rest, 'positions.weight': { dtype: places.dtype, shape: places.shape, values } };
}

/**
 * BERT's encoder, without what follows it, for texts of the first type.
 * @throws INVALID_FORMAT for a configuration without sizes; NOT_SUPPORTED for other activations and kinds of positions.
 */
export function bert(config: Config): Architecture {
  const width = config.count('hidden_size');
  const vocabulary = config.count('vocab_size');
  const context = config.count('max_position_embeddings');
  const epsilon = config.number('layer_norm_eps', 1e-12);
  if (config.text('position_embedding_type', 'absolute') !== 'absolute') config.unsupported('position_embedding_type');
  if (config.flag('is_decoder', false)) config.unsupported('is_decoder');
  const block = transformerBlock({
    ...{ width, heads: config.count('num_attention_heads'), hidden: config.count('intermediate_size') },
    ...{ normFirst: false, epsilon, activation: activationOf(config, 'hidden_act', 'gelu') },
  });
  return {
    layer: sequential({
      embedding: embedding({ count: vocabulary, width }),
      positions: positions({ count: context, width }),
      norm: layerNorm({ features: width, epsilon }),
      blocks: sequential(Array.from({ length: config.count('num_hidden_layers') }, () => block)),
    }),
    ...{ vocabulary, context, gives: 'values' },
    rename(given) {
      // Files of old call weights and biases of norms gamma and beta.
      const name = given
        .replace(/^bert\./, '')
        .replace(/\.gamma$/, '.weight')
        .replace(/\.beta$/, '.bias');
      const [, whole, end] = /^embeddings\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
      if (whole !== undefined) return WHOLE[whole] && `${WHOLE[whole]}.${end}`;
      const [, k, part, kind] = /^encoder\.layer\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
      return part !== undefined && PARTS[part] ? `blocks.${k}.${PARTS[part]}.${kind}` : undefined;
    },
    needless: /position_ids$|(^|\.)pooler\.|^cls\.|^classifier\./,
    adjust: withTypes,
  };
}
