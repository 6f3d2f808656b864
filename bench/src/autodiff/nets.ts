// The networks of the benchmark. bench/peers/autodiff.py and bench/peers/tfjs.mjs have the same ones.
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';

type T = ad.Tensor;

/** A network: its output for x, and its loss against y. */
export interface Net {
  readonly parameters: unknown;
  readonly answer: (p: never, x: T) => T;
  readonly x: T;
  /** Classes, one for each row of the output; without them the loss is the mean square of the output. */
  readonly y?: T;
}

/** Reproducible random numbers; weights are scaled by the root of the fan-in. */
let part = 0;
const key = ad.randomKey(1);
const weights = (...shape: number[]): T => {
  const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return ad.mul(ad.randomNormal(ad.foldIn(key, part++), shape, 'f32'), 1 / Math.sqrt(inputs));
};
const normals = (...shape: number[]): T => ad.randomNormal(ad.foldIn(key, part++), shape, 'f32');
const zeros = (n: number): T => ad.full([n], 0, 'f32');
const ones = (n: number): T => ad.full([n], 1, 'f32');
const classes = (shape: readonly number[], count: number): T =>
  ad.tensor(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7) % count),
    { shape },
  );

function perceptron(widths: readonly number[], batch: number, biases = true): Net {
  const parameters = widths.slice(1).map((n, i) => ({ w: weights(widths[i], n), ...(biases ? { b: zeros(n) } : {}) }));
  const last = parameters.length - 1;
  const answer = (layers: Array<{ w: T; b?: T }>, x: T): T =>
    layers.reduce((h, { w, b }, i) => {
      if (b) return ad.linear(h, w, b, i < last ? 'relu' : undefined);
      return i < last ? ad.relu(ad.matmul(h, w)) : ad.matmul(h, w);
    }, x);
  return {
    parameters,
    answer: answer as Net['answer'],
    x: normals(batch, widths[0]),
    y: classes([batch], widths.at(-1)!),
  };
}

function convolutional(): Net {
  const parameters = {
    ...{ f: weights(3, 3, 1, 16), a: zeros(16), g: weights(3, 3, 16, 32), b: zeros(32) },
    ...{ w: weights(14 * 14 * 32, 10), c: zeros(10) },
  };
  const answer = (p: typeof parameters, x: T): T => {
    const first = ad.maxPool(ad.relu(ad.add(ad.conv2d(x, p.f, { padding: 1 }), p.a)), 2);
    const second = ad.relu(ad.add(ad.conv2d(first, p.g, { padding: 1 }), p.b));
    return ad.linear(ad.reshape(second, [64, -1]), p.w, p.c);
  };
  return { parameters, answer: answer as Net['answer'], x: normals(64, 28, 28, 1), y: classes([64], 10) };
}

function lenet(): Net {
  const parameters = {
    ...{ f: weights(5, 5, 1, 6), a: zeros(6), g: weights(5, 5, 6, 16), b: zeros(16) },
    dense: [400, 120, 84].map((n, i) => ({ w: weights(n, [120, 84, 10][i]), b: zeros([120, 84, 10][i]) })),
  };
  const answer = (p: typeof parameters, x: T): T => {
    const first = ad.maxPool(ad.relu(ad.add(ad.conv2d(x, p.f, { padding: 2 }), p.a)), 2);
    const second = ad.maxPool(ad.relu(ad.add(ad.conv2d(first, p.g), p.b)), 2);
    return p.dense.reduce(
      (h, { w, b }, i) => ad.linear(h, w, b, i < 2 ? 'relu' : undefined),
      ad.reshape(second, [64, -1]),
    );
  };
  return { parameters, answer: answer as Net['answer'], x: normals(64, 28, 28, 1), y: classes([64], 10) };
}

/**
 * A GRU (Cho et al. 2014), operation by operation, over the rows of images: 28 steps of 28 numbers; the gates r, z and
 * n are concatenated.
 */
function rowByRow(hidden: number, batch: number): Net {
  const [steps, width] = [28, 28];
  const parameters = {
    ...{
      wx: weights(width, 3 * hidden),
      bx: zeros(3 * hidden),
      wh: weights(hidden, 3 * hidden),
      bh: zeros(3 * hidden),
    },
    ...{ w: weights(hidden, 10), c: zeros(10) },
  };
  const gate = (x: T, i: number): T => ad.slice(x, undefined, [i * hidden, (i + 1) * hidden]);
  const answer = (p: typeof parameters, x: T): T => {
    // Time is the first axis, so that the inputs of each step are contiguous.
    const inputs = ad.linear(ad.permute(x, [1, 0, 2]), p.wx, p.bx);
    let h = ad.full([batch, hidden], 0, 'f32');
    for (let t = 0; t < steps; t++) {
      const [own, from] = [ad.slice(inputs, t), ad.linear(h, p.wh, p.bh)];
      const [r, z] = [0, 1].map((i) => ad.sigmoid(ad.add(gate(own, i), gate(from, i))));
      const n = ad.tanh(ad.add(gate(own, 2), ad.mul(r, gate(from, 2))));
      h = ad.add(n, ad.mul(z, ad.sub(h, n)));
    }
    return ad.linear(h, p.w, p.c);
  };
  return { parameters, answer: answer as Net['answer'], x: normals(batch, steps, width), y: classes([batch], 10) };
}

/** A decoder with two layers over 64 characters, batch size 16, four heads. */
function transformer(d: number, context: number, biases: boolean): Net {
  const [batch, heads, characters] = [16, 4, 64];
  const linear = (inputs: number, outputs: number): { w: T; b?: T } => ({
    w: weights(inputs, outputs),
    ...(biases ? { b: zeros(outputs) } : {}),
  });
  const layer = () => ({
    ...{ g: ones(d), b: zeros(d), qkv: linear(d, 3 * d), o: linear(d, d) },
    ...{ h: ones(d), c: zeros(d), up: linear(d, 4 * d), down: linear(4 * d, d) },
  });
  const parameters = {
    ...{ e: normals(characters, d), positions: normals(context, d), layers: [layer(), layer()] },
    ...{ g: ones(d), b: zeros(d), head: linear(d, characters) },
  };
  const through = (x: T, { w, b }: { w: T; b?: T }): T => ad.linear(x, w, b);
  const answer = (p: typeof parameters, x: T): T => {
    let h = ad.add(ad.take(p.e, x), p.positions);
    for (const l of p.layers) {
      const packed = ad.reshape(through(ad.layerNorm(h, l.g, l.b), l.qkv), [batch, context, 3, heads, d / heads]);
      const [q, k, v] = [0, 1, 2].map((i) => ad.slice(packed, undefined, undefined, i));
      h = ad.add(h, through(ad.reshape(ad.attention(q, k, v, { causal: true }), [batch, context, d]), l.o));
      h = ad.add(h, through(ad.gelu(through(ad.layerNorm(h, l.h, l.c), l.up)), l.down));
    }
    return through(ad.layerNorm(h, p.g, p.b), p.head);
  };
  return {
    parameters,
    answer: answer as Net['answer'],
    x: classes([batch, context], characters),
    y: classes([batch, context], characters),
  };
}

/** A single-layer recurrent network over 64 positions, with 128 inputs, hidden units and outputs. */
function recurrent(layer: nn.Layer, batch: number, positions = 64, width = 128): Net {
  const answer = (p: nn.Parameters, x: T): T => nn.apply(layer, p, x);
  return { parameters: nn.init(layer, key), answer, x: normals(batch, positions, width) };
}
const sizes = { in: 128, hidden: 128 };

/** Two convolutions of sequences, with a group norm in between. */
function sequences(): Net {
  const layer = nn.sequential([
    ...[nn.conv1d({ in: 32, out: 64, kernel: 5, padding: 2 }), nn.groupNorm({ groups: 8, features: 64 }), nn.elu()],
    ...[nn.conv1d({ in: 64, out: 64, kernel: 5, padding: 2, stride: 2 }), nn.leakyRelu()],
  ]);
  const answer = (p: nn.Parameters, x: T): T => nn.apply(layer, p, x);
  return { parameters: nn.init(layer, key), answer, x: normals(16, 128, 32) };
}

/** Two convolutions of volumes, with an instance norm in between. */
function volumes(): Net {
  const layer = nn.sequential([
    ...[nn.conv3d({ in: 1, out: 8, kernel: 3, padding: 1 }), nn.instanceNorm({ features: 8 }), nn.relu()],
    nn.conv3d({ in: 8, out: 16, kernel: 3, padding: 1, stride: 2 }),
  ]);
  const answer = (p: nn.Parameters, x: T): T => nn.apply(layer, p, x);
  return { parameters: nn.init(layer, key), answer, x: normals(4, 16, 16, 16, 1) };
}

/** A long short-term memory of width 32, operation by operation, as a scan over 5000 positions. */
function scanned(): Net {
  const width = 32;
  const parameters = { w: weights(width, 4 * width), u: weights(width, 4 * width), b: zeros(4 * width) };
  const gate = (z: T, i: number): T => ad.slice(z, undefined, [i * width, (i + 1) * width]);
  const answer = (p: typeof parameters, x: T): T => {
    const step = ({ h, c }: { h: T; c: T }, row: T) => {
      const z = ad.add(ad.add(ad.matmul(row, p.w), ad.matmul(h, p.u)), p.b);
      const [i, f, o] = [0, 1, 3].map((k) => ad.sigmoid(gate(z, k)));
      const next = ad.add(ad.mul(f, c), ad.mul(i, ad.tanh(gate(z, 2))));
      const output = ad.mul(o, ad.tanh(next));
      return [{ h: output, c: next }, output] as const;
    };
    const start = ad.full([1, width], 0, 'f32');
    return ad.scan(step, { h: start, c: start }, x)[1];
  };
  return { parameters, answer: answer as Net['answer'], x: normals(5000, 1, width) };
}

/** 5000 steps of a classical Runge–Kutta method for 64 damped oscillators that a force drives. */
function oscillators(): Net {
  const parameters = { stiffness: ad.full([64], 1.2, 'f32'), damping: ad.full([64], 0.3, 'f32') };
  const h = 0.01;
  const answer = (p: typeof parameters, x: T): T => {
    const slope = (place: T, speed: T, push: T): readonly [T, T] => [
      speed,
      ad.sub(push, ad.add(ad.mul(p.stiffness, place), ad.mul(p.damping, speed))),
    ];
    const along = (a: T, d: T, by: number): T => ad.add(a, ad.mul(d, by));
    const step = ({ place, speed }: { place: T; speed: T }, push: T) => {
      const a = slope(place, speed, push);
      const b = slope(along(place, a[0], h / 2), along(speed, a[1], h / 2), push);
      const c = slope(along(place, b[0], h / 2), along(speed, b[1], h / 2), push);
      const d = slope(along(place, c[0], h), along(speed, c[1], h), push);
      const total = (i: 0 | 1): T => ad.add(ad.add(a[i], d[i]), ad.mul(ad.add(b[i], c[i]), 2));
      const next = { place: along(place, total(0), h / 6), speed: along(speed, total(1), h / 6) };
      return [next, next.place] as const;
    };
    const start = ad.full([64], 0, 'f32');
    return ad.scan(step, { place: start, speed: start }, x)[1];
  };
  return { parameters, answer: answer as Net['answer'], x: normals(5000, 64) };
}

/** A perceptron whose loss contains its second derivatives: the residual of Poisson's equation. */
function residual(): Net {
  const parameters = [2, 32, 32].map((n, i) => ({ w: weights(n, [32, 32, 1][i]), b: zeros([32, 32, 1][i]) }));
  const answer = (layers: typeof parameters, x: T): T => {
    const value = (at: T): T => layers.reduce((v, { w, b }, i) => ad.linear(v, w, b, i < 2 ? 'tanh' : undefined), at);
    const along = (axis: number): T => {
      const direction = ad.broadcastTo(ad.tensor(Float32Array.of(1 - axis, axis)), x.shape);
      const first = (at: T): T => ad.jvp(value, [at], [direction])[1];
      return ad.jvp(first, [x], [direction])[1];
    };
    return ad.sub(ad.add(along(0), along(1)), 1);
  };
  return { parameters, answer: answer as Net['answer'], x: normals(256, 2) };
}

export const nets: Record<string, () => Net> = {
  '49-16-16-10': () => perceptron([49, 16, 16, 10], 16),
  '64-32-10': () => perceptron([64, 32, 10], 16),
  // Addition modulo 113 with two hidden layers of 200 units at full batch (Prieto et al. 2025).
  '226-200-200-113': () => perceptron([226, 200, 200, 113], 5107, false),
  mlp: () => perceptron([784, 256, 10], 64),
  cnn: convolutional,
  lenet,
  'gru-rows': () => rowByRow(64, 64),
  // The one used for comparing low-rank optimisers (Modoranu et al. 2025).
  'transformer-64': () => transformer(64, 48, false),
  transformer: () => transformer(128, 64, true),
  'lstm-1': () => recurrent(nn.lstm(sizes), 1),
  lstm: () => recurrent(nn.lstm(sizes), 16),
  'gru-1': () => recurrent(nn.gru(sizes), 1),
  gru: () => recurrent(nn.gru(sizes), 16),
  'lstm-scan': scanned,
  'lstm-5000': () => recurrent(nn.lstm({ in: 32, hidden: 32 }), 1, 5000, 32),
  'ode-scan': oscillators,
  poisson: residual,
  'transformer-256': () => transformer(256, 64, true),
  conv1d: sequences,
  conv3d: volumes,
};
