/** A step of training: the rows of which it takes the gradient, and the equal parts that are divided among the ranks. */
export interface Step {
  readonly rows: number;
  readonly parts: number;
}

/** What a step costs, in seconds. */
export interface StepCosts {
  /** Apart from rows: the update of the parameters, and calls. Every rank has all of it. */
  readonly step: number;
  /** For each row. */
  readonly row: number;
  /** For each message of an exchange. */
  readonly message: number;
  /** For each byte that a rank sends. */
  readonly byte: number;
  /** Waiting for the slowest rank, and what the ranks of a machine take from each other. */
  readonly waiting: number;
  /** Bytes of the gradient, which is summed over the ranks. */
  readonly bytes: number;
}

/** Number of equal parts of a step: its batches, divided further if there are fewer than ranks. */
export function partsOf(batch: number, accumulate: number, ranks: number): number {
  for (let pieces = 1; pieces < batch; pieces++)
    if (batch % pieces === 0 && pieces * accumulate >= ranks) return pieces * accumulate;
  return batch * accumulate;
}

/** Messages and bytes that a rank sends in a sum: one message between two, else all-to-all followed by all-gather. */
export const sentIn = (bytes: number, ranks: number): { readonly messages: number; readonly bytes: number } =>
  ranks === 1
    ? { messages: 0, bytes: 0 }
    : ranks === 2
      ? { messages: 1, bytes }
      : { messages: 2 * (ranks - 1), bytes: (2 * bytes * (ranks - 1)) / ranks };

/** Seconds of an exchange of the gradients. */
export function exchangeSeconds(costs: StepCosts, ranks: number): number {
  if (ranks === 1) return 0;
  const sent = sentIn(costs.bytes, ranks);
  return sent.messages * costs.message + sent.bytes * costs.byte + costs.waiting;
}

/** Rows of the rank that has the most of a step. */
const mostRows = ({ rows, parts }: Step, ranks: number): number => (Math.ceil(parts / ranks) * rows) / parts;

/** Seconds of a step on this many ranks: of the rank with the most rows, followed by the exchange. */
export const stepSeconds = (costs: StepCosts, step: Step, ranks: number): number =>
  costs.step + costs.row * mostRows(step, ranks) + exchangeSeconds(costs, ranks);

/**
 * The rows of a step from which this many ranks are faster than one, if its parts are divided evenly: an exchange costs
 * as much as the rows cost that a rank is spared. Infinity if rows cost nothing.
 */
export const paysFrom = (costs: StepCosts, ranks: number): number =>
  Math.ceil(exchangeSeconds(costs, ranks) / (costs.row * (1 - 1 / ranks)));

/** Part of the time of a step that further ranks must save: less is within the error of the measurements. */
const WORTH = 0.05;

/**
 * The number of ranks, from 1 to `most`, with which a step is fastest; fewer if more would save less than a twentieth.
 * `stepOn` is the step as divided among a number of ranks. O(most).
 */
export function fastestRanks(costs: StepCosts, stepOn: (ranks: number) => Step, most: number): number {
  const seconds = Array.from({ length: most }, (_, k) => stepSeconds(costs, stepOn(k + 1), k + 1));
  const least = Math.min(...seconds);
  return seconds.findIndex((s) => s <= least / (1 - WORTH)) + 1;
}
