/** More levels than these are not counted, as a column of new texts in each row would fill the memory. */
const MOST = 10_000;

/** What {@link applyEncoding} met in tables that do not fit its encoding: of one, or of the blocks of a large one. */
export interface SeenOfRows {
  readonly rows: number;
  readonly lost: number;
  readonly cols: number;
  readonly unknown: ReadonlyArray<readonly [column: string, levels: readonly string[]]>;
}

export class EncodingTally {
  private rows = 0;
  /** Rows that lack a value. */
  lost = 0;
  private cols = 0;
  private readonly unknown = new Map<string, Set<string>>();

  /** Rows that were looked at, and how many of them lack a value. */
  sawRows(rows: number, lost: number): void {
    this.rows += rows;
    this.lost += lost;
  }

  /** Columns of a matrix that came as such. */
  sawColumns(cols: number): void {
    this.cols = Math.max(this.cols, cols);
  }

  /** Levels that the encoding does not know. */
  sawLevels(column: string, levels: readonly string[]): void {
    const seen = this.unknown.get(column) ?? new Set();
    this.unknown.set(column, seen);
    for (const level of levels) if (seen.size <= MOST) seen.add(level);
  }

  /** What it has seen, as plain data for {@link join}. */
  get seen(): SeenOfRows {
    const { rows, lost, cols, unknown } = this;
    return { rows, lost, cols, unknown: [...unknown].map(([column, levels]) => [column, [...levels]]) };
  }

  /** Adds what was seen of the rows that follow. */
  join({ rows, lost, cols, unknown }: SeenOfRows): void {
    this.sawRows(rows, lost);
    this.sawColumns(cols);
    for (const [column, levels] of unknown) this.sawLevels(column, levels);
  }

  /** A sentence for each. @param expected Columns of the encoding's matrix. */
  notes(name: string, expected: number): string[] {
    const { rows, lost, cols, unknown } = this;
    return [
      ...(lost > 0 ? [`${lost} of ${rows} rows lack a value and were left out.`] : []),
      ...[...unknown].map(([column, levels]) => {
        const some = [...levels].slice(0, 5).map((level) => `"${level}"`);
        return (
          `Column '${column}' has ${levels.size > MOST ? `more than ${MOST}` : levels.size} level(s) that the model does ` +
          `not know (${some.join(', ')}${levels.size > 5 ? ', …' : ''}); they count as none of the known ones.`
        );
      }),
      ...(cols > expected
        ? [`${name} has ${cols} columns where the model has ${expected}; the last ones were left out.`]
        : []),
    ];
  }
}
