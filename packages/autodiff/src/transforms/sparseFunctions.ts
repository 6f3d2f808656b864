import { fail } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import { needFunctions } from '../given.ts';
import { atLine } from '../line.ts';
import { sum } from '../ops/reductions.ts';
import { compile } from '../programs/compile.ts';
import type { Program } from '../programs/program.ts';
import { owning, type Tensor } from '../tensor.ts';
import { calculus } from './calculus.ts';
import { grad, hvp, valueAndGrad } from './derive.ts';
import { patternOf } from './pattern.ts';
import { Products } from './products.ts';
import { sparseJacobian, starCompressed, symmetrised } from './sparse.ts';

const plain = (length: number): Tensor => owning(new Float64Array(length), 'f64', [length]);

/** Runs a program at x unless it has last run at the same x. */
function runner(program: Program<[Tensor], unknown>, n: number): (x: Float64Array) => void {
  const last = new Float64Array(n).fill(Number.NaN);
  return (x) => {
    let same = true;
    for (let i = 0; i < n && same; i++) same = x[i] === last[i];
    if (same && n > 0) return;
    last.set(x);
    program.inputs[0].data.set(x);
    program.run();
  };
}

/**
 * Functions of a nonlinear program, written in tensor operations, with the sparse derivatives that its solvers call:
 * `objective` maps a vector of n variables in double precision to a scalar, `constraints` (if any) to a vector. The
 * derivatives are compiled once; patterns are read off the traces.
 * @throws INVALID_PARAMETER if n is not a whole number of at least 1, or if a function does not return a tensor;
 * INVALID_SHAPE for an objective that is not a scalar, or constraints that are not a vector; NOT_SUPPORTED if a function
 * reads values.
 */
export function sparseFunctions(
  objective: (x: Tensor) => Tensor,
  constraints: ((x: Tensor) => Tensor) | undefined,
  n: number,
): Required<SparseFunctions> & { free(): void } {
  needFunctions('sparseFunctions', { objective, ...(constraints === undefined ? {} : { constraints }) });
  if (!Number.isInteger(n) || n < 1)
    fail('INVALID_PARAMETER', `sparseFunctions${atLine()} takes the number of variables, at least 1, not ${n}.`);
  const start = plain(n);
  const valued = compile(valueAndGrad(objective)).prepare(start) as unknown as Program<[Tensor], [Tensor, Tensor]>;
  const atObjective = runner(valued, n);
  const constrained = constraints && compile(constraints).prepare(start);
  const m = constrained ? constrained.outputs[0].length : 0;
  if (constrained && (constrained.result as Tensor).rank !== 1)
    fail('INVALID_SHAPE', `sparseFunctions${atLine()} takes constraints as a vector: reshape or concat them.`);
  const atConstraints = constrained && runner(constrained as unknown as Program<[Tensor], unknown>, n);
  const jacobian = constraints && sparseJacobian(constraints, start);

  // ∇²(σf + λᵀc), with σ and λ as parameters.
  const lagrangian = (x: Tensor, sigma: Tensor, multipliers: Tensor): Tensor => {
    const f = calculus.mul(objective(x), sigma);
    return constraints ? calculus.add(f, sum(calculus.mul(constraints(x), multipliers))) : f;
  };
  const scalar = owning(new Float64Array(1), 'f64', []);
  const parameters = [start, scalar, plain(m)] as const;
  const hessian = symmetrised(patternOf('sparseFunctions', grad(lagrangian) as never, parameters), true);
  const second = new Products(
    (seed, ...args) => hvp(lagrangian, args as unknown as [Tensor, Tensor, Tensor], seed),
    parameters,
    [n],
    starCompressed(hessian),
  );

  return {
    variables: n,
    constraints: m,
    objective: (x) => {
      atObjective(x);
      return valued.outputs[0].data[0];
    },
    gradient: (x, gradient) => {
      atObjective(x);
      gradient.set(valued.outputs[1].data);
    },
    constraintValues: (x, values) => {
      if (!constrained) return;
      atConstraints!(x);
      values.set(constrained.outputs[0].data);
    },
    jacobian: jacobian?.pattern ?? {
      rows: 0,
      cols: n,
      colPointers: new Int32Array(n + 1),
      rowIndices: new Int32Array(),
    },
    jacobianValues: (x, values) => jacobian?.write(x, values),
    hessian,
    hessianValues: (x, sigma, multipliers, values) => second.write([x, [sigma], multipliers], values),
    free: () => {
      valued.free();
      constrained?.free();
      jacobian?.free();
      second.free();
    },
  };
}
