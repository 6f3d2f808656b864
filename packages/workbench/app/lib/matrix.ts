import {
  type Family,
  type Ledger,
  type PaperRecord,
  type PaperStanding,
  type Standing,
  type TallyOutcome,
  tallyOutcomes,
} from '@southwell/papers';

/** The matrix of papers and claims. */

/** A claim that the paper makes, as its ledger lists it; or one of ours, which is shown, and not counted. */
export interface MatrixCell {
  /** The first of the claims of the record that decide it, if any does. */
  readonly claim: string | undefined;
  readonly sentence: string;
  /** Undefined without a verdict so far. */
  readonly outcome: TallyOutcome | undefined;
  /** The outcome of the release, if runs since have changed it. */
  readonly was?: TallyOutcome | 'no verdict';
  /** Of the claims that decide it. */
  readonly standings: readonly Standing[];
  readonly ours: boolean;
}

export interface MatrixRow {
  readonly record: PaperRecord;
  readonly standing: PaperStanding;
  readonly cells: readonly MatrixCell[];
}

/** Claims that hold as well for a null count as not told apart. */
const outcomeOf = ({ outcome, asWell }: Standing): TallyOutcome | undefined =>
  outcome === 'holds' && asWell !== undefined ? 'not told apart' : outcome;

export function matrixRow(
  record: PaperRecord,
  standing: PaperStanding,
  released: PaperStanding,
  ledger: Ledger | undefined,
): MatrixRow {
  const sentenceOf = (id: string) => record.claims.find((c) => c.id === id)!.sentence;
  const counted =
    ledger?.paper.filter(({ state }) => state !== 'not checked') ??
    record.claims.map(({ id, sentence }) => ({ says: sentence, claims: [id] }));
  const cell = (
    sentence: string,
    claims: readonly string[],
    [outcome, before]: ReadonlyArray<TallyOutcome | undefined>,
    ours: boolean,
  ): MatrixCell => ({
    ...{ claim: claims[0], sentence, outcome, ours },
    standings: standing.claims.filter((s) => claims.includes(s.claim)),
    ...(outcome !== before && { was: before ?? ('no verdict' as const) }),
  });
  const paper = counted.map(({ says, claims }, k) =>
    cell(says, claims, [standing.tally.each[k], released.tally.each[k]], false),
  );
  const own = (ledger?.ours ?? []).map((id) => {
    const both = [standing, released].map(({ claims }) => outcomeOf(claims.find((s) => s.claim === id)!));
    return cell(sentenceOf(id), [id], both, true);
  });
  return { record, standing, cells: [...paper, ...own] };
}

export interface MatrixFilter {
  readonly family?: Family;
  readonly outcome?: TallyOutcome | 'no verdict';
  readonly changed?: boolean;
}

/** The rows of a family in which a claim has the outcome and, if that is asked for, has changed. */
export const filtered = (rows: readonly MatrixRow[], { family, outcome, changed }: MatrixFilter): MatrixRow[] =>
  rows.filter(
    ({ record, cells }) =>
      (family === undefined || record.family === family) &&
      cells.some((c) => matches(c, { outcome, changed })) &&
      cells.length > 0,
  );

/** Whether a cell is one of those that the filter asks for. */
export const matches = (cell: MatrixCell, { outcome, changed }: Omit<MatrixFilter, 'family'>): boolean =>
  (outcome === undefined || (cell.outcome ?? 'no verdict') === outcome) && (!changed || cell.was !== undefined);

/** The number of the papers' claims by outcome, in the order of outcomes; those without a verdict last. */
export function totals(
  rows: readonly MatrixRow[],
): Array<{ readonly outcome: TallyOutcome | 'no verdict'; readonly claims: number }> {
  const all = rows.flatMap((r) => r.cells.filter((c) => !c.ours).map((c) => c.outcome ?? ('no verdict' as const)));
  return [...tallyOutcomes, 'no verdict' as const].flatMap((outcome) => {
    const claims = all.filter((one) => one === outcome).length;
    return claims > 0 ? [{ outcome, claims }] : [];
  });
}
