import type { Penalties } from './merit.ts';

/** Weights of the merit function, and how accurately a system is solved. */
export interface Adapted extends Penalties {
  /** By how much the target of the residual has shrunk. */
  readonly tightened: number;
}

/** Weights beyond which they adapt no further. */
const [LARGEST, LEAST] = [1e8, 1e-8];

/** What follows where a step does not descend, with ν > 1; undefined if weights are at their limits. */
export function adapt({ eta1, eta2, tightened }: Adapted, nu: number): Adapted | undefined {
  if (eta1 > LARGEST || eta2 < LEAST) return undefined;
  return { eta1: eta1 * nu * nu, eta2: eta2 / nu, tightened: tightened / nu ** 4 };
}
