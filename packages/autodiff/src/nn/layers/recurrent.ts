import * as ad from '../../index.ts';
import { count, flag } from '../fields.ts';
import { uniform } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context, Declared } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';

/** Options of {@link gru} and {@link lstm}. */
export interface RecurrentOptions {
  /** Number of input features. */
  readonly in: number;
  /** Size of the hidden state and output. */
  readonly hidden: number;
  /** Number of stacked layers (1). */
  readonly layers?: number;
  /** Whether the input and recurrent projections have biases (true). */
  readonly bias?: boolean;
  /** Whether each layer also runs in reverse; outputs of both directions are concatenated (false). */
  readonly bidirectional?: boolean;
}
type Filled = Required<RecurrentOptions>;

const options = { in: count(), hidden: count(), layers: count(1), bias: flag(true), bidirectional: flag(false) };

/** Suffixes of the parameter names of each direction. */
const directions = ({ bidirectional }: Filled): readonly string[] => (bidirectional ? ['', '_reverse'] : ['']);

/** Parameters with PyTorch's names; all initially uniform within 1/√hidden. */
function parameters(o: Filled, gates: number): Readonly<Record<string, Declared>> {
  const { in: n, hidden: h, layers, bias } = o;
  const init = uniform(1 / Math.sqrt(h));
  const out: Record<string, Declared> = {};
  const ways = directions(o);
  for (let k = 0; k < layers; k++) {
    for (const way of ways) {
      out[`weight_ih_l${k}${way}`] = { shape: [gates * h, k === 0 ? n : ways.length * h], init };
      out[`weight_hh_l${k}${way}`] = { shape: [gates * h, h], init };
      if (bias) for (const side of ['ih', 'hh']) out[`bias_${side}_l${k}${way}`] = { shape: [gates * h], init };
    }
  }
  return out;
}

function checkSequences(o: Filled, c: Context, x: ad.Tensor): void {
  if (x.rank !== 3 || x.shape[2] !== o.in || x.shape[1] === 0)
    c.misfit(x, `it takes sequences [n, t, ${o.in}] with t ≥ 1.`);
  if (o.bidirectional && c.position)
    c.misfit(x, 'bidirectional layers cannot be stepped, since they also read the sequence from its end.');
}

/** Initial state of layer k, [n, hidden], from the memory; zeros without one. */
function start(c: Context, name: string, k: number, x: ad.Tensor, h: number): ad.Tensor {
  const kept = c.memory(name);
  return kept ? ad.slice(kept, k) : ad.full([x.shape[0], h], 0, x.dtype);
}
const summed = (y: ad.Tensor, b: ad.Tensor | undefined): ad.Tensor => (b ? ad.add(y, b) : y);
const last = (y: ad.Tensor): ad.Tensor => ad.slice(y, undefined, y.shape[1] - 1);

const reversed = (x: ad.Tensor): ad.Tensor => ad.slice(x, undefined, [null, null, -1]);

/**
 * Runs the stacked layers: `run` applies one layer in one direction, named by the suffix of its parameters. For bidirectional
 * layers the second direction gets the reversed sequence.
 */
function throughLayers(o: Filled, x: ad.Tensor, run: (x: ad.Tensor, name: string, k: number) => ad.Tensor): ad.Tensor {
  let y = x;
  for (let k = 0; k < o.layers; k++) {
    const both = directions(o).map((way) => {
      return way === '' ? run(y, `l${k}`, k) : reversed(run(reversed(y), `l${k}${way}`, k));
    });
    y = both.length > 1 ? ad.concat(both, 2) : both[0];
  }
  return y;
}

/** Reorders gate rows to ONNX's order, with a leading axis for directions. */
function reordered(e: Exporter, name: string, h: number, order: readonly number[], ways: readonly string[]): Value {
  const each = ways.map((way) =>
    e.param(`${name}${way}`, (w) => ad.expandDims(ad.concat(order.map((g) => ad.slice(w, [g * h, (g + 1) * h]))), 0)),
  );
  return each.length > 1 ? e.node('Concat', each, [each.length, ...each[0].shape.slice(1)], { axis: 0 }) : each[0];
}

/** Exports as ONNX's own GRU or LSTM nodes. */
function exported(op: 'GRU' | 'LSTM', o: Filled, e: Exporter, x: Value, order: readonly number[]): Value {
  const { hidden: h, layers, bias } = o;
  const [n, t] = x.shape;
  const ways = directions(o);
  const d = ways.length;
  // ONNX takes time-major input, and its output has an axis for directions.
  let y = e.node('Transpose', [x], [t, n, x.shape[2]], { perm: [1, 0, 2] });
  for (let k = 0; k < layers; k++) {
    const weights = ['ih', 'hh'].map((side) => reordered(e, `weight_${side}_l${k}`, h, order, ways));
    const both = bias ? ['ih', 'hh'].map((side) => reordered(e, `bias_${side}_l${k}`, h, order, ways)) : [];
    const biases = bias ? [e.node('Concat', both, [d, 2 * order.length * h], { axis: 1 })] : [];
    const attributes = {
      hidden_size: h,
      ...(d > 1 ? { direction: 'bidirectional' } : {}),
      ...(op === 'GRU' ? { linear_before_reset: 1 } : {}),
    };
    const out = e.node(op, [y, ...weights, ...biases], [t, d, n, h], attributes);
    if (d > 1) {
      const beside = e.node('Transpose', [out], [t, n, d, h], { perm: [0, 2, 1, 3] });
      y = e.node('Reshape', [beside, e.integers([t, n, d * h])], [t, n, d * h]);
    } else y = e.node('Squeeze', [out, e.integers([1])], [t, n, h]);
  }
  return e.node('Transpose', [y], [n, t, d * h], { perm: [1, 0, 2] });
}

export const gruKind: LayerKind<RecurrentOptions> = {
  ...{ kind: 'gru', options },
  parameters: (o) => parameters(o, 3),
  memory: ({ layers, hidden }, { batch }) => ({ hidden: [layers, batch, hidden] }),
  apply: (o, c, x) => {
    checkSequences(o, c, x);
    const { hidden: h, bias } = o;
    const ends: ad.Tensor[] = [];
    const y = throughLayers(o, x, (v, name, k) => {
      const into = summed(
        ad.matmulTransposed(v, c.param(`weight_ih_${name}`)),
        bias ? c.param(`bias_ih_${name}`) : undefined,
      );
      const kept = bias ? c.param(`bias_hh_${name}`) : ad.full([3 * h], 0, x.dtype);
      const out = ad.gru(into, c.param(`weight_hh_${name}`), kept, start(c, 'hidden', k, x, h));
      ends.push(last(out));
      return out;
    });
    if (c.memory('hidden')) c.setMemory('hidden', ad.stack(ends));
    return y;
  },
  onnx: (o, e, x) => exported('GRU', o, e, x, [1, 0, 2]),
};

/**
 * Gated recurrent unit (Cho et al. 2014, PyTorch's variant): sequences [n, t, in] give [n, t, hidden]. Parameters weight_ih_l0 [3·hidden, in],
 * weight_hh_l0 [3·hidden, hidden], bias_ih_l0 and bias_hh_l0, for the reset, update and new gates; those of the next layer end in l1. The initial state is 0, or
 * the memory of `step`. With `bidirectional`, parameters of the reverse direction end in _reverse, and the output is [n, t, 2·hidden],
 * forward then reverse. O(n·t·hidden·(in + hidden)) for a layer.
 * @throws INVALID_PARAMETER for invalid options.
 */
export const gru = maker(gruKind);

export const lstmKind: LayerKind<RecurrentOptions> = {
  ...{ kind: 'lstm', options },
  parameters: (o) => parameters(o, 4),
  memory: ({ layers, hidden }, { batch }) => ({ hidden: [layers, batch, hidden], cell: [layers, batch, hidden] }),
  apply: (o, c, x) => {
    checkSequences(o, c, x);
    const { hidden: h, bias } = o;
    const [ends, cells]: ad.Tensor[][] = [[], []];
    const y = throughLayers(o, x, (v, name, k) => {
      const both = bias ? ad.add(c.param(`bias_ih_${name}`), c.param(`bias_hh_${name}`)) : undefined;
      const into = summed(ad.matmulTransposed(v, c.param(`weight_ih_${name}`)), both);
      const begin = ['hidden', 'cell'].map((kept) => start(c, kept, k, x, h));
      const made = ad.lstm(into, c.param(`weight_hh_${name}`), begin[0], begin[1]);
      ends.push(last(made.y));
      cells.push(last(made.cells));
      return made.y;
    });
    if (c.memory('hidden')) {
      c.setMemory('hidden', ad.stack(ends));
      c.setMemory('cell', ad.stack(cells));
    }
    return y;
  },
  onnx: (o, e, x) => exported('LSTM', o, e, x, [0, 3, 1, 2]),
};

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates, PyTorch's variant): sequences [n, t, in] give [n, t, hidden]. Parameters
 * as those of {@link gru} with 4·hidden rows, for the input, forget, cell and output gates. O(n·t·hidden·(in + hidden)) for a layer.
 * @throws INVALID_PARAMETER for invalid options.
 */
export const lstm = maker(lstmKind);
