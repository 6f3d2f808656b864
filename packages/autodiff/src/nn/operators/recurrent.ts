import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';
import { reversedBy } from './selections.ts';

// Recurrent layers.

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
function layered(c: Call): Val[] {
  const [long, plain] = [c.op === 'LSTM', c.op === 'RNN'];
  // With the batch first, x is [n, t, in] and states are [n, directions, h].
  const first = c.int('layout', 0) !== 0;
  const [w, r] = [1, 2].map((i) => c.float(i));
  const [directions, h] = [w.shape[0], c.int('hidden_size')];
  const direction = c.text('direction', 'forward');
  if (c.has(7)) c.refuse('peepholes are not supported.');
  if (c.real1('clip', 0) !== 0 || c.int('input_forget', 0)) c.refuse('clip and input_forget are not supported.');
  const own = long ? ['Sigmoid', 'Tanh', 'Tanh'] : ['Sigmoid', 'Tanh'];
  const activations = c.texts('activations');
  if (!plain && activations?.some((name, i) => name.toLowerCase() !== own[i % own.length].toLowerCase()))
    c.refuse(`only the activations ${own.join(', ')} are supported.`);
  // ONNX has the gates in the order i, o, f, c and z, r, h.
  const order = plain ? [0] : long ? [0, 2, 3, 1] : [1, 0, 2];
  const gates = order.length;
  const sequences = first ? c.float(0) : ad.permute(c.float(0), [1, 0, 2]);
  const [n, steps] = sequences.shape;
  const lengths = c.has(4) ? ad.cast(c.x(4).t, 'f64') : undefined;
  const reversed = (t: ad.Tensor): ad.Tensor =>
    lengths ? reversedBy(t, lengths, 0, 1) : ad.slice(t, undefined, [null, null, -1]);
  /** The state after the last step of each sequence, or the given one of those without steps. */
  const ended = (t: ad.Tensor, before: ad.Tensor): ad.Tensor => {
    if (!lengths) return ad.slice(t, undefined, -1);
    const at = ad.reshape(ad.cast(ad.maximum(ad.sub(lengths, 1), 0), 'i32'), [n, 1, 1]);
    const last = ad.reshape(ad.takeAlong(t, ad.broadcastTo(at, [n, 1, h]), 1), [n, h]);
    return ad.where(ad.broadcastTo(ad.reshape(ad.cast(ad.greater(lengths, 0), c.real), [n, 1]), [n, h]), last, before);
  };
  const within =
    lengths && ad.cast(ad.less(ad.reshape(ad.range(steps), [1, steps, 1]), ad.reshape(lengths, [n, 1, 1])), c.real);
  const ends: ad.Tensor[][] = [[], []];
  const all = Array.from({ length: directions }, (_, d) => {
    const turned = direction === 'reverse' || d === 1;
    const begin = (i: number): ad.Tensor =>
      c.has(i) ? ad.slice(c.float(i), ...(first ? [undefined, d] : [d])) : ad.full([n, h], 0, c.real);
    const weight = inOrder(ad.slice(w, d), h, order);
    const state = inOrder(ad.slice(r, d), h, order);
    const both = c.has(3) ? ad.slice(c.float(3), d) : ad.full([2 * gates * h], 0, c.real);
    const [bias, stateBias] = [0, 1].map((k) =>
      inOrder(ad.slice(both, [k * gates * h, (k + 1) * gates * h]), h, order),
    );
    const given = turned ? reversed(sequences) : sequences;
    const into = ad.add(ad.matmul(given, ad.transpose(weight)), long ? ad.add(bias, stateBias) : bias);
    const unit = plain ? simple(c, activations?.[d]) : c.int('linear_before_reset', 0) ? ad.gru : resetFirst;
    const made = long ? ad.lstm(into, state, begin(5), begin(6)) : { y: unit(into, state, stateBias, begin(5)) };
    ends[0].push(ended(made.y, begin(5)));
    if ('cells' in made) ends[1].push(ended(made.cells, begin(6)));
    // Steps after the end of a sequence give zeros.
    const y = within ? ad.mul(made.y, within) : made.y;
    const back = turned ? reversed(y) : y;
    return first ? back : ad.permute(back, [1, 0, 2]);
  });
  const last = ends.filter((e) => e.length > 0).map((e) => ad.stack(e, first ? 1 : 0));
  return [ad.stack(all, first ? 2 : 1), ...last].map(float);
}

/** Recurrent layers by name. */
export const recurrents: Readonly<Record<string, Operator>> = { LSTM: layered, GRU: layered, RNN: layered };
