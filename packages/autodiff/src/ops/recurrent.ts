import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { mapCodes } from '@southwell/kernels/networks';
import { isTensor, notTensor } from '../given.ts';
import { apply, arithmetic, misfit } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Batching, type Binding, type Calculus, defineOp, type Op, type Place } from '../primitive.ts';
import { inTurn, productTime, shared } from '../programs/sharing.ts';
import { sameShape } from '../shapes.ts';
import { BYTES, type Layout, type Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { slice } from './views.ts';

// Gated recurrent networks over whole sequences, as one record each: inputs have already been multiplied by their
// weights for all positions in one product, and the derivative of the weights is one product too. In between, each step
// takes one product and one pass.

type None = Record<never, never>;

const heap = (arena: Arena, bytes: number): Float32Array | Float64Array => (bytes === 8 ? arena.f64 : arena.f32);

/** Transposes the weights to [h, gates·h], so that the product of a step can read them in place. */
function turner({ arena, x, work }: Binding<None>, w: Place): () => void {
  const [rows, cols] = w.shape;
  const bytes = BYTES[x[0].dtype];
  return () => {
    const numbers = heap(arena, bytes);
    const [from, to] = [w.pointer / bytes, work / bytes];
    for (let j = 0; j < cols; j++)
      for (let i = 0; i < rows; i++) numbers[to + j * rows + i] = numbers[from + i * cols + j];
  };
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
/**
 * y [n, rows of A] ← A·x + beta·y for a column-major A; for a batch of one or two rows by matrix-vector products, which
 * need no packing.
 */
function times({ x: [{ dtype }] }: Binding<None>, batch: number, rows: number, cols: number) {
  const [bytes, gemm, gemv] = dtype === 'f64' ? ([8, 'gemm', 'gemv'] as const) : ([4, 'sgemm', 'sgemv'] as const);
  return (n: number, a: number, x: number, xs: number, beta: number, y: number, ys: number, work: number) =>
    batch > 2
      ? [[gemm, false, false, rows, n, cols, 1, a, rows, x, xs, beta, y, ys, work] as const]
      : Array.from({ length: n }, (_, i): TensorCall => {
          return [gemv, rows, cols, 1, a, rows, x + i * xs * bytes, beta, y + i * ys * bytes];
        });
}

/** All steps of a batch, or of a part of it with its own scratch, in order. */
type Steps = (from: number, to: number, work: number) => TensorCall[];
/** Divides the sequences between threads. */
const inParts = (binding: Binding<None>, n: number, time: number, steps: Steps): (() => void) =>
  shared(binding, n, time, steps) ?? inTurn(binding.kernels, steps(0, n, binding.work));

const sizes = (rows: Pick<Layout, 'shape'>, w: Pick<Layout, 'shape'>) => {
  const [n, t] = rows.shape;
  const [wide, h] = w.shape;
  return { n, t, h, wide };
};

/** Nanoseconds per step: its product and its gates. */
const stepTime = (n: number, h: number, wide: number, bytes: number): number =>
  productTime(n, wide, h, bytes) + (2 * n * wide * bytes) / 4;

/** Scratch of a pass: the transposed weights, `extra` numbers, and that of the products. */
const scratch = (rows: Layout, w: Layout, extra: number): number => {
  const { n, h, wide } = sizes(rows, w);
  return aligned(wide * h * 8) + aligned(extra * 8) + Math.max(gemmWorkBytes(wide, n, h), gemmWorkBytes(h, n, wide));
};

/**
 * The state before each step: shifts the sequence [n, t, h] by one position, starting from the initial state [n, h].
 */
const begun = (o: Calculus, y: Tensor, first: Tensor): Tensor => {
  const [n, t, h] = y.shape;
  return concat([o.reshape(first, [n, 1, h]), slice(y, undefined, [0, t - 1])], 1);
};

/** Σ over batch and positions of d ⊗ h: the derivative of the weights as one product. */
const outer = (o: Calculus, d: Tensor, h: Tensor): Tensor =>
  o.matmul(o.turned(o.reshape(d, [-1, d.shape[2]])), o.reshape(h, [-1, h.shape[2]]));

const at = (x: Tensor, k: number): Tensor => slice(x, undefined, k);
const part = (x: Tensor, k: number, h: number): Tensor => slice(x, undefined, [k * h, (k + 1) * h]);
const positions = (list: readonly Tensor[], o: Calculus): Tensor => o.permute(o.stack(list), [1, 0, 2]);

/** A batch of batches is merged, unless the weights differ; then its entries are processed one after the other. */
function batched({ o, x, mapped, size, apply: again }: Batching<None>, weights: readonly number[]): readonly Tensor[] {
  if (weights.some((k) => mapped[k])) {
    const all = Array.from({ length: size }, (_, b) => again(x.map((t, k) => (mapped[k] ? o.at(t, b) : t))));
    return all[0].map((_, k) => o.stack(all.map((y) => y[k])));
  }
  const merged = x.map((t, k) => {
    if (weights.includes(k)) return t;
    const whole = mapped[k] ? t : o.broadcastTo(t, [size, ...t.shape]);
    return o.reshape(whole, [size * whole.shape[1], ...whole.shape.slice(2)]);
  });
  return again(merged).map((y) => o.reshape(y, [size, -1, ...y.shape.slice(1)]));
}

// x [n, t, 4h], w [4h, h], h0 and c0 [n, h] give the activated gates [n, t, 4h], the cells and y [n, t, h].
const lstmOp: Op<None> = defineOp<None>({
  name: 'lstm',
  inPlace: [0],
  infer: ([x, w]) => {
    const { n, t, h } = sizes(x, w);
    return [{ shape: x.shape, dtype: x.dtype }, ...[0, 1].map(() => ({ shape: [n, t, h], dtype: x.dtype }))];
  },
  work: ([x, w]) => scratch(x, w, 0),
  bind: (binding) => {
    const {
      arena,
      x: [x, w, h0, c0],
      y: [gates, cells, y],
      work,
    } = binding;
    const { n, t, h, wide } = sizes(x, w);
    const [bytes, step] = x.dtype === 'f64' ? ([8, 'lstmStep'] as const) : ([4, 'slstmStep'] as const);
    const turn = turner(binding, w);
    const product = times(binding, n, wide, h);
    if (n * t === 0) return () => {};
    const steps: Steps = (from, to, own) =>
      Array.from({ length: t }, (_, k) => {
        const g = gates.pointer + (from * t + k) * wide * bytes;
        const [c, out] = [cells, y].map((p) => p.pointer + (from * t + k) * h * bytes);
        const [hb, cb] = k === 0 ? [h0, c0].map((p) => p.pointer + from * h * bytes) : [out - h * bytes, c - h * bytes];
        const stride = k === 0 ? h : t * h;
        const call = [step, to - from, h, g, t * wide, cb, stride, c, t * h, out, t * h] as const;
        return [...product(to - from, work, hb, stride, 1, g, t * wide, own + aligned(wide * h * 8)), call];
      }).flat();
    const all = inParts(binding, n, t * stepTime(n, h, wide, bytes), steps);
    return () => {
      const from = x.pointer / bytes;
      if (gates.pointer !== x.pointer) heap(arena, bytes).copyWithin(gates.pointer / bytes, from, from + x.size);
      turn();
      all();
    };
  },
  vjp: ({ o, x: [, w, h0, c0], y: [gates, cells, y], g: [other, gc, gy] }) => {
    if (other || !(gc || gy)) return [];
    const zero = () => o.zerosLike(y);
    const [dx, dh, dc] = apply(lstmBack, [gates, cells, w, c0, gy ?? zero(), gc ?? zero()], {});
    return [dx, outer(o, dx, begun(o, y, h0)), dh, dc];
  },
  decompose: (o, [x, w, h0, c0]) => {
    const { t, h } = sizes(x, w);
    let [y, c] = [h0, c0];
    const out: Tensor[][] = [[], [], []];
    for (let k = 0; k < t; k++) {
      const g = o.add(at(x, k), o.matmul(y, o.turned(w)));
      const [i, f, s, q] = [0, 1, 2, 3].map((j) => (j === 2 ? tanhOf(o, part(g, j, h)) : o.sigmoid(part(g, j, h))));
      c = o.add(o.mul(f, c), o.mul(i, s));
      y = o.mul(q, tanhOf(o, c));
      for (const [j, v] of [concat([i, f, s, q], 1), c, y].entries()) out[j].push(v);
    }
    return out.map((list) => positions(list, o));
  },
  batch: (batching) => batched(batching, [1]),
});

/** tanh in terms of the available calculus. */
const tanhOf = (o: Calculus, x: Tensor): Tensor => o.sub(o.mul(o.sigmoid(o.mul(x, 2)), 2), 1);

// Inputs: gates, cells, w, c0, gy and gc as above. Outputs: the derivatives with respect to x, h0 and c0.
const lstmBack: Op<None> = defineOp<None>({
  name: 'lstm’s derivative',
  infer: ([gates, , , c0]) => [gates, c0, c0].map(({ shape, dtype }) => ({ shape, dtype })),
  work: ([gates, , w]) => scratch(gates, w, 0),
  bind: (binding) => {
    const {
      arena,
      x: [gates, cells, w, c0, gy, gc],
      y: [dx, dh, dc],
    } = binding;
    const { n, t, h, wide } = sizes(gates, w);
    const [bytes, step] = gates.dtype === 'f64' ? ([8, 'lstmStepBack'] as const) : ([4, 'slstmStepBack'] as const);
    const product = times(binding, n, h, wide);
    const steps: Steps = (from, to, own) =>
      Array.from({ length: t }, (_, i) => {
        const k = t - 1 - i;
        const [g, d] = [gates, dx].map((p) => p.pointer + (from * t + k) * wide * bytes);
        const [c, gyk, gck] = [cells, gy, gc].map((p) => p.pointer + (from * t + k) * h * bytes);
        const [c0k, dhk, dck] = [c0, dh, dc].map((p) => p.pointer + from * h * bytes);
        const [before, bs] = k === 0 ? [c0k, h] : [c - h * bytes, t * h];
        const call = [step, to - from, h, g, t * wide, before, bs, c, t * h, gyk, gck, dhk, dck, d, t * wide] as const;
        return [call, ...product(to - from, w.pointer, d, t * wide, 0, dhk, h, own)];
      }).flat();
    const all = n > 0 ? inParts(binding, n, t * stepTime(n, h, wide, bytes), steps) : () => {};
    return () => {
      for (const p of [dh, dc]) heap(arena, bytes).fill(0, p.pointer / bytes, p.pointer / bytes + p.size);
      all();
    };
  },
  decompose: (o, [gates, cells, w, c0, gy, gc]) => {
    const { t, h } = sizes(gates, w);
    let dh = o.zerosLike(c0);
    let dc = dh;
    const dx: Tensor[] = new Array(t);
    const slope = (s: Tensor) => o.mul(s, o.sub(1, s));
    const tanhSlope = (s: Tensor) => o.sub(1, o.square(s));
    for (let k = t - 1; k >= 0; k--) {
      const [i, f, s, q] = [0, 1, 2, 3].map((j) => part(at(gates, k), j, h));
      const before = k === 0 ? c0 : at(cells, k - 1);
      const up = o.add(at(gy, k), dh);
      const u = tanhOf(o, at(cells, k));
      const cell = o.add(o.add(dc, at(gc, k)), o.mul(o.mul(up, q), tanhSlope(u)));
      dx[k] = concat(
        [
          o.mul(o.mul(cell, s), slope(i)),
          o.mul(o.mul(cell, before), slope(f)),
          o.mul(o.mul(cell, i), tanhSlope(s)),
          o.mul(o.mul(up, u), slope(q)),
        ],
        1,
      );
      dc = o.mul(cell, f);
      dh = o.matmul(dx[k], w);
    }
    return [positions(dx, o), dh, dc];
  },
  batch: (batching) => batched(batching, [2]),
});

// x [n, t, 3h], w [3h, h], b [3h], h0 [n, h] give gates [n, t, 4h] (activated reset, update and new gates, and the
// recurrent part that the reset gate multiplies) and y [n, t, h].
const gruOp: Op<None> = defineOp<None>({
  name: 'gru',
  infer: ([x, w]) => {
    const { n, t, h } = sizes(x, w);
    return [
      { shape: [n, t, 4 * h], dtype: x.dtype },
      { shape: [n, t, h], dtype: x.dtype },
    ];
  },
  work: ([x, w]) => scratch(x, w, x.shape[0] * w.shape[0]),
  bind: (binding) => {
    const {
      x: [x, w, b, h0],
      y: [gates, y],
      work,
      meta,
    } = binding;
    const { n, t, h, wide } = sizes(x, w);
    const [bytes, step, map] =
      x.dtype === 'f64' ? ([8, 'gruStep', 'mapElements'] as const) : ([4, 'sgruStep', 'smapElements'] as const);
    const turn = turner(binding, w);
    const product = times(binding, n, wide, h);
    if (n * t === 0) return () => {};
    const steps: Steps = (from, to, own) => {
      const l = own + aligned(wide * h * 8);
      const scratch = l + aligned(n * wide * 8);
      const rows = meta([2, to - from, wide, 0, 0, 0, wide, 1, 1, 0, 0]);
      return Array.from({ length: t }, (_, k) => {
        const v = x.pointer + (from * t + k) * wide * bytes;
        const g = gates.pointer + (from * t + k) * 4 * h * bytes;
        const out = y.pointer + (from * t + k) * h * bytes;
        const [hb, stride] = k === 0 ? [h0.pointer + from * h * bytes, h] : [out - h * bytes, t * h];
        const bias: TensorCall = [map, mapCodes.copy, rows, l, b.pointer, b.pointer, b.pointer, scratch];
        const call = [step, to - from, h, v, t * wide, l, hb, stride, g, t * 4 * h, out, t * h] as const;
        return [bias, ...product(to - from, work, hb, stride, 1, l, wide, scratch), call];
      }).flat();
    };
    const all = inParts(binding, n, t * stepTime(n, h, wide, bytes), steps);
    return () => {
      turn();
      all();
    };
  },
  vjp: ({ o, x: [, w, , h0], y: [gates, y], g: [other, gy] }) => {
    if (other || !gy) return [];
    const [dx, dl, dh] = apply(gruBack, [gates, y, w, h0, gy], {});
    return [dx, outer(o, dl, begun(o, y, h0)), o.sum(dl, [-3, -2]), dh];
  },
  decompose: (o, [x, w, b, h0]) => {
    const { t, h } = sizes(x, w);
    let y = h0;
    const out: Tensor[][] = [[], []];
    for (let k = 0; k < t; k++) {
      const [v, l] = [at(x, k), o.add(o.matmul(y, o.turned(w)), b)];
      const [r, z] = [0, 1].map((j) => o.sigmoid(o.add(part(v, j, h), part(l, j, h))));
      const s = part(l, 2, h);
      const n = tanhOf(o, o.add(part(v, 2, h), o.mul(r, s)));
      y = o.add(n, o.mul(z, o.sub(y, n)));
      out[0].push(concat([r, z, n, s], 1));
      out[1].push(y);
    }
    return out.map((list) => positions(list, o));
  },
  batch: (batching) => batched(batching, [1, 2]),
});

// Inputs: gates, y, w, h0 and gy as above. Outputs: the derivatives with respect to x, to the recurrent projection, and
// to h0.
const gruBack: Op<None> = defineOp<None>({
  name: 'gru’s derivative',
  infer: ([gates, , w, h0]) => {
    const { n, t, wide } = sizes(gates, w);
    return [[n, t, wide], [n, t, wide], h0.shape].map((shape) => ({ shape, dtype: gates.dtype }));
  },
  work: ([gates, , w]) => scratch(gates, w, 0),
  bind: (binding) => {
    const {
      arena,
      x: [gates, y, w, h0, gy],
      y: [dx, dl, dh],
    } = binding;
    const { n, t, h, wide } = sizes(gates, w);
    const [bytes, step] = gates.dtype === 'f64' ? ([8, 'gruStepBack'] as const) : ([4, 'sgruStepBack'] as const);
    const product = times(binding, n, h, wide);
    const steps: Steps = (from, to, own) =>
      Array.from({ length: t }, (_, i) => {
        const k = t - 1 - i;
        const [a, b] = [dx, dl].map((p) => p.pointer + (from * t + k) * wide * bytes);
        const [out, up] = [y, gy].map((p) => p.pointer + (from * t + k) * h * bytes);
        const [h0k, dhk] = [h0, dh].map((p) => p.pointer + from * h * bytes);
        const [before, bs] = k === 0 ? [h0k, h] : [out - h * bytes, t * h];
        const g = gates.pointer + (from * t + k) * 4 * h * bytes;
        const call = [step, to - from, h, g, t * 4 * h, before, bs, up, t * h, dhk, a, b, t * wide] as const;
        return [call, ...product(to - from, w.pointer, b, t * wide, 1, dhk, h, own)];
      }).flat();
    const all = n > 0 ? inParts(binding, n, t * stepTime(n, h, wide, bytes), steps) : () => {};
    return () => {
      heap(arena, bytes).fill(0, dh.pointer / bytes, dh.pointer / bytes + dh.size);
      all();
    };
  },
  decompose: (o, [gates, y, w, h0, gy]) => {
    const { t, h } = sizes(gates, w);
    let dh = o.zerosLike(h0);
    const [dx, dl]: Tensor[][] = [new Array(t), new Array(t)];
    for (let k = t - 1; k >= 0; k--) {
      const [r, z, n, s] = [0, 1, 2, 3].map((j) => part(at(gates, k), j, h));
      const up = o.add(at(gy, k), dh);
      const dn = o.mul(o.mul(up, o.sub(1, z)), o.sub(1, o.square(n)));
      const dz = o.mul(o.mul(up, o.sub(k === 0 ? h0 : at(y, k - 1), n)), o.mul(z, o.sub(1, z)));
      const dr = o.mul(o.mul(dn, s), o.mul(r, o.sub(1, r)));
      dx[k] = concat([dr, dz, dn], 1);
      dl[k] = concat([dr, dz, o.mul(dn, r)], 1);
      dh = o.add(o.mul(up, z), o.matmul(dl[k], w));
    }
    return [positions(dx, o), positions(dl, o), dh];
  },
  batch: (batching) => batched(batching, [2]),
});

/** The checked arguments. */
function checkAll(
  name: string,
  given: readonly Tensor[],
  gates: number,
  states: readonly Tensor[],
  bias?: Tensor,
): readonly Tensor[] {
  given.forEach((t, i) => {
    if (!isTensor(t)) notTensor(name, `argument ${i}`, t);
  });
  const all = arithmetic(given);
  const [x, w] = all;
  const [n, h] = [x.shape[0], w.shape[1]];
  if (x.rank !== 3 || w.rank !== 2 || w.shape[0] !== gates * h || x.shape[2] !== gates * h)
    misfit(name, all, `x must be [n, positions, ${gates}·h] and the weights [${gates}·h, h].`);
  if (states.some((s) => !sameShape(s.shape, [n, h]))) misfit(name, all, `the initial state must be [${n}, ${h}].`);
  if (bias && !sameShape(bias.shape, [gates * h])) misfit(name, all, `the bias must be [${gates * h}].`);
  if (x.shape[1] === 0) misfit(name, all, 'there must be at least one position.');
  if (all.some((v) => v.dtype !== x.dtype || v.dtype === 'i32'))
    misfit(name, all, 'all must have the same dtype, f32 or f64.');
  return all;
}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates) over sequences, fused: x [n, t, 4h], the
 * input projection with biases, for the input, forget, cell and output gates; w [4h, h]; h0 and c0 [n, h]. Returns y
 * and the cells, both [n, t, h]. O(n·t·h²).
 * @throws INVALID_SHAPE if shapes do not match.
 */
export function lstm(x: Tensor, w: Tensor, h0: Tensor, c0: Tensor): { readonly y: Tensor; readonly cells: Tensor } {
  const all = checkAll('lstm', [x, w, h0, c0], 4, [h0, c0]);
  const [, cells, y] = apply(lstmOp, all, {});
  return { y, cells };
}

/**
 * Gated recurrent unit (Cho et al. 2014, with the reset gate after the product) over sequences, fused: x [n, t, 3h],
 * the input projection with biases, for the reset, update and new gates; recurrent weights w [3h, h] and bias [3h]; h0
 * [n, h]. Returns [n, t, h]. O(n·t·h²).
 * @throws INVALID_SHAPE if shapes do not match.
 */
export function gru(x: Tensor, w: Tensor, bias: Tensor, h0: Tensor): Tensor {
  const all = checkAll('gru', [x, w, bias, h0], 3, [h0], bias);
  return apply(gruOp, all, {})[1];
}
