/** Further unknown levels are not counted, because a column with a new text in every row would fill the memory. */
const MOST = 10_000;
/** Number of unknown levels that a message names. */
const SOME = 5;

/**
 * What {@link applyEncoding} found in tables that does not fit the encoding: in one table, or in the blocks of a large
 * one.
 */
export interface SeenOfRows {
  readonly rows: number;
  readonly lost: number;
  readonly cols: number;
  readonly unknown: ReadonlyArray<readonly [column: string, levels: readonly string[]]>;
  /** The target, with the number of rows of unknown classes and some examples. */
  readonly strange?: readonly [target: string, rows: number, some: readonly string[]];
}

export class EncodingTally {
  private rows = 0;
  /** Number of rows with a missing value. */
  lost = 0;
  private cols = 0;
  private readonly unknown = new Map<string, Set<string>>();
  private strange: { readonly target: string; rows: number; readonly some: Set<string> } | undefined;

  /** Records the number of rows, and how many of them have a missing value. */
  sawRows(rows: number, lost: number): void {
    this.rows += rows;
    this.lost += lost;
  }

  /** Records the number of columns of data that are matrices already. */
  sawColumns(cols: number): void {
    this.cols = Math.max(this.cols, cols);
  }

  /** Records levels that are not in the encoding. */
  sawLevels(column: string, levels: readonly string[]): void {
    const seen = this.unknown.get(column) ?? new Set();
    this.unknown.set(column, seen);
    for (const level of levels) if (seen.size <= MOST) seen.add(level);
  }

  /** Records classes that are not in the encoding, with the number of rows of each. */
  sawClasses(target: string, rows: ReadonlyMap<string, number>): void {
    this.strange ??= { target, rows: 0, some: new Set() };
    for (const [label, count] of rows) {
      this.strange.rows += count;
      if (this.strange.some.size <= SOME) this.strange.some.add(label);
    }
  }

  /** The statistics gathered so far, as plain data for {@link join}. */
  get seen(): SeenOfRows {
    const { rows, lost, cols, unknown, strange } = this;
    return {
      ...{ rows, lost, cols, unknown: [...unknown].map(([column, levels]) => [column, [...levels]] as const) },
      ...(strange && { strange: [strange.target, strange.rows, [...strange.some]] as const }),
    };
  }

  /** Adds the statistics of the rows that follow. */
  join({ rows, lost, cols, unknown, strange }: SeenOfRows): void {
    this.sawRows(rows, lost);
    this.sawColumns(cols);
    for (const [column, levels] of unknown) this.sawLevels(column, levels);
    if (strange) {
      const [target, count, some] = strange;
      this.sawClasses(target, new Map(some.map((label, k) => [label, k === 0 ? count : 0])));
    }
  }

  /** One sentence per finding. @param expected Number of columns of the encoding's matrix. */
  notes(name: string, expected: number): string[] {
    const { rows, lost, cols, unknown, strange } = this;
    return [
      ...(lost > 0 ? [`${lost} of ${rows} rows lack a value and were left out.`] : []),
      ...[...unknown].map(([column, levels]) => {
        const some = [...levels].slice(0, SOME).map((level) => `"${level}"`);
        return (
          `Column '${column}' has ${levels.size > MOST ? `more than ${MOST}` : levels.size} level(s) that the model does ` +
          `not know (${some.join(', ')}${levels.size > SOME ? ', …' : ''}); they are treated as none of the known ones.`
        );
      }),
      ...(strange
        ? [
            `${strange.rows === 1 ? '1 row has' : `${strange.rows} rows have`} a class in '${strange.target}' that the model does not know ` +
              `(${[...strange.some]
                .slice(0, SOME)
                .map((label) => `"${label}"`)
                .join(', ')}${strange.some.size > SOME ? ', …' : ''}): predicted, but not scored.`,
          ]
        : []),
      ...(cols > expected
        ? [`${name} has ${cols} columns where the model has ${expected}; the last ones were left out.`]
        : []),
    ];
  }
}
