import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail, SouthwellError } from '@southwell/numerics/core';
import { NotDefiniteError } from '@southwell/numerics/sparse';
import { type Attempt, isDirect, nameOf } from './methods.ts';
import type { NullSpace } from './nullSpace.ts';
import { type Prepared, prepare, type SetUp } from './prepared.ts';
import { withinMemory } from './system.ts';

/** Reason for a method that the caller chose. */
export const ASKED = 'it was asked for';

/**
 * Whether and how a factored matrix is singular. One solve shows whether the condition number may be that large; only
 * then is it estimated, by ten more.
 */
function singularity({ factor, determinant }: Prepared): string | undefined {
  if (!factor || !determinant) return undefined;
  if (determinant().sign === 0) return 'singular';
  const signs = Float64Array.from({ length: factor.n }, (_, i) => ((i * 2654435761) & 65536 ? 1 : -1));
  const grown = factor.solve(signs).reduce((most, v) => Math.max(most, Math.abs(v)), 0) * factor.oneNorm;
  if (grown < 1e13) return undefined;
  return factor.reciprocalCondition() < Number.EPSILON ? 'singular to working precision' : undefined;
}

/**
 * The first solver that can be set up, and the reasons why others cannot.
 * @throws the error of the last one.
 */
export function begin(
  A: CscMatrix,
  attempts: readonly Attempt[],
  setUp: Omit<SetUp, 'preconditioner'>,
  analysis: Parameters<typeof prepare>[3],
  nullSpace: NullSpace | undefined,
): { readonly prepared: Prepared; readonly attempts: readonly Attempt[]; readonly tried: string[] } {
  const tried: string[] = [];
  for (let k = 0; ; k++) {
    const attempt = attempts[k];
    const { method, preconditioner } = attempt;
    try {
      const own = nullSpace && isDirect(method) && method !== 'qr' ? nullSpace.grounded(A) : A;
      const prepared = withinMemory(own, `Setting up ${nameOf(attempt)} for a matrix`, () =>
        prepare(own, method, { ...setUp, preconditioner }, analysis),
      );
      // Factors hold copies.
      if (own !== A) own.free();
      const flaw = singularity(prepared);
      if (flaw !== undefined) {
        prepared.free();
        // A dense Cholesky factorisation that fails is followed by other methods, which give more information.
        const rest = attempts.slice(k + 1).some((other) => other.method === 'ldlt' || other.method === 'qr');
        tried.push(`${nameOf(attempt)}: the matrix is ${flaw}.`);
        if (rest || attempt.because === ASKED)
          fail('SINGULAR', `The matrix is ${flaw}: qr and lsmr solve in the sense of least squares.`);
        const qr: Attempt = { method: 'qr', preconditioner: 'none', because: `it is ${flaw}` };
        return { prepared: prepare(A, 'qr', { ...setUp, preconditioner: 'none' }), attempts: [qr], tried };
      }
      return { prepared, attempts: attempts.slice(k), tried };
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
