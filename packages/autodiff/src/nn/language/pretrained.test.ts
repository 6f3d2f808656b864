import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// Tests with data stand beside the checkout.
const file = [
  new URL('../../../../../../shared/data/stories260k/stories260K.bin', import.meta.url),
  new URL('../../../../../../../shared/data/stories260k/stories260K.bin', import.meta.url),
].find((url) => existsSync(url));

const tokens = Int32Array.of(1, 403, 407, 261, 378, 432, 383, 286);
const logitsOf = ({ layer, parameters }: Pick<nn.LanguageModel, 'layer' | 'parameters'>, t = tokens) =>
  nn.apply(layer, parameters, ad.tensor(t, { shape: [1, t.length] })).data();

const config = {
  ...{ model_type: 'llama', hidden_size: 64, intermediate_size: 172, num_hidden_layers: 5, num_attention_heads: 8 },
  ...{ num_key_value_heads: 4, vocab_size: 512, max_position_embeddings: 512, rms_norm_eps: 1e-5 },
  ...{ tie_word_embeddings: true, hidden_act: 'silu', rope_theta: 10000, rope_scaling: null },
};
const PARTS: Readonly<Record<string, string>> = {
  ...{ attentionNorm: 'input_layernorm', hiddenNorm: 'post_attention_layernorm', gate: 'mlp.gate_proj' },
  ...{ up: 'mlp.up_proj', down: 'mlp.down_proj', 'attention.query': 'self_attn.q_proj' },
  ...{
    'attention.key': 'self_attn.k_proj',
    'attention.value': 'self_attn.v_proj',
    'attention.out': 'self_attn.o_proj',
  },
};

/** Rows of a head as Hugging Face has them: the first of all rotated pairs, then the second. */
function halves(t: ad.Tensor, headWidth: number): ad.Tensor {
  const [rows, columns] = t.shape;
  const given = t.data();
  const half = headWidth / 2;
  const out = new Float32Array(given.length);
  for (let i = 0; i < rows; i++) {
    const [head, within] = [Math.floor(i / headWidth), i % headWidth];
    const from = head * headWidth + 2 * (within % half) + Math.floor(within / half);
    out.set(given.subarray(from * columns, (from + 1) * columns) as Float32Array, i * columns);
  }
  return ad.tensor(out, { shape: t.shape });
}

/** The parameters under the names of Hugging Face. */
function renamed(parameters: nn.Parameters): Record<string, ad.Tensor> {
  const out: Record<string, ad.Tensor> = {};
  for (const [name, t] of Object.entries(parameters)) {
    const [, k, part] = /^blocks\.(\d)\.(.*)\.weight$/.exec(name) ?? [];
    const turned = /query|key/.test(name) ? halves(t, 8) : t;
    if (part !== undefined) out[`model.layers.${k}.${PARTS[part]}.weight`] = turned;
    else out[name === 'norm.weight' ? 'model.norm.weight' : 'model.embed_tokens.weight'] = turned;
  }
  return out;
}

describe.skipIf(!file)('Llama of Hugging Face (skipped where shared/data/stories260k is absent)', () => {
  const original = nn.readLlama2c(readFileSync(file!));
  const stored = (tensors: Readonly<Record<string, ad.Tensor>>) => ({
    tensors: nn.storedTensors(tensors),
    metadata: {},
  });
  const theirs = renamed(original.parameters);

  test('gives the logits of the same model from llama2.c', () => {
    const model = nn.loadPretrained(stored(theirs), config);
    const [a, b] = [logitsOf(model), logitsOf(original)];
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(1e-4);
    expect([model.context, model.vocabulary, model.gives]).toEqual([512, 512, 'logits']);
    expect(nn.countParameters(model.parameters)).toBe(260032);
    // An output matrix of its own, and a window of attention.
    const apart = nn.loadPretrained(stored({ ...theirs, 'lm_head.weight': theirs['model.embed_tokens.weight'] }), {
      ...config,
      model_type: 'mistral',
      tie_word_embeddings: false,
      sliding_window: 128,
    });
    expect(logitsOf(apart)).toEqual(a);
    expect(apart.context).toBe(128);
  });

  test('numbers of half precision are widened, and tables that are not needed are told', () => {
    const tensors = Object.fromEntries(
      Object.entries(nn.storedTensors(theirs)).map(([name, t]) => [name, { ...t, dtype: 'BF16' }]),
    );
    const inverse = { dtype: 'F32', shape: [4], values: new Float32Array(4) };
    const model = nn.loadPretrained(
      { tensors: { ...tensors, 'model.layers.0.self_attn.rotary_emb.inv_freq': inverse }, metadata: {} },
      config,
    );
    expect(model.unused).toEqual(['model.layers.0.self_attn.rotary_emb.inv_freq']);
    expect(model.parameters['norm.weight'].dtype).toBe('f32');
  });

  test('what is missing, left over or of another shape is told by name', () => {
    const load =
      (tensors: Readonly<Record<string, ad.Tensor>>, change: object = {}) =>
      () =>
        nn.loadPretrained(stored(tensors), { ...config, ...change });
    const { 'model.layers.2.mlp.up_proj.weight': up, ...rest } = theirs;
    expect(load(rest)).toThrow('1 missing: blocks.2.up.weight');
    expect(load({ ...theirs, 'model.layers.2.mlp.more.weight': up })).toThrow(
      "The file has a tensor that the architecture 'llama' does not: model.layers.2.mlp.more.weight (",
    );
    expect(load(theirs, { num_key_value_heads: 8 })).toThrow(
      /attention\.key\.weight is \[32, 64\], but .* needs \[64, 64\]/,
    );
    expect(load(theirs, { hidden_size: undefined })).toThrow("The configuration has no 'hidden_size' (");
    expect(load(theirs, { vocab_size: 'many' })).toThrow("'vocab_size' of the configuration must be a whole number");
    expect(load(theirs, { model_type: 'rwkv' })).toThrow("Models of the type 'rwkv' are not supported");
    expect(load(theirs, { attention_bias: true })).toThrow('asks for attention_bias true');
    expect(load(theirs, { rope_scaling: { rope_type: 'llama3', factor: 8 } })).toThrow('asks for rope_scaling');
    expect(load(theirs, { rope_parameters: { rope_type: 'yarn' } })).toThrow('asks for rope_parameters');
    expect(load(theirs, { hidden_act: 'gelu' })).toThrow('asks for hidden_act "gelu"');
  });
});

interface Answer {
  readonly tokens: number[];
  readonly models: Readonly<
    Record<
      string,
      {
        readonly config: object;
        readonly tensors: Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
        readonly values: number[];
      }
    >
  >;
}

function peer(): Answer | undefined {
  const script = fileURLToPath(new URL('peers/pretrained.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-W', 'ignore', script], {
    ...{ encoding: 'utf8', maxBuffer: 2 ** 26 },
  });
  if (status === 0) return JSON.parse(stdout) as Answer;
  if (stderr && !/No module named/.test(stderr)) throw new Error(stderr);
  return undefined;
}
const answer = peer();

describe.skipIf(!answer)('other architectures (skipped where PyTorch is absent)', () => {
  test.each(['gpt2', 'bert'])('%s gives what PyTorch computes from the tensors of its file', (type) => {
    const { config: own, tensors, values } = answer!.models[type];
    const stored = Object.fromEntries(
      Object.entries(tensors).map(([name, t]) => [name, { ...t, dtype: 'F64', values: Float64Array.from(t.values) }]),
    );
    const model = nn.loadPretrained({ tensors: stored, metadata: {} }, own, { dtype: 'f64' });
    const found = logitsOf(model, Int32Array.from(answer!.tokens));
    expect(found.length).toBe(values.length);
    values.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 10);
    });
    expect(model.gives).toBe(type === 'bert' ? 'values' : 'logits');
    expect(model.unused).toHaveLength(2);
  });
});

const refusals = {
  loadPretrained: (o: object) => nn.loadPretrained({ tensors: {}, metadata: {} }, config, o),
};
/** scripts/unknown-options.test.ts looks for this. */
function refusesUnknown(name: keyof typeof refusals): void {
  test(`${name} refuses an option that it does not know`, () => {
    expect(() => refusals[name]({ surely_not: 1 })).toThrow("has no option 'surely_not'");
  });
}
refusesUnknown('loadPretrained');
