import {
  checkOptions,
  integerOption,
  numberOption,
  type OptionsOf,
  Random,
  seedOption,
} from '@southwell/numerics/core';

const chance = () => numberOption({ min: 0, max: 1 });
const generatorRecords = {
  n: integerOption({ min: 1 }),
  rounds: integerOption({ min: 1 }),
  /** Seconds of a normal round. Default: 1. */
  base: numberOption({ min: 0, finite: true }),
  /** Standard deviation of the logarithm. Default: 0.05. */
  jitter: numberOption({ min: 0, finite: true }),
  /** Probability of a normal worker to be slow in the next round. Default: 0.02. */
  pSlow: chance(),
  /** Probability of a slow worker to be normal in the next round. Default: 0.9. */
  pRecover: chance(),
  /** Slowest and fastest factor of slow rounds, drawn uniformly between. Default: 2.5 and 5. */
  slowFrom: numberOption({ min: 0, finite: true }),
  slowTo: numberOption({ min: 0, finite: true }),
  seed: seedOption(),
};

export interface GilbertElliottOptions extends OptionsOf<typeof generatorRecords> {
  readonly n: number;
  readonly rounds: number;
}

/**
 * Delays, n × rounds by rows, of workers that are normal or slow by a Markov chain of two states (Gilbert 1960, Elliott 1963) which starts in its stationary law.
 * @throws INVALID_PARAMETER.
 */
export function gilbertElliott(options: GilbertElliottOptions): Float64Array {
  checkOptions('gilbertElliott', generatorRecords, options, ['n', 'rounds']);
  const { n, rounds, base = 1, jitter = 0.05, pSlow = 0.02, pRecover = 0.9, slowFrom = 2.5, slowTo = 5 } = options;
  const random = new Random(options.seed ?? 0);
  const out = new Float64Array(n * rounds);
  for (let i = 0; i < n; i++) {
    let slow = random.uniform() < (pSlow === 0 ? 0 : pSlow / (pSlow + pRecover));
    for (let r = 0; r < rounds; r++) {
      const factor = slow ? slowFrom + (slowTo - slowFrom) * random.uniform() : 1;
      out[i * rounds + r] = base * Math.exp(jitter * random.normal()) * factor;
      slow = slow ? random.uniform() >= pRecover : random.uniform() < pSlow;
    }
  }
  return out;
}
