import { type HighsBasis, HighsEngine, type HighsResult } from '@southwell/engines';
import { runAsync, SouthwellError, type Status } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import {
  boundedLbfgsIterates,
  type InteriorPointIterate,
  type InteriorPointOptions,
  interiorPointIterates,
  methodFor,
  type NonlinearIterate,
  type NonlinearMethod,
  optimalityResiduals,
  programLagrangianIterates,
  programOf,
  type QpStart,
  quadraticIterates,
  type Residuals,
  sqpIterates,
} from 'southwell/constrained';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { Course, columnsOf, type History, tell } from './course.ts';
import type { Instance } from './instance.ts';
import { leastViolation } from './leastViolation.ts';
import type { MethodName } from './options.ts';

/** Limits of a run, and what is started from. */
export interface Asked {
  readonly method: MethodName;
  readonly tol: number;
  readonly maxIter: number;
  readonly timeLimit?: number;
  readonly interior: InteriorPointOptions;
  readonly why: boolean;
}

/** What a solver found, for the model as a minimisation. */
export interface Answer {
  readonly method: string;
  readonly because: string;
  readonly status: Status;
  readonly x: Float64Array;
  /** Absent where integers have none. */
  readonly rows?: Float64Array;
  readonly bounds?: Float64Array;
  readonly iterations: number;
  readonly work: Readonly<Record<string, number>>;
  readonly ray?: Float64Array;
  /** Names of rows and bounds that cannot hold together. */
  readonly conflict?: { readonly names: readonly string[]; readonly minimal: boolean };
  readonly next?: string;
  /** Whether a stalled run met the conditions but for rounding of the variables. */
  readonly rounded?: boolean;
  /** Of the simplex method, at the end. */
  readonly basis?: HighsBasis;
  /** Whether the run began with given multipliers. */
  readonly warm?: boolean;
  /** Where the functions need not be evaluated again: the objective, the rows and the residuals at the end. */
  readonly known?: { readonly objective: number; readonly values: Float64Array; readonly residuals: Residuals };
  readonly history?: History;
}

/** Solves a program by the method that is asked for, or that suits its kind. */
export async function solveBy(instance: Instance, asked: Asked, tools: TaskTools): Promise<Answer> {
  const { method } = asked;
  const { kind, model } = instance;
  const { spell } = tools;
  if (instance.integer.some((v) => v === 1)) return withIntegers(instance, asked, tools);
  if (method === 'sqp' || method === 'augmented-lagrangian' || method === 'bounded-lbfgs') {
    return byNonlinear(instance, method, ASKED, asked, tools);
  }
  if (kind === 'nonlinear' || !model) {
    if (method !== 'auto' && method !== 'interior-point') {
      throw new RequestError(
        `${spell('method', method)} solves linear and quadratic programs, but this one is nonlinear.`,
      );
    }
    const [chosen, because] = method === 'auto' ? nonlinearMethod(instance, asked) : [method, ASKED];
    return byNonlinear(instance, chosen, because, asked, tools);
  }
  if (method === 'highs') return byHighs(instance, model, asked, tools, ASKED);
  if (method !== 'auto') return byQuadratic(instance, model, method, ASKED, asked, tools);
  if (kind === 'quadratic')
    return byQuadratic(instance, model, 'auto', 'the model is a quadratic program', asked, tools);
  try {
    return await byHighs(instance, model, asked, tools, 'the model is linear');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return byQuadratic(
      instance,
      model,
      'interior-point',
      'the model is linear, and HiGHS is not installed',
      asked,
      tools,
    );
  }
}

/** Multipliers below this share of the largest one count as zero. */
const SHARE = 1e-4;

const FIRST_ORDER =
  'the objective is not convex, so that the point meets first-order conditions and need not be an optimum';
const NOT_CONVEX = 'the quadratic objective is not convex: the point is at best a local optimum';
const ASKED = 'it was asked for';

const isMissing = (error: unknown): boolean => error instanceof SouthwellError && error.code === 'NOT_SUPPORTED';

async function withIntegers(instance: Instance, asked: Asked, { spell, ...tools }: TaskTools): Promise<Answer> {
  const { kind, model } = instance;
  const { method } = asked;
  if (kind === 'nonlinear' || !model) {
    throw new RequestError(
      `The model has integer variables in a nonlinear program, which no method here solves: ${spell('relax', true)} lets them have fractional values.`,
    );
  }
  if (method !== 'auto' && method !== 'highs') {
    throw new RequestError(
      `${spell('method', method)} solves continuous models, but this one has integer variables: ${spell('method', 'highs')} solves it, and ${spell('relax', true)} lets them have fractional values.`,
    );
  }
  return byHighs(instance, model, asked, { spell, ...tools }, 'the model has integer variables');
}

/** The method of a nonlinear program, and why. */
function nonlinearMethod({ program }: Instance, { interior }: Asked): readonly [NonlinearMethod, string] {
  const special = Object.keys(interior).length > 0;
  const method = special ? 'interior-point' : methodFor(program);
  if (method === 'sqp') return [method, 'the model is nonlinear, and the start has multipliers'];
  if (method === 'bounded-lbfgs') return [method, 'the model has bounds alone, and no second derivatives'];
  return [method, 'the model is nonlinear'];
}

const nonlinearNames: Readonly<Record<NonlinearMethod, string>> = {
  'interior-point': 'interior points with a filter line search',
  sqp: 'sequential quadratic programming',
  'augmented-lagrangian': 'augmented Lagrangians',
  'bounded-lbfgs': 'L-BFGS-B',
};

function iteratesBy(
  { program }: Instance,
  method: NonlinearMethod,
  { tol, interior }: Asked,
): Iterable<NonlinearIterate | InteriorPointIterate> {
  if (method === 'interior-point') return interiorPointIterates(program, { tol, ...interior });
  if (method === 'sqp') return sqpIterates(program, { tol });
  return method === 'bounded-lbfgs'
    ? boundedLbfgsIterates(program, { tol })
    : programLagrangianIterates(program, { tol });
}

async function byNonlinear(
  instance: Instance,
  method: NonlinearMethod,
  because: string,
  asked: Asked,
  tools: TaskTools,
): Promise<Answer> {
  const { program } = instance;
  const { maxIter, timeLimit, interior } = asked;
  const { spell } = tools;
  if (method !== 'interior-point' && Object.keys(interior).length > 0) {
    throw new RequestError(
      `Barrier, scaling and approximation of the Hessian are options of ${spell('method', 'interior-point')}; ${spell('method', method)} has none of them.`,
    );
  }
  const m = program.functions.constraints;
  if (method === 'bounded-lbfgs' && m > 0) {
    throw new RequestError(
      `${spell('method', method)} solves programs with bounds alone, but this one has ${count(m, 'row')}.`,
    );
  }
  const course = new Course(instance, tools);
  let rounded = false;
  function* told(): Generator<NonlinearIterate> {
    for (const it of iteratesBy(instance, method, asked)) {
      rounded = it.rounded === true;
      // The last iterate repeats the one before it.
      if (!it.done) course.add(it, { rows: it.primalError, 'gradient of the Lagrangian': it.dualError });
      tell(tools, it.iteration, it.objective, columnsOf(it));
      yield it;
    }
  }
  const solution = await runAsync(told(), { maxIter, timeLimit, signal: tools.signal });
  const { point, status, iterations, work, next, objective } = solution;
  const { x, rows, bounds, values, residuals } = point;
  return {
    ...{ method: nonlinearNames[method], because, status, iterations, next, rounded, history: course.history },
    ...{ x, rows, bounds, known: { objective, values, residuals } },
    warm: program.startMultipliers !== undefined,
    ...(status === 'infeasible' && { conflict: { names: inConflict(program, rows, bounds), minimal: false } }),
    work: Object.fromEntries(Object.entries(work).map(([counter, times]) => [counter, times ?? 0])),
  };
}

/** Rows and bounds with a share in the least violation, the largest first. */
function inConflict({ names, rowNames }: Instance['program'], rows: Float64Array, bounds: Float64Array): string[] {
  const shares = [
    ...rowNames.map((name, i) => ({ name, share: Math.abs(rows[i]) })),
    ...names.map((name, j) => ({ name, share: Math.abs(bounds[j]) })),
  ];
  const most = shares.reduce((a, { share }) => Math.max(a, share), 0);
  return shares
    .filter(({ share }) => share > SHARE * most)
    .sort((a, b) => b.share - a.share)
    .map(({ name }) => name);
}

async function byQuadratic(
  instance: Instance,
  model: Model,
  method: MethodName,
  because: string,
  asked: Asked,
  tools: TaskTools,
): Promise<Answer> {
  const { tol, maxIter, timeLimit } = asked;
  const { program } = programOf(model);
  const course = new Course(instance, tools);
  const solution = await runAsync(
    quadraticIterates(program, { tol, method: method as 'auto' }, { start: startOf(instance) }),
    {
      ...{ maxIter, timeLimit, signal: tools.signal },
      onIterate: (it) => {
        const { iteration, objective, certificate } = it;
        const error = certificate?.relative ?? Number.NaN;
        course.add(it, { 'largest, relative': error });
        tell(tools, iteration, objective, {
          iter: String(iteration),
          objective: number(objective, 8),
          error: number(error, 2),
        });
      },
    },
  );
  const { point, status, iterations, next } = solution;
  const { x, rows, bounds, ray, infeasibility, convex } = point;
  // A first-order point of such a program may be a saddle or a worst one.
  const proved = status === 'infeasible' || status === 'unbounded';
  if (!convex && method === 'auto' && !proved) {
    return await byNonlinear(instance, 'interior-point', NOT_CONVEX, asked, tools);
  }
  const conflict = infeasibility && {
    names: Array.from(infeasibility.worst, (i) => model.rows.names[i]),
    minimal: false,
  };
  return {
    ...{
      method: 'quadratic programming',
      because: convex ? because : `${because}; ${FIRST_ORDER}`,
      status,
      x,
      rows,
      bounds,
      iterations,
      next,
      work: {},
      history: course.history,
      warm: instance.program.startMultipliers !== undefined,
    },
    ...(ray && { ray }),
    ...(conflict && { conflict }),
  };
}

/** An earlier solution as a start: sides with a multiplier are taken for active. */
function startOf({ program: { start, startMultipliers } }: Instance): QpStart | undefined {
  if (!start || !startMultipliers) return undefined;
  const [rows, bounds] = [startMultipliers.rows, startMultipliers.bounds].map((v) => Float64Array.from(v ?? []));
  const active = (multipliers: Float64Array) => Int8Array.from(multipliers, (v) => -Math.sign(v));
  return { x: Float64Array.from(start), rows, bounds, active: { rows: active(rows), bounds: active(bounds) } };
}

async function byHighs(
  { basis, program }: Instance,
  model: Model,
  asked: Asked,
  tools: TaskTools,
  because: string,
): Promise<Answer> {
  const { start: x } = model.variables;
  const engine = new HighsEngine();
  const limits = { timeLimit: asked.timeLimit, signal: tools.signal };
  try {
    const found = await engine.solve(model, {
      ...{ ...limits, explain: asked.why },
      // Integers are not proved optimal to more than the gap, and their bounds take longer to such a tolerance.
      ...(!model.variables.integer.some((v) => v === 1) && { tolerance: Math.min(Math.max(asked.tol, 1e-10), 1e-7) }),
      ...((x || basis) && { start: { x, basis } }),
      onProgress: ({ iterations, nodes, objective, bound }) =>
        tell(tools, iterations, objective, {
          iter: String(iterations),
          nodes: String(nodes),
          objective: number(objective ?? Number.NaN, 8),
          bound: number(bound ?? Number.NaN, 8),
        }),
    });
    const answer = toTolerance(answerOf(found, model, because), program, asked.tol);
    if (answer.status !== 'infeasible' || found.x) return answer;
    const { x: least } = await engine.solve(leastViolation(model), limits);
    return least ? { ...answer, x: least.slice(0, answer.x.length) } : answer;
  } finally {
    engine.close();
  }
}

/** The answer, stalled if its multipliers do not show that it is an optimum. */
function toTolerance(answer: Answer, program: Instance['program'], tol: number): Answer {
  const { status, x, rows, bounds } = answer;
  if (status !== 'converged' || !rows || !bounds) return answer;
  const { relative } = optimalityResiduals(program, { x, rows, bounds });
  if (relative <= tol) return answer;
  const next = `HiGHS takes this point for an optimum, but its errors are up to ${number(relative, 2)}: another method may reduce them.`;
  return { ...answer, status: 'stalled', next };
}

function answerOf(found: HighsResult, model: Model, because: string): Answer {
  const { status, x, rowMultipliers, reducedCosts, basis, conflict, ray, iterations, nodes, message } = found;
  // Multipliers are those of the minimisation.
  const sign = model.objective.sense === 'maximize' ? -1 : 1;
  const signed = (values: Float64Array | undefined) => values?.map((v) => sign * v);
  return {
    ...{ method: 'HiGHS', because, status, iterations, work: { nodes }, next: message },
    x: x ?? new Float64Array(model.variables.names.length).fill(Number.NaN),
    rows: signed(rowMultipliers),
    bounds: signed(reducedCosts),
    basis,
    ...(status === 'unbounded' && ray && { ray }),
    ...(conflict && {
      conflict: { names: [...conflict.rows, ...conflict.bounds].map(({ name }) => name), minimal: true },
    }),
  };
}
