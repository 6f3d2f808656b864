import { fail } from '@southwell/numerics/core';
import { generator } from './common.ts';

/** Classification examples, one after the other, in the form that `southwell/training` takes. */
export interface ClassExamples {
  readonly count: number;
  readonly inputs: { readonly values: Float32Array; readonly shape: readonly [width: number] };
  readonly targets: { readonly values: Int32Array; readonly shape: readonly [] };
}

/** Examples in random order, split in two. */
export interface SplitExamples {
  readonly classes: number;
  readonly train: ClassExamples;
  readonly test: ClassExamples;
}

interface Splitting {
  /** Fraction of the examples used for training, rounded down; both parts have at least one example. */
  readonly trainShare?: number;
  readonly seed?: number;
}

export interface ModularParameters extends Splitting {
  /** The modulus, at least 2: there are p² pairs. */
  readonly p: number;
  /** Default 'add'. */
  readonly operation?: 'add' | 'subtract' | 'multiply';
  /** Default 0.4. */
  readonly trainShare?: number;
}

export interface ParityParameters extends Splitting {
  /** Number of leading bits whose parity is the class. Default 3. */
  readonly relevant?: number;
  /** Total number of bits. Default 43. */
  readonly bits?: number;
  /** Number of examples, all different. Default 2000. */
  readonly n?: number;
  /** Default 0.5. */
  readonly trainShare?: number;
}

const operations = {
  add: (a: number, b: number) => a + b,
  subtract: (a: number, b: number) => a - b,
  multiply: (a: number, b: number) => a * b,
} as const;

/**
 * All pairs (a, b) of residues, with a + b, a − b or a·b modulo p as the class; inputs are 2p numbers, with 1 at a and
 * at p + b. The data set on which grokking was demonstrated (Power et al. 2022). Pairs are split at random by the seed.
 * O(p³).
 * @throws INVALID_PARAMETER.
 */
export function modularArithmetic({ p, operation = 'add', trainShare = 0.4, seed }: ModularParameters): SplitExamples {
  if (!Number.isInteger(p) || p < 2 || p > 1000)
    fail('INVALID_PARAMETER', `p must be a whole number from 2 to 1000, not ${p}.`);
  if (!Object.hasOwn(operations, operation)) {
    fail('INVALID_PARAMETER', `operation must be one of ${Object.keys(operations).join(', ')}, not ${operation}.`);
  }
  const value = operations[operation];
  const order = generator(seed).permutation(p * p);
  return split(p, 2 * p, order.length, trainShare, (k, input) => {
    const [a, b] = [Math.floor(order[k] / p), order[k] % p];
    input[a] = input[p + b] = 1;
    return ((value(a, b) % p) + p) % p;
  });
}

/**
 * Distinct strings of random bits, whose class is the parity of the leading bits; the others are irrelevant. In random
 * order by the seed. O(n·bits).
 * @throws INVALID_PARAMETER, also if there are fewer such strings.
 */
export function sparseParity(parameters: ParityParameters = {}): SplitExamples {
  const { relevant = 3, bits = 43, n = 2000, trainShare = 0.5, seed } = parameters;
  if (!Number.isInteger(bits) || bits < 1)
    fail('INVALID_PARAMETER', `bits must be a whole number of at least 1, not ${bits}.`);
  if (!Number.isInteger(relevant) || relevant < 1 || relevant > bits) {
    fail('INVALID_PARAMETER', `relevant must be a whole number from 1 to ${bits}, not ${relevant}.`);
  }
  // Rejection of duplicates, which takes long if few strings are left.
  const most = bits > 40 ? Number.POSITIVE_INFINITY : 2 ** bits;
  if (!Number.isInteger(n) || n < 2 || 2 * n > most) {
    fail(
      'INVALID_PARAMETER',
      `n must be a whole number from 2 to ${most / 2}, half of the number of strings, not ${n}.`,
    );
  }
  const random = generator(seed);
  const known = new Set<string>();
  while (known.size < n) known.add(Array.from({ length: bits }, () => random.integer(2)).join(''));
  const strings = [...known];
  return split(2, bits, n, trainShare, (k, input) => {
    let parity = 0;
    for (let j = 0; j < bits; j++) {
      input[j] = Number(strings[k][j]);
      if (j < relevant) parity ^= input[j];
    }
    return parity;
  });
}

function split(
  classes: number,
  width: number,
  count: number,
  share: number,
  write: (k: number, input: Float32Array) => number,
): SplitExamples {
  const first = Math.floor(share * count);
  if (!(first >= 1 && first < count)) {
    fail(
      'INVALID_PARAMETER',
      `trainShare must leave examples for training and testing, but ${share} of ${count} does not.`,
    );
  }
  const part = (from: number, to: number): ClassExamples => {
    const [inputs, targets] = [new Float32Array((to - from) * width), new Int32Array(to - from)];
    for (let k = from; k < to; k++) {
      targets[k - from] = write(k, inputs.subarray((k - from) * width, (k - from + 1) * width));
    }
    return { count: to - from, inputs: { values: inputs, shape: [width] }, targets: { values: targets, shape: [] } };
  };
  return { classes, train: part(0, first), test: part(first, count) };
}
