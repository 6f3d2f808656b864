import type { Column, Table } from '../table.ts';
import type { Pixels } from './pixels.ts';

/**
 * Images of equal size as a table, with one row per image and one column per pixel value, in row-major order with
 * interleaved channels.
 */
export function imageTable(
  images: readonly Pixels[],
  about: Pick<Table, 'name' | 'format' | 'notes'> & { readonly labels?: Column; readonly index?: Column },
): Table {
  const { labels, ...rest } = about;
  const [{ height, width }] = images;
  // If some images have colour, grey ones get three equal channels.
  const channels = images.some((image) => image.channels === 3) ? 3 : 1;
  const columns = Array.from({ length: height * width * channels }, (_, at) => {
    const values = Float64Array.from(images, ({ data, channels: own }) =>
      own === channels ? data[at] : data[Math.floor(at / channels)],
    );
    return { name: `x${at + 1}`, type: 'number' as const, values };
  });
  return {
    ...rest,
    rows: images.length,
    columns: labels ? [...columns, labels] : columns,
    images: { height, width, channels },
  };
}
