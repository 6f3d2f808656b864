import type { DenseMatrix, MatrixLike } from '@southwell/numerics/arrays';
import { takeViews, type Views } from './views.ts';

/**
 * Number of rows for the initialisation and, in a stream, number of last rows from which the final variates are
 * computed.
 */
export const CALIBRATION = 1000;

/** The last rows of a stream: {@link CALIBRATION} of them, or up to a batch more. */
export class RecentRows {
  private readonly kept: Views[] = [];
  private rows = 0;

  add(batch: readonly MatrixLike[]): void {
    const views = takeViews(batch, { means: 'none' });
    const { kept } = this;
    kept.push(views);
    this.rows += views.rows;
    while (kept.length > 1 && this.rows - kept[0].rows >= CALIBRATION) {
      this.rows -= kept[0].rows;
      kept.shift()!.free();
    }
  }

  /** The last batch, a matrix for each view. */
  get wide(): readonly DenseMatrix[] {
    return this.kept.at(-1)?.wide ?? [];
  }

  joined() {
    const { kept, rows } = this;
    return kept[0].wide.map((first, v) => {
      const data = new Float64Array(first.rows * rows);
      let at = 0;
      for (const { wide } of kept) {
        data.set(wide[v].data, at);
        at += wide[v].data.length;
      }
      return { data, rows, cols: first.rows, order: 'row' as const };
    });
  }

  free(): void {
    for (const views of this.kept) views.free();
  }
}
