import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** Robust losses, which bound the influence of outliers. */
export const ROBUST_KERNELS = ['none', 'huber', 'cauchy', 'tukey'] as const;
export type RobustKernel = (typeof ROBUST_KERNELS)[number];

export interface Robust {
  /** Weight w(r) = ρ′(r)/r. */
  weight(r: number): number;
  /** ρ(r). */
  loss(r: number): number;
}

/** A kernel of scale c, the residual from which it departs from r²/2. @throws INVALID_PARAMETER. */
export function robust(kernel: RobustKernel, c: number): Robust {
  if (kernel !== 'none' && !(c > 0 && Number.isFinite(c)))
    fail('INVALID_PARAMETER', `robustScale must be above 0, but is ${c}.`);
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
    default:
      return fail('INVALID_PARAMETER', `robustKernel is one of ${ROBUST_KERNELS.join(', ')}, not '${kernel}'.`);
  }
}
