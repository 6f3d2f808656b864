import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Networks of several inputs, and such whose numbers are in other files.

const { file, southwell } = workshop();
const refused = (...args: string[]): string => {
  const { out, err, code } = southwell(...args);
  expect([out, code]).toEqual(['', 2]);
  return err;
};

/** y = a w + b, of inputs of two numbers and of one. */
const both = nn.graph({
  ...{ opset: 17, state: {}, constants: {}, parameters: { w: [2, 1] } },
  inputs: [
    { name: 'a', type: 'f32', shape: ['n', 2] },
    { name: 'b', type: 'f32', shape: ['n', 1] },
  ],
  outputs: [{ name: 'y', type: 'f32', shape: ['n', 1] }],
  nodes: [
    { name: '', op: 'MatMul', inputs: ['a', 'w'], outputs: ['p'], attributes: {} },
    { name: '', op: 'Add', inputs: ['p', 'b'], outputs: ['y'], attributes: {} },
  ],
});
file('both.onnx', nn.toOnnx(both, { w: ad.tensor([[1], [10]], { dtype: 'f32' }) }));

describe('a network of several inputs', () => {
  test('takes the columns that have their names, in any order', () => {
    file('named.csv', 'b,a_2,other,a_1\n1,2,9,3\n100,20,9,30\n,1,9,1\n');
    const { out, err } = southwell('predict', 'both.onnx', 'named.csv');
    expect(out).toBe('y\n24\n330\n""\n');
    expect(err).toContain('Columns of no input, and left out: other.');
    expect(err).toContain('1 row with missing values: no prediction.');
  });

  test('takes other columns in their order', () => {
    file('plain.csv', 'p,q,r\n1,2,3\n');
    const { out, err } = southwell('predict', 'both.onnx', 'plain.csv');
    expect(out).toBe('y\n24\n');
    expect(err).toContain('Columns went into the inputs in their order: a [n, 2] and b [n, 1].');
  });

  test('what does not fit is a sentence', () => {
    file('few.csv', 'p,q\n1,2\n');
    expect(refused('predict', 'both.onnx', 'few.csv')).toContain(
      "few.csv has no columns for the input 'a' of the network, which takes a [n, 2] and b [n, 1]: name columns after the inputs, such as a_1, a_2.",
    );
    file('half.csv', 'a_1,a_2,c\n1,2,3\n');
    expect(refused('predict', 'both.onnx', 'half.csv')).toContain("half.csv has no columns for the input 'b'");
    file('narrow.csv', 'a,b\n1,2\n');
    expect(refused('predict', 'both.onnx', 'narrow.csv')).toContain(
      "narrow.csv, for the input 'a', has 1 column of numbers, but the network takes 2 columns, [n, 2]",
    );
    file('text.csv', 'a_1,a_2,b\n1,2,x\n3,4,y\n');
    expect(refused('predict', 'both.onnx', 'text.csv')).toContain("text.csv has no columns for the input 'b'");
    file('plain.csv', 'p,q,r\n1,2,3\n2,2,2\n');
    expect(refused('train', 'plain.csv', '--target', 'r', '--from', 'both.onnx')).toContain(
      'both.onnx: it has 2 inputs (a, b), and only networks of one are trained on a table.',
    );
  });
});

test('networks whose numbers are in files beside them are trained further', () => {
  const names = ['a', 'b', 'c', 'd'];
  const dense = nn.linear({ in: 3, out: 1 });
  const weights = nn.init(dense, ad.randomKey(2));
  // The numbers of the largest tensor of the file are taken out of it.
  const whole = nn.toOnnx(dense, weights, { input: [null, 3] });
  file('inside.onnx', whole);
  const rows = Array.from({ length: 20 }, (_, i) => [i % 3, (7 * i) % 5, i % 2, ((7 * i) % 5) - (i % 3)]);
  file('four.csv', `${names}\n${rows.map((row) => row.join(',')).join('\n')}\n`);
  file('outside.onnx', outside(whole, new Uint8Array(weights.weight.data().buffer)));
  const train = (from: string) =>
    southwell(
      'train',
      'four.csv',
      '--target',
      'd',
      '--from',
      from,
      '--epochs',
      '2',
      '--validation',
      '0',
      '--json',
      '--quiet',
    );
  expect(refused('train', 'four.csv', '--target', 'd', '--from', 'outside.onnx')).toContain(
    'weights.bin cannot be read: there is no such file',
  );
  file('weights.bin', new Uint8Array(weights.weight.data().buffer));
  const [inside, other] = ['inside.onnx', 'outside.onnx'].map((name) => JSON.parse(train(name).out).predictions);
  expect(other).toEqual(inside);
  file('weights.bin', new Uint8Array(3));
  expect(refused('train', 'four.csv', '--target', 'd', '--from', 'outside.onnx')).toMatch(/weights\.bin' has 3/);
  file('graph.json', JSON.stringify({ modelTopology: {}, weightsManifest: [] }));
  expect(refused('train', 'four.csv', '--from', 'graph.json')).toContain('is a network of TensorFlow.js');
});

/** A file whose tensor of these bytes refers to weights.bin; lengths of the messages around it are corrected. */
function outside(bytes: Uint8Array, numbers: Uint8Array): Uint8Array {
  const { decode, encode } = protobuf;
  const model = decode(bytes);
  const graph = decode(model.find(([tag]) => tag === 7 * 8 + 2)![1] as Uint8Array);
  const changed = graph.map(([tag, value]): Field => {
    if (tag !== 5 * 8 + 2) return [tag, value];
    const tensor = decode(value as Uint8Array);
    const same = tensor.some(([t, v]) => t === 9 * 8 + 2 && Buffer.compare(v as Uint8Array, numbers) === 0);
    if (!same) return [tag, value];
    const entry = (key: string, text: string): Field => [
      13 * 8 + 2,
      encode([
        [10, new TextEncoder().encode(key)],
        [18, new TextEncoder().encode(text)],
      ]),
    ];
    const without = tensor.filter(([t]) => t !== 9 * 8 + 2);
    return [
      tag,
      encode([...without, entry('location', 'weights.bin'), entry('length', `${numbers.length}`), [112, 1n]]),
    ];
  });
  return encode(model.map(([tag, value]) => (tag === 7 * 8 + 2 ? [tag, encode(changed)] : [tag, value])));
}

type Field = readonly [tag: number, value: Uint8Array | bigint];
const protobuf = {
  /** Fields of a message that has varints and bytes only. */
  decode(bytes: Uint8Array): Field[] {
    const fields: Field[] = [];
    let at = 0;
    const varint = (): bigint => {
      let [value, shift] = [0n, 0n];
      for (;;) {
        const byte = bytes[at++];
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return value;
        shift += 7n;
      }
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      if (tag % 8 === 0) fields.push([tag, varint()]);
      else {
        const length = Number(varint());
        fields.push([tag, bytes.subarray(at, at + length)]);
        at += length;
      }
    }
    return fields;
  },
  encode(fields: readonly Field[]): Uint8Array {
    const out: number[] = [];
    const varint = (value: bigint): void => {
      let left = value;
      for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
      out.push(Number(left));
    };
    for (const [tag, value] of fields) {
      varint(BigInt(tag));
      if (typeof value === 'bigint') varint(value);
      else {
        varint(BigInt(value.length));
        for (const byte of value) out.push(byte);
      }
    }
    return Uint8Array.from(out);
  },
};

/** The mean of the rows of a table that tokens stand for. */
const tokens = nn.graph({
  ...{ opset: 17, state: {}, constants: {}, parameters: { table: [7, 2] } },
  inputs: [{ name: 'ids', type: 'i64', shape: ['n', 't'] }],
  outputs: [{ name: 'y', type: 'f32', shape: ['n', 2] }],
  nodes: [
    { name: '', op: 'Gather', inputs: ['table', 'ids'], outputs: ['rows'], attributes: {} },
    { name: '', op: 'ReduceMean', inputs: ['rows'], outputs: ['y'], attributes: { axes: [1], keepdims: 0 } },
  ],
});
const table = Array.from({ length: 7 }, (_, i) => [i, i * i]);
file('tokens.onnx', nn.toOnnx(tokens, { table: ad.tensor(table, { dtype: 'f32' }) }));
const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'cold', 'warm', 'water'];

describe('a network of tokens', () => {
  test('needs its tokeniser for texts, and says so', () => {
    file('words.csv', 'id,text\n1,cold water\n2,\n3,warm\n');
    expect(refused('predict', 'tokens.onnx', 'words.csv')).toContain(
      'words.csv has texts in text, and the network takes tokens: give its tokeniser, --tokenizer, or leave the column out with --types text=drop.',
    );
    file('only.csv', 'text\ncold water\nwarm air\n');
    expect(refused('predict', 'tokens.onnx', 'only.csv')).toContain(
      'tokens.onnx needs the file of its tokeniser: give --tokenizer.',
    );
  });

  test('reads a column of texts, of whatever length each', () => {
    file('pieces.txt', `${pieces.join('\n')}\n`);
    const { out, err } = southwell('predict', 'tokens.onnx', 'words.csv', '--tokenizer', 'pieces.txt', '--json');
    expect(err).toBe('');
    // [CLS] cold water [SEP], and [CLS] warm [SEP].
    const means = [[2, 4, 6, 3], [], [2, 5, 3]].map((ids) =>
      ids.length === 0
        ? [null, null]
        : [0, 1].map((k) => Math.fround(ids.reduce((sum, id) => sum + table[id][k], 0) / ids.length)),
    );
    const { columns, predicted, notes } = JSON.parse(out);
    expect(predicted).toBe(2);
    expect(columns.y_1).toEqual(means.map(([y]) => y));
    expect(columns.y_2).toEqual(means.map(([, y]) => y));
    expect(notes).toContain('The network read the texts of text; columns of numbers were left out.');
  });

  test('several columns of text, and one long text, are refused', () => {
    file('two.csv', 'a,b\ncold,warm\nwater,cold\n');
    const words = ['--tokenizer', 'pieces.txt'];
    expect(refused('predict', 'tokens.onnx', 'two.csv', ...words)).toContain(
      'two.csv has 2 columns of text, a, b: leave all but one out with --types b=drop.',
    );
    file('long.txt', 'cold water\nwarm water\n');
    expect(refused('predict', 'tokens.onnx', 'long.txt', '--format', 'text', ...words)).toContain(
      'long.txt is one text: give sentences as a column of a table, one in each row.',
    );
  });

  test('is compressed on texts, line by line', () => {
    file('lines.txt', 'cold water\nwarm water\ncold\nwarm\n\nwater water\n'.repeat(4));
    const words = ['--calib', 'lines.txt', '--format', 'text', '--tokenizer', 'pieces.txt'];
    const { out } = southwell('compress', 'tokens.onnx', ...words, '--out', 'tokens.safetensors', '--json');
    const { calibrated, judged } = JSON.parse(out);
    expect(calibrated + judged).toBe(20);
    const again = southwell('predict', 'tokens.safetensors', 'words.csv', '--tokenizer', 'pieces.txt', '--json');
    const [y] = JSON.parse(again.out).columns.y_1;
    expect(y).toBeCloseTo(15 / 4, 1);
  });

  test('is merged on texts, its hidden neurons put back in order', () => {
    const hidden = nn.graph({
      ...{ opset: 17, state: {}, constants: {}, parameters: { table: [7, 4], w: [4, 6], v: [6, 2] } },
      inputs: [{ name: 'ids', type: 'i64', shape: ['n', 't'] }],
      outputs: [{ name: 'y', type: 'f32', shape: ['n', 2] }],
      nodes: [
        { name: '', op: 'Gather', inputs: ['table', 'ids'], outputs: ['rows'], attributes: {} },
        { name: '', op: 'ReduceMean', inputs: ['rows'], outputs: ['mean'], attributes: { axes: [1], keepdims: 0 } },
        { name: '', op: 'MatMul', inputs: ['mean', 'w'], outputs: ['z'], attributes: {} },
        { name: '', op: 'Relu', inputs: ['z'], outputs: ['h'], attributes: {} },
        { name: '', op: 'MatMul', inputs: ['h', 'v'], outputs: ['y'], attributes: {} },
      ],
    });
    const random = (key: number, shape: number[]) => ad.randomNormal(ad.randomKey(key), shape, 'f32');
    const own = { table: random(1, [7, 4]), w: random(2, [4, 6]), v: random(3, [6, 2]) };
    const order = ad.tensor([3, 0, 5, 1, 4, 2], { dtype: 'i32' });
    const other = { ...own, w: ad.take(own.w, order, 1), v: ad.take(own.v, order, 0) };
    file('first.onnx', nn.toOnnx(hidden, own));
    file('shuffled.onnx', nn.toOnnx(hidden, other));
    const call = ['merge', 'first.onnx', 'shuffled.onnx', '--method', 'activations', '--calib', 'lines.txt'];
    const words = ['--format', 'text', '--tokenizer', 'pieces.txt', '--seed', '1'];
    const { code, out } = southwell(...call, ...words, '--out', 'merged.safetensors', '--json');
    expect(code).toBe(0);
    const { notes } = JSON.parse(out);
    expect(notes).toContainEqual(expect.stringMatching(/compared on 9 of 15, those of the most common length, 4\.$/));
    const [after, before] = ['merged.safetensors', 'first.onnx'].map((model) => {
      const found = southwell('predict', model, 'words.csv', '--tokenizer', 'pieces.txt', '--json');
      return JSON.parse(found.out).columns.y_1 as Array<number | null>;
    });
    before.forEach((y, i) => {
      if (y === null) expect(after[i]).toBeNull();
      else expect(after[i]).toBeCloseTo(y, 4);
    });
  });
});
