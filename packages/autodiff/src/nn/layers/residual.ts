import { add } from '../../index.ts';
import { layer } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';

/** Options of {@link residual}. */
export interface ResidualOptions {
  /** What is computed; names of its parameters begin with `inner`. */
  readonly inner: Layer;
  /** What x goes through meanwhile, such as a convolution of steps; names begin with `around`. */
  readonly around?: Layer;
}
/** Stands for nothing: x as it is. */
const nothing: Layer = { kind: 'sequential', layers: [] };

export const residualKind: LayerKind<ResidualOptions> = {
  kind: 'residual',
  options: { inner: layer, around: { ...layer, fallback: nothing } },
  children: ({ inner, around }) => ({ inner, around }),
  apply: (_, c, x) => {
    const [y, same] = [c.child('inner', x), c.child('around', x)];
    if (y.rank !== same.rank || y.shape.some((n, d) => n !== same.shape[d]))
      c.misfit(
        x,
        `what is inside makes [${y.shape.join(', ')}] of it, which cannot be added to [${same.shape.join(', ')}].`,
      );
    return add(same, y);
  },
  onnx: (_, e, x) => {
    const y = e.child('inner', x);
    return e.node('Add', [e.child('around', x), y], y.shape);
  },
};

const make = maker(residualKind);
/**
 * x plus what a layer makes of it (He et al. 2016); with a second layer, what that makes of x instead of x.
 * @throws INVALID_PARAMETER for what is no layer.
 */
export const residual = (inner: Layer, around?: Layer): Layer => make(around ? { inner, around } : { inner });
