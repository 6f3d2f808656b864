import { exponential } from '@southwell/numerics/linalg';
import { apply } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { inBlocks } from './dependence.ts';
import { batchOf, loadMatrix, square, storeMatrix } from './matrices.ts';
import { slice } from './views.ts';

type None = Record<never, never>;

const expmOp: Op<None> = defineOp<None>({
  name: 'expm',
  depends: inBlocks(2),
  infer: ([a]) => [{ shape: a.shape, dtype: a.dtype }],
  bind: ({ arena, x: [a], y: [y] }) => {
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        // exp Aᵀ = (exp A)ᵀ, so no transposition is needed.
        const A = loadMatrix('expm', arena, a, k, true);
        const E = exponential(A);
        storeMatrix(arena, y, k, E, true);
        A.free();
        E.free();
      }
    };
  },
  // The derivative is a block of exp [Aᵀ Ā; 0 Aᵀ] (Mathias 1996), which is again a matrix exponential.
  vjp: ({ o, x: [a], g: [g] }) => {
    if (!g) return [];
    const n = a.shape.at(-1)!;
    const turned = o.turned(a);
    const [top, bottom] = [concat([turned, g], -1), concat([o.zerosLike(g), turned], -1)];
    const whole = apply(expmOp, [concat([top, bottom], -2)], {})[0];
    return [slice(whole, ...a.shape.slice(0, -2).map(() => undefined), [0, n], [n])];
  },
});

/**
 * Matrix exponential Σ Aᵏ/k! of square matrices by scaling and squaring with Padé approximants. About 20n³ operations
 * each, more for large norms; the derivative costs eight times as much.
 * @throws INVALID_SHAPE unless square; NON_FINITE, at run time.
 */
export function expm(a: Tensor): Tensor {
  square('expm', a);
  return apply(expmOp, [a], {})[0];
}
