import type { KernelCall } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { apply, misfit, refuse } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { fromEnd, sameShape, show, sizeOf } from '../shapes.ts';
import { inTurn, shared } from '../sharing.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { stopGradient } from './casts.ts';
import { constant } from './constants.ts';
import { max, sum } from './reductions.ts';
import { broadcastTo, permute } from './views.ts';

interface Kind {
  readonly logs: boolean;
}

const softmaxOp: Op<Kind> = defineOp<Kind>({
  name: 'softmax',
  inPlace: [0],
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [x],
      y: [y],
      attrs: { logs },
    } = binding;
    const m = x.shape.at(-1)!;
    const rows = sizeOf(x.shape.slice(0, -1));
    const name = x.dtype === 'f64' ? 'softmaxRows' : 'ssoftmaxRows';
    const kernel = kernels[name];
    const [from, to, step] = [x.pointer, y.pointer, m * BYTES[x.dtype]];
    const part = (r: number, end: number) => [[name, logs, end - r, m, 0, from + r * step, to + r * step] as const];
    return shared(binding, rows, 3 * x.size, part) ?? (() => kernel(logs, rows, m, 0, from, to));
  },
  vjp: ({ y: [y], g: [g], attrs }) => [g && apply(softmaxBack, [y, g], attrs)[0]],
});

const softmaxBack: Op<Kind> = defineOp<Kind>({
  name: 'softmax’s derivative',
  inPlace: [1],
  infer: ([y]) => [{ shape: y.shape, dtype: y.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [y, g],
      y: [d],
      attrs: { logs },
    } = binding;
    const m = y.shape.at(-1)!;
    const rows = sizeOf(y.shape.slice(0, -1));
    const name = y.dtype === 'f64' ? 'softmaxBackward' : 'ssoftmaxBackward';
    const kernel = kernels[name];
    const [py, pg, to, step] = [y.pointer, g.pointer, d.pointer, m * BYTES[y.dtype]];
    const part = (r: number, end: number) => {
      const [a, b, c] = [py, pg, to].map((p) => p + r * step);
      return [[name, logs, end - r, m, a, b, c] as const];
    };
    return shared(binding, rows, y.size, part) ?? (() => kernel(logs, rows, m, py, pg, to));
  },
  decompose: (o, [y, g], { logs }) => [
    logs ? o.sub(g, o.mul(o.exp(y), o.sum(g, [-1], true))) : o.mul(y, o.sub(g, o.sum(o.mul(y, g), [-1], true))),
  ],
});

function alongLast(name: string, x: Tensor, axis: number, f: (x: Tensor) => Tensor): Tensor {
  const at = fromEnd(axis, x.rank) ?? refuse(name, `a tensor of ${show(x.shape)} has no axis ${axis}.`);
  if (x.dtype === 'i32') misfit(name, [x], "32-bit integers are indices; cast(x, 'f64') makes numbers of them.");
  if (at === -1) return f(x);
  const order = x.shape.map((_, d) => d);
  const last = x.rank - 1;
  [order[x.rank + at], order[last]] = [last, x.rank + at];
  return permute(f(permute(x, order)), order);
}

/**
 * e^x over its sum along an axis (the last by default).
 * @throws INVALID_PARAMETER where there is no such axis.
 */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  alongLast('softmax', x, axis, (t) => apply(softmaxOp, [t], { logs: false })[0]);

/**
 * The logarithm of the softmax along an axis (the last by default), exact where that underflows.
 * @throws INVALID_PARAMETER where there is no such axis.
 */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  alongLast('logSoftmax', x, axis, (t) => apply(softmaxOp, [t], { logs: true })[0]);

type None = Record<never, never>;

/** 1 at the target's column of each row, else 0; none for a target below 0. As numbers of the kind of x. */
const oneHotOp: Op<{ readonly classes: number; readonly dtype: 'f32' | 'f64' }> = defineOp({
  name: 'oneHot',
  infer: ([t], { classes, dtype }) => [{ shape: [...t.shape, classes], dtype }],
  bind: ({ arena, x: [t], y: [y], attrs: { classes, dtype } }) => {
    const [at, to, n] = [t.pointer / 4, y.pointer / (dtype === 'f64' ? 8 : 4), t.size];
    return () => {
      const [targets, out] = [arena.i32, dtype === 'f64' ? arena.f64 : arena.f32];
      out.fill(0, to, to + n * classes);
      for (let i = 0; i < n; i++) {
        const target = targets[at + i];
        if (target >= classes)
          fail(
            'INVALID_PARAMETER',
            `oneHot: ${target} at place ${i} is none of ${classes} classes (0 to ${classes - 1}).`,
          );
        if (target >= 0) out[to + i * classes + target] = 1;
      }
    };
  },
});

/**
 * 1 at the place that each of the targets (i32) names along a new last axis, else 0; 0 throughout for targets below 0.
 * @throws INVALID_PARAMETER when it runs, for a target that is no class.
 */
export const oneHot = (targets: Tensor, classes: number, dtype: 'f32' | 'f64' = 'f64'): Tensor =>
  apply(oneHotOp, [targets], { classes, dtype })[0];

// Outputs: the loss of each row, and log Σ e^x, which the derivative uses.
const crossEntropyOp: Op<None> = defineOp<None>({
  name: 'crossEntropy',
  infer: ([x]) => {
    const shape = x.shape.slice(0, -1);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: x.dtype },
    ];
  },
  bind: (binding) => {
    const {
      kernels,
      arena,
      x: [x, t],
      y: [loss, lse],
    } = binding;
    const m = x.shape.at(-1)!;
    const name = x.dtype === 'f64' ? 'crossEntropyRows' : 'scrossEntropyRows';
    const kernel = kernels[name];
    const [n, px, pt, pl, ps] = [loss.size, x.pointer, t.pointer, loss.pointer, lse.pointer];
    const bytes = BYTES[x.dtype];
    const refuseTarget = (row: number): never =>
      fail(
        'INVALID_PARAMETER',
        `crossEntropy: the target of row ${row + 1} is ${arena.i32[pt / 4 + row]}, but logits of ${m} columns have the classes 0 to ` +
          `${m - 1}; below 0 a row is left out.`,
      );
    const part = (r: number, end: number) => {
      const [a, b, c, d] = [px + r * m * bytes, pt + r * 4, pl + r * bytes, ps + r * bytes];
      return [[name, end - r, m, a, b, c, d] as const];
    };
    const together = shared(binding, n, 2 * x.size, part);
    if (together) {
      return () => {
        const { i32 } = arena;
        // What lists of kernels return is lost: targets are looked at before.
        for (let r = 0; r < n; r++) if (i32[pt / 4 + r] >= m) refuseTarget(r);
        together();
      };
    }
    return () => {
      const bad = kernel(n, m, px, pt, pl, ps);
      if (bad >= 0) refuseTarget(bad);
    };
  },
  vjp: ({ x: [x, t], y: [, lse], g: [g, other] }) =>
    g && !other ? [apply(crossEntropyBack, [x, t, lse, g], {})[0], undefined] : [],
  decompose: (o, [x, t]) => {
    const lse = peakedSum(o, x);
    const hot = oneHot(t, x.shape.at(-1)!, x.dtype as 'f32');
    // A row without target has no loss.
    const counted = o.sum(hot, [-1]);
    return [o.mul(o.sub(lse, o.sum(o.mul(x, hot), [-1])), counted), lse];
  },
});

const crossEntropyBack: Op<None> = defineOp<None>({
  name: 'crossEntropy’s derivative',
  inPlace: [0],
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [x, t, lse, g],
      y: [d],
    } = binding;
    const m = x.shape.at(-1)!;
    const name = x.dtype === 'f64' ? 'crossEntropyBackward' : 'scrossEntropyBackward';
    const kernel = kernels[name];
    const [n, px, pt, ps, pg, to] = [lse.size, x.pointer, t.pointer, lse.pointer, g.pointer, d.pointer];
    const bytes = BYTES[x.dtype];
    const part = (r: number, end: number) => {
      const [a, b, c, e, f] = [px + r * m * bytes, pt + r * 4, ps + r * bytes, pg + r * bytes, to + r * m * bytes];
      return [[name, end - r, m, a, b, c, e, f] as const];
    };
    return shared(binding, n, 2 * x.size, part) ?? (() => kernel(n, m, px, pt, ps, pg, to));
  },
  decompose: (o, [x, t, lse, g]) => {
    const hot = oneHot(t, x.shape.at(-1)!, x.dtype as 'f32');
    const column = (v: Tensor) => o.reshape(v, [...v.shape, 1]);
    const weight = column(o.mul(g, o.sum(hot, [-1])));
    return [o.mul(o.sub(o.exp(o.sub(x, column(lse))), hot), weight)];
  },
});

/** log Σ eˣ of each row, by its largest as a constant. */
function peakedSum(o: Calculus, x: Tensor): Tensor {
  const top = stopGradient(max(x, -1, true));
  const value = o.add(o.log(o.sum(o.exp(o.sub(x, top)), [-1], true)), top);
  return o.reshape(value, x.shape.slice(0, -1));
}

/**
 * −log softmax(logits) at the target of each row, fused: logits […, classes] and targets […] of i32 give […]. A row whose
 * target is below 0 counts as 0. Its mean over rows is the usual loss.
 * @throws INVALID_SHAPE where the targets are not of the shape of the rows; INVALID_PARAMETER when it runs, for a target
 * that is no class.
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (logits.rank === 0 || logits.dtype === 'i32' || logits.shape.at(-1) === 0)
    misfit('crossEntropy', [logits, targets], 'logits have a last axis of classes, in f32 or f64.');
  if (targets.dtype !== 'i32' || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    misfit(
      'crossEntropy',
      [logits, targets],
      `the targets of these logits are i32 of ${show(logits.shape.slice(0, -1))}, not ${targets.dtype} of ${show(targets.shape)}.`,
    );
  }
  return apply(crossEntropyOp, [logits, targets], {})[0];
}

interface Norm {
  readonly centred: boolean;
  readonly epsilon: number;
}

// Outputs: the normed rows, their means and 1/deviations, which the derivative uses.
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
    // Scales and shifts of their own for each of the batch: the norm without them, then these.
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

/** Rows of a block of the sums of {@link normBack}. */
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
    // Sums over rows in blocks of them, which are added up: what a thread does never changes them.
    const sums = work + count * m * bytes;
    const part = (from: number, end: number): KernelCall[] =>
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
    // Sums over rows stay apart for each of the batch: by the simple operations.
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
  if (x.rank === 0 || x.dtype === 'i32') misfit(name, [x], 'it norms the last axis of numbers.');
  const m = x.shape.at(-1)!;
  for (const t of [gamma, beta]) {
    if (t && (!sameShape(t.shape, [m]) || t.dtype !== x.dtype)) {
      misfit(name, [x, t], `gamma and beta are ${x.dtype} of [${m}], one for each column.`);
    }
  }
  return apply(normOp, [x, gamma ?? row(1, m, x), beta ?? row(0, m, x)], attrs)[0];
}

/**
 * Each row along the last axis less its mean, over its standard deviation √(variance + epsilon), times gamma plus beta
 * (Ba, Kiros & Hinton 2016), fused. O(size).
 * @throws INVALID_SHAPE where gamma or beta are not one row.
 */
export const layerNorm = (x: Tensor, gamma?: Tensor, beta?: Tensor, epsilon = 1e-5): Tensor =>
  normed('layerNorm', x, gamma, beta, { centred: true, epsilon });

/**
 * Each row along the last axis over its root mean square √(mean of squares + epsilon), times gamma (Zhang & Sennrich 2019),
 * fused. O(size).
 * @throws INVALID_SHAPE where gamma is not one row.
 */
export const rmsNorm = (x: Tensor, gamma?: Tensor, epsilon = 1e-5): Tensor =>
  normed('rmsNorm', x, gamma, undefined, { centred: false, epsilon });
