/**
 * min ‖B − Hy‖ for a matrix H with `band` subdiagonals that grows by columns and is kept triangular by Givens
 * rotations; B has a right-hand side for each system of a block.
 */
export class Hessenberg {
  columns = 0;
  /** The largest column norm so far. */
  private largest = 0;
  /** The triangular factor after all rotations, column by column, including the diagonal. */
  private readonly triangle: Float64Array[] = [];
  /** For each column, cosine and sine of the rotations of rows (i, i + 1), in order. */
  private readonly rotations: Array<Array<readonly [number, number, number]>> = [];
  /** The rotated right-hand sides. */
  readonly sides: Float64Array[];

  /**
   * @param start The leading rows of each right-hand side: the first one has `start[0]` in row 0; more are added to
   * {@link Hessenberg.sides}.
   */
  constructor(
    most: number,
    readonly band: number,
    start: ReadonlyArray<number>,
    sides = 1,
  ) {
    this.sides = Array.from({ length: sides }, () => new Float64Array(most + band));
    start.forEach((value, i) => {
      this.sides[0][i] = value;
    });
  }

  /**
   * Appends a column with at most columns + 1 + band values, which is overwritten; returns the residual norm of each
   * right-hand side.
   */
  push(h: Float64Array): Float64Array {
    const j = this.columns;
    this.largest = Math.max(this.largest, Math.hypot(...h));
    for (const list of this.rotations) {
      for (const [i, c, s] of list) [h[i], h[i + 1]] = [c * h[i] + s * h[i + 1], c * h[i + 1] - s * h[i]];
    }
    // From the bottom up, so that each rotation acts on two adjacent rows.
    const own: Array<readonly [number, number, number]> = [];
    for (let i = h.length - 2; i >= j; i--) {
      if (h[i + 1] === 0) continue;
      const size = Math.hypot(h[i], h[i + 1]);
      const [c, s] = [h[i] / size, h[i + 1] / size];
      [h[i], h[i + 1]] = [size, 0];
      own.push([i, c, s]);
      for (const g of this.sides) [g[i], g[i + 1]] = [c * g[i] + s * g[i + 1], c * g[i + 1] - s * g[i]];
    }
    this.rotations.push(own);
    this.triangle.push(h.slice(0, j + 1));
    this.columns++;
    return this.left();
  }

  /** The residual norms: the norm of each right-hand side below the triangle. */
  left(): Float64Array {
    return Float64Array.from(this.sides, (g) => {
      let sum = 0;
      for (let i = this.columns; i < g.length; i++) sum = Math.hypot(sum, g[i]);
      return sum;
    });
  }

  /** The minimiser y for each right-hand side. Components with a negligible pivot (singular H) are set to 0. */
  solve(): Float64Array[] {
    const k = this.columns;
    return this.sides.map((g) => {
      const y = g.slice(0, k);
      for (let j = k - 1; j >= 0; j--) {
        const pivot = this.triangle[j][j];
        y[j] = Math.abs(pivot) > 1e-14 * this.largest ? y[j] / pivot : 0;
        for (let i = 0; i < j; i++) y[i] -= y[j] * this.triangle[j][i];
      }
      return y;
    });
  }
}
