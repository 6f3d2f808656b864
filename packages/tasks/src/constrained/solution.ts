import { type ModelFile, readSol, writeSol } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { endedText } from '../ended.ts';
import { RequestError } from '../errors.ts';
import type { Answer } from './solvers.ts';

/** How AMPL numbers the ways in which a solver ends. */
const CODES: Readonly<Record<Status, number>> = {
  converged: 0,
  completed: 0,
  stalled: 100,
  infeasible: 200,
  unbounded: 300,
  'iteration-limit': 400,
  'time-limit': 401,
  aborted: 402,
  diverged: 500,
  failed: 501,
};

/** The solution as a .sol file, with multipliers in the sense of the model, and those of bounds as Ipopt writes them. */
export function solutionText({ model, options }: ModelFile, answer: Answer, sign: number): string {
  const { x, rows, bounds, status } = answer;
  const found = x.every(Number.isFinite);
  const signed = (values: Float64Array) => values.map((v) => (v === 0 ? 0 : sign * v));
  const suffix = (name: string, values: Float64Array) => ({
    ...{ name, of: 'variables' as const, whole: false },
    indices: Int32Array.from(values, (_, k) => k),
    values: signed(values),
  });
  return writeSol({
    message: `southwell: ${endedText(status).replace(/,$/, '')}.`,
    options,
    ...{ rows: model.rows.names.length, variables: model.variables.names.length, status: CODES[status] },
    ...(found && { x }),
    ...(found && rows && { multipliers: signed(rows) }),
    ...(bounds && {
      suffixes: [
        suffix(
          'ipopt_zU_out',
          bounds.map((v) => Math.min(v, 0)),
        ),
        suffix(
          'ipopt_zL_out',
          bounds.map((v) => Math.max(v, 0)),
        ),
      ],
    }),
  });
}

/** The initial point and multipliers from a solution file. Throws if it is of another model. */
export function startFrom(text: string, model: Model) {
  const { x, multipliers, suffixes = [] } = readSol(text);
  const [n, m] = [model.variables.names.length, model.rows.names.length];
  if (x && x.length !== n) {
    throw new RequestError(`The solution has ${x.length} variables, but the model has ${n}: it is of another model.`);
  }
  if (multipliers && multipliers.length > 0 && multipliers.length !== m) {
    throw new RequestError(
      `The solution has multipliers of ${multipliers.length} rows, but the model has ${m}: it is of another model.`,
    );
  }
  const sign = model.objective.sense === 'maximize' ? -1 : 1;
  const bounds = new Float64Array(n);
  for (const { name, indices, values } of suffixes) {
    if (!/^ipopt_z[LU]_out$/.test(name)) continue;
    indices.forEach((j, k) => {
      bounds[j] += sign * values[k];
    });
  }
  const warm = x !== undefined && (m === 0 || (multipliers?.length ?? 0) > 0);
  return {
    model: { ...model, variables: { ...model.variables, ...(x && { start: x }) } },
    ...(warm && { multipliers: { rows: (multipliers ?? new Float64Array(0)).map((v) => sign * v), bounds } }),
  };
}
