import { readSol, writeSol } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';
import { endedText } from '../ended.ts';
import { RequestError } from '../errors.ts';
import type { Instance } from './instance.ts';
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
export function solutionText({ program, options }: Instance, answer: Answer, sign: number): string {
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
    ...{ rows: program.rowNames.length, variables: program.names.length, status: CODES[status] },
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

/** The program from the point, and with the multipliers, of a solution file. Throws if it is of another model. */
export function startedFrom(text: string, instance: Instance): Instance {
  const { x, multipliers, suffixes = [] } = readSol(text);
  const { program, sense, model } = instance;
  const [n, m] = [program.names.length, program.rowNames.length];
  if (x && x.length !== n) {
    throw new RequestError(`The solution has ${x.length} variables, but the model has ${n}: it is of another model.`);
  }
  if (multipliers && multipliers.length !== m) {
    throw new RequestError(
      `The solution has multipliers of ${multipliers.length} rows, but the model has ${m}: it is of another model.`,
    );
  }
  const sign = sense === 'maximize' ? -1 : 1;
  const bounds = new Float64Array(n);
  for (const { name, indices, values } of suffixes) {
    if (!/^ipopt_z[LU]_out$/.test(name)) continue;
    indices.forEach((j, k) => {
      bounds[j] += sign * values[k];
    });
  }
  const startMultipliers = x && multipliers && { rows: multipliers.map((v) => sign * v), bounds };
  return {
    ...instance,
    program: { ...program, ...(x && { start: x }), startMultipliers },
    ...(model && { model: { ...model, variables: { ...model.variables, ...(x && { start: x }) } } }),
  };
}
