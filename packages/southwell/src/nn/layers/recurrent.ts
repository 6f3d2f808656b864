import * as ad from '../../autodiff/index.ts';
import { count, flag } from '../fields.ts';
import { uniform } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context, Declared } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';

/** Options of {@link gru} and {@link lstm}. */
export interface RecurrentOptions {
  /** Numbers in, of each position. */
  readonly in: number;
  /** Numbers that are kept, and come out. */
  readonly hidden: number;
  /** Nets on top of one another (1). */
  readonly layers?: number;
  /** Whether both products have biases (true). */
  readonly bias?: boolean;
}
type Filled = Required<RecurrentOptions>;

const options = { in: count(), hidden: count(), layers: count(1), bias: flag(true) };

/** Parameters by the names of PyTorch; all uniform within 1/√hidden. */
function parameters({ in: n, hidden: h, layers, bias }: Filled, gates: number): Readonly<Record<string, Declared>> {
  const init = uniform(1 / Math.sqrt(h));
  const out: Record<string, Declared> = {};
  for (let k = 0; k < layers; k++) {
    out[`weight_ih_l${k}`] = { shape: [gates * h, k === 0 ? n : h], init };
    out[`weight_hh_l${k}`] = { shape: [gates * h, h], init };
    if (bias) for (const side of ['ih', 'hh']) out[`bias_${side}_l${k}`] = { shape: [gates * h], init };
  }
  return out;
}

function checkSequences(o: Filled, c: Context, x: ad.Tensor): void {
  if (x.rank !== 3 || x.shape[2] !== o.in || x.shape[1] === 0)
    c.misfit(x, `it takes sequences [n, t, ${o.in}] of a position or more.`);
}

/** What layer k begins with, [n, hidden], of what is kept; else 0. */
function start(c: Context, name: string, k: number, x: ad.Tensor, h: number): ad.Tensor {
  const kept = c.memory(name);
  return kept ? ad.slice(kept, k) : ad.full([x.shape[0], h], 0, x.dtype);
}
const summed = (y: ad.Tensor, b: ad.Tensor | undefined): ad.Tensor => (b ? ad.add(y, b) : y);
const last = (y: ad.Tensor): ad.Tensor => ad.slice(y, undefined, y.shape[1] - 1);

/** Rows of gates in the order in which ONNX has them. */
function reordered(e: Exporter, name: string, h: number, order: readonly number[]): Value {
  return e.param(name, (w) => ad.expandDims(ad.concat(order.map((g) => ad.slice(w, [g * h, (g + 1) * h]))), 0));
}

/** Layers of ONNX's own kind of net. */
function exported(op: 'GRU' | 'LSTM', o: Filled, e: Exporter, x: Value, order: readonly number[]): Value {
  const { hidden: h, layers, bias } = o;
  const [n, t] = x.shape;
  // Positions first, as it wants them; a direction of its own in what it gives.
  let y = e.node('Transpose', [x], [t, n, x.shape[2]], { perm: [1, 0, 2] });
  for (let k = 0; k < layers; k++) {
    const weights = ['ih', 'hh'].map((side) => reordered(e, `weight_${side}_l${k}`, h, order));
    const both = bias ? ['ih', 'hh'].map((side) => reordered(e, `bias_${side}_l${k}`, h, order)) : [];
    const biases = bias ? [e.node('Concat', both, [1, 2 * order.length * h], { axis: 1 })] : [];
    const attributes = { hidden_size: h, ...(op === 'GRU' ? { linear_before_reset: 1 } : {}) };
    const out = e.node(op, [y, ...weights, ...biases], [t, 1, n, h], attributes);
    y = e.node('Squeeze', [out, e.integers([1])], [t, n, h]);
  }
  return e.node('Transpose', [y], [n, t, h], { perm: [1, 0, 2] });
}

export const gruKind: LayerKind<RecurrentOptions> = {
  ...{ kind: 'gru', options },
  parameters: (o) => parameters(o, 3),
  memory: ({ layers, hidden }, { batch }) => ({ hidden: [layers, batch, hidden] }),
  apply: (o, c, x) => {
    checkSequences(o, c, x);
    const { hidden: h, layers, bias } = o;
    const ends: ad.Tensor[] = [];
    let y = x;
    for (let k = 0; k < layers; k++) {
      const into = summed(
        ad.matmulTransposed(y, c.param(`weight_ih_l${k}`)),
        bias ? c.param(`bias_ih_l${k}`) : undefined,
      );
      const kept = bias ? c.param(`bias_hh_l${k}`) : ad.full([3 * h], 0, x.dtype);
      y = ad.gru(into, c.param(`weight_hh_l${k}`), kept, start(c, 'hidden', k, x, h));
      ends.push(last(y));
    }
    if (c.memory('hidden')) c.setMemory('hidden', ad.stack(ends));
    return y;
  },
  onnx: (o, e, x) => exported('GRU', o, e, x, [1, 0, 2]),
};

/**
 * Gated recurrent units (Cho et al. 2014, as PyTorch has them): sequences [n, t, in] give [n, t, hidden]. Parameters weight_ih_l0 [3·hidden, in],
 * weight_hh_l0 [3·hidden, hidden], bias_ih_l0 and bias_hh_l0, for reset, update and new; the next layer's end in l1. They begin with 0, or
 * with what `step` remembers. O(n·t·hidden·(in + hidden)) for a layer.
 * @throws INVALID_PARAMETER for options that are none.
 */
export const gru = maker(gruKind);

export const lstmKind: LayerKind<RecurrentOptions> = {
  ...{ kind: 'lstm', options },
  parameters: (o) => parameters(o, 4),
  memory: ({ layers, hidden }, { batch }) => ({ hidden: [layers, batch, hidden], cell: [layers, batch, hidden] }),
  apply: (o, c, x) => {
    checkSequences(o, c, x);
    const { hidden: h, layers, bias } = o;
    const [ends, cells]: ad.Tensor[][] = [[], []];
    let y = x;
    for (let k = 0; k < layers; k++) {
      const both = bias ? ad.add(c.param(`bias_ih_l${k}`), c.param(`bias_hh_l${k}`)) : undefined;
      const into = summed(ad.matmulTransposed(y, c.param(`weight_ih_l${k}`)), both);
      const begin = ['hidden', 'cell'].map((name) => start(c, name, k, x, h));
      const made = ad.lstm(into, c.param(`weight_hh_l${k}`), begin[0], begin[1]);
      y = made.y;
      ends.push(last(y));
      cells.push(last(made.cells));
    }
    if (c.memory('hidden')) {
      c.setMemory('hidden', ad.stack(ends));
      c.setMemory('cell', ad.stack(cells));
    }
    return y;
  },
  onnx: (o, e, x) => exported('LSTM', o, e, x, [0, 3, 1, 2]),
};

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates, as PyTorch has it): sequences [n, t, in] give [n, t, hidden]. Parameters
 * as those of {@link gru} with 4·hidden rows, for the gates in, forget, cell and out. O(n·t·hidden·(in + hidden)) for a layer.
 * @throws INVALID_PARAMETER for options that are none.
 */
export const lstm = maker(lstmKind);
