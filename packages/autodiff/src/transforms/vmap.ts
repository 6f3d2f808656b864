import { fail, knownKeys } from '@southwell/numerics/core';
import { needFunctions } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, inRegion } from '../op.ts';
import { broadcastTo, permute, reshape } from '../ops/views.ts';
import type { Op } from '../primitive.ts';
import { traced } from '../programs/trace.ts';
import { fromEnd, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { flatten, leavesOf } from '../tree.ts';
import { again } from './body.ts';
import { calculus } from './calculus.ts';
import type { TensorFunction } from './derive.ts';

/** The batch axis of each argument. */
export interface VmapOptions {
  /** An axis for each argument, or null for unbatched arguments. Default 0 for all. */
  readonly axes?: ReadonlyArray<number | null>;
}

/** The outer tensor behind a tensor of a mapped trace: with a leading batch axis, or unbatched. */
interface Mapped {
  readonly value: Tensor;
  readonly batched: boolean;
}

/**
 * Vectorises a function of one example: maps over an axis of every tensor in the arguments; results have a leading
 * batch axis. f is traced once, and each of its operations is applied to the whole batch, so that `vmap(grad(f))`
 * computes the gradients of all examples at once.
 * @throws INVALID_SHAPE if batch sizes differ; NOT_SUPPORTED if f reads values.
 */
export function vmap<A extends readonly unknown[], R>(
  f: TensorFunction<A, R>,
  options: VmapOptions = {},
): TensorFunction<A, R> {
  needFunctions('vmap', { f });
  knownKeys('vmap', options, { axes: true });
  return (...args) => {
    const { axes = args.map(() => 0) } = options;
    if (axes.length !== args.length) {
      fail('INVALID_PARAMETER', `vmap has axes for ${axes.length} arguments, but got ${args.length}${atLine()}.`);
    }
    const given: Tensor[] = [];
    flatten(args, given);
    const axisOf = args.flatMap((arg, i) => leavesOf(arg).map(() => axes[i]));
    let size = -1;
    const moved = given.map((x, i): Mapped => {
      const axis = axisOf[i];
      if (axis === null) return { value: x, batched: false };
      const at = fromEnd(axis, x.rank);
      if (at === undefined)
        return fail(
          'INVALID_SHAPE',
          `vmap maps over axis ${axis}, which a tensor of ${show(x.shape)} does not have${atLine()}.`,
        );
      const n = x.shape[x.rank + at];
      if (size >= 0 && n !== size) {
        fail(
          'INVALID_SHAPE',
          `vmap maps over axes of equal length, not ${size} and ${n}${atLine()}; axes: [0, null] leaves the second argument unbatched.`,
        );
      }
      size = n;
      const d = x.rank + at;
      return {
        value: d === 0 ? x : permute(x, [d, ...x.shape.flatMap((_, k) => (k === d ? [] : [k]))]),
        batched: true,
      };
    });
    if (size < 0) fail('INVALID_PARAMETER', `vmap has nothing to map over${atLine()}: give it a tensor and an axis.`);

    const { records, inputs, result } = traced('a function under vmap', f as never, args, (x, i) =>
      moved[i].batched ? moved[i].value.shape.slice(1) : x.shape,
    );
    const values = new Map<Tensor, Mapped>();
    for (const [i, x] of inputs.entries()) values.set(x, moved[i]);
    const outside = (x: Tensor): Mapped => values.get(x) ?? { value: x, batched: false };
    const regions = new Map<object, object>();
    for (const { op, attrs, inputs: own, outputs, region } of records) {
      const x = own.map(outside);
      const batched = x.some((t) => t.batched);
      if (region && !regions.has(region)) regions.set(region, {});
      const found = inRegion(region && regions.get(region), () =>
        batched
          ? batchedOp(op as Op, x, attrs, size)
          : again(
              op as Op,
              x.map((t) => t.value),
              attrs,
              given,
            ),
      );
      for (const [i, y] of outputs.entries()) values.set(y, { value: found[i], batched });
    }
    const leaves: Tensor[] = [];
    const structure = flatten(result, leaves);
    return structure.build(
      leaves.map((y) => {
        const { value, batched } = outside(y);
        return batched ? value : broadcastTo(value, [size, ...value.shape]);
      }),
    ) as R;
  };
}

function batchedOp(op: Op, x: readonly Mapped[], attrs: unknown, size: number): readonly Tensor[] {
  const mapped = x.map((t) => t.batched);
  if (op.batch === 'elementwise') {
    // Inserts axes between the batch axis and those that follow, so that the latter align at the end.
    const rank = Math.max(...x.map((t) => t.value.rank - (t.batched ? 1 : 0)));
    const aligned = x.map(({ value, batched }) =>
      batched && value.rank <= rank
        ? reshape(value, [size, ...new Array<number>(rank + 1 - value.rank).fill(1), ...value.shape.slice(1)])
        : value,
    );
    return apply(op, aligned, attrs);
  }
  const all = (values: readonly Tensor[]): Tensor[] =>
    values.map((v, i) => (mapped[i] ? v : broadcastTo(v, [size, ...v.shape])));
  if (op.batch) {
    const rule = op.batch;
    const values = x.map((t) => t.value);
    return rule({
      o: calculus,
      x: values,
      mapped,
      size,
      attrs,
      apply: (next, other = attrs) => apply(op, next, other),
    });
  }
  return apply(op, all(x.map((t) => t.value)), attrs);
}
