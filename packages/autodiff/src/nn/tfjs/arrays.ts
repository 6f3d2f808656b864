import { fail } from '@southwell/numerics/core';
import type { Translation } from './elementwise.ts';
import { type Emitter, END } from './emitter.ts';
import { attr, nameOf, placeOfTf, type TfNode } from './nodes.ts';

// Operators that rearrange, take and reduce numbers.

const refuse = (node: TfNode, why: string): never => fail('NOT_SUPPORTED', `${placeOfTf(node)}: ${why}`);

/** An axis, given as an input. */
const axisOf = (e: Emitter, node: TfNode, i: number): number => e.numbers(node, i, 'axis')[0] ?? 0;

const reduced =
  (op: string): Translation =>
  (e, x, node) => {
    const keepdims = attr.flag(node, 'keep_dims') ? 1 : 0;
    return e.node(op, [x[0], e.integers(e.numbers(node, 1, 'list of axes'))], { keepdims });
  };

/** Joins scalars or arrays along a new axis. */
const pack: Translation = (e, x, node) => {
  const axis = attr.int(node, 'axis');
  const apart = x.map((name, i) => {
    const input = nameOf(node.inputs[i]);
    const known = attr.type(node, 'T') === 'i64' && e.rank(input) === 0 ? e.known(input) : undefined;
    return known ? e.integers(known) : e.node('Unsqueeze', [name, e.integers([axis])]);
  });
  return apart.length === 1 ? apart[0] : e.node('Concat', apart, { axis });
};

const unpack: Translation = (e, [x], node) => {
  const [count, axis] = [attr.int(node, 'num', 1), attr.int(node, 'axis')];
  const parts = Array.from({ length: count }, () => e.fresh('split'));
  e.several('Split', [x, e.integers(parts.map(() => 1))], parts, { axis });
  return parts.map((part) => e.node('Squeeze', [part, e.integers([axis])]));
};

function parts(e: Emitter, x: string, axis: number, lengths: string | undefined, count: number): readonly string[] {
  const names = Array.from({ length: count }, () => e.fresh('split'));
  e.several('Split', lengths === undefined ? [x] : [x, lengths], names, {
    axis,
    ...(lengths === undefined ? { num_outputs: count } : {}),
  });
  return names;
}

/** The ranges of a strided slice by its masks. */
const stridedSlice: Translation = (e, x, node) => {
  const mask = (name: string) => (i: number) => ((attr.int(node, `${name}_mask`) >> i) & 1) === 1;
  const [fromFirst, toLast, alone, added, others] = ['begin', 'end', 'shrink_axis', 'new_axis', 'ellipsis'].map(mask);
  const steps = e.numbers(node, 3, 'list of strides');
  const [begin, end] = [1, 2].map((i) => e.known(nameOf(node.inputs[i])));
  if (!begin || !end) return slicedByData(e, x, node, steps);
  const [axes, starts, ends, strides]: number[][] = [[], [], [], []];
  const [squeezed, inserted]: number[][] = [[], []];
  // After an ellipsis, axes are counted from the end; `at` is the axis of the input, `to` that of the result.
  const ellipsis = steps.findIndex((_, i) => others(i));
  const after = steps.filter((_, i) => i > ellipsis && !added(i)).length;
  let [at, to] = [0, 0];
  steps.forEach((step, i) => {
    if (i === ellipsis) {
      [at, to] = [-after, -steps.filter((_, j) => j > i && (added(j) || !alone(j))).length];
      return;
    }
    if (added(i)) {
      inserted.push(to++);
      return;
    }
    const whole = fromFirst(i) && toLast(i) && step === 1 && !alone(i);
    if (!whole) {
      axes.push(at);
      starts.push(fromFirst(i) && !alone(i) ? (step > 0 ? 0 : END) : begin[i]);
      strides.push(alone(i) ? 1 : step);
      const last = begin[i] === -1 ? END : begin[i] + 1;
      ends.push(alone(i) ? last : toLast(i) ? (step > 0 ? END : -END) : end[i]);
    }
    if (alone(i)) squeezed.push(at);
    else to++;
    at++;
  });
  const lists = [starts, ends, axes, strides].map((values) => e.integers(values));
  let y = axes.length > 0 ? e.node('Slice', [x[0], ...lists]) : x[0];
  if (squeezed.length > 0) y = e.node('Squeeze', [y, e.integers(squeezed)]);
  return inserted.length > 0 ? e.node('Unsqueeze', [y, e.integers(inserted)]) : y;
};

/** Ranges that are computed, where no mask changes their meaning but those of whole axes. */
function slicedByData(e: Emitter, x: readonly string[], node: TfNode, steps: readonly number[]): string {
  const masks = ['begin', 'end', 'new_axis', 'ellipsis'].map((name) => attr.int(node, `${name}_mask`));
  const alone = attr.int(node, 'shrink_axis_mask');
  const axes = steps.map((_, i) => i);
  const all = 2 ** steps.length - 1;
  if (
    masks[2] ||
    masks[3] ||
    (masks[0] && masks[0] !== all) ||
    (masks[1] && masks[1] !== all) ||
    (alone && steps.length > 1)
  )
    return refuse(node, 'its range is computed and has masks, which is not supported.');
  // A single index: the range ends after it, or at the end of the axis for the last one.
  const one = e.integers([1]);
  const next = e.node('Add', [x[1], one]);
  const until = e.node('Where', [e.node('Equal', [x[1], e.integers([-1])]), e.integers([END]), next]);
  const start = masks[0] && !alone ? e.integers(steps.map((s) => (s > 0 ? 0 : END))) : x[1];
  const end = alone ? until : masks[1] ? e.integers(steps.map((s) => (s > 0 ? END : -END))) : x[2];
  const y = e.node('Slice', [x[0], start, end, e.integers(axes), alone ? one : e.integers(steps)]);
  return alone ? e.node('Squeeze', [y, e.integers([0])]) : y;
}

/** From a place on, as many as a size says; −1 is all that follow. */
const slice: Translation = (e, x, node) => {
  const sizes = e.numbers(node, 2, 'size');
  const begin = e.known(nameOf(node.inputs[1]));
  const axes = e.integers(sizes.map((_, i) => i));
  if (begin) {
    const ends = sizes.map((n, i) => (n < 0 ? END : begin[i] + n));
    return e.node('Slice', [x[0], e.integers(begin), e.integers(ends), axes]);
  }
  if (sizes.some((n) => n < 0))
    return refuse(node, 'its start is computed and its size is open, which is not supported.');
  return e.node('Slice', [x[0], x[1], e.node('Add', [x[1], e.integers(sizes)]), axes]);
};

const gather: Translation = (e, [x, at], node) => {
  if (attr.int(node, 'batch_dims') !== 0) return refuse(node, 'batch_dims is not supported.');
  return e.node('Gather', [x, at], { axis: node.inputs.length > 2 ? axisOf(e, node, 2) : 0 });
};

/** Paddings [rank, 2] as ONNX has them: all before, then all after. */
const pads = (e: Emitter, x: string, node: TfNode): string => {
  const known = e.known(nameOf(node.inputs[1]));
  if (known) return e.integers([0, 1].flatMap((side) => known.filter((_, i) => i % 2 === side)));
  return e.node('Reshape', [e.node('Transpose', [x], { perm: [1, 0] }), e.integers([-1])]);
};

/** The places at which booleans are true, or numbers are not 0: [count, rank]. */
const where = (e: Emitter, x: string): string => e.node('Transpose', [e.node('NonZero', [x])], { perm: [1, 0] });

/** Zeros of a shape. */
function zeros(e: Emitter, shape: string, node: TfNode): string {
  return e.node('Expand', [attr.type(node, 'T') === 'i64' ? e.integer(0) : e.real(0), shape]);
}

const filledLike =
  (value: number): Translation =>
  (e, [x], node) => {
    const type = attr.type(node, 'T');
    const one = type === 'f32' ? e.real(value) : e.integer(value);
    const y = e.node('Expand', [one, e.node('Shape', [x])]);
    return type === 'bool' ? e.node('Cast', [y], { to: 9 }) : y;
  };

/** Arrays of TensorFlow by name. */
export const arrays: Readonly<Record<string, Translation>> = {
  ...{ Mean: reduced('ReduceMean'), Sum: reduced('ReduceSum'), Max: reduced('ReduceMax'), Min: reduced('ReduceMin') },
  ...{ Prod: reduced('ReduceProd'), EuclideanNorm: reduced('ReduceL2') },
  ...{ Pack: pack, Unpack: unpack, StridedSlice: stridedSlice, Slice: slice, GatherV2: gather, Gather: gather },
  Reshape: (e, x, node) => {
    const known = e.known(nameOf(node.inputs[1]));
    // A length of 0 copies that of the input in ONNX, unless it is told not to.
    return e.node('Reshape', [x[0], known ? e.integers(known) : x[1]], known?.includes(0) ? { allowzero: 1 } : {});
  },
  ExpandDims: (e, [x], node) => e.node('Unsqueeze', [x, e.integers([axisOf(e, node, 1)])]),
  Squeeze: (e, [x], node) => {
    const axes = [...attr.ints(node, 'squeeze_dims'), ...attr.ints(node, 'axis')];
    return e.node('Squeeze', axes.length > 0 ? [x, e.integers(axes)] : [x]);
  },
  Transpose: (e, [x], node) => e.node('Transpose', [x], { perm: e.numbers(node, 1, 'order of axes') }),
  ...{ Shape: (e, x) => e.node('Shape', x), Size: (e, x) => e.node('Size', x) },
  Rank: (e, x) => e.node('Size', [e.node('Shape', x)]),
  ConcatV2: (e, x, node) =>
    x.length === 2 ? x[0] : e.node('Concat', x.slice(0, -1), { axis: axisOf(e, node, x.length - 1) }),
  Concat: (e, x, node) => e.node('Concat', x.slice(1), { axis: axisOf(e, node, 0) }),
  Split: (e, x, node) => parts(e, x[1], axisOf(e, node, 0), undefined, attr.int(node, 'num_split', 1)),
  SplitV: (e, x, node) => {
    const lengths = e.numbers(node, 1, 'list of lengths');
    if (lengths.includes(-1)) return refuse(node, 'a length of −1 is not supported.');
    return parts(e, x[0], axisOf(e, node, 2), e.integers(lengths), lengths.length);
  },
  Tile: (e, x) => e.node('Tile', x),
  BroadcastTo: (e, x) => e.node('Expand', x),
  Fill: (e, [shape, value]) => e.node('Expand', [value, shape]),
  ...{ ZerosLike: filledLike(0), OnesLike: filledLike(1) },
  Range: (e, x) => e.node('Range', x),
  OneHot: (e, [at, depth, on, off], node) => {
    const ends = [off, on].map((v) => e.node('Reshape', [v, e.integers([1])]));
    return e.node('OneHot', [at, depth, e.node('Concat', ends, { axis: 0 })], { axis: attr.int(node, 'axis', -1) });
  },
  ...{
    Pad: (e, x, node) => e.node('Pad', [x[0], pads(e, x[1], node)]),
    PadV2: (e, x, node) => e.node('Pad', [x[0], pads(e, x[1], node), x[2]]),
  },
  MirrorPad: (e, x, node) => {
    if (attr.text(node, 'mode', 'REFLECT') !== 'REFLECT') return refuse(node, 'only the mode REFLECT is supported.');
    return e.node('Pad', [x[0], pads(e, x[1], node)], { mode: 'reflect' });
  },
  ReverseV2: (e, [x], node) => {
    const axes = e.numbers(node, 1, 'list of axes');
    const lists = [-1, -END, undefined, -1].map((v) => e.integers(axes.map((axis) => v ?? axis)));
    return e.node('Slice', [x, ...lists]);
  },
  Where: (e, [x]) => where(e, x),
  GatherNd: (e, x) => e.node('GatherND', x),
  ScatterNd: (e, [at, updates, shape], node) =>
    e.node('ScatterND', [zeros(e, shape, node), at, updates], { reduction: 'add' }),
  TensorScatterUpdate: (e, x) => e.node('ScatterND', x),
  SparseToDense: (e, [at, shape, values, fill], node) => {
    // A single value stands for all places.
    if (e.rank(nameOf(node.inputs[2])) === 0) return refuse(node, 'a single value for all places is not supported.');
    return e.node('ScatterND', [e.node('Expand', [fill, shape]), at, values]);
  },
  Cumsum: (e, [x, axis], node) =>
    e.node('CumSum', [x, axis], { exclusive: +attr.flag(node, 'exclusive'), reverse: +attr.flag(node, 'reverse') }),
  TopKV2: (e, [x, k]) => {
    const names = ['values', 'places'].map((what) => e.fresh(what));
    e.several('TopK', [x, e.node('Reshape', [k, e.integers([1])])], names);
    return names;
  },
  ...{
    ArgMax: (e, [x], node) => e.node('ArgMax', [x], { axis: axisOf(e, node, 1), keepdims: 0 }),
    ArgMin: (e, [x], node) => e.node('ArgMin', [x], { axis: axisOf(e, node, 1), keepdims: 0 }),
  },
};
