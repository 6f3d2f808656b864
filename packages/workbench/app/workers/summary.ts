import type { Table } from '@southwell/data';

export interface ColumnSummary {
  readonly name: string;
  readonly type: 'number' | 'category' | 'text';
  readonly missing: number;
  /** A few values, as text. */
  readonly sample: readonly string[];
  readonly levels?: number;
}

export interface TableSummary {
  readonly name: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** Shape of a sparse matrix, instead of columns. */
  readonly sparse?: { readonly cols: number; readonly entries: number; readonly labels: boolean };
  readonly images?: Table['images'];
  readonly notes: readonly string[];
}

/** The information on a table that the page shows, without its values. */
export function summary(t: Table): TableSummary {
  const columns = t.columns.map((c): ColumnSummary => {
    const n = Math.min(t.rows, 5);
    if (c.type === 'number') {
      let missing = 0;
      for (const v of c.values) if (Number.isNaN(v)) missing++;
      const sample = Array.from(c.values.subarray(0, n), (v) =>
        Number.isNaN(v) ? '–' : String(Number(v.toPrecision(6))),
      );
      return { name: c.name, type: c.type, missing, sample };
    }
    let missing = 0;
    for (const k of c.codes) if (k < 0) missing++;
    const sample = Array.from(c.codes.subarray(0, n), (k) => (k < 0 ? '–' : c.levels[k]));
    return { name: c.name, type: c.type, missing, sample, levels: c.levels.length };
  });
  const { sparse } = t;
  return {
    name: t.name,
    format: t.format,
    rows: t.rows,
    columns,
    sparse: sparse && { cols: sparse.X.cols, entries: sparse.X.values.length, labels: sparse.y !== undefined },
    ...(t.images && { images: t.images }),
    notes: t.notes,
  };
}
