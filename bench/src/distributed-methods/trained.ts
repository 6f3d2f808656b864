// The networks and exchanges of `npm run bench -- distributed-methods`; bench/peers/ddp.py has the same networks.

/** Options of `train`. */
type Options = Readonly<Record<string, unknown>>;

export const NETS = {
  perceptron: { hidden: ['256'] },
  convolution: { image: ['8x8'], filters: ['16', '32'], hidden: ['64'] },
  wide: { hidden: ['1000', '900'] },
} as const satisfies Readonly<Record<string, Options>>;
export type Net = keyof typeof NETS;

/** Number of weights, and layers, for tables. */
export const ABOUT: Readonly<Record<Net, string>> = {
  perceptron: '64 → 256 → 10, 19,210 weights',
  convolution: '16 and 32 filters of 3 × 3, 128 → 64 → 10, 13,706 weights',
  wide: '64 → 1000 → 900 → 10, 974,910 weights',
};

export const EXCHANGES = {
  dense: {},
  'top-k=0.01': { compress: 'top-k=0.01', feedback: 'ec' },
  'low-rank=4': { compress: 'low-rank=4', feedback: 'ec' },
} as const satisfies Readonly<Record<string, Options>>;
export type ExchangeName = keyof typeof EXCHANGES;

/** Rows of a step, half of them on each rank. */
export const BATCH = 64;
export const RANKS = 2;

/** A training run, as plain data. */
export interface Trained {
  readonly net: Net;
  readonly exchange: ExchangeName;
  readonly steps: number;
  /** Share of the digits that are held out, whose accuracy is measured after each epoch. */
  readonly validation: number;
}

/** What the first rank saw of it. */
export interface Course {
  /** Seconds from the first iterate to each of them: one before the first step, and one after each step. */
  readonly at: readonly number[];
  /** Accuracy on the held-out digits after each epoch, and steps of an epoch. */
  readonly accuracy: readonly number[];
  readonly perEpoch: number;
  /** That all ranks say they sent, from their start, whatever it was for. */
  readonly bytes: number;
}
