import { described, needAxis, needTensors } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { defineOp, type Op } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { type Shape, sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { reshape } from './views.ts';

/** A group of adjacent axes, counted from the end. */
interface Group {
  readonly from: number;
  readonly count: number;
}

const KINDS = { sum: 0, max: 1, min: 2 } as const;

/** Shape with the axes of a group merged into one of `length`, between the axes before and after it. */
function split(shape: Shape, { from, count }: Group): { outer: number; length: number; inner: number } {
  const at = shape.length + from;
  return {
    outer: sizeOf(shape.slice(0, at)),
    length: sizeOf(shape.slice(at, at + count)),
    inner: sizeOf(shape.slice(at + count)),
  };
}
const without = (shape: Shape, { from, count }: Group): number[] => [
  ...shape.slice(0, shape.length + from),
  ...shape.slice(shape.length + from + count),
];
const kept = (shape: Shape, { from, count }: Group): number[] =>
  shape.map((n, d) => (d >= shape.length + from && d < shape.length + from + count ? 1 : n));

/** Rows per block of a long sum, a multiple of the kernel's own block length. */
const ROWS = 512;

/** Whether rows are reduced in blocks; depends on the shape only. */
const cut = (outer: number, length: number, inner: number): boolean =>
  outer === 1 && inner > 1 && length >= 2 * ROWS && length * inner >= 2 ** 16;

function reduction(name: keyof typeof KINDS, vjp: Op<Group>['vjp']): Op<Group> {
  return defineOp<Group>({
    name,
    infer: ([x], group) => {
      if (x.dtype === 'i32') misfit(name, [x], "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
      if (name !== 'sum' && split(x.shape, group).length === 0)
        misfit(name, [x], 'there must be at least one element.');
      return [{ shape: without(x.shape, group), dtype: x.dtype }];
    },
    depends: ({ x: [{ shape, sets }], attrs, union }) => {
      const { outer, length, inner } = split(shape, attrs);
      return [
        Int32Array.from({ length: outer * inner }, (_, e) => {
          const from = Math.floor(e / inner) * length * inner + (e % inner);
          return union(Int32Array.from({ length }, (__, k) => sets[from + k * inner]));
        }),
      ];
    },
    work: ([x], _, group) => {
      const { outer, length, inner } = split(x.shape, group);
      return cut(outer, length, inner) ? Math.ceil(length / ROWS) * inner * 8 : 0;
    },
    bind: (binding) => {
      const {
        kernels,
        x: [x],
        y: [y],
        attrs,
        work,
      } = binding;
      const { outer, length, inner } = split(x.shape, attrs);
      const kernel = x.dtype === 'f64' ? 'reduceAxis' : 'sreduceAxis';
      const bytes = BYTES[x.dtype];
      const [kind, from, to] = [KINDS[name], x.pointer, y.pointer];
      const time = 0.1 * x.size;
      if (cut(outer, length, inner)) {
        // First sums within blocks of rows, then over the blocks, so that the number of threads does not affect the
        // order of sums.
        const count = Math.ceil(length / ROWS);
        const block = ROWS * inner * bytes;
        const part = (b: number, end: number): TensorCall[] => {
          const whole = Math.min(end, Math.floor(length / ROWS));
          const rest = end > whole ? length % ROWS : 0;
          const rows = (k: number): number => work + k * inner * bytes;
          return [
            ...(whole > b ? [[kernel, kind, whole - b, ROWS, inner, from + b * block, rows(b)] as const] : []),
            ...(rest > 0 ? [[kernel, kind, 1, rest, inner, from + whole * block, rows(whole)] as const] : []),
          ];
        };
        const blocks = shared(binding, count, time, part) ?? inTurn(kernels, part(0, count));
        const last = inTurn(kernels, [[kernel, kind, 1, count, inner, work, to]]);
        return () => {
          blocks();
          last();
        };
      }
      const part = (o: number, end: number): TensorCall[] => [
        [kernel, kind, end - o, length, inner, from + o * length * inner * bytes, to + o * inner * bytes],
      ];
      return shared(binding, outer, time, part) ?? inTurn(kernels, part(0, outer));
    },
    vjp,
  });
}

const sumOp = reduction('sum', ({ o, x: [x], g: [g], attrs }) => [
  g && o.broadcastTo(o.reshape(g, kept(x.shape, attrs)), x.shape),
]);
/** The derivative of an extremum, distributed equally to all elements that attain it. */
const toExtremes: Op<Group>['vjp'] = ({ o, x: [x], y: [y], g: [g], attrs }) => {
  if (!g) return [];
  const hits = o.equal(x, o.broadcastTo(o.reshape(y, kept(x.shape, attrs)), x.shape));
  const share = o.div(o.reshape(g, kept(x.shape, attrs)), groupSum(hits, attrs, true));
  return [o.mul(hits, share)];
};
const maxOp = reduction('max', toExtremes);
const minOp = reduction('min', toExtremes);

function groupSum(x: Tensor, group: Group, keep: boolean): Tensor {
  const y = apply(sumOp, [x], group)[0];
  return keep ? reshape(y, kept(x.shape, group)) : y;
}

/** Axes as an argument: one, several, or all. */
export type Axes = number | readonly number[] | undefined;

/** Normalises axes: counted from the end, sorted, without duplicates. */
export function axesOf(name: string, x: Tensor, axes: Axes): number[] {
  needTensors(name, { x });
  if (axes === undefined) return x.shape.map((_, d) => d - x.rank);
  const list = typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(list)) refuse(name, `axes must be a whole number or a list of them, not ${described(axes)}.`);
  const found = list.map((axis) => needAxis(name, x, axis));
  if (new Set(found).size < found.length) refuse(name, `axes [${list.join(', ')}] contain duplicates.`);
  return found.sort((a, b) => a - b);
}

/** Groups of adjacent axes, the last one first; each is one reduction. */
function groupsOf(axes: readonly number[]): Group[] {
  const groups: Group[] = [];
  for (const axis of axes) {
    const last = groups.at(-1);
    if (last && last.from + last.count === axis) groups[groups.length - 1] = { from: last.from, count: last.count + 1 };
    else groups.push({ from: axis, count: 1 });
  }
  return groups;
}

function reduce(op: Op<Group>, x: Tensor, axes: Axes, keep: boolean): Tensor {
  const list = axesOf(op.name, x, axes);
  let y = x;
  let gone = 0;
  for (const { from, count } of groupsOf(list).reverse()) {
    // Accounts for later axes that have already been removed.
    y = apply(op, [y], { from: from + gone, count })[0];
    gone += count;
  }
  return keep
    ? reshape(
        y,
        x.shape.map((n, d) => (list.includes(d - x.rank) ? 1 : n)),
      )
    : y;
}

/** Sum over axes (default all), kept as length 1 with `keep`. In f32 by blocks, to limit rounding errors. */
export const sum = (x: Tensor, axes?: Axes, keep = false): Tensor => reduce(sumOp, x, axes, keep);

/**
 * Maximum over axes; ties share the derivative.
 * @throws INVALID_SHAPE if there are no elements.
 */
export const max = (x: Tensor, axes?: Axes, keep = false): Tensor => reduce(maxOp, x, axes, keep);

/**
 * Minimum over axes; ties share the derivative.
 * @throws INVALID_SHAPE if there are no elements.
 */
export const min = (x: Tensor, axes?: Axes, keep = false): Tensor => reduce(minOp, x, axes, keep);

/** The sum over everything that broadcasting from `shape` repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, d) => (d < lead || (shape[d - lead] === 1 && n !== 1) ? [d - x.rank] : []));
  return reshape(axes.length > 0 ? sum(x, axes, true) : x, shape);
}

interface Along {
  readonly axis: number;
  readonly reverse: boolean;
}

const cumsumOp: Op<Along> = defineOp<Along>({
  name: 'cumsum',
  depends: ({ x: [{ shape, sets }], attrs: { axis, reverse }, union }) => {
    const { length, inner } = split(shape, { from: axis, count: 1 });
    const out = sets.slice();
    for (let e = 0; e < out.length; e++) {
      const at = reverse ? out.length - 1 - e : e;
      const before = at + (reverse ? inner : -inner);
      const place = Math.floor(at / inner) % length;
      if (place !== (reverse ? length - 1 : 0)) out[at] = union([out[at], out[before]]);
    }
    return [out];
  },
  inPlace: [0],
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: ({ kernels, x: [x], y: [y], attrs: { axis, reverse } }) => {
    const { outer, length, inner } = split(x.shape, { from: axis, count: 1 });
    const kernel = x.dtype === 'f64' ? kernels.cumulativeSum : kernels.scumulativeSum;
    const [from, to] = [x.pointer, y.pointer];
    return () => kernel(reverse, outer, length, inner, from, to);
  },
  vjp: ({ g: [g], attrs: { axis, reverse } }) => [g && apply(cumsumOp, [g], { axis, reverse: !reverse })[0]],
});

/**
 * Cumulative sum along an axis (default last), from its end with `reverse`.
 * @throws INVALID_PARAMETER for an invalid axis.
 */
export function cumsum(x: Tensor, axis = -1, reverse = false): Tensor {
  const [at] = axesOf('cumsum', x, axis);
  if (x.dtype === 'i32') misfit('cumsum', [x], "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
  return apply(cumsumOp, [x], { axis: at, reverse })[0];
}
