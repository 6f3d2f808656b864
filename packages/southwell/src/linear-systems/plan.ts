import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { ASKED } from './begin.ts';
import { choose, leastSquares } from './choice.ts';
import type { MatrixFacts } from './facts.ts';
import { METHODS, PRECONDITIONERS, type PreconditionerName, type SystemMethod, TAKES } from './methods.ts';

export interface FactoriseOptions {
  /** Default `auto`: by what the matrix is, see {@link matrixFacts}. */
  readonly method?: SystemMethod | 'auto';
  /** Default `auto`: the method's first. */
  readonly preconditioner?: PreconditionerName | 'auto';
  /** Of SSOR, between 0 and 2. Default 1.2. */
  readonly omega?: number;
  /** Of incomplete factors: entries below this share of their row are left out. Default: the pattern of A. */
  readonly dropTolerance?: number;
  /** Steps until GMRES begins anew. Default 30. */
  readonly restart?: number;
  /** How many right-hand sides are to be expected: of many, a factor is worth more. Default 1. */
  readonly solves?: number;
}

export const factoriseKeys: OptionKeys<FactoriseOptions> = {
  method: true,
  preconditioner: true,
  omega: true,
  dropTolerance: true,
  restart: true,
  solves: true,
};
/**
 * The solvers to try: those that were asked for, or what the matrix wants.
 * @throws INVALID_PARAMETER.
 */
export function planOf(A: CscMatrix, facts: MatrixFacts, options: FactoriseOptions, tol: number) {
  const { method = 'auto', preconditioner = 'auto' } = options;
  if (method === 'auto') {
    if (preconditioner !== 'auto') {
      fail(
        'INVALID_PARAMETER',
        `The preconditioner ${preconditioner} goes with a method that takes steps: say which, such as cg.`,
      );
    }
    return facts.rows === facts.cols ? choose(A, facts, tol, options.solves ?? 1) : leastSquares(facts);
  }
  if (facts.rows !== facts.cols && method !== 'qr' && method !== 'lsmr') {
    fail(
      'INVALID_PARAMETER',
      `A is ${facts.rows} × ${facts.cols}, and ${method} takes square matrices: qr and lsmr solve in the sense of least squares.`,
    );
  }
  if (!facts.symmetric && ['cholesky', 'ldlt', 'cg', 'minres'].includes(method)) {
    fail(
      'INVALID_PARAMETER',
      `A is not symmetric, and ${method} takes symmetric matrices: lu, gmres and bicgstab take others.`,
    );
  }
  const takes = TAKES[method];
  const chosen = preconditioner === 'auto' ? takes[0] : preconditioner;
  if (!takes.includes(chosen)) {
    fail('INVALID_PARAMETER', `${method} does not go with the preconditioner ${chosen}; it takes ${takes.join(', ')}.`);
  }
  return { attempts: [{ method, preconditioner: chosen, because: ASKED } as const] };
}

/** @throws INVALID_PARAMETER. */
export function setUpOf({
  method,
  preconditioner,
  omega = 1.2,
  dropTolerance,
  restart = 30,
  solves = 1,
}: FactoriseOptions) {
  wholeNumber('solves', solves, 1);
  if (method !== undefined && method !== 'auto' && !Object.hasOwn(METHODS, method)) {
    fail('INVALID_PARAMETER', `method is auto or one of ${Object.keys(METHODS).join(', ')}, not '${method}'.`);
  }
  if (preconditioner !== undefined && preconditioner !== 'auto' && !Object.hasOwn(PRECONDITIONERS, preconditioner)) {
    fail(
      'INVALID_PARAMETER',
      `preconditioner is auto or one of ${Object.keys(PRECONDITIONERS).join(', ')}, not '${preconditioner}'.`,
    );
  }
  return { omega, dropTolerance, restart };
}
