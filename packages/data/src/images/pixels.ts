import { fail } from '@southwell/numerics/core';
import type { ReadOptions } from '../table.ts';

/** A picture in row-major order with interleaved channels, values 0 to 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
  /** Whether some pixels were transparent. */
  readonly transparent?: boolean;
}

/** `28 × 28`: height × width. */
export const sizeText = ({ height, width }: Pick<Pixels, 'height' | 'width'>): string => `${height} × ${width}`;

/** Maximum number of columns of a table. */
const MOST = 1e6;

/** @throws INVALID_FORMAT for more pixels than a table may have columns. */
export function checkSize(pixels: Pixels, name: string, spell: ReadOptions['spell'] = (option) => option): void {
  if (pixels.data.length <= MOST) return;
  fail(
    'INVALID_FORMAT',
    `${name} is ${sizeText(pixels)} pixels, too many for columns of a table (${MOST.toLocaleString('en')}): ${spell('resize')} 64x64 makes it smaller.`,
  );
}
