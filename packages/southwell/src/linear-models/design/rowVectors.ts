import type { Block } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { type SplitRows, sumOverRows } from '@southwell/numerics/core';

/** Row weights: their sum, the number that are positive, and whether all are known to be equal. */
export interface WeightFacts {
  readonly sum: number;
  readonly curved: number;
  readonly alike: boolean;
}

/** Sums over rows of vectors in kernel memory, whose length is the number of rows on this rank. */
export interface RowVectors {
  weights(d: Block<Float64Array>): WeightFacts;
  /** Σ ab. */
  dot(a: Block<Float64Array>, b: Block<Float64Array>): number;
  /** Σ (v − last)² over all channels; `last` becomes v. */
  follow(v: ReadonlyArray<Block<Float64Array>>, last: ReadonlyArray<Block<Float64Array>>): number;
}

/** All rows on one rank, by kernels. */
export const wholeVectors: RowVectors = {
  weights(d) {
    const { arena, length } = d;
    const facts = arena.f64Block(3);
    arena.use(modelKernels).weightFacts(length, d.pointer, facts.pointer);
    const [sum, curved, alike] = facts.view;
    facts.free();
    return { sum, curved, alike: alike === 1 };
  },
  dot: (a, b) => a.arena.kernels.dot(a.length, a.pointer, b.pointer),
  follow(v, last) {
    let moved = 0;
    for (let k = 0; k < v.length; k++) {
      moved += v[k].arena.use(modelKernels).followVector(v[k].length, v[k].pointer, last[k].pointer);
    }
    return moved;
  },
};

/** Rows distributed over ranks, block by block. */
export const spreadVectors = (rows: SplitRows): RowVectors => ({
  weights(d) {
    const out = new Float64Array(2);
    rows.sum(out, (_, from, to, part) => {
      const dv = d.view;
      for (let i = from; i < to; i++) {
        part[0] += dv[i];
        if (dv[i] > 0) part[1]++;
      }
    });
    return { sum: out[0], curved: out[1], alike: false };
  },
  dot(a, b) {
    const [x, y] = [a.view, b.view];
    return sumOverRows(rows, (i) => x[i] * y[i]);
  },
  follow(v, last) {
    const whole = new Float64Array(1);
    rows.sum(whole, (_, from, to, part) => {
      let moved = 0;
      for (let k = 0; k < v.length; k++) {
        const [x, old] = [v[k].view, last[k].view];
        for (let i = from; i < to; i++) {
          const t = x[i] - old[i];
          moved += t * t;
        }
      }
      part[0] = moved;
    });
    for (let k = 0; k < v.length; k++) last[k].view.set(v[k].view);
    return whole[0];
  },
});
