import { fail } from '@southwell/numerics/core';
import { needFunctions } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, watching } from '../op.ts';
import { cast } from '../ops/casts.ts';
import { where } from '../ops/elementwise.ts';
import { reshape } from '../ops/views.ts';
import { type Batching, defineOp, type Op, type Pullback } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { liveAt } from '../programs/places.ts';
import { Program } from '../programs/program.ts';
import { sameShape, show } from '../shapes.ts';
import { BYTES, Tensor } from '../tensor.ts';
import { flatten, type Structure } from '../tree.ts';
import { type Body, bodyOf, closed, freeIn, replay } from './body.ts';
import type { TensorFunction } from './derive.ts';
import { differentiating, pullback, variable } from './reverse.ts';
import { vmap } from './vmap.ts';

/** Two functions of the inputs after the first, of which the first chooses one. */
interface Branches {
  readonly whenTrue: Body;
  readonly whenFalse: Body;
}

const condOp: Op<Branches> = defineOp<Branches>({
  name: 'cond',
  moves: true,
  unique: true,
  infer: (_, { whenTrue }) => whenTrue.results.map(({ shape, dtype }) => ({ shape, dtype })),
  bind: ({ arena, x: [condition, ...x], y, attrs: { whenTrue, whenFalse }, keep }) => {
    const branches = [whenFalse, whenTrue].map((body) => {
      const program = new Program({ ...body, args: x.map(liveAt), result: body.results });
      keep(program);
      const moves = y.map((p, i) => [program.outputs[i].pointer / 2, p.pointer / 2, (p.size * BYTES[p.dtype]) / 2]);
      return { program, moves };
    });
    return () => {
      const chosen = heapOf(arena, condition.dtype)[condition.pointer / BYTES[condition.dtype]] !== 0;
      const { program, moves } = branches[chosen ? 1 : 0];
      program.run();
      for (const [from, to, words] of moves) arena.u16.copyWithin(to, from, from + words);
    };
  },
  vjp: derivative,
  batch: batched,
});

/** The derivative of the chosen function. */
function derivative({ o, x: [condition, ...x], g, attrs, needs }: Pullback<Branches>): Array<Tensor | undefined> {
  const given = g.flatMap((d) => (d ? [d] : []));
  const wanted = [...x.keys()].filter((i) => needs[i + 1]);
  const back = (body: Body): Body =>
    bodyOf(
      'the derivative of a branch',
      (...own) =>
        differentiating(() => {
          const variables = own.slice(0, x.length).map((v, i) => (needs[i + 1] ? variable(v) : v));
          let at = x.length;
          const cotangents = g.map((d) => (d ? own[at++] : undefined));
          const leaves = wanted.map((i) => variables[i]);
          return pullback(replay(body, variables), cotangents, leaves).map((d, k) => d ?? o.zerosLike(leaves[k]));
        }),
      [...x, ...given],
    );
  const made = apply(condOp, [condition, ...x, ...given], {
    whenTrue: back(attrs.whenTrue),
    whenFalse: back(attrs.whenFalse),
  });
  const out = new Array<Tensor | undefined>(x.length + 1);
  wanted.forEach((i, k) => {
    out[i + 1] = made[k];
  });
  return out;
}

/** One choice for the whole batch; or both functions, and a choice for each example. */
function batched({ o, x, mapped, size, attrs, apply: again }: Batching<Branches>): readonly Tensor[] {
  const [condition, ...operands] = x;
  const own = mapped.slice(1);
  const axes = own.map((batch) => (batch ? 0 : null));
  const some = own.some(Boolean);
  const wide = (body: Body, all: readonly Tensor[]): readonly Tensor[] =>
    some
      ? vmap((...v: Tensor[]) => replay(body, v), { axes })(...all)
      : replay(body, all).map((y) => o.broadcastTo(y, [size, ...y.shape]));
  if (!mapped[0]) {
    const whole = (body: Body): Body => bodyOf('a branch over a batch', (...v) => wide(body, v), operands);
    return again(x, { whenTrue: whole(attrs.whenTrue), whenFalse: whole(attrs.whenFalse) });
  }
  const [yes, no] = [wide(attrs.whenTrue, operands), wide(attrs.whenFalse, operands)];
  return yes.map((y, i) => selected(condition, y, no[i]));
}

/** a where the condition of an example is not 0, else b: tensors of a batch of any dtype. */
export function selected(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const choice = reshape(condition, [condition.size, ...a.shape.slice(1).map(() => 1)]);
  if (a.dtype !== 'i32') return where(cast(choice, a.dtype), a, b);
  // Double precision represents integers.
  return cast(where(cast(choice, 'f64'), cast(a, 'f64'), cast(b, 'f64')), 'i32');
}

/**
 * `whenTrue(...args)` where the condition, a scalar, is not 0, else `whenFalse(...args)`. Both are traced; a compiled
 * program chooses when it runs, and computes only that one, and its derivative. Under vmap, with a condition for each
 * example, both are computed, and `where` chooses.
 * @throws INVALID_SHAPE if the condition is not a scalar, or the functions return different structures, shapes or
 * dtypes; NOT_SUPPORTED if one of them reads values.
 */
export function cond<A extends readonly unknown[], R>(
  condition: Tensor,
  whenTrue: TensorFunction<A, R>,
  whenFalse: TensorFunction<A, R>,
  ...args: A
): R {
  checkCondition('cond', condition);
  needFunctions('cond', { whenTrue, whenFalse });
  // When looking for NaN, operation by operation.
  if (watching() && condition.storage.values) return (condition.item() === 0 ? whenFalse : whenTrue)(...args);
  const leaves: Tensor[] = [];
  const structure = flatten(args, leaves);
  const found: Structure[] = [];
  const branch = (f: TensorFunction<A, R>): Body =>
    bodyOf(
      'a function of cond',
      (...own) => {
        const results: Tensor[] = [];
        found.push(flatten(f(...(structure.build(own) as unknown as A)), results));
        return results;
      },
      leaves,
      undefined,
      true,
    );
  const [yes, no] = [branch(whenTrue), branch(whenFalse)];
  const kinds = ({ results }: Body): string =>
    results.map(({ dtype, shape }) => `${dtype} of ${show(shape)}`).join(', ') || 'no tensors';
  const alike = yes.results.every(
    ({ shape, dtype }, i) => no.results[i]?.dtype === dtype && sameShape(no.results[i].shape, shape),
  );
  if (found[0].key !== found[1].key || !alike) {
    const what =
      kinds(yes) === kinds(no) ? 'other structures, or values that are not tensors' : `${kinds(yes)} and ${kinds(no)}`;
    fail('INVALID_SHAPE', `cond${atLine()}: the functions return ${what}; they must return the same.`);
  }
  const free = freeIn([yes, no]);
  const bodies = {
    whenTrue: closed('a function of cond', yes, free, true),
    whenFalse: closed('a function of cond', no, free, true),
  };
  return found[0].build(apply(condOp, [condition, ...leaves, ...free], bodies)) as R;
}

/**
 * Checks that a condition is a scalar.
 * @throws INVALID_SHAPE if it is not.
 */
export function checkCondition(name: string, condition: unknown): void {
  if (condition instanceof Tensor && condition.rank === 0) return;
  const got = condition instanceof Tensor ? `a tensor of ${show(condition.shape)}` : `${typeof condition}`;
  fail(
    'INVALID_SHAPE',
    `${name}${atLine()} takes a scalar tensor as its condition, not ${got}; where chooses by element.`,
  );
}
