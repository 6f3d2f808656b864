import {
  type Family,
  type PaperRecord,
  type PaperStanding,
  type Standing,
  type TallyOutcome,
  tallyOutcomes,
} from '@southwell/papers';

/** The matrix of papers and claims. */

export interface MatrixCell {
  readonly claim: string;
  readonly sentence: string;
  /** Undefined without a verdict so far. */
  readonly outcome: TallyOutcome | undefined;
  /** The outcome of the release, if runs since have changed it. */
  readonly was?: TallyOutcome | 'no verdict';
  readonly standing: Standing;
}

export interface MatrixRow {
  readonly record: PaperRecord;
  readonly standing: PaperStanding;
  readonly cells: readonly MatrixCell[];
}

/** Claims that hold as well for a null count as not told apart. */
export const outcomeOf = ({ outcome, asWell }: Standing): TallyOutcome | undefined =>
  outcome === 'holds' && asWell !== undefined ? 'not told apart' : outcome;

export function matrixRow(record: PaperRecord, standing: PaperStanding, released: PaperStanding): MatrixRow {
  const cells = standing.claims.map((own, k): MatrixCell => {
    const [outcome, before] = [outcomeOf(own), outcomeOf(released.claims[k])];
    const changed = outcome !== before;
    const { sentence } = record.claims[k];
    return {
      claim: own.claim,
      sentence,
      outcome,
      standing: own,
      ...(changed && { was: before ?? ('no verdict' as const) }),
    };
  });
  return { record, standing, cells };
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

/** The number of claims by outcome, in the order of outcomes; those without a verdict last. */
export function totals(
  rows: readonly MatrixRow[],
): Array<{ readonly outcome: TallyOutcome | 'no verdict'; readonly claims: number }> {
  const all = rows.flatMap((r) => r.cells.map((c) => c.outcome ?? ('no verdict' as const)));
  return [...tallyOutcomes, 'no verdict' as const].flatMap((outcome) => {
    const claims = all.filter((one) => one === outcome).length;
    return claims > 0 ? [{ outcome, claims }] : [];
  });
}
