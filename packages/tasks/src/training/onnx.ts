import { type Tensor, tensor } from '@southwell/autodiff';
import {
  applyGraph,
  type ByteSource,
  type External,
  type GraphValue,
  type ReadModel,
  read,
} from '@southwell/autodiff/nn';
import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { Columns } from '../declaration/columns.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { type SavedModel, spread } from '../saved-model.ts';
import { filesOf } from './model.ts';

// Networks from ONNX files, which nobody trained here: rows go in as they are, and outputs are told as they are.

/** Rows that go through the network at a time, where it takes any number. */
const BATCH = 256;

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

function rowsOf(table: Table, divide: number): Rows {
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
interface Part {
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
function partsOf(inputs: readonly GraphValue[], given: Rows, table: string): { parts: Part[]; notes: string[] } {
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

/** The outputs of the network for rows, each a list of rows of numbers. */
function outputsOf(network: ReadModel, parts: readonly Part[], rows: readonly number[], divide: number) {
  const { model, parameters, state } = network;
  const numbers = parts.flatMap(({ input: { shape } }) => (typeof shape?.[0] === 'number' ? [shape[0]] : []));
  if (new Set(numbers).size > 1)
    throw new RequestError(`The network takes different numbers of rows, ${numbers.join(' and ')}, in its inputs.`);
  const [fixed] = numbers;
  const batch = Math.max(1, fixed ?? BATCH);
  const found = new Map<string, number[][]>();
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    // A network of a fixed number of rows gets zeros in place of those that there are not.
    const taken = fixed ?? some.length;
    const x = Object.fromEntries(parts.map((part) => [part.input.name, filled(part, some, taken, divide)]));
    for (const [output, t] of Object.entries(applyGraph(model, parameters, x, { state }))) {
      if (t.shape[0] !== taken)
        throw new RequestError(
          `The network's output '${output}' has the shape [${t.shape.join(', ')}] for ${count(taken, 'row')}, and not one entry for each.`,
        );
      const data = t.data();
      const each = data.length / taken;
      const lists = found.get(output) ?? [];
      for (let i = 0; i < some.length; i++) lists.push(Array.from(data.subarray(i * each, (i + 1) * each)));
      found.set(output, lists);
    }
  }
  return found;
}

/** The tensor of an input for some rows, of which there may be fewer than it takes. */
function filled({ input, layout, columns }: Part, rows: readonly number[], taken: number, divide: number): Tensor {
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

/**
 * Checks that a network takes rows and can be run.
 * @throws NOT_SUPPORTED for missing operators and inputs that are no rows; NON_FINITE for weights that are NaN; in words that follow the name of a file.
 */
export function checkRunnable({ inputs, missing, parameters }: ReadModel): void {
  if (missing.length > 0) {
    const [{ op, nodes }] = missing;
    const more = missing.length > 1 ? ` and ${count(missing.length - 1, 'other')}` : '';
    fail(
      'NOT_SUPPORTED',
      `its operator ${op}${more} cannot be run here (node '${nodes[0]}'); southwell inspect lists what is missing.`,
    );
  }
  for (const [name, t] of Object.entries(parameters))
    if (t.data().some(Number.isNaN)) fail('NON_FINITE', `its weights '${name}' contain NaN.`);
  if (inputs.length === 0) fail('NOT_SUPPORTED', 'it has no inputs.');
  const single = inputs.find(({ shape }) => shape?.length === 0);
  if (single) fail('NOT_SUPPORTED', `its input '${single.name}' is a single number, and no rows.`);
}

/** A network as a model. Throws as {@link checkRunnable}. */
function networkModel(network: ReadModel): SavedModel {
  checkRunnable(network);
  const whole = network.inputs.find(({ type }) => /^[iu]\d/.test(type));
  return {
    divides: true,
    predict(table, { proba = false, divide = 1 }) {
      if (proba)
        throw new RequestError('{proba} needs a model that southwell saved: outputs of this network are all told.');
      const given = rowsOf(table, divide);
      const { parts, notes } = partsOf(network.inputs, given, table.name);
      const used = parts.flatMap(({ columns }) => columns);
      const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) =>
        used.every((column) => !Number.isNaN(column[i])),
      );
      if (rows.length === 0) fail('EMPTY', `${table.name}: every row has a missing value, so no row is left.`);
      const columns: Record<string, Columns[string]> = { ...filesOf(table) };
      const finite = new Set(rows);
      for (const [name, lists] of outputsOf(network, parts, rows, divide)) {
        for (const [i, row] of lists.entries()) if (!row.every(Number.isFinite)) finite.delete(rows[i]);
        const each = lists[0].length;
        for (let k = 0; k < each; k++) {
          const cells = lists.map((row) => (Number.isFinite(row[k]) ? row[k] : null));
          columns[each === 1 ? name : `${name}_${k + 1}`] = spread(cells, table.rows, rows);
        }
      }
      const lost = table.rows - rows.length;
      return {
        columns,
        predicted: finite.size,
        notes: [
          ...[...given.notes, ...notes],
          ...(whole
            ? [`The network takes whole numbers (${whole.type}), such as tokens: columns went in as they are.`]
            : []),
        ],
        counted: {
          'with missing values: no prediction.': lost,
          'for which the outputs of the network are not finite.': rows.length - finite.size,
        },
      };
    },
  };
}

/**
 * The network of an ONNX file as a model: it takes the columns of numbers, in their order or, of several inputs, by their names, and tells all its outputs.
 * @throws NOT_SUPPORTED for missing operators and inputs that are no rows; NON_FINITE for weights that are NaN; the last two in words that follow the name of a file; as `read`.
 */
export const openOnnx = (source: Uint8Array | ByteSource, external?: External): SavedModel =>
  networkModel(read(source, { external }));
