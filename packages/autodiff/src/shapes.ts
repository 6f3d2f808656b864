/** Shape of a tensor, the outermost axis first; empty for a scalar. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** A shape as text for messages. */
export const show = (shape: Shape | undefined): string => {
  // For arguments that are not tensors, for which the caller throws.
  if (!shape) return 'no shape';
  return shape.length === 0 ? 'a scalar' : `[${shape.join(', ')}]`;
};

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, d) => n === b[d]);

/** Row-major strides in elements of a contiguous tensor. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

/** Whether strides are contiguous in row-major order. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] === 0) return true;
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d];
  }
  return true;
}

/** Broadcast shape, by NumPy's rules: axes are aligned at the end, and length 1 stretches. Undefined if shapes are incompatible. */
export function broadcastShape(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let d = 0; d < shape.length; d++) {
      const at = rank - shape.length + d;
      if (shape[d] === 1 || shape[d] === out[at]) continue;
      if (out[at] !== 1) return undefined;
      out[at] = shape[d];
    }
  }
  return out;
}

/** Strides of a tensor as a view of its broadcast shape. */
export function broadcastStrides(shape: Shape, strides: readonly number[], to: Shape): number[] {
  const added = to.length - shape.length;
  return to.map((n, d) => (d < added || (shape[d - added] === 1 && n !== 1) ? 0 : strides[d - added]));
}

/** Normalises an axis to a negative one, which leading axes added by vmap do not change. Undefined if out of range. */
export function fromEnd(axis: number, rank: number): number | undefined {
  const at = axis < 0 ? axis : axis - rank;
  return Number.isInteger(axis) && at >= -rank && at < 0 ? at : undefined;
}

/** Strides of a reshaped view; undefined if a copy is needed. */
export function reshapedStrides(shape: Shape, strides: readonly number[], to: Shape): number[] | undefined {
  if (sizeOf(shape) === 0) return rowMajor(to);
  // Axes of length 1 are irrelevant. Groups of axes with equal products are matched; each must be contiguous.
  const from = shape.map((n, d) => ({ n, s: strides[d] })).filter(({ n }) => n !== 1);
  const out = new Array<number>(to.length).fill(0);
  let d = 0;
  let i = 0;
  while (i < from.length) {
    let taken = from[i].n;
    let last = i;
    let given = 1;
    const first = d;
    while (given !== taken) {
      if (given < taken) {
        if (d >= to.length) return undefined;
        given *= to[d++];
      } else {
        last++;
        if (from[last - 1].s !== from[last].s * from[last].n) return undefined;
        taken *= from[last].n;
      }
    }
    let step = from[last].s;
    for (let k = d - 1; k >= first; k--) {
      out[k] = step;
      step *= to[k];
    }
    i = last + 1;
  }
  return out;
}
