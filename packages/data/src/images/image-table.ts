import type { Column, Table } from '../table.ts';
import type { Pixels } from './pixels.ts';

/** Images of one size as a table: a row for each, and a column for each pixel, by rows, channels beside each other. */
export function imageTable(
  images: readonly Pixels[],
  about: Pick<Table, 'name' | 'format' | 'notes'> & { readonly labels?: Column; readonly index?: Column },
): Table {
  const { labels, ...rest } = about;
  const [{ height, width }] = images;
  // Where some have colour, the grey ones are of equal parts.
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
