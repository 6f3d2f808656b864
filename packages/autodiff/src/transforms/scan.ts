import { fail, knownKeys } from '@southwell/numerics/core';
import { needFunctions } from '../given.ts';
import { atLine } from '../line.ts';
import { apply, watching } from '../op.ts';
import { stack } from '../ops/concat.ts';
import { slice } from '../ops/views.ts';
import { sameShape, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { flatten, namesOf, type Structure } from '../tree.ts';
import { bodyOf, closed, freeIn } from './body.ts';
import { loopOp } from './loop.ts';

/** Options of {@link scan}. */
export interface ScanOptions {
  /** The number of steps; default: the length of the first axis of xs. */
  readonly length?: number;
  /** Whether to go from the last entry to the first (false); the values keep the order of the entries. */
  readonly reverse?: boolean;
}

/** Checks the tensors to go through, and returns the number of steps. */
function lengthOf(xs: unknown, leaves: readonly Tensor[], length: number | undefined): number {
  const names = namesOf(xs, 'xs');
  let found = length;
  leaves.forEach(({ shape }, i) => {
    if (shape.length === 0)
      fail('INVALID_SHAPE', `scan${atLine()} goes through the first axis of xs, but ${names[i]} is a scalar.`);
    if (found !== undefined && found !== shape[0]) {
      const other = i === 0 || length !== undefined ? `the length ${found}` : `${found} in ${names[0]}`;
      fail('INVALID_SHAPE', `scan${atLine()}: ${names[i]} has ${shape[0]} entries, which differs from ${other}.`);
    }
    found = shape[0];
  });
  if (found === undefined)
    return fail(
      'INVALID_PARAMETER',
      `scan${atLine()} has nothing to go through: give it xs with tensors, or { length }.`,
    );
  if (!Number.isInteger(found) || found < 0)
    fail('INVALID_PARAMETER', `scan${atLine()}: length must be a whole number of at least 0, not ${found}.`);
  return found;
}

/**
 * Checks that what a step of a loop returns is like what it was given.
 * @throws INVALID_SHAPE if it is not.
 */
export function checkCarry(name: string, before: unknown, after: unknown): void {
  const [given, got]: [Tensor[], Tensor[]] = [[], []];
  const same = flatten(before, given).key === flatten(after, got).key;
  const names = namesOf(before, 'carry');
  const wrong = given.findIndex(
    ({ shape, dtype }, i) => !got[i] || !sameShape(shape, got[i].shape) || dtype !== got[i].dtype,
  );
  if (same && wrong < 0) return;
  const kind = ({ dtype, shape }: Tensor): string => `${dtype} of ${show(shape)}`;
  const what = same
    ? `${names[wrong]} is ${kind(given[wrong])} before a step, but ${kind(got[wrong])} after it`
    : `a step returns ${got.length} tensors (${namesOf(after, 'carry').join(', ') || 'none'}) for a carry of ${given.length} (${names.join(', ') || 'none'}), or other values that are not tensors have changed`;
  fail('INVALID_SHAPE', `${name}${atLine()}: ${what}. The carry must keep its structure, shapes and dtypes.`);
}

/**
 * Carries a state through a sequence: step k maps the state and entry k of `xs`, the k-th along the first axis of each
 * of its tensors, to the next state and a value; the result is the last state and the values, stacked along a new first
 * axis. The step is traced once, whatever the length, so that compilation takes no longer for a long sequence.
 * Derivatives, to any order, are scans too: they store the states, and recompute the rest of a step.
 * @throws INVALID_SHAPE if a step changes the shape or dtype of the state, or lengths differ; INVALID_PARAMETER if there
 * is nothing to go through; NOT_SUPPORTED if a step reads values.
 */
export function scan<C, X, Y>(
  step: (carry: C, x: X) => readonly [carry: C, y: Y],
  carry: C,
  xs: X,
  options: ScanOptions = {},
): [carry: C, ys: Y] {
  needFunctions('scan', { step });
  knownKeys('scan', options, { length: true, reverse: true });
  const states: Tensor[] = [];
  const entries: Tensor[] = [];
  const state = flatten(carry, states);
  const entry = flatten(xs, entries);
  const length = lengthOf(xs, entries, options.length);
  const { reverse = false } = options;
  const [carries, sliced] = [states.length, entries.length];

  let value: Structure | undefined;
  const once = (...own: readonly Tensor[]): Tensor[] => {
    const given = state.build(own.slice(0, carries)) as C;
    const pair = step(given, entry.build(own.slice(carries)) as X) as readonly unknown[];
    if (!Array.isArray(pair) || pair.length !== 2)
      fail('INVALID_PARAMETER', `scan${atLine()} takes a function that returns the pair [carry, y].`);
    checkCarry('scan', given, pair[0]);
    const [next, ys]: [Tensor[], Tensor[]] = [[], []];
    flatten(pair[0], next);
    value = flatten(pair[1], ys);
    return [...next, ...ys];
  };

  // When looking for NaN, operation by operation.
  if (watching() && length > 0) {
    let now = states;
    const rows: Tensor[][] = [];
    for (let i = 0; i < length; i++) {
      const k = reverse ? length - 1 - i : i;
      const made = once(...now, ...entries.map((x) => slice(x, k)));
      now = made.slice(0, carries);
      rows[k] = made.slice(carries);
    }
    const columns = rows[0].map((_, j) => stack(rows.map((row) => row[j])));
    return [state.build(now) as C, value!.build(columns) as Y];
  }
  const open = bodyOf('the step of a scan', once, [...states, ...entries], (x, i) =>
    i < carries ? x.shape : x.shape.slice(1),
  );
  const free = freeIn([open]);
  const stacked = open.results.length;
  // The states before each step are stacked too, for the derivative.
  const saving = { ...open, results: [...open.results, ...open.inputs.slice(0, carries)] };
  const made = apply(loopOp, [...states, ...entries, ...free], {
    body: closed('the step of a scan', saving, free),
    carries,
    sliced,
    stacked,
    summed: 0,
    length,
    reverse,
  });
  return [state.build(made.slice(0, carries)) as C, value!.build(made.slice(carries, stacked)) as Y];
}
