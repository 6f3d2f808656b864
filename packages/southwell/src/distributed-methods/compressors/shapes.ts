import { fail, wholeNumber } from '@southwell/numerics/core';

/** Dimensions of the arrays that a vector holds one after the other, such as the parameters of the layers of a network. */
export type Shapes = ReadonlyArray<readonly number[]>;

/** A part of the vector as a matrix, row after row, or entries that are sent as they are. */
export interface Block {
  readonly at: number;
  readonly length: number;
  readonly rows: number;
  readonly columns: number;
  /** Directions that are sent; 0 if all entries are. */
  readonly most: number;
}

/**
 * An array of several dimensions as a matrix: the first of them by the rest, split where rows + columns are fewest, so that
 * convolutions are matrices of input and output whichever dimension comes first. One dimension is left as it is.
 */
export function matrixShape(shape: readonly number[]): readonly number[] {
  const length = lengthOf(shape);
  let best: readonly [number, number] | undefined;
  for (let k = 1, rows = 1; k < shape.length; k++) {
    rows *= shape[k - 1];
    if (!best || rows + length / rows < best[0] + best[1]) best = [rows, length / rows];
  }
  return best ?? [length];
}

/** A shape as names have it, but with all of its dimensions; `[]` is a single number. */
const written = (shape: readonly number[]): string => (shape.length === 0 ? '[]' : shape.join('x'));

/** @throws INVALID_PARAMETER for what is no list of shapes, and for the first dimension that is no whole number of at least 1. */
export function checkShapes(where: string, shapes: Shapes): void {
  if (!Array.isArray(shapes))
    fail('INVALID_PARAMETER', `The shapes of ${where} must be a list of shapes, such as [[64, 32], [64]].`);
  if (shapes.length === 0)
    fail('INVALID_PARAMETER', `The shapes of ${where} are empty; give the shape of one array or more.`);
  for (const [k, shape] of shapes.entries()) {
    if (!Array.isArray(shape))
      fail('INVALID_PARAMETER', `Shape ${k} of ${where} must be a list of dimensions, such as [64, 32], not ${shape}.`);
    for (const [dimension, n] of shape.entries())
      wholeNumber(`Dimension ${dimension} of shape ${k} (${written(shape)}) of ${where}`, n, 1);
    if (!Number.isSafeInteger(lengthOf(shape)))
      fail('INVALID_PARAMETER', `Shape ${k} (${written(shape)}) of ${where} has more entries than can be counted.`);
  }
}

const lengthOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** What is wrong with the shapes for vectors of a length that is not their sum: the first that does not fit, or what is left. */
export function misfit(shapes: Shapes, length: number): string {
  let end = 0;
  for (const [k, shape] of shapes.entries()) {
    end += lengthOf(shape);
    if (end > length) return `shape ${k} (${written(shape)}, ${lengthOf(shape)} entries) would end at ${end}`;
  }
  return `${length - end} are left after shape ${shapes.length - 1} (${written(shapes[shapes.length - 1])})`;
}

/** As names have them: `64x32,64,64x10`. */
export const spelledShapes = (shapes: Shapes): string => shapes.map((shape) => matrixShape(shape).join('x')).join(',');

/** Consecutive blocks; of several, those are sent as they are whose factors of this rank would not be shorter. */
export function blocksOf(shapes: Shapes, rank: number): Block[] {
  let at = 0;
  return shapes.map((shape) => {
    const [rows, columns = 1] = matrixShape(shape);
    const from = at;
    const length = rows * columns;
    at += length;
    const most = Math.min(rank, rows, columns);
    const whole = shape.length < 2 || (shapes.length > 1 && most * (rows + columns) >= length);
    return { at: from, length, rows, columns, most: whole ? 0 : most };
  });
}
