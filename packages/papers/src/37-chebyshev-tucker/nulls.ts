import type { Gaussians, Interval, SincSum } from 'southwell/functional-tensors';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Points = (m: number, interval?: Interval) => Float64Array;
type Separate = (kernel: Gaussians, rate: number) => { readonly long: Gaussians; readonly short: Gaussians };
type Kernel = (options: object) => SincSum;

/** The long-range part in the experiments. */
const LONG = 12;

export default nulls(record, [
  {
    id: 'uniform-points',
    says: 'with values at points of equal distance',
    kinds: ['ingredient'],
    claims: ['functions'],
    module: 'southwell/functional-tensors/chebyshev/chebyshev',
    name: 'chebyshevPoints',
    by:
      (original: Points): Points =>
      (m, interval = [-1, 1]) =>
        original(m, interval).map((_, j) => interval[0] + ((interval[1] - interval[0]) * j) / Math.max(1, m - 1)),
  },
  {
    id: 'whole-range',
    says: 'with the short range stays in',
    kinds: ['ingredient'],
    claims: ['particles'],
    module: 'southwell/functional-tensors/chebyshev/rangeSeparation',
    name: 'separateRange',
    by:
      (original: Separate): Separate =>
      (kernel) =>
        original(kernel, Number.POSITIVE_INFINITY),
  },
  {
    id: 'smooth-kernel',
    says: 'with a kernel that is smooth',
    kinds: ['ingredient'],
    claims: ['split-needed'],
    module: 'southwell/functional-tensors/chebyshev/sincNewton',
    name: 'sincNewton',
    by:
      (original: Kernel): Kernel =>
      (options) => {
        const sum = original(options);
        const kept = (_: number, k: number) => sum.rates[k] <= LONG;
        return { ...sum, weights: sum.weights.filter(kept), rates: sum.rates.filter(kept) };
      },
  },
]);
