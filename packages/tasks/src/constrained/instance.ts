import { readModel } from '@southwell/data';
import type { HighsBasis } from '@southwell/engines';
import { functionsOf, type Model } from '@southwell/numerics/expressions';
import { moduleProgram, type NonlinearProgram } from 'southwell/constrained';
import { RequestError } from '../errors.ts';
import type { JobTools } from '../progress.ts';
import { type Kind, knownModel } from './kind.ts';
import type { ModelRequest } from './options.ts';
import { changedSides, type Sides } from './sides.ts';

/** A program to be solved, with all of its data: from a model file, or from a module with functions. */
export interface Instance {
  readonly name: string;
  readonly notes: readonly string[];
  readonly kind: Kind;
  readonly sense: 'minimize' | 'maximize';
  /** As a minimisation. */
  readonly program: NonlinearProgram & Sides;
  /** 1 for variables that must be whole numbers. */
  readonly integer: Uint8Array;
  /** Linear and quadratic ones: without nonlinear parts. Absent without a model file. */
  readonly model?: Model;
  /** Numbers that AMPL wants back in solution files. */
  readonly options?: readonly number[];
  /** Of the simplex method, of an earlier solution. */
  readonly basis?: HighsBasis;
  close?(): void;
}

/**
 * Reads the program of a request and changes it as requested. Throws for files and requests that are invalid.
 * @param warm Whether multipliers in the file are part of the initial point.
 */
export async function instanceOf(request: ModelRequest, tools: JobTools, warm = true): Promise<Instance> {
  if (/\.mjs$/i.test(request.model)) return ofModule(request, tools);
  const source = await tools.file!('model');
  const beside = async (ending: string) =>
    /\.nl(\.gz)?$/i.test(source.name) ? await tools.beside?.('model', ending) : undefined;
  const file = await readModel(source, { row: await beside('.row'), col: await beside('.col') });
  const notes = [...file.notes];
  const { kind, model: plain } = knownModel(file.model);
  const { variables, rows, objective } = plain;
  const integers = variables.integer.reduce((sum, v) => sum + v, 0);
  if (request.relax && integers > 0) notes.push(`${integers} integer variables may have fractional values.`);
  const integer = request.relax ? new Uint8Array(variables.integer.length) : variables.integer;
  const sides = changedSides(
    {
      ...{ lower: variables.lower, upper: variables.upper, names: variables.names },
      ...{ rowLower: rows.lower, rowUpper: rows.upper, rowNames: rows.names },
    },
    request,
  );
  const { lower, upper, rowLower, rowUpper } = sides;
  const startMultipliers = warm ? multipliersIn(plain) : undefined;
  const model: Model = {
    ...plain,
    variables: { ...variables, lower, upper, integer },
    rows: { ...rows, lower: rowLower, upper: rowUpper },
  };
  return {
    ...{ name: file.name, notes, kind, sense: objective.sense, integer, model, options: file.options },
    program: { ...sides, functions: functionsOf(model), start: variables.start, startMultipliers },
  };
}

/** The multipliers of a model file as a minimisation has them; undefined without any that is not 0. */
function multipliersIn({ variables, rows, objective, suffixes }: Model): NonlinearProgram['startMultipliers'] {
  const sign = objective.sense === 'maximize' ? -1 : 1;
  const given = rows.multipliers ?? new Float64Array(rows.names.length);
  const bounds = new Float64Array(variables.names.length);
  for (const { name, of, indices, values } of suffixes) {
    if (of !== 'variables' || !/^ipopt_z[LU]_in$/.test(name)) continue;
    indices.forEach((j, k) => {
      bounds[j] += sign * values[k];
    });
  }
  const found = given.map((v) => (Number.isNaN(v) ? 0 : sign * v));
  return [...found, ...bounds].some((v) => v !== 0) ? { rows: found, bounds } : undefined;
}

async function ofModule(request: ModelRequest, tools: JobTools): Promise<Instance> {
  const { host } = tools;
  if (!host) throw new RequestError('A module runs with the command alone, not on a page.');
  const { program, sense, close } = await moduleProgram(host.moduleUrl(request.model), tools.signal);
  const [n, m] = [program.functions.variables, program.functions.constraints];
  const full = (given: ArrayLike<number> | undefined, length: number, absent: number) =>
    given ? Float64Array.from(given) : new Float64Array(length).fill(absent);
  const names = program.names ?? Array.from({ length: n }, (_, j) => `x${j + 1}`);
  const rowNames = program.rowNames ?? Array.from({ length: m }, (_, i) => `c${i + 1}`);
  const sides = {
    ...{ names, lower: full(program.lower, n, Number.NEGATIVE_INFINITY) },
    ...{ rowNames, upper: full(program.upper, n, Number.POSITIVE_INFINITY) },
    ...{ rowLower: full(program.rowLower, m, 0), rowUpper: full(program.rowUpper, m, 0) },
  };
  try {
    return {
      ...{ name: request.model, notes: [], kind: 'nonlinear', sense, integer: new Uint8Array(n), close },
      program: { ...program, ...changedSides(sides, request) },
    };
  } catch (error) {
    close();
    throw error;
  }
}
