import { otherOption } from '@southwell/numerics/core';
import type { ResolvedRange } from '../ranges.ts';
import type { SlotSpec } from '../state.ts';

/**
 * Whether the residual of the projection is added to the next gradient, and how it is stored: in full, or quantised to
 * that many bits.
 */
export type ErrorFeedback = 'none' | 'full' | 8 | 4;
const feedbacks: readonly unknown[] = ['none', 'full', 8, 4] satisfies readonly ErrorFeedback[];
export const feedbackOption = otherOption<ErrorFeedback>(`one of ${feedbacks.join(', ')}`, (v) =>
  feedbacks.includes(v),
);

/** The arrays that error feedback needs. */
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
 * Quantises rows of numbers to integers of few bits between the minimum and maximum of the row, packed into words: q =
 * ⌊(x − min)/u + ½⌋, u = range/(2ᵇ − 1). `limits` has min and u of each row.
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

/** Adds the dequantised numbers of {@link quantiseRows} to `values`, in place. */
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
