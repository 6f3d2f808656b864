import type { WindowsKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function windowsOf(heap: Heap, single: boolean) {
  const shift = single ? 2 : 3;
  const numbers = () => (single ? heap.f32 : heap.f64);
  /** Visits every element of every window in order, with its position in the image, or −1 outside it. */
  const unfolded =
    (visit: (a: Float32Array | Float64Array, image: number, col: number) => void): WindowsKernels['unfoldWindows'] =>
    (h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, x, col) => {
      const a = numbers();
      let at = col >>> shift;
      for (let oy = 0; oy < oh; oy++) {
        for (let ox = 0; ox < ow; ox++) {
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const [iy, ix] = [oy * sh + ky * dh - top, ox * sw + kx * dw - left];
              const inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
              for (let j = 0; j < c; j++) visit(a, inside ? (x >>> shift) + (iy * w + ix) * c + j : -1, at++);
            }
          }
        }
      }
    };
  const maxPool: WindowsKernels['maxPool'] = (first, last, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y, at) => {
    const a = numbers();
    for (let out = first * oh * ow * c; out < last * oh * ow * c; out++) {
      const ch = out % c;
      const pixel = (out - ch) / c;
      const [ox, oy, i] = [pixel % ow, Math.floor(pixel / ow) % oh, Math.floor(pixel / (ow * oh))];
      let best = Number.NEGATIVE_INFINITY;
      let where = -1;
      for (let iy = Math.max(0, oy * sh - top); iy < Math.min(h, oy * sh - top + kh); iy++) {
        for (let ix = Math.max(0, ox * sw - left); ix < Math.min(w, ox * sw - left + kw); ix++) {
          const place = ((i * h + iy) * w + ix) * c + ch;
          const v = a[(x >>> shift) + place];
          if (v > best || Number.isNaN(v) || where === -1) {
            best = v;
            where = place;
          }
        }
      }
      a[(y >>> shift) + out] = best;
      heap.i32[(at >>> 2) + out] = where;
    }
  };
  const sumPool: WindowsKernels['sumPool'] = (back, n, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y) => {
    const a = numbers();
    const [px, py] = [x >>> shift, y >>> shift];
    if (back) a.fill(0, px, px + n * h * w * c);
    else a.fill(0, py, py + n * oh * ow * c);
    for (let out = 0; out < n * oh * ow; out++) {
      const [ox, oy, i] = [out % ow, Math.floor(out / ow) % oh, Math.floor(out / (ow * oh))];
      for (let iy = Math.max(0, oy * sh - top); iy < Math.min(h, oy * sh - top + kh); iy++) {
        for (let ix = Math.max(0, ox * sw - left); ix < Math.min(w, ox * sw - left + kw); ix++) {
          for (let j = 0; j < c; j++) {
            const [p, q] = [px + ((i * h + iy) * w + ix) * c + j, py + out * c + j];
            if (back) a[p] += a[q];
            else a[q] += a[p];
          }
        }
      }
    }
  };
  return {
    unfoldWindows: unfolded((a, image, col) => {
      a[col] = image < 0 ? 0 : a[image];
    }),
    foldWindows: unfolded((a, image, col) => {
      if (image >= 0) a[image] += a[col];
    }),
    ...{ maxPool, sumPool },
  };
}

export function windows(heap: Heap): WindowsKernels {
  const single = windowsOf(heap, true);
  return {
    ...windowsOf(heap, false),
    sunfoldWindows: single.unfoldWindows,
    sfoldWindows: single.foldWindows,
    smaxPool: single.maxPool,
    ssumPool: single.sumPool,
  };
}
