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
  rhs: table(
    'right-hand sides, a column each, a row for each row of the matrix; without it b = A·1, whose solution is known',
    { optional: true, title: 'Right-hand sides' },
  ),
};

export const solveOptions = {
  method: option(choice({ auto: 'by what the matrix is', ...METHODS }), {
    title: 'Solver',
    about: 'factors, or steps to the tolerance; auto: by what the matrix is',
    argument: 'name',
    default: 'auto',
  }),
  preconditioner: option(choice({ auto: 'the first that the solver takes', ...PRECONDITIONERS }), {
    title: 'Preconditioner',
    about: 'of solvers that take steps',
    argument: 'name',
    default: 'auto',
    only: { method: ['cg', 'minres', 'bicgstab', 'gmres'] },
  }),
  omega: option(positive(), {
    title: 'Relaxation',
    about: 'of SSOR, between 0 and 2',
    argument: 'factor',
    default: 1.2,
    only: { preconditioner: ['ssor'] },
    form: advanced,
  }),
  dropTolerance: option(real(0, 1), {
    title: 'Drop tolerance',
    about: 'incomplete factors: entries below this share of their row are left out',
    argument: 'share',
    otherwise: 'the entries of the matrix are kept, and no others',
    only: { preconditioner: ['incomplete-cholesky', 'incomplete-lu'] },
    form: advanced,
  }),
  restart: option(whole(1), {
    title: 'Restart',
    about: 'steps until GMRES begins anew',
    argument: 'steps',
    default: 30,
    only: { method: ['gmres'] },
    form: advanced,
  }),
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'of solvers that take steps: ‖b − Ax‖ as a share of ‖b‖',
    argument: 'share',
    default: 1e-10,
    only: steps,
    group,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Most steps',
    about: 'of solvers that take them',
    otherwise: 'ten times the unknowns, from 100 to 10 000',
    only: steps,
    group,
    form: { hint: 'by the unknowns', ...advanced },
  }),
  timeLimit: timeLimitOption('of steps', group, { only: steps }),
  ...readingOptions,
};

export type SolveRequest = RequestOf<typeof solveInputs, typeof solveOptions>;
export type SolveValues = ValuesOf<typeof solveOptions>;
