import { type Tensor, tensor } from '@southwell/autodiff';
import type { GraphValue } from '@southwell/autodiff/nn';
import type { Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';

// Rows of a table as the inputs of a network that nobody trained here: they go in as they are.

type Axes = ReadonlyArray<number | string | null>;

/** The columns of a table that are numbers or, of images, the pixels; with the shape of a row if it is an image. */
interface Rows {
  readonly columns: readonly Float64Array[];
  readonly names: readonly string[];
  readonly image?: NonNullable<Table['images']>;
  readonly notes: readonly string[];
  /** Name of the last column of numbers. */
  readonly last: string;
}

/** The numbers of a table. Throws a message for a sparse one. */
export function rowsOf(table: Table, divide: number): Rows {
  const { images, columns, sparse, name } = table;
  if (sparse) throw new RequestError(`${name} is a sparse matrix, and networks take columns of numbers.`);
  const used = images ? columns.slice(0, images.height * images.width * images.channels) : columns;
  const numbers = used.flatMap((column) => (column.type === 'number' ? [column.values] : []));
  const names = used.flatMap((column) => (column.type === 'number' ? [column.name] : []));
  const left = used.filter(({ type }) => type !== 'number').map((column) => column.name);
  return {
    columns: numbers,
    names,
    last: used.findLast(({ type }) => type === 'number')?.name ?? '',
    ...(images ? { image: images } : {}),
    notes: [
      ...(left.length > 0
        ? [`Not numbers, and left out: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ', …' : ''}.`]
        : []),
      ...(images ? [`Pixels went into the network with values from 0 to ${number(255 / divide)}.`] : []),
    ],
  };
}

const shown = (axes: Axes): string => `[${['n', ...axes.map((n) => n ?? '?')].join(', ')}]`;

/** The shape of a row, and where in it each column goes; by default in order. */
export interface Layout {
  readonly shape: readonly number[];
  readonly place?: (column: number) => readonly number[];
}

/** Images, whose columns have the channels last, as a network takes them. */
function imageLayout(axes: Axes, { height, width, channels }: NonNullable<Rows['image']>, name: string): Layout {
  const fits = (sizes: readonly number[]): boolean =>
    axes.length === 3 && axes.every((n, d) => typeof n !== 'number' || n === sizes[d]);
  const pixels = height * width;
  const first = typeof axes[0] === 'number' ? axes[0] : channels;
  // Grey images are repeated for networks that take colours.
  if (fits([first, height, width]) && (first === channels || channels === 1))
    return {
      shape: [first, height, width],
      place: (j) =>
        channels === 1
          ? Array.from({ length: first }, (_, c) => c * pixels + j)
          : [(j % channels) * pixels + Math.floor(j / channels)],
    };
  const last = typeof axes[2] === 'number' ? axes[2] : channels;
  if (fits([height, width, last]) && (last === channels || channels === 1))
    return {
      shape: [height, width, last],
      place: (j) => (channels === 1 ? Array.from({ length: last }, (_, c) => j * last + c) : [j]),
    };
  if (axes.length === 1 && (typeof axes[0] !== 'number' || axes[0] === pixels * channels))
    return { shape: [pixels * channels] };
  throw new RequestError(
    `${name} has images of ${height} × ${width} × ${channels}, but the network takes ${shown(axes)}.`,
  );
}

/** The shape in which a network with these axes takes rows. Throws a message if they do not fit. */
export function layoutOf(
  axes: Axes | undefined,
  {
    width,
    image,
    last,
  }: { readonly width: number; readonly image?: NonNullable<Table['images']>; readonly last?: string },
  name: string,
): Layout {
  if (width === 0) throw new RequestError(`${name} has no columns of numbers.`);
  if (!axes) return { shape: [width] };
  if (image) return imageLayout(axes, image, name);
  const known = axes.reduce<number>((n, axis) => n * (typeof axis === 'number' ? axis : 1), 1);
  const open = axes.filter((n) => typeof n !== 'number').length;
  if (open > 1 || (open === 1 ? width % known !== 0 : width !== known)) {
    const takes = open === 0 ? `${count(known, 'column')}, ${shown(axes)}` : shown(axes);
    const advice =
      width < known
        ? '; columns with text do not count'
        : last === undefined
          ? ''
          : `; leave other columns out with {types} ${last}=drop`;
    throw new RequestError(
      `${name} has ${count(width, 'column')} of numbers, but the network takes ${takes}${advice}.`,
    );
  }
  return { shape: axes.map((n) => (typeof n === 'number' ? n : width / known)) };
}

/** An input of a network, and the columns that go into it. */
export interface Part {
  readonly input: GraphValue;
  readonly layout: Layout;
  readonly columns: readonly Float64Array[];
}

/** The number of a column `x_3` of an input x of several columns, 0 for a column of its name, and undefined for others. */
function numberIn(column: string, input: string): number | undefined {
  if (column === input) return 0;
  const end = column.startsWith(`${input}_`) ? column.slice(input.length + 1) : '';
  return /^\d+$/.test(end) ? Number(end) : undefined;
}

/**
 * The columns of each input: all of them for a single one; otherwise those that have its name, with a number each if they are several, or as many in
 * their order as each takes. Throws a message if they do not fit.
 */
export function partsOf(inputs: readonly GraphValue[], given: Rows, table: string): { parts: Part[]; notes: string[] } {
  const { columns, names, image, last } = given;
  const axes = ({ shape }: GraphValue): Axes | undefined => shape?.slice(1);
  if (inputs.length === 1) {
    const layout = layoutOf(axes(inputs[0]), { width: columns.length, last, ...(image ? { image } : {}) }, table);
    return { parts: [{ input: inputs[0], layout, columns }], notes: [] };
  }
  const wanted = inputs.map((input) => `${input.name} ${shown(axes(input) ?? [null])}`).join(' and ');
  if (image) throw new RequestError(`${table} has images, but the network has several inputs: ${wanted}.`);
  const named = inputs.map((input) =>
    names
      .flatMap((name, j) => {
        const k = numberIn(name, input.name);
        return k === undefined ? [] : [{ k, j }];
      })
      .sort((a, b) => a.k - b.k)
      .map(({ j }) => j),
  );
  const part = (input: GraphValue, places: readonly number[]): Part => ({
    input,
    layout: layoutOf(axes(input), { width: places.length }, `${table}, for the input '${input.name}',`),
    columns: places.map((j) => columns[j]),
  });
  if (named.every((places) => places.length > 0)) {
    const used = new Set(named.flat());
    const others = names.filter((_, j) => !used.has(j));
    const few = `${others.slice(0, 5).join(', ')}${others.length > 5 ? ', …' : ''}`;
    return {
      parts: inputs.map((input, i) => part(input, named[i])),
      notes: others.length > 0 ? [`Columns of no input, and left out: ${few}.`] : [],
    };
  }
  const widths = inputs.map((input) =>
    (axes(input) ?? [null]).reduce<number>((n, axis) => (typeof axis === 'number' ? n * axis : Number.NaN), 1),
  );
  if (named.some((places) => places.length > 0) || widths.reduce((a, b) => a + b, 0) !== columns.length) {
    const lost = inputs.find((_, i) => named[i].length === 0)!.name;
    throw new RequestError(
      `${table} has no columns for the input '${lost}' of the network, which takes ${wanted}: name columns after the inputs, such as ${lost}_1, ${lost}_2.`,
    );
  }
  let from = 0;
  const parts = inputs.map((input, i) => {
    const places = Array.from({ length: widths[i] }, (_, k) => from + k);
    from += widths[i];
    return part(input, places);
  });
  return { parts, notes: [`Columns went into the inputs in their order: ${wanted}.`] };
}

/** The tensor of an input for some rows, of which there may be fewer than it takes. */
export function filled(
  { input, layout, columns }: Part,
  rows: readonly number[],
  taken: number,
  divide: number,
): Tensor {
  const size = layout.shape.reduce((a, b) => a * b, 1);
  const dtype = /^[iu]\d|bool/.test(input.type) ? 'i32' : input.type === 'f64' ? 'f64' : 'f32';
  const values = new Float64Array(taken * size);
  columns.forEach((column, j) => {
    for (const place of layout.place?.(j) ?? [j])
      for (const [i, row] of rows.entries()) values[i * size + place] = column[row] / divide;
  });
  if (dtype === 'i32') checkWhole(values, size, rows, input.type);
  return tensor(values, { shape: [taken, ...layout.shape], dtype });
}

/** Throws a message if a network of whole numbers is given others. */
function checkWhole(values: Float64Array, size: number, rows: readonly number[], type: string): void {
  const k = values.findIndex((v) => (v | 0) !== v);
  if (k < 0) return;
  const row = rows[Math.floor(k / size)] + 1;
  throw new RequestError(`Row ${row} contains ${values[k]}, but the network takes whole numbers of 32 bits (${type}).`);
}
