import {
  type ChebyshevTucker,
  chebTucker,
  chebTuckerFromSeparable,
  type Gaussians,
  type Interval,
  potentialTerms,
  type SincSum,
  separateRange,
} from 'southwell/functional-tensors';
import { hosvd, Tensor } from 'southwell/tensors';
import { nulls } from '../verdicts/nulls.ts';
import { type OfFunction, type OfPotential, TOL } from './lab.ts';
import { record } from './record.ts';

type Points = (m: number, interval?: Interval) => Float64Array;
type Separate = (kernel: Gaussians, rate: number) => { readonly long: Gaussians; readonly short: Gaussians };
type Kernel = (options: object) => SincSum;

/** The long-range part in the experiments. */
const LONG = 12;
const lab = 'papers/37-chebyshev-tucker/lab';
const zero = (m: number) => chebTucker(() => 0, { degree: m - 1 });

/** Values on a uniform grid, with linear interpolation between them. */
function onGrid(f: Parameters<OfFunction>[0], m: number): Pick<ChebyshevTucker, 'evaluate' | 'ranks' | 'resolved'> {
  const at = (i: number) => (2 * i) / (m - 1) - 1;
  const values = Tensor.fromFunction([m, m, m], ([i, j, k]) => f(at(i), at(j), at(k)));
  const { ranks } = hosvd(values, { tol: TOL, sequential: true });
  const evaluate = (points: ReadonlyArray<readonly number[]>) =>
    Float64Array.from(points, (point) => {
      const places = point.map((v) => Math.min(m - 1.000001, (v + 1) * 0.5 * (m - 1)));
      const [i, j, k] = places.map(Math.floor);
      const [a, b, c] = places.map((v) => v - Math.floor(v));
      let sum = 0;
      for (const [di, wi] of [1 - a, a].entries()) {
        for (const [dj, wj] of [1 - b, b].entries()) {
          for (const [dk, wk] of [1 - c, c].entries())
            sum += wi * wj * wk * values.data[((i + di) * m + j + dj) * m + k + dk];
        }
      }
      return sum;
    });
  return { evaluate, ranks, resolved: false } as never;
}

export default nulls(record, [
  {
    id: 'zero-function',
    says: 'with zero in place of the function',
    kinds: ['nothing'],
    claims: ['functions'],
    module: lab,
    name: 'libraryFunction',
    by: (): OfFunction => (_, m) => zero(m),
  },
  {
    id: 'grid',
    says: 'with linear interpolation on a uniform grid',
    kinds: ['baseline'],
    claims: ['functions'],
    module: lab,
    name: 'libraryFunction',
    by: (): OfFunction => (f, m) => onGrid(f, m) as ChebyshevTucker,
  },
  {
    id: 'uniform-points',
    says: 'with values at equidistant points',
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
    id: 'zero-potential',
    says: 'with zero in place of the potential',
    kinds: ['nothing'],
    claims: ['particles', 'split-needed'],
    module: lab,
    name: 'libraryPotential',
    by: (): OfPotential => () => zero(129),
  },
  {
    id: 'no-compression',
    says: 'without compression of the sum over particles',
    kinds: ['baseline'],
    claims: ['particles'],
    module: lab,
    name: 'libraryPotential',
    by:
      (): OfPotential =>
      ({ positions, charges }, kernel, rate) =>
        chebTuckerFromSeparable(potentialTerms(positions, charges, separateRange(kernel, rate).long), {
          degree: 128,
          tol: 0,
        }),
  },
  {
    id: 'coarse',
    says: 'with polynomials of degree 8',
    kinds: ['baseline'],
    claims: ['split-needed'],
    module: lab,
    name: 'libraryPotential',
    by:
      (): OfPotential =>
      ({ positions, charges }, kernel, rate) =>
        chebTuckerFromSeparable(potentialTerms(positions, charges, separateRange(kernel, rate).long), {
          degree: 8,
          tol: TOL,
        }),
  },
  {
    id: 'whole-range',
    says: 'without splitting off the short range',
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
    says: 'with a kernel that has no short range',
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
