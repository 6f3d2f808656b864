import { add, slice, take } from '../../index.ts';
import { count, real } from '../fields.ts';
import { normal } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { placesFrom } from './sequence.ts';
import { needsLast } from './shared.ts';

/** Options of {@link positions}. */
export interface PositionsOptions {
  /** Maximum number of positions. */
  readonly count: number;
  /** Width of each embedding. */
  readonly width: number;
  /** Standard deviation of the initial values (0.02). */
  readonly deviation?: number;
}

export const positionsKind: LayerKind<PositionsOptions> = {
  kind: 'positions',
  options: { count: count(), width: count(), deviation: real(0.02, 0) },
  longest: ({ count: n }) => n,
  parameters: ({ count: n, width, deviation }) => ({ weight: { shape: [n, width], init: normal(deviation) } }),
  apply: ({ count: n, width }, c, x) => {
    needsLast(c, x, width, 2);
    const t = x.shape[x.rank - 2];
    if (t > n) c.misfit(x, `it has only ${n} positions.`);
    const table = c.param('weight');
    return add(x, c.position ? take(table, placesFrom(c.position, t, n)) : slice(table, [0, t]));
  },
  onnx: (_, e, x) => e.node('Add', [x, e.param('weight', (w) => slice(w, [0, x.shape[x.shape.length - 2]]))], x.shape),
};

/**
 * Adds learned position embeddings to sequences […, t, width]; weight [count, width], initially normal. O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const positions = maker(positionsKind);
