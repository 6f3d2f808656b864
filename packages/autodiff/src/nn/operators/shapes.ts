import * as ad from '../../index.ts';
import { bool, type Call, classed, float, int, integers, type Operator, together, type Val } from './call.ts';
import { type Class, ELEMENT_TYPES } from './description.ts';

// Operators that rearrange numbers.

const same = (v: Val, t: ad.Tensor): Val => ({ class: v.class, t });
const on =
  (f: (x: ad.Tensor, c: Call) => ad.Tensor): Operator =>
  (c) =>
    same(c.x(0), f(c.x(0).t, c));

function reshaped(x: ad.Tensor, c: Call): ad.Tensor {
  const zeros = c.int('allowzero', 0) !== 0;
  const to = c.listed(1, 'shape') ?? c.refuse('it has no shape.');
  return ad.reshape(
    x,
    to.map((n, d) => (n === 0 && !zeros ? (x.shape[d] ?? 0) : n)),
  );
}

function unsqueezed(x: ad.Tensor, c: Call): ad.Tensor {
  const axes = c.listed(1, 'axes') ?? c.refuse('it has no axes.');
  const rank = x.rank + axes.length;
  const added = new Set(axes.map((axis) => c.axis(axis, rank)));
  const left = [...x.shape];
  return ad.reshape(
    x,
    Array.from({ length: rank }, (_, d) => (added.has(d) ? 1 : left.shift()!)),
  );
}

function squeezed(x: ad.Tensor, c: Call): ad.Tensor {
  const axes = c.listed(1, 'axes')?.map((axis) => c.axis(axis, x.rank));
  const gone = (n: number, d: number): boolean => (axes ? axes.includes(d) : n === 1);
  return ad.reshape(
    x,
    x.shape.filter((n, d) => !gone(n, d)),
  );
}

function sliced(x: ad.Tensor, c: Call): ad.Tensor {
  const [starts, ends] = [c.listed(1, 'starts'), c.listed(2, 'ends')];
  if (!starts || !ends) return c.refuse('it has no starts or ends.');
  const axes = c.listed(3, 'axes') ?? starts.map((_, i) => i);
  const steps = c.has(4) ? c.numbers(4) : starts.map(() => 1);
  const ranges: ad.Range[] = x.shape.map(() => undefined);
  axes.forEach((axis, i) => {
    ranges[c.axis(axis, x.rank)] = [starts[i], ends[i], steps[i]];
  });
  return ad.slice(x, ...ranges);
}

/** Slices of given lengths along an axis. */
function split(c: Call): Val[] {
  const v = c.x(0);
  const axis = c.axis(c.int('axis', 0), v.t.rank);
  const n = v.t.shape[axis];
  const parts = c.int('num_outputs', c.outputs);
  const each = Math.ceil(n / parts);
  const lengths =
    c.listed(1, 'split') ?? Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, n - i * each)));
  let from = 0;
  return lengths.map((length) => {
    const range = v.t.shape.map((_, d) => (d === axis ? ([from, from + length] as const) : undefined));
    from += length;
    return same(v, ad.slice(v.t, ...range));
  });
}

/** Indices of an axis of length n as `take` needs them: negative ones count from the end. */
function places(t: ad.Tensor, n: number): ad.Tensor {
  return ad.cast(ad.where(ad.less(t, 0), ad.add(t, n), t), 'i32');
}

function gathered(x: ad.Tensor, c: Call): ad.Tensor {
  const axis = c.axis(c.int('axis', 0), x.rank);
  return ad.take(x, places(c.x(1).t, x.shape[axis]), axis);
}

function gatheredElements(x: ad.Tensor, c: Call): ad.Tensor {
  const axis = c.axis(c.int('axis', 0), x.rank);
  const at = c.x(1).t;
  // Other axes of the indices may be shorter.
  const cut = ad.slice(x, ...at.shape.map((n, d) => (d === axis ? undefined : ([0, n] as const))));
  return ad.takeAlong(cut, places(at, x.shape[axis]), axis);
}

function tiled(x: ad.Tensor, c: Call): ad.Tensor {
  const repeats = c.numbers(1);
  c.shape(x.shape.map((n, d) => n * repeats[d]));
  const apart = ad.reshape(
    x,
    x.shape.flatMap((n) => [1, n]),
  );
  const wide = ad.broadcastTo(
    apart,
    x.shape.flatMap((n, d) => [repeats[d], n]),
  );
  return ad.reshape(
    wide,
    x.shape.map((n, d) => n * repeats[d]),
  );
}

function padded(x: ad.Tensor, c: Call): ad.Tensor {
  const amounts = c.listed(1, 'pads') ?? c.list('paddings') ?? c.refuse('it has no pads.');
  const axes = c.has(3) ? c.numbers(3).map((axis) => c.axis(axis, x.rank)) : x.shape.map((_, d) => d);
  const mode = c.text('mode', 'constant');
  const sides = x.shape.map((_, d): readonly [number, number] => {
    const i = axes.indexOf(d);
    return i < 0 ? [0, 0] : [amounts[i], amounts[axes.length + i]];
  });
  c.shape(x.shape.map((n, d) => n + sides[d][0] + sides[d][1]));
  // Negative amounts cut.
  const cut = ad.slice(
    x,
    ...x.shape.map((n, d) => [Math.max(0, -sides[d][0]), n - Math.max(0, -sides[d][1])] as const),
  );
  if (mode === 'constant') {
    const value = c.has(2) ? (c.numbers(2)[0] ?? 0) : c.real1('value', 0);
    const added = sides.map((pair) => [Math.max(0, pair[0]), Math.max(0, pair[1])] as const);
    return added.every(([a, b]) => a === 0 && b === 0) ? cut : ad.pad(cut, added, value);
  }
  return sides.reduce((t, [before, after], d) => {
    if (before <= 0 && after <= 0) return t;
    const n = t.shape[d];
    const index = (i: number): number => {
      if (mode === 'edge') return Math.min(n - 1, Math.max(0, i));
      if (mode === 'wrap') return ((i % n) + n) % n;
      if (mode !== 'reflect') return c.refuse(`padding in the mode '${mode}' is not supported.`);
      const period = Math.max(1, 2 * (n - 1));
      const at = ((i % period) + period) % period;
      return at < n ? at : period - at;
    };
    const count = Math.max(0, before) + n + Math.max(0, after);
    const at = Int32Array.from({ length: count }, (_, i) => index(i - Math.max(0, before)));
    return ad.take(t, ad.tensor(at), d);
  }, cut);
}

function triangle(x: ad.Tensor, c: Call): ad.Tensor {
  const k = c.has(1) ? c.numbers(1)[0] : 0;
  const upper = c.int('upper', 1) !== 0;
  const [rows, columns] = x.shape.slice(-2);
  const kept = Float64Array.from({ length: rows * columns }, (_, i) => {
    const apart = (i % columns) - Math.floor(i / columns);
    return +(upper ? apart >= k : apart <= k);
  });
  return ad.where(ad.cast(ad.tensor(kept, { shape: [rows, columns] }), x.dtype), x, 0);
}

/** The axes of an image that DepthToSpace moves, [n, c, h, w] in blocks of b. */
function toSpace(x: ad.Tensor, c: Call): ad.Tensor {
  const [n, channels, h, w] = x.shape;
  const [b, column] = [c.int('blocksize'), c.text('mode', 'DCR') === 'CRD'];
  const left = channels / (b * b);
  const apart = ad.reshape(x, column ? [n, left, b, b, h, w] : [n, b, b, left, h, w]);
  return ad.reshape(ad.permute(apart, column ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]), [n, left, h * b, w * b]);
}
function toDepth(x: ad.Tensor, c: Call): ad.Tensor {
  const [n, channels, h, w] = x.shape;
  const b = c.int('blocksize');
  const apart = ad.reshape(x, [n, channels, h / b, b, w / b, b]);
  return ad.reshape(ad.permute(apart, [0, 3, 5, 1, 2, 4]), [n, channels * b * b, h / b, w / b]);
}

/** Classes of element types by their number in the format. */
export const CASTS: Readonly<Record<number, Class>> = {
  ...{ 1: 'float', 10: 'float', 11: 'float', 16: 'float', 9: 'bool' },
  ...{ 2: 'int', 3: 'int', 4: 'int', 5: 'int', 6: 'int', 7: 'int', 12: 'int', 13: 'int' },
};

const filled = (c: Call, shape: readonly number[], value: number, kind: Class): Val => {
  const t = ad.full(c.shape(shape), value, kind === 'float' ? c.real : 'f64');
  return kind === 'float' ? float(t) : kind === 'int' ? int(t) : bool(t);
};

/** Operators on shapes by name. */
export const shapes: Readonly<Record<string, Operator>> = {
  ...{ Reshape: on(reshaped), Unsqueeze: on(unsqueezed), Squeeze: on(squeezed), Slice: on(sliced), Tile: on(tiled) },
  ...{ Gather: on(gathered), GatherElements: on(gatheredElements), Pad: on(padded), Trilu: on(triangle) },
  ...{ DepthToSpace: on(toSpace), SpaceToDepth: on(toDepth), Split: split },
  Flatten: on((x, c) => {
    const axis = c.int('axis', 1);
    const at = axis < 0 ? axis + x.rank : axis;
    const rows = x.shape.slice(0, at).reduce((a, b) => a * b, 1);
    return ad.reshape(x, [rows, x.shape.slice(at).reduce((a, b) => a * b, 1)]);
  }),
  Transpose: on((x, c) => ad.permute(x, c.list('perm'))),
  Expand: on((x, c) => ad.broadcastTo(x, c.shape(together(c, [x.shape, c.numbers(1)])))),
  Concat: (c) => {
    const parts = c.all();
    return same(
      parts[0],
      ad.concat(
        parts.map(({ t }) => t),
        c.axis(c.int('axis'), parts[0].t.rank),
      ),
    );
  },
  Cast: (c) => {
    const to = CASTS[c.int('to')] ?? c.refuse(`casts to the element type ${c.int('to')} are not supported.`);
    const v = classed(c.x(0), to, c.real);
    const type = ELEMENT_TYPES[c.int('to')];
    return to === 'int' ? { ...v, type } : v;
  },
  CastLike: (c) => classed(c.x(0), c.x(1).class, c.real),
  ConstantOfShape: (c) => {
    const { value, class: kind } = c.one('value') ?? { value: 0, class: 'float' as const };
    return filled(c, c.numbers(0), value, kind);
  },
  Range: (c) => {
    const [start, limit, step] = [0, 1, 2].map((i) => c.numbers(i)[0]);
    const n = c.shape([Math.max(0, Math.ceil((limit - start) / step))])[0];
    const values = Array.from({ length: n }, (_, i) => start + i * step);
    const v = integers(values);
    return c.x(0).class === 'float' ? float(ad.cast(v.t, c.real)) : v;
  },
  OneHot: (c) => {
    const [depth, ends] = [c.numbers(1)[0], c.x(2)];
    const at = places(c.x(0).t, depth);
    const axis = c.int('axis', -1);
    const hot = ad.oneHot(at, c.shape([depth])[0], 'f64');
    const order = hot.shape.map((_, d) => d);
    const to = axis < 0 ? axis + hot.rank : axis;
    order.splice(to, 0, order.pop()!);
    const [off, onValue] = [ad.slice(ends.t, 0), ad.slice(ends.t, 1)];
    return same(ends, ad.where(ad.cast(ad.permute(hot, order), ends.t.dtype), onValue, off));
  },
};
