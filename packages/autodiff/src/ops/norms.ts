import { needTensors } from '../given.ts';
import { apply, arithmetic, misfit } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { defineOp, type Op } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { sameShape, sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { constant } from './constants.ts';
import { sum } from './reductions.ts';
import { broadcastTo } from './views.ts';

interface Norm {
  readonly centred: boolean;
  readonly epsilon: number;
}

// Outputs: the normalised rows, their means and reciprocal standard deviations, which the derivative uses.
const normOp: Op<Norm> = defineOp<Norm>({
  name: 'layerNorm',
  inPlace: [0],
  infer: ([x]) => {
    const shape = x.shape.slice(0, -1);
    return [
      { shape: x.shape, dtype: x.dtype },
      { shape, dtype: x.dtype },
      { shape, dtype: x.dtype },
    ];
  },
  bind: (binding) => {
    const {
      kernels,
      x: [x, gamma, beta],
      y: [y, mean, rstd],
      attrs: { centred, epsilon },
    } = binding;
    const m = x.shape.at(-1)!;
    const name = x.dtype === 'f64' ? 'normRows' : 'snormRows';
    const kernel = kernels[name];
    const [n, px, pg, pb, py, pm, pr] = [
      mean.size,
      x.pointer,
      gamma.pointer,
      beta.pointer,
      y.pointer,
      mean.pointer,
      rstd.pointer,
    ];
    const bytes = BYTES[x.dtype];
    const part = (r: number, end: number) => {
      const [a, b, c, e] = [px + r * m * bytes, py + r * m * bytes, pm + r * bytes, pr + r * bytes];
      return [[name, centred, end - r, m, epsilon, a, pg, pb, b, c, e] as const];
    };
    return shared(binding, n, x.size, part) ?? (() => kernel(centred, n, m, epsilon, px, pg, pb, py, pm, pr));
  },
  vjp: ({ x: [x, gamma], y: [, mean, rstd], g: [g, a, b], attrs }) =>
    g && !a && !b ? apply(normBack, [x, gamma, mean, rstd, g], attrs) : [],
  decompose: (o, [x, gamma, beta], { centred, epsilon }) => {
    const m = x.shape.at(-1)!;
    const mean = centred ? o.div(o.sum(x, [-1], true), m) : o.mul(o.sum(x, [-1], true), 0);
    const apart = centred ? o.sub(x, mean) : x;
    const rstd = o.div(1, o.sqrt(o.add(o.div(o.sum(o.square(apart), [-1], true), m), epsilon)));
    const row = (t: Tensor) => o.reshape(t, x.shape.slice(0, -1));
    return [o.add(o.mul(o.mul(apart, rstd), gamma), beta), row(mean), row(rstd)];
  },
  batch: ({ o, x, mapped, size, attrs, apply: again }) => {
    if (!mapped[1] && !mapped[2]) return again(x);
    // With separate scales and shifts for each batch entry: the norm without them, followed by these.
    const [t, gamma, beta] = x;
    const m = t.shape.at(-1)!;
    const whole = mapped[0] ? t : broadcastTo(t, [size, ...t.shape]);
    const [y, mean, rstd] = apply(normOp, [whole, row(1, m, t), row(0, m, t)], attrs);
    const line = (v: Tensor, own: boolean) =>
      own ? o.reshape(v, [size, ...new Array<number>(y.rank - 2).fill(1), m]) : v;
    return [o.add(o.mul(y, line(gamma, mapped[1])), line(beta, mapped[2])), mean, rstd];
  },
});

const axesBeforeLast = (t: Tensor): number[] => t.shape.slice(0, -1).map((_, d) => d - t.rank);

/** Rows per block in the sums of {@link normBack}. */
const BLOCK = 64;

const normBack: Op<Norm> = defineOp<Norm>({
  name: 'layerNorm’s derivative',
  inPlace: [4],
  infer: ([x, gamma]) => [
    { shape: x.shape, dtype: x.dtype },
    { shape: gamma.shape, dtype: x.dtype },
    { shape: gamma.shape, dtype: x.dtype },
  ],
  work: ([x]) => 16 * Math.ceil(sizeOf(x.shape.slice(0, -1)) / BLOCK) * x.shape.at(-1)!,
  bind: (binding) => {
    const {
      kernels,
      x: [x, gamma, mean, rstd, g],
      y: [dx, dgamma, dbeta],
      attrs: { centred },
      work,
    } = binding;
    const m = x.shape.at(-1)!;
    const double = x.dtype === 'f64';
    const name = double ? 'normBackward' : 'snormBackward';
    const n = mean.size;
    const bytes = BYTES[x.dtype];
    const [px, pw, pm, pr, pg, pd, qg, qb] = [x, gamma, mean, rstd, g, dx, dgamma, dbeta].map((p) => p.pointer);
    const count = Math.ceil(n / BLOCK);
    if (count < 2) return inTurn(kernels, [[name, centred, n, m, px, pw, pm, pr, pg, pd, qg, qb]]);
    // Sums over rows in fixed blocks, which are then added, so that the number of threads does not affect the bits.
    const sums = work + count * m * bytes;
    const part = (from: number, end: number): TensorCall[] =>
      Array.from({ length: end - from }, (_, k) => {
        const [r, rows] = [(from + k) * BLOCK, Math.min(BLOCK, n - (from + k) * BLOCK)];
        const [a, b, c] = [px, pg, pd].map((p) => p + r * m * bytes);
        const [d, e] = [pm, pr].map((p) => p + r * bytes);
        const [f, h] = [work, sums].map((p) => p + (from + k) * m * bytes);
        return [name, centred, rows, m, a, pw, d, e, b, c, f, h];
      });
    const blocks = shared(binding, count, 0.6 * x.size, part) ?? inTurn(kernels, part(0, count));
    const add = double ? kernels.reduceAxis : kernels.sreduceAxis;
    return () => {
      blocks();
      add(0, 1, count, m, work, qg);
      add(0, 1, count, m, sums, qb);
    };
  },
  decompose: (o, [x, gamma, mean, rstd, g], { centred }) => {
    const m = x.shape.at(-1)!;
    const column = (v: Tensor) => o.reshape(v, [...v.shape, 1]);
    const hat = o.mul(o.sub(x, column(mean)), column(rstd));
    const weighted = o.mul(g, gamma);
    const across = o.div(o.sum(o.mul(weighted, hat), [-1], true), m);
    const along = o.div(o.sum(weighted, [-1], true), m);
    const inner = o.sub(centred ? o.sub(weighted, along) : weighted, o.mul(hat, across));
    const lead = axesBeforeLast(x);
    return [o.mul(inner, column(rstd)), o.sum(o.mul(g, hat), lead), o.sum(g, lead)];
  },
  batch: ({ o, x, mapped, size, attrs }) => {
    // Sums over rows must be separate for each batch entry, so the decomposition is used.
    const aligned = x.map((t, i) => (mapped[i] ? t : broadcastTo(t, [size, ...t.shape])));
    const [t, gamma, mean, rstd, g] = aligned;
    const m = t.shape.at(-1)!;
    const column = (v: Tensor) => o.reshape(v, [...v.shape, 1]);
    const hat = o.mul(o.sub(t, column(mean)), column(rstd));
    const weighted = o.mul(g, o.reshape(gamma, [size, ...new Array<number>(t.rank - 2).fill(1), m]));
    const across = o.div(o.sum(o.mul(weighted, hat), [-1], true), m);
    const along = o.div(o.sum(weighted, [-1], true), m);
    const inner = o.sub(attrs.centred ? o.sub(weighted, along) : weighted, o.mul(hat, across));
    const lead = axesBeforeLast(t).slice(1);
    const total = (v: Tensor) => (lead.length > 0 ? sum(v, lead) : v);
    return [o.mul(inner, column(rstd)), total(o.mul(g, hat)), total(g)];
  },
});

const row = (value: number, m: number, like: Tensor): Tensor => broadcastTo(constant(value, like.dtype), [m]);

function normed(name: string, x: Tensor, gamma: Tensor | undefined, beta: Tensor | undefined, attrs: Norm): Tensor {
  needTensors(name, { x }, { gamma, beta });
  if (x.rank === 0 || x.dtype === 'i32') misfit(name, [x], 'it normalises the last axis of floating-point tensors.');
  const m = x.shape.at(-1)!;
  [x, gamma, beta] = arithmetic([x, gamma, beta]);
  for (const t of [gamma, beta]) {
    if (t && (!sameShape(t.shape, [m]) || t.dtype !== x.dtype)) {
      misfit(name, [x, t], `gamma and beta must be ${x.dtype} of [${m}].`);
    }
  }
  return apply(normOp, [x, gamma ?? row(1, m, x), beta ?? row(0, m, x)], attrs)[0];
}

/**
 * Layer normalisation over the last axis, (x − mean)/√(variance + epsilon)·gamma + beta (Ba, Kiros & Hinton 2016),
 * fused. O(size).
 * @throws INVALID_SHAPE unless gamma and beta have the length of a row.
 */
export const layerNorm = (x: Tensor, gamma?: Tensor, beta?: Tensor, epsilon = 1e-5): Tensor =>
  normed('layerNorm', x, gamma, beta, { centred: true, epsilon });

/**
 * RMS normalisation over the last axis, x/√(mean(x²) + epsilon)·gamma (Zhang & Sennrich 2019), fused. O(size).
 * @throws INVALID_SHAPE unless gamma has the length of a row.
 */
export const rmsNorm = (x: Tensor, gamma?: Tensor, epsilon = 1e-5): Tensor =>
  normed('rmsNorm', x, gamma, undefined, { centred: false, epsilon });
