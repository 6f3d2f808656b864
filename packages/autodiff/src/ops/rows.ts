import { fail } from '@southwell/numerics/core';
import { described, needAxis, needDtype, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, misfit, refuse } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { shared } from '../programs/sharing.ts';
import { sameShape, show, sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { stopGradient } from './casts.ts';
import { inBlocks } from './dependence.ts';
import { max } from './reductions.ts';
import { permute } from './views.ts';

interface Kind {
  readonly logs: boolean;
}

const softmaxOp: Op<Kind> = defineOp<Kind>({
  name: 'softmax',
  depends: inBlocks(1),
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
  depends: inBlocks(1, 1),
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
  const at = needAxis(name, x, axis);
  if (x.dtype === 'i32') misfit(name, [x], "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
  if (at === -1) return f(x);
  const order = x.shape.map((_, d) => d);
  const last = x.rank - 1;
  [order[x.rank + at], order[last]] = [last, x.rank + at];
  return permute(f(permute(x, order)), order);
}

/**
 * Softmax along an axis (default last).
 * @throws INVALID_PARAMETER for an invalid axis.
 */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  alongLast('softmax', x, axis, (t) => apply(softmaxOp, [t], { logs: false })[0]);

/**
 * Logarithm of the softmax along an axis (default last), accurate even where the softmax underflows.
 * @throws INVALID_PARAMETER for an invalid axis.
 */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  alongLast('logSoftmax', x, axis, (t) => apply(softmaxOp, [t], { logs: true })[0]);

type None = Record<never, never>;

/** 1 at the target's column of each row, 0 elsewhere; all 0 for a target below 0. In the dtype of x. */
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
            `oneHot${atLine()}: target ${target} at position ${i} is not one of ${classes} classes (0 to ${classes - 1}).`,
          );
        if (target >= 0) out[to + i * classes + target] = 1;
      }
    };
  },
});

/**
 * One-hot encoding of targets (i32) along a new last axis; all zeros for targets below 0.
 * @throws INVALID_PARAMETER, at run time, for a target that is not a class index.
 */
export function oneHot(targets: Tensor, classes: number, dtype: 'f32' | 'f64' = 'f64'): Tensor {
  if (!Number.isSafeInteger(classes) || classes < 0)
    refuse('oneHot', `classes must be a whole number of at least 0, not ${described(classes)}.`);
  needDtype('oneHot', dtype, ['f32', 'f64']);
  return apply(oneHotOp, [targets], { classes, dtype })[0];
}

// Outputs: the loss of each row, and log Σ eˣ, which the derivative uses.
const crossEntropyOp: Op<None> = defineOp<None>({
  name: 'crossEntropy',
  depends: inBlocks(1, 0),
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
        `crossEntropy${atLine()}: the target of row ${row + 1} is ${arena.i32[pt / 4 + row]}, but logits of ${m} columns have the classes 0 to ` +
          `${m - 1}; rows with a target below 0 are left out.`,
      );
    const part = (r: number, end: number) => {
      const [a, b, c, d] = [px + r * m * bytes, pt + r * 4, pl + r * bytes, ps + r * bytes];
      return [[name, end - r, m, a, b, c, d] as const];
    };
    const together = shared(binding, n, 2 * x.size, part);
    if (together) {
      return () => {
        const { i32 } = arena;
        // Results of kernels in call lists are discarded, so targets are checked beforehand.
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
    // A row without a target has no loss.
    const counted = o.sum(hot, [-1]);
    return [o.mul(o.sub(lse, o.sum(o.mul(x, hot), [-1])), counted), lse];
  },
});

const crossEntropyBack: Op<None> = defineOp<None>({
  name: 'crossEntropy’s derivative',
  depends: inBlocks(1, 0, 0, 0),
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

/** log Σ eˣ of each row, shifted by its maximum as a constant. */
function peakedSum(o: Calculus, x: Tensor): Tensor {
  const top = stopGradient(max(x, -1, true));
  const value = o.add(o.log(o.sum(o.exp(o.sub(x, top)), [-1], true)), top);
  return o.reshape(value, x.shape.slice(0, -1));
}

/**
 * −log softmax(logits) at the target of each row, fused: logits […, classes] and i32 targets […] give […]. A row whose
 * target is below 0 contributes 0. The mean over rows is the usual loss.
 * @throws INVALID_SHAPE if the targets do not have the shape of the rows; INVALID_PARAMETER, at run time, for a target
 * that is not a class index.
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  needTensors('crossEntropy', { logits, targets });
  if (logits.rank === 0 || logits.dtype === 'i32' || logits.shape.at(-1) === 0)
    misfit('crossEntropy', [logits, targets], 'logits must have a last axis of classes, in f32 or f64.');
  if (targets.dtype !== 'i32' || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    misfit(
      'crossEntropy',
      [logits, targets],
      `the targets must be i32 of ${show(logits.shape.slice(0, -1))}, not ${targets.dtype} of ${show(targets.shape)}.`,
    );
  }
  return apply(crossEntropyOp, [logits, targets], {})[0];
}
