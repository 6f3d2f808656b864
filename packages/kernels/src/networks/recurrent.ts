import { functions } from '../common/functions.ts';
import type { RecurrentKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function recurrentOf(heap: Heap, single: boolean) {
  const { sigmoid, tanh, r } = functions(single);
  const shift = single ? 2 : 3;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const slope = (s: number) => r(s * r(1 - s));
  const tanhSlope = (t: number) => r(1 - r(t * t));

  const lstmStep: RecurrentKernels['lstmStep'] = (rows, h, gates, gs, before, bs, cells, cs, y, ys) => {
    const a = numbers();
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < h; k++) {
        const g = (gates >>> shift) + row * gs + k;
        const c = (cells >>> shift) + row * cs + k;
        const [i, f] = [sigmoid(a[g]), sigmoid(a[g + h])];
        const [s, o] = [tanh(a[g + 2 * h]), sigmoid(a[g + 3 * h])];
        const cell = r(r(f * a[(before >>> shift) + row * bs + k]) + r(i * s));
        a[g] = i;
        a[g + h] = f;
        a[g + 2 * h] = s;
        a[g + 3 * h] = o;
        a[c] = cell;
        a[(y >>> shift) + row * ys + k] = o * tanh(cell);
      }
    }
  };
  const lstmStepBack: RecurrentKernels['lstmStepBack'] = (
    ...[rows, h, gates, gs, before, bs, cells, cs, gy, gc, dh, dc, d, ds]
  ) => {
    const a = numbers();
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < h; k++) {
        const g = (gates >>> shift) + row * gs + k;
        const [i, f, s, o] = [a[g], a[g + h], a[g + 2 * h], a[g + 3 * h]];
        const at = row * cs + k;
        const kept = (dc >>> shift) + row * h + k;
        const up = r(a[(gy >>> shift) + at] + a[(dh >>> shift) + row * h + k]);
        const t = tanh(a[(cells >>> shift) + at]);
        const cell = r(r(a[kept] + a[(gc >>> shift) + at]) + r(r(up * o) * tanhSlope(t)));
        const to = (d >>> shift) + row * ds + k;
        a[to] = r(cell * s) * slope(i);
        a[to + h] = r(cell * a[(before >>> shift) + row * bs + k]) * slope(f);
        a[to + 2 * h] = r(cell * i) * tanhSlope(s);
        a[to + 3 * h] = r(up * t) * slope(o);
        a[kept] = cell * f;
      }
    }
  };
  const gruStep: RecurrentKernels['gruStep'] = (rows, h, x, xs, l, before, bs, gates, gs, y, ys) => {
    const a = numbers();
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < h; k++) {
        const [px, pl] = [(x >>> shift) + row * xs + k, (l >>> shift) + row * 3 * h + k];
        const reset = sigmoid(r(a[px] + a[pl]));
        const z = sigmoid(r(a[px + h] + a[pl + h]));
        const s = a[pl + 2 * h];
        const n = tanh(r(a[px + 2 * h] + r(reset * s)));
        const g = (gates >>> shift) + row * gs + k;
        a[g] = reset;
        a[g + h] = z;
        a[g + 2 * h] = n;
        a[g + 3 * h] = s;
        a[(y >>> shift) + row * ys + k] = n + r(z * r(a[(before >>> shift) + row * bs + k] - n));
      }
    }
  };
  const gruStepBack: RecurrentKernels['gruStepBack'] = (
    ...[rows, h, gates, gs, before, bs, gy, ys, dh, dx, dl, ds]
  ) => {
    const a = numbers();
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < h; k++) {
        const g = (gates >>> shift) + row * gs + k;
        const [reset, z, n, s] = [a[g], a[g + h], a[g + 2 * h], a[g + 3 * h]];
        const kept = (dh >>> shift) + row * h + k;
        const up = r(a[(gy >>> shift) + row * ys + k] + a[kept]);
        const dn = r(r(up * r(1 - z)) * tanhSlope(n));
        const dz = r(r(up * r(a[(before >>> shift) + row * bs + k] - n)) * slope(z));
        const dr = r(r(dn * s) * slope(reset));
        const [px, pl] = [(dx >>> shift) + row * ds + k, (dl >>> shift) + row * ds + k];
        a[px] = dr;
        a[px + h] = dz;
        a[px + 2 * h] = dn;
        a[pl] = dr;
        a[pl + h] = dz;
        a[pl + 2 * h] = dn * reset;
        a[kept] = up * z;
      }
    }
  };
  return { lstmStep, lstmStepBack, gruStep, gruStepBack };
}

/** The TypeScript implementation of the kernels of gated recurrent networks. */
export function recurrent(heap: Heap): RecurrentKernels {
  const [double, single] = [recurrentOf(heap, false), recurrentOf(heap, true)];
  return {
    ...double,
    slstmStep: single.lstmStep,
    slstmStepBack: single.lstmStepBack,
    sgruStep: single.gruStep,
    sgruStepBack: single.gruStepBack,
  };
}
