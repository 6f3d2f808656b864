import type { TrainingKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function trainingOf(heap: Heap, single: boolean) {
  const shift = single ? 2 : 3;
  const r = single ? Math.fround : (v: number) => v;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const adamStep: TrainingKernels['adamStep'] = (n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p) => {
    const a = numbers();
    const [pg, pm, pv, pw, pp] = [g, m, v, most, p].map((pointer) => pointer >>> shift);
    const [b1, r1, b2, r2] = [beta1, 1 - beta1, beta2, 1 - beta2].map(r);
    const [s, c, e, k, l] = [step, c2, epsilon, keep, l2].map(r);
    for (let i = 0; i < n; i++) {
      const point = a[pp + i];
      const x = r(a[pg + i] + r(l * point));
      const mean = r(r(b1 * a[pm + i]) + r(r1 * x));
      let square = r(r(b2 * a[pv + i]) + r(r(r2 * x) * x));
      a[pm + i] = mean;
      a[pv + i] = square;
      if (most) {
        square = Math.max(square, a[pw + i]);
        a[pw + i] = square;
      }
      const move = r(r(s * mean) / r(r(Math.sqrt(r(c * square))) + e));
      a[pp + i] = r(k * point) - move;
    }
  };
  const sgdStep: TrainingKernels['sgdStep'] = (n, rate, momentum, l2, keep, nesterov, g, v, p) => {
    const a = numbers();
    const [pg, pv, pp] = [g, v, p].map((pointer) => pointer >>> shift);
    const [q, b, l, k] = [rate, momentum, l2, keep].map(r);
    for (let i = 0; i < n; i++) {
      const point = a[pp + i];
      const x = r(a[pg + i] + r(l * point));
      let d = x;
      if (v) {
        d = r(r(b * a[pv + i]) + x);
        a[pv + i] = d;
        if (nesterov) d = r(x + r(b * d));
      }
      a[pp + i] = r(k * point) - r(q * d);
    }
  };
  const adagradStep: TrainingKernels['adagradStep'] = (n, rate, epsilon, l2, g, s, p) => {
    const a = numbers();
    const [pg, ps, pp] = [g, s, p].map((pointer) => pointer >>> shift);
    const [q, e, l] = [rate, epsilon, l2].map(r);
    for (let i = 0; i < n; i++) {
      const point = a[pp + i];
      const x = r(a[pg + i] + r(l * point));
      const sum = r(a[ps + i] + r(x * x));
      a[ps + i] = sum;
      a[pp + i] = point - r(r(q * x) / r(r(Math.sqrt(sum)) + e));
    }
  };
  const sumOfSquares: TrainingKernels['sumOfSquares'] = (n, x) => {
    const a = numbers();
    const at = x >>> shift;
    const s = new Float64Array(8);
    const whole = n - (n % 8);
    for (let i = 0; i < whole; i++) s[i % 8] += a[at + i] * a[at + i];
    let sum = s[0] + s[2] + (s[4] + s[6]) + (s[1] + s[3] + (s[5] + s[7]));
    for (let i = whole; i < n; i++) sum += a[at + i] * a[at + i];
    return sum;
  };
  const notFinite: TrainingKernels['notFinite'] = (n, x) => {
    const a = numbers();
    const at = x >>> shift;
    for (let i = 0; i < n; i++) if (!Number.isFinite(a[at + i])) return 1;
    return 0;
  };
  return { adamStep, sgdStep, adagradStep, sumOfSquares, notFinite };
}

export function training(heap: Heap): TrainingKernels {
  const single = trainingOf(heap, true);
  return {
    ...trainingOf(heap, false),
    sadamStep: single.adamStep,
    ssgdStep: single.sgdStep,
    sadagradStep: single.adagradStep,
    ssumOfSquares: single.sumOfSquares,
    snotFinite: single.notFinite,
  };
}
