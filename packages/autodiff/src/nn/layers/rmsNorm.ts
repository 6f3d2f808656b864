import { rmsNorm as norm } from '../../index.ts';
import { count, real } from '../fields.ts';
import { ones } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { needsLast } from './shared.ts';

/** Options of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** Size of the last axis. */
  readonly features: number;
  /** Added to the mean square for numerical stability (1e-5). */
  readonly epsilon?: number;
}

export const rmsNormKind: LayerKind<RmsNormOptions> = {
  kind: 'rmsNorm',
  options: { features: count(), epsilon: real(1e-5, 0) },
  parameters: ({ features }) => ({ weight: { shape: [features], init: ones } }),
  apply: ({ features, epsilon }, c, x) => {
    needsLast(c, x, features);
    return norm(x, c.param('weight'), epsilon);
  },
  onnx: ({ epsilon }, e, x) => {
    const one = [...x.shape.slice(0, -1), 1];
    const squares = e.node('ReduceMean', [e.node('Mul', [x, x], x.shape)], one, { axes: [-1], keepdims: 1 });
    const spread = e.node('Sqrt', [e.node('Add', [squares, e.number(epsilon)], one)], one);
    return e.node('Mul', [e.node('Div', [x, spread], x.shape), e.param('weight')], x.shape);
  },
};

/**
 * RMS normalisation over the last axis […, features], with scale weight [features], initially 1 (Zhang & Sennrich 2019). O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const rmsNorm = maker(rmsNormKind);
