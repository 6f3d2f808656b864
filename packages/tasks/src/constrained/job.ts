import { whatNext } from '@southwell/numerics/core';
import { checkDerivatives, optimalityResiduals, sensitivity, violatedAmong } from 'southwell/constrained';
import type { TaskTools } from '../declaration/task.ts';
import { count } from '../format.ts';
import { type Instance, instanceOf } from './instance.ts';
import type { ModelRequest } from './options.ts';
import type { ModelResult } from './result.ts';
import { type Settings, settingsOf } from './settings.ts';
import { indexOf } from './sides.ts';
import { solutionText, startedFrom } from './solution.ts';
import { type Answer, solveBy } from './solvers.ts';

/** Distance from a bound, relative to its size, at which a value counts as being there. */
const AT = 1e-6;

/** Reads a model, changes it as requested, solves it and says what binds. Throws if the request or the file is invalid. */
export async function modelJob(request: ModelRequest, tools: TaskTools): Promise<ModelResult> {
  const started = performance.now();
  const settings = settingsOf(request.settings);
  const read = await instanceOf(request, tools, settings.warm);
  try {
    const instance = request.start === undefined ? read : startedFrom(await tools.contents!('start'), read);
    const derivatives =
      (settings.checkDerivatives ?? request.checkDerivatives) ? mismatches(instance, tools) : undefined;
    const answer = await solveBy(
      instance,
      {
        method: request.method,
        tol: settings.tol ?? request.tol,
        maxIter: settings.maxIter ?? request.maxIter,
        timeLimit: settings.timeLimit ?? request.timeLimit,
        interior: settings.interior,
        why: request.why === true,
      },
      tools,
    );
    return {
      ...described(request, tools, instance, answer),
      data: {
        name: instance.name,
        notes: [...instance.notes, ...notesOf(settings, request, answer), ...checkedNotes(instance, derivatives)],
      },
      ...(derivatives && { derivatives }),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    read.close?.();
  }
}

/** What the run made of options and of the file. */
const notesOf = ({ unused }: Settings, { start }: ModelRequest, answer: Answer): string[] => [
  ...(unused.length > 0
    ? [`These options of Ipopt have no meaning here and were left out: ${unused.join(', ')}.`]
    : []),
  ...(answer.warm && start === undefined
    ? ['The run started with the multipliers of the file: warm_start_init_point=no leaves them out.']
    : []),
];

/** Derivatives that differ from differences at the initial point, moved a little: at 0 too many agree by chance; undefined if the run is stopped. */
function mismatches({ program, sense }: Instance, { signal }: TaskTools): ModelResult['derivatives'] {
  const { functions, names, rowNames, lower, upper, start } = program;
  const x = names.map((_, j) => {
    const given = start?.[j] || 0;
    const moved = given + 0.01 * (1 + Math.abs(given)) * (0.5 + (((j + 1) * Math.SQRT2) % 1));
    return Math.min(Math.max(moved, lower[j]), upper[j]);
  });
  try {
    return checkDerivatives(functions, x).map(({ of, row, variables, given, byDifferences }) => {
      const sign = row === undefined && sense === 'maximize' ? -1 : 1;
      return {
        of: row === undefined ? of : rowNames[row],
        by: variables.map((j) => names[j]),
        ...{ given: finite(sign * given), byDifferences: finite(sign * byDifferences) },
      };
    });
  } catch (error) {
    // The solver ends at once as well, with the initial point.
    if (signal?.aborted) return undefined;
    throw error;
  }
}

function checkedNotes({ program }: Instance, derivatives: ModelResult['derivatives']): string[] {
  if (!derivatives) return [];
  const differing = derivatives.length;
  if (differing > 0) {
    const differ = differing === 1 ? 'differs' : 'differ';
    return [`${count(differing, 'derivative')} ${differ} from differences near the initial point.`];
  }
  const which = program.functions.hessian ? 'First and second' : 'First';
  return [`${which} derivatives agree with differences near the initial point.`];
}

function described(
  request: ModelRequest,
  tools: TaskTools,
  instance: Instance,
  answer: Answer,
): Omit<ModelResult, 'data' | 'seconds'> {
  const { program, kind, sense, integer } = instance;
  const { lower, upper, rowLower, rowUpper, names, rowNames, functions } = program;
  const [n, m] = [names.length, rowNames.length];
  const sign = sense === 'maximize' ? -1 : 1;
  const { x, status } = answer;
  const found = { x, rows: answer.rows ?? new Float64Array(m), bounds: answer.bounds ?? new Float64Array(n) };
  const { objective, values, residuals } = answer.known ?? evaluated(instance, found);
  const certain = answer.rows !== undefined;
  const price = (multipliers: Float64Array | undefined, k: number) => (multipliers ? sign * multipliers[k] : null);
  const violated = x.every(Number.isFinite) ? violatedAmong(program, x, values, Math.max(1e-8, request.tol)) : [];
  return {
    command: tools.command,
    model: {
      ...{ kind, sense, variables: n, rows: m, nonzeros: functions.jacobian.rowIndices.length },
      integers: countWhere(n, (j) => integer[j] === 1),
      fixed: countWhere(n, (j) => lower[j] === upper[j]),
      equalities: countWhere(m, (i) => rowLower[i] === rowUpper[i]),
    },
    solver: { method: answer.method, because: answer.because },
    objective: finite(sign * objective),
    residuals: {
      primal: finite(residuals.primal),
      dual: certain ? finite(residuals.dual) : null,
      complementarity: certain ? finite(residuals.complementarity) : null,
      relative: certain ? finite(residuals.relative) : null,
    },
    iterations: answer.iterations,
    work: { ...answer.work },
    variables: entries(names, x, lower, upper, (j) => price(answer.bounds, j)),
    rows: entries(rowNames, values, rowLower, rowUpper, (i) => price(answer.rows, i)),
    violated: violated.map((v) => ({ ...v, lower: finite(v.lower), upper: finite(v.upper) })),
    ...(answer.ray && { ray: byName(names, answer.ray) }),
    ...(answer.conflict && { conflict: answer.conflict }),
    ...(request.sensitivity !== undefined && { sensitivity: changesWith(instance, found, request.sensitivity, sign) }),
    advice: adviceOf(answer, request, tools),
    status,
    ...(status !== 'converged' && { next: nextOf(answer, tools) }),
    solText: solutionText(instance, answer, sign, violated),
    ...(tools.pictures && answer.history && { history: answer.history }),
  };
}

type Found = { readonly x: Float64Array; readonly rows: Float64Array; readonly bounds: Float64Array };

/** What a solver of another kind does not compute by the functions of the program. */
function evaluated({ program }: Instance, found: Found) {
  const values = new Float64Array(program.rowNames.length);
  program.functions.constraintValues(found.x, values);
  const objective = program.functions.objective(found.x);
  return { objective, values, residuals: optimalityResiduals(program, found) };
}

const finite = (v: number): number | null => (Number.isFinite(v) ? v : null);
const countWhere = (n: number, holds: (k: number) => boolean): number => {
  let count = 0;
  for (let k = 0; k < n; k++) if (holds(k)) count++;
  return count;
};
const byName = (names: readonly string[], values: Float64Array): Record<string, number> =>
  Object.fromEntries(names.flatMap((name, k) => (values[k] === 0 ? [] : [[name, values[k]]])));

function entries(
  names: readonly string[],
  values: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  multiplier: (k: number) => number | null,
): ModelResult['rows'] {
  return names.map((name, k) => {
    const near = (bound: number) =>
      Number.isFinite(bound) && Math.abs(values[k] - bound) <= AT * Math.max(1, Math.abs(bound));
    const [low, high] = [near(lower[k]), near(upper[k])];
    return {
      ...{ name, value: finite(values[k]), lower: finite(lower[k]), upper: finite(upper[k]) },
      multiplier: multiplier(k),
      at: low && high ? 'both' : low ? 'lower' : high ? 'upper' : null,
    };
  });
}

function changesWith({ program }: Instance, at: Found, name: string, sign: number): ModelResult['sensitivity'] {
  const row = program.rowNames.indexOf(name);
  const variable = program.names.indexOf(name);
  if (row < 0 && variable < 0) indexOf([...program.rowNames, ...program.names], name, 'row or variable');
  const of = row >= 0 ? { row } : { variable };
  const { objective, x } = sensitivity(program, at, of);
  return { name, objective: sign * objective, variables: byName(program.names, x) };
}

/** What to do after an end short of a solution: a stopped run goes on from its solution file. */
function nextOf({ status, next, rows }: Answer, { spell }: TaskTools): string | undefined {
  const stopped = status === 'iteration-limit' || status === 'time-limit' || status === 'aborted';
  if (stopped && rows) return `A solution file that ${spell('save')} has written is where ${spell('start')} goes on.`;
  return next ?? whatNext(status);
}

function adviceOf({ status, conflict }: Answer, { why }: ModelRequest, { spell }: TaskTools): string[] {
  if (status === 'infeasible' && !conflict && !why) {
    return [`${spell('why', true)} looks for few rows and bounds that cannot hold together.`];
  }
  return [];
}
