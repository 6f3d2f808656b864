import { needAxis, needTensors } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { show, sizeOf } from '../shapes.ts';
import { BYTES, type DType, type Tensor } from '../tensor.ts';
import { binary, where } from './elementwise.ts';
import { addOp, spreadOp, takePlaces } from './indexing.ts';
import { permute } from './views.ts';

interface Target {
  readonly length: number;
  readonly dtype: DType;
}

// For each element of the last axis of the result, the number of the last index that points at it, or 0; and 1, or 0 if
// none does.
const lastOp: Op<Target> = defineOp<Target>({
  name: 'scatter',
  infer: ([at], { length, dtype }) => {
    const shape = [...at.shape.slice(0, -1), length];
    return [
      { shape, dtype: 'i32' },
      { shape, dtype },
    ];
  },
  bind: ({ arena, x: [at], y: [y, hit], attrs: { length } }) => {
    const count = at.shape.at(-1)!;
    const rows = sizeOf(at.shape.slice(0, -1));
    return () => {
      const { i32 } = arena;
      const hits = heapOf(arena, hit.dtype);
      const [from, to, mark] = [at.pointer / 4, y.pointer / 4, hit.pointer / BYTES[hit.dtype]];
      i32.fill(0, to, to + y.size);
      hits.fill(0, mark, mark + y.size);
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < count; j++) {
          const place = i32[from + r * count + j];
          if (place < 0 || place >= length)
            refuse('scatter', `index ${place} is out of range for an axis of length ${length}.`);
          i32[to + r * length + place] = j;
          hits[mark + r * length + place] = 1;
        }
      }
    };
  },
});

/** Checks the operands, and applies f with the axis last. */
function along(
  name: string,
  x: Tensor,
  places: Tensor,
  updates: Tensor,
  axis: number,
  f: (x: Tensor, places: Tensor, updates: Tensor) => Tensor,
): Tensor {
  const at = needAxis(name, x, axis);
  needTensors(name, { places, updates });
  const all = [x, places, updates];
  if (places.dtype !== 'i32') misfit(name, all, `indices must be i32, not ${places.dtype}.`);
  if (updates.dtype !== x.dtype)
    misfit(name, all, `the updates are ${updates.dtype}; cast(updates, '${x.dtype}') makes them ${x.dtype}.`);
  const d = x.rank + at;
  const fits = (t: Tensor): boolean => t.rank === x.rank && t.shape.every((n, k) => k === d || n === x.shape[k]);
  if (!fits(places) || !fits(updates) || places.shape[d] !== updates.shape[d])
    misfit(name, all, 'indices and updates must have the same shape, and all other axes the lengths of the first.');
  const order = x.shape.map((_, k) => k);
  [order[d], order[x.rank - 1]] = [x.rank - 1, d];
  const turn = (t: Tensor): Tensor => permute(t, order);
  return turn(f(turn(x), turn(places), turn(updates)));
}

/**
 * x with elements along an axis (default last) replaced by updates, each at its own index: y[i, places[i, j]] =
 * updates[i, j]; of several at the same place the last remains.
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for an invalid axis or, at run time, an index out of
 * range.
 */
export const scatter = (x: Tensor, places: Tensor, updates: Tensor, axis = -1): Tensor =>
  along('scatter', x, places, updates, axis, (t, at, u) => {
    if (u.size === 0) return t;
    const [from, hit] = apply(lastOp, [at], { length: t.shape.at(-1)!, dtype: t.dtype });
    return where(hit, takePlaces(u, from, u.shape.at(-1)!, false), t);
  });

/**
 * x with updates added along an axis (default last), each at its own index: y[i, places[i, j]] += updates[i, j]. The
 * transpose of {@link takeAlong}.
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link scatter}.
 */
export const scatterAdd = (x: Tensor, places: Tensor, updates: Tensor, axis = -1): Tensor =>
  along('scatterAdd', x, places, updates, axis, (t, at, u) =>
    binary('add')(t, apply(spreadOp, [u, at], { length: t.shape.at(-1)!, sure: false })[0]),
  );

/**
 * x with updates added at indices of an axis (default 0): the transpose of {@link take}. For x [a, n, b] on axis 1 and
 * indices [i, j] the updates are [a, i, j, b].
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for an invalid axis or, at run time, an index out of
 * range.
 */
export function indexAdd(x: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor {
  const at = needAxis('indexAdd', x, axis);
  needTensors('indexAdd', { indices, updates });
  const d = x.rank + at;
  const all = [x, indices, updates];
  if (indices.dtype !== 'i32') misfit('indexAdd', all, `indices must be i32, not ${indices.dtype}.`);
  const needed = [...x.shape.slice(0, d), ...indices.shape, ...x.shape.slice(d + 1)];
  if (show(needed) !== show(updates.shape)) misfit('indexAdd', all, `the updates must be ${show(needed)}.`);
  const added = apply(addOp, [updates, indices], { axis: at, length: x.shape[d], rank: indices.rank })[0];
  return binary('add')(x, added);
}
