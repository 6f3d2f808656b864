import { type Tensor, tensor, type Values } from '@southwell/autodiff';
import { applyGraph, type GraphOptions, type GraphValue, type ReadModel } from '@southwell/autodiff/nn';
import type { Picture } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import { count, grouped } from '../format.ts';
import { layoutOf } from '../training/graphRows.ts';
import { PIXELS, type Pixels } from './pixels.ts';
import { shapeText } from './words.ts';

// What a network answers to one example, and the values of all its layers on the way.

/** What an input of a network takes for one example. */
export type NetworkInput = { readonly name: string } & (
  | {
      /** Pixels with values from 0 to 255, channels last. */
      readonly kind: 'image';
      readonly height: number;
      readonly width: number;
      readonly channels: number;
    }
  /** Numbers, or whole numbers such as tokens: this many, or a multiple of `count` where `open`. */
  | { readonly kind: 'numbers' | 'whole'; readonly count: number; readonly open: boolean }
);

/** Side of images of networks that take any. */
const SIDE = 224;

/** The axes of one example: without the first, which is that of examples, unless it is the only one. */
const axesOf = ({ shape }: GraphValue) => (shape && shape.length > 1 ? shape.slice(1) : (shape ?? [null]));
const isChannels = (n: number | string | null): boolean => n === 1 || n === 3;
const isSide = (n: number | string | null): boolean => typeof n !== 'number' || n > 4;
const sideOf = (n: number | string | null): number => (typeof n === 'number' ? n : SIDE);

/** What an input takes. */
export function networkInput(value: GraphValue): NetworkInput {
  const { name, type } = value;
  const axes = axesOf(value);
  const isWhole = /^[iu]\d|bool/.test(type);
  if (axes.length === 3) {
    const [a, b, c] = axes;
    const image = { name, kind: 'image' } as const;
    if (isChannels(a) && isSide(b) && isSide(c))
      return { ...image, height: sideOf(b), width: sideOf(c), channels: a as number };
    if (isChannels(c) && isSide(a) && isSide(b))
      return { ...image, height: sideOf(a), width: sideOf(b), channels: c as number };
  }
  const known = axes.reduce<number>((n, axis) => n * (typeof axis === 'number' ? axis : 1), 1);
  return {
    ...{ name, kind: isWhole ? 'whole' : 'numbers', count: known },
    open: axes.some((n) => typeof n !== 'number'),
  };
}

/** An example for an input. Throws a message if it does not fit. */
function exampleOf(value: GraphValue, input: NetworkInput, numbers: ArrayLike<number>): Tensor {
  const { name, type, shape } = value;
  const axes = axesOf(value);
  const dtype = /^[iu]\d|bool/.test(type) ? 'i32' : type === 'f64' ? 'f64' : 'f32';
  const rows = shape && shape.length > 1 && typeof shape[0] === 'number' ? Math.max(1, shape[0]) : 1;
  const first = shape && shape.length <= 1 ? [] : [rows];
  const made = (own: readonly number[], values: ArrayLike<number>): Tensor => {
    const all = new Float64Array(rows * values.length);
    all.set(values);
    const wrong = dtype === 'i32' ? all.find((v) => (v | 0) !== v) : undefined;
    if (wrong !== undefined)
      throw new RequestError(`'${name}' takes whole numbers of 32 bits (${type}), not ${wrong}.`);
    return tensor(all, { shape: [...first, ...own], dtype });
  };
  if (input.kind === 'image') {
    const layout = layoutOf(axes, { width: numbers.length, image: input }, 'The image');
    const values = new Float64Array(numbers.length);
    for (let j = 0; j < numbers.length; j++) for (const at of layout.place?.(j) ?? [j]) values[at] = numbers[j];
    return made(layout.shape, values);
  }
  const { count: known, open } = input;
  if (numbers.length === 0) throw new RequestError(`'${name}' has no numbers.`);
  if (open ? numbers.length % known !== 0 : numbers.length !== known) {
    const wanted = open ? `a multiple of ${grouped(known)}` : grouped(known);
    throw new RequestError(
      `'${name}' takes ${wanted} numbers, ${shapeText(shape) || 'of any shape'}, and got ${grouped(numbers.length)}.`,
    );
  }
  if (shape && shape.length === 0) return made([], numbers);
  let rest = numbers.length / known;
  const own = axes.map((n) => {
    if (typeof n === 'number') return n;
    const here = rest;
    rest = 1;
    return here;
  });
  return made(own, numbers);
}

/** The values of a layer for an example. */
export interface LayerValues {
  readonly shape: readonly number[];
  readonly least: number;
  readonly largest: number;
  readonly mean: number;
  /** Numbers that are 0, and that are NaN or infinite. */
  readonly zeros: number;
  readonly notFinite: number;
}

/** An output for an example. */
export interface OutputValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** The first of them. */
  readonly first: readonly number[];
  /** Places and values of the largest, in falling order. */
  readonly largest: ReadonlyArray<readonly [place: number, value: number]>;
}

/** What a network answers. */
export interface NetworkAnswer {
  readonly outputs: readonly OutputValues[];
  /** Of inputs and the first output of every node, by name. */
  readonly values: ReadonlyMap<string, Tensor>;
}

/** Numbers of an output that are told, and the largest of them that are. */
const [FIRST, LARGEST] = [1000, 10];

/** What is told of an output. */
export function outputValues(name: string, t: Pick<Tensor, 'shape'> & { data(): Values }): OutputValues {
  const data = t.data();
  const places = Array.from({ length: Math.min(data.length, 1 << 20) }, (_, i) => i);
  const largest = places
    .filter((i) => !Number.isNaN(data[i]))
    .toSorted((a, b) => data[b] - data[a] || a - b)
    .slice(0, LARGEST)
    .map((i) => [i, data[i]] as const);
  return { name, shape: t.shape, size: data.length, first: Array.from(data.subarray(0, FIRST)), largest };
}

/** What there is to say of the values of a layer. O(size). */
export function layerValues(t: Tensor): LayerValues {
  let [least, largest, sum, zeros, notFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  const data = t.data();
  for (const v of data) {
    if (!Number.isFinite(v)) {
      notFinite++;
      continue;
    }
    if (v === 0) zeros++;
    if (v < least) least = v;
    if (v > largest) largest = v;
    sum += v;
  }
  return { shape: t.shape, least, largest, mean: sum / (data.length - notFinite), zeros, notFinite };
}

/**
 * The outputs of a network for one example, and the values of its layers. `numbers` are those of each input by name: of an image its pixels from 0 to 255,
 * channels last. Throws a message if they do not fit.
 */
export function networkAnswer(
  { model, parameters, state, inputs, outputs }: ReadModel,
  numbers: Readonly<Record<string, ArrayLike<number>>>,
  pixels: Pixels = 'from 0 to 1',
): NetworkAnswer {
  const { nodes } = model as unknown as GraphOptions;
  const given = Object.fromEntries(
    inputs.map((value) => {
      const input = networkInput(value);
      const own =
        numbers[value.name] ?? fail('INVALID_PARAMETER', `There are no numbers for the input '${value.name}'.`);
      const { channels } = input.kind === 'image' ? input : { channels: 0 };
      const scaled = channels > 0 ? Float64Array.from(own, (v, j) => PIXELS[pixels](v, j % channels)) : own;
      return [value.name, exampleOf(value, input, scaled)];
    }),
  );
  const wanted = [...new Set([...nodes.map((node) => node.outputs[0]), ...outputs.map(({ name }) => name)])];
  const made = applyGraph(model, parameters, given, { state, values: wanted.filter((name) => name !== '') });
  return {
    outputs: outputs.map(({ name }) => outputValues(name, made[name])),
    values: new Map([...Object.entries(given), ...Object.entries(made)]),
  };
}

/** Channels, and cells of a side, that are drawn at most. */
const [CHANNELS, CELLS] = [36, 512];

/** The mean of blocks of a plane, so that no side is longer than `most`. */
function reduced(data: ArrayLike<number>, from: number, height: number, width: number, most: number) {
  const [down, across] = [Math.ceil(height / most), Math.ceil(width / most)];
  const [h, w] = [Math.ceil(height / down), Math.ceil(width / across)];
  const out = new Float64Array(h * w);
  for (let i = 0; i < h; i++)
    for (let j = 0; j < w; j++) {
      let [sum, n] = [0, 0];
      for (let a = i * down; a < Math.min(height, (i + 1) * down); a++)
        for (let b = j * across; b < Math.min(width, (j + 1) * across); b++, n++) sum += data[from + a * width + b];
      out[i * w + j] = sum / n;
    }
  return { values: out, height: h, width: w };
}

/** The sides of the planes that a tensor is drawn as, and their number; the last two axes, or the only one. */
function planesOf(shape: readonly number[], channelsLast: boolean) {
  const own = shape.length > 2 && shape[0] === 1 ? shape.slice(1) : shape;
  if (own.length === 0) return { count: 1, height: 1, width: 1, stride: 1 };
  if (own.length === 1) return { count: 1, height: 1, width: own[0], stride: 1 };
  if (channelsLast && own.length === 3) return { count: own[2], height: own[0], width: own[1], stride: own[2] };
  const [height, width] = own.slice(-2);
  return { count: own.slice(0, -2).reduce((a, b) => a * b, 1), height, width, stride: 1 };
}

/** A picture of values: a heat map of a matrix; of several, as of channels and filters, one beside the other, with how many are left out. */
export function valuesPicture(
  t: Pick<Tensor, 'shape'> & { data(): ArrayLike<number> },
  channelsLast = false,
): { readonly picture: Picture; readonly note?: string } | undefined {
  const { count: planes, height, width, stride } = planesOf(t.shape, channelsLast);
  const data = t.data();
  if (data.length < 2) return undefined;
  const shown = Math.min(planes, CHANNELS);
  // About square, with as few empty places as possible.
  const across = Math.sqrt((shown * height) / width);
  const [columns] = [Math.ceil(across), Math.floor(across)]
    .map((n) => Math.min(shown, Math.max(1, n)))
    .toSorted((a, b) => (((-shown % a) + a) % a) - (((-shown % b) + b) % b));
  const rows = Math.ceil(shown / columns);
  const most = Math.max(1, Math.floor(CELLS / Math.max(columns, rows)));
  const tiles = Array.from({ length: shown }, (_, c) => {
    if (stride === 1) return reduced(data, c * height * width, height, width, most);
    const plane = Float64Array.from({ length: height * width }, (_, i) => data[i * stride + c]);
    return reduced(plane, 0, height, width, most);
  });
  const [h, w] = [tiles[0].height, tiles[0].width];
  const gap = shown > 1 ? 1 : 0;
  const [W, H] = [columns * (w + gap) - gap, rows * (h + gap) - gap];
  const values = new Float64Array(W * H).fill(Number.NaN);
  tiles.forEach((tile, c) => {
    const [top, left] = [Math.floor(c / columns) * (h + gap), (c % columns) * (w + gap)];
    for (let i = 0; i < h; i++) values.set(tile.values.subarray(i * w, (i + 1) * w), (top + i) * W + left);
  });
  const left = planes - shown;
  return {
    picture: { type: 'image', width: W, height: H, values: Array.from(values) },
    ...(left > 0 ? { note: `The first ${shown} of ${count(planes, 'plane')}.` } : {}),
  };
}
