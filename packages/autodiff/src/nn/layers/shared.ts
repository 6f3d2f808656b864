import type { Shape, Tensor } from '../../index.ts';
import type { Context } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';

/** Throws unless the last axis has size `n`. */
export function needsLast(c: Context, x: Tensor, n: number, least = 1): void {
  if (x.rank < least || x.shape.at(-1) !== n) {
    const before = least === 1 ? '[…, ' : `[${['n', 't', '…'].slice(0, least - 1).join(', ')}, `;
    c.misfit(x, `it takes ${before}${n}].`);
  }
}

/** Throws unless x is a batch of images with this many channels. */
export function needsImages(c: Context, x: Tensor, channels?: number): void {
  if (x.rank !== 4 || (channels !== undefined && x.shape[3] !== channels))
    c.misfit(x, `it takes images [n, height, width, ${channels ?? 'channels'}].`);
}

/** Applies f in ONNX's layout [n, channels, …], and transposes back. */
export function channelsFirst(e: Exporter, x: Value, f: (x: Value) => Value): Value {
  const [n, ...rest] = x.shape;
  const last = rest.length;
  const places = rest.slice(0, -1).map((_, d) => d);
  const y = f(
    e.node('Transpose', [x], [n, rest[last - 1], ...rest.slice(0, -1)], {
      perm: [0, last, ...places.map((d) => d + 1)],
    }),
  );
  const [, out, ...image] = y.shape;
  return e.node('Transpose', [y], [n, ...image, out], { perm: [0, ...places.map((d) => d + 2), 1] });
}

/** Reshapes x; a −1 in either shape is the batch. */
export const reshaped = (e: Exporter, x: Value, shape: Shape): Value =>
  e.node('Reshape', [x, e.integers(shape)], shape);
