import { SouthwellError } from '../core/index.ts';

const listed = (what: string, places: readonly number[]): string => {
  if (places.length === 0) return `no ${what}`;
  const shown =
    places.length > 10 ? `${places.slice(0, 10).join(', ')} and ${places.length - 10} more` : places.join(', ');
  return `${what}${places.length > 1 ? 's' : ''} ${shown}`;
};

/**
 * Thrown where the allowed pairs do not suffice. The proof is Hall's: `rows` are allowed only `columns`, of which there is one
 * fewer; where there are more rows than columns, `columns` are allowed only `rows`.
 */
export class InfeasibleAssignment extends SouthwellError {
  constructor(
    /** Counted from 0, as the columns. */
    readonly rows: readonly number[],
    readonly columns: readonly number[],
    turned: boolean,
  ) {
    const [many, few] = [listed('row', rows), listed('column', columns)];
    const [those, these] = turned ? [few, many] : [many, few];
    super(
      'INVALID_PARAMETER',
      `assign: not all can have a partner: ${those} (counted from 0) ${(turned ? columns : rows).length > 1 ? 'are' : 'is'} allowed ${these.startsWith('no ') ? these : `only ${these}`}.`,
    );
  }
}
