/** More levels than these are not counted, as a column of new texts in each row would fill the memory. */
const MOST = 10_000;
/** Of these a sentence names so many. */
const SOME = 5;

/** What {@link applyEncoding} met in tables that do not fit its encoding: of one, or of the blocks of a large one. */
export interface SeenOfRows {
  readonly rows: number;
  readonly lost: number;
  readonly cols: number;
  readonly unknown: ReadonlyArray<readonly [column: string, levels: readonly string[]]>;
  /** The target, and rows of classes that the model does not know. */
  readonly strange?: readonly [target: string, rows: number, some: readonly string[]];
}

export class EncodingTally {
  private rows = 0;
  /** Rows that lack a value. */
  lost = 0;
  private cols = 0;
  private readonly unknown = new Map<string, Set<string>>();
  private strange: { readonly target: string; rows: number; readonly some: Set<string> } | undefined;

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

  /** Classes that the encoding does not know, and rows of each. */
  sawClasses(target: string, rows: ReadonlyMap<string, number>): void {
    this.strange ??= { target, rows: 0, some: new Set() };
    for (const [label, count] of rows) {
      this.strange.rows += count;
      if (this.strange.some.size <= SOME) this.strange.some.add(label);
    }
  }

  /** What it has seen, as plain data for {@link join}. */
  get seen(): SeenOfRows {
    const { rows, lost, cols, unknown, strange } = this;
    return {
      ...{ rows, lost, cols, unknown: [...unknown].map(([column, levels]) => [column, [...levels]] as const) },
      ...(strange && { strange: [strange.target, strange.rows, [...strange.some]] as const }),
    };
  }

  /** Adds what was seen of the rows that follow. */
  join({ rows, lost, cols, unknown, strange }: SeenOfRows): void {
    this.sawRows(rows, lost);
    this.sawColumns(cols);
    for (const [column, levels] of unknown) this.sawLevels(column, levels);
    if (strange) {
      const [target, count, some] = strange;
      this.sawClasses(target, new Map(some.map((label, k) => [label, k === 0 ? count : 0])));
    }
  }

  /** A sentence for each. @param expected Columns of the encoding's matrix. */
  notes(name: string, expected: number): string[] {
    const { rows, lost, cols, unknown, strange } = this;
    return [
      ...(lost > 0 ? [`${lost} of ${rows} rows lack a value and were left out.`] : []),
      ...[...unknown].map(([column, levels]) => {
        const some = [...levels].slice(0, SOME).map((level) => `"${level}"`);
        return (
          `Column '${column}' has ${levels.size > MOST ? `more than ${MOST}` : levels.size} level(s) that the model does ` +
          `not know (${some.join(', ')}${levels.size > SOME ? ', …' : ''}); they count as none of the known ones.`
        );
      }),
      ...(strange
        ? [
            `${strange.rows === 1 ? '1 row has' : `${strange.rows} rows have`} a class in '${strange.target}' that the model does not know ` +
              `(${[...strange.some]
                .slice(0, SOME)
                .map((label) => `"${label}"`)
                .join(', ')}${strange.some.size > SOME ? ', …' : ''}): predicted, but not judged.`,
          ]
        : []),
      ...(cols > expected
        ? [`${name} has ${cols} columns where the model has ${expected}; the last ones were left out.`]
        : []),
    ];
  }
}
