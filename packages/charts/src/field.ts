import { ticks } from 'd3-array';
import { interpolateRdBu, interpolateViridis } from 'd3-scale-chromatic';
import { encode } from 'fast-png';
import { extent } from './scale.ts';

/** Matrices and fields as pixels. */

export interface Field {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
}

/** A field of means over blocks of whole rows and columns, and the size of its blocks. */
export function pooled({ width, height, values }: Field, across: number, down: number): Field {
  if (across <= 1 && down <= 1) return { width, height, values };
  const [w, h] = [Math.ceil(width / across), Math.ceil(height / down)];
  const sums = new Float64Array(w * h);
  const counts = new Float64Array(w * h);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const v = values[i * width + j];
      if (!Number.isFinite(v)) continue;
      const at = Math.floor(i / down) * w + Math.floor(j / across);
      sums[at] += v;
      counts[at]++;
    }
  }
  return { width: w, height: h, values: Array.from(sums, (sum, k) => (counts[k] > 0 ? sum / counts[k] : Number.NaN)) };
}

export interface ColourMap {
  readonly low: number;
  readonly high: number;
  /** Whether its middle is zero, with a hue for each sign. */
  readonly diverging: boolean;
  /** A colour as red, green and blue. */
  at(value: number): readonly [number, number, number];
}

const LEVELS = 256;
const rgbOf = (colour: string): [number, number, number] => {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  if (hex) return [1, 2, 3].map((k) => Number.parseInt(hex[k], 16)) as [number, number, number];
  return (colour.match(/\d+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number) as [number, number, number];
};
const tableOf = (colour: (share: number) => string) =>
  Array.from({ length: LEVELS }, (_, k) => rgbOf(colour(k / (LEVELS - 1))));
let sequential: ReturnType<typeof tableOf> | undefined;
let diverging: ReturnType<typeof tableOf> | undefined;
/** Of values that are not finite. */
const NOTHING = [128, 128, 128] as const;

/** The colours of values: from dark to bright, or about zero if they have both signs. Perceptually even. */
export function colourMap(values: readonly number[]): ColourMap {
  const [least, most] = extent([values]) ?? [0, 1];
  const both = least < 0 && most > 0;
  const side = Math.max(-least, most);
  const [low, high] = both ? [-side, side] : [least, most];
  sequential ??= tableOf(interpolateViridis);
  diverging ??= tableOf((share) => interpolateRdBu(1 - share));
  const table = both ? diverging : sequential;
  const span = high / 2 - low / 2;
  const at = (v: number) => {
    if (!Number.isFinite(v)) return NOTHING;
    const share = span > 0 ? (v / 2 - low / 2) / span : 0.5;
    return table[Math.min(LEVELS - 1, Math.max(0, Math.round(share * (LEVELS - 1))))];
  };
  return { low, high, diverging: both, at };
}

/** Pixels in their colours, row by row: red, green, blue. */
export function pixels({ width, height, values }: Field, map: ColourMap): Uint8Array {
  const data = new Uint8Array(3 * width * height);
  for (let k = 0; k < width * height; k++) data.set(map.at(values[k]), 3 * k);
  return data;
}

/** A field as a PNG in a data URL. */
export function pngUrl(field: Field, map: ColourMap): string {
  const { width, height } = field;
  const bytes = encode({ width, height, data: pixels(field, map), channels: 3, depth: 8 });
  let text = '';
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return `data:image/png;base64,${btoa(text)}`;
}

/** About three round values within the range of a map. */
export const mapTicks = ({ low, high }: ColourMap, count: number): number[] =>
  high > low ? ticks(low, high, count) : [low];
