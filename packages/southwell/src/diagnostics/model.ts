import { compile, hvp, leavesOf, mapTree, mul, type Tensor, valueAndGrad } from '@southwell/autodiff';
import { fail } from '@southwell/numerics/core';
import { ofLength } from './checks.ts';

/** A loss as diagnostics use it: at a point, with its gradient and Hessian products. */
export interface CompiledModel<D extends readonly unknown[] = readonly unknown[]> {
  /** Number of parameters, stored in one array in the order of the tree. */
  readonly size: number;
  /** Sets the point. */
  move(x: ArrayLike<number>): void;
  /** Sets data of the same shapes, such as another batch. */
  take(...data: D): void;
  /** A copy of the point. */
  point(): Float64Array;
  /** The value at x, with its gradient in `out`; the current point is not changed. */
  gradient(x: Float64Array, out: Float64Array): number;
  /** out ← Hv at the point. */
  hessianVector(v: Float64Array, out: Float64Array): void;
  /** Frees the memory. */
  free(): void;
}

/**
 * A loss of `@southwell/autodiff` as a model for diagnostics: compiled once, with parameters in f32 or f64, and results
 * in double precision. Batches are arguments after the parameters.
 *
 * @throws INVALID_PARAMETER, and what the loss throws; its methods INVALID_SHAPE.
 */
export function compiledModel<P, D extends readonly unknown[]>(
  loss: (parameters: P, ...data: D) => Tensor,
  parameters: P,
  ...data: D
): CompiledModel<D> {
  const slope = compile((p: P, ...rest: D) => valueAndGrad(loss)(p, ...rest) as [Tensor, P]).prepare(
    parameters,
    ...data,
  );
  const [place, gradient] = [slope.inputs[0], slope.outputs[1]];
  const along = mapTree((x) => mul(x, 0), parameters);
  // Shares the memory of the parameters and the data with the first program.
  const held = slope.inputs.slice(1).map(({ tree }) => tree) as unknown as D;
  const curvature = compile((d: P, p: P, ...rest: D) => hvp(loss, [p, ...rest], d)).prepare(along, place.tree, ...held);
  const [direction, product] = [curvature.inputs[0], curvature.outputs];
  const size = leavesOf(parameters).reduce((n, x) => n + x.size, 0);
  const point = Float64Array.from(place.data);
  return {
    size,
    move(x) {
      ofLength('point', x, size);
      point.set(x);
      place.data.set(x);
    },
    take(...others) {
      for (const [k, other] of others.entries()) {
        const values = leavesOf(other);
        const { data: into, tree } = slope.inputs[k + 1];
        const own = leavesOf(tree);
        let at = 0;
        for (const [j, value] of values.entries()) {
          if (values.length !== own.length || String(value.shape) !== String(own[j].shape)) {
            fail('INVALID_SHAPE', `Data ${k + 1} must have the shapes of those that the model was compiled for.`);
          }
          into.set(value.data() as Float64Array, at);
          at += value.size;
        }
      }
    },
    point: () => point.slice(),
    gradient(x, out) {
      ofLength('point', x, size);
      place.data.set(x);
      slope.run();
      out.set(gradient.data);
      const value = slope.outputs[0].data[0];
      place.data.set(point);
      return value;
    },
    hessianVector(v, out) {
      ofLength('direction', v, size);
      direction.data.set(v);
      curvature.run();
      let at = 0;
      for (const { data } of product as ReadonlyArray<{ readonly data: ArrayLike<number> & Iterable<number> }>) {
        out.set(Float64Array.from(data), at);
        at += data.length;
      }
    },
    free() {
      curvature.free();
      slope.free();
    },
  };
}
