import type { Dependence, Dependences, Dependent } from '../primitive.ts';
import { broadcastStrides, rowMajor, type Shape, sameShape, sizeOf } from '../shapes.ts';
import type { Layout } from '../tensor.ts';

// Rules of dependence that several operations share.

/** The elements of a contiguous tensor that a layout reads, in order; without one, their places. */
export function readThrough(sets: Int32Array | undefined, { shape, strides, offset }: Layout): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  let at = 0;
  const visit = (d: number, from: number): void => {
    if (d === shape.length) out[at++] = sets ? sets[from] : from;
    else for (let i = 0; i < shape[d]; i++) visit(d + 1, from + i * strides[d]);
  };
  visit(0, offset);
  return out;
}

/** Element by element, with broadcasting. */
export const elementwise: Dependences<unknown> = ({ x, shapes: [shape], union }) => {
  const own = x
    .filter(({ sets }) => sets.some((set) => set !== 0))
    .map(({ shape: from, sets }) => {
      const layout = { shape, strides: broadcastStrides(from, rowMajor(from), shape), offset: 0 };
      return sameShape(from, shape) ? sets : readThrough(sets, layout);
    });
  if (own.length === 0) return [new Int32Array(sizeOf(shape))];
  const [first, ...others] = own;
  if (others.length === 0) return [first];
  const sets = new Int32Array(own.length);
  return [
    first.map((_, e) => {
      for (let i = 0; i < own.length; i++) sets[i] = own[i][e];
      return union(sets);
    }),
  ];
};

/** All elements of all inputs. */
export const everything: Dependences<unknown> = ({ x, shapes, union }) => {
  const all = union(x.flatMap(({ sets }) => [union(sets)]));
  return shapes.map((shape) => new Int32Array(sizeOf(shape)).fill(all));
};

/**
 * Within blocks: the last axes of each input, as many as `tails` says (null for an input that all blocks share), form
 * a block, to which the same block of every output belongs.
 */
export function inBlocks<A>(...tails: ReadonlyArray<number | null>): Dependences<A> {
  return ({ x, shapes, union }) => {
    const lead = tails.findIndex((tail) => tail !== null);
    const count = sizeOf(x[lead].shape.slice(0, x[lead].shape.length - tails[lead]!));
    const common = union(x.flatMap(({ sets }, i) => (tails[i] === null ? [union(sets)] : [])));
    const own = x.filter((_, i) => tails[i] !== null);
    const blocks = Array.from({ length: count }, (_, b) =>
      union([
        common,
        ...own.map(({ sets }) => union(sets.subarray((sets.length / count) * b, (sets.length / count) * (b + 1)))),
      ]),
    );
    return shapes.map((shape) => {
      const out = new Int32Array(sizeOf(shape));
      const size = out.length / Math.max(1, count);
      blocks.forEach((set, b) => {
        out.fill(set, b * size, (b + 1) * size);
      });
      return out;
    });
  };
}

/** Shape with an axis, counted from the end, and those around it merged. */
export const around = (shape: Shape, axis: number): { outer: number; length: number; inner: number } => ({
  outer: sizeOf(shape.slice(0, shape.length + axis)),
  length: shape[shape.length + axis],
  inner: axis === -1 ? 1 : sizeOf(shape.slice(axis + 1)),
});

/** Rows of a matrix by columns of another, in batches that broadcast; both with the common axis last. */
export function ofProduct(
  { shapes: [shape], union }: Dependence<unknown>,
  a: Dependent,
  b: Dependent,
): readonly Int32Array[] {
  const rows = ({ shape: from, sets }: Dependent): Int32Array => {
    const k = from.at(-1)!;
    return Int32Array.from({ length: sizeOf(from.slice(0, -1)) }, (_, r) => union(sets.subarray(r * k, (r + 1) * k)));
  };
  const [m, n] = [a.shape.at(-2)!, b.shape.at(-2)!];
  const batch = shape.slice(0, -2);
  const wide = (t: Dependent, count: number): Int32Array => {
    const from = t.shape.slice(0, -1);
    const to = [...batch, count];
    return readThrough(rows(t), { shape: to, strides: broadcastStrides(from, rowMajor(from), to), offset: 0 });
  };
  const [left, right] = [wide(a, m), wide(b, n)];
  const out = new Int32Array(sizeOf(shape));
  for (let e = 0; e < out.length; e++) {
    const row = Math.floor(e / n);
    out[e] = union([left[row], right[Math.floor(row / m) * n + (e % n)]]);
  }
  return [out];
}

/** A matrix with its last two axes exchanged. */
export function turnedSets({ shape, sets, values }: Dependent): Dependent {
  const strides = rowMajor(shape);
  [strides[shape.length - 1], strides[shape.length - 2]] = [strides[shape.length - 2], strides[shape.length - 1]];
  const to = [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  return { shape: to, sets: readThrough(sets, { shape: to, strides, offset: 0 }), values };
}
