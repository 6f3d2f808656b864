import { mapCodes } from '@southwell/kernels/networks';
import { described, needLists, needShape, needTensors } from '../given.ts';
import { apply, misfit, packed, refuse } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Calculus, defineOp, type Op, type Place } from '../primitive.ts';
import { cleared, inTurn, shared } from '../programs/sharing.ts';
import {
  broadcastShape,
  broadcastStrides,
  fromEnd,
  reshapedStrides,
  rowMajor,
  type Shape,
  sameShape,
  show,
  sizeOf,
} from '../shapes.ts';
import { BYTES, type Layout, type Tensor } from '../tensor.ts';
import { constant } from './constants.ts';
import { readThrough } from './dependence.ts';
import { collapsed } from './elementwise.ts';

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  view: (x, { shape }) => ({ shape, strides: reshapedStrides(x.shape, x.strides, shape)!, offset: x.offset }),
  vjp: ({ o, x: [x], g: [g] }) => [g && o.reshape(g, x.shape)],
  batch: ({ o, x: [x], size, attrs }) => [o.reshape(x, [size, ...attrs.shape])],
});

/**
 * Reshapes x; one length may be −1, which is inferred. A view if strides allow it, otherwise a copy.
 * @throws INVALID_SHAPE if the numbers of elements differ.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  needTensors('reshape', { x });
  needShape('reshape', shape, -1);
  const open = shape.indexOf(-1);
  const rest = shape.reduce((p, n, d) => (d === open ? p : p * n), 1);
  const to = open < 0 ? shape : shape.map((n, d) => (d === open ? (rest === 0 ? 0 : x.size / rest) : n));
  if (!to.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(to) !== x.size) {
    misfit('reshape', [x], `${x.size} elements do not fit ${show(shape)}${open < 0 ? `, which has ${rest}` : ''}.`);
  }
  if (sameShape(to, x.shape)) return x;
  const from = reshapedStrides(x.shape, x.strides, to) ? x : packed(x);
  return apply(reshapeOp, [from], { shape: [...to] })[0];
}

const permuteOp = defineOp<{ axes: readonly number[] }>({
  name: 'permute',
  view: (x, { axes }) => {
    // Axes are counted from the end; those before the first of them stay.
    const lead = x.rank - axes.length;
    const order = [...Array(lead).keys(), ...axes.map((a) => a + x.rank)];
    return { shape: order.map((d) => x.shape[d]), strides: order.map((d) => x.strides[d]), offset: x.offset };
  },
  vjp: ({ o, x: [x], g: [g], attrs: { axes } }) => {
    const inverse = new Array<number>(x.rank).fill(0).map((_, d) => d);
    const lead = x.rank - axes.length;
    axes.forEach((a, i) => {
      inverse[a + x.rank] = lead + i;
    });
    return [g && o.permute(g, inverse)];
  },
});

/**
 * Permutes axes: axis d of the result is axis `axes[d]` of x; default: reversed. A view.
 * @throws INVALID_PARAMETER unless `axes` is a permutation.
 */
export function permute(x: Tensor, given?: readonly number[]): Tensor {
  needTensors('permute', { x });
  const axes = given ?? x.shape.map((_, d) => x.rank - 1 - d);
  needLists('permute', { axes });
  const at = axes.map((a) => fromEnd(a, x.rank));
  if (axes.length !== x.rank || at.includes(undefined) || new Set(at).size !== x.rank) {
    refuse(
      'permute',
      `a tensor of ${show(x.shape)} has ${x.rank} axes, of which [${axes.join(', ')}] is not a permutation.`,
    );
  }
  if (at.every((a, d) => a === d - x.rank)) return x;
  return apply(permuteOp, [x], { axes: at as number[] })[0];
}

/**
 * Transposes the last two axes. A view.
 * @throws INVALID_SHAPE for fewer than two axes.
 */
export function turned(x: Tensor): Tensor {
  needTensors('transpose', { x });
  if (x.rank < 2) misfit('transpose', [x], 'it takes two axes or more.');
  return apply(permuteOp, [x], { axes: [-1, -2] })[0];
}

const broadcastOp = defineOp<{ shape: Shape }>({
  name: 'broadcastTo',
  view: (x, { shape }) => ({ shape, strides: broadcastStrides(x.shape, x.strides, shape), offset: x.offset }),
  vjp: ({ o, x: [x], g: [g] }) => [g && o.sumTo(g, x.shape)],
  batch: ({ o, x: [x], size, attrs: { shape } }) => {
    const missing = new Array<number>(shape.length - (x.rank - 1)).fill(1);
    return [o.broadcastTo(o.reshape(x, [size, ...missing, ...x.shape.slice(1)]), [size, ...shape])];
  },
});

/**
 * Broadcasts x to a shape. A view.
 * @throws INVALID_SHAPE if the shapes are incompatible.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  needTensors('broadcastTo', { x });
  needShape('broadcastTo', shape);
  if (sameShape(x.shape, shape)) return x;
  const fits = broadcastShape([x.shape, shape]);
  if (!fits || !sameShape(fits, shape)) {
    misfit(
      'broadcastTo',
      [x],
      `it does not broadcast to ${show(shape)}: from the last axis on lengths must agree or be 1.`,
    );
  }
  return apply(broadcastOp, [x], { shape: [...shape] })[0];
}

/** For each axis, counted from the end: the first index, the number of indices, and the step. */
type Cuts = ReadonlyArray<readonly [from: number, count: number, step: number]>;

function cutOf(x: Layout, cuts: Cuts): Layout {
  const lead = x.shape.length - cuts.length;
  const shape = [...x.shape.slice(0, lead), ...cuts.map(([, count]) => count)];
  const strides = [...x.strides.slice(0, lead), ...cuts.map(([, , step], d) => x.strides[lead + d] * step)];
  const offset = cuts.reduce((at, [from, count], d) => at + (count > 0 ? from * x.strides[lead + d] : 0), x.offset);
  return { shape, strides, offset };
}

/** The places in a contiguous tensor from which a slice takes its elements. */
const cutPlaces = (shape: Shape, cuts: Cuts): Int32Array =>
  readThrough(undefined, cutOf({ shape, strides: rowMajor(shape), offset: 0 }, cuts));

const sliceOp: Op<{ cuts: Cuts }> = defineOp<{ cuts: Cuts }>({
  name: 'slice',
  view: (x, { cuts }) => cutOf(x, cuts),
  vjp: ({ x: [x], g: [g], attrs: { cuts } }) => [
    g && apply(spreadOp, [g], { cuts, lengths: x.shape.slice(-cuts.length) })[0],
  ],
  // One pass for all parts of a tensor, such as the steps of a sequence, rather than a whole tensor for each of them.
  together: (x, before, parts) => {
    // Extended to all axes, because some slices may have been taken before a batch axis was prepended.
    const all = parts.map(
      ({ attrs: { cuts } }): Cuts => [
        ...x.shape.slice(0, x.rank - cuts.length).map((n) => [0, n, 1] as const),
        ...cuts,
      ],
    );
    if (!before && parts.length === 1)
      return apply(spreadOp, [parts[0].g], { cuts: all[0], lengths: x.shape.slice(-all[0].length) })[0];
    const exact = !before && covers(x, all);
    return apply(placeOp, [...(before ? [before] : []), ...parts.map(({ g }) => g)], {
      all,
      lengths: x.shape,
      based: before !== undefined,
      exact,
    })[0];
  },
});

/** Whether the parts cover every element of x exactly once. */
function covers(x: Tensor, all: readonly Cuts[]): boolean {
  const sizes = all.map((cuts) => cuts.reduce((n, [, count]) => n * count, 1));
  if (sizes.reduce((a, b) => a + b, 0) !== x.size || all.length > 4096) return false;
  const ends = (cut: Cuts[number]): [number, number] => {
    const [from, count, step] = cut;
    const last = from + (count - 1) * step;
    return [Math.min(from, last), Math.max(from, last)];
  };
  const apart = (a: Cuts, b: Cuts): boolean =>
    a.some((cut, d) => {
      const [[low, high], [other, top]] = [ends(cut), ends(b[d])];
      return high < other || top < low;
    });
  return all.every((a, i) => all.every((b, j) => j <= i || apart(a, b)));
}

interface Placing {
  readonly all: readonly Cuts[];
  readonly lengths: Shape;
  /** Whether the first input is the tensor to which the parts are added. */
  readonly based: boolean;
  /** Whether the parts cover every element exactly once. */
  readonly exact: boolean;
}

// Adds parts at the positions from which slices took them: one transpose for many slices of a tensor.
const placeOp: Op<Placing> = defineOp<Placing>({
  name: 'slices’ transposes',
  strided: true,
  infer: ([x], { all, lengths }) => [
    { shape: [...x.shape.slice(0, x.rank - all[0].length), ...lengths], dtype: x.dtype },
  ],
  depends: ({ x, shapes: [shape], attrs: { all, based }, union }) => {
    const out = based ? x[0].sets.slice() : new Int32Array(sizeOf(shape));
    all.forEach((cuts, i) => {
      const { sets } = x[i + (based ? 1 : 0)];
      const places = cutPlaces(shape, cuts);
      for (let e = 0; e < places.length; e++) out[places[e]] = union([out[places[e]], sets[e]]);
    });
    return [out];
  },
  work: () => 8192,
  bind: (binding) => {
    const {
      kernels,
      x,
      y: [y],
      attrs: { all, based, exact },
      work,
      meta,
    } = binding;
    const lead = y.shape.length - all[0].length;
    const bytes = BYTES[y.dtype];
    const [map, gemm] = y.dtype === 'f64' ? (['mapElements', 'gemm'] as const) : (['smapElements', 'sgemm'] as const);
    type Part = { readonly p: Place; readonly steps: readonly number[]; readonly to: number; readonly adds: boolean };
    /** Copies a range of the first axis; adjacent axes are merged where possible, so that rows are long. */
    const moved = ({ p, steps, to, adds }: Part, from: number, end: number, own: number): TensorCall => {
      const dims = collapsed([end - from, ...p.shape.slice(1)], adds ? [steps, steps, p.strides] : [steps, p.strides]);
      const at = meta([dims.length, ...dims.flatMap((dim) => [...dim, ...(adds ? [0] : [0, 0])])]);
      const [q, r] = [to + from * steps[0] * bytes, p.pointer + from * p.strides[0] * bytes];
      return adds ? [map, mapCodes.add, at, q, q, r, r, own] : [map, mapCodes.copy, at, q, r, r, r, own];
    };
    const base: Part[] =
      based && x[0].pointer !== y.pointer ? [{ p: x[0], steps: y.strides, to: y.pointer, adds: false }] : [];
    const parts = all.map((cuts, i): Part => {
      const p = x[i + (based ? 1 : 0)];
      const steps = p.shape.map((_, d) => y.strides[d] * (d < lead ? 1 : cuts[d - lead][2]));
      const offset = cuts.reduce((at, [from, count], d) => at + (count > 0 ? from * y.strides[lead + d] : 0), 0);
      return { p, steps, to: y.pointer + offset * bytes, adds: !exact };
    });
    const moves = [...base, ...parts.filter(({ p }) => p.size > 0)];
    const [n, row] = [y.shape[0], y.strides[0]];
    if (y.size === 0) return () => {};
    const clear = (from: number, end: number, own: number): TensorCall[] =>
      based || exact ? [] : [cleared(gemm, row, end - from, y.pointer + from * row * bytes, row, own)];
    // If every part contains the whole first axis, ranges of it are independent.
    const even = lead > 0 || all.every(([[from, count, step]]) => from === 0 && count === n && step === 1);
    const range = (from: number, end: number, own: number): TensorCall[] => [
      ...clear(from, end, own),
      ...moves.map((part) => moved(part, from, end, own)),
    ];
    const together = even ? shared(binding, n, 0.4 * y.size, range) : undefined;
    if (together) return together;
    return inTurn(kernels, [...clear(0, n, work), ...moves.map((part) => moved(part, 0, part.p.shape[0], work))]);
  },
  vjp: ({ x, g: [g], attrs: { all, based }, needs }) =>
    x.map((_, i) => {
      if (!g || !needs[i]) return undefined;
      return based && i === 0 ? g : apply(sliceOp, [g], { cuts: all[i - (based ? 1 : 0)] })[0];
    }),
});

/** Zeros with x at the positions of a slice: the transpose of slicing. */
const spreadOp: Op<{ cuts: Cuts; lengths: Shape }> = defineOp<{ cuts: Cuts; lengths: Shape }>({
  name: 'slice’s transpose',
  strided: true,
  infer: ([x], { cuts, lengths }) => [
    { shape: [...x.shape.slice(0, x.rank - cuts.length), ...lengths], dtype: x.dtype },
  ],
  depends: ({ x: [{ sets }], shapes: [shape], attrs: { cuts } }) => {
    const out = new Int32Array(sizeOf(shape));
    cutPlaces(shape, cuts).forEach((place, e) => {
      out[place] = sets[e];
    });
    return [out];
  },
  work: () => 8192,
  bind: ({ arena, kernels, x: [x], y: [y], attrs: { cuts }, work, meta }) => {
    const lead = x.shape.length - cuts.length;
    const bytes = x.dtype === 'f64' ? 8 : 4;
    const all = y.size;
    const at = meta([
      Math.max(1, x.shape.length),
      ...x.shape.flatMap((n, d) => [n, y.strides[d] * (d < lead ? 1 : cuts[d - lead][2]), x.strides[d], 0, 0]),
      ...(x.shape.length === 0 ? [1, 1, 1, 0, 0] : []),
    ]);
    const to =
      y.pointer + bytes * cuts.reduce((sum, [from, count], d) => sum + (count > 0 ? from * y.strides[lead + d] : 0), 0);
    const kernel = x.dtype === 'f64' ? kernels.mapElements : kernels.smapElements;
    const [from, begin] = [x.pointer, y.pointer / bytes];
    const heap = () => (x.dtype === 'f64' ? arena.f64 : x.dtype === 'f32' ? arena.f32 : arena.i32);
    return () => {
      heap().fill(0, begin, begin + all);
      kernel(0, at, to, from, from, from, work);
    };
  },
  vjp: ({ g: [g], attrs: { cuts } }) => [g && apply(sliceOp, [g], { cuts })[0]],
});

/** Index of one axis for {@link slice}: everything, one index (which removes the axis), or a range, whose ends may be negative. */
export type Range = undefined | null | number | readonly [from?: number | null, to?: number | null, step?: number];

/**
 * Slices axes, like NumPy's `x[from:to:step]`; omitted axes are taken whole, and steps may be negative. A view.
 * @throws INVALID_PARAMETER if an index is out of range or a step is 0.
 */
export function slice(x: Tensor, ...ranges: readonly Range[]): Tensor {
  needTensors('slice', { x });
  if (ranges.length > x.rank) refuse('slice', `${ranges.length} ranges are too many for a tensor of ${show(x.shape)}.`);
  const cuts = x.shape.map((n, d): readonly [number, number, number] => {
    const range = ranges[d];
    if (range === undefined || range === null) return [0, n, 1];
    if (typeof range === 'number') {
      const at = range < 0 ? range + n : range;
      if (!Number.isInteger(range) || at < 0 || at >= n) {
        refuse('slice', `index ${range} is out of range for axis ${d} of a tensor of ${show(x.shape)}.`);
      }
      return [at, 1, 1];
    }
    if (!Array.isArray(range)) refuse('slice', `a range is a list [from, to, step], not ${described(range)}.`);
    const [from, to, step = 1] = range;
    for (const end of [from, to])
      if (end != null && !Number.isInteger(end))
        refuse('slice', `ends of ranges are whole numbers, not ${described(end)}.`);
    if (!Number.isInteger(step) || step === 0)
      refuse('slice', `the step must be a non-zero whole number, not ${step}.`);
    const within = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at < 0 ? at + n : at));
    if (step > 0) {
      const [a, b] = [from == null ? 0 : within(from, 0, n), to == null ? n : within(to, 0, n)];
      return [a, Math.max(0, Math.ceil((b - a) / step)), step];
    }
    const [a, b] = [from == null ? n - 1 : within(from, -1, n - 1), to == null ? -1 : within(to, -1, n - 1)];
    return [a, Math.max(0, Math.ceil((a - b) / -step)), step];
  });
  const whole = cuts.every(([from, count, step], d) => from === 0 && step === 1 && count === x.shape[d]);
  const cut = whole ? x : apply(sliceOp, [x], { cuts })[0];
  return ranges.some((r) => typeof r === 'number')
    ? reshape(
        cut,
        cut.shape.filter((_, d) => typeof ranges[d] !== 'number'),
      )
    : cut;
}

/**
 * Pads x with zeros, or `value`: `amounts` has a pair, before and after, for each of the last axes.
 * @throws INVALID_PARAMETER unless amounts are non-negative integers.
 */
export function padWith(
  o: Calculus,
  x: Tensor,
  amounts: ReadonlyArray<readonly [before: number, after: number]>,
  value = 0,
): Tensor {
  needTensors('pad', { x });
  needLists('pad', { amounts });
  amounts.forEach((pair, i) => {
    needLists('pad', { [`amounts[${i}]`]: pair });
  });
  if (
    amounts.length > x.rank ||
    !amounts.every((pair) => pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0))
  ) {
    refuse('pad', `a tensor of ${show(x.shape)} takes up to ${x.rank} pairs of whole numbers of at least 0.`);
  }
  const lead = x.rank - amounts.length;
  const cuts = amounts.map(([before], d) => [before, x.shape[lead + d], 1] as const);
  const lengths = amounts.map(([before, after], d) => before + x.shape[lead + d] + after);
  const padded = apply(spreadOp, [x], { cuts, lengths })[0];
  if (value === 0) return padded;
  const inside = apply(spreadOp, [broadcastTo(constant(1, x.dtype), x.shape)], { cuts, lengths })[0];
  return o.where(inside, padded, value);
}

/** Inserts an axis of length 1. @throws INVALID_PARAMETER for an axis out of range. */
export function expandDims(x: Tensor, axis: number): Tensor {
  needTensors('expandDims', { x });
  const at = Number.isInteger(axis) && axis < 0 ? axis + x.rank + 1 : axis;
  if (!Number.isInteger(axis) || at < 0 || at > x.rank)
    refuse('expandDims', `axis ${described(axis)} is out of range for ${show(x.shape)}.`);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Removes axes of length 1. */
export function squeeze(x: Tensor): Tensor {
  needTensors('squeeze', { x });
  return reshape(
    x,
    x.shape.filter((n) => n !== 1),
  );
}
