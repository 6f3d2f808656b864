import { mapCodes } from '@southwell/kernels/networks';
import { described, isTensor, needAxis, needLists, notTensor } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { copyKernel, defineOp, type Place } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { sameShape, show } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { around } from './dependence.ts';
import { collapsed } from './elementwise.ts';
import { type Range, reshape, slice } from './views.ts';

const concatOp = defineOp<{ axis: number }>({
  name: 'concat',
  strided: true,
  moves: true,
  infer: (x, { axis }) => {
    const [first] = x;
    const at = first.rank + axis;
    for (const t of x) {
      if (t.rank !== first.rank || t.shape.some((n, d) => d !== at && n !== first.shape[d])) {
        misfit('concat', x, `all lengths except that of axis ${at} must agree.`);
      }
      if (t.dtype !== first.dtype)
        misfit('concat', x, `their dtypes ${x.map((v) => v.dtype).join(', ')} must agree; see cast.`);
    }
    return [
      { shape: first.shape.map((n, d) => (d === at ? x.reduce((s, t) => s + t.shape[d], 0) : n)), dtype: first.dtype },
    ];
  },
  depends: ({ x, shapes: [shape], attrs: { axis } }) => {
    const { outer, length, inner } = around(shape, axis);
    const out = new Int32Array(outer * length * inner);
    let at = 0;
    for (const { shape: own, sets } of x) {
      const size = own[own.length + axis] * inner;
      for (let o = 0; o < outer; o++) out.set(sets.subarray(o * size, (o + 1) * size), o * length * inner + at);
      at += size;
    }
    return [out];
  },
  work: () => 8192,
  bind: (binding) => {
    const {
      kernels,
      x,
      y: [y],
      attrs: { axis },
      work,
      meta,
    } = binding;
    const at = y.shape.length + axis;
    const bytes = BYTES[y.dtype];
    const name = copyKernel(y.dtype);
    let offset = 0;
    const parts = x.map((p) => {
      const part = { p, to: y.pointer + offset * y.strides[at] * bytes };
      offset += p.shape[at];
      return part;
    });
    /** Copies a range of the first axis of a part; adjacent axes are merged where possible, so that rows are long. */
    const moved = (p: Place, to: number, from: number, end: number, own: number): TensorCall => {
      const dims = collapsed([end - from, ...p.shape.slice(1)], [y.strides, p.strides]);
      const shape = meta([dims.length, ...dims.flatMap((dim) => [...dim, 0, 0])]);
      const [q, r] = [to + from * y.strides[0] * bytes, p.pointer + from * p.strides[0] * bytes];
      return [name, mapCodes.copy, shape, q, r, r, r, own];
    };
    const there = parts.filter(({ p }) => p.size > 0);
    const range = (from: number, end: number, own: number): TensorCall[] =>
      there.map(({ p, to }) => moved(p, to, from, end, own));
    const together = at > 0 && there.length > 0 ? shared(binding, y.shape[0], 0.3 * y.size, range) : undefined;
    return (
      together ??
      inTurn(
        kernels,
        there.map(({ p, to }) => moved(p, to, 0, p.shape[0], work)),
      )
    );
  },
  vjp: ({ x, g: [g], attrs: { axis }, needs }) => {
    let from = 0;
    return x.map((t, i) => {
      const start = from;
      from += t.shape[t.rank + axis];
      if (!needs[i] || !g) return undefined;
      return slice(g, ...t.shape.map((_, d): Range => (d === t.rank + axis ? [start, from] : undefined)));
    });
  },
});

/** @throws INVALID_PARAMETER unless there is a list of tensors. */
function someTensors(name: string, tensors: readonly Tensor[]): void {
  needLists(name, { tensors });
  if (tensors.length === 0) refuse(name, 'there must be at least one tensor.');
  tensors.forEach((x, i) => {
    if (!isTensor(x)) notTensor(name, `tensors[${i}]`, x);
  });
}

/**
 * Concatenates tensors along an axis (default 0).
 * @throws INVALID_SHAPE if other lengths or dtypes differ; INVALID_PARAMETER for no tensors or an invalid axis.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  someTensors('concat', tensors);
  const at = needAxis('concat', tensors[0], axis);
  return tensors.length === 1 ? tensors[0] : apply(concatOp, tensors, { axis: at })[0];
}

/**
 * Stacks tensors of one shape along a new axis (default 0).
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link concat}.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  someTensors('stack', tensors);
  const [first] = tensors;
  const at = Number.isInteger(axis) && axis < 0 ? axis + first.rank + 1 : axis;
  if (!Number.isInteger(axis) || at < 0 || at > first.rank)
    refuse('stack', `axis ${described(axis)} is out of range for tensors of ${show(first.shape)}.`);
  for (const t of tensors)
    if (!sameShape(t.shape, first.shape)) misfit('stack', tensors, 'all shapes must be the same.');
  return concat(
    tensors.map((t) => reshape(t, [...t.shape.slice(0, at), 1, ...t.shape.slice(at)])),
    at,
  );
}
