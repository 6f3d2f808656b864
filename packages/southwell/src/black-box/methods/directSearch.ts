import {
  checkOptions,
  choiceOption,
  flagOption,
  numberOption,
  numbersOption,
  type OptionsOf,
  type Random,
} from '@southwell/numerics/core';
import { checkRadii, type DirectState, directStep } from '../directional/directStep.ts';
import { type MethodContext, type Proposals, withRestarts } from '../method.ts';

export const directSearchRecords = {
  /** Poll in 2n directions, or in n + 1. Default '2n'. */
  poll: choiceOption({ '2n': '2n directions', 'n+1': 'n + 1 directions' }),
  /** Initial poll radius, relative to the initial step sizes; also the scale of covering and search steps. Default 1. */
  radius0: numberOption({ min: 0, open: true, finite: true }),
  /** Smallest poll radius, at which the method ends, and the largest, relative to the initial step sizes. Default [1e-8, 1000]. */
  pollRadius: numbersOption({ min: 0, open: true }),
  /** Whether to try a random point in each iteration. Default true. */
  covering: flagOption(),
  /** Whether to try a random direction before each poll, with lengths that grow slowly. Default true. */
  search: flagOption(),
};

export interface DirectSearchOptions extends OptionsOf<typeof directSearchRecords> {}

/**
 * The covering direct search (Bouchet and Vidal 2025): in each iteration a covering step, a search step and a poll, one
 * point at a time, until one of them is better. The poll radius is doubled after a successful poll and halved when all
 * three steps fail. The poll directions are the columns of a random Householder reflection and their negatives, or a
 * basis with n + 1 directions. For functions without derivatives or with kinks and jumps, in up to a hundred
 * coordinates. Up to 2n + 2 values for each iteration. Points beyond bounds are clipped to them; integer coordinates
 * are polled one at a time, by at least 1.
 * @throws INVALID_PARAMETER.
 */
export function directSearch(context: MethodContext, options: DirectSearchOptions = {}): Proposals {
  checkOptions('directSearch', directSearchRecords, options);
  const { radius0 = 1, pollRadius = [1e-8, 1000] } = options;
  checkRadii('pollRadius', pollRadius, radius0);
  return withRestarts(context, (start, random) => descend(context, options, start, random));
}

function* descend(
  { space }: MethodContext,
  options: DirectSearchOptions,
  start: Float64Array,
  random: Random,
): Proposals {
  const { poll = '2n', radius0 = 1, pollRadius = [1e-8, 1000], covering = true, search = true } = options;
  const least = pollRadius[0];
  const x = space.feasible(start);
  const [value] = yield [x];
  const state: DirectState = { x, value, radius: Math.min(radius0, pollRadius[1]), searches: 0 };
  const settings = { radius0, pollRadius, poll, covering, search, searchGrows: false };
  while (state.radius > least) {
    const step = directStep(space, state, settings, random);
    for (let next = step.next(); !next.done; ) {
      const [trial] = yield [next.value];
      next = step.next(trial);
    }
  }
  return {
    status: 'converged',
    message: `The poll radius is at its minimum, ${least}: the last poll found no better point. At kinks and jumps that need not be a minimum.`,
  };
}
