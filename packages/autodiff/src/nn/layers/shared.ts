import type { Shape, Tensor } from '../../index.ts';
import type { Context } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';

/** Refuses what does not end in `n` numbers. */
export function needsLast(c: Context, x: Tensor, n: number, least = 1): void {
  if (x.rank < least || x.shape.at(-1) !== n) {
    const before = least === 1 ? '[…, ' : `[${['n', 't', '…'].slice(0, least - 1).join(', ')}, `;
    c.misfit(x, `it takes ${before}${n}].`);
  }
}

/** Refuses what are no images of so many channels. */
export function needsImages(c: Context, x: Tensor, channels?: number): void {
  if (x.rank !== 4 || (channels !== undefined && x.shape[3] !== channels))
    c.misfit(x, `it takes images [n, height, width, ${channels ?? 'channels'}].`);
}

/** Images as ONNX has them, [n, channels, height, width], through f, and back. */
export function channelsFirst(e: Exporter, x: Value, f: (x: Value) => Value): Value {
  const [n, h, w, c] = x.shape;
  const y = f(e.node('Transpose', [x], [n, c, h, w], { perm: [0, 3, 1, 2] }));
  const [, out, rows, columns] = y.shape;
  return e.node('Transpose', [y], [n, rows, columns, out], { perm: [0, 2, 3, 1] });
}

/** x in another shape; one −1 in either is the batch. */
export const reshaped = (e: Exporter, x: Value, shape: Shape): Value =>
  e.node('Reshape', [x, e.integers(shape)], shape);
