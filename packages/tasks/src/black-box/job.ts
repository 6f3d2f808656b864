import { decodeCheckpoint, encodeCheckpoint, fingerprint } from '@southwell/numerics/core';
import { type MinimizeResult, minimizeAsync, type SearchState } from 'southwell/black-box';
import type { CheckpointStore } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';
import { descends, type Neighbourhood } from './descends.ts';
import { drawnOf } from './drawn/drawn.ts';
import { Recorder } from './drawn/recorder.ts';
import { type Objective, objectiveOf, type Value } from './objective.ts';
import { help, helpers } from './onRanks.ts';
import { categoriesOf, dimOf, type MinimizeRequest, startOf } from './options.ts';
import { type Minimum, namesOf } from './result.ts';

/**
 * Runs the search; a checkpoint has all values so far. With several ranks the first one searches, and all evaluate.
 * Throws if the request is invalid, or nothing could be evaluated.
 */
export async function minimizeJob(request: MinimizeRequest, tools: TaskTools): Promise<Minimum> {
  const dim = dimOf(request)!;
  const objective = objectiveOf(request, dim, tools);
  const { ranks, signal } = tools;
  try {
    if (!ranks || ranks.size === 1) return await search(request, tools, objective, signal, 1);
    if (ranks.rank > 0) return await help(objective, ranks, tools);
    const others = helpers(objective, ranks, signal);
    try {
      const found = await search(request, tools, { ...objective, f: others.f }, others.signal, ranks.size);
      await others.end(found);
      return found;
    } catch (error) {
      throw others.abandon(error);
    }
  } finally {
    objective.close?.();
  }
}

/** `places`: the number of ranks that evaluate. */
async function search(
  request: MinimizeRequest,
  tools: TaskTools,
  objective: Objective,
  signal: AbortSignal,
  places: number,
): Promise<Minimum> {
  const { progress, checkpoint: store } = tools;
  const { method, noisy, repeats, restarts, integer, log, seed, asynchronous } = request;
  const { constraints, feasibility, budget, target, timeLimit, evaluationLimit, jobs, onError } = request;
  const dim = dimOf(request)!;
  const resume = store && stateIn(store, searchOf(objective));
  const lower = forAll(request.lower) ?? objective.lower;
  const upper = forAll(request.upper) ?? objective.upper;
  const recorder = tools.pictures && constraints === undefined ? new Recorder() : undefined;
  const r = await minimizeAsync(recorder ? recorded(objective.f, recorder) : objective.f, {
    dim,
    x0: spread(startOf(request), dim),
    lower,
    upper,
    sigma: forAll(request.sigma),
    categories: categoriesOf(request),
    integer: integer === 'all' ? true : integer?.map((k) => k - 1),
    log: log === 'all' ? true : log?.map((k) => k - 1),
    method: noisy ? { name: 'cma-es', noisy } : asynchronous && method === 'auto' ? 'cma-es' : method,
    restarts: restarts === 'all' ? Number.POSITIVE_INFINITY : restarts,
    ...{
      repeats,
      constraints,
      feasibility,
      budget,
      target,
      timeLimit,
      evaluationLimit,
      seed,
      jobs: jobs * places,
      asynchronous,
      onError,
      resume,
      signal,
    },
    onIterate: ({ iteration, work, objective: least }) => {
      const best = least === Number.POSITIVE_INFINITY ? 'none' : number(least, 6);
      progress({ text: `${work.oracleCalls} evaluations, best ${best}`, iteration, objective: least });
    },
    checkpoint: store && keeping(store, searchOf(objective)),
  });
  const scene = {
    names: namesOf(objective.variables, dim),
    ...{ lower, upper, integer: coordinatesOf(integer, dim), log: coordinatesOf(log, dim), f: objective.free },
  };
  return {
    command: tools.command,
    objective: objective.name,
    dim,
    ...(objective.variables && { variables: objective.variables }),
    method,
    ...(noisy && { noisy }),
    ...(repeats > 1 && { repeats }),
    ...(asynchronous && { asynchronous }),
    seed,
    value: Number.isFinite(r.objective) ? r.objective : String(r.objective),
    x: r.inWords ?? Array.from(r.point),
    ...(constraints !== undefined && {
      constraints,
      violation: Number.isFinite(r.violation) ? r.violation : String(r.violation),
    }),
    ...(objective.known !== undefined && { known: objective.known }),
    ...endingOf(r, objective, scene, target),
    ...(r.error && { error: r.error.message }),
    evaluations: r.evaluations,
    ...(r.repeated > 0 && { repeated: r.repeated }),
    iterations: r.iterations,
    seconds: r.seconds,
    ...(store && { checkpoint: store.name }),
    ...(recorder && { drawn: drawnOf(recorder, scene) }),
  };
}

/**
 * How the search ended; for an expression, a claimed minimum is checked by further evaluations around it, which cost
 * nothing.
 */
function endingOf(r: MinimizeResult, { variables, free }: Objective, scene: Neighbourhood, target = -Infinity) {
  const { status, message, why, next } = r;
  const said = { ...(why !== undefined && { why }) };
  const told = variables && free && status === 'converged' && r.objective > target;
  const slope = told ? descends(free, r.point, r.objective, scene) : undefined;
  if (slope === undefined) return { status, message, ...said, ...(next !== undefined && { next }) };
  const advice = 'Give bounds, start elsewhere, or have it begin anew: restarts.';
  return { status: 'stalled' as const, message: `${message} ${slope}`, ...said, next: advice };
}

/** Coordinates from 0. */
const coordinatesOf = (which: 'all' | readonly number[] | undefined, dim: number): readonly number[] =>
  which === 'all' ? Array.from({ length: dim }, (_, k) => k) : (which ?? []).map((k) => k - 1);

/** f, whose values are passed to the recorder as they arrive. */
const recorded =
  (f: Objective['f'], recorder: Recorder): Objective['f'] =>
  (x, signal) => {
    const hear = (value: Value): Value => {
      recorder.tell(x as ArrayLike<number>, Number(value));
      return value;
    };
    const value = f(x, signal);
    return value instanceof Promise ? value.then(hear) : hear(value);
  };

/** One number stands for all coordinates. */
const spread = <T>(values: readonly T[] | undefined, dim: number): readonly T[] | undefined =>
  values?.length === 1 ? new Array<T>(dim).fill(values[0]) : values;
const forAll = (values: readonly number[] | undefined): number | readonly number[] | undefined =>
  values?.length === 1 ? values[0] : values;

/** Identifies the objective in checkpoints: values of one expression are not those of another. */
const searchOf = ({ name, variables }: Objective): string => `black-box search${variables ? ` of ${name}` : ''}`;

/**
 * The state from the checkpoint of an earlier run, if there is one. Throws if the file is not a checkpoint of a search.
 */
function stateIn({ text, name }: CheckpointStore, method: string): SearchState | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('{"southwell":"black-box checkpoint"')) {
    throw new RequestError(
      `${name} is a checkpoint of an earlier release: go on with that release, or start afresh with another file.`,
    );
  }
  return decodeCheckpoint<SearchState>(text, { method }).state;
}

/** The settings are part of the state, and the search reports which of them may differ. */
const keeping = ({ every, write }: CheckpointStore, method: string) => ({
  every,
  save: (kept: unknown, iteration: number): void => {
    const state = kept as SearchState;
    write?.(encodeCheckpoint({ method, problem: fingerprint(state.settings), iteration, state }));
  },
});
