import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail, SouthwellError } from '@southwell/numerics/core';
import { type Equilibrated, equilibrate, NotDefiniteError } from '@southwell/numerics/sparse';
import { decide } from './choice.ts';
import type { MatrixFacts } from './facts.ts';
import { type Attempt, isDirect, keepsSymmetry, nameOf, type Planned } from './methods.ts';
import type { NullSpace } from './nullSpace.ts';
import { prepare, type SetUp } from './prepared.ts';
import { matters } from './scaled.ts';
import { deficientQr, isRefined, singularity } from './singular.ts';
import type { Prepared } from './solver.ts';
import { withinMemory } from './system.ts';

/** Reason for a method that the caller chose. */
export const ASKED = 'it was asked for';

/** A solver, and how its matrix is singular. */
interface Judged {
  readonly prepared: Prepared;
  readonly flaw: string | undefined;
}

/** Sets up a solver; a matrix that then seems to be singular is looked at again with scaled rows and columns. */
function judged(A: CscMatrix, scaled: boolean, symmetric: boolean, set: (scaling?: Equilibrated) => Prepared): Judged {
  const of = (scaling?: Equilibrated) => {
    const prepared = set(scaling);
    return { prepared, flaw: singularity(prepared) };
  };
  if (scaled) return of(equilibrate(A, symmetric));
  const first = of();
  if (first.flaw === undefined) return first;
  const scaling = equilibrate(A, symmetric);
  if (!matters(scaling)) {
    scaling.matrix.free();
    return first;
  }
  first.prepared.free();
  return of(scaling);
}

/** A solver that was set up, with what follows it. */
export interface Begun {
  readonly prepared: Prepared;
  readonly attempts: readonly [Attempt, ...Planned[]];
  /** Solvers tried before, and the reasons for rejecting them, as sentences. */
  readonly tried: string[];
}

/**
 * The first solver that can be set up, and the reasons why others cannot.
 * @param scaled Whether to scale rows and columns from the beginning.
 * @throws the error of the last one.
 */
export function begin(
  A: CscMatrix,
  facts: MatrixFacts,
  planned: readonly Planned[],
  setUp: Omit<SetUp, 'preconditioner'>,
  analysis: Parameters<typeof prepare>[3],
  nullSpace: NullSpace | undefined,
  scaled: boolean,
): Begun {
  const tried: string[] = [];
  let attempts = planned;
  let ordered = analysis;
  for (let k = 0; ; k++) {
    const next = attempts[k];
    if (!('method' in next)) {
      const plan = withinMemory(A, 'Ordering a matrix', () => decide(A, facts, next));
      ordered = plan.analysis;
      attempts = [...attempts.slice(0, k), ...plan.attempts, ...attempts.slice(k + 1)];
    }
    const attempt = attempts[k] as Attempt;
    const { method, preconditioner } = attempt;
    try {
      const own = nullSpace && isDirect(method) && method !== 'qr' ? nullSpace.grounded(A) : A;
      const { prepared, flaw } = withinMemory(own, `Setting up ${nameOf(attempt)} for a matrix`, () =>
        judged(own, scaled, keepsSymmetry(method), (scaling) =>
          prepare(own, method, { ...setUp, preconditioner }, ordered, scaling),
        ),
      );
      // Factors hold copies.
      if (own !== A) own.free();
      const found = { prepared, attempts: [attempt, ...attempts.slice(k + 1)] as const, tried };
      if (flaw === undefined) return found;
      // A Cholesky factorisation that fails is followed by other methods, which give more information.
      const rest = attempts
        .slice(k + 1)
        .some((other) => !('method' in other) || other.method === 'ldlt' || other.method === 'qr');
      if (!rest && isRefined(A, prepared)) return found;
      const qr = rest ? undefined : deficientQr(A, prepared);
      prepared.free();
      tried.push(`${nameOf(attempt)}: the matrix is ${flaw}.`);
      if (!qr || attempt.because === ASKED)
        fail('SINGULAR', `The matrix is ${flaw}: qr and lsmr solve in the sense of least squares.`);
      return { prepared: qr, attempts: [{ method: 'qr', preconditioner: 'none', because: `it is ${flaw}` }], tried };
    } catch (error) {
      const indefinite = error instanceof NotDefiniteError ? error.finding : undefined;
      if (indefinite !== undefined && k === attempts.length - 1)
        fail('SINGULAR', `${indefinite} Use method ldlt for indefinite matrices, or add to the diagonal.`);
      if (!(error instanceof SouthwellError) || k === attempts.length - 1) throw error;
      if (!['SINGULAR', 'NUMERICAL', 'INVALID_PARAMETER', 'NOT_SUPPORTED'].includes(error.code)) throw error;
      if (!tried.at(-1)?.startsWith(nameOf(attempt))) tried.push(`${nameOf(attempt)}: ${indefinite ?? error.message}`);
    }
  }
}
