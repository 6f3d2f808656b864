import type { ClaimId } from '../define.ts';
import type { Claim, PaperRecord } from '../record.ts';

/**
 * Everything that a paper's abstract and its card claim, and what became of it (`ledger.ts` in the paper's folder).
 */
export interface Ledger<Id extends string = string> {
  readonly paper: readonly LedgerEntry<Id>[];
  /** Claims of the record that are not the paper's. */
  readonly ours: readonly Id[];
  readonly rivalsLeftOut: ReadonlyArray<{ readonly name: string; readonly why: string }>;
  /**
   * Claims that a null meets as well, each with what it holds as well with or without: `with the identity in place of the
   * cosine basis`. The entry of the claim names the harder experiment that was tried.
   */
  readonly asWell?: { readonly [K in Id]?: string };
  /** Kinds of nulls that have no meaning for a claim. */
  readonly withoutNull?: ReadonlyArray<{ readonly claim: Id; readonly kind: NullKind; readonly why: string }>;
}

/**
 * `nothing`: nothing is learned, or zero returned. `baseline`: the plain baseline in place of the method; `unequal`, for
 * claims that two things are equal or that one does no harm: what is known to be unequal. `ingredient`: the method without
 * the ingredient that the claim names.
 */
export const nullKinds = ['nothing', 'baseline', 'unequal', 'ingredient'] as const;
export type NullKind = (typeof nullKinds)[number];

export const ledgerStates = ['checked', 'narrowed', 'contradicted', 'not checked'] as const;
export type LedgerState = (typeof ledgerStates)[number];

export interface LedgerEntry<Id extends string = string> {
  readonly from: 'abstract' | 'card';
  /** The claim in the paper's sense, in one sentence. */
  readonly says: string;
  /** `narrowed`: checked in part or under conditions, see `why`; `contradicted`: found to be wrong. */
  readonly state: LedgerState;
  /** How it is narrowed, why it is not checked, or what contradicts it. */
  readonly why?: string;
  /** The claims of the record that decide it. */
  readonly claims: readonly Id[];
  readonly fidelity?: PaperRecord['fidelity']['level'];
  /** The harder experiment that was tried where a null meets a claim as well. */
  readonly harder?: string;
}

/** The ledger of a paper, bound to the claims of its record. */
export const ledgerOf = <const R extends { readonly claims: readonly Claim[] }>(
  _record: R,
  entries: Ledger<ClaimId<R>>,
): Ledger => entries;
