import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as nn from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Tests with data stand beside the checkout.
const found = ['../../../../shared/data/stories260k/', '../../../../../shared/data/stories260k/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(`${path}stories260K.bin`));

const { at, file, here } = workshop();
const ran = async (...args: string[]) => {
  const { code, out, err } = await here(args);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return out;
};
const said = async (...args: string[]) => (await here(args)).err.replaceAll(/\s+/g, ' ');

/** What the provenance of the data says: the text of its 64 likeliest tokens, one after another. */
const TEXT =
  'Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. She wanted to ' +
  'play with it, but it was too high.\nLily';

describe.skipIf(!found)('a language model of others (skipped where shared/data/stories260k is absent)', () => {
  const [bin, words] = [`${found}stories260K.bin`, `${found}tok512.bin`];
  const greedy = ['--temperature', '0', '--json'];

  test('of llama2.c tells the story that its makers’ program tells, from its beginning or in the middle', async () => {
    const told = JSON.parse(await ran('sample', bin, '--tokenizer', words, '--length', '64', ...greedy));
    expect(told).toMatchObject({ text: TEXT, length: 64, unit: 'token', status: 'completed' });
    const args = ['--tokenizer', words, '--prompt', 'Once upon a time', '--length', '60', ...greedy];
    expect(JSON.parse(await ran('sample', bin, ...args)).text).toBe(TEXT);
    const drawn = ['sample', bin, '--tokenizer', words, '--length', '30'];
    expect(await ran(...drawn, '--seed', '3')).toBe(await ran(...drawn, '--seed', '3'));
    expect(await ran(...drawn, '--seed', '3')).not.toBe(await ran(...drawn, '--seed', '4'));
  });

  test('is inspected', async () => {
    const text = await ran('inspect', bin);
    expect(text).toMatch(/8 layers, 260,032 numbers in 47 arrays/);
    expect(text).toMatch(/a language model of 512 tokens, which continues texts; context 512/);
    const { layers, tensors, model } = JSON.parse(await ran('inspect', bin, '--json'));
    expect([layers.length, tensors.length, model.context]).toEqual([8, 47, 512]);
    expect(tensors[0]).toMatchObject({ name: 'embedding.weight', bytes: 131072, notFinite: 0 });
    expect(tensors[0].largestSingular).toBeGreaterThan(1);
  });

  test('as safetensors with a configuration, and its tokeniser beside it, tells a story', async () => {
    const { parameters } = nn.readLlama2c(readFileSync(bin));
    const parts: Readonly<Record<string, string>> = {
      ...{ attentionNorm: 'input_layernorm', hiddenNorm: 'post_attention_layernorm', gate: 'mlp.gate_proj' },
      ...{ up: 'mlp.up_proj', down: 'mlp.down_proj', 'attention.query': 'self_attn.q_proj' },
      ...{ 'attention.key': 'self_attn.k_proj', 'attention.value': 'self_attn.v_proj' },
      'attention.out': 'self_attn.o_proj',
    };
    const named = Object.fromEntries(
      Object.entries(parameters).map(([name, t]) => {
        const [, k, part] = /^blocks\.(\d)\.(.*)\.weight$/.exec(name) ?? [];
        if (part !== undefined) return [`model.layers.${k}.${parts[part]}.weight`, t];
        return [name === 'norm.weight' ? 'model.norm.weight' : 'model.embed_tokens.weight', t];
      }),
    );
    mkdirSync(at('story'));
    writeFileSync(
      at('story/model.safetensors'),
      writeSafetensors({ tensors: nn.storedTensors(named) }, { dtype: 'F16' }),
    );
    expect(await said('sample', at('story/model.safetensors'))).toMatch(/its config\.json must be beside it/);
    // Without a configuration there are no layers, but arrays.
    const bare = await ran('inspect', at('story/model.safetensors'));
    expect(bare).toMatch(/: 260,032 numbers in 47 arrays, 520.1 kB\n\s*There is no config\.json beside it/);
    expect(bare).toMatch(/model\.embed_tokens\.weight +f16 +\[512, 64\] +65\.5 kB/);
    const config = {
      ...{ model_type: 'llama', hidden_size: 64, intermediate_size: 172, num_hidden_layers: 5, vocab_size: 512 },
      ...{ num_attention_heads: 8, num_key_value_heads: 4, rms_norm_eps: 1e-5, tie_word_embeddings: true },
    };
    writeFileSync(at('story/config.json'), JSON.stringify(config));
    expect(await said('sample', at('story/model.safetensors'))).toMatch(
      /model\.safetensors needs the file of its tokeniser: give --tokenizer/,
    );
    copyFileSync(words, at('story/tokenizer.bin'));
    // Pairs are rotated otherwise, so that it is another story.
    const one = await ran('sample', at('story/model.safetensors'), '--length', '12', ...greedy);
    const all = await ran('sample', at('story'), '--length', '12', ...greedy);
    expect(JSON.parse(one).text).toBe(JSON.parse(all).text);
    expect(JSON.parse(one).text).not.toBe('');
    expect(await ran('inspect', at('story'))).toMatch(/a language model of 512 tokens/);
    writeFileSync(at('story/config.json'), '{');
    expect(await said('inspect', at('story'))).toMatch(/config\.json is not JSON/);
  });

  test('what is wrong is told', async () => {
    expect(await said('sample', bin)).toMatch(/stories260K\.bin needs the file of its tokeniser: give --tokenizer\./);
    expect(await said('sample', bin, '--tokenizer', 'none.json')).toMatch(/none\.json cannot be read/);
    writeFileSync(at('cut.bin'), readFileSync(bin).subarray(0, 100000));
    expect(await said('inspect', at('cut.bin'))).toMatch(/cut\.bin: .* has 1056540 bytes, but the file has 100000/);
    file('any.bin', 'some bytes');
    expect(await said('sample', at('any.bin'))).toMatch(/any\.bin: The file is no model of llama2\.c/);
    const pieces = ['[UNK]', '[CLS]', ...Array.from({ length: 600 }, (_, k) => `p${k}`)];
    file('vocab.txt', pieces.join('\n'));
    expect(await said('sample', bin, '--tokenizer', at('vocab.txt'))).toMatch(
      /The tokeniser has 602 tokens, but the model 512: it belongs to another model/,
    );
    file('rows.csv', 'a,b\n1,2\n');
    expect(await said('predict', bin, 'rows.csv')).toMatch(/no rows to predict: southwell sample continues a text/);
    file('text.txt', 'abc '.repeat(100));
    await ran('train', 'text.txt', '--width', '8', '--epochs', '1', '--save', at('text.json'), '-q');
    expect(await said('sample', 'text.json', '--tokenizer', words)).toMatch(
      /--tokenizer is for language models of others, but \S*text\.json knows its characters/,
    );
  });
});
