import { readFileSync } from 'node:fs';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { readSafetensors, writeSafetensors } from '@southwell/data';
import { decodePlain, encodePlain, Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
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
  return err.replaceAll(/\s+/g, ' ').replaceAll(`${at('')}/`, '');
};

const [WIDTH, HIDDEN, OUTPUTS] = [6, 12, 3];
const random = new Random(3);
const rows = Array.from({ length: 160 }, () => Array.from({ length: WIDTH }, () => random.normal()));
const names = Array.from({ length: WIDTH }, (_, j) => `x${j}`);
const csv = (lines: readonly (readonly (number | string)[])[], head = names) =>
  `${[head, ...lines].map((line) => line.join()).join('\n')}\n`;
file('rows.csv', csv(rows));

const layer = nn.sequential([
  nn.linear({ in: WIDTH, out: HIDDEN }),
  nn.relu(),
  nn.linear({ in: HIDDEN, out: OUTPUTS }),
]);
type Numbers = Record<string, Float64Array>;
const numbers = (seed: number): Numbers =>
  Object.fromEntries(
    Object.entries(nn.init(layer, ad.randomKey(seed))).map(([name, t]) => [name, Float64Array.from(t.data())]),
  );
const onnx = (own: Numbers): Uint8Array => {
  const shapes = nn.parameterShapes(layer);
  const tensors = Object.entries(own).map(([name, values]) => [
    name,
    ad.tensor(values, { shape: shapes[name], dtype: 'f32' }),
  ]);
  return nn.toOnnx(layer, Object.fromEntries(tensors), { input: [null, WIDTH] });
};
/** The network with hidden neuron i taken from place order[i], by hand. */
const reordered = (own: Numbers, order: ArrayLike<number>): Numbers => ({
  '0.weight': own['0.weight'].map((_, k) => own['0.weight'][order[Math.floor(k / WIDTH)] * WIDTH + (k % WIDTH)]),
  '0.bias': own['0.bias'].map((_, i) => own['0.bias'][order[i]]),
  '2.weight': own['2.weight'].map((_, k) => own['2.weight'][k - (k % HIDDEN) + order[k % HIDDEN]]),
  '2.bias': own['2.bias'],
});
const a = numbers(1);
const order = new Random(5).permutation(HIDDEN);
const noise = new Random(7);
/** The same neurons in another order, and a little different. */
const b = Object.fromEntries(
  Object.entries(reordered(a, order)).map(([name, values]) => [name, values.map((v) => v + 0.01 * noise.normal())]),
);
file('a.onnx', onnx(a));
file('b.onnx', onnx(b));
file('c.onnx', onnx(numbers(2)));

const predictions = async (model: string): Promise<number[][]> =>
  Object.values(JSON.parse(await ran('predict', model, 'rows.csv', '--json')).columns);

test('the order of neurons is found, and the merged network is the mean of both in that order', async () => {
  const words = ['merge', 'a.onnx', 'b.onnx', '--calib', 'rows.csv'];
  const told = JSON.parse(
    await ran(...words, '--out', 'm.safetensors', '--permutations', 'o.json', '--onnx', 'm.onnx', '--json'),
  );
  expect(told).toMatchObject({
    status: 'completed',
    calibrated: 120,
    judged: 40,
    models: [at('a.onnx'), at('b.onnx')],
  });
  const [found] = JSON.parse(readFileSync(at('o.json'), 'utf8'));
  // Place i of the result is taken from where the planted order put it.
  const [[, permutation]] = Object.entries<number[]>(found.permutations);
  expect(permutation.map((from) => order[from])).toEqual(Array.from({ length: HIDDEN }, (_, i) => i));
  const mean = Object.fromEntries(
    Object.entries(reordered(b, permutation)).map(([name, values]) => [
      name,
      values.map((v, k) => (v + a[name][k]) / 2),
    ]),
  );
  file('mean.onnx', onnx(mean));
  const expected = await predictions('mean.onnx');
  for (const model of ['m.safetensors', 'm.onnx']) {
    const own = await predictions(model);
    own.forEach((column, k) => {
      column.forEach((v, i) => {
        expect(v).toBeCloseTo(expected[k][i], 5);
      });
    });
  }
  const [match] = told.matches;
  const distance = (x: Numbers) =>
    Math.sqrt(
      Object.entries(x).reduce(
        (sum, [name, values]) => sum + values.reduce((s, v, k) => s + (v - a[name][k]) ** 2, 0),
        0,
      ),
    );
  expect(match.distance.before).toBeCloseTo(distance(b), 4);
  expect(match.distance.after).toBeCloseTo(distance(reordered(b, permutation)), 4);
  expect(match.moved).toBe(permutation.filter((from, to) => from !== to).length);
  expect(match.before.losses).toHaveLength(11);
  expect(match.after.barrier).toBeLessThan(0.01 * match.before.barrier);
});

test('of labelled data the barrier is that of the loss; three networks; all ways of matching', async () => {
  const classOf = (x: readonly number[]) => (x[0] + x[1] * x[2] > 0 ? 'up' : 'down');
  file(
    'classes.csv',
    csv(
      rows.map((x) => [...x, classOf(x)]),
      [...names, 'class'],
    ),
  );
  for (const seed of [1, 2, 3]) {
    const words = ['--target', 'class', '--hidden', '16', '--epochs', '10', '--rate', '0.01', '--seed', `${seed}`];
    await ran('train', 'classes.csv', ...words, '--save', `t${seed}.json`);
  }
  const merge = async (...more: string[]) =>
    JSON.parse(await ran('merge', 't1.json', 't2.json', 't3.json', '--calib', 'classes.csv', '--json', ...more));
  const average = await merge('--method', 'average', '--out', 'average.safetensors', '--points', '3');
  expect(average.loss).toBe('cross-entropy in nats');
  const [first, second] = average.matches[0].before.losses.filter((_: number, k: number) => k !== 1);
  const qualities = Object.fromEntries(
    average.qualities.map((q: { network: string; quality: object }) => [q.network, q.quality]),
  );
  expect(qualities[at('t1.json')].loss).toBeCloseTo(first, 5);
  expect(qualities[at('t2.json')].loss).toBeCloseTo(second, 5);
  // The plain mean of all three, by hand.
  const tensorsIn = (name: string) => readSafetensors(readFileSync(at(name))).tensors;
  for (const k of [1, 2, 3]) await ran('merge', `t${k}.json`, `t${k}.json`, '--out', `t${k}.safetensors`);
  for (const [name, { values }] of Object.entries(tensorsIn('average.safetensors'))) {
    const each = [1, 2, 3].map((k) => tensorsIn(`t${k}.safetensors`)[name].values);
    for (let i = 0; i < values.length; i++)
      expect(values[i]).toBeCloseTo((Number(each[0][i]) + Number(each[1][i]) + Number(each[2][i])) / 3, 5);
  }
  for (const method of [['weights'], ['activations'], ['ste', '--steps', '20']]) {
    const { matches, qualities: told } = await merge(
      '--method',
      ...method,
      '--out',
      'm.safetensors',
      '--report',
      'r.html',
    );
    expect(matches.map(({ model }: { model: string }) => model)).toEqual([at('t2.json'), at('t3.json')]);
    for (const { before, after } of matches) expect(after.barrier).toBeLessThan(before.barrier);
    expect(told.map(({ network }: { network: string }) => network)).toEqual([
      ...['t1.json', 't2.json', 't3.json'].map(at),
      ...['average as they are', 'merged'],
    ]);
    const { score } = JSON.parse(await ran('predict', 'm.safetensors', 'classes.csv', '--json'));
    expect(score.rows).toBe(160);
  }
  expect(readFileSync(at('r.html'), 'utf8')).toContain('Loss between the networks');
});

test('without data; a network with itself', async () => {
  const told = JSON.parse(await ran('merge', 'a.onnx', 'a.onnx', '--out', 'same.safetensors', '--json'));
  expect(told).toMatchObject({
    lambdas: [],
    qualities: [],
    matches: [{ moved: 0, distance: { before: 0, after: 0 } }],
  });
  expect(told.notes).toEqual(['Without data, the quality was not measured.']);
  const [same, original] = [await predictions('same.safetensors'), await predictions('a.onnx')];
  expect(same).toEqual(original);
});

test('statistics of norms are measured again on the rows, and averaged where they cannot be', async () => {
  const normed = (outputs: number) =>
    nn.sequential([
      nn.linear({ in: WIDTH, out: HIDDEN }),
      nn.batchNorm({ features: HIDDEN }),
      nn.relu(),
      nn.linear({ in: HIDDEN, out: outputs }),
    ]);
  for (const seed of [1, 2]) {
    const net = normed(2);
    const state = nn.initState(net);
    const saved = decodePlain(readFileSync(at('t1.json'), 'utf8')) as Record<string, unknown>;
    const { scaling: _, ...rest } = saved;
    const network = writeSafetensors(nn.saveModel(net, nn.init(net, ad.randomKey(seed)), { state }));
    file(`normed${seed}.json`, `${encodePlain({ ...rest, network })}\n`);
    const other = normed(OUTPUTS);
    const parameters = nn.init(other, ad.randomKey(seed));
    file(`normed${seed}.onnx`, nn.toOnnx(other, parameters, { input: [null, WIDTH], state: nn.initState(other) }));
  }
  // Three rows, too few to keep some apart: all of them count.
  const three = rows.slice(0, 3);
  file(
    'three.csv',
    csv(
      three.map((x) => [...x, 'up']),
      [...names, 'class'],
    ),
  );
  await ran('merge', 'normed1.json', 'normed2.json', '--calib', 'three.csv', '--out', 'n.safetensors');
  const { tensors } = readSafetensors(readFileSync(at('n.safetensors')));
  const of = (name: string) => Array.from(tensors[name].values, Number);
  const [weight, bias] = [of('0.weight'), of('0.bias')];
  const [mean] = Object.entries(tensors).filter(([name]) => /mean/.test(name));
  const expected = bias.map(
    (b, i) => b + three.reduce((sum, x) => sum + x.reduce((s, v, k) => s + v * weight[i * WIDTH + k], 0), 0) / 3,
  );
  Array.from(mean[1].values, Number).forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i], 4);
  });
  const { notes } = JSON.parse(
    await ran('merge', 'normed1.onnx', 'normed2.onnx', '--calib', 'rows.csv', '--out', 'n.safetensors', '--json'),
  );
  expect(notes.join(' ')).toMatch(
    /^Statistics of norms are averages: Statistics of norms cannot be measured in networks from ONNX files/,
  );
});

test('the search by gradients goes on from its checkpoint with the same bits', async () => {
  const words = ['merge', 't1.json', 't2.json', '--calib', 'classes.csv', '--method', 'ste'];
  await ran(...words, '--steps', '30', '--out', 'whole.safetensors');
  await ran(...words, '--steps', '12', '--out', 'part.safetensors', '--checkpoint', 'ste.json');
  const resumed = JSON.parse(
    await ran(...words, '--steps', '30', '--out', 'rest.safetensors', '--checkpoint', 'ste.json', '--resume', '--json'),
  );
  expect(resumed.matches[0].sweeps).toBe(30);
  expect(readFileSync(at('rest.safetensors'))).toEqual(readFileSync(at('whole.safetensors')));
});

test('networks that are not alike, and what is no network, are refused by a sentence', async () => {
  const wide = nn.sequential([nn.linear({ in: WIDTH, out: 5 }), nn.relu(), nn.linear({ in: 5, out: OUTPUTS })]);
  file('wide.onnx', nn.toOnnx(wide, nn.init(wide, ad.randomKey(1)), { input: [null, WIDTH] }));
  expect(await refused('merge', 'a.onnx', 'wide.onnx')).toMatch(
    /^southwell: a\.onnx and wide\.onnx: The networks are not alike: \S+ is \[\d+, \d+\] in the first and \[\d+, \d+\] in the second\.\s*$/,
  );
  expect(await refused('merge', 'a.onnx', 't1.json')).toMatch(
    /a\.onnx and t1\.json cannot be averaged: they differ in inputs/,
  );
  await ran('fit', 'classes.csv', '--target', 'x0', '--save', 'line.json');
  expect(await refused('merge', 'line.json', 'a.onnx')).toContain(
    'line.json is not a network, so that there are no neurons to match.',
  );
  expect(await refused('merge', 'a.onnx', 'b.onnx', '--method', 'activations')).toContain(
    '--method activations needs data that the network is for: give --calib.',
  );
  expect(await refused('merge', 'a.onnx', 'b.onnx', '--method', 'ste', '--calib', 'rows.csv')).toMatch(
    /--method ste needs rows whose target is known/,
  );
  const broken = numbers(2);
  broken['0.weight'][3] = Number.NaN;
  file('nan.onnx', onnx(broken));
  expect(await refused('merge', 'a.onnx', 'nan.onnx')).toMatch(/NaN/);
  file(
    'other.csv',
    csv(
      rows.map((x) => [...x, x[0] > 0 ? 'yes' : 'no']),
      [...names, 'class'],
    ),
  );
  await ran('train', 'other.csv', '--target', 'class', '--hidden', '16', '--epochs', '1', '--save', 'other.json');
  expect(await refused('merge', 't1.json', 'other.json')).toContain(
    `they differ in classes, ["down","up"] and ["no","yes"]`,
  );
});
