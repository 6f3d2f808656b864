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
  const length = shape.reduce((product, n) => product * n, 1);
  let best: readonly [number, number] | undefined;
  for (let k = 1, rows = 1; k < shape.length; k++) {
    rows *= shape[k - 1];
    if (!best || rows + length / rows < best[0] + best[1]) best = [rows, length / rows];
  }
  return best ?? [length];
}

/** @throws INVALID_PARAMETER for dimensions that are no whole numbers of at least 1. */
export function checkShapes(what: string, shapes: Shapes): void {
  if (shapes.length === 0) fail('INVALID_PARAMETER', `${what} are empty; give the shape of one array or more.`);
  for (const shape of shapes) for (const n of shape) wholeNumber(what, n, 1);
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
