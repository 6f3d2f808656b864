import type { Dependence } from '../primitive.ts';
import { sizeOf } from '../shapes.ts';

/** Windows over images, for rules of dependence: rows, then columns. */
interface Windows {
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Padding before the first row and column. */
  readonly before: readonly [number, number];
  readonly dilation?: readonly [number, number];
}

/**
 * Images [n, h, w, c] to windows [n, oh, ow, k], or back if `transposed`: each element depends on all channels of the
 * windows around it, and on all of the other inputs.
 */
export function throughWindows(
  { x: [{ shape: from, sets }, ...others], shapes, union }: Dependence<unknown>,
  { window, strides, before, dilation = [1, 1] }: Windows,
  transposed: boolean,
): Int32Array[] {
  const [to] = shapes;
  const [[, h, w], [, oh, ow]] = transposed ? [to, from] : [from, to];
  const common = union(others.map((other) => union(other.sets)));
  const places = (shape: readonly number[]): number => sizeOf(shape.slice(1, 3));
  const links: number[][] = Array.from({ length: places(to) }, () => []);
  for (let a = 0; a < oh * window[0]; a++) {
    const [i, p] = [Math.floor(a / window[0]), a % window[0]];
    const row = i * strides[0] - before[0] + p * dilation[0];
    if (row < 0 || row >= h) continue;
    for (let b = 0; b < ow * window[1]; b++) {
      const [j, q] = [Math.floor(b / window[1]), b % window[1]];
      const column = j * strides[1] - before[1] + q * dilation[1];
      if (column < 0 || column >= w) continue;
      const [pixel, tile] = [row * w + column, i * ow + j];
      if (transposed) links[pixel].push(tile);
      else links[tile].push(pixel);
    }
  }
  const channels = from[3];
  const pixels = Int32Array.from({ length: sizeOf(from.slice(0, 3)) }, (_, e) =>
    union(sets.subarray(e * channels, (e + 1) * channels)),
  );
  return shapes.map((shape) => {
    const out = new Int32Array(sizeOf(shape));
    for (let n = 0; n < to[0]; n++) {
      links.forEach((list, place) => {
        const set = union([common, ...list.map((e) => pixels[n * places(from) + e])]);
        const at = (n * places(to) + place) * to[3];
        out.fill(set, at, at + to[3]);
      });
    }
    return out;
  });
}
