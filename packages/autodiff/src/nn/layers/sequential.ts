import { layers as listed } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** Layers in order; parameter names begin with their indices (0, 1, …) or names. */
  readonly layers: readonly Layer[] | Readonly<Record<string, Layer>>;
}

export const sequentialKind: LayerKind<SequentialOptions> = {
  kind: 'sequential',
  options: { layers: listed },
  children: ({ layers }) => ({ ...layers }) as Readonly<Record<string, Layer>>,
  apply: (_, c, x) => c.children.reduce((y, name) => c.child(name, y), x),
  onnx: (_, e, x) => e.children.reduce((y, name) => e.child(name, y), x),
};

const make = maker(sequentialKind);
/**
 * Composes layers in order, given as a list or by name.
 * @throws INVALID_PARAMETER for invalid layers, or names with characters other than letters, digits and _.
 */
export const sequential = (layers: SequentialOptions['layers']): Layer => make({ layers });
