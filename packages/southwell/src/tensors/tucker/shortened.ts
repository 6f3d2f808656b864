import type { DenseMatrix } from '@southwell/numerics/arrays';
import { type QrFactor, qr } from '@southwell/numerics/linalg';
import { type Shape, stackOf, type Tensor } from '../tensor.ts';
import { fold, unfold } from '../unfold.ts';
import { timesQ } from './subspaces.ts';

/** A mode is shortened if it is this many times as long as all others together, which have at most so many values. */
const [LONGER, SHORT] = [2, 64];

/**
 * A tensor with a mode that is longer than all others together, without loss: the unfolding in that mode is Q R, and
 * the tensor of R takes its place. Q being orthonormal, sweeps over either have the same norms, gradients and other
 * factors, and the factor of the long mode is Q times that of the short one.
 */
export class Shortened {
  constructor(
    readonly tensor: Tensor,
    readonly mode: number,
    private readonly factor: QrFactor,
  ) {}

  /** The factor of the long mode. O(n · size · rank). */
  expand(U: DenseMatrix): DenseMatrix {
    return timesQ(this.factor, U);
  }

  free(): void {
    this.factor.free();
  }
}

/** The mode of a shape that {@link shorten} shortens, and its new size. */
export function longMode(shape: Shape): { readonly mode: number; readonly size: number } | undefined {
  const mode = shape.indexOf(Math.max(...shape));
  const { before, size: n, after } = stackOf(shape, mode);
  const size = before * after;
  return size <= SHORT && n >= LONGER * size ? { mode, size } : undefined;
}

/** Undefined if no mode is long enough. O(n · size²). */
export function shorten(tensor: Tensor): Shortened | undefined {
  const found = longMode(tensor.shape);
  if (!found) return undefined;
  const { mode, size } = found;
  const Y = unfold(tensor, mode);
  const factor = qr(Y);
  Y.free();
  const R = factor.R();
  const shape = tensor.shape.map((n, k) => (k === mode ? size : n));
  const short = fold(R, mode, shape);
  R.free();
  return new Shortened(short, mode, factor);
}
