import { readFileSync } from 'node:fs';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { readSafetensors } from '@southwell/data';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const ran = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await here(args);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return out;
};
const refused = async (...args: string[]): Promise<string> => {
  const { out, err, code } = await here(args);
  expect([out, code]).toEqual(['', 2]);
  return err.replaceAll(/\s+/g, ' ');
};
const icbs = ['--method', 'icbs', '--density', '0.3'];

describe('compress by iCBS', () => {
  test('classes: the density is exact, the loss is below that of Wanda, and the file predicts', async () => {
    await ran('train', 'bundled:digits', '--predicts', 'classes', '--epochs', '5', '--save', 'digits.json');
    const words = ['compress', 'digits.json', '--calib', 'bundled:digits', '--no-compare', '--json'];
    const out = ['--expand', 'dense.safetensors', '--out', 'small.safetensors'];
    const own = JSON.parse(await ran(...words, ...icbs, '--steps', '20', ...out));
    const wanda = JSON.parse(await ran(...words, '--method', 'wanda', '--density', '0.3'));
    expect(own.status).toBe('completed');
    expect(own.variants[1].quality.loss).toBeLessThan(wanda.variants[1].quality.loss);
    const dense = readSafetensors(readFileSync(at('dense.safetensors'))).tensors;
    for (const { name, inputs, outputs } of own.layers) {
      const values = dense[name].values as Float32Array;
      const kept = values.filter((w) => w !== 0).length;
      expect(kept).toBe(Math.round(0.3 * inputs * outputs));
    }
    const { score } = JSON.parse(await ran('predict', 'small.safetensors', 'bundled:digits', '--json'));
    expect(score.value).toBeGreaterThan(0.8);
  });

  test('numbers and characters', async () => {
    await ran('train', 'bundled:diabetes', '--target', 'y', '--epochs', '5', '--save', 'numbers.json');
    const words = [...icbs, '--steps', '4', '--json'];
    const numbers = JSON.parse(await ran('compress', 'numbers.json', '--calib', 'bundled:diabetes', ...words));
    expect(numbers.variants[1].quality.r2).toBeLessThan(1);
    expect(numbers.variants.map(({ method }: { method: string }) => method)).toContain('icbs*');
    file('text.txt', 'the quick brown fox jumps over the lazy dog; '.repeat(40));
    const small = ['--width', '16', '--blocks', '1', '--context', '16', '--epochs', '2'];
    await ran('train', 'text.txt', '--predicts', 'characters', ...small, '--save', 'text.json');
    const text = JSON.parse(await ran('compress', 'text.json', '--calib', 'text.txt', ...words, '--reconstruct'));
    expect(text.continued.compressed.length).toBe(48);
  });

  test('networks and data without a loss are refused', async () => {
    const layer = nn.sequential([nn.linear({ in: 4, out: 8 }), nn.relu(), nn.linear({ in: 8, out: 3 })]);
    file('net.onnx', nn.toOnnx(layer, nn.init(layer, ad.randomKey(1)), { input: [null, 4] }));
    file('rows.csv', `a,b,c,d\n${'1,2,3,4\n2,1,0,1\n'.repeat(10)}`);
    expect(await refused('compress', 'net.onnx', ...icbs, '--calib', 'rows.csv')).toMatch(
      /--method icbs needs the loss of the network, and \S*net.onnx does not say what its outputs are/,
    );
    expect(await refused('compress', 'digits.json', ...icbs)).toContain('--method icbs needs data');
    expect(await refused('compress', 'digits.json', ...icbs, '--calib', 'bundled:digits', '--pattern', '2:4')).toMatch(
      /--pattern/,
    );
  });
});
