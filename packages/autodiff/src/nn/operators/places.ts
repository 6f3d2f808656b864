import * as ad from '../../index.ts';
import { type Call, integers, type Operator, type Val } from './call.ts';

// Operators that take and set numbers at places, which are rows of indices.

/** Numbers of rows of the last axes that places [..., k] point at, negative indices counted from the end. */
function rows(at: ad.Tensor, lengths: readonly number[]): ad.Tensor {
  const k = lengths.length;
  let flat = ad.full(at.shape.slice(0, -1), 0, 'f64');
  for (let j = 0; j < k; j++) {
    const index = ad.slice(at, ...at.shape.slice(0, -1).map(() => undefined), j);
    const fromFront = ad.where(ad.less(index, 0), ad.add(index, lengths[j]), index);
    flat = ad.add(ad.mul(flat, lengths[j]), fromFront);
  }
  return flat;
}

const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);

function gathered(c: Call): Val {
  const [{ class: kind, t: x }, { t: at }] = [c.x(0), c.x(1)];
  const batch = c.int('batch_dims', 0);
  const k = at.shape[at.rank - 1];
  const [many, lengths, rest] = [
    product(x.shape.slice(0, batch)),
    x.shape.slice(batch, batch + k),
    x.shape.slice(batch + k),
  ];
  const each = product(lengths);
  const own = ad.reshape(rows(at, lengths), [many, product(at.shape.slice(batch, -1))]);
  const starts = ad.reshape(ad.mul(ad.range(many), each), [many, 1]);
  const flat = ad.cast(ad.reshape(ad.add(own, starts), at.shape.slice(0, -1)), 'i32');
  const y = ad.take(ad.reshape(x, [many * each, product(rest)]), flat, 0);
  return { class: kind, t: ad.reshape(y, [...at.shape.slice(0, -1), ...rest]) };
}

function scattered(c: Call): Val {
  const [{ class: kind, t: x }, { t: at }] = [c.x(0), c.x(1)];
  const updates = ad.cast(c.x(2).t, x.dtype);
  const reduction = c.text('reduction', 'none');
  if (reduction !== 'none' && reduction !== 'add') c.refuse(`the reduction ${reduction} is not supported.`);
  const k = at.shape[at.rank - 1];
  const [count, width] = [product(at.shape.slice(0, -1)), product(x.shape.slice(k))];
  const places = ad.cast(ad.reshape(rows(at, x.shape.slice(0, k)), [count]), 'i32');
  const [flat, given] = [ad.reshape(x, [product(x.shape.slice(0, k)), width]), ad.reshape(updates, [count, width])];
  const y =
    reduction === 'add'
      ? ad.indexAdd(flat, places, given, 0)
      : ad.scatter(flat, ad.broadcastTo(ad.reshape(places, [count, 1]), [count, width]), given, 0);
  return { class: kind, t: ad.reshape(y, x.shape) };
}

/** Numbers at places along an axis replaced by updates, which may be fewer along the other axes. */
function scatteredElements(c: Call): Val {
  const { class: kind, t: x } = c.x(0);
  const axis = c.axis(c.int('axis', 0), x.rank);
  const reduction = c.text('reduction', 'none');
  if (reduction !== 'none' && reduction !== 'add') c.refuse(`the reduction ${reduction} is not supported.`);
  const given = c.x(1).t;
  const at = ad.cast(ad.where(ad.less(given, 0), ad.add(given, x.shape[axis]), given), 'i32');
  const updates = ad.cast(c.x(2).t, x.dtype);
  const set = reduction === 'add' ? ad.scatterAdd : ad.scatter;
  const rest = x.shape.map((n, d): readonly [number, number] => [0, d === axis ? 0 : n - at.shape[d]]);
  if (rest.every(([, more]) => more === 0)) return { class: kind, t: set(x, at, updates, axis) };
  const part = ad.slice(x, ...x.shape.map((n, d) => [0, n - rest[d][1]] as const));
  const done = set(part, at, updates, axis);
  return { class: kind, t: ad.where(ad.pad(ad.full(part.shape, 1, x.dtype), rest), ad.pad(done, rest), x) };
}

/** The places of numbers other than 0, in their order: [axes, count]. They must be known, because the shape depends on them. */
function nonZero(c: Call): Val {
  const { shape } = c.x(0).t;
  const values = c.numbers(0);
  const found = values.flatMap((v, i) => (v !== 0 ? [i] : []));
  const strides = shape.map((_, d) => product(shape.slice(d + 1)));
  const places = shape.flatMap((n, d) => found.map((i) => Math.floor(i / strides[d]) % n));
  return integers(places, [shape.length, found.length]);
}

/** Operators on places by name. */
export const places: Readonly<Record<string, Operator>> = {
  GatherND: gathered,
  ScatterND: scattered,
  ...{ ScatterElements: scatteredElements, Scatter: scatteredElements },
  NonZero: nonZero,
};
