/** Bits of the eight dots of a character, by row and column. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A picture in braille characters, one dot for each non-zero cell: two cells across and four down per character. */
export function braille(cells: {
  readonly width: number;
  readonly height: number;
  readonly counts: readonly number[];
}): string[] {
  const { width, height, counts } = cells;
  return Array.from({ length: Math.ceil(height / 4) }, (_, line) => {
    let text = '  ';
    for (let at = 0; at < width; at += 2) {
      let code = 0x2800;
      DOTS.forEach((dots, y) => {
        dots.forEach((bit, x) => {
          const [i, j] = [4 * line + y, at + x];
          if (i < height && j < width && counts[i * width + j] > 0) code |= bit;
        });
      });
      text += String.fromCodePoint(code);
    }
    return text;
  });
}
