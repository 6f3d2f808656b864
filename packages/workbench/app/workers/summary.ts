import type { NumberColumn, Table } from '@southwell/data';

export interface ColumnSummary {
  readonly name: string;
  readonly type: 'number' | 'category' | 'text';
  readonly missing: number;
  /** A few values, as text. */
  readonly sample: readonly string[];
  readonly levels?: number;
  /** Why it is hardly what one predicts: its values are all equal, dates, or distinct whole numbers in order. */
  readonly unlikely?: 'constant' | 'date' | 'id';
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
      return { name: c.name, type: c.type, missing, sample, ...unlikelyIn(c) };
    }
    let missing = 0;
    for (const k of c.codes) if (k < 0) missing++;
    const sample = Array.from(c.codes.subarray(0, n), (k) => (k < 0 ? '–' : c.levels[k]));
    const one = c.levels.length < 2 ? { unlikely: 'constant' as const } : {};
    return { name: c.name, type: c.type, missing, sample, levels: c.levels.length, ...one };
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

function unlikelyIn({ values, form, part }: NumberColumn): Pick<ColumnSummary, 'unlikely'> {
  if (part !== undefined || (form && 'date' in form)) return { unlikely: 'date' };
  const first = values.find((v) => !Number.isNaN(v));
  if (values.every((v) => v === first || Number.isNaN(v))) return { unlikely: 'constant' };
  // Numbers of rows, or ids in ascending order.
  const rises = values.every((v, i) => Number.isInteger(v) && (i === 0 || v > values[i - 1]));
  return rises && values.length > 2 ? { unlikely: 'id' } : {};
}
