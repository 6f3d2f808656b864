import type { ClaimId } from './define.ts';
import type { Claim } from './record.ts';

/**
 * A method with one ingredient taken out: a function that the shipped code imports is replaced where it is imported,
 * and all the rest is as shipped. A claim that still holds says nothing of that ingredient. `npm run ablations` runs them.
 */
export interface Ablation {
  readonly id: string;
  /** What is taken out or put in its place, after "without" or "with" as in: `the scale of the noise stays at its start`. */
  readonly says: string;
  /** The claims whose ingredient it is, which it must turn. */
  readonly turns: readonly string[];
  /** The module that exports it: a package and the path of the file under its `src`, without ending. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  /** What takes its place, made from what it is. */
  by(original: never): unknown;
}

/** The ablations of a paper (`ablations.ts` in its folder, the default export), bound to the claims of its record. */
export const ablations = <const R extends { readonly claims: readonly Claim[] }>(
  _record: R,
  list: ReadonlyArray<Ablation & { readonly turns: ReadonlyArray<ClaimId<R>> }>,
): readonly Ablation[] => list;
