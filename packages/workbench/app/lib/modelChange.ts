import { count } from '@southwell/tasks';
import type { ModelRun } from '../workers/models.ts';
import { type BoundEdit, type Entry, predicted } from './bounds.ts';
import { tidy } from './tidy.ts';

/** What a changed bound did, in sentences. */
export interface Change {
  readonly bound: string;
  readonly effect: string;
  /** How much work it was. */
  readonly work: string;
}

interface Runs {
  readonly before: ModelRun;
  readonly after: ModelRun;
  /** Iterations of the first run. */
  readonly cold: number | undefined;
}

const signed = (v: number): string => `${v > 0 ? '+' : v < 0 ? '−' : ''}${tidy(Math.abs(v), 6)}`;
const sideText = (value: number | null): string => (value === null ? 'none' : tidy(value));
const ENDS = { infeasible: 'There is no feasible point', unbounded: 'The objective improves without end' } as const;

export function changeOf(entry: Entry, edit: BoundEdit, { before, after, cold }: Runs): Change {
  const { name, side, value } = edit;
  const [was, is] = [before.result, after.result];
  const bound = `${name}: the ${side} bound is ${sideText(value)} instead of ${sideText(entry[side])}.`;
  const work = [
    `${count(is.iterations, 'iteration')}${was.status === 'converged' ? ' from the solution before' : ''}`,
    ...(cold === undefined || was.status !== 'converged' ? [] : [`the first run took ${cold}`]),
  ].join('; ');
  return { bound, effect: effectOf(entry, edit, was, is), work: `${work}.` };
}

function effectOf(entry: Entry, edit: BoundEdit, was: ModelRun['result'], is: ModelRun['result']): string {
  if (is.status === 'infeasible' || is.status === 'unbounded') return `${ENDS[is.status]} now.`;
  if (is.objective === null) return 'No point was found.';
  const reached = is.status === 'converged' ? 'The optimum is' : 'The objective so far is';
  const now = `${reached} ${tidy(is.objective, 8)}`;
  if (was.status !== 'converged' || was.objective === null) return `${now}; before, none was found.`;
  const expected = predicted(entry, edit);
  const says = expected === undefined ? '' : `; the price predicted ${signed(expected)}`;
  return `${now}, ${tidy(was.objective, 8)} before: a change of ${signed(is.objective - was.objective)}${says}.`;
}
