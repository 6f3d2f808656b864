import { fail, knownKeys } from '@southwell/numerics/core';
import { needFunctions, needLists, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { stack } from '../ops/concat.ts';
import { constant } from '../ops/constants.ts';
import { broadcastTo, reshape } from '../ops/views.ts';
import { sameShape, show } from '../shapes.ts';
import { owning, Tensor, zeros } from '../tensor.ts';
import { flatten, leavesOf } from '../tree.ts';
import { calculus } from './calculus.ts';
import { differentiating, pullback, released, variable } from './reverse.ts';

/** Arguments to differentiate: one, whose derivative is returned as such, or several, returned as a list. */
export interface GradOptions {
  /** Argument positions, from 0. Default 0. */
  readonly wrt?: number | readonly number[];
}

/** Checks that a value is a floating-point scalar. */
function scalar(name: string, y: unknown): Tensor {
  if (!(y instanceof Tensor)) {
    const got = y instanceof Promise ? 'a promise: it cannot be async' : `${y === null ? 'null' : typeof y}`;
    return fail('INVALID_PARAMETER', `${name} takes a function that returns a scalar tensor, not ${got}${atLine()}.`);
  }
  if (y.rank !== 0 || y.dtype === 'i32') {
    fail(
      'INVALID_SHAPE',
      `${name} takes a function that returns a scalar of f32 or f64, not ${y.dtype} of ${show(y.shape)}${atLine()}. Take its sum or ` +
        'mean, or use vjp or jacobian.',
    );
  }
  return y;
}

/** Makes variables of the tensors in arguments: those at `at`, or all. */
export function variables(name: string, args: readonly unknown[], at: readonly number[]) {
  const leaves: Tensor[] = [];
  const structures = new Map<number, ReturnType<typeof flatten>>();
  const next = args.map((arg, i) => {
    if (!at.includes(i)) return arg;
    const own: Tensor[] = [];
    const structure = flatten(arg, own);
    if (own.length === 0 || own.some((x) => x.dtype === 'i32')) {
      fail(
        'INVALID_PARAMETER',
        `${name} differentiates argument ${i}, which ${own.length === 0 ? 'has no tensors: make some by tensor(…)' : 'has integers'}${atLine()}.`,
      );
    }
    const made = own.map(variable);
    leaves.push(...made);
    structures.set(i, structure);
    return structure.build(made);
  });
  /** Trees like the arguments with these leaves; missing leaves become zeros. */
  const rebuild = (found: ReadonlyArray<Tensor | undefined>): unknown[] => {
    let from = 0;
    const full = found.map((d, i) => d ?? calculus.zerosLike(leaves[i]));
    return at.map((i) => {
      const count = leavesOf(args[i]).length;
      from += count;
      return structures.get(i)!.build(full.slice(from - count, from));
    });
  };
  return { args: next, leaves, rebuild };
}

/** A function of trees of tensors and other values. */
export type TensorFunction<A extends readonly unknown[], R> = (...args: A) => R;

function differentiate(
  name: string,
  f: TensorFunction<readonly unknown[], unknown>,
  args: readonly unknown[],
  options: GradOptions,
) {
  const { wrt = 0 } = options;
  const at = typeof wrt === 'number' ? [wrt] : wrt;
  const wrong = at.find((i) => !Number.isInteger(i) || i < 0 || i >= args.length);
  if (wrong !== undefined) {
    fail(
      'INVALID_PARAMETER',
      `${name} was asked for the derivative in argument ${wrong}, but got ${args.length}${atLine()}; positions are counted from 0.`,
    );
  }
  const [value, found] = differentiating(() => {
    const own = variables(name, args, at);
    const result = f(...own.args);
    const y = scalar(name, result);
    const g = pullback([y], [constant(1, y.dtype)], own.leaves);
    const trees = own.rebuild(g);
    return [y, typeof wrt === 'number' ? trees[0] : trees] as const;
  });
  return released([value, found] as const);
}

/** The type of the derivative that {@link grad} returns: like argument 0, or a list for several arguments. */
export type Gradient<A extends readonly unknown[], O> = O extends { readonly wrt: readonly number[] }
  ? A[number][]
  : O extends { readonly wrt: infer I extends number }
    ? A[I]
    : A[0];

const gradKeys = { wrt: true } as const;

/**
 * The gradient of a scalar-valued function with respect to its first argument (or those in `wrt`), as a tree like it.
 * By reverse-mode differentiation, at a small multiple of the cost of f, whatever the number of variables. The result
 * can be differentiated again.
 * @throws INVALID_PARAMETER if an argument has no tensors to differentiate; INVALID_SHAPE if f does not return a
 * scalar.
 */
export function grad<A extends readonly unknown[], const O extends GradOptions>(
  f: TensorFunction<A, Tensor>,
  options: O = {} as O,
): (...args: A) => Gradient<A, O> {
  needFunctions('grad', { f });
  knownKeys('grad', options, gradKeys);
  return (...args) => differentiate('grad', f as never, args, options)[1] as Gradient<A, O>;
}

/**
 * Like {@link grad}, but returns `[value, gradient]`.
 * @throws as {@link grad}.
 */
export function valueAndGrad<A extends readonly unknown[], const O extends GradOptions>(
  f: TensorFunction<A, Tensor>,
  options: O = {} as O,
): (...args: A) => [value: Tensor, gradient: Gradient<A, O>] {
  needFunctions('valueAndGrad', { f });
  knownKeys('valueAndGrad', options, gradKeys);
  return (...args) => differentiate('valueAndGrad', f as never, args, options) as unknown as [Tensor, Gradient<A, O>];
}

/** Checks that cotangents match their values. */
function checkLike(name: string, what: string, given: readonly Tensor[], like: readonly Tensor[]): void {
  const fits =
    given.length === like.length &&
    given.every((g, i) => sameShape(g.shape, like[i].shape) && g.dtype === like[i].dtype);
  if (fits) return;
  const list = (all: readonly Tensor[]) => all.map((t) => `${t.dtype} ${show(t.shape)}`).join(', ') || 'nothing';
  fail('INVALID_SHAPE', `${name} takes ${what} like ${list(like)}, not ${list(given)}${atLine()}.`);
}

/**
 * The value of f and its pullback, which maps a tree ȳ like the value to the list of ȳᵀ·∂f/∂argument for every argument
 * with floating-point tensors; other arguments get zeros of their own shape. Each call of the pullback costs as much as
 * a gradient.
 * @throws INVALID_SHAPE in the pullback, if ȳ does not match the value.
 */
export function vjp<A extends readonly unknown[], R>(
  f: TensorFunction<A, R>,
  ...args: A
): [value: R, pull: (cotangent: R) => { -readonly [K in keyof A]: A[K] }] {
  needFunctions('vjp', { f });
  return differentiating(() => {
    const at = args.flatMap((arg, i) => (floats(arg) ? [i] : []));
    const own = variables('vjp', args, at);
    const value = f(...(own.args as unknown as A));
    const outputs = leavesOf(value);
    const pull = (cotangent: R) => {
      const g = leavesOf(cotangent);
      checkLike('The pullback of vjp', 'a cotangent', g, outputs);
      const trees = differentiating(() => own.rebuild(pullback(outputs, g, own.leaves)));
      const all: unknown[] = [...args];
      at.forEach((i, k) => {
        all[i] = trees[k];
      });
      return released(all) as unknown as { -readonly [K in keyof A]: A[K] };
    };
    return [value, pull] as const;
  }).map((part, i) => (i === 0 ? released(part) : part)) as never;
}

/** Whether a tree has tensors, all of them floating-point. */
const floats = (tree: unknown): boolean => {
  const leaves = leavesOf(tree);
  return leaves.length > 0 && leaves.every((t) => t.dtype !== 'i32');
};

/**
 * The value of f at the arguments and its derivative along the tangents, a tree for each argument (null for none):
 * `[value, Σ ∂f/∂argument·tangent]`. Forward mode by transposing the pullback, which is linear, a second time; when
 * compiled, only the forward pass remains.
 * @throws INVALID_SHAPE if a tangent does not match its argument.
 */
export function jvp<A extends readonly unknown[], R>(
  f: TensorFunction<A, R>,
  args: A,
  tangents: { readonly [K in keyof A]: A[K] | null },
): [value: R, tangent: R] {
  needFunctions('jvp', { f });
  needLists('jvp', { args, tangents });
  return released(
    differentiating(() => {
      const at = args.flatMap((_, i) => (tangents[i] === null || tangents[i] === undefined ? [] : [i]));
      const own = variables('jvp', args, at);
      const along = at.flatMap((i) => leavesOf(tangents[i]));
      checkLike('jvp', 'tangents', along, own.leaves);
      const value = f(...(own.args as unknown as A));
      const leaves: Tensor[] = [];
      const structure = flatten(value, leaves);
      // Pulls back an unknown ȳ, then pulls the tangents back through that map, which is linear in ȳ.
      const unknowns = leaves.map((y) => variable(calculus.zerosLike(y)));
      const pulled = pullback(leaves, unknowns, own.leaves);
      const outputs = pulled.flatMap((d) => (d ? [d] : []));
      const weights = along.filter((_, i) => pulled[i]);
      const found = pullback(outputs, weights, unknowns);
      return [value, structure.build(found.map((d, i) => d ?? calculus.zerosLike(leaves[i]))) as R] as [R, R];
    }),
  );
}

/**
 * Hessian–vector product of a scalar function, for a direction like the first argument: the derivative of the gradient along it. Costs a
 * few gradients; the Hessian is never formed.
 * @throws as {@link grad} and {@link jvp}.
 */
export function hvp<A extends readonly unknown[]>(f: TensorFunction<A, Tensor>, args: A, direction: A[0]): A[0] {
  needFunctions('hvp', { f });
  needLists('hvp', { args });
  // grad(⟨grad f, direction⟩): reverse over reverse.
  return released(
    differentiating(() => {
      const inner = (x: unknown): Tensor => {
        const g = leavesOf(grad(f as TensorFunction<readonly unknown[], Tensor>)(x, ...args.slice(1)));
        const d = leavesOf(direction);
        checkLike('hvp', 'a direction', d, g);
        return g.map((t, i) => calculus.sum(calculus.mul(t, d[i]))).reduce((a, b) => calculus.add(a, b));
      };
      return grad(inner)(args[0]) as A[0];
    }),
  );
}

/**
 * Jacobian ∂f/∂x of a function from a tensor to a tensor, of shape [...value, ...x]. Takes one pullback per element of
 * the value, so it is suited to small ones.
 * @throws INVALID_PARAMETER if f does not return a tensor.
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  needFunctions('jacobian', { f });
  return (x) => {
    needTensors('jacobian', { x });
    return released(
      differentiating(() => {
        const v = variable(x);
        const y = f(v);
        if (!(y instanceof Tensor))
          fail('INVALID_PARAMETER', `jacobian takes a function that returns a tensor${atLine()}.`);
        const rows: Tensor[] = [];
        for (let i = 0; i < y.size; i++) {
          const [row] = pullback([y], [unit(y, i)], [v]);
          rows.push(row ?? calculus.zerosLike(x));
        }
        if (rows.length === 0) return broadcastTo(constant(0, x.dtype), [...y.shape, ...x.shape]);
        return reshape(stack(rows), [...y.shape, ...x.shape]);
      }),
    );
  };
}

/** 1 at element i, 0 elsewhere. */
function unit(like: Tensor, i: number): Tensor {
  const values = zeros(like.dtype, like.size);
  values[i] = 1;
  return owning(values, like.dtype, like.shape);
}
