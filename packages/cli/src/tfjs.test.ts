import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Graphs of TensorFlow.js by the command.

const { file, southwell } = workshop();

const node = [
  {
    name: 'x',
    op: 'Placeholder',
    attr: { dtype: { type: 1 }, shape: { shape: { dim: [{ size: -1 }, { size: 2 }] } } },
  },
  { name: 'W', op: 'Const' },
  { name: 'y', op: 'MatMul', input: ['x', 'W'] },
];
const graph = (paths: readonly string[], op = 'MatMul') =>
  JSON.stringify({
    ...{
      format: 'graph-model',
      generatedBy: 'a test',
      modelTopology: { node: [...node.slice(0, 2), { ...node[2], op }] },
    },
    weightsManifest: [{ paths, weights: [{ name: 'W', shape: [2, 2], dtype: 'float32' }] }],
  });
const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
file('network.json', graph(['part1', 'part2']));
file('part1', numbers.subarray(0, 6));
file('part2', numbers.subarray(6));
file('rows.csv', 'a,b\n1,0\n1,-1\n');

describe('a graph of TensorFlow.js', () => {
  test('is inspected', () => {
    const { out, code } = southwell('inspect', 'network.json');
    expect(code).toBe(0);
    expect(out).toContain('4 numbers in 1 array, 16 B (TensorFlow.js by a test)');
    expect(out).toContain('inputs: x f32 [?, 2]');
    expect(out).toMatch(/y +MatMul +\[1, 2\]/);
  });

  test('is applied to rows', () => {
    const { out, code } = southwell('predict', 'network.json', 'rows.csv');
    expect(code).toBe(0);
    expect(out).toBe('y_1,y_2\n1,2\n-2,-2\n');
  });

  test('with shards that are missing or cut short, and with operators that are not supported', () => {
    file('lost.json', graph(['part1', 'nowhere']));
    expect(southwell('predict', 'lost.json', 'rows.csv').err).toContain(
      'nowhere cannot be read: there is no such file',
    );
    file('short.json', graph(['part1']));
    expect(southwell('predict', 'short.json', 'rows.csv').err).toContain('take 16 bytes, but their files have 6');
    expect(southwell('inspect', 'short.json').out).toContain('take 16 bytes, but their files have 6');
    file('strange.json', graph(['part1', 'part2'], 'Unique'));
    expect(southwell('predict', 'strange.json', 'rows.csv').err).toContain(
      'its operator tensorflow.Unique cannot be run',
    );
    expect(southwell('inspect', 'strange.json').out).toContain('The operator tensorflow.Unique is not supported');
    file('outside.json', graph(['../part1']));
    expect(southwell('predict', 'outside.json', 'rows.csv').err).toContain('not beside it');
  });
});
