import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// The cases of the ONNX standard, as the package of Python has them.

interface Numbers {
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: readonly string[];
}
interface Case {
  readonly name: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly outputs: Readonly<Record<string, Numbers>>;
}

const script = fileURLToPath(new URL('./peers/standard.py', import.meta.url));
const made = spawnSync('/usr/bin/python3', [script], { encoding: 'utf8', maxBuffer: 2 ** 28 });
const installed = !made.error && made.status !== 3;

/**
 * Random numbers; padding beyond the last window, and places in a larger image, where onnxruntime and we read the definition otherwise; halves that are stored as integers; lengths of axes that onnxruntime takes as whole numbers, as we do; and products of int8 whose
 * expected numbers wrap around where the operator is defined to saturate, as onnxruntime and we do.
 */
const OTHERWISE =
  /bernoulli|averagepool_3d_dilations_large_count_include_pad_is_1_ceil|maxunpool_export_with_output|training_dropout|BFLOAT16|downsample_scales_(linear|cubic)_align_corners|qlinearmatmul_.D_int8/;
const number = (text: string): number => Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
const tensorOf = ({ type, shape, values }: Numbers): ad.Tensor =>
  ad.tensor(Float64Array.from(values, number), { shape, dtype: /float/.test(type) ? 'f32' : 'i32' });

/** What is wrong with the outputs, if anything; `refused` for operators and settings that are not supported. */
function judge({ model, inputs, outputs }: Case): string | undefined {
  let found: Readonly<Record<string, ad.Tensor>>;
  try {
    const { model: layer, parameters, state } = nn.read(Buffer.from(model, 'base64'));
    const given = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, tensorOf(x)]));
    found = nn.applyGraph(layer, parameters, given, { state });
  } catch (error) {
    if (error instanceof SouthwellError) return 'refused';
    throw error;
  }
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    if (`${found[name].shape}` !== `${shape}`) return `${name} is [${found[name].shape}], not [${shape}]`;
    const data = found[name].data();
    const at = values.findIndex((text, i) => {
      const value = number(text);
      if (!Number.isFinite(value)) return !Object.is(data[i], value);
      return !(Math.abs(data[i] - value) <= 1e-5 + 1e-3 * Math.abs(value));
    });
    if (at >= 0) return `${name} has ${data[at]} at ${at}, not ${values[at]}`;
  }
  return undefined;
}

test.skipIf(!installed)('outputs are those of the standard (needs python3 with onnx)', { timeout: 600_000 }, () => {
  expect(made.status, made.stderr.slice(-2000)).toBe(0);
  const cases = (JSON.parse(made.stdout) as readonly Case[]).filter(({ name }) => !OTHERWISE.test(name));
  const judged = cases.map((one) => [one.name, judge(one)] as const);
  expect(judged.filter(([, said]) => said !== undefined && said !== 'refused')).toEqual([]);
  expect(judged.filter(([, said]) => said === undefined).length).toBeGreaterThan(1080);
});
