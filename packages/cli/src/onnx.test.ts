import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, southwell } = workshop();

const key = ad.randomKey(7);
const layer = nn.sequential([nn.linear({ in: 3, out: 4 }), nn.tanh(), nn.linear({ in: 4, out: 2 })]);
const weights = nn.init(layer, key);
const bytes = nn.toOnnx(layer, weights, { input: [null, 3] });
file('small.onnx', bytes);
const numbers = [
  [0.5, -1, 2],
  [1, 0, 0],
  [0, 3, -0.25],
];
file('rows.csv', `a,b,c\n${numbers.map((row) => row.join(',')).join('\n')}\n`);

const told = (...args: string[]): string => {
  const { out, err, code } = southwell(...args);
  expect([err.replace(/^\d+ predictions?\.\n$/, ''), code]).toEqual(['', 0]);
  return out;
};
const refused = (...args: string[]): string => {
  const { out, err, code } = southwell(...args);
  expect([out, code]).toEqual(['', 2]);
  return err;
};

describe('inspect', () => {
  test('layers with their shapes, and tensors with what is unusual about them', () => {
    const out = told('inspect', 'small.onnx');
    expect(out).toContain('26 numbers in 4 arrays, 104 B (ONNX, opset 17 by southwell)');
    expect(out).toContain('inputs: input f32 [batch, 3]');
    expect(out).toMatch(/Tanh +\[1, 4\]/);
    expect(out).toMatch(/0\.bias +f32 +\[4\]/);
  });

  test('as JSON', () => {
    const { southwell, opset, tensors, nodes, missing } = JSON.parse(told('inspect', 'small.onnx', '--json'));
    expect({ southwell, opset, missing }).toEqual({ southwell: 1, opset: 17, missing: [] });
    expect(tensors.map(({ size }: { size: number }) => size).sort()).toEqual([12, 2, 4, 8]);
    expect(nodes.at(-1).shape).toEqual([1, 2]);
  });

  test('a file that is cut short, one that is none, and one that there is not', () => {
    file('cut.onnx', bytes.subarray(0, bytes.length - 40));
    expect(refused('inspect', 'cut.onnx')).toMatch(
      /The ONNX file is damaged, cut short, or not an ONNX file: .*byte \d+/,
    );
    file('text.onnx', 'not a network');
    expect(refused('inspect', 'text.onnx')).toMatch('not an ONNX file');
    expect(refused('inspect', 'none.onnx')).toMatch('none.onnx cannot be read: there is no such file');
    expect(refused('predict', 'none.onnx', 'rows.csv')).toMatch(
      /^southwell: \S*none.onnx cannot be read: there is no such file/,
    );
  });
});

test('numbers in a file beside the network are read, and none elsewhere', () => {
  // The bytes of the initialiser '0.bias' are replaced by a reference to a file.
  const external = (location: string): Uint8Array => {
    const text = (field: number, value: string | Uint8Array): Uint8Array => {
      const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      const length = content.length < 128 ? [content.length] : [(content.length & 127) | 128, content.length >> 7];
      return Uint8Array.from([field * 8 + 2, ...length, ...content]);
    };
    const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
    const entry = (key: string, value: string): Uint8Array => text(13, join(text(1, key), text(2, value)));
    const shift = join(
      ...[text(1, Uint8Array.of(2)), Uint8Array.of(16, 1), text(8, 'shift')],
      ...[entry('location', location), entry('offset', '4'), entry('length', '8'), Uint8Array.of(112, 1)],
    );
    const node = join(text(1, 'x'), text(1, 'shift'), text(2, 'y'), text(4, 'Add'));
    const value = (name: string): Uint8Array =>
      join(
        text(1, name),
        text(2, text(1, join(Uint8Array.of(8, 1), text(2, join(text(1, text(2, 'n')), text(1, Uint8Array.of(8, 2))))))),
      );
    const graph = join(text(1, node), text(5, shift), text(11, value('x')), text(12, value('y')));
    return join(Uint8Array.of(8, 8), text(7, graph), text(8, Uint8Array.of(16, 17)));
  };
  file('beside.onnx', external('weights.bin'));
  file('pair.csv', 'a,b\n1,2\n');
  expect(refused('predict', 'beside.onnx', 'pair.csv')).toMatch(/weights\.bin cannot be read: there is no such file/);
  const out = told('inspect', 'beside.onnx');
  expect(out).toMatch(/weights\.bin cannot be read/);
  file('weights.bin', new Uint8Array(Float32Array.of(9, 10, 20).buffer));
  expect(told('predict', 'beside.onnx', 'pair.csv')).toBe('y_1,y_2\n11,22\n');
  expect(told('inspect', 'beside.onnx')).toMatch(/shift +f32 +\[2\]/);
  file('away.onnx', external('../weights.bin'));
  expect(refused('predict', 'away.onnx', 'pair.csv')).toContain(
    "Its numbers are in '../weights.bin', which is not beside it.",
  );
});

describe('predict', () => {
  test('the outputs of the network for each row', () => {
    const { rows, predicted, columns } = JSON.parse(told('predict', 'small.onnx', 'rows.csv', '--json'));
    const expected = nn.apply(layer, weights, ad.tensor(numbers, { dtype: 'f32' })).toArray() as number[][];
    expect({ rows, predicted }).toEqual({ rows: 3, predicted: 3 });
    expected.forEach(([a, b], i) => {
      expect(columns.output_1[i]).toBeCloseTo(a, 5);
      expect(columns.output_2[i]).toBeCloseTo(b, 5);
    });
    expect(told('predict', 'small.onnx', 'rows.csv').split('\n')[0]).toBe('output_1,output_2');
  });

  test('more rows than go at a time, with missing values, of a network of a fixed number of rows', () => {
    file('pairs.onnx', nn.toOnnx(layer, weights, { input: [2, 3] }));
    const many = Array.from({ length: 301 }, (_, i) => [Math.sin(i), Math.cos(i), i === 5 ? Number.NaN : i / 300]);
    const lines = many.map((row) => row.map((v) => (Number.isNaN(v) ? '' : v)).join(','));
    file('many.csv', `a,b,c\n${lines.join('\n')}\n`);
    const [one, two] = ['small.onnx', 'pairs.onnx'].map((m) => JSON.parse(told('predict', m, 'many.csv', '--json')));
    expect([one.rows, one.predicted, one.columns.output_1[5]]).toEqual([301, 300, null]);
    expect(one.notes.join(' ')).toContain('1 row with missing values: no prediction.');
    one.columns.output_1.forEach((v: number | null, i: number) => {
      if (v !== null) expect(two.columns.output_1[i]).toBeCloseTo(v, 6);
    });
  });

  test('images in either layout', () => {
    const images = nn.sequential([nn.conv2d({ in: 1, out: 2, kernel: 2 }), nn.flatten(), nn.linear({ in: 4, out: 2 })]);
    const own = nn.init(images, key);
    file('images.onnx', nn.toOnnx(images, own, { input: [null, 2, 3, 1] }));
    // Two images of 2 × 3 in the format of MNIST.
    const pixels = [0, 50, 100, 150, 200, 250, 1, 2, 3, 4, 5, 6];
    file('two-idx3-ubyte', Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels]));
    const { columns, notes } = JSON.parse(told('predict', 'images.onnx', 'two-idx3-ubyte', '--json'));
    const x = ad.tensor(Float32Array.from(pixels), { shape: [2, 2, 3, 1] });
    const expected = nn.apply(images, own, x).data();
    expected.forEach((v, i) => {
      expect(Math.abs(columns[`output_${1 + (i % 2)}`][i >> 1] - v)).toBeLessThan(1e-3);
    });
    expect(notes.join(' ')).toContain('Pixels went into the network with values from 0 to 255.');
    const small = JSON.parse(told('predict', 'images.onnx', 'two-idx3-ubyte', '--divide', '255', '--json'));
    const divided = nn.apply(images, own, ad.div(x, 255)).data();
    divided.forEach((v, i) => {
      expect(Math.abs(small.columns[`output_${1 + (i % 2)}`][i >> 1] - v)).toBeLessThan(1e-5);
    });
    // The same network for images with channels first.
    const { kind: _, ...g } = nn.read(nn.toOnnx(images, own, { input: [null, 2, 3, 1] }))
      .model as unknown as nn.GraphOptions & nn.Layer;
    const turn = {
      name: '',
      op: 'Transpose',
      inputs: ['first'],
      outputs: ['input'],
      attributes: { perm: [0, 2, 3, 1] },
    };
    const first = nn.graph({
      ...g,
      inputs: [{ name: 'first', type: 'f32', shape: ['n', 1, 2, 3] }],
      nodes: [turn, ...g.nodes],
    });
    const { parameters } = nn.read(nn.toOnnx(images, own, { input: [null, 2, 3, 1] }));
    file('first.onnx', nn.toOnnx(first, parameters));
    const again = JSON.parse(told('predict', 'first.onnx', 'two-idx3-ubyte', '--json'));
    expect(again.columns).toEqual(columns);
    file('two-idx1-ubyte', Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 3, 5]));
    const trained = JSON.parse(
      told(
        'train',
        'two-idx3-ubyte',
        '--labels',
        'two-idx1-ubyte',
        '--from',
        'first.onnx',
        '--epochs',
        '1',
        '--rate',
        '1e-12',
        '--validation',
        '0',
        '--json',
        '--quiet',
      ),
    );
    const { prediction } = trained.predictions ?? trained.columns;
    expect(prediction).toEqual([0, 1].map((i) => (expected[2 * i] >= expected[2 * i + 1] ? '3' : '5')));
  });

  test('a network of whole numbers refuses others', () => {
    const table = nn.sequential([nn.embedding({ count: 5, width: 2 }), nn.flatten()]);
    file('tokens.onnx', nn.toOnnx(table, nn.init(table, ad.randomKey(1)), { input: [null, 3] }));
    file('tokens.csv', 'a,b,c\n1,2,3\n0,4,1.5\n');
    expect(refused('predict', 'tokens.onnx', 'tokens.csv')).toContain(
      'Row 2 contains 1.5, but the network takes whole numbers',
    );
    file('tokens.csv', 'a,b,c\n1,2,3\n0,4,1\n');
    const { err, code } = southwell('predict', 'tokens.onnx', 'tokens.csv');
    expect(code, err).toBe(0);
    expect(err).toBe(
      'The network takes whole numbers (i32), such as tokens: columns went in as they are.\n2 predictions.\n',
    );
  });

  test('what does not fit is a sentence', () => {
    file('wide.csv', 'a,b,c,y\n1,2,3,4\n');
    expect(refused('predict', 'small.onnx', 'wide.csv')).toContain(
      'wide.csv has 4 columns of numbers, but the network takes 3 columns, [n, 3]; leave other columns out with --types y=drop.',
    );
    told('predict', 'small.onnx', 'wide.csv', '--types', 'y=drop');
    expect(refused('predict', 'small.onnx', 'rows.csv', '--proba')).toContain(
      '--proba needs a model that southwell saved',
    );
    const broken = { ...weights, '0.weight': ad.full(weights['0.weight'].shape, Number.NaN, 'f32') };
    file('broken.onnx', nn.toOnnx(layer, broken, { input: [null, 3] }));
    expect(refused('predict', 'broken.onnx', 'rows.csv')).toMatch(/broken\.onnx: its weights '.*' contain NaN\./);
  });
});

describe('train', () => {
  const random = (i: number): number => Math.sin(12.9898 * i) % 1;
  const points = Array.from({ length: 120 }, (_, i) => [random(3 * i), random(3 * i + 1), random(3 * i + 2)]);
  const inside = ([a, b]: readonly number[]): string => (a * b > 0 ? 'same' : 'different');
  file('signs.csv', `a,b,c,sign\n${points.map((p) => [...p, inside(p)].join(',')).join('\n')}\n`);
  const train = (...args: string[]) => JSON.parse(told('train', 'signs.csv', '--json', '--quiet', ...args));

  test('goes on from a network that it wrote itself, whose scaling is in the file, and is saved, written and applied', () => {
    const common = ['--target', 'sign', '--predicts', 'classes', '--epochs', '2'];
    train(...common, '--hidden', '6', '--onnx', 'own.onnx');
    const { score } = train(...common, '--from', 'own.onnx', '--save', 'further.json', '--onnx', 'further.onnx');
    expect(score.value).toBeGreaterThan(0);
    const by = (model: string) => JSON.parse(told('predict', model, 'signs.csv', '--json')).columns;
    const [classes, shares] = [by('further.json').prediction, Object.values<number[]>(by('further.onnx'))];
    expect(shares[0].map((share, i) => (share > shares[1][i] ? 'different' : 'same'))).toEqual(classes);
    told('compress', 'further.json', '--calib', 'signs.csv', '--out', 'further.safetensors');
    expect(by('further.safetensors').prediction).toEqual(classes);
  });

  test('goes on from a network of others, as it is at the first step, and is saved as any other', () => {
    const first = train(
      '--from',
      'small.onnx',
      '--target',
      'sign',
      '--rate',
      '1e-12',
      '--epochs',
      '1',
      '--weight-decay',
      '0',
    );
    expect(first.network).toMatchObject({ layers: '6 operators: MatMul, Add, Tanh, Identity', parameters: 26 });
    const logits = nn.apply(layer, weights, ad.tensor(points, { dtype: 'f32' })).toArray() as number[][];
    const labels = ['different', 'same'];
    const right = logits.map(([a, b]) => labels[a > b ? 0 : 1]);
    expect(first.predictions?.prediction ?? first.columns.prediction).toEqual(right);
    const { score } = train(
      '--from',
      'small.onnx',
      '--target',
      'sign',
      '--rate',
      '0.05',
      '--epochs',
      '30',
      '--save',
      'signs.json',
    );
    expect(score.value).toBeGreaterThan(0.7);
    const again = JSON.parse(told('predict', 'signs.json', 'signs.csv', '--json'));
    expect(again.score.value).toBeGreaterThan(0.7);
    expect(refused('train', 'signs.csv', '--from', 'signs.json', '--target', 'sign')).toContain(
      '--target cannot be combined with --from of a saved network.',
    );
    expect(refused('predict', 'signs.json', 'signs.csv', '--divide', '2')).toContain(
      '--divide requires an ONNX network',
    );
    const halves = train(
      '--from',
      'small.onnx',
      '--target',
      'sign',
      '--divide',
      '2',
      '--rate',
      '1e-12',
      '--epochs',
      '1',
      '--weight-decay',
      '0',
    );
    const halved = nn.apply(layer, weights, ad.div(ad.tensor(points, { dtype: 'f32' }), 2)).toArray() as number[][];
    expect((halves.predictions ?? halves.columns).prediction).toEqual(halved.map(([a, b]) => labels[a > b ? 0 : 1]));
    const further = train('--from', 'signs.json', '--epochs', '1', '--rate', '1e-12');
    expect(further.score.value).toBe(score.value);
  });

  test('columns as pixels, and a network with a softmax at its end', () => {
    const nodes = [
      nn.conv2d({ in: 1, out: 3, kernel: 2 }),
      nn.relu(),
      nn.flatten(),
      nn.linear({ in: 27, out: 2 }),
      nn.softmax(),
    ];
    const images = nn.sequential(nodes);
    file('images4.onnx', nn.toOnnx(images, nn.init(images, key), { input: [null, 4, 4, 1] }));
    const lines = Array.from({ length: 60 }, (_, i) => {
      const at = Math.floor(4 * Math.abs(random(i)));
      const pixels = Array.from({ length: 16 }, (_, p) => +((i % 2 ? p % 4 : Math.floor(p / 4)) === at));
      return [...pixels, i % 2 ? 'upright' : 'lying'].join(',');
    });
    const names = Array.from({ length: 16 }, (_, p) => `p${p}`);
    file('bars.csv', `${[...names, 'way'].join(',')}\n${lines.join('\n')}\n`);
    const { network, history } = JSON.parse(
      told(
        'train',
        'bars.csv',
        '--target',
        'way',
        '--from',
        'images4.onnx',
        '--epochs',
        '60',
        '--rate',
        '0.05',
        '--validation',
        '0',
        '--json',
        '--quiet',
      ),
    );
    expect(network.layers).toMatch(/^\d+ operators: Reshape, /);
    expect(network.layers).not.toContain('Softmax');
    expect(history.loss.at(-1)).toBeLessThan(0.9 * history.loss[0]);
  });

  test('what does not fit is a sentence', () => {
    file('wide4.csv', 'a,b,c,d,k\n1,2,3,4,x\n2,3,4,5,y\n3,4,5,6,x\n4,5,6,7,y\n');
    expect(refused('train', 'rows.csv', '--target', 'c', '--from', 'small.onnx')).toContain(
      'rows.csv has 2 columns of numbers, but the network takes 3 columns, [n, 3]; columns with text do not count.',
    );
    told(
      'train',
      'wide4.csv',
      '--target',
      'k',
      '--drop',
      'd',
      '--from',
      'small.onnx',
      '--epochs',
      '1',
      '--validation',
      '0',
      '--json',
      '--quiet',
    );
    file('three.csv', 'a,b,c,k\n1,2,3,x\n2,3,4,y\n3,4,5,z\n4,5,6,x\n');
    expect(refused('train', 'three.csv', '--target', 'k', '--from', 'small.onnx')).toContain(
      'small.onnx has 2 outputs for a row, but the target of three.csv is 3 classes.',
    );
    expect(refused('train', 'three.csv', '--target', 'k', '--from', 'cut.onnx')).toContain('cut short');
    train('--from', 'signs.json', '--epochs', '1');
  });
});
