import { expect, test } from 'vitest';
import { Arena, type Kernels } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

// [h, w, c, kh, kw, sh, sw, dh, dw, top, left, bottom, right, k]: windows within, across all edges, wholly outside.
const shapes = [
  [6, 9, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 16],
  [6, 9, 2, 5, 3, 1, 1, 1, 1, 2, 0, 2, 0, 6],
  [5, 12, 1, 2, 2, 2, 1, 1, 2, 0, 3, 1, 4, 3],
  [4, 7, 3, 3, 3, 2, 3, 2, 1, 2, 1, 2, 1, 9],
  [3, 3, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 5],
  [2, 11, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1],
];

/** The filled memory of an engine after a call; the result is of images or taps in two ranges, or in one. */
function after(
  engine: 'wasm' | 'typescript',
  shape: number[],
  name: string,
  kind: number,
  single: boolean,
  cut: number,
) {
  const [h, w, c, kh, kw, sh, sw, dh, dw, top, left, bottom, right, k] = shape;
  const deep = name === 'convolveDepthwise';
  const out = deep ? c : k;
  const [oh, ow] = [
    Math.floor((h + top + bottom - dh * (kh - 1) - 1) / sh) + 1,
    Math.floor((w + left + right - dw * (kw - 1) - 1) / sw) + 1,
  ];
  const n = 3;
  const arena = new Arena({ engine });
  const random = uniform(7);
  const make = (size: number) => {
    const block = single ? arena.f32Block(size) : arena.f64Block(size);
    block.view.set(Float64Array.from({ length: size }, () => random() - 0.5));
    return block;
  };
  const [x, f, y] = [make(n * h * w * c), make(kh * kw * (deep ? c : c * k)), make(n * oh * ow * out)];
  const meta = arena.i32Block(15);
  meta.view.set([n, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, out]);
  const filters = kind === (deep ? 2 : 1);
  const end = filters ? kh * kw : n;
  const kernel = allKernels(arena)[(single ? `s${name}` : name) as keyof Kernels] as unknown as (
    ...args: Array<number | boolean>
  ) => void;
  for (const [from, to] of [
    [0, Math.min(cut, end)],
    [Math.min(cut, end), end],
  ]) {
    kernel(deep ? kind : kind === 1, meta.pointer, from, to, x.pointer, f.pointer, y.pointer);
  }
  return { x: x.view, f: f.view, y: y.view, sizes: { n, h, w, c, k: out, oh, ow } };
}

const kinds = [
  ['convolveDirect', 0],
  ['convolveDirect', 1],
  ['convolveDepthwise', 0],
  ['convolveDepthwise', 1],
  ['convolveDepthwise', 2],
] as const;

test.each(kinds)('%s %i has the bits of its twin, however it is cut', (name, kind) => {
  for (const shape of shapes) {
    for (const single of [false, true]) {
      const twin = after('typescript', shape, name, kind, single, 0);
      for (const cut of [0, 1, 2]) {
        const wasm = after('wasm', shape, name, kind, single, cut);
        for (const part of ['x', 'f', 'y'] as const) expect(Array.from(wasm[part])).toEqual(Array.from(twin[part]));
      }
    }
  }
});

test('a convolution is what its definition says', () => {
  for (const shape of shapes) {
    const [h, w, c, kh, kw, sh, sw, dh, dw, top, left, , , k] = shape;
    const { x, f, y, sizes } = after('wasm', shape, 'convolveDirect', 0, false, 0);
    for (let at = 0; at < y.length; at++) {
      const o = at % k;
      const pixel = Math.floor(at / k);
      const [ox, oy] = [pixel % sizes.ow, Math.floor(pixel / sizes.ow) % sizes.oh];
      const image = Math.floor(pixel / (sizes.ow * sizes.oh));
      let sum = 0;
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          const [iy, ix] = [oy * sh + ky * dh - top, ox * sw + kx * dw - left];
          if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
          for (let ch = 0; ch < c; ch++) {
            sum += x[((image * h + iy) * w + ix) * c + ch] * f[((ky * kw + kx) * c + ch) * k + o];
          }
        }
      }
      expect(y[at]).toBeCloseTo(sum, 13);
    }
  }
});
