import { type HighsResult, solveWithHighs } from '@southwell/engines';
import { runAsync, SouthwellError, type Status } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import {
  type InteriorPointIterate,
  type InteriorPointOptions,
  interiorPointIterates,
  programOf,
  quadraticIterates,
  type Residuals,
} from 'southwell/constrained';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';
import type { Instance } from './instance.ts';
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
  /** Where the functions need not be evaluated again: the objective, the rows and the residuals at the end. */
  readonly known?: { readonly objective: number; readonly values: Float64Array; readonly residuals: Residuals };
  readonly history?: { iterations: number[]; primal: number[]; dual: number[] };
}

/** Solves a program by the method that is asked for, or that suits its kind. */
export async function solveBy(instance: Instance, asked: Asked, tools: TaskTools): Promise<Answer> {
  const { method } = asked;
  const { kind, model } = instance;
  const { spell } = tools;
  if (instance.integer.some((v) => v === 1)) return withIntegers(instance, asked, tools);
  if (kind === 'nonlinear' || !model) {
    if (method !== 'auto' && method !== 'interior-point') {
      throw new RequestError(
        `${spell('method', method)} solves linear and quadratic programs, but this one is nonlinear.`,
      );
    }
    return byInterior(instance, method === 'auto' ? 'the model is nonlinear' : ASKED, asked, tools);
  }
  if (method === 'highs') return byHighs(model, asked, tools, ASKED);
  if (method !== 'auto') return byQuadratic(instance, model, method, ASKED, asked, tools);
  if (kind === 'quadratic')
    return byQuadratic(instance, model, 'auto', 'the model is a quadratic program', asked, tools);
  try {
    return await byHighs(model, asked, tools, 'the model is linear');
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

const ASKED = 'it was asked for';

const isMissing = (error: unknown): boolean => error instanceof SouthwellError && error.code === 'NOT_SUPPORTED';

async function withIntegers({ kind, model }: Instance, asked: Asked, { spell, ...tools }: TaskTools): Promise<Answer> {
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
  return byHighs(model, asked, { spell, ...tools }, 'the model has integer variables');
}

async function byInterior({ program }: Instance, because: string, asked: Asked, tools: TaskTools): Promise<Answer> {
  const { tol, maxIter, timeLimit, interior } = asked;
  const history = { iterations: [] as number[], primal: [] as number[], dual: [] as number[] };
  function* told(): Generator<InteriorPointIterate> {
    for (const it of interiorPointIterates(program, { tol, ...interior })) {
      if (!it.done) {
        history.iterations.push(it.iteration);
        history.primal.push(it.primalError);
        history.dual.push(it.dualError);
      }
      tools.progress({ text: columnsOf(it), iteration: it.iteration, objective: it.objective });
      yield it;
    }
  }
  const solution = await runAsync(told(), { maxIter, timeLimit, signal: tools.signal });
  const { point, status, iterations, work, next, objective } = solution;
  const { x, rows, bounds, values, residuals } = point;
  return {
    ...{ method: 'interior points with a filter line search', because, status, iterations, next, history },
    ...{ x, rows, bounds, known: { objective, values, residuals } },
    ...(status === 'infeasible' && { conflict: { names: inConflict(program, rows, bounds), minimal: false } }),
    work: { factorisations: work.factorisations ?? 0, restorations: work.restorations ?? 0 },
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

/** The columns of Ipopt's table of iterations. */
function columnsOf(it: InteriorPointIterate): string {
  const small = (v: number) => v.toExponential(2);
  const logarithm = (v: number) => (v > 0 ? Math.log10(v).toFixed(1) : '-');
  return [
    `iter ${it.iteration}`,
    `objective ${number(it.objective, 8)}`,
    `inf_pr ${small(it.primalError)}`,
    `inf_du ${small(it.dualError)}`,
    `lg(mu) ${logarithm(it.mu)}`,
    `||d|| ${small(it.stepSize)}`,
    `lg(rg) ${logarithm(it.regularisation)}`,
    `alpha_du ${small(it.dualLength)}`,
    `alpha_pr ${small(it.primalLength)}${it.mark}`,
    `ls ${it.trials}`,
  ].join('  ');
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
  try {
    const solution = await runAsync(quadraticIterates(program, { tol, method: method as 'auto' }), {
      ...{ maxIter, timeLimit, signal: tools.signal },
      onIterate: ({ iteration, objective, certificate }) =>
        tools.progress({
          text: `iter ${iteration}  objective ${number(objective, 8)}  error ${number(certificate?.relative ?? Number.NaN, 2)}`,
          iteration,
          objective,
        }),
    });
    const { point, status, iterations, next } = solution;
    const { x, rows, bounds, ray, infeasibility } = point;
    const conflict = infeasibility && {
      names: Array.from(infeasibility.worst, (i) => model.rows.names[i]),
      minimal: false,
    };
    return {
      ...{ method: 'quadratic programming', because, status, x, rows, bounds, iterations, next, work: {} },
      ...(ray && { ray }),
      ...(conflict && { conflict }),
    };
  } catch (error) {
    // The objective is not convex.
    if (method !== 'auto' || !isMissing(error)) throw error;
    return byInterior(instance, 'the quadratic objective is not convex: the point is a local optimum', asked, tools);
  }
}

async function byHighs(model: Model, asked: Asked, tools: TaskTools, because: string): Promise<Answer> {
  const found = await solveWithHighs(model, {
    ...{ timeLimit: asked.timeLimit, signal: tools.signal, explain: asked.why },
    ...(model.variables.start && { start: { x: model.variables.start } }),
    onProgress: ({ iterations, nodes, objective, bound }) =>
      tools.progress({
        text: `iter ${iterations}  nodes ${nodes}  objective ${number(objective ?? Number.NaN, 8)}  bound ${number(bound ?? Number.NaN, 8)}`,
        iteration: iterations,
        objective,
      }),
  });
  return answerOf(found, model, because);
}

function answerOf(found: HighsResult, model: Model, because: string): Answer {
  const { status, x, rowMultipliers, reducedCosts, conflict, ray, iterations, nodes, message } = found;
  // Multipliers are those of the minimisation.
  const sign = model.objective.sense === 'maximize' ? -1 : 1;
  const signed = (values: Float64Array | undefined) => values?.map((v) => sign * v);
  return {
    ...{ method: 'HiGHS', because, status, iterations, work: { nodes }, next: message },
    x: x ?? new Float64Array(model.variables.names.length).fill(Number.NaN),
    rows: signed(rowMultipliers),
    bounds: signed(reducedCosts),
    ...(status === 'unbounded' && ray && { ray }),
    ...(conflict && {
      conflict: { names: [...conflict.rows, ...conflict.bounds].map(({ name }) => name), minimal: true },
    }),
  };
}
