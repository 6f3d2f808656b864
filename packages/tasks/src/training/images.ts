import { activation, conv2d, type Layer, maxPool } from '@southwell/autodiff/nn';
import type { Table } from '@southwell/data';
import type { Alter } from 'southwell/training';
import { given } from '../declaration/option.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { TrainRequest } from './options.ts';

/** Height, width and channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** The requested image size. Throws a message for invalid sizes. */
export function imageOf(
  asked: readonly string[] | undefined,
  spell: (option: string) => string,
): ImageShape | undefined {
  if (!given(asked)) return undefined;
  const text = asked!.join(',');
  const found = /^\s*(\d+)\s*[x×]\s*(\d+)(?:\s*[x×]\s*(\d+))?\s*$/i.exec(text);
  const [height, width, channels] = (found ?? []).slice(1).map((part) => (part === undefined ? 1 : Number(part)));
  if (!found || height * width * channels === 0 || height * width * channels > 1e7)
    throw new RequestError(
      `${spell('image')} must be height x width or height x width x channels, such as 28x28 or 32x32x3, not '${text}'.`,
    );
  return [height, width, channels];
}

/** The requested image size, which must have as many pixels as there are columns. */
export function imageShape(request: TrainRequest, table: Table, columns: number, spell: TaskTools['spell']) {
  const { images, name } = table;
  const own = images && ([images.height, images.width, images.channels] as const);
  const image = imageOf(request.image, spell) ?? own;
  const pixels = image?.reduce((a, b) => a * b, 1);
  if (pixels !== undefined && pixels !== columns) {
    throw new RequestError(
      `${spell('image')} ${image!.slice(0, image![2] > 1 ? 3 : 2).join('x')} is ${count(pixels, 'pixel')}, but ${name} has ${count(columns, 'column')} besides the target: exclude columns that are not pixels with ${spell('drop')}.`,
    );
  }
  checkLaidOut(image, own, table, spell);
  return image && ([...image] as [number, number, number]);
}

/** Throws if the file itself states an image size that differs from the requested one. */
function checkLaidOut(
  asked: ReturnType<typeof imageOf>,
  own: ReturnType<typeof imageOf>,
  { name, shape }: Table,
  spell: TaskTools['spell'],
): void {
  const found = own ?? shape?.slice(1);
  if (!asked || !found) return;
  // Dimensions of size 1 do not change the memory layout.
  const sizes = (of: readonly number[]) => of.filter((size) => size > 1).join(' × ');
  if (sizes(found) === sizes(asked)) return;
  const first = asked[2] > 1 && found[0] === asked[2] && sizes([found[1], found[2], found[0]]) === sizes(asked);
  throw new RequestError(
    `${name} contains images of ${found.join(' × ')}, not ${sizes(asked)} as requested with ${spell('image')}: ${first ? 'channels must come last, as after numpy.moveaxis(X, 1, -1)' : 'give their actual size'}.`,
  );
}

/** Number of filters of each convolution; none for 0. Throws a message for invalid numbers. */
export function filtersOf(asked: readonly string[] | undefined, spell: (option: string) => string): readonly number[] {
  if (!given(asked)) return [16, 32];
  const filters = asked!.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (filters.length === 1 && filters[0] === 0) return [];
  const wrong = filters.findIndex((value) => !(Number.isSafeInteger(value) && value >= 1 && value <= 4096));
  if (wrong >= 0)
    throw new RequestError(
      `${spell('filters')} must be whole numbers from 1 to 4,096, such as 16,32, or only 0 for no convolution, not '${asked![wrong]}'.`,
    );
  return filters;
}

/** Convolutions of 3 × 3, each followed by max pooling while the size allows, and the number of their outputs. */
export function convolutions(
  [height, width, channels]: ImageShape,
  filters: readonly number[],
  name: TrainRequest['activation'],
): { readonly layers: readonly Layer[]; readonly width: number } {
  let [h, w, c] = [height, width, channels];
  const layers = filters.flatMap((out): Layer[] => {
    const own = [conv2d({ in: c, out, kernel: 3, padding: 'same' }), activation({ name })];
    c = out;
    if (Math.min(h, w) < 4) return own;
    [h, w] = [Math.floor(h / 2), Math.floor(w / 2)];
    return [...own, maxPool({ window: 2 })];
  });
  return { layers, width: h * w * c };
}

/**
 * Shifts an image by up to `shift` pixels in each direction, repeating its edge, and flips it horizontally with
 * probability ½.
 */
export function altering([height, width, channels]: ImageShape, shift: number, flip: boolean): Alter | undefined {
  if (shift === 0 && !flip) return undefined;
  const before = new Float32Array(height * width * channels);
  return (image, random) => {
    const by = () => (shift === 0 ? 0 : Math.floor(random.uniform() * (2 * shift + 1)) - shift);
    const [down, right, turned] = [by(), by(), flip && random.uniform() < 0.5];
    before.set(image);
    const within = (at: number, size: number) => Math.max(0, Math.min(size - 1, at));
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const column = within((turned ? width - 1 - j : j) - right, width);
        const from = (within(i - down, height) * width + column) * channels;
        for (let k = 0; k < channels; k++) image[(i * width + j) * channels + k] = before[from + k];
      }
    }
  };
}

/** Grey values of an image: the means over its channels. */
export function greyOf(pixel: (at: number) => number, [height, width, channels]: ImageShape): number[] {
  return Array.from({ length: height * width }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += pixel(at * channels + k);
    return sum / channels;
  });
}
