import {
  checkOption,
  choiceOption,
  fail,
  flagOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';

const size = numberOption({ min: 0, finite: true });

const rangeRecords = {
  /** Name in messages. Default: its index among the ranges. */
  name: otherOption<string>('a name'),
  /** Half-open interval [from, to) of parameter indices. */
  from: otherOption<number>('an index'),
  to: otherOption<number>('an index'),
  /** Shape of the tensor, for Muon, Trion and low-rank moments. */
  shape: otherOption<readonly number[]>('whole numbers'),
  /** Output axis of the shape; the others together are the input axis. Default 'last'. */
  outputs: choiceOption({ first: 'first', last: 'last' }),
  /** Learning-rate multiplier. Default 1. */
  rateFactor: size,
  /** Weight decay. Default: that of the optimiser. */
  weightDecay: size,
  /** Whether the parameters are frozen: no update, no state, and their gradient is not read. Default false. */
  frozen: flagOption(),
  /** Whether Muon, Trion and low-rank moments treat a tensor of two or more axes as a matrix; set false for embeddings and output layers. Default true. */
  orthogonal: flagOption(),
};

/**
 * A contiguous range of parameters with common options, or one that forms a matrix. Parameters outside all ranges have
 * the defaults.
 */
export interface ParameterRange extends OptionsNeeding<typeof rangeRecords, 'from' | 'to'> {}

const rangeKeys = keysOf(rangeRecords);

/** A range with all derived data. */
export interface ResolvedRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Size of the row-major matrix that the range forms; 0 if it is none. */
  readonly rows: number;
  readonly cols: number;
  /** Number of outputs and inputs: rows and columns in some order. */
  readonly outputs: number;
  readonly inputs: number;
  readonly rateFactor: number;
  readonly weightDecay: number | undefined;
  readonly frozen: boolean;
}

/**
 * Ranges for tensors of these shapes that are stored one after the other, as the parameters of a compiled program are;
 * change some with `map`. O(shapes).
 * @throws INVALID_SHAPE for sizes that are not whole numbers.
 */
export function rangesOf(shapes: ReadonlyArray<readonly number[]>): ParameterRange[] {
  let from = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (shape.some((n) => !(Number.isSafeInteger(n) && n >= 0))) {
      fail('INVALID_SHAPE', `The sizes of a shape must be whole numbers, such as [3, 4], not [${shape}].`);
    }
    const range = { from, to: from + size, shape };
    from += size;
    return range;
  });
}

/**
 * The ranges in order, including the gaps between them.
 * @throws INVALID_PARAMETER if they overlap, exceed the parameters or are inconsistent.
 */
export function resolveRanges(length: number, ranges: readonly ParameterRange[]): ResolvedRange[] {
  const named = ranges.map((range, k) => resolve(length, range, range.name ?? `range ${k + 1}`));
  named.sort((a, b) => a.from - b.from || a.to - b.to);
  const all: ResolvedRange[] = [];
  let at = 0;
  const fill = (to: number) => {
    if (to <= at) return;
    const plain = { rows: 0, cols: 0, outputs: 0, inputs: 0, rateFactor: 1, weightDecay: undefined, frozen: false };
    all.push({ name: 'the parameters', from: at, to, ...plain });
  };
  for (const range of named) {
    if (range.from < at) {
      fail('INVALID_PARAMETER', `The ranges overlap: '${range.name}' begins at ${range.from}, before ${at}.`);
    }
    fill(range.from);
    if (range.to > range.from) all.push(range);
    at = range.to;
  }
  fill(length);
  return all;
}

function resolve(length: number, range: ParameterRange, name: string): ResolvedRange {
  knownKeys('A range', range, rangeKeys);
  const { from, to, shape, rateFactor = 1, weightDecay, frozen = false, orthogonal = true } = range;
  wholeNumber(`The beginning of '${name}'`, from, 0, length);
  wholeNumber(`The end of '${name}'`, to, from, length);
  for (const [option, record] of Object.entries(rangeRecords)) {
    const value = range[option as keyof ParameterRange];
    if (value !== undefined) checkOption(`The ${option} of '${name}'`, record, value);
  }
  if (shape && shape.reduce((a, b) => a * b, 1) !== to - from) {
    fail('INVALID_PARAMETER', `'${name}' has ${to - from} parameters, which do not match the shape [${shape}].`);
  }
  const { outputs = 'last' } = range;
  const last = outputs === 'last';
  // One axis, and the others together: rows are outputs if these come first.
  const matrix = shape && shape.length > 1 && orthogonal && to > from;
  const cols = !matrix ? 0 : last ? shape[shape.length - 1] : (to - from) / shape[0];
  const rows = matrix ? (to - from) / cols : 0;
  const sides = last ? { outputs: cols, inputs: rows } : { outputs: rows, inputs: cols };
  return { name, from, to, rows, cols, ...sides, rateFactor, weightDecay, frozen };
}
