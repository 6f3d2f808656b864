import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { type Call, classed, float, integers, type Operator, type Val } from './call.ts';
import { CASTS } from './shapes.ts';

// Operators that pick, order and place parts of tensors.

const same = (v: Val, t: ad.Tensor): Val => ({ ...v, t });
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);
const whole = (values: readonly number[]): ad.Tensor => ad.tensor(Int32Array.from(values), { shape: [values.length] });

function identity(c: Call): Val {
  const v = c.x(0);
  if (v.t.rank !== 2) fail('INVALID_SHAPE', `${c.where}: it takes a matrix, not a tensor of ${v.t.rank} axes.`);
  const [rows, columns] = v.t.shape;
  const k = c.int('k', 0);
  const values = Float64Array.from(
    { length: rows * columns },
    (_, i) => +((i % columns) - Math.floor(i / columns) === k),
  );
  const to = c.int('dtype', 0);
  const kind = to === 0 ? v.class : (CASTS[to] ?? c.refuse(`the element type ${to} is not supported.`));
  return classed({ class: 'int', t: ad.tensor(values, { shape: [rows, columns] }) }, kind, c.real);
}

/** The entries along an axis whose condition is not 0; the conditions must be known, because the shape depends on them. */
function compressed(c: Call): Val {
  const v = c.x(0);
  const given = c.maybeInt('axis');
  const x = given === undefined ? ad.reshape(v.t, [v.t.size]) : v.t;
  const axis = c.axis(given ?? 0, x.rank);
  const kept = c.numbers(1).flatMap((keep, i) => (keep !== 0 && i < x.shape[axis] ? [i] : []));
  return same(v, ad.take(x, whole(kept), axis));
}

/** The first entries of each sequence in reverse. */
function reversed(c: Call): Val {
  const v = c.x(0);
  const [batch, time] = [c.axis(c.int('batch_axis', 1), v.t.rank), c.axis(c.int('time_axis', 0), v.t.rank)];
  return same(v, reversedBy(v.t, ad.cast(c.x(1).t, 'f64'), batch, time));
}

/** Sequences along an axis, of which the first `lengths` entries are in reverse, and the others in their place. */
export function reversedBy(x: ad.Tensor, lengths: ad.Tensor, batch: number, time: number): ad.Tensor {
  const along = (t: ad.Tensor, axis: number): ad.Tensor =>
    ad.reshape(
      t,
      x.shape.map((n, d) => (d === axis ? n : 1)),
    );
  const steps = along(ad.range(x.shape[time]), time);
  const ends = along(lengths, batch);
  const places = ad.where(ad.less(steps, ends), ad.sub(ad.sub(ends, 1), steps), ad.add(steps, ad.mul(ends, 0)));
  return ad.takeAlong(x, ad.cast(ad.broadcastTo(places, x.shape), 'i32'), time);
}

/** Cut or padded with zeros on both sides to a shape. */
function centred(c: Call): Val {
  const v = c.x(0);
  const axes = (c.list('axes') ?? counting(v.t.rank)).map((axis) => c.axis(axis, v.t.rank));
  const to = c.numbers(1);
  const goal = v.t.shape.map((n, d) => to[axes.indexOf(d)] ?? n);
  c.shape(goal);
  const cut = v.t.shape.map((n, d): readonly [number, number] => {
    const from = Math.max(0, Math.floor((n - goal[d]) / 2));
    return [from, from + Math.min(n, goal[d])];
  });
  const added = v.t.shape.map((n, d): readonly [number, number] => {
    const more = Math.max(0, goal[d] - n);
    return [Math.floor(more / 2), more - Math.floor(more / 2)];
  });
  return same(v, ad.pad(ad.slice(v.t, ...cut), added));
}

/** Different entries along an axis; the numbers must be known, because the shape depends on them. */
function unique(c: Call): Val[] {
  const v = c.x(0);
  const numbers = c.numbers(0);
  const given = c.maybeInt('axis');
  const flat = given === undefined ? ad.reshape(v.t, [v.t.size]) : v.t;
  const axis = c.axis(given ?? 0, flat.rank);
  const n = flat.shape[axis];
  const [outer, inner] = [product(flat.shape.slice(0, axis)), product(flat.shape.slice(axis + 1))];
  const entry = (i: number): number[] =>
    counting(outer).flatMap((o) => counting(inner).map((k) => numbers[(o * n + i) * inner + k]));
  const entries = counting(n).map(entry);
  const groups = new Map<string, number[]>();
  entries.forEach((e, i) => {
    const key = `${e}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  const found = [...groups.values()];
  if (c.int('sorted', 1))
    found.sort(([i], [j]) => {
      const k = entries[i].findIndex((value, at) => value !== entries[j][at]);
      return k < 0 ? 0 : entries[i][k] - entries[j][k];
    });
  const inverse = new Array<number>(n);
  found.forEach((all, k) => {
    for (const i of all) inverse[i] = k;
  });
  const y = ad.take(flat, whole(found.map(([i]) => i)), axis);
  return [same(v, y), ...[found.map(([i]) => i), inverse, found.map((all) => all.length)].map((all) => integers(all))];
}

/** 1 at the first of the largest along an axis, or before opset 13 over all axes from it on, and 0 elsewhere. */
function hardMax(c: Call): Val {
  const x = c.float(0);
  const axis = c.axis(c.int('axis', c.opset >= 13 ? -1 : 1), x.rank);
  const rows = c.opset >= 13 ? x : ad.reshape(x, [...x.shape.slice(0, axis), -1]);
  const hot = ad.oneHot(ad.argmax(rows, axis), rows.shape[axis], c.real);
  const order = counting(hot.rank - 1);
  order.splice(axis, 0, hot.rank - 1);
  return float(ad.reshape(ad.permute(hot, order), x.shape));
}

/** Blocks [n, channels · block, places] added up at their places of an image. */
function fromColumns(c: Call): Val {
  const x = c.float(0);
  const [image, block] = [c.numbers(1), c.numbers(2)];
  const rank = image.length;
  const all = (name: string, fill: number): number[] => c.list(name) ?? new Array<number>(rank).fill(fill);
  const [strides, dilations] = [all('strides', 1), all('dilations', 1)];
  const pads = c.list('pads') ?? new Array<number>(2 * rank).fill(0);
  const padded = image.map((n, d) => n + pads[d] + pads[rank + d]);
  c.shape([x.shape[0], ...padded]);
  const counts = padded.map((n, d) => Math.floor((n - dilations[d] * (block[d] - 1) - 1) / strides[d]) + 1);
  const each = (lengths: readonly number[], steps: readonly number[]): number[] =>
    counting(product(lengths)).map((i) => {
      let [left, at, scale] = [i, 0, 1];
      for (let d = rank - 1; d >= 0; d--) {
        at += (left % lengths[d]) * steps[d] * scale;
        left = Math.floor(left / lengths[d]);
        scale *= padded[d];
      }
      return at;
    });
  const starts = each(counts, strides);
  const places = each(block, dilations).flatMap((from) => starts.map((at) => from + at));
  const [n, size] = [x.shape[0], product(block)];
  const channels = x.shape[1] / size;
  const columns = ad.reshape(ad.permute(ad.reshape(x, [n, channels, -1]), [2, 0, 1]), [places.length, n * channels]);
  const blank = ad.full([product(padded), n * channels], 0, c.real);
  const y = ad.reshape(ad.transpose(ad.indexAdd(blank, whole(places), columns, 0)), [n, channels, ...padded]);
  return float(ad.slice(y, undefined, undefined, ...image.map((length, d) => [pads[d], pads[d] + length] as const)));
}

/** Operators that pick, order and place by name. */
export const selections: Readonly<Record<string, Operator>> = {
  ...{ EyeLike: identity, Compress: compressed, ReverseSequence: reversed, CenterCropPad: centred },
  ...{ Unique: unique, Hardmax: hardMax, Col2Im: fromColumns },
  Det: (c) => {
    const [sign, log] = ad.slogdet(c.float(0));
    return float(ad.mul(sign, ad.exp(log)));
  },
};
