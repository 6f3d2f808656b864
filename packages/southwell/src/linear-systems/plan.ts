import type { CscMatrix } from '@southwell/numerics/arrays';
import { choiceOption, fail, integerOption, limitOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { ASKED, type Begun } from './begin.ts';
import { choose, leastSquares } from './choice.ts';
import type { MatrixFacts } from './facts.ts';
import { keepsSymmetry, METHODS, PRECONDITIONERS, TAKES, type Undecided } from './methods.ts';
import type { SetUp } from './prepared.ts';
import type { PlainFactor, Scaling } from './solver.ts';

export const factoriseRecords = {
  /** Solver. Default `auto`: by the properties of the matrix, see {@link matrixFacts}. */
  method: choiceOption(
    { auto: 'by what the matrix is', ...METHODS },
    {
      title: 'Solver',
      about: 'direct or iterative solver; auto: by the properties of the matrix',
      argument: 'name',
      default: 'auto',
    },
  ),
  /** Preconditioner of iterative solvers. Default `auto`: the first one of the solver. */
  preconditioner: choiceOption(
    { auto: 'the first that the solver takes', ...PRECONDITIONERS },
    {
      title: 'Preconditioner',
      about: 'preconditioner of iterative solvers',
      argument: 'name',
      default: 'auto',
    },
  ),
  /** SSOR relaxation factor, between 0 and 2. Default 1.2. */
  omega: numberOption(
    { min: 0, open: true },
    { title: 'Relaxation', about: 'SSOR relaxation factor, between 0 and 2', argument: 'factor', default: 1.2 },
  ),
  /** Drop tolerance of incomplete factorisations, relative to the row. Default: the pattern of A (no fill-in). */
  dropTolerance: numberOption(
    { min: 0, max: 1 },
    {
      title: 'Drop tolerance',
      about: 'drop tolerance of incomplete factorisations, relative to their row',
      argument: 'tolerance',
      otherwise: 'the pattern of the matrix (no fill-in)',
    },
  ),
  /** Number of iterations between restarts of GMRES. Default 30. */
  restart: limitOption(1, {
    title: 'Restart',
    about: 'iterations between restarts of GMRES',
    argument: 'steps',
    default: 30,
  }),
  /** Expected number of right-hand sides: the more, the more a factorisation pays. Default 1. */
  solves: integerOption({ min: 1 }),
};

export interface FactoriseOptions extends OptionsOf<typeof factoriseRecords> {}

/** A saved factorisation. */
export interface Saved {
  readonly rows: number;
  readonly cols: number;
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
  readonly attempts: Begun['attempts'];
  readonly setUp: Omit<SetUp, 'preconditioner'>;
  readonly factor?: PlainFactor;
  readonly scaling?: Scaling;
  readonly weighted?: boolean;
  readonly grounded: boolean;
}

/** @throws INVALID_FORMAT unless the options of a saved factorisation are in their ranges. */
export function checkSaved(options: FactoriseOptions | Undecided): void {
  if ('digits' in options && !Number.isFinite(options.digits)) fail('INVALID_FORMAT', 'its digits must be a number.');
  for (const [name, { allows, range }] of Object.entries(factoriseRecords)) {
    const value = (options as FactoriseOptions)[name as keyof typeof factoriseRecords];
    if (value !== undefined && !allows(value))
      fail('INVALID_FORMAT', `its ${name} must be ${range}, but is ${String(value)}.`);
  }
}

/**
 * The solvers to try: the requested one, or those that suit the matrix.
 * @param uneven Whether rows or columns differ very much in size.
 * @throws INVALID_PARAMETER.
 */
export function planOf(A: CscMatrix, facts: MatrixFacts, options: FactoriseOptions, tol: number, uneven: boolean) {
  const { method = 'auto', preconditioner = 'auto' } = options;
  if (method === 'auto') {
    if (preconditioner !== 'auto') {
      fail(
        'INVALID_PARAMETER',
        `The preconditioner ${preconditioner} needs an iterative method: choose one, such as cg.`,
      );
    }
    const { solves = 1 } = options;
    return facts.rows === facts.cols ? choose(A, facts, tol, uneven, solves) : leastSquares(facts, solves);
  }
  if (facts.rows !== facts.cols && method !== 'qr' && method !== 'lsmr') {
    fail(
      'INVALID_PARAMETER',
      `A is ${facts.rows} × ${facts.cols}, but ${method} takes square matrices: qr and lsmr solve least-squares problems.`,
    );
  }
  if (!facts.symmetric && keepsSymmetry(method)) {
    fail(
      'INVALID_PARAMETER',
      `A is not symmetric, but ${method} takes symmetric matrices: lu, gmres and bicgstab take others.`,
    );
  }
  const takes = TAKES[method];
  const chosen = preconditioner === 'auto' ? takes[0] : preconditioner;
  if (!takes.includes(chosen)) {
    fail(
      'INVALID_PARAMETER',
      `${method} does not support the preconditioner ${chosen}; it supports ${takes.join(', ')}.`,
    );
  }
  return { attempts: [{ method, preconditioner: chosen, because: ASKED } as const] };
}

/** Parameters of the set-up, with defaults. */
export const setUpOf = ({ omega = 1.2, dropTolerance, restart = 30 }: FactoriseOptions) => ({
  omega,
  dropTolerance,
  restart,
});
