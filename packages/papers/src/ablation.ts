import type { ClaimId } from './define.ts';
import type { Claim } from './record.ts';

/**
 * A method with one ingredient removed: a function imported by the shipped code is replaced at its import, and
 * everything else is unchanged. A claim that still holds provides no evidence for that ingredient. `npm run ablations`
 * runs them.
 */
export interface Ablation {
  readonly id: string;
  /** What is removed or replaced, following "without" or "with": `the scale of the noise stays at its start`. */
  readonly says: string;
  /** The claims that depend on the ingredient, which the ablation must turn. */
  readonly turns: readonly string[];
  /** The module that exports it: a package and the path of the file under its `src`, without extension. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  /** The replacement, made from the original. */
  by(original: never): unknown;
}

/** The ablations of a paper (`ablations.ts` in its folder, the default export), bound to the claims of its record. */
export const ablations = <const R extends { readonly claims: readonly Claim[] }>(
  _record: R,
  list: ReadonlyArray<Ablation & { readonly turns: ReadonlyArray<ClaimId<R>> }>,
): readonly Ablation[] => list;
