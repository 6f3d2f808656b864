import { readFileSync, statSync } from 'node:fs';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { readSafetensors, writeSafetensors } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
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

const random = new Random(3);
const WIDTH = 24;
const table = (rows: number): string => {
  const names = Array.from({ length: WIDTH }, (_, j) => `x${j}`).join();
  const lines = Array.from({ length: rows }, () =>
    Array.from({ length: WIDTH }, () => random.normal().toFixed(4)).join(),
  );
  return `${names}\n${lines.join('\n')}\n`;
};
const layer = nn.sequential([nn.linear({ in: WIDTH, out: 40 }), nn.relu(), nn.linear({ in: 40, out: 6 })]);
file('net.onnx', nn.toOnnx(layer, nn.init(layer, ad.randomKey(1)), { input: [null, WIDTH] }));
file('rows.csv', table(200));
file('new.csv', table(30));

const predictions = async (model: string, data = 'new.csv'): Promise<number[][]> =>
  Object.values(JSON.parse(await ran('predict', model, data, '--json')).columns);
const furthest = (a: number[][], b: number[][]): number =>
  Math.max(...a.map((column, k) => Math.max(...column.map((v, i) => Math.abs(v - b[k][i])))));

describe('compress', () => {
  test.each([
    ['int8', ['int8'], 0.45],
    ['gptq', ['gptq', '--bits', '3'], 0.25],
    ['codebooks', ['codebooks', '--bits', '2', '--groups', '2', '--reconstruct'], 0.25],
    ['learned codebooks', ['jlcm', '--bits', '2'], 0.25],
    ['zeros', ['magnitude', '--density', '0.3'], 0.5],
    ['zeros in groups', ['sparsegpt', '--pattern', '2:4'], 0.8],
    ['factors', ['armor', '--steps', '5', '--block-size', '4'], 1.2],
  ])(
    '%s: the file is as small as it says, and runs as the dense weights that it stands for',
    async (_, method, share) => {
      const words = ['compress', 'net.onnx', '--calib', 'rows.csv', '--out', 'small.safetensors', '--no-compare'];
      const told = JSON.parse(await ran(...words, '--expand', 'dense.onnx', '--json', '--method', ...method));
      expect(told).toMatchObject({ status: 'completed', calibrated: 150, judged: 50, data: 'rows.csv' });
      expect(statSync(at('small.safetensors')).size).toBe(told.bytes.file);
      expect(told.bytes.memory).toBeLessThan(share * told.bytes.denseMemory);
      expect(told.layers).toHaveLength(2);
      expect(Math.min(told.call.original, told.call.compressed)).toBeGreaterThan(0);
      const [small, dense, original] = [
        await predictions('small.safetensors'),
        await predictions('dense.onnx'),
        await predictions('net.onnx'),
      ];
      expect(furthest(small, dense)).toBeLessThan(1e-5);
      expect(furthest(small, original)).toBeGreaterThan(1e-4);
      // The error that is told is that of rows that did not calibrate: about that of new ones.
      const ratio = (a: number[][]) => a.flat().reduce((sum, v) => sum + v * v, 0);
      const error = ratio(small.map((column, k) => column.map((v, i) => v - original[k][i]))) / ratio(original);
      const found = told.variants[1].quality.error;
      expect(error).toBeGreaterThan(found / 3);
      expect(error).toBeLessThan(found * 3);
    },
  );

  test('eight bits need no data; ONNX keeps them', async () => {
    const out = await ran('compress', 'net.onnx', '--out', 'eight.safetensors', '--expand', 'eight.onnx');
    expect(out).toContain('Without data, the quality was not measured.');
    // Errors are then those of the weights.
    const { layers } = JSON.parse(await ran('compress', 'net.onnx', '--json'));
    for (const { error } of layers) expect(error).toBeGreaterThan(1e-7);
    const [plain, eight] = ['net.onnx', 'eight.onnx'].map((name) => statSync(at(name)).size);
    expect(eight).toBeLessThan(0.5 * plain);
    const { state } = nn.read(readFileSync(at('eight.onnx')));
    expect(Object.values(state).some((t) => t.size === WIDTH * 40)).toBe(true);
    expect(furthest(await predictions('eight.onnx'), await predictions('eight.safetensors'))).toBeLessThan(1e-5);
    expect(furthest(await predictions('eight.onnx'), await predictions('net.onnx'))).toBeLessThan(0.02);
  });

  test('a budget is met, by bits or densities of each layer', async () => {
    for (const method of ['gptq', 'wanda'])
      for (const budget of ['6kB', '5kB']) {
        const words = ['compress', 'net.onnx', '--method', method, '--calib', 'rows.csv', '--budget', budget, '--json'];
        const { bytes } = JSON.parse(await ran(...words, '--out', 'fits.safetensors'));
        expect(bytes.file).toBeLessThanOrEqual(Number(budget[0]) * 1000);
        expect(statSync(at('fits.safetensors')).size).toBe(bytes.file);
      }
    const small = ['compress', 'net.onnx', '--method', 'gptq', '--calib', 'rows.csv'];
    expect(await refused(...small, '--budget', '1kB')).toMatch(/they need at least \d+ with this method/);
    expect(await refused(...small, '--budget', 'little')).toContain(
      "--budget takes a size such as 2MB or 500kB, not 'little'",
    );
    expect(await refused(...small, '--budget', '4kB', '--bits', '3')).toContain(
      'leave --bits, --density and --pattern out',
    );
  });

  test('networks of train: classes are compared with the labels, and the file predicts them', async () => {
    await ran('train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--save', 'digits.json');
    const words = [
      'compress',
      'digits.json',
      '--method',
      'gptq',
      '--calib',
      'bundled:digits',
      '--out',
      'digits.safetensors',
    ];
    const out = await ran(...words, '--report', 'report.html');
    expect(out).toMatch(/became [\d.]+ kB/);
    expect(out).toMatch(/int8 .*\n/);
    const { variants } = JSON.parse(await ran(...words, '--json'));
    expect(variants.map(({ method }: { method: string }) => method)).toEqual(['original', 'gptq', 'int8', 'gptq*']);
    for (const { quality } of variants) expect(quality.accuracy).toBeGreaterThan(0.85);
    expect(readFileSync(at('report.html'), 'utf8')).toContain('Sizes and qualities');
    const { score } = JSON.parse(await ran('predict', 'digits.safetensors', 'bundled:digits', '--json'));
    expect(score.name).toBe('accuracy');
    expect(score.value).toBeGreaterThan(0.9);
  });

  test.each(['int8', 'gptq'])('%s of a network of train as ONNX takes columns as they are', async (method) => {
    const rows = Array.from({ length: 90 }, () => [500 + 100 * random.normal(), 0.01 * random.normal()]);
    const label = (x: number[]) => (x[0] - 500 > 1e4 * x[1] ? 'more' : 'less');
    file('labelled.csv', `a,b,y\n${rows.map((x) => [...x, label(x)].join()).join('\n')}\n`);
    file('unlabelled.csv', `a,b\n${rows.map((x) => x.join()).join('\n')}\n`);
    await ran('train', 'labelled.csv', '--target', 'y', '--hidden', '24', '--epochs', '30', '--save', 'ab.json');
    const words = ['compress', 'ab.json', '--method', method, '--calib', 'labelled.csv', '--no-compare'];
    await ran(...words, '--out', 'ab.safetensors', '--expand', 'ab.onnx');
    const { columns } = JSON.parse(await ran('predict', 'ab.safetensors', 'labelled.csv', '--proba', '--json'));
    const [less, more] = await predictions('ab.onnx', 'unlabelled.csv');
    const own = [columns.probability_less, columns.probability_more];
    expect(furthest([less, more], own)).toBeLessThan(1e-4);
    expect(Math.max(...more) - Math.min(...more)).toBeGreaterThan(0.5);
    const { metadata } = nn.inspectOnnx(readFileSync(at('ab.onnx')));
    expect(metadata.classes).toBe('["less","more"]');
  });

  test('networks of texts: both continue the same beginning, and the file goes on writing', async () => {
    file('text.txt', 'the quick brown fox jumps over the lazy dog; '.repeat(40));
    const small = ['--width', '16', '--blocks', '1', '--context', '16', '--epochs', '2'];
    await ran('train', 'text.txt', '--predicts', 'characters', ...small, '--save', 'text.json');
    const words = [
      'compress',
      'text.json',
      '--method',
      'codebooks',
      '--calib',
      'text.txt',
      '--out',
      'text.safetensors',
    ];
    const { continued, variants } = JSON.parse(await ran(...words, '--json'));
    expect(continued.original.length).toBe(48);
    expect(variants[1].quality.loss).toBeGreaterThan(0);
    const sampled = ['sample', 'text.safetensors', '--length', '48', '--temperature', '0', '--json'];
    expect(JSON.parse(await ran(...sampled)).text).toBe(continued.compressed);
  });

  test('layers are kept by name; tables of few rows, missing values and stray text are handled', async () => {
    const words = ['compress', 'net.onnx', '--method', 'wanda'];
    const kept = JSON.parse(await ran(...words, '--calib', 'rows.csv', '--keep', '0.*', '--json'));
    expect(kept.kept).toEqual([{ name: '0.weight', why: 'as asked' }]);
    file('five.csv', table(5));
    const five = JSON.parse(await ran(...words, '--calib', 'five.csv', '--json'));
    expect([five.calibrated, five.judged]).toEqual([4, 1]);
    file('one.csv', table(1));
    const out = await ran(...words, '--calib', 'one.csv');
    expect(out).toContain('too small to keep rows apart');
    expect(out).toContain('Measured on the examples that calibrated.');
    file('gaps.csv', table(12).replace(/\n[-\d.]+,/, '\n,'));
    expect(await ran(...words, '--calib', 'gaps.csv')).toContain('1 row with missing values');
    file('named.csv', table(12).replaceAll(/^/gm, 'row,').replace(/row,$/, '').replace('row,x0', 'name,x0'));
    expect(await ran(...words, '--calib', 'named.csv')).toContain('Not numbers, and left out: name.');
  });

  test('what cannot be compressed is told', async () => {
    expect(await refused('compress', 'net.onnx', '--method', 'wanda')).toContain(
      '--method wanda needs data that the network is for: give --calib.',
    );
    expect(await refused('compress', 'net.onnx', '--reconstruct')).toContain('--reconstruct needs data');
    const words = ['compress', 'net.onnx', '--method', 'wanda', '--calib', 'rows.csv'];
    expect(await refused(...words, '--keep', 'none*')).toContain(
      "--keep names 'none*', which no parameter has: 0.weight",
    );
    expect(await refused(...words, '--density', '0.3', '--pattern', '2:4')).toContain('not both');
    expect(await refused(...words, '--pattern', '5:4')).toContain('two whole numbers such as 2:4');
    expect(await refused(...words, '--density', '1.5')).toContain('from 0 to 1');
    file('narrow.csv', 'a,b\n1,2\n3,4\n');
    expect(await refused('compress', 'net.onnx', '--method', 'wanda', '--calib', 'narrow.csv')).toContain('24 columns');
    await ran('fit', 'bundled:diabetes', '--target', 'y', '--model', 'lasso', '--alpha', '1', '--save', 'line.json');
    expect(await refused('compress', 'line.json')).toContain('line.json is not a network');
    const nan = { ...nn.init(layer, ad.randomKey(1)), '0.bias': ad.tensor(new Float32Array(40).fill(Number.NaN)) };
    file('nan.onnx', nn.toOnnx(layer, nan, { input: [null, WIDTH] }));
    expect(await refused('compress', 'nan.onnx')).toContain("its weights '0.bias' contain NaN");
  });

  test('a file of another version, and one that is cut short', async () => {
    await ran('compress', 'net.onnx', '--out', 'whole.safetensors');
    const bytes = readFileSync(at('whole.safetensors'));
    const { tensors, metadata } = readSafetensors(bytes);
    const model = metadata['southwell.model'].replace('"version":1', '"version":7');
    file(
      'newer.safetensors',
      writeSafetensors({ tensors, metadata: { ...metadata, 'southwell.model': model } } as never),
    );
    expect(await refused('predict', 'newer.safetensors', 'new.csv')).toContain(
      'written by another version of southwell (7)',
    );
    const packed = metadata['southwell.packed'].replace(/"version":\s*\d+/, '"version":9');
    file(
      'other.safetensors',
      writeSafetensors({ tensors, metadata: { ...metadata, 'southwell.packed': packed } } as never),
    );
    expect(await refused('predict', 'other.safetensors', 'new.csv')).toContain('version 9');
    file('cut.safetensors', bytes.subarray(0, bytes.length - 100));
    expect(await refused('predict', 'cut.safetensors', 'new.csv')).toContain('cut.safetensors');
  });
});
