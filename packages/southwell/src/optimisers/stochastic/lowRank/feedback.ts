import type { ResolvedRange } from '../ranges.ts';
import type { SlotSpec } from '../state.ts';

/** Whether what was not seen of a gradient is added to the next one, and how it is kept: as it is, or in bits a number. */
export type ErrorFeedback = 'none' | 'full' | 8 | 4;
export const errorFeedbacks: readonly ErrorFeedback[] = ['none', 'full', 8, 4];

/** The arrays that it wants. */
export function feedbackSlots(kind: ErrorFeedback, uses: (range: ResolvedRange) => boolean): SlotSpec[] {
  if (kind === 'none') return [];
  if (kind === 'full') return [{ name: 'error', uses }];
  const perWord = 32 / kind;
  return [
    { name: 'error codes', uses, whole: true, size: ({ rows, cols }) => rows * Math.ceil(cols / perWord) },
    { name: 'error ranges', uses, size: ({ rows }) => 2 * rows },
  ];
}

/**
 * Rows of numbers as whole numbers of few bits between the least and the largest of the row, packed into words: q = ⌊(x − min)/u + ½⌋,
 * u = range/(2ᵇ − 1). `limits` has min and u of each row.
 */
export function quantiseRows(
  values: Float32Array | Float64Array,
  cols: number,
  bits: 8 | 4,
  codes: Int32Array,
  limits: Float32Array | Float64Array,
): void {
  const perWord = 32 / bits;
  const words = Math.ceil(cols / perWord);
  const top = 2 ** bits - 1;
  codes.fill(0);
  for (let i = 0; i * cols < values.length; i++) {
    let [least, most] = [values[i * cols], values[i * cols]];
    for (let j = 1; j < cols; j++) {
      least = Math.min(least, values[i * cols + j]);
      most = Math.max(most, values[i * cols + j]);
    }
    limits[2 * i] = least;
    limits[2 * i + 1] = (most - least) / top;
    const unit = limits[2 * i + 1];
    for (let j = 0; unit > 0 && j < cols; j++) {
      const q = Math.min(top, Math.max(0, Math.floor((values[i * cols + j] - limits[2 * i]) / unit + 0.5)));
      codes[i * words + Math.floor(j / perWord)] |= q << (bits * (j % perWord));
    }
  }
}

/** `values` + the numbers of {@link quantiseRows}, in place. */
export function addRows(
  values: Float32Array | Float64Array,
  cols: number,
  bits: 8 | 4,
  codes: Int32Array,
  limits: Float32Array | Float64Array,
): void {
  const perWord = 32 / bits;
  const words = Math.ceil(cols / perWord);
  const top = 2 ** bits - 1;
  for (let i = 0; i * cols < values.length; i++) {
    const [least, unit] = [limits[2 * i], limits[2 * i + 1]];
    for (let j = 0; j < cols; j++) {
      const word = codes[i * words + Math.floor(j / perWord)];
      values[i * cols + j] += least + unit * ((word >>> (bits * (j % perWord))) & top);
    }
  }
}
