import { add, matmulTransposed, transpose } from '../../index.ts';
import { choice, count, flag, real } from '../fields.ts';
import { biases, type Initialisation, initialisations, named } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { needsLast } from './shared.ts';

/** Options of {@link linear}. */
export interface LinearOptions {
  /** Number of input features. */
  readonly in: number;
  /** Number of output features. */
  readonly out: number;
  /** Whether to add a bias (true). */
  readonly bias?: boolean;
  /** Initialiser of the weights ('kaiming-uniform'). */
  readonly init?: Initialisation;
  /** Gain of the initialiser (1). */
  readonly gain?: number;
}

export const linearKind: LayerKind<LinearOptions> = {
  kind: 'linear',
  options: {
    in: count(),
    out: count(),
    bias: flag(true),
    init: choice(initialisations, 'kaiming-uniform'),
    gain: real(1, 0),
  },
  parameters: ({ in: n, out, bias, init, gain }) => ({
    weight: { shape: [out, n], init: named(init, gain) },
    ...(bias ? { bias: { shape: [out], init: biases([out, n]) } } : {}),
  }),
  apply: ({ in: n, bias }, c, x) => {
    needsLast(c, x, n);
    const y = matmulTransposed(x, c.param('weight'));
    return bias ? add(y, c.param('bias')) : y;
  },
  onnx: ({ out, bias }, e, x) => {
    const shape = [...x.shape.slice(0, -1), out];
    const y = e.node('MatMul', [x, e.param('weight', transpose)], shape);
    return bias ? e.node('Add', [y, e.param('bias')], shape) : y;
  },
};

/**
 * Affine map x·Wᵀ + b: x […, in] gives […, out]; weight [out, in], bias [out], both initially uniform within 1/√in. O(size·out).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const linear = maker(linearKind);
