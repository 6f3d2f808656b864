import { fail } from '@southwell/numerics/core';
import { needFunctions, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { identity } from '../ops/matrices.ts';
import { permute, reshape } from '../ops/views.ts';
import { Tensor } from '../tensor.ts';
import { grad, jvp } from './derive.ts';
import { differentiating, released } from './reverse.ts';
import { vmap } from './vmap.ts';

/**
 * Jacobian ∂f/∂x of a function from a tensor to a tensor, of shape [...value, ...x], in forward mode: all columns at
 * once, suited to functions of few variables. {@link jacobian} is suited to few values.
 * @throws INVALID_PARAMETER if f does not return a tensor.
 */
export const jacfwd = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => columnwise('jacfwd', f);

/** The Jacobian by columns. */
function columnwise(name: string, f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  needFunctions(name, { f });
  return (x) => {
    needTensors(name, { x });
    return released(
      differentiating(() => {
        const seeds = reshape(identity(x.size, x), [x.size, ...x.shape]);
        const columns = vmap((seed: Tensor) => {
          const [, tangent] = jvp(f, [x], [seed]);
          if (!(tangent instanceof Tensor))
            fail('INVALID_PARAMETER', `jacfwd takes a function that returns a tensor${atLine()}.`);
          return tangent;
        })(seeds);
        const value = columns.shape.slice(1);
        const last = permute(columns, [...value.map((_, d) => d + 1), 0]);
        return reshape(last, [...value, ...x.shape]);
      }),
    );
  };
}

/**
 * Hessian of a scalar function of a tensor, of shape [...x, ...x]: the Jacobian of the gradient in forward mode. For
 * large sparse ones there is {@link sparseHessian}, and {@link hvp} for products.
 * @throws as {@link grad}.
 */
export const hessian = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => {
  needFunctions('hessian', { f });
  return columnwise('hessian', grad(f));
};
