import { needTensors } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Batching, type Dependence, defineOp, type Op } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { takePlaces } from './indexing.ts';
import { throughWindows } from './windowDependence.ts';

/** Windows over images [n, h, w, c]: sizes, strides, and padding before rows and columns. */
export interface Pool {
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly image: readonly [number, number];
}

function counts({ window, strides, padding, image }: Pool): [number, number] {
  const along = (d: 0 | 1) => Math.floor((image[d] + 2 * padding[d] - window[d]) / strides[d]) + 1;
  return [along(0), along(1)];
}

const pooledFrom = (given: Dependence<Pool>, transposed: boolean): Int32Array[] =>
  throughWindows(given, { ...given.attrs, before: given.attrs.padding }, transposed);

/** A batch of images is treated as more images. */
function overBatch({ o, x: [x], size, attrs, apply: again }: Batching<Pool>): Tensor[] {
  return again([o.reshape(x, [size * x.shape[1], ...x.shape.slice(2)])], attrs).map((y) =>
    o.reshape(y, [size, x.shape[1], ...y.shape.slice(1)]),
  );
}

const placesOp: Op<Pool> = defineOp<Pool>({
  name: 'maxPool',
  depends: (given) => pooledFrom(given, false),
  infer: ([x], attrs) => {
    const shape = [x.shape[0], ...counts(attrs), x.shape[3]];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'i32' },
    ];
  },
  bind: (binding) => {
    const {
      kernels,
      x: [x],
      y: [y, at],
      attrs: {
        window: [kh, kw],
        strides: [sh, sw],
        padding: [top, left],
      },
    } = binding;
    const [n, h, w, c] = x.shape;
    const [oh, ow] = y.shape.slice(1);
    const name = x.dtype === 'f64' ? 'maxPool' : 'smaxPool';
    const [px, py, pa, bytes] = [x.pointer, y.pointer, at.pointer, BYTES[x.dtype]];
    const [image, pooled] = [h * w * c, oh * ow * c];
    // Image by image, so that indices are relative to the image.
    const part = (from: number, end: number): TensorCall[] =>
      Array.from({ length: end - from }, (_, k) => {
        const [a, b, d] = [
          px + (from + k) * image * bytes,
          py + (from + k) * pooled * bytes,
          pa + (from + k) * pooled * 4,
        ];
        return [name, 0, 1, h, w, c, kh, kw, sh, sw, top, left, oh, ow, a, b, d];
      });
    return shared(binding, n, y.size * kh * kw, part) ?? inTurn(kernels, part(0, n));
  },
  vjp: ({ o, x: [x], y: [, at], g: [g] }) => {
    if (!g) return [];
    const n = x.shape[0];
    const [each, image] = [sizeOf(at.shape.slice(1)), sizeOf(x.shape.slice(1))];
    return [o.reshape(takePlaces(o.reshape(g, [n, each]), o.reshape(at, [n, each]), image, true), x.shape)];
  },
  batch: overBatch,
});

/** Sums over the windows of an image or, with `transposed`, distributes windows back to the image. */
const summing =
  (transposed: boolean): Op<Pool>['bind'] =>
  (binding) => {
    const {
      kernels,
      x: [from],
      y: [to],
      attrs: { window, strides, padding },
    } = binding;
    const [image, windows] = transposed ? [to, from] : [from, to];
    const [n, h, w, c] = image.shape;
    const [oh, ow] = windows.shape.slice(1);
    const [kh, kw] = window;
    const [sh, sw] = strides;
    const [top, left] = padding;
    const name = image.dtype === 'f64' ? 'sumPool' : 'ssumPool';
    const bytes = BYTES[image.dtype];
    const part = (i: number, end: number): TensorCall[] => {
      const [px, py] = [image.pointer + i * h * w * c * bytes, windows.pointer + i * oh * ow * c * bytes];
      return [[name, transposed, end - i, h, w, c, kh, kw, sh, sw, top, left, oh, ow, px, py]];
    };
    return shared(binding, n, (windows.size * kh * kw) / 2, part) ?? inTurn(kernels, part(0, n));
  };

const sumOp: Op<Pool> = defineOp<Pool>({
  name: 'sumPool',
  depends: (given) => pooledFrom(given, false),
  infer: ([x], attrs) => [{ shape: [x.shape[0], ...counts(attrs), x.shape[3]], dtype: x.dtype }],
  bind: summing(false),
  vjp: ({ g: [g], attrs }) => [g && apply(spreadOp, [g], attrs)[0]],
  batch: overBatch,
});

const spreadOp: Op<Pool> = defineOp<Pool>({
  name: 'sumPool’s transpose',
  depends: (given) => pooledFrom(given, true),
  infer: ([y], { image }) => [{ shape: [y.shape[0], ...image, y.shape[3]], dtype: y.dtype }],
  bind: summing(true),
  vjp: ({ g: [g], attrs }) => [g && apply(sumOp, [g], attrs)[0]],
  batch: overBatch,
});

/** The pooled images: the maximum of each window, or its sum. */
export function pooled(
  name: 'maxPool' | 'avgPool',
  x: Tensor,
  { window, strides, padding }: Omit<Pool, 'image'>,
): Tensor {
  needTensors(name, { x });
  if (x.rank !== 4 || x.dtype === 'i32') misfit(name, [x], 'images must be [number, height, width, channels].');
  if (![...window, ...strides].every((n) => Number.isInteger(n) && n >= 1))
    refuse(name, 'windows and strides must be whole numbers of at least 1.');
  if (!padding.every((n, d) => Number.isInteger(n) && n >= 0 && 2 * n <= window[d]))
    refuse(name, 'padding must be a whole number of at least 0 and at most half of the window.');
  const attrs: Pool = { window, strides, padding, image: [x.shape[1], x.shape[2]] };
  if (!counts(attrs).every((n) => n >= 1))
    misfit(name, [x], `the ${window.join(' × ')} window is larger than the padded image.`);
  return apply(name === 'maxPool' ? placesOp : sumOp, [x], attrs)[0];
}
