import type { DenseMatrix } from '@southwell/numerics/arrays';

/** A core and factors that sweeps over all of them better. Of a tensor of norm one. */
export interface TuckerSweep {
  readonly core: Float64Array;
  /** In kernel memory. */
  readonly factors: readonly DenseMatrix[];
  /** One update of every factor and the core; gives about what the certificate of the point before was. */
  sweep(): number;
  /** How far from stationary the point is: the size of the gradient along what may change. */
  certificate(): number;
  /** What takes the squared residual from that of the tensor: ‖tensor‖² − ‖tensor − model‖². */
  squaresKept(): number;
}
