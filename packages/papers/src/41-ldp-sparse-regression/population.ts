import type { Random } from 'southwell';

/** The card's population: standard normal features, few coefficients of the same size, targets with noise. */
export interface Population {
  readonly d: number;
  readonly truth: Float64Array;
  /** Fills x with the features of a random person, and returns their target. */
  person(random: Random, x: Float64Array): number;
}

export function population(
  d: number,
  { nonzeros, noise }: { readonly nonzeros: number; readonly noise: number },
  random: Random,
): Population {
  const truth = new Float64Array(d);
  for (let left = nonzeros; left > 0; ) {
    const j = random.integer(d);
    if (truth[j] !== 0) continue;
    truth[j] = ((random.bits() & 1) === 1 ? 1 : -1) / Math.sqrt(nonzeros);
    left--;
  }
  return {
    d,
    truth,
    person(own, x) {
      let y = noise * own.normal();
      for (let j = 0; j < d; j++) {
        x[j] = own.normal();
        y += x[j] * truth[j];
      }
      return y;
    },
  };
}

/** The card's bounds: about the norm of the features, and three standard deviations of the target. */
export const clipOf = (d: number) => ({ x: Math.sqrt(d) + 1.5, y: 3.5 });

export const errorOf = ({ truth }: Population, theta: Float64Array): number =>
  Math.sqrt(theta.reduce((sum, v, j) => sum + (v - truth[j]) ** 2, 0));
