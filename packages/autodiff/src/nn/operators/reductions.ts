import * as ad from '../../index.ts';
import { type Call, float, int, integers, type Operator } from './call.ts';

// Reductions, softmax and others along axes.

/** The axes of a reduction, from an attribute or an input; undefined: none, by `noop_with_empty_axes`. */
function axesOf(c: Call, rank: number): number[] | undefined {
  const given = c.listed(1, 'axes');
  if (given === undefined || given.length === 0)
    return c.int('noop_with_empty_axes', 0) ? undefined : Array.from({ length: rank }, (_, d) => d);
  return given.map((axis) => c.axis(axis, rank));
}
type Reduction = (x: ad.Tensor, axes: readonly number[], keep: boolean) => ad.Tensor;

const reduced =
  (f: Reduction): Operator =>
  (c) => {
    const v = c.x(0);
    const axes = axesOf(c, v.t.rank);
    return axes ? { class: v.class, t: f(v.t, axes, c.int('keepdims', 1) !== 0) } : v;
  };

/** A reduction with a value for no numbers at all. */
const orElse =
  (f: Reduction, none: number): Reduction =>
  (x, axes, keep) => {
    if (axes.every((d) => x.shape[d] > 0)) return f(x, axes, keep);
    const shape = x.shape.flatMap((n, d) => (axes.includes(d) ? (keep ? [1] : []) : [n]));
    return ad.full(shape, none, x.dtype);
  };

const product: Reduction = (x, axes, keep) => {
  // One axis after the other, the last first.
  const y = [...axes].sort((a, b) => b - a).reduce((t, axis) => ad.prod(t, axis), x);
  return keep
    ? ad.reshape(
        y,
        x.shape.map((n, d) => (axes.includes(d) ? 1 : n)),
      )
    : y;
};

/** Softmax from an axis: over this axis, or before opset 13 over all from it on. */
const soft =
  (f: (x: ad.Tensor, axis: number) => ad.Tensor): Operator =>
  (c) => {
    const x = c.float(0);
    if (c.opset >= 13) return float(f(x, c.axis(c.int('axis', -1), x.rank)));
    const axis = c.axis(c.int('axis', 1), x.rank);
    const flat = ad.reshape(x, [...x.shape.slice(0, axis), -1]);
    return float(ad.reshape(f(flat, axis), x.shape));
  };

const extreme =
  (sign: 1 | -1): Operator =>
  (c) => {
    let x = c.x(0).t;
    const axis = c.axis(c.int('axis', 0), x.rank);
    if (sign < 0) x = ad.neg(x);
    const last = c.int('select_last_index', 0) !== 0;
    // The last of ties is the first from the other end.
    const turn = x.shape.map((_, d) => (last && d === axis ? ([null, null, -1] as const) : undefined));
    let y = ad.cast(ad.argmax(ad.slice(x, ...turn), axis), 'f64');
    if (last) y = ad.sub(x.shape[axis] - 1, y);
    return int(c.int('keepdims', 1) ? ad.expandDims(y, axis) : y);
  };

/** Operators along axes by name. */
export const reductions: Readonly<Record<string, Operator>> = {
  ...{
    ReduceSum: reduced(ad.sum),
    ReduceMean: reduced(ad.mean),
    ReduceMax: reduced(orElse(ad.max, -Infinity)),
    ReduceMin: reduced(orElse(ad.min, Infinity)),
  },
  ReduceProd: reduced(product),
  ReduceL1: reduced((x, axes, keep) => ad.sum(ad.abs(x), axes, keep)),
  ReduceL2: reduced((x, axes, keep) => ad.sqrt(ad.sum(ad.square(x), axes, keep))),
  ReduceSumSquare: reduced((x, axes, keep) => ad.sum(ad.square(x), axes, keep)),
  ReduceLogSum: reduced((x, axes, keep) => ad.log(ad.sum(x, axes, keep))),
  ReduceLogSumExp: reduced(orElse((x, axes, keep) => ad.logsumexp(x, axes, keep), -Infinity)),
  ...{ Softmax: soft(ad.softmax), LogSoftmax: soft(ad.logSoftmax) },
  ...{ ArgMax: extreme(1), ArgMin: extreme(-1) },
  CumSum: (c) => {
    const v = c.x(0);
    const axis = c.axis(c.numbers(1)[0], v.t.rank);
    const y = ad.cumsum(v.t, axis, c.int('reverse', 0) !== 0);
    return { class: v.class, t: c.int('exclusive', 0) ? ad.sub(y, v.t) : y };
  },
  TopK: (c) => {
    const v = c.x(0);
    const axis = c.axis(c.int('axis', -1), v.t.rank);
    const k = c.has(1) ? c.numbers(1)[0] : c.int('k');
    if (c.int('largest', 1)) {
      const { values, places } = ad.topK(v.t, k, axis);
      return [{ class: v.class, t: values }, int(places)];
    }
    const { values, places } = ad.topK(ad.neg(v.t), k, axis);
    return [{ class: v.class, t: ad.neg(values) }, int(places)];
  },
  Shape: (c) => {
    const { shape } = c.x(0).t;
    const end = c.int('end', shape.length);
    return integers(shape.slice(c.int('start', 0), end));
  },
  Size: (c) => integers([c.x(0).t.size], []),
};
