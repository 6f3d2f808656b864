import { factoriseRecords, solveRecords } from 'southwell/linear-systems';
import { readingOptions, TABLE, timeLimitOption } from '../declaration/data-options.ts';
import { input, table } from '../declaration/input.ts';
import type { About, ValuesOf } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import type { RequestOf } from '../declaration/task.ts';

const group = 'The run:';
const advanced = { advanced: true };
const steps = { method: ['auto', 'cg', 'minres', 'bicgstab', 'gmres', 'lsmr'] };

export const solveInputs = {
  data: input('matrix', `the matrix: Matrix Market, or all columns of a table (${TABLE})`),
  rhs: table('right-hand sides, one per column; default b = A·1, whose solution is known', {
    optional: true,
    title: 'Right-hand sides',
  }),
};

/** What only the task knows about options of the library. */
const ownOptions: Readonly<Record<string, Partial<About>>> = {
  preconditioner: { only: { method: ['cg', 'minres', 'bicgstab', 'gmres'] } },
  omega: { only: { preconditioner: ['ssor'] }, form: advanced },
  dropTolerance: { only: { preconditioner: ['incomplete-cholesky', 'incomplete-lu'] }, form: advanced },
  restart: { only: { method: ['gmres'] }, form: advanced },
  tol: { only: steps, group, form: advanced },
  maxIter: { only: steps, group, form: { hint: 'by the unknowns', ...advanced } },
};

export const solveOptions = {
  ...optionsOf({ ...factoriseRecords, ...solveRecords }, (name) => ownOptions[name] ?? {}),
  timeLimit: timeLimitOption('time limit of iterative solvers', group, { only: steps }),
  ...readingOptions,
};

export type SolveRequest = RequestOf<typeof solveInputs, typeof solveOptions>;
export type SolveValues = ValuesOf<typeof solveOptions>;
