import { embedding } from '../layers/embedding.ts';
import { linear } from '../layers/linear.ts';
import { rmsNorm } from '../layers/rmsNorm.ts';
import { sequential } from '../layers/sequential.ts';
import { transformerBlock } from '../layers/transformerBlock.ts';
import { unembedding } from '../layers/unembedding.ts';
import type { Architecture, Config } from './config.ts';

/** Names of a block's parts in the files. */
const PARTS: Readonly<Record<string, string>> = {
  input_layernorm: 'attentionNorm',
  'self_attn.q_proj': 'attention.query',
  'self_attn.k_proj': 'attention.key',
  'self_attn.v_proj': 'attention.value',
  'self_attn.o_proj': 'attention.out',
  post_attention_layernorm: 'hiddenNorm',
  'mlp.gate_proj': 'gate',
  'mlp.up_proj': 'up',
  'mlp.down_proj': 'down',
};

const PLAIN = /^(?:model\.)?(embed_tokens|norm|lm_head)\.weight$/;
const WHOLE: Readonly<Record<string, string>> = { embed_tokens: 'embedding', norm: 'norm', lm_head: 'head' };

/**
 * Llama's architecture, and Mistral's within its window.
 * @throws INVALID_FORMAT for a configuration without sizes; NOT_SUPPORTED for scaled rotary embeddings, biases and other activations.
 */
export function llama(config: Config): Architecture {
  const width = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  const vocabulary = config.count('vocab_size');
  const rope = config.inside('rope_parameters') ?? config.inside('rope_scaling');
  if (rope && rope.text('rope_type', rope.text('type', 'default')) !== 'default')
    config.unsupported(config.inside('rope_parameters') ? 'rope_parameters' : 'rope_scaling');
  for (const name of ['attention_bias', 'mlp_bias']) if (config.flag(name, false)) config.unsupported(name);
  if (config.text('hidden_act', 'silu') !== 'silu') config.unsupported('hidden_act');
  const epsilon = config.number('rms_norm_eps', 1e-6);
  const block = transformerBlock({
    ...{ width, heads, hidden: config.count('intermediate_size') },
    keyValueHeads: config.optionalCount('num_key_value_heads') ?? heads,
    headWidth: config.optionalCount('head_dim') ?? 0,
    ...{ causal: true, bias: false, rotary: 'halves', norm: 'rms', gated: true, activation: 'silu', epsilon },
    rotaryBase: config.inside('rope_parameters')?.number('rope_theta', 10000) ?? config.number('rope_theta', 10000),
  });
  const tied = config.flag('tie_word_embeddings', false);
  const positions = config.optionalCount('max_position_embeddings') ?? 2048;
  return {
    layer: sequential({
      embedding: embedding({ count: vocabulary, width }),
      blocks: sequential(Array.from({ length: config.count('num_hidden_layers') }, () => block)),
      norm: rmsNorm({ features: width, epsilon }),
      head: tied ? unembedding({ table: 'embedding.weight' }) : linear({ in: width, out: vocabulary, bias: false }),
    }),
    ...{ vocabulary, gives: 'logits' },
    // Beyond a window, attention would be to the last positions only.
    context: Math.min(positions, config.optionalCount('sliding_window') ?? positions),
    rename(name) {
      const whole = PLAIN.exec(name);
      if (whole) return `${WHOLE[whole[1]]}.weight`;
      const [, k, part] = /^(?:model\.)?layers\.(\d+)\.(.+)\.weight$/.exec(name) ?? [];
      return part !== undefined && PARTS[part] ? `blocks.${k}.${PARTS[part]}.weight` : undefined;
    },
    // Tied files may have the matrix twice.
    needless: tied ? /rotary_emb\.inv_freq$|^lm_head\.weight$/ : /rotary_emb\.inv_freq$/,
  };
}
