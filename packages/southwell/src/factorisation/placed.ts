import { type Arena, arenaFor, type Scratch } from '@southwell/kernels';
import type { Lines, Observed } from './observed.ts';

/** Lines of observed entries in kernel memory, beside room for factors of k values a row; `free` gives it back. */
export class PlacedLines {
  private readonly scratch: Scratch;
  private readonly pointers;
  private readonly indices;
  private readonly weights;
  private readonly values;
  private readonly factor;
  private readonly out;
  private readonly work;

  constructor(
    arena: Arena,
    private readonly lines: Lines,
    private readonly k: number,
  ) {
    const { pointers, indices, weights, values, across, count } = lines;
    this.scratch = arena.scratch();
    let longest = 0;
    for (let j = 0; j < count; j++) longest = Math.max(longest, pointers[j + 1] - pointers[j]);
    try {
      this.pointers = this.scratch.i32(pointers.length);
      this.indices = this.scratch.i32(indices.length);
      this.weights = weights && this.scratch.f64(weights.length);
      this.values = this.scratch.f64(values.length);
      this.factor = this.scratch.f64(across * k);
      this.out = this.scratch.f64(count * k);
      this.work = this.scratch.f64(2 * k + longest);
    } catch (error) {
      this.scratch.release();
      throw error;
    }
    this.pointers.view.set(pointers);
    this.indices.view.set(indices);
    if (weights) this.weights!.view.set(weights);
  }

  /** S f for the lines with these values in place of their own: row j is Σ values[e] f[indices[e]]. O(entries · k). */
  product(values: Float64Array, f: Float64Array): Float64Array {
    const { pointers, indices, factor, out, k, lines } = this;
    this.values.view.set(values);
    factor.view.set(f);
    const { kernels } = this.scratch.arena;
    kernels.cscLeftProduct(
      k,
      lines.count,
      pointers.pointer,
      indices.pointer,
      this.values.pointer,
      factor.pointer,
      out.pointer,
    );
    return out.view.slice();
  }

  /**
   * Improves x, k values a line, by steps of conjugate gradients on its regression on f, where r holds the residuals of
   * the entries and goes with it. O(steps · entries · k).
   */
  conjugateSteps(f: Float64Array, x: Float64Array, r: Float64Array, lambda: number, steps: number) {
    const { pointers, indices, weights, factor, out, values, work, k, lines } = this;
    factor.view.set(f);
    out.view.set(x);
    values.view.set(r);
    const { kernels } = this.scratch.arena;
    const innerIterations = kernels.conjugateSteps(
      lines.count,
      k,
      pointers.pointer,
      indices.pointer,
      weights?.pointer ?? 0,
      factor.pointer,
      out.pointer,
      values.pointer,
      lambda,
      steps,
      work.pointer,
    );
    x.set(out.view);
    r.set(values.view);
    return { innerIterations, multiplyAdds: 2 * work.view[0] * k };
  }

  free(): void {
    this.scratch.release();
  }
}

/** Both views of the entries in one memory. */
export class PlacedEntries {
  readonly byCol: PlacedLines;
  readonly byRow: PlacedLines;

  constructor({ byCol, byRow, rows, cols }: Observed, k: number) {
    const arena = arenaFor(8 * (4 * byCol.values.length + 2 * (rows + cols) * k));
    this.byCol = new PlacedLines(arena, byCol, k);
    try {
      this.byRow = new PlacedLines(arena, byRow, k);
    } catch (error) {
      this.byCol.free();
      throw error;
    }
  }

  free(): void {
    this.byCol.free();
    this.byRow.free();
  }
}
