import { readSol, writeSol } from '@southwell/data';
import type { HighsBasis } from '@southwell/engines';
import type { Status } from '@southwell/numerics/core';
import type { Suffix } from '@southwell/numerics/expressions';
import type { Violated } from 'southwell/constrained';
import { endedText } from '../ended.ts';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';
import type { Instance } from './instance.ts';
import type { Answer } from './solvers.ts';

/** How a solver ended, as Ipopt numbers it for AMPL. */
const CODES: Readonly<Record<Status, number>> = {
  converged: 0,
  completed: 0,
  stalled: 500,
  infeasible: 200,
  unbounded: 300,
  'iteration-limit': 400,
  'time-limit': 402,
  aborted: 403,
  diverged: 501,
  failed: 554,
};

/** Ipopt's number of a point that is acceptable, but not to the tolerance. */
const ACCEPTABLE = 1;

/** Rows and bounds that the message of a solution file names. */
const NAMED = 10;

/**
 * The solution as a .sol file, with multipliers in the sense of the model, and those of bounds as Ipopt writes them.
 * @param violated The rows and bounds that the point violates, the worst first.
 */
export function solutionText(
  { program, options }: Instance,
  answer: Answer,
  sign: number,
  violated: readonly Violated[],
): string {
  const { x, rows, bounds, basis, status, rounded, next } = answer;
  const ended = `southwell: ${endedText(status).replace(/,$/, '')}.`;
  const found = x.every(Number.isFinite);
  const signed = (values: Float64Array) => values.map((v) => (v === 0 ? 0 : sign * v));
  const suffix = (name: string, values: Float64Array) => ({
    ...{ name, of: 'variables' as const, whole: false },
    indices: Int32Array.from(values, (_, k) => k),
    values: signed(values),
  });
  return writeSol({
    message: [ended, ...(rounded && next ? [next] : []), ...whatFails(answer, violated)].join('\n'),
    options,
    ...{ rows: program.rowNames.length, variables: program.names.length, status: rounded ? ACCEPTABLE : CODES[status] },
    ...(found && { x }),
    ...(found && rows && { multipliers: signed(rows) }),
    suffixes: [
      ...(bounds
        ? [
            suffix(
              'ipopt_zU_out',
              bounds.map((v) => Math.min(v, 0)),
            ),
            suffix(
              'ipopt_zL_out',
              bounds.map((v) => Math.max(v, 0)),
            ),
          ]
        : []),
      ...(basis ? basisSuffixes(basis) : []),
    ],
  });
}

/** A basis in AMPL's numbers by those of HiGHS: basic, at the lower or upper bound, between absent ones. */
const [BASIC, LOWER, UPPER, BETWEEN] = [1, 3, 4, 6];
const STATES = [LOWER, BASIC, UPPER, BETWEEN];

const basisSuffixes = (basis: HighsBasis): Suffix[] =>
  (['variables', 'rows'] as const).map((of) => ({
    ...{ name: 'sstatus', of, whole: true },
    indices: Int32Array.from(basis[of], (_, k) => k),
    values: Float64Array.from(basis[of], (state) => STATES[state] ?? LOWER),
  }));

/** The basis in the suffixes of a solution, if they have one. */
function basisIn(suffixes: readonly Suffix[], variables: number, rows: number): HighsBasis | undefined {
  const states = (wanted: Suffix['of'], length: number) => {
    const found = suffixes.find(({ name, of }) => name === 'sstatus' && of === wanted);
    // Entries that are left out are basic, as in AMPL: a row that is not active.
    const out = new Int32Array(length).fill(STATES.indexOf(BASIC));
    found?.indices.forEach((index, k) => {
      out[index] = Math.max(0, STATES.indexOf(found.values[k]));
    });
    return found && out;
  };
  const [ofVariables, ofRows] = [states('variables', variables), states('rows', rows)];
  return ofVariables && (ofRows || rows === 0)
    ? { variables: ofVariables, rows: ofRows ?? new Int32Array(0) }
    : undefined;
}

/** What cannot be met, by name. */
function whatFails({ conflict }: Answer, violated: readonly Violated[]): string[] {
  const few = (names: readonly string[]) =>
    `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;
  return [
    ...(violated.length > 0
      ? [
          `Violated, the worst first: ${few(violated.map(({ name, violation }) => `${name} by ${number(violation, 3)}`))}.`,
        ]
      : []),
    ...(conflict ? [`Cannot hold together: ${few(conflict.names)}.`] : []),
  ];
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
    basis: basisIn(suffixes, n, m),
    ...(model && { model: { ...model, variables: { ...model.variables, ...(x && { start: x }) } } }),
  };
}
