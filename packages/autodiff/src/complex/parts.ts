import * as composites from '../functions/composites.ts';
import { needLists } from '../given.ts';
import * as joining from '../ops/concat.ts';
import { where as select } from '../ops/elementwise.ts';
import * as indexing from '../ops/indexing.ts';
import { type Axes, cumsum as realCumsum, sum as realSum } from '../ops/reductions.ts';
import * as views from '../ops/views.ts';
import type { Shape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { type Complex, complexOf, needComplex, type Operand, paired } from './complex.ts';

// Functions that act on both parts alike: views, selections and sums, with the arguments, costs and errors of those of the
// same names for real tensors.

const each =
  <A extends readonly unknown[]>(name: string, f: (x: Tensor, ...rest: A) => Tensor) =>
  (z: Complex, ...rest: A): Complex => {
    const { re, im } = needComplex(name, 'z', z);
    return { re: f(re, ...rest), im: f(im, ...rest) };
  };

/** The same numbers in another shape, in which one length may be −1. */
export const reshape: (z: Complex, shape: Shape) => Complex = each('reshape', views.reshape);
/** Permutes the axes; reverses them if no order is given. */
export const permute: (z: Complex, axes?: readonly number[]) => Complex = each('permute', views.permute);
/** Transposes the last two axes, without conjugation (see adjoint). */
export const transpose: (z: Complex) => Complex = each('transpose', views.turned);
/** Repeats along axes of length 1 and along new ones. */
export const broadcastTo: (z: Complex, shape: Shape) => Complex = each('broadcastTo', views.broadcastTo);
/** Slices axes, like NumPy's `z[from:to:step]`. */
export const slice: (z: Complex, ...ranges: readonly views.Range[]) => Complex = each('slice', views.slice);
/** Inserts an axis of length 1. */
export const expandDims: (z: Complex, axis: number) => Complex = each('expandDims', views.expandDims);
/** Removes axes of length 1. */
export const squeeze: (z: Complex) => Complex = each('squeeze', views.squeeze);
/** Pads the last axes with zeros: a pair of amounts, before and after, for each. */
export const pad: (z: Complex, amounts: ReadonlyArray<readonly [before: number, after: number]>) => Complex = each(
  'pad',
  (x, amounts) => composites.pad(x, amounts),
);
/** The entries of an axis, by default the first, at these indices. */
export const take: (z: Complex, indices: Tensor, axis?: number) => Complex = each('take', indexing.take);
/** The sum over axes, by default all. */
export const sum: (z: Complex, axes?: Axes, keep?: boolean) => Complex = each('sum', realSum);
/** The mean over axes, by default all. */
export const mean: (z: Complex, axes?: Axes, keep?: boolean) => Complex = each('mean', composites.mean);
/** Cumulative sums along an axis, by default the last; from its end if `reverse`. */
export const cumsum: (z: Complex, axis?: number, reverse?: boolean) => Complex = each('cumsum', realCumsum);

const join = (name: string, given: readonly Complex[], f: (tensors: readonly Tensor[]) => Tensor): Complex => {
  needLists(name, { tensors: given });
  const all = given.map((z, i) => needComplex(name, `entry ${i}`, z));
  return { re: f(all.map(({ re }) => re)), im: f(all.map(({ im }) => im)) };
};

/**
 * Joins arrays along an axis.
 * @throws INVALID_SHAPE if their other lengths differ; INVALID_PARAMETER for what is not complex.
 */
export function concat(given: readonly Complex[], axis = 0): Complex {
  return join('concat', given, (tensors) => joining.concat(tensors, axis));
}

/**
 * Stacks arrays of the same shape along a new axis.
 * @throws INVALID_SHAPE if the shapes differ; INVALID_PARAMETER for what is not complex.
 */
export function stack(given: readonly Complex[], axis = 0): Complex {
  return join('stack', given, (tensors) => joining.stack(tensors, axis));
}

/**
 * Numbers of a where the real condition is non-zero, else of b.
 * @throws INVALID_SHAPE if the three do not broadcast.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Complex {
  const [first, second] = [complexOf('where', a), complexOf('where', b)];
  return paired(select(condition, first.re, second.re), select(condition, first.im, second.im));
}
