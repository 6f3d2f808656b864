import { gemmWorkBytes } from '@southwell/kernels';
import { apply, misfit, refuse } from '../op.ts';
import { type Batching, type Binding, defineOp, type Op, type Place } from '../primitive.ts';
import { show } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';

/** Steps of the window, what lies around the image, and gaps in the window: rows, then columns. */
interface Geometry {
  readonly strides: readonly [number, number];
  /** Before and after the rows, before and after the columns. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  /** Height and width of the image, and of the window: what a result of each must have. */
  readonly image: readonly [number, number];
  readonly window: readonly [number, number];
}

/** Windows along each axis. */
function windows({ strides, padding, dilation, image, window }: Geometry): [number, number] {
  const along = (d: 0 | 1) =>
    Math.floor((image[d] + padding[2 * d] + padding[2 * d + 1] - dilation[d] * (window[d] - 1) - 1) / strides[d]) + 1;
  return [along(0), along(1)];
}

/** All that the three products of a convolution share: image x [n, h, w, c], filter f [kh, kw, c, k], result y [n, oh, ow, k]. */
function bound({ kernels, products, attrs, work }: Binding<Geometry>, x: Place, f: Place, y: Place) {
  const [n, h, w, c] = x.shape;
  const [kh, kw, , k] = f.shape;
  const [oh, ow] = y.shape.slice(1);
  const {
    strides: [sh, sw],
    dilation: [dh, dw],
    padding: [top, , left],
  } = attrs;
  const bytes = BYTES[x.dtype];
  const double = x.dtype === 'f64';
  const gemm = double ? products.gemm : products.sgemm;
  const [unfold, fold] = double
    ? [kernels.unfoldWindows, kernels.foldWindows]
    : [kernels.sunfoldWindows, kernels.sfoldWindows];
  const [pixels, patch] = [oh * ow, kh * kw * c];
  // A window of one pixel at every pixel is the image itself.
  const plain = kh === 1 && kw === 1 && sh === 1 && sw === 1 && pixels === h * w;
  const group = groupOf(x.shape, f.shape, y.shape);
  const col = work + gemmBytes(group, x.shape, f.shape, y.shape);
  const [stepX, stepY, stepCol] = [h * w * c * bytes, pixels * k * bytes, pixels * patch * bytes];
  const moved =
    (kernel: typeof unfold) =>
    (image: number, count: number): void => {
      for (let i = 0; i < count; i++) {
        kernel(h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, image + i * stepX, col + i * stepCol);
      }
    };
  return {
    ...{ n, c, k, pixels, patch, plain, group, col, gemm, stepX, stepY, bytes, work },
    unfold: moved(unfold),
    fold: moved(fold),
  };
}

/** Numbers of unfolded windows that one product takes. */
const GROUP = 2 ** 18;

/** How many images are unfolded together: by shapes alone, since sums depend on it. */
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

// The three are each other's derivatives: y(x, f), its transpose x(y, f) and f(x, y), each linear in both.
const forwardOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d',
  infer: ([x, f], attrs) => [{ shape: [x.shape[0], ...windows(attrs), f.shape[3]], dtype: x.dtype }],
  work: ([x, f], [y]) => workBytes(x.shape, f.shape, y.shape),
  bind: (binding) => {
    const {
      x: [x, f],
      y: [y],
    } = binding;
    const { n, k, pixels, patch, plain, group, col, gemm, stepX, stepY, unfold, work } = bound(binding, x, f, y);
    const [px, pf, py] = [x.pointer, f.pointer, y.pointer];
    if (pixels === 0 || k === 0) return () => {};
    return () => {
      for (let i = 0; i < n; i += group) {
        const count = Math.min(group, n - i);
        const image = px + i * stepX;
        if (!plain) unfold(image, count);
        gemm(
          false,
          false,
          k,
          count * pixels,
          patch,
          1,
          pf,
          k,
          plain ? image : col,
          Math.max(1, patch),
          0,
          py + i * stepY,
          k,
          work,
        );
      }
    };
  },
  vjp: ({ x: [x, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, forwardOp),
});

const transposeOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d’s transpose',
  infer: ([y, f], { image }) => [{ shape: [y.shape[0], ...image, f.shape[2]], dtype: y.dtype }],
  work: ([y, f], [x]) => workBytes(x.shape, f.shape, y.shape),
  bind: (binding) => {
    const {
      x: [y, f],
      y: [x],
      arena,
    } = binding;
    const { n, k, pixels, patch, plain, group, col, gemm, stepX, stepY, fold, work, bytes } = bound(binding, x, f, y);
    const [px, pf, py] = [x.pointer, f.pointer, y.pointer];
    const [from, size] = [px / bytes, x.size];
    return () => {
      if (!plain || k === 0) (bytes === 8 ? arena.f64 : arena.f32).fill(0, from, from + size);
      if (pixels === 0 || patch === 0 || k === 0) return;
      for (let i = 0; i < n; i += group) {
        const count = Math.min(group, n - i);
        const image = px + i * stepX;
        gemm(true, false, patch, count * pixels, k, 1, pf, k, py + i * stepY, k, 0, plain ? image : col, patch, work);
        if (!plain) fold(image, count);
      }
    };
  },
  vjp: ({ x: [y, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(forwardOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [g, y], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, transposeOp),
});

const filterOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d’s filter',
  infer: ([x, y], { window }) => [{ shape: [...window, x.shape[3], y.shape[3]], dtype: x.dtype }],
  work: ([x, y], [f]) => workBytes(x.shape, f.shape, y.shape),
  bind: (binding) => {
    const {
      x: [x, y],
      y: [f],
      arena,
    } = binding;
    const { n, k, pixels, patch, plain, group, col, gemm, stepX, stepY, unfold, work, bytes } = bound(binding, x, f, y);
    const [px, pf, py] = [x.pointer, f.pointer, y.pointer];
    const [from, size] = [pf / bytes, f.size];
    return () => {
      if (n === 0 || pixels === 0) (bytes === 8 ? arena.f64 : arena.f32).fill(0, from, from + size);
      if (patch === 0 || k === 0 || pixels === 0) return;
      for (let i = 0; i < n; i += group) {
        const count = Math.min(group, n - i);
        const image = px + i * stepX;
        if (!plain) unfold(image, count);
        gemm(
          false,
          true,
          k,
          patch,
          count * pixels,
          1,
          py + i * stepY,
          k,
          plain ? image : col,
          patch,
          i === 0 ? 0 : 1,
          pf,
          k,
          work,
        );
      }
    };
  },
  vjp: ({ x: [x, y], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [y, g], attrs)[0] : undefined,
          needs[1] ? apply(forwardOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, filterOp),
});

/** A batch of images is more images where the filter is the same for all; else one after the other. */
function overBatch({ o, x, mapped, size, attrs }: Batching<Geometry>, op: Op<Geometry>): Tensor[] {
  if (op !== filterOp && !mapped[1] && size > 0) {
    const [t, f] = x;
    const y = apply(op, [o.reshape(t, [size * t.shape[1], ...t.shape.slice(2)]), f], attrs)[0];
    return [o.reshape(y, [size, t.shape[1], ...y.shape.slice(1)])];
  }
  const one = (t: Tensor, i: number, own: boolean): Tensor => (own ? o.at(t, i) : t);
  return [
    o.stack(
      Array.from(
        { length: size },
        (_, i) =>
          apply(
            op,
            x.map((t, k) => one(t, i, mapped[k])),
            attrs,
          )[0],
      ),
    ),
  ];
}

/** Options of convolutions: a number stands for rows and columns alike. */
export interface ConvolutionOptions {
  /** Steps of the window (1). */
  readonly stride?: number | readonly [rows: number, columns: number];
  /** Zeros around the image: as many on every side, as many for rows and for columns, or `same`, so that with stride 1 sizes stay. */
  readonly padding?: number | readonly [rows: number, columns: number] | 'same';
  /** Distance of what the window takes (1). */
  readonly dilation?: number | readonly [rows: number, columns: number];
}
export const convolutionKeys = { stride: true, padding: true, dilation: true } as const;

const pair = (v: number | readonly [number, number]): readonly [number, number] => (typeof v === 'number' ? [v, v] : v);

/** Checked steps, paddings and dilations for a window. */
export function geometry(
  name: string,
  { stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions,
  image: readonly [number, number],
  window: readonly [number, number],
): Geometry {
  const [strides, gaps] = [pair(stride), pair(dilation)];
  if (![...strides, ...gaps].every((n) => Number.isInteger(n) && n >= 1))
    refuse(name, 'strides and dilations are whole numbers of at least 1.');
  const around = (d: 0 | 1): [number, number] => {
    if (padding !== 'same') return [pair(padding)[d], pair(padding)[d]];
    const all = Math.max(
      0,
      (Math.ceil(image[d] / strides[d]) - 1) * strides[d] + gaps[d] * (window[d] - 1) + 1 - image[d],
    );
    return [Math.floor(all / 2), all - Math.floor(all / 2)];
  };
  const sides = [...around(0), ...around(1)] as const;
  if (!sides.every((n) => Number.isInteger(n) && n >= 0))
    refuse(name, "padding is 'same' or whole numbers of at least 0.");
  return { strides, dilation: gaps, padding: sides as never, image, window };
}

function checkImages(name: string, x: Tensor, f: Tensor): void {
  if (x.rank !== 4 || f.rank !== 4 || x.dtype !== f.dtype || x.dtype === 'i32') {
    misfit(
      name,
      [x, f],
      'images are [number, height, width, channels] and filters [height, width, channels in, channels out], of one kind, f32 or f64.',
    );
  }
}

/** @internal See conv2d in images.ts. */
export function convolved(x: Tensor, f: Tensor, options: ConvolutionOptions): Tensor {
  checkImages('conv2d', x, f);
  if (x.shape[3] !== f.shape[2])
    misfit('conv2d', [x, f], `the filter takes ${f.shape[2]} channels, the images have ${x.shape[3]}.`);
  const attrs = geometry('conv2d', options, [x.shape[1], x.shape[2]], [f.shape[0], f.shape[1]]);
  if (!windows(attrs).every((n) => n >= 1)) {
    misfit(
      'conv2d',
      [x, f],
      `the window of ${show(f.shape.slice(0, 2))} does not fit into the image even once; padding helps.`,
    );
  }
  return apply(forwardOp, [x, f], attrs)[0];
}

/** @internal See conv2dTranspose in images.ts. */
export function convolvedBack(
  y: Tensor,
  f: Tensor,
  options: ConvolutionOptions,
  size?: readonly [number, number],
): Tensor {
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
  return apply(transposeOp, [y, f], attrs)[0];
}
