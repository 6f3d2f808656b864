import type { Tensor, Values } from '@southwell/autodiff';

/** The windows of a convolution: rows, then columns; padding before and after each. */
export interface Windows {
  readonly strides: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly window: readonly [number, number];
}

/** Numbers of patches that are made at a time. */
const NUMBERS = 1 << 18;

/**
 * The patches of images [n, height, width, channels] that a convolution multiplies by its weights, row after row, some at a
 * time: pixels of the window in order, each with its channels, 0 outside of the image.
 */
export function* patchesOf(
  images: Tensor,
  { strides, dilation, padding, window }: Windows,
  [count, rows, columns]: readonly number[],
): Generator<Values> {
  const [, height, width, channels] = images.shape;
  const data = images.data();
  const length = window[0] * window[1] * channels;
  const most = Math.max(1, Math.floor(NUMBERS / length));
  const total = count * rows * columns;
  for (let from = 0; from < total; from += most) {
    const some = Math.min(most, total - from);
    const out = new Float32Array(some * length);
    for (let k = 0; k < some; k++) {
      const at = from + k;
      const top = (Math.floor(at / columns) % rows) * strides[0] - padding[0];
      const left = (at % columns) * strides[1] - padding[2];
      const image = Math.floor(at / (rows * columns)) * height;
      let to = k * length;
      for (let a = 0; a < window[0]; a++) {
        const y = top + a * dilation[0];
        for (let b = 0; b < window[1]; b++, to += channels) {
          const x = left + b * dilation[1];
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          const start = ((image + y) * width + x) * channels;
          for (let c = 0; c < channels; c++) out[to + c] = data[start + c];
        }
      }
    }
    yield out;
  }
}
