import { gemmWorkBytes } from '@southwell/kernels';
import { apply, misfit } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Binding, defineOp, type Op, type Place } from '../primitive.ts';
import { cleared, inTurn, productTime, shared } from '../programs/sharing.ts';
import { show, sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import {
  type ConvolutionOptions,
  directCall,
  type Geometry,
  geometry,
  geometryMeta,
  overBatch,
  pair,
  windowed,
  windows,
} from './windows.ts';

/** Nanoseconds per unfolded f32 number. */
const MOVED = 0.5;

/** Number of channels up to which windows are read in place; unfolding would then be most of the work. */
const FEW = 2;

/**
 * Shared by the three products of a convolution: image x [n, h, w, c], filter f [kh, kw, c, k], result y [n, oh, ow,
 * k]. Images are unfolded into scratch, one group at a time.
 */
function bound(binding: Binding<Geometry>, x: Place, f: Place, y: Place) {
  const [n, h, w, c] = x.shape;
  const [kh, kw, , k] = f.shape;
  const [oh, ow] = y.shape.slice(1);
  const {
    strides: [sh, sw],
    dilation: [dh, dw],
    padding: [top, , left],
  } = binding.attrs;
  const bytes = BYTES[x.dtype];
  const names =
    x.dtype === 'f64'
      ? ({ gemm: 'gemm', unfold: 'unfoldWindows', fold: 'foldWindows' } as const)
      : ({ gemm: 'sgemm', unfold: 'sunfoldWindows', fold: 'sfoldWindows' } as const);
  const [pixels, patch] = [oh * ow, kh * kw * c];
  // With windows of a single pixel at every pixel, the unfolded image is the image itself.
  const plain = kh === 1 && kw === 1 && sh === 1 && sw === 1 && pixels === h * w;
  const group = plain ? Math.max(1, n) : groupOf(x.shape, f.shape, y.shape);
  const after = gemmBytes(group, x.shape, f.shape, y.shape);
  const [stepX, stepY, stepCol] = [h * w * c * bytes, pixels * k * bytes, pixels * patch * bytes];
  /** Moves between images and their windows, the first of which is at column `col`. */
  const moves = (name: (typeof names)['unfold' | 'fold'], from: number, to: number, col: number): TensorCall[] =>
    Array.from({ length: to - from }, (_, i) => {
      const image = x.pointer + (from + i) * stepX;
      return [name, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, image, col + i * stepCol];
    });
  /** Splits a range of images into groups. */
  const groups = (from: number, to: number): Array<readonly [from: number, to: number]> =>
    Array.from({ length: Math.ceil((to - from) / group) }, (_, g) => {
      return [from + g * group, Math.min(to, from + (g + 1) * group)] as const;
    });
  const time = productTime(n * pixels, k, patch, bytes) + (plain ? 0 : (n * pixels * patch * MOVED * bytes) / 4);
  const [px, pf, py] = [x.pointer, f.pointer, y.pointer];
  return { n, c, k, kh, kw, pixels, patch, plain, after, names, stepX, stepY, px, pf, py, moves, groups, time, bytes };
}

/** Number of values of unfolded windows per product. */
const GROUP = 2 ** 18;

/** Number of images unfolded together; depends only on shapes, because it affects the order of sums. */
const groupOf = ([n]: readonly number[], f: readonly number[], y: readonly number[]): number =>
  Math.max(1, Math.min(n, Math.floor(GROUP / Math.max(1, y[1] * y[2] * f[0] * f[1] * f[2]))));

function gemmBytes(group: number, x: readonly number[], f: readonly number[], y: readonly number[]): number {
  const [pixels, patch, k] = [group * y[1] * y[2], f[0] * f[1] * x[3], f[3]];
  const bytes = Math.max(
    gemmWorkBytes(k, pixels, patch),
    gemmWorkBytes(patch, pixels, k),
    gemmWorkBytes(k, patch, pixels),
  );
  return Math.ceil(bytes / 64) * 64;
}
const workBytes = (x: readonly number[], f: readonly number[], y: readonly number[]): number => {
  const group = groupOf(x, f, y);
  return gemmBytes(group, x, f, y) + group * y[1] * y[2] * f[0] * f[1] * x[3] * 8;
};

/** Maximum number of filter values stored as partial sums over groups of images. */
const SUMS = 2 ** 20;

/**
 * Number of parts into which the images are divided for the derivative of a filter; 0 if the partial filters would take
 * too much memory.
 */
function partsOf(x: readonly number[], f: readonly number[], y: readonly number[]): number {
  const groups = Math.ceil(x[0] / groupOf(x, f, y));
  // A multiple of eight, so that two, four or eight threads have equal work.
  const parts = Math.min(x[0], 8 * Math.ceil(groups / 8));
  return groups > 1 && parts * sizeOf(f) <= SUMS ? parts : 0;
}

// The three products are each other's derivatives: y(x, f), its transposes x(y, f) and f(x, y), each bilinear.
const forwardOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d',
  depends: windowed(false),
  infer: ([x, f], attrs) => [{ shape: [x.shape[0], ...windows(attrs), f.shape[3]], dtype: x.dtype }],
  work: ([x, f], [y]) => workBytes(x.shape, f.shape, y.shape),
  bind: (binding) => {
    const {
      kernels,
      x: [x, f],
      y: [y],
    } = binding;
    const b = bound(binding, x, f, y);
    const { n, c, k, pixels, patch, plain, names, px, pf, py, stepX, stepY } = b;
    if (n === 0 || pixels === 0 || k === 0) return () => {};
    if (!plain && c <= FEW) {
      const part = directCall('convolveDirect', false, geometryMeta(binding, x.shape, y.shape), [x, f, y]);
      return shared(binding, n, b.time, part) ?? inTurn(kernels, part(0, n));
    }
    const part = (first: number, last: number, work: number): TensorCall[] =>
      b.groups(first, last).flatMap(([from, to]): TensorCall[] => {
        const col = plain ? px + from * stepX : work + b.after;
        const many = (to - from) * pixels;
        const ld = Math.max(1, patch);
        return [
          ...(plain ? [] : b.moves(names.unfold, from, to, col)),
          [names.gemm, false, false, k, many, patch, 1, pf, k, col, ld, 0, py + from * stepY, k, work],
        ];
      });
    return shared(binding, n, b.time, part) ?? inTurn(kernels, part(0, n, binding.work));
  },
  vjp: ({ x: [x, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, true),
});

const transposeOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d’s transpose',
  depends: windowed(true),
  infer: ([y, f], { image }) => [{ shape: [y.shape[0], ...image, f.shape[2]], dtype: y.dtype }],
  work: ([y, f], [x]) => workBytes(x.shape, f.shape, y.shape),
  bind: (binding) => {
    const {
      kernels,
      x: [y, f],
      y: [x],
    } = binding;
    const b = bound(binding, x, f, y);
    const { n, k, pixels, patch, plain, names, px, pf, py, stepX, stepY } = b;
    const numbers = stepX / b.bytes;
    if (n === 0 || numbers === 0) return () => {};
    const empty = pixels === 0 || patch === 0 || k === 0;
    const part = (first: number, last: number, work: number): TensorCall[] => {
      const clear = cleared(names.gemm, numbers, last - first, px + first * stepX, numbers, work);
      if (empty) return [clear];
      const products = b.groups(first, last).flatMap(([from, to]): TensorCall[] => {
        const col = plain ? px + from * stepX : work + b.after;
        const up = py + from * stepY;
        return [
          [names.gemm, true, false, patch, (to - from) * pixels, k, 1, pf, k, up, k, 0, col, patch, work],
          ...(plain ? [] : b.moves(names.fold, from, to, col)),
        ];
      });
      return plain ? products : [clear, ...products];
    };
    return shared(binding, n, b.time, part) ?? inTurn(kernels, part(0, n, binding.work));
  },
  vjp: ({ x: [y, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(forwardOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [g, y], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, true),
});

const filterOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d’s filter',
  infer: ([x, y], { window }) => [{ shape: [...window, x.shape[3], y.shape[3]], dtype: x.dtype }],
  work: ([x, y], [f]) =>
    workBytes(x.shape, f.shape, y.shape) + 8 * partsOf(x.shape, f.shape, y.shape) * sizeOf(f.shape),
  bind: (binding) => {
    const {
      kernels,
      x: [x, y],
      y: [f],
    } = binding;
    const b = bound(binding, x, f, y);
    const { n, c, k, kh, kw, pixels, patch, plain, names, px, pf, py, stepX, stepY, bytes } = b;
    if (patch === 0 || k === 0) return () => {};
    if (n === 0 || pixels === 0) return inTurn(kernels, [cleared(names.gemm, k, patch, pf, k, binding.work)]);
    if (!plain && c <= FEW) {
      const part = directCall('convolveDirect', true, geometryMeta(binding, x.shape, y.shape), [x, f, y]);
      return shared(binding, kh * kw, b.time, part) ?? inTurn(kernels, part(0, kh * kw));
    }
    const parts = plain ? 0 : partsOf(x.shape, f.shape, y.shape);
    if (parts > 0) {
      // Each part of the images separately, so that threads do not wait for each other, and then their sum.
      const each = Math.ceil(n / parts);
      const count = Math.ceil(n / each);
      const sums = binding.work + workBytes(x.shape, f.shape, y.shape);
      const groups = (first: number, last: number, own: number): TensorCall[] =>
        Array.from({ length: last - first }, (_, i): TensorCall[] => {
          const [from, to] = [(first + i) * each, Math.min(n, (first + i + 1) * each)];
          const [col, out] = [own + b.after, sums + (first + i) * patch * k * bytes];
          const up = py + from * stepY;
          return [
            ...b.moves(names.unfold, from, to, col),
            [names.gemm, false, true, k, patch, (to - from) * pixels, 1, up, k, col, patch, 0, out, k, own],
          ];
        }).flat();
      const all = shared(binding, count, b.time, groups) ?? inTurn(kernels, groups(0, count, binding.work));
      const add = bytes === 8 ? kernels.reduceAxis : kernels.sreduceAxis;
      return () => {
        all();
        add(0, 1, count, patch * k, sums, pf);
      };
    }
    // For each group, first all windows, then their product with y, by columns of the patch.
    const col = binding.work + b.after;
    const regions = b.groups(0, n).flatMap(([from, to]) => {
      const windowsOf = (i: number, end: number) =>
        b.moves(names.unfold, from + i, from + end, col + i * pixels * patch * bytes);
      const at = plain ? px + from * stepX : col;
      const many = (to - from) * pixels;
      const product = (i: number, end: number, work: number): TensorCall[] => {
        const [a, to] = [at + i * bytes, pf + i * k * bytes];
        const beta = from === 0 ? 0 : 1;
        return [[names.gemm, false, true, k, end - i, many, 1, py + from * stepY, k, a, patch, beta, to, k, work]];
      };
      const moved = (many * patch * MOVED * bytes) / 4;
      return [
        ...(plain ? [] : [shared(binding, to - from, moved, windowsOf) ?? inTurn(kernels, windowsOf(0, to - from))]),
        shared(binding, patch, productTime(many, k, patch, bytes), product, 4) ??
          inTurn(kernels, product(0, patch, binding.work)),
      ];
    });
    return () => {
      for (const region of regions) region();
    };
  },
  vjp: ({ x: [x, y], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [y, g], attrs)[0] : undefined,
          needs[1] ? apply(forwardOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, false),
});

function checkImages(name: string, x: Tensor, f: Tensor): void {
  if (x.rank !== 4 || f.rank !== 4 || x.dtype !== f.dtype || x.dtype === 'i32') {
    misfit(
      name,
      [x, f],
      'images must be [number, height, width, channels] and filters [height, width, channels in, channels out], of the same dtype, f32 or f64.',
    );
  }
}

/** @internal See conv2d in images.ts; for a single group of channels. */
export function convolved(x: Tensor, f: Tensor, options: ConvolutionOptions): Tensor {
  return apply(forwardOp, [x, f], forwardGeometry(x, f, options))[0];
}

/** @internal The checked geometry of conv2d with groups of channels. */
export function forwardGeometry(x: Tensor, f: Tensor, options: ConvolutionOptions, groups = 1): Geometry {
  checkImages('conv2d', x, f);
  if (x.shape[3] !== f.shape[2] * groups) {
    const each = groups > 1 ? ` in each of ${groups} groups` : '';
    misfit('conv2d', [x, f], `the filter takes ${f.shape[2]} channels${each}, the images have ${x.shape[3]}.`);
  }
  const attrs = geometry('conv2d', options, [x.shape[1], x.shape[2]], [f.shape[0], f.shape[1]]);
  if (!windows(attrs).every((n) => n >= 1)) {
    misfit(
      'conv2d',
      [x, f],
      `the kernel ${show(f.shape.slice(0, 2))} is larger than the padded image; increase the padding.`,
    );
  }
  return attrs;
}

/** @internal See conv2dTranspose in images.ts; for a single group of channels. */
export function convolvedBack(
  y: Tensor,
  f: Tensor,
  options: ConvolutionOptions,
  size?: readonly [number, number],
): Tensor {
  return apply(transposeOp, [y, f], backGeometry(y, f, options, size))[0];
}

/** @internal The checked geometry of conv2dTranspose. */
export function backGeometry(
  y: Tensor,
  f: Tensor,
  options: ConvolutionOptions,
  size?: readonly [number, number],
): Geometry {
  checkImages('conv2dTranspose', y, f);
  if (y.shape[3] !== f.shape[3])
    misfit('conv2dTranspose', [y, f], `the filter gives ${f.shape[3]} channels, the images have ${y.shape[3]}.`);
  const window = [f.shape[0], f.shape[1]] as const;
  const least = (d: 0 | 1): number => {
    const [s, p, g] = [
      pair(options.stride ?? 1)[d],
      options.padding === 'same' ? 0 : pair(options.padding ?? 0)[d],
      pair(options.dilation ?? 1)[d],
    ];
    return options.padding === 'same' ? y.shape[d + 1] * s : (y.shape[d + 1] - 1) * s + g * (window[d] - 1) + 1 - 2 * p;
  };
  const image = size ?? ([least(0), least(1)] as const);
  const attrs = geometry('conv2dTranspose', options, image, window);
  const [oh, ow] = windows(attrs);
  if (oh !== y.shape[1] || ow !== y.shape[2]) {
    misfit(
      'conv2dTranspose',
      [y, f],
      `an image of ${show(image)} would have ${oh} × ${ow} windows, not ${y.shape[1]} × ${y.shape[2]}.`,
    );
  }
  return attrs;
}
