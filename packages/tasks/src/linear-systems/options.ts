import { METHODS, PRECONDITIONERS } from 'southwell/linear-systems';
import { readingOptions, TABLE, timeLimitOption } from '../declaration/data-options.ts';
import { input, table } from '../declaration/input.ts';
import { choice, option, positive, real, type ValuesOf, whole } from '../declaration/option.ts';
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

export const solveOptions = {
  method: option(choice({ auto: 'by what the matrix is', ...METHODS }), {
    title: 'Solver',
    about: 'direct or iterative solver; auto: by the properties of the matrix',
    argument: 'name',
    default: 'auto',
  }),
  preconditioner: option(choice({ auto: 'the first that the solver takes', ...PRECONDITIONERS }), {
    title: 'Preconditioner',
    about: 'preconditioner of iterative solvers',
    argument: 'name',
    default: 'auto',
    only: { method: ['cg', 'minres', 'bicgstab', 'gmres'] },
  }),
  omega: option(positive(), {
    title: 'Relaxation',
    about: 'SSOR relaxation factor, between 0 and 2',
    argument: 'factor',
    default: 1.2,
    only: { preconditioner: ['ssor'] },
    form: advanced,
  }),
  dropTolerance: option(real(0, 1), {
    title: 'Drop tolerance',
    about: 'drop tolerance of incomplete factorisations, relative to their row',
    argument: 'share',
    otherwise: 'the pattern of the matrix (no fill-in)',
    only: { preconditioner: ['incomplete-cholesky', 'incomplete-lu'] },
    form: advanced,
  }),
  restart: option(whole(1), {
    title: 'Restart',
    about: 'iterations between restarts of GMRES',
    argument: 'steps',
    default: 30,
    only: { method: ['gmres'] },
    form: advanced,
  }),
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'tolerance of iterative solvers: ‖b − Ax‖ relative to ‖b‖',
    argument: 'share',
    default: 1e-10,
    only: steps,
    group,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Maximum iterations',
    about: 'maximum iterations of iterative solvers',
    otherwise: 'ten times the number of unknowns, between 100 and 10 000',
    only: steps,
    group,
    form: { hint: 'by the unknowns', ...advanced },
  }),
  timeLimit: timeLimitOption('of steps', group, { only: steps }),
  ...readingOptions,
};

export type SolveRequest = RequestOf<typeof solveInputs, typeof solveOptions>;
export type SolveValues = ValuesOf<typeof solveOptions>;
