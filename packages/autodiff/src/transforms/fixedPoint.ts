import { fail, knownKeys } from '@southwell/numerics/core';
import { solve } from '../functions/linalg.ts';
import { needFunctions, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { apply } from '../op.ts';
import { stopGradient } from '../ops/casts.ts';
import { defineOp, type Op } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { liveAt } from '../programs/places.ts';
import { Program } from '../programs/program.ts';
import { traced } from '../programs/trace.ts';
import { sameShape, show } from '../shapes.ts';
import { BYTES, Tensor } from '../tensor.ts';
import { flatten } from '../tree.ts';
import { calculus as o } from './calculus.ts';
import { jacobian, vjp } from './derive.ts';
import { vmap } from './vmap.ts';

/** Stopping criteria. */
export interface FixedPointOptions {
  /** Tolerance on the maximum change of an element, relative to the largest element or 1 (1e-12; 1e-6 in f32). */
  readonly tol?: number;
  /** Maximum number of iterations (1000). */
  readonly maxIter?: number;
}

const optionKeys = { tol: true, maxIter: true } as const;

interface Iteration {
  readonly step: (z: Tensor, parameters: readonly Tensor[]) => Tensor;
  readonly tol: number;
  readonly maxIter: number;
}

// Inputs: the starting point, then everything on which the step depends. The step is a program of its own, which is run
// until convergence.
const fixedPointOp: Op<Iteration> = defineOp<Iteration>({
  name: 'fixedPoint',
  unique: true,
  infer: ([z]) => [{ shape: z.shape, dtype: z.dtype }],
  bind: ({ arena, x: [z, ...parameters], y: [y], attrs: { step, tol, maxIter }, keep }) => {
    const args = [liveAt(y), parameters.map(liveAt)] as const;
    const program = new Program(traced('the step of fixedPoint', step as never, args));
    keep(program);
    const bytes = BYTES[y.dtype];
    const [from, to, n] = [z.pointer / bytes, y.pointer / bytes, y.size];
    const next = program.outputs[0].pointer / bytes;
    return () => {
      let heap = heapOf(arena, y.dtype);
      heap.copyWithin(to, from, from + n);
      for (let k = 0; k < maxIter; k++) {
        program.run();
        heap = heapOf(arena, y.dtype);
        let change = 0;
        let size = 1;
        for (let i = 0; i < n; i++) {
          const d = Math.abs(heap[next + i] - heap[to + i]);
          // The negated comparison lets NaN end the iteration too.
          if (!(d <= change)) change = d;
          size = Math.max(size, Math.abs(heap[next + i]));
        }
        heap.copyWithin(to, next, next + n);
        if (change <= tol * size) return;
        if (!Number.isFinite(change))
          fail(
            'NUMERICAL',
            `fixedPoint: iteration ${k + 1} gave non-finite values; start closer to the solution, or damp the step.`,
          );
      }
      fail(
        'NUMERICAL',
        `fixedPoint did not converge to ${tol} within ${maxIter} iterations: damp the step, raise maxIter or tol.`,
      );
    };
  },
  // z = f(z, θ): θ̄ = (∂f/∂θ)ᵀu, where u = z̄ + (∂f/∂z)ᵀu is a fixed point too. Independent of the starting point.
  vjp: ({ x: [, ...parameters], y: [z], g: [g], attrs, needs }) => {
    if (!g) return [];
    const back = (u: Tensor, [at, up, ...own]: readonly Tensor[]): Tensor =>
      o.add(up, vjp((v: Tensor) => attrs.step(v, own), at)[1](u)[0]);
    const u = apply(fixedPointOp, [stopGradient(g), z, g, ...parameters], { ...attrs, step: back })[0];
    const [, pull] = vjp((...own: Tensor[]) => attrs.step(z, own), ...parameters);
    const found = needs.slice(1).some(Boolean) ? pull(u) : [];
    return [undefined, ...found.map((d, i) => (needs[i + 1] ? d : undefined))];
  },
  batch: ({ x, mapped, size, attrs, apply: again }) => {
    const [z, ...parameters] = x;
    const axes = mapped.slice(1).map((own) => (own ? 0 : null));
    const step = (v: Tensor, own: readonly Tensor[]) =>
      vmap((t: Tensor, ...p: Tensor[]) => attrs.step(t, p), { axes: [0, ...axes] })(v, ...own);
    return again([mapped[0] ? z : o.broadcastTo(z, [size, ...z.shape]), ...parameters], { ...attrs, step });
  },
});

/**
 * Fixed point z = step(z, parameters), by iteration from `start` until convergence. Derivatives, of any order, are
 * those of the solution by implicit differentiation, independent of the iterates: they take the memory of one step, and
 * a second fixed-point iteration instead of a backward pass. Works in compiled functions. The step must not close over
 * anything being differentiated other than its parameters.
 * @throws INVALID_SHAPE if the step changes the shape; NUMERICAL, at run time, if it does not converge.
 */
export function fixedPoint<P>(
  step: (z: Tensor, parameters: P) => Tensor,
  start: Tensor,
  parameters: P,
  options: FixedPointOptions = {},
): Tensor {
  needFunctions('fixedPoint', { step });
  needTensors('fixedPoint', { start });
  knownKeys('fixedPoint', options, optionKeys);
  const { tol = start.dtype === 'f32' ? 1e-6 : 1e-12, maxIter = 1000 } = options;
  const leaves: Tensor[] = [];
  const structure = flatten(parameters, leaves);
  const inner: Iteration['step'] = (z, own) => {
    const next = step(z, structure.build(own) as P);
    if (!(next instanceof Tensor) || !sameShape(next.shape, z.shape) || next.dtype !== z.dtype) {
      const got = next instanceof Tensor ? `${next.dtype} of ${show(next.shape)}` : typeof next;
      fail(
        'INVALID_SHAPE',
        `The step of fixedPoint${atLine()} takes ${z.dtype} of ${show(z.shape)} and must give the same, not ${got}.`,
      );
    }
    return next;
  };
  return apply(fixedPointOp, [stopGradient(start), ...leaves], { step: inner, tol, maxIter })[0];
}

/**
 * Solves residual(z, parameters) = 0, with as many equations as unknowns, by Newton's method from `start`; derivatives
 * as for {@link fixedPoint}. O(n³) per iteration for n unknowns.
 * @throws as fixedPoint; SINGULAR if the Jacobian is singular.
 */
export function root<P>(
  residual: (z: Tensor, parameters: P) => Tensor,
  start: Tensor,
  parameters: P,
  options: FixedPointOptions = {},
): Tensor {
  needFunctions('root', { residual });
  needTensors('root', { start });
  knownKeys('root', options, optionKeys);
  return fixedPoint(
    (z: Tensor, p: P) => o.sub(z, solve(jacobian((v) => residual(v, p))(z), residual(z, p))),
    start,
    parameters,
    options,
  );
}
