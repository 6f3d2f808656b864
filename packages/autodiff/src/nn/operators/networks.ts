import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';
import { einsum } from './einsum.ts';

// Products, norms and recurrent layers.

/** α A B + β C. */
export function gemm(c: Call): Val {
  const [a, b] = [c.float(0), c.float(1)];
  const product = ad.matmul(c.int('transA', 0) ? ad.transpose(a) : a, c.int('transB', 0) ? ad.transpose(b) : b);
  const [alpha, beta] = [c.real1('alpha', 1), c.real1('beta', 1)];
  const scaled = alpha === 1 ? product : ad.mul(product, alpha);
  const bias = c.maybe(2);
  return float(bias ? ad.add(scaled, beta === 1 ? bias : ad.mul(bias, beta)) : scaled);
}

/** A vector of channels, broadcast along the second axis of x. */
const perChannel = (v: ad.Tensor, x: ad.Tensor): ad.Tensor => ad.reshape(v, [-1, ...x.shape.slice(2).map(() => 1)]);

function batchNorm(c: Call): Val {
  c.atMost(1);
  if (c.int('training_mode', 0))
    c.refuse('it is in training mode, which is not supported; export the network for inference.');
  const x = c.float(0);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => c.float(i));
  const scale = ad.div(gamma, ad.sqrt(ad.add(variance, c.real1('epsilon', 1e-5))));
  // The mean is subtracted first: it may be much larger than the deviation.
  return float(ad.add(ad.mul(ad.sub(x, perChannel(mean, x)), perChannel(scale, x)), perChannel(beta, x)));
}

/** Mean and √(variance + epsilon) over axes, which are kept. */
function moments(x: ad.Tensor, axes: readonly number[], epsilon: number): readonly [ad.Tensor, ad.Tensor] {
  const mean = ad.mean(x, axes, true);
  return [mean, ad.sqrt(ad.add(ad.mean(ad.square(ad.sub(x, mean)), axes, true), epsilon))];
}

/** (x − mean)/√(variance + epsilon) over axes. */
export function standardised(x: ad.Tensor, axes: readonly number[], epsilon: number): ad.Tensor {
  const [mean, deviation] = moments(x, axes, epsilon);
  return ad.div(ad.sub(x, mean), deviation);
}

/** The normalised rows, and, if they are asked for, their means and reciprocal deviations. */
function layerNorm(c: Call): Val | readonly Val[] {
  const y = normalisedRows(c);
  if (c.outputs === 1) return y;
  const x = c.float(0);
  const axes = x.shape.map((_, d) => d).slice(c.axis(c.int('axis', -1), x.rank));
  const [mean, deviation] = moments(x, axes, c.real1('epsilon', 1e-5));
  return [y, float(mean), float(ad.reciprocal(deviation))];
}

function normalisedRows(c: Call): Val {
  const [x, scale, bias] = [c.float(0), c.float(1), c.maybe(2)];
  const axis = c.axis(c.int('axis', -1), x.rank);
  const epsilon = c.real1('epsilon', 1e-5);
  if (axis === x.rank - 1 && scale.rank === 1 && scale.shape[0] === x.shape[axis] && (bias?.rank ?? 1) === 1)
    return float(ad.layerNorm(x, scale, bias, epsilon));
  const axes = x.shape.map((_, d) => d).slice(axis);
  const y = ad.mul(standardised(x, axes, epsilon), scale);
  return float(bias ? ad.add(y, bias) : y);
}

function instanceNorm(c: Call): Val {
  const x = c.float(0);
  const axes = x.shape.map((_, d) => d).slice(2);
  const y = standardised(x, axes, c.real1('epsilon', 1e-5));
  return float(ad.add(ad.mul(y, perChannel(c.float(1), x)), perChannel(c.float(2), x)));
}

function groupNorm(c: Call): Val {
  const x = c.float(0);
  const groups = c.int('num_groups');
  const apart = ad.reshape(x, [x.shape[0], groups, -1]);
  const y = standardised(apart, [2], c.real1('epsilon', 1e-5));
  const [scale, bias] = [c.float(1), c.float(2)];
  // Before opset 21 there is one scale for each group.
  if (c.opset < 21)
    return float(ad.reshape(ad.add(ad.mul(y, ad.reshape(scale, [groups, 1])), ad.reshape(bias, [groups, 1])), x.shape));
  return float(ad.add(ad.mul(ad.reshape(y, x.shape), perChannel(scale, x)), perChannel(bias, x)));
}

function localNorm(c: Call): Val {
  const x = c.float(0);
  const size = c.int('size');
  const before = Math.floor((size - 1) / 2);
  const padded = ad.pad(ad.square(x), [[before, size - 1 - before], ...x.shape.slice(2).map(() => [0, 0] as const)]);
  const [alpha, beta, bias] = [c.real1('alpha', 1e-4), c.real1('beta', 0.75), c.real1('bias', 1)];
  const parts = Array.from({ length: size }, (_, i) => ad.slice(padded, undefined, [i, i + x.shape[1]]));
  const total = parts.reduce((a, b) => ad.add(a, b));
  return float(ad.div(x, ad.pow(ad.add(ad.mul(total, alpha / size), bias), beta)));
}

/** Blocks of h rows, or of h numbers, in another order. */
const inOrder = (t: ad.Tensor, h: number, order: readonly number[]): ad.Tensor =>
  ad.concat(order.map((k) => ad.slice(t, [k * h, (k + 1) * h])));

/** Gated recurrent unit with the reset gate before the product (Cho et al. 2014), step by step; arguments as those of `gru`. */
function resetFirst(into: ad.Tensor, w: ad.Tensor, bias: ad.Tensor, h0: ad.Tensor): ad.Tensor {
  const h = h0.shape[1];
  const [turned, both] = [ad.transpose(w), [0, 2 * h] as const];
  const states: ad.Tensor[] = [];
  let state = h0;
  for (let t = 0; t < into.shape[1]; t++) {
    const x = ad.slice(into, undefined, t);
    const gates = ad.add(ad.matmul(state, ad.slice(turned, undefined, both)), ad.slice(bias, both));
    const [reset, update] = [0, 1].map((k) => {
      const own = [k * h, (k + 1) * h] as const;
      return ad.sigmoid(ad.add(ad.slice(x, undefined, own), ad.slice(gates, undefined, own)));
    });
    const last = [2 * h, 3 * h] as const;
    const kept = ad.add(ad.matmul(ad.mul(reset, state), ad.slice(turned, undefined, last)), ad.slice(bias, last));
    const candidate = ad.tanh(ad.add(ad.slice(x, undefined, last), kept));
    state = ad.add(ad.mul(update, state), ad.mul(ad.sub(1, update), candidate));
    states.push(state);
  }
  return ad.stack(states, 1);
}

/** A recurrent unit with one activation and no gates, step by step; arguments as those of `gru`. */
const simple = (c: Call, activation = 'Tanh'): typeof resetFirst => {
  const functions = { tanh: ad.tanh, relu: ad.relu, sigmoid: ad.sigmoid };
  const f =
    functions[activation.toLowerCase() as keyof typeof functions] ??
    c.refuse(`the activation ${activation} is not supported.`);
  return (into, w, bias, h0) => {
    const turned = ad.transpose(w);
    const states: ad.Tensor[] = [];
    for (let t = 0; t < into.shape[1]; t++) {
      const sum = ad.add(ad.slice(into, undefined, t), ad.matmul(states.at(-1) ?? h0, turned));
      states.push(f(ad.add(sum, bias)));
    }
    return ad.stack(states, 1);
  };
};

/** A recurrent layer: x [t, n, in] to y [t, directions, n, h] and the last states [directions, n, h]. */
function recurrent(c: Call): Val[] {
  const [long, plain] = [c.op === 'LSTM', c.op === 'RNN'];
  const [x, w, r] = [0, 1, 2].map((i) => c.float(i));
  const [directions, h] = [w.shape[0], c.int('hidden_size')];
  const direction = c.text('direction', 'forward');
  if (c.has(4) || c.has(7)) c.refuse('sequence lengths and peepholes are not supported.');
  if (c.int('layout', 0)) c.refuse('a layout with the batch first is not supported.');
  if (c.real1('clip', 0) !== 0 || c.int('input_forget', 0)) c.refuse('clip and input_forget are not supported.');
  const own = long ? ['Sigmoid', 'Tanh', 'Tanh'] : ['Sigmoid', 'Tanh'];
  const activations = c.texts('activations');
  if (!plain && activations?.some((name, i) => name.toLowerCase() !== own[i % own.length].toLowerCase()))
    c.refuse(`only the activations ${own.join(', ')} are supported.`);
  // ONNX has the gates in the order i, o, f, c and z, r, h.
  const order = plain ? [0] : long ? [0, 2, 3, 1] : [1, 0, 2];
  const gates = order.length;
  const n = x.shape[1];
  const sequences = ad.permute(x, [1, 0, 2]);
  const ends: ad.Tensor[][] = [[], []];
  const all = Array.from({ length: directions }, (_, d) => {
    const turned = direction === 'reverse' || d === 1;
    const begin = (i: number): ad.Tensor => (c.has(i) ? ad.slice(c.float(i), d) : ad.full([n, h], 0, c.real));
    const weight = inOrder(ad.slice(w, d), h, order);
    const state = inOrder(ad.slice(r, d), h, order);
    const both = c.has(3) ? ad.slice(c.float(3), d) : ad.full([2 * gates * h], 0, c.real);
    const [bias, stateBias] = [0, 1].map((k) =>
      inOrder(ad.slice(both, [k * gates * h, (k + 1) * gates * h]), h, order),
    );
    const given = turned ? ad.slice(sequences, undefined, [null, null, -1]) : sequences;
    const into = ad.add(ad.matmul(given, ad.transpose(weight)), long ? ad.add(bias, stateBias) : bias);
    const unit = plain ? simple(c, activations?.[d]) : c.int('linear_before_reset', 0) ? ad.gru : resetFirst;
    const made = long ? ad.lstm(into, state, begin(5), begin(6)) : { y: unit(into, state, stateBias, begin(5)) };
    ends[0].push(ad.slice(made.y, undefined, -1));
    if ('cells' in made) ends[1].push(ad.slice(made.cells, undefined, -1));
    return ad.permute(turned ? ad.slice(made.y, undefined, [null, null, -1]) : made.y, [1, 0, 2]);
  });
  return [ad.stack(all, 1), ...ends.filter((e) => e.length > 0).map((e) => ad.stack(e))].map(float);
}

/** Products, norms and recurrent layers by name. */
export const networks: Readonly<Record<string, Operator>> = {
  MatMul: (c) => {
    const a = c.x(0);
    return { class: a.class, t: a.class === 'float' ? ad.matmul(a.t, c.float(1)) : ad.matmul(a.t, c.x(1).t) };
  },
  Gemm: gemm,
  Einsum: einsum,
  ...{ BatchNormalization: batchNorm, LayerNormalization: layerNorm, InstanceNormalization: instanceNorm },
  ...{ GroupNormalization: groupNorm, LRN: localNorm },
  LpNormalization: (c) => {
    const x = c.float(0);
    const axes = [c.axis(c.int('axis', -1), x.rank)];
    const norm = c.int('p', 2) === 1 ? ad.sum(ad.abs(x), axes, true) : ad.sqrt(ad.sum(ad.square(x), axes, true));
    return float(ad.div(x, norm));
  },
  MeanVarianceNormalization: (c) => {
    const x = c.float(0);
    const axes = (c.list('axes') ?? [0, 2, 3]).map((axis) => c.axis(axis, x.rank));
    const [mean, deviation] = moments(x, axes, 0);
    return float(ad.div(ad.sub(x, mean), ad.add(deviation, 1e-9)));
  },
  ...{ LSTM: recurrent, GRU: recurrent, RNN: recurrent },
};
