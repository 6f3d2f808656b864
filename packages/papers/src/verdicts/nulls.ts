import type { ClaimId } from '../define.ts';
import type { Outcome } from '../experiment.ts';
import type { Claim } from '../record.ts';
import type { Size } from '../size.ts';
import type { NullKind } from './ledger.ts';

/**
 * A null experiment: an experiment of a paper with one function replaced, such that its claims should no longer hold. The
 * function, exported by a module of the shipped code, is replaced wherever it is imported, and nothing else is changed. A
 * claim that still holds is no evidence for the method. `npm run nulls` runs them.
 */
export interface Null {
  readonly id: string;
  /** What is done, such as `with zero as the answer` or `without the preconditioner`. */
  readonly says: string;
  readonly kinds: readonly NullKind[];
  /** The claims that should no longer hold. */
  readonly claims: readonly string[];
  /** The module that exports the function: a package and the path of the file under its `src`, without extension. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  /** The replacement, made from the original. */
  by(original: never): unknown;
}

/** The nulls of a paper (`nulls.ts` in its folder, the default export), bound to the claims of its record. */
export const nulls = <const R extends { readonly claims: readonly Claim[] }>(
  _record: R,
  list: ReadonlyArray<Null & { readonly claims: ReadonlyArray<ClaimId<R>> }>,
): readonly Null[] => list;

/** A verdict under a null (`nulls.json`, written by `npm run nulls -- NN --write`). */
export interface NullVerdict {
  readonly null: string;
  /** What is done, in the words of the null. */
  readonly says: string;
  readonly claim: string;
  readonly size: Size;
  readonly seed: number;
  /** `breaks down` if the experiment ended with an error. */
  readonly outcome: Outcome | 'breaks down';
  /** The measures whose bars are met; they decide nothing in the claim. */
  readonly met: readonly string[];
  /** The digest of what was locked. */
  readonly locked: string;
}

/** Whether no verdict of a claim under its nulls is as good as one of the method could be. */
export const toldApart = (claim: string, verdicts: readonly NullVerdict[]): boolean =>
  verdicts.every((v) => v.claim !== claim || !['holds', 'partly'].includes(v.outcome));
