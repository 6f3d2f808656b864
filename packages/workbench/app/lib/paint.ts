/** Images that are painted: pixels from 0 to 255 in row-major order, channels last. */

interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The image with a soft dot, as of a felt pen, at a point in pixels. */
export function withDot(numbers: ArrayLike<number>, size: Size, [x, y]: readonly [number, number]): Float64Array {
  const { height, width, channels } = size;
  const radius = Math.max(0.7, Math.min(width, height) / 20);
  const made = Float64Array.from(numbers);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const ink = 255 * Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(j + 0.5 - x, i + 0.5 - y)));
      for (let c = 0; c < channels; c++) {
        const at = (i * width + j) * channels + c;
        made[at] = Math.max(made[at], ink);
      }
    }
  }
  return made;
}

/** A line through points whose coordinates are parts of the width and the height, on an empty image. */
export function painted(size: Size, line: ReadonlyArray<readonly [x: number, y: number]>): Float64Array {
  const { height, width, channels } = size;
  let made: Float64Array = new Float64Array(height * width * channels);
  for (let k = 1; k < line.length; k++) {
    const [[ax, ay], [bx, by]] = [line[k - 1], line[k]];
    const steps = Math.ceil(Math.hypot((bx - ax) * width, (by - ay) * height));
    for (let s = 0; s <= steps; s++) {
      const t = s / Math.max(1, steps);
      made = withDot(made, size, [(ax + t * (bx - ax)) * width, (ay + t * (by - ay)) * height]);
    }
  }
  return made;
}
