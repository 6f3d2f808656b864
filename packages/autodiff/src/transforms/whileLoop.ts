import { fail } from '@southwell/numerics/core';
import { needFunctions } from '../given.ts';
import { callerLine } from '../line.ts';
import { apply, watching } from '../op.ts';
import { cast } from '../ops/casts.ts';
import { max } from '../ops/reductions.ts';
import { defineOp, type Op } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { liveAt } from '../programs/places.ts';
import { Program } from '../programs/program.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { flatten, leavesOf } from '../tree.ts';
import { type Body, bodyOf, closed, freeIn, replay } from './body.ts';
import { checkCondition, selected } from './branch.ts';
import { calculus } from './calculus.ts';
import { jvp } from './derive.ts';
import { checkCarry } from './scan.ts';
import { vmap } from './vmap.ts';

/** A loop until a condition of the carried tensors, the first inputs, no longer holds; others are the same in all steps. */
interface While {
  /** A scalar, from all inputs. */
  readonly condition: Body;
  /** The next carried tensors, from all inputs. */
  readonly step: Body;
  readonly carries: number;
  /** The calling line, for the error of a derivative. */
  readonly line: string;
}

const whileOp: Op<While> = defineOp<While>({
  name: 'whileLoop',
  moves: true,
  unique: true,
  infer: (_, { step }) => step.results.map(({ shape, dtype }) => ({ shape, dtype })),
  bind: ({ arena, x, y, attrs: { condition, step, carries }, keep }) => {
    const args = [...y.map(liveAt), ...x.slice(carries).map(liveAt)];
    const [test, next] = [condition, step].map((body) => {
      const program = new Program({ ...body, args, result: body.results });
      keep(program);
      return program;
    });
    const words = y.map((p) => (p.size * BYTES[p.dtype]) / 2);
    const { dtype } = condition.results[0];
    const move = (from: ArrayLike<number>): void => {
      for (let i = 0; i < carries; i++) arena.u16.copyWithin(y[i].pointer / 2, from[i], from[i] + words[i]);
    };
    const start = x.slice(0, carries).map((p) => p.pointer / 2);
    const made = y.map((_, i) => next.outputs[i].pointer / 2);
    const at = test.outputs[0].pointer / BYTES[dtype];
    return () => {
      move(start);
      for (;;) {
        test.run();
        const { [at]: more } = heapOf(arena, dtype);
        // NaN ends the loop too.
        if (!(more < 0 || more > 0)) return;
        next.run();
        move(made);
      }
    };
  },
  vjp: ({ o, x, g, attrs }) => {
    const cotangents = floating(x.slice(0, attrs.carries)).map((i) => g[i] ?? o.zerosLike(x[i]));
    return spread(x, apply(backOp, [...x, ...cotangents], attrs));
  },
  batch: ({ o, x, mapped, size, attrs, apply: again }) => {
    const given = x.map((t, i) => (i < attrs.carries && !mapped[i] ? o.broadcastTo(t, [size, ...t.shape]) : t));
    return again(
      given,
      overBatch(given, (i) => i < attrs.carries || mapped[i], attrs),
    );
  },
});

const floating = (x: readonly Tensor[]): number[] => [...x.keys()].filter((i) => x[i].dtype !== 'i32');
/** Tensors for the floating-point ones among x. */
function spread(x: readonly Tensor[], found: readonly Tensor[]): Array<Tensor | undefined> {
  const out = new Array<Tensor | undefined>(x.length);
  floating(x).forEach((i, k) => {
    out[i] = found[k];
  });
  return out;
}

/** Every example goes on as long as its own condition holds. */
function overBatch(x: readonly Tensor[], mapped: (i: number) => boolean, attrs: While): While {
  const axes = x.map((_, i) => (mapped(i) ? 0 : null));
  const all = (body: Body) => vmap((...own: Tensor[]) => replay(body, own), { axes });
  /** 1 for the examples that go on; not with NaN. */
  const going = (own: readonly Tensor[]): Tensor => {
    const [c] = all(attrs.condition)(...own);
    const size = cast(c, c.dtype === 'i32' ? 'f64' : c.dtype);
    return calculus.less(0, calculus.mul(size, calculus.sign(size)));
  };
  const condition = bodyOf('the condition of a whileLoop', (...own) => [max(going(own))], x);
  const step = bodyOf(
    'the step of a whileLoop',
    (...own) => {
      const more = going(own);
      return all(attrs.step)(...own).map((y, i) => selected(more, y, own[i]));
    },
    x,
  );
  return { ...attrs, condition, step };
}

const noDerivative = (line: string): never =>
  fail(
    'NOT_SUPPORTED',
    `whileLoop${line && ` (${line})`} has no derivative in reverse mode, because the number of its steps is not known ` +
      'in advance: use jvp, or scan with a fixed number of steps.',
  );

// The transpose of the derivative of a loop: cotangents of the floating-point inputs, given those of the floating-point
// carried tensors. It cannot be computed, except that zeros give zeros, but has a derivative: that along tangents.
const backOp: Op<While> = defineOp<While>({
  name: 'whileLoop’s derivative',
  unique: true,
  moves: true,
  infer: (x, { condition }) => floating(condition.inputs).map((i) => ({ shape: x[i].shape, dtype: x[i].dtype })),
  bind: ({ arena, x, y, attrs: { line, condition } }) => {
    const given = x.slice(condition.inputs.length);
    return () => {
      for (const { dtype, pointer, size } of given) {
        const from = pointer / BYTES[dtype];
        const heap = heapOf(arena, dtype);
        for (let i = from; i < from + size; i++) if (heap[i] !== 0) noDerivative(line);
      }
      for (const { dtype, pointer, size } of y)
        heapOf(arena, dtype).fill(0, pointer / BYTES[dtype], pointer / BYTES[dtype] + size);
    };
  },
  vjp: ({ o, x, g, attrs, needs }) => {
    const { condition, step, carries, line } = attrs;
    const inputs = x.slice(0, condition.inputs.length);
    if (needs.slice(0, inputs.length).some(Boolean)) noDerivative(line);
    const floats = floating(inputs);
    const tangents = floats.map((i, k) => g[k] ?? o.zerosLike(inputs[i]));
    const moving = floats.filter((i) => i < carries).length;
    // Carried: the tensors and their tangents.
    const wide = [
      ...[...inputs.slice(0, carries), ...tangents.slice(0, moving)],
      ...[...inputs.slice(carries), ...tangents.slice(moving)],
    ];
    const parts = (own: readonly Tensor[]) => {
      const state = own.slice(0, carries);
      const rest = own.slice(carries + moving, carries + moving + inputs.length - carries);
      const along = [...own.slice(carries, carries + moving), ...own.slice(carries + moving + rest.length)];
      return { values: [...state, ...rest], along };
    };
    const both = bodyOf(
      'the step of a whileLoop',
      (...own) => {
        const { values, along } = parts(own);
        const [next, slopes] = jvp((...v: Tensor[]) => replay(step, v), values, spread(values, along) as Tensor[]);
        return [...next, ...slopes.filter((d) => d.dtype !== 'i32')];
      },
      wide,
    );
    const test = bodyOf('the condition of a whileLoop', (...own) => replay(condition, parts(own).values), wide);
    const made = apply(whileOp, wide, { condition: test, step: both, carries: carries + moving, line });
    return [...inputs.map(() => undefined), ...made.slice(carries)];
  },
  batch: ({ o, x, mapped, size, attrs, apply: again }) => {
    const given = x.map((t, i) => (mapped[i] ? t : o.broadcastTo(t, [size, ...t.shape])));
    return again(
      given,
      overBatch(given.slice(0, attrs.condition.inputs.length), () => true, attrs),
    );
  },
});

/**
 * Applies `step` to the carry as long as `condition(carry)`, a scalar, is not 0. Both are traced once, and run as a loop.
 * Derivatives exist in forward mode ({@link jvp}), to any order. Under vmap every example takes its own number of steps.
 * @throws INVALID_SHAPE if a step changes the shape or dtype of the carry, or the condition is not a scalar;
 * NOT_SUPPORTED if one of them reads values, or, for grad and vjp, because reverse mode would need the number of steps.
 */
export function whileLoop<C>(condition: (carry: C) => Tensor, step: (carry: C) => C, carry: C): C {
  needFunctions('whileLoop', { condition, step });
  const leaves: Tensor[] = [];
  const structure = flatten(carry, leaves);
  const test = bodyOf(
    'the condition of a whileLoop',
    (...own) => {
      const more = condition(structure.build(own) as C);
      checkCondition('whileLoop', more);
      return [more];
    },
    leaves,
  );
  const next = bodyOf(
    'the step of a whileLoop',
    (...own) => {
      const given = structure.build(own) as C;
      const made = step(given);
      checkCarry('whileLoop', given, made);
      return leavesOf(made);
    },
    leaves,
  );
  // When looking for NaN, operation by operation.
  if (watching() && leaves.every((x) => x.storage.values)) {
    let now = carry;
    for (;;) {
      const more = condition(now).item();
      if (!(more < 0 || more > 0)) return now;
      now = step(now);
    }
  }
  const free = freeIn([test, next]);
  const made = apply(whileOp, [...leaves, ...free], {
    condition: closed('the condition of a whileLoop', test, free),
    step: closed('the step of a whileLoop', next, free),
    carries: leaves.length,
    line: callerLine(),
  });
  return structure.build(made) as C;
}
