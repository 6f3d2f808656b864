import { arenaFor } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { bestChoice, choices } from './bestGroup.ts';
import { BlockProducts } from './blocks.ts';

/** How the group of each block is chosen whose places are decided again. */
export type GroupSelection = 'gradient' | 'greedy' | 'uniform';

/** The problem in normalised weights, padded so that blocks and groups come out even. */
export interface Padded {
  readonly rows: number;
  readonly columns: number;
  readonly b: number;
  readonly keep: number;
  readonly of: number;
  /** Normalised weights, column after column; 0 where padded. */
  readonly target: Float64Array;
  /** Weight of each column in the loss; 0 where padded. */
  readonly h: Float64Array;
  /** 1 at the places of S that may be other than 0. */
  readonly mask: Uint8Array;
}

/** Adam's running means of a gradient and its square. */
interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** What is computed of a group that is decided again. */
interface Group {
  readonly G: Float64Array;
  readonly f: Float64Array;
  readonly now: Float64Array;
  readonly next: Float64Array;
}

const ADAM = { first: 0.9, second: 0.999, epsilon: 1e-8 } as const;

/** The state of ARMOR: A, S and B with the residual A·S·B − W̄, and what the steps need. */
export class Fit {
  readonly A: DenseMatrix;
  readonly B: DenseMatrix;
  readonly S: DenseMatrix;
  readonly mask: Uint8Array;
  /** Moments of A, B and S. */
  readonly moments: readonly [Moments, Moments, Moments];
  /** Steps of Adam so far. */
  steps = 0;
  private readonly target: Float64Array;
  private readonly scale: number;
  private readonly products: BlockProducts;
  private readonly sets: readonly (readonly number[])[];
  /** A·S, and the residual A·S·B − W̄; of the present A, S and B after {@link loss} and {@link decide}. */
  readonly AS: DenseMatrix;
  readonly R: DenseMatrix;
  private readonly G: DenseMatrix;
  private readonly SB: DenseMatrix;
  private readonly dS: DenseMatrix;
  private readonly dA: DenseMatrix;
  private readonly dB: DenseMatrix;
  /** Of the groups of a block, row after row: sizes of their gradients. */
  private readonly sizes: Float64Array;
  private readonly group: Group;

  constructor(readonly problem: Padded) {
    const { rows: m, columns: n, b, target, h, mask, keep, of } = problem;
    const arena = arenaFor(8 * (6 * m * n + 4 * b * (m + n)));
    const make = (rows: number, cols: number): DenseMatrix => DenseMatrix.create(rows, cols, { arena });
    [this.A, this.B, this.S] = [make(b, m), make(b, n), make(m, n)];
    [this.AS, this.R, this.G, this.SB, this.dS] = [make(m, n), make(m, n), make(m, n), make(m, n), make(m, n)];
    [this.dA, this.dB] = [make(b, m), make(b, n)];
    this.products = new BlockProducts(m, n, b, arena);
    this.target = target;
    this.mask = Uint8Array.from(mask);
    this.sets = choices(keep, of);
    this.sizes = new Float64Array((b / of) * b);
    this.group = {
      G: new Float64Array(of * of),
      f: new Float64Array(of),
      now: new Float64Array(of),
      next: new Float64Array(of),
    };
    for (let i = 0; i < m; i++) this.A.set(i % b, i, 1);
    for (let j = 0; j < n; j++) this.B.set(j % b, j, 1);
    const S = this.S.data;
    for (let at = 0; at < S.length; at++) S[at] = mask[at] === 1 ? target[at] : 0;
    let norm = 0;
    for (let j = 0, at = 0; j < n; j++) for (let i = 0; i < m; i++, at++) norm += h[j] * target[at] ** 2;
    this.scale = norm === 0 ? 0 : 1 / norm;
    this.moments = [this.A, this.B, this.S].map(({ data }) => ({
      first: new Float64Array(data.length),
      second: new Float64Array(data.length),
    })) as unknown as [Moments, Moments, Moments];
  }

  /** Computes the residual; returns the loss Σ h_j·R_ij² / Σ h_j·W̄_ij². */
  loss(): number {
    const { products, A, B, S, AS, R, target, problem } = this;
    products.left(A, S, AS);
    products.right(AS, B, R);
    const { rows: m, columns: n, h } = problem;
    const r = R.data;
    let sum = 0;
    for (let j = 0, at = 0; j < n; j++) {
      let column = 0;
      for (let i = 0; i < m; i++, at++) {
        r[at] -= target[at];
        column += r[at] * r[at];
      }
      sum += h[j] * column;
    }
    return sum * this.scale;
  }

  /** The gradient of the loss in A, B and all places of S, after {@link loss}. */
  gradient(): readonly [DenseMatrix, DenseMatrix, DenseMatrix] {
    const { products, A, B, S, AS, R, G, SB, dA, dB, dS, problem, scale } = this;
    const { rows: m, columns: n, h } = problem;
    const [g, r] = [G.data, R.data];
    for (let j = 0, at = 0; j < n; j++) {
      const f = 2 * scale * h[j];
      for (let i = 0; i < m; i++, at++) g[at] = f * r[at];
    }
    products.right(S, B, SB);
    products.leftGradient(G, SB, dA);
    products.rightGradient(AS, G, dB);
    // SB is no longer needed.
    products.right(G, B, SB, true);
    products.left(A, SB, dS, true);
    return [dA, dB, dS];
  }

  /** A step of Adam along the gradient, on A and B (unless `wrappers` is false) and on the places of S that stay. */
  step(rate: number, wrappers = true): void {
    this.steps++;
    const c1 = 1 - ADAM.first ** this.steps;
    const c2 = 1 - ADAM.second ** this.steps;
    const move = (x: Float64Array, g: Float64Array, { first, second }: Moments, mask?: Uint8Array): void => {
      for (let i = 0; i < x.length; i++) {
        if (mask && mask[i] === 0) continue;
        first[i] = ADAM.first * first[i] + (1 - ADAM.first) * g[i];
        second[i] = ADAM.second * second[i] + (1 - ADAM.second) * g[i] * g[i];
        x[i] -= (rate * (first[i] / c1)) / (Math.sqrt(second[i] / c2) + ADAM.epsilon);
      }
    };
    const [a, b, s] = this.moments;
    if (wrappers) {
      move(this.A.data, this.dA.data, a);
      move(this.B.data, this.dB.data, b);
    }
    move(this.S.data, this.dS.data, s, this.mask);
  }

  /**
   * Decides again, in every block, which places of one group stay, and their values: the best of all sets of places, with all
   * else as it is. After {@link loss}; groups are chosen by the last gradient. Returns by how much the loss falls.
   */
  decide(select: GroupSelection, random: Random): number {
    const { rows: m, columns: n, b } = this.problem;
    let gain = 0;
    for (let j = 0; j < n; j += b) {
      for (let i = 0; i < m; i += b) {
        const [row, column] = this.pick(i, j, select, random);
        gain += this.settle(i, j, row, column);
      }
    }
    return gain * this.scale;
  }

  /** A group of the block at (i, j): its row and first column. */
  private pick(i: number, j: number, select: GroupSelection, random: Random): readonly [row: number, column: number] {
    const { b, of } = this.problem;
    const m = this.problem.rows;
    const groups = b / of;
    if (select === 'uniform') {
      const at = random.integer(b * groups);
      return [i + (at % b), j + of * Math.floor(at / b)];
    }
    const g = this.dS.data;
    const { sizes } = this;
    sizes.fill(0);
    for (let q = 0; q < b; q++) {
      const start = (j + q) * m + i;
      const to = b * Math.floor(q / of);
      for (let p = 0; p < b; p++) sizes[to + p] += Math.abs(g[start + p]);
    }
    let chosen = 0;
    if (select === 'greedy') {
      for (let at = 1; at < sizes.length; at++) if (sizes[at] > sizes[chosen]) chosen = at;
    } else {
      // With probability proportional to the size.
      let sum = 0;
      for (let at = 0; at < sizes.length; at++) sum += sizes[at];
      let left = random.uniform() * sum;
      while (chosen < sizes.length - 1 && left >= sizes[chosen]) left -= sizes[chosen++];
    }
    return [i + (chosen % b), j + of * Math.floor(chosen / b)];
  }

  /** The best places and values of one group, if they are better than the present ones. Returns the gain. */
  private settle(i: number, j: number, row: number, column: number): number {
    const { rows: m, b, of, h } = this.problem;
    const [A, B, S, R] = [this.A.data, this.B.data, this.S.data, this.R.data];
    const { G, f, now, next } = this.group;
    // Row `row` of S is multiplied by this column of A, and its place `column + k` by this row of B.
    const a = row * b;
    const own = j * b + column - j;
    let s = 0;
    for (let p = 0; p < b; p++) s += A[a + p] * A[a + p];
    if (s === 0) return 0;
    G.fill(0);
    f.fill(0);
    for (let k = 0; k < of; k++) now[k] = S[(column + k) * m + row];
    for (let q = 0; q < b; q++) {
      const weight = h[j + q];
      if (weight === 0) continue;
      let u = 0;
      const start = (j + q) * m + i;
      for (let p = 0; p < b; p++) u += R[start + p] * A[a + p];
      const at = own + q * b;
      for (let k = 0; k < of; k++) {
        const left = weight * B[at + k];
        f[k] -= left * u;
        for (let l = 0; l < of; l++) G[k * of + l] += left * B[at + l];
      }
    }
    // f as if the group were 0.
    let before = 0;
    for (let k = 0; k < of; k++) {
      let Gs = 0;
      for (let l = 0; l < of; l++) Gs += G[k * of + l] * now[l];
      before += now[k] * (2 * f[k] + s * Gs);
      f[k] += s * Gs;
    }
    const best = bestChoice(G, f, s, this.sets);
    if (!best || !(best.gain > before)) return 0;
    next.fill(0);
    for (const [k, place] of best.places.entries()) next[place] = best.values[k];
    const AS = this.AS.data;
    for (let k = 0; k < of; k++) {
      this.set((column + k) * m + row, next[k], best.places.includes(k));
      const change = next[k] - now[k];
      const start = (column + k) * m + i;
      for (let p = 0; p < b; p++) AS[start + p] += change * A[a + p];
    }
    for (let q = 0; q < b; q++) {
      let change = 0;
      for (let k = 0; k < of; k++) change += (next[k] - now[k]) * B[own + q * b + k];
      const start = (j + q) * m + i;
      for (let p = 0; p < b; p++) R[start + p] += change * A[a + p];
    }
    return best.gain - before;
  }

  /** Sets a place of S; Adam begins anew where a place was removed. */
  private set(at: number, value: number, stays: boolean): void {
    this.S.data[at] = value;
    if (stays === (this.mask[at] === 1)) return;
    this.mask[at] = stays ? 1 : 0;
    const [, , moments] = this.moments;
    moments.first[at] = 0;
    moments.second[at] = 0;
  }

  /** Frees all memory. */
  free(): void {
    for (const used of [this.A, this.B, this.S, this.AS, this.R, this.G, this.SB, this.dS, this.dA, this.dB])
      used.free();
    this.products.free();
  }
}
