import type { DirectKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function directOf(heap: Heap, single: boolean) {
  const shift = single ? 2 : 3;
  const r = single ? Math.fround : (x: number) => x;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const geometry = (meta: number) => {
    const [n, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, k] = heap.i32.subarray(meta >>> 2, (meta >>> 2) + 15);
    return { n, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, k };
  };
  type Geometry = ReturnType<typeof geometry>;
  /** The pixel under a tap of a window, or −1 outside the image. */
  const pixel = ({ h, w, kw, sh, sw, dh, dw, top, left }: Geometry, oy: number, ox: number, tap: number): number => {
    const [iy, ix] = [oy * sh + Math.floor(tap / kw) * dh - top, ox * sw + (tap % kw) * dw - left];
    return iy >= 0 && iy < h && ix >= 0 && ix < w ? iy * w + ix : -1;
  };
  /** f ← f + the sums of x·y over the windows, image by image. */
  const filter = (each: boolean, g: Geometry, first: number, last: number, x: number, f: number, y: number): void => {
    const a = numbers();
    const depth = each ? 1 : g.c;
    a.fill(0, f + first * depth * g.k, f + last * depth * g.k);
    for (let i = 0; i < g.n; i++) {
      for (let at = first * depth * g.k; at < last * depth * g.k; at++) {
        const o = at % g.k;
        const ch = each ? o : Math.floor(at / g.k) % depth;
        const tap = Math.floor(at / (g.k * depth));
        let sum = 0;
        for (let out = 0; out < g.oh * g.ow; out++) {
          const p = pixel(g, Math.floor(out / g.ow), out % g.ow, tap);
          if (p < 0) continue;
          sum = r(sum + r(a[x + (i * g.h * g.w + p) * g.c + ch] * a[y + (i * g.oh * g.ow + out) * g.k + o]));
        }
        a[f + at] += sum;
      }
    }
  };
  const convolveDirect: DirectKernels['convolveDirect'] = (back, meta, first, last, x, f, y) => {
    const g = geometry(meta);
    const a = numbers();
    const [px, pf, py] = [x >>> shift, f >>> shift, y >>> shift];
    if (back) return filter(false, g, first, last, px, pf, py);
    for (let at = first * g.oh * g.ow * g.k; at < last * g.oh * g.ow * g.k; at++) {
      const o = at % g.k;
      const out = Math.floor(at / g.k) % (g.oh * g.ow);
      const image = Math.floor(at / (g.k * g.oh * g.ow));
      let sum = 0;
      for (let tap = 0; tap < g.kh * g.kw; tap++) {
        const p = pixel(g, Math.floor(out / g.ow), out % g.ow, tap);
        for (let ch = 0; p >= 0 && ch < g.c; ch++) {
          sum = r(sum + r(a[px + (image * g.h * g.w + p) * g.c + ch] * a[pf + (tap * g.c + ch) * g.k + o]));
        }
      }
      a[py + at] = sum;
    }
  };
  const convolveDepthwise: DirectKernels['convolveDepthwise'] = (kind, meta, first, last, x, f, y) => {
    const g = geometry(meta);
    const { h, w, c, oh, ow } = g;
    const a = numbers();
    const [px, pf, py] = [x >>> shift, f >>> shift, y >>> shift];
    if (kind === 2) return filter(true, g, first, last, px, pf, py);
    if (kind === 0) a.fill(0, py + first * oh * ow * c, py + last * oh * ow * c);
    else a.fill(0, px + first * h * w * c, px + last * h * w * c);
    for (let i = first; i < last; i++) {
      for (let out = 0; out < oh * ow; out++) {
        for (let tap = 0; tap < g.kh * g.kw; tap++) {
          const p = pixel(g, Math.floor(out / ow), out % ow, tap);
          for (let ch = 0; p >= 0 && ch < c; ch++) {
            const [at, to] = [px + (i * h * w + p) * c + ch, py + (i * oh * ow + out) * c + ch];
            const weight = a[pf + tap * c + ch];
            if (kind === 0) a[to] += r(a[at] * weight);
            else a[at] += r(a[to] * weight);
          }
        }
      }
    }
  };
  return { convolveDirect, convolveDepthwise };
}

export function direct(heap: Heap): DirectKernels {
  const [double, single] = [directOf(heap, false), directOf(heap, true)];
  return {
    ...double,
    sconvolveDirect: single.convolveDirect,
    sconvolveDepthwise: single.convolveDepthwise,
  };
}
