import { choiceOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** Robust losses, which bound the influence of outliers. */
export const kernelOption = choiceOption(
  { none: 'none', huber: 'huber', cauchy: 'cauchy', tukey: 'tukey' },
  {
    title: 'Robust kernel',
    about: 'robust loss, which limits the influence of wrong matches',
    argument: 'name',
    default: 'none',
  },
);
export type RobustKernel = NonNullable<OptionsOf<{ kernel: typeof kernelOption }>['kernel']>;
export const ROBUST_KERNELS = Object.keys(kernelOption.choices!) as readonly RobustKernel[];

export const scaleOption = numberOption(
  { min: 0, open: true, finite: true },
  {
    title: 'Scale of the kernel',
    about: 'residual above which the kernel departs from squares',
    argument: 'length',
    otherwise: 'the root mean square of the initial residuals; generalised: 1',
  },
);

export interface Robust {
  /** Weight w(r) = ρ′(r)/r. */
  weight(r: number): number;
  /** ρ(r). */
  loss(r: number): number;
}

/** A kernel of scale c, the residual above which it departs from r²/2. */
export function robust(kernel: RobustKernel, c: number): Robust {
  const square = c * c;
  switch (kernel) {
    case 'none':
      return { weight: () => 1, loss: (r) => (r * r) / 2 };
    case 'huber':
      return { weight: (r) => (r <= c ? 1 : c / r), loss: (r) => (r <= c ? (r * r) / 2 : c * (r - c / 2)) };
    case 'cauchy':
      return {
        weight: (r) => 1 / (1 + (r * r) / square),
        loss: (r) => (square / 2) * elementary.log(1 + (r * r) / square),
      };
    case 'tukey':
      return {
        weight: (r) => (r >= c ? 0 : (1 - (r * r) / square) ** 2),
        loss: (r) => (square / 6) * (r >= c ? 1 : 1 - (1 - (r * r) / square) ** 3),
      };
  }
}
