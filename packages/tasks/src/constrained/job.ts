import { type ModelFile, readModel } from '@southwell/data';
import { nearestName, whatNext } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { optimalityResiduals, sensitivity, violations } from 'southwell/constrained';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { knownModel } from './kind.ts';
import type { ModelRequest } from './options.ts';
import type { ModelResult } from './result.ts';
import { settingsOf } from './settings.ts';
import { solutionText, startFrom } from './solution.ts';
import { type Answer, nonlinearOf, solveBy } from './solvers.ts';

/** Distance from a bound, relative to its size, at which a value counts as being there. */
const AT = 1e-6;

/** Reads a model, changes it as requested, solves it and says what binds. Throws if the request or the file is invalid. */
export async function modelJob(request: ModelRequest, tools: TaskTools): Promise<ModelResult> {
  const started = performance.now();
  const file = await modelOf(tools);
  const notes = [...file.notes];
  const settings = settingsOf(request.settings);
  if (settings.unused.length > 0) {
    notes.push(`These options of Ipopt have no meaning here and were left out: ${settings.unused.join(', ')}.`);
  }
  const changes = changed(file.model, request, notes);
  const start = request.start === undefined ? undefined : startFrom(await tools.contents!('start'), changes);
  const model = start ? start.model : changes;
  const known = knownModel(model);
  const answer = await solveBy(
    known,
    {
      method: request.method,
      tol: settings.tol ?? request.tol,
      maxIter: settings.maxIter ?? request.maxIter,
      timeLimit: settings.timeLimit ?? request.timeLimit,
      interior: settings.interior,
      why: request.why === true,
      multipliers: start?.multipliers,
    },
    tools,
  );
  return described(request, tools, { ...file, model, notes }, known.kind, answer, started);
}

async function modelOf(tools: TaskTools): Promise<ModelFile> {
  const source = await tools.file!('model');
  const names = /\.nl(\.gz)?$/i.test(source.name);
  const beside = async (ending: string) => (names ? await tools.beside?.('model', ending) : undefined);
  return readModel(source, { row: await beside('.row'), col: await beside('.col') });
}

/** The model with fixed variables, without integers and from another start, as requested. */
function changed(given: Model, { fix = [], relax }: ModelRequest, notes: string[]): Model {
  const { variables } = given;
  const [lower, upper] = [variables.lower.slice(), variables.upper.slice()];
  for (const text of fix) {
    const at = text.lastIndexOf('=');
    const name = text.slice(0, at);
    const value = Number(text.slice(at + 1));
    if (at < 1 || text.slice(at + 1).trim() === '' || !Number.isFinite(value)) {
      throw new RequestError(`'${text}' fixes nothing: write name=value.`);
    }
    const j = indexOf(variables.names, name, 'variable');
    lower[j] = upper[j] = value;
  }
  const integers = variables.integer.reduce((sum, v) => sum + v, 0);
  if (relax && integers > 0) notes.push(`${integers} integer variables may have fractional values.`);
  const integer = relax ? new Uint8Array(variables.integer.length) : variables.integer;
  return { ...given, variables: { ...variables, lower, upper, integer } };
}

function indexOf(names: readonly string[], name: string, what: string): number {
  const k = names.indexOf(name);
  if (k >= 0) return k;
  const near = nearestName(name, names);
  throw new RequestError(`The model has no ${what} '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`);
}

function described(
  request: ModelRequest,
  tools: TaskTools,
  file: ModelFile,
  kind: ModelResult['model']['kind'],
  answer: Answer,
  started: number,
): ModelResult {
  const { model, notes } = file;
  const { variables, rows, objective } = model;
  const [n, m] = [variables.names.length, rows.names.length];
  const program = nonlinearOf(model);
  const sign = objective.sense === 'maximize' ? -1 : 1;
  const { x, status } = answer;
  const values = new Float64Array(m);
  program.functions.constraintValues(x, values);
  const f = sign * program.functions.objective(x);
  const found = { x, rows: answer.rows ?? new Float64Array(m), bounds: answer.bounds ?? new Float64Array(n) };
  const errors = optimalityResiduals(program, found);
  const certain = answer.rows !== undefined;
  const price = (values: Float64Array | undefined, k: number) => (values ? sign * values[k] : null);
  const known = x.every(Number.isFinite);
  const violated = known ? violations(program, x, Math.max(1e-8, request.tol)) : [];
  return {
    command: tools.command,
    data: { name: file.name, notes },
    model: {
      ...{ kind, sense: objective.sense, variables: n, rows: m },
      nonzeros: program.functions.jacobian.rowIndices.length,
      integers: variables.integer.reduce((sum, v) => sum + v, 0),
      fixed: countWhere(n, (j) => variables.lower[j] === variables.upper[j]),
      equalities: countWhere(m, (i) => rows.lower[i] === rows.upper[i]),
    },
    solver: { method: answer.method, because: answer.because },
    objective: Number.isFinite(f) ? f : null,
    residuals: {
      primal: errors.primal,
      dual: certain ? errors.dual : null,
      complementarity: certain ? errors.complementarity : null,
      relative: certain ? errors.relative : null,
    },
    iterations: answer.iterations,
    work: { ...answer.work },
    variables: entries(variables.names, x, variables.lower, variables.upper, (j) => price(answer.bounds, j)),
    rows: entries(rows.names, values, rows.lower, rows.upper, (i) => price(answer.rows, i)),
    violated: violated.map((v) => ({ ...v, lower: finite(v.lower), upper: finite(v.upper) })),
    ...(answer.ray && { ray: byName(variables.names, answer.ray) }),
    ...(answer.conflict && { conflict: answer.conflict }),
    ...(request.sensitivity !== undefined && { sensitivity: derivatives(model, found, request.sensitivity, sign) }),
    advice: adviceOf(answer, request, tools),
    status,
    ...(status !== 'converged' && { next: answer.next ?? whatNext(status) }),
    seconds: (performance.now() - started) / 1000,
    solText: solutionText(file, answer, sign),
    ...(tools.pictures && answer.history && { history: answer.history }),
  };
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

function derivatives(
  model: Model,
  at: { x: Float64Array; rows: Float64Array; bounds: Float64Array },
  name: string,
  sign: number,
) {
  const { variables, rows } = model;
  const row = rows.names.indexOf(name);
  const of = row >= 0 ? { row } : { variable: indexOf([...variables.names], name, 'row or variable') };
  const { objective, x } = sensitivity(nonlinearOf(model), at, of);
  return { name, objective: sign * objective, variables: byName(variables.names, x) };
}

function adviceOf({ status, conflict }: Answer, { why }: ModelRequest, { spell }: TaskTools): string[] {
  if (status === 'infeasible' && !conflict && !why) {
    return [`${spell('why', true)} looks for few rows and bounds that cannot hold together.`];
  }
  return [];
}
