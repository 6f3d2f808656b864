import type { Pixels } from './pixels.ts';

/** The old pixels that contribute to a new one: the first of them, and their weights. */
interface Taken {
  readonly from: number;
  readonly weights: Float64Array;
}

/**
 * Triangular kernels as wide as a new pixel, or as an old one if that is wider: linear interpolation when enlarging,
 * averages when reducing.
 */
function takenOf(before: number, after: number): Taken[] {
  const scale = before / after;
  const reach = Math.max(1, scale);
  return Array.from({ length: after }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - reach));
    const to = Math.min(before, Math.ceil(centre + reach));
    const weights = Float64Array.from({ length: to - from }, (__, k) =>
      Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / reach),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { from, weights: weights.map((w) => w / sum) };
  });
}

/** Resizes a picture; the aspect ratio may change. O((old + new pixels) · kernel width). */
export function resized(pixels: Pixels, [height, width]: readonly [height: number, width: number]): Pixels {
  if (pixels.height === height && pixels.width === width) return pixels;
  const { channels, data } = pixels;
  const [rows, columns] = [takenOf(pixels.height, height), takenOf(pixels.width, width)];
  const wide = new Float64Array(pixels.height * width * channels);
  for (let i = 0; i < pixels.height; i++) {
    columns.forEach(({ from, weights }, j) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * data[(i * pixels.width + from + k) * channels + c];
        wide[(i * width + j) * channels + c] = sum;
      }
    });
  }
  const line = width * channels;
  const out = new Uint8Array(height * line);
  rows.forEach(({ from, weights }, i) => {
    for (let at = 0; at < line; at++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * wide[(from + k) * line + at];
      out[i * line + at] = Math.round(sum);
    }
  });
  return { ...pixels, height, width, data: out };
}
