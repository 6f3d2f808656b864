import { fail } from '@southwell/numerics/core';
import { needFunctions, needLists } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, inRegion } from '../op.ts';
import { stopGradient } from '../ops/casts.ts';
import { defineOp } from '../primitive.ts';
import { sameShape, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { flatten, leavesOf } from '../tree.ts';
import type { TensorFunction } from './derive.ts';
import { vmap } from './vmap.ts';

/** Maps a value, the tensors on which it depends, and its cotangent to the cotangents of these tensors. */
type Backward = (value: Tensor, leaves: readonly Tensor[], g: Tensor) => Array<Tensor | undefined>;

/** Returns the first input, linked to the others, whose derivatives are given by `backward`. */
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
 * f with a custom derivative: `backward(g, args, value)` receives the cotangent of the value and returns a list with a
 * tree like each argument, or null for none. Since it is written in tensor operations, it can itself be differentiated.
 * Only arguments have derivatives, not tensors that f closes over.
 * @throws INVALID_SHAPE, when a derivative is taken, if backward returns another shape than its argument's.
 */
export function customVjp<A extends readonly unknown[]>(
  f: TensorFunction<A, Tensor>,
  backward: (g: Tensor, args: A, value: Tensor) => ReadonlyArray<unknown>,
): TensorFunction<A, Tensor> {
  needFunctions('customVjp', { f, backward });
  return (...args) => {
    const leaves: Tensor[] = [];
    const structure = flatten(args, leaves);
    const value = f(...(structure.build(leaves.map(stopGradient)) as A));
    const counts = args.map((arg) => leavesOf(arg).length);
    const rule: Backward = (v, own, g) => {
      const trees = backward(g, structure.build(own) as A, v);
      needLists('customVjp', { 'the result of backward': trees });
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
 * Gradient checkpointing: in a compiled function, the backward pass recomputes the intermediate values of f instead of storing them. Values and derivatives
 * are unchanged. Nested checkpoints have no effect of their own.
 */
export function checkpoint<A extends readonly unknown[], R>(f: TensorFunction<A, R>): TensorFunction<A, R> {
  needFunctions('checkpoint', { f });
  return (...args) => inRegion({}, () => f(...args));
}
