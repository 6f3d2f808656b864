import { fail } from '@southwell/numerics/core';
import { needAxis, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, misfit, refuse } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Binding, type Dependence, defineOp, type Op } from '../primitive.ts';
import { shared } from '../programs/sharing.ts';
import { sizeOf } from '../shapes.ts';
import { BYTES, isHalf, type Tensor } from '../tensor.ts';
import { around, inBlocks } from './dependence.ts';
import { isFew, largestPlaces, sortPlaces } from './ordering.ts';
import { permute, reshape } from './views.ts';

interface Rows {
  /** The axis replaced by the indices, counted from the end, and its length. */
  readonly axis: number;
  readonly length: number;
  /** Rank of the indices. */
  readonly rank: number;
}

/**
 * Converts the failure of a kernel to an error.
 * @throws INVALID_PARAMETER.
 */
export function outside(
  name: string,
  { arena }: Pick<Binding<unknown>, 'arena'>,
  at: number,
  place: number,
  length: number,
): never {
  return fail(
    'INVALID_PARAMETER',
    `${name}${atLine()}: index ${arena.i32[at / 4 + place]} at position ${place + 1} of the indices is out of range for an axis of length ${length}.`,
  );
}

// x [outer, length, inner] at indices […] gives [outer, …, inner]; its transpose accumulates.
const takeOp: Op<Rows> = defineOp<Rows>({
  name: 'take',
  moves: true,
  infer: ([x, at], { axis }) => {
    const d = x.rank + axis;
    return [{ shape: [...x.shape.slice(0, d), ...at.shape, ...x.shape.slice(d + 1)], dtype: x.dtype }];
  },
  depends: (given) => rowsDepend(given, false),
  bind: (binding) => rowsBound(binding, false),
  vjp: ({ x: [, at], g: [g], attrs }) => [g && apply(addOp, [g, at], attrs)[0]],
  batch: ({ o, x: [x, at], mapped, size, attrs, apply: again }) => {
    if (!mapped[1]) return again([x, at]);
    // A batch of indices into the same rows.
    if (!mapped[0] && x.rank + attrs.axis === 0) return again([x, at], { ...attrs, rank: attrs.rank + 1 });
    const each = Array.from({ length: size }, (_, i) => again([mapped[0] ? o.at(x, i) : x, o.at(at, i)], attrs)[0]);
    return [o.stack(each)];
  },
});

export const addOp: Op<Rows> = defineOp<Rows>({
  name: 'take’s transpose',
  infer: ([g], { axis, length, rank }) => {
    const end = g.rank + axis + 1;
    return [{ shape: [...g.shape.slice(0, end - rank), length, ...g.shape.slice(end)], dtype: g.dtype }];
  },
  depends: (given) => rowsDepend(given, true),
  bind: (binding) => rowsBound(binding, true),
  vjp: ({ x: [, at], g: [g], attrs }) => [g && apply(takeOp, [g, at], attrs)[0]],
  batch: ({ o, x: [g, at], mapped, size, attrs, apply: again }) => {
    if (!mapped[1]) return again([g, at]);
    const each = Array.from({ length: size }, (_, i) => again([mapped[0] ? o.at(g, i) : g, o.at(at, i)], attrs)[0]);
    return [o.stack(each)];
  },
});

/** By the indices if they are constants; otherwise along the whole axis. */
function rowsDepend({ x: [{ shape, sets }, at], shapes: [to], attrs, union }: Dependence<Rows>, back: boolean) {
  const { outer, inner } = around(back ? to : shape, attrs.axis);
  const out = new Int32Array(sizeOf(to));
  const [count, own] = [sizeOf(at.shape), sizeOf(shape) / Math.max(1, outer * inner)];
  const size = out.length / Math.max(1, outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++) {
      const from = (i: number): number => (o * own + i) * inner + c;
      const into = (i: number): number => (o * size + i) * inner + c;
      const all = at.values ? 0 : union(Int32Array.from({ length: own }, (_, i) => sets[from(i)]));
      if (!at.values) for (let i = 0; i < size; i++) out[into(i)] = all;
      for (let i = 0; at.values && i < count; i++) {
        const place = at.values[i];
        if (place < 0 || place >= attrs.length) continue;
        if (back) out[into(place)] = union([out[into(place)], sets[from(i)]]);
        else out[into(i)] = sets[from(place)];
      }
    }
  }
  return [out];
}

function rowsBound(binding: Binding<Rows>, back: boolean): () => void {
  const {
    kernels,
    x: [p, at],
    y: [q],
    attrs: { axis, length },
  } = binding;
  const whole = back ? q : p;
  const d = whole.shape.length + axis;
  const [outer, inner, count] = [sizeOf(whole.shape.slice(0, d)), sizeOf(whole.shape.slice(d + 1)), at.size];
  const name = p.dtype === 'f64' ? 'takeRows' : 'stakeRows';
  const call = (...rest: [number, number, number, number, number, number, number, number]): TensorCall =>
    isHalf(p.dtype) ? ['takeHalves', ...rest] : [name, back, ...rest];
  const bytes = BYTES[p.dtype];
  const [pa, px, py] = [at.pointer, whole.pointer, (back ? p : q).pointer];
  // Divided between blocks; a single block is divided between indices or, if they accumulate, between columns.
  const part = (from: number, end: number): TensorCall[] => {
    const n = end - from;
    if (outer > 1) {
      const [x, y] = [px + from * length * inner * bytes, py + from * count * inner * bytes];
      return [call(n, count, length, inner, inner, pa, x, y)];
    }
    if (!back) return [call(1, n, length, inner, inner, pa + from * 4, px, py + from * inner * bytes)];
    return [call(1, count, length, n, inner, pa, px + from * bytes, py + from * bytes)];
  };
  const size = outer * count * inner;
  const [n, unit] = outer > 1 ? [outer, 1] : back ? [inner, 16] : [count, 1];
  const together = shared(binding, n, (size + (back ? whole.size : 0)) * 0.2, part, unit);
  if (!together) {
    const { takeHalves, [name]: kernel } = kernels;
    const run = isHalf(p.dtype)
      ? () => takeHalves(outer, count, length, inner, inner, pa, px, py)
      : () => kernel(back, outer, count, length, inner, inner, pa, px, py);
    return () => {
      const bad = run();
      if (bad >= 0) outside(back ? 'indexAdd' : 'take', binding, pa, bad, length);
    };
  }
  const { arena } = binding;
  return () => {
    const { i32 } = arena;
    // Results of kernels in call lists are discarded, so indices are checked beforehand.
    for (let j = 0; j < count; j++) {
      const index = i32[pa / 4 + j];
      if (index < 0 || index >= length) outside(back ? 'indexAdd' : 'take', binding, pa, j, length);
    }
    together();
  };
}

/**
 * Gathers entries along an axis (default 0): x of shape [a, n, b] on axis 1 at indices of shape [i, j] gives [a, i, j,
 * b]. The derivative accumulates repeated indices. An embedding is take(table, tokens).
 * @throws INVALID_PARAMETER for an invalid axis, indices that are not i32, or, at run time, an index out of range.
 */
export function take(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const at = needAxis('take', x, axis);
  needTensors('take', { indices });
  if (indices.dtype !== 'i32') misfit('take', [x, indices], `indices must be i32, not ${indices.dtype}.`);
  return apply(takeOp, [x, indices], { axis: at, length: x.shape[x.rank + at], rank: indices.rank })[0];
}

interface Places {
  readonly length: number;
  /** Whether the indices were computed by an operation and are thus in range. */
  readonly sure: boolean;
}

// x [blocks, length] at indices [blocks, count] gives [blocks, count]; its transpose accumulates.
const placesOp: Op<Places> = defineOp<Places>({
  name: 'takeAlong',
  infer: ([x, at]) => [{ shape: at.shape, dtype: x.dtype }],
  depends: inBlocks(1, 1),
  bind: (binding) => placesBound(binding, false),
  vjp: ({ x: [, at], g: [g], attrs }) => [g && apply(spreadOp, [g, at], attrs)[0]],
});
export const spreadOp: Op<Places> = defineOp<Places>({
  name: 'takeAlong’s transpose',
  infer: ([g], { length }) => [{ shape: [...g.shape.slice(0, -1), length], dtype: g.dtype }],
  depends: inBlocks(1, 1),
  bind: (binding) => placesBound(binding, true),
  vjp: ({ x: [, at], g: [g], attrs }) => [g && apply(placesOp, [g, at], attrs)[0]],
});

function placesBound(binding: Binding<Places>, back: boolean): () => void {
  const {
    kernels,
    x: [p, at],
    y: [q],
    attrs: { length, sure },
  } = binding;
  const count = at.shape.at(-1)!;
  const blocks = sizeOf(at.shape.slice(0, -1));
  const name = p.dtype === 'f64' ? 'takePlaces' : 'stakePlaces';
  const kernel = kernels[name];
  const bytes = BYTES[p.dtype];
  const [pa, px, py] = [at.pointer, (back ? q : p).pointer, (back ? p : q).pointer];
  if (sure) {
    const part = (from: number, end: number): TensorCall[] => {
      const [a, x, y] = [pa + from * count * 4, px + from * length * bytes, py + from * count * bytes];
      return [[name, back, end - from, count, length, a, x, y]];
    };
    const together = shared(binding, blocks, at.size + (back ? 0.1 * blocks * length : 0), part);
    if (together) return together;
  }
  return () => {
    const bad = kernel(back, blocks, count, length, pa, px, py);
    if (bad >= 0) outside(back ? 'scatterAdd' : 'takeAlong', binding, pa, bad, length);
  };
}

/** Gathers x […, length] at indices […, count] computed by an operation; with `back`, its transpose. */
export const takePlaces = (x: Tensor, at: Tensor, length: number, back: boolean): Tensor =>
  apply(back ? spreadOp : placesOp, [x, at], { length, sure: true })[0];

/** Applies f along another axis than the last. */
function onLast<T>(
  name: string,
  x: Tensor,
  axis: number,
  f: (x: Tensor) => T,
  back: (r: T, turn: (t: Tensor) => Tensor) => T,
): T {
  const at = needAxis(name, x, axis);
  if (at === -1) return f(x);
  const order = x.shape.map((_, d) => d);
  [order[x.rank + at], order[x.rank - 1]] = [x.rank - 1, x.rank + at];
  return back(f(permute(x, order)), (t) => permute(t, order));
}

/**
 * Gathers elements along an axis (default last) by an index for each: y[i, j] = x[i, places[i, j]].
 * @throws INVALID_SHAPE if other axes differ; INVALID_PARAMETER as {@link take}.
 */
export function takeAlong(x: Tensor, places: Tensor, axis = -1): Tensor {
  const at = needAxis('takeAlong', x, axis);
  needTensors('takeAlong', { places });
  if (places.dtype !== 'i32') misfit('takeAlong', [x, places], `indices must be i32, not ${places.dtype}.`);
  if (places.rank !== x.rank || places.shape.some((n, d) => d !== x.rank + at && n !== x.shape[d])) {
    misfit('takeAlong', [x, places], 'all other axes must have equal lengths.');
  }
  const order = x.shape.map((_, d) => d);
  [order[x.rank + at], order[x.rank - 1]] = [x.rank - 1, x.rank + at];
  const turn = (t: Tensor) => permute(t, order);
  return turn(apply(placesOp, [turn(x), turn(places)], { length: x.shape[x.rank + at], sure: false })[0]);
}

interface Order {
  /** Number of elements of each row, and the order. */
  readonly count: number;
  readonly descending: boolean;
}

// Outputs: the sorted elements and their indices.
const orderOp: Op<Order> = defineOp<Order>({
  name: 'sort',
  depends: inBlocks(1),
  infer: ([x], { count }) => {
    const shape = [...x.shape.slice(0, -1), count];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'i32' },
    ];
  },
  bind: ({ arena, x: [x], y: [y, at], attrs: { count, descending } }) => {
    const n = x.shape.at(-1)!;
    const rows = sizeOf(x.shape.slice(0, -1));
    const bytes = x.dtype === 'f64' ? 8 : 4;
    const order = new Int32Array(n);
    const keys = new Float64Array(n);
    const spare = new Int32Array(n);
    const few = descending && isFew(count, n);
    return () => {
      const heap = x.dtype === 'f64' ? arena.f64 : x.dtype === 'f32' ? arena.f32 : arena.i32;
      const places = arena.i32;
      for (let r = 0; r < rows; r++) {
        const from = x.pointer / bytes + r * n;
        for (let i = 0; i < n; i++) keys[i] = heap[from + i];
        if (few) largestPlaces(keys, order, n, count);
        else sortPlaces(keys, order, spare, n, descending);
        for (let j = 0; j < count; j++) {
          heap[y.pointer / bytes + r * count + j] = keys[order[j]];
          places[at.pointer / 4 + r * count + j] = order[j];
        }
      }
    };
  },
  vjp: ({ x: [x], y: [, at], g: [g] }) => [g && takePlaces(g, at, x.shape.at(-1)!, true)],
});

/** Sorted elements, and their indices in x (i32). */
export interface Sorted {
  readonly values: Tensor;
  readonly places: Tensor;
}

function ordered(name: string, x: Tensor, axis: number, attrs: (n: number) => Order): Sorted {
  return onLast(
    name,
    x,
    axis,
    (t): Sorted => {
      const [values, places] = apply(orderOp, [t], attrs(t.shape.at(-1)!));
      return { values, places };
    },
    ({ values, places }, turn) => ({ values: turn(values), places: turn(places) }),
  );
}

/**
 * Stable sort along an axis (default last), ascending or `descending`, NaN last, with indices into x; the derivative is
 * permuted back. O(n log n) per row.
 * @throws INVALID_PARAMETER for an invalid axis.
 */
export const sort = (x: Tensor, axis = -1, descending = false): Sorted =>
  ordered('sort', x, axis, (count) => ({ count, descending }));

/** The indices that sort x along an axis (default last), as {@link sort}; i32. */
export const argsort = (x: Tensor, axis = -1, descending = false): Tensor =>
  ordered('argsort', x, axis, (count) => ({ count, descending })).places;

/**
 * The k largest elements along an axis (default last), in descending order, with their indices.
 * @throws INVALID_PARAMETER if there are fewer than k.
 */
export const topK = (x: Tensor, k: number, axis = -1): Sorted =>
  ordered('topK', x, axis, (n) => {
    if (!Number.isInteger(k) || k < 0 || k > n)
      refuse('topK', `k must be from 0 to ${n}, the length of the axis, not ${k}.`);
    return { count: k, descending: true };
  });

/** Index of the maximum along an axis, the first of ties; i32. */
export const argmax = (x: Tensor, axis = -1): Tensor => {
  needAxis('argmax', x, axis);
  const { places } = topK(x, 1, axis);
  const d = axis < 0 ? axis + x.rank : axis;
  return reshape(
    places,
    places.shape.filter((_, k) => k !== d),
  );
};
