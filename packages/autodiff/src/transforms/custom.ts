import { fail } from '@southwell/numerics/core';
import { atLine } from '../line.ts';
import { apply, inRegion } from '../op.ts';
import { stopGradient } from '../ops/casts.ts';
import { defineOp } from '../primitive.ts';
import { sameShape, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { flatten, leavesOf } from '../tree.ts';
import type { TensorFunction } from './derive.ts';
import { vmap } from './vmap.ts';

/** From a value and what depends on it to the derivatives with respect to tensors of arguments. */
type Backward = (value: Tensor, leaves: readonly Tensor[], g: Tensor) => Array<Tensor | undefined>;

/** The first input, linked to the others: their derivatives are what `backward` says. */
const linkOp = defineOp<{ backward: Backward }>({
  name: 'customVjp',
  unique: true,
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
  vjp: ({ o, x: [, ...leaves], y: [value], g: [g], attrs: { backward } }) => [
    undefined,
    ...(g ? backward(value, leaves, g).map((d, i) => d ?? o.zerosLike(leaves[i])) : []),
  ],
  batch: ({ o, x, mapped, size, attrs: { backward }, apply: again }) => {
    const all = x.map((t, i) => (mapped[i] ? t : o.broadcastTo(t, [size, ...t.shape])));
    return again(all, {
      backward: (value, leaves, g) =>
        vmap((v: Tensor, l: readonly Tensor[], d: Tensor) => backward(v, l, d).map((t, i) => t ?? o.zerosLike(l[i])))(
          value,
          leaves,
          g,
        ),
    });
  },
});

/**
 * f with a derivative of its own: `backward(g, args, value)` gets the derivative with respect to the value and returns a list, for each
 * argument a tree like it, or null where there is none. It is written in operations, so that it can be differentiated in turn.
 * Only arguments have derivatives, not what f sees beside them.
 * @throws INVALID_SHAPE, when a derivative is taken, where backward gives another shape than its argument has.
 */
export function customVjp<A extends readonly unknown[]>(
  f: TensorFunction<A, Tensor>,
  backward: (g: Tensor, args: A, value: Tensor) => ReadonlyArray<unknown>,
): TensorFunction<A, Tensor> {
  return (...args) => {
    const leaves: Tensor[] = [];
    const structure = flatten(args, leaves);
    const value = f(...(structure.build(leaves.map(stopGradient)) as A));
    const counts = args.map((arg) => leavesOf(arg).length);
    const rule: Backward = (v, own, g) => {
      const trees = backward(g, structure.build(own) as A, v);
      let at = 0;
      return counts.flatMap((count, i) => {
        const part = own.slice(at, (at += count));
        const tree = trees[i];
        if (tree === null || tree === undefined) return part.map(() => undefined);
        const found = leavesOf(tree);
        if (found.length !== count || found.some((d, k) => !sameShape(d.shape, part[k].shape))) {
          fail(
            'INVALID_SHAPE',
            `The derivative that a customVjp gives for argument ${i} has ${found.map((d) => show(d.shape)).join(', ') || 'no tensors'}, but the ` +
              `argument ${part.map((d) => show(d.shape)).join(', ')}${atLine()}.`,
          );
        }
        return found;
      });
    };
    return apply(linkOp, [stopGradient(value), ...leaves], { backward: rule })[0];
  };
}

/**
 * f, whose inner values a derivative in a compiled function computes once more rather than keep: memory for time. Values and derivatives
 * are the same. Within another one it has no effect of its own.
 */
export const checkpoint =
  <A extends readonly unknown[], R>(f: TensorFunction<A, R>): TensorFunction<A, R> =>
  (...args) =>
    inRegion({}, () => f(...args));
