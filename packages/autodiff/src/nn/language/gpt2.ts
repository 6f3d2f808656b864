import { embedding } from '../layers/embedding.ts';
import { layerNorm } from '../layers/layerNorm.ts';
import { positions } from '../layers/positions.ts';
import { sequential } from '../layers/sequential.ts';
import { transformerBlock } from '../layers/transformerBlock.ts';
import { unembedding } from '../layers/unembedding.ts';
import type { StoredTensor } from '../stored.ts';
import { activationOf } from './activationOf.ts';
import type { Architecture, Config } from './config.ts';

const PARTS: Readonly<Record<string, string>> = {
  ln_1: 'attentionNorm',
  'attn.c_attn': 'attention.in_proj',
  'attn.c_proj': 'attention.out',
  ln_2: 'hiddenNorm',
  'mlp.c_fc': 'up',
  'mlp.c_proj': 'down',
};
const WHOLE: Readonly<Record<string, string>> = { wte: 'embedding', wpe: 'positions', ln_f: 'norm' };

/** Matrices that the files have with inputs first. */
const INPUTS_FIRST = /(in_proj_weight|(attention\.out|up|down)\.weight)$/;

function transposed(t: StoredTensor): StoredTensor {
  const [rows, columns] = t.shape;
  const given = t.values;
  const values = t.dtype === 'F64' ? new Float64Array(given.length) : new Float32Array(given.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[j * rows + i] = given[i * columns + j];
  return { dtype: t.dtype, shape: [columns, rows], values };
}

/**
 * GPT-2's architecture.
 * @throws INVALID_FORMAT for a configuration without sizes; NOT_SUPPORTED for other activations and scalings of attention.
 */
export function gpt2(config: Config): Architecture {
  const width = config.count('n_embd', 'hidden_size');
  const vocabulary = config.count('vocab_size');
  const context = config.count('n_positions', 'n_ctx');
  const epsilon = config.number('layer_norm_epsilon', 1e-5);
  if (config.flag('scale_attn_by_inverse_layer_idx', false)) config.unsupported('scale_attn_by_inverse_layer_idx');
  if (!config.flag('scale_attn_weights', true)) config.unsupported('scale_attn_weights');
  if (!config.flag('tie_word_embeddings', true)) config.unsupported('tie_word_embeddings');
  const block = transformerBlock({
    ...{ width, heads: config.count('n_head'), causal: true, epsilon },
    hidden: config.optionalCount('n_inner') ?? 4 * width,
    activation: activationOf(config, 'activation_function', 'gelu_new'),
  });
  return {
    layer: sequential({
      embedding: embedding({ count: vocabulary, width }),
      positions: positions({ count: context, width }),
      blocks: sequential(Array.from({ length: config.count('n_layer') }, () => block)),
      norm: layerNorm({ features: width, epsilon }),
      head: unembedding({ table: 'embedding.weight' }),
    }),
    ...{ vocabulary, context, gives: 'logits' },
    rename(given) {
      const name = given.replace(/^transformer\./, '');
      const [, whole, end] = /^(wte|wpe|ln_f)\.(weight|bias)$/.exec(name) ?? [];
      if (whole !== undefined) return `${WHOLE[whole]}.${end}`;
      const [, k, part, kind] = /^h\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
      if (part === undefined || !PARTS[part]) return undefined;
      // As in PyTorch's packed attention, whose name has no dot here.
      return `blocks.${k}.${PARTS[part]}${part === 'attn.c_attn' ? '_' : '.'}${kind}`;
    },
    needless: /\.attn\.(bias|masked_bias)$|^lm_head\.weight$/,
    adjust: (tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, t]) => [name, INPUTS_FIRST.test(name) ? transposed(t) : t]),
      ),
  };
}
