import { layers as listed } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** Layers in their order; names of parameters begin with their places (0, 1, …) or names. */
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
 * One layer after the other, in a list or by names, in the order in which they stand.
 * @throws INVALID_PARAMETER for what is no layer, or for names with other signs than letters, digits and _.
 */
export const sequential = (layers: SequentialOptions['layers']): Layer => make({ layers });
