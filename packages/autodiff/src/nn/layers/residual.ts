import { add } from '../../index.ts';
import { layer } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';

/** Options of {@link residual}. */
export interface ResidualOptions {
  /** The residual branch; its parameter names begin with `inner`. */
  readonly inner: Layer;
  /** The shortcut branch, such as a strided convolution; its parameter names begin with `around`. */
  readonly around?: Layer;
}
/** The identity. */
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
        `the inner branch gives [${y.shape.join(', ')}], which cannot be added to [${same.shape.join(', ')}].`,
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
 * Residual connection: x + inner(x) (He et al. 2016), or around(x) + inner(x).
 * @throws INVALID_PARAMETER for an invalid layer.
 */
export const residual = (inner: Layer, around?: Layer): Layer => make(around ? { inner, around } : { inner });
