import type { Highs, Model as Persistent } from 'highs';
import { verify } from './check.ts';
import type { Answer, Conflict, Problem, Side } from './messages.ts';

type Solve = (problem: Problem, timeLimit?: number) => Answer;

/** Seconds for the conflict of a program with whole variables if there is no time limit. */
const PATIENCE = 60;

/** One side of a row or of a variable. */
interface Member {
  readonly of: 'rows' | 'bounds';
  readonly index: number;
  readonly side: 'lower' | 'upper';
}

/**
 * A conflict from which no member can be left out: as HiGHS finds it if there are no real solutions, otherwise by
 * deletion. Undefined if none is found in time.
 */
export const conflictOf = (
  highs: Highs,
  model: Persistent,
  problem: Problem,
  solve: Solve,
  timeLimit = PATIENCE,
): Conflict | undefined =>
  crossed(problem) ??
  realConflict(highs, model, problem, solve) ??
  (problem.integer && wholeConflict(problem, solve, timeLimit));

/** A row or a variable whose lower bound is above the upper one. */
function crossed({ lower, upper, rowLower, rowUpper }: Problem): Conflict | undefined {
  const member = (low: Float64Array, up: Float64Array): Conflict['rows'] => {
    const index = low.findIndex((value, i) => value > up[i]);
    return index < 0 ? [] : [{ index, side: 'both' }];
  };
  const rows = member(rowLower, rowUpper);
  const bounds = rows.length > 0 ? [] : member(lower, upper);
  return rows.length + bounds.length > 0 ? { rows, bounds } : undefined;
}

function realConflict(highs: Highs, model: Persistent, problem: Problem, solve: Solve): Conflict | undefined {
  const { iis } = highs.constants;
  model.options.set('iis_strategy', iis.strategyRowPriority);
  const { colIndex, colBound, colStatus, rowIndex, rowBound, rowStatus } = model.getIis();
  const members = (indices: Int32Array, codes: Int32Array) =>
    Array.from(indices, (index, k) => {
      const side: Side = codes[k] === iis.boundLower ? 'lower' : codes[k] === iis.boundUpper ? 'upper' : 'both';
      return { index, side, free: codes[k] === iis.boundFree };
    }).flatMap(({ index, side, free }) => (free ? [] : [{ index, side }]));
  const found = { rows: members(rowIndex, rowBound), bounds: members(colIndex, colBound) };
  if (found.rows.length + found.bounds.length === 0) return undefined;
  const sure =
    found.rows.every(({ index }) => rowStatus[index] === iis.inConflict) &&
    found.bounds.every(({ index }) => colStatus[index] === iis.inConflict);
  if (!sure) return undefined;
  const alone = { ...restricted(problem, found), integer: undefined };
  return verify(alone, solve(alone)).ray ? found : undefined;
}

/** The problem with the members of a conflict only, without objective. */
function restricted(problem: Problem, { rows, bounds }: Conflict): Problem {
  const { lower, upper, rowLower, rowUpper, variables } = problem;
  const only = (values: Float64Array, open: number, members: Conflict['rows'], other: Side): Float64Array => {
    const out = new Float64Array(values.length).fill(open);
    for (const { index, side } of members) if (side !== other) out[index] = values[index];
    return out;
  };
  const [none, all] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    ...problem,
    cost: new Float64Array(variables),
    hessian: undefined,
    lower: only(lower, none, bounds, 'upper'),
    upper: only(upper, all, bounds, 'lower'),
    rowLower: only(rowLower, none, rows, 'upper'),
    rowUpper: only(rowUpper, all, rows, 'lower'),
  };
}

/** Leaves out blocks of members, of half the size each time, as long as the rest has no solution. */
function wholeConflict(problem: Problem, solve: Solve, seconds: number): Conflict | undefined {
  const end = performance.now() + 1000 * seconds;
  const sides = (of: Member['of'], lower: Float64Array, upper: Float64Array): Member[] =>
    Array.from(lower, (low, index) => [
      ...(Number.isFinite(low) ? [{ of, index, side: 'lower' } as const] : []),
      ...(Number.isFinite(upper[index]) ? [{ of, index, side: 'upper' } as const] : []),
    ]).flat();
  let kept = [...sides('rows', problem.rowLower, problem.rowUpper), ...sides('bounds', problem.lower, problem.upper)];
  for (let block = Math.ceil(kept.length / 2); block >= 1; block = block === 1 ? 0 : Math.ceil(block / 2)) {
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + block)];
      const left = (end - performance.now()) / 1000;
      if (left <= 0) return undefined;
      const { status } = solve(restricted(problem, joined(rest)), left);
      if (status === 'infeasible') kept = rest;
      else if (block === 1 && status !== 'converged') return undefined;
      else at += block;
    }
  }
  return joined(kept);
}

/** Members as a conflict, both sides of a row or variable as one. */
function joined(members: readonly Member[]): Conflict {
  const part = (of: Member['of']): Conflict['rows'] => {
    const sides = new Map<number, Side>();
    for (const m of members) if (m.of === of) sides.set(m.index, sides.has(m.index) ? 'both' : m.side);
    return Array.from(sides, ([index, side]) => ({ index, side }));
  };
  return { rows: part('rows'), bounds: part('bounds') };
}
