import type { Block } from '@southwell/kernels';
import { WorkingSetQuadratic } from '../../../blocks/index.ts';
import type { Couplings } from '../../../losses/index.ts';
import { layOut } from '../columnDescent.ts';
import { gather } from '../lists.ts';
import type { LinearState } from '../state.ts';
import { takeOffCouplings } from './couplings.ts';

/** The largest working set whose Gram matrix is formed; beyond it descent runs on the columns themselves. */
export const GRAM_LIMIT = 2500;

/** The features in a quadratic model of the loss, whose Gram matrix under the curvatures d is kept and extended. */
export class Members {
  readonly quadratic: WorkingSetQuadratic;
  /** The curvatures under which the Gram matrix was computed. */
  private readonly d: Block<Float64Array>;
  /** The off-diagonal part of the loss's Hessian. */
  private couplings: Couplings | undefined;
  /** Slot of each feature in the quadratic, −1 if none. */
  private readonly slot: Int32Array;

  constructor(private readonly state: LinearState) {
    const { arena } = state.design;
    this.d = arena.f64Block(state.n);
    this.slot = new Int32Array(state.p).fill(-1);
    this.quadratic = new WorkingSetQuadratic(arena, Math.min(state.p, GRAM_LIMIT));
  }

  release(): void {
    this.quadratic.release();
    this.d.free();
  }

  get count(): number {
    return this.quadratic.m;
  }

  has(j: number): boolean {
    return this.slot[j] >= 0;
  }

  /** How many of columns[0 … size) are not members. */
  entering(columns: Int32Array, size: number): number {
    const { slot } = this;
    let entering = 0;
    for (let t = 0; t < size; t++) if (slot[columns[t]] < 0) entering++;
    return entering;
  }

  /** G_jj for a member; otherwise a bound. */
  curvature(j: number): number {
    const { quadratic, slot, state } = this;
    return slot[j] >= 0 ? quadratic.G.view[slot[j] * (quadratic.capacity + 1)] : state.curvatureBound(j);
  }

  /** Takes the current curvatures, with `above` only upper bounds on them; the Gram matrix must then be recomputed. */
  takeCurvatures(above = false): void {
    this.d.view.set(this.state.d.view);
    this.couplings = above ? undefined : this.state.loss.couplings?.();
    this.quadratic.invalidate();
  }

  reset(): void {
    this.prune(() => false);
  }

  /** Adds list[0 … size) to the members (keeping the old), with their Gram columns. */
  extend(list: Block<Int32Array>, size: number): void {
    const { quadratic, slot } = this;
    const from = quadratic.m;
    let columnsIn = list.view;
    let m = from;
    m += this.entering(columnsIn, size);
    if (m > quadratic.capacity) {
      quadratic.reserve(Math.max(m, Math.min(Math.round(1.3 * m), GRAM_LIMIT)));
      // Memory that is not shared loses its views when it grows.
      columnsIn = list.view;
    }
    const columns = quadratic.columns.view;
    quadratic.m = enter(columnsIn, size, slot, columns, from);
    if (m > from) this.gram(from);
  }

  /** Gram entries of the members from index `from`, under the curvatures taken. */
  gram(from: number): void {
    this.state.phases.during('products of columns', () => this.products(from));
  }

  private products(from: number): void {
    const { quadratic, state, d } = this;
    const { columns, m, means, G, capacity } = quadratic;
    if (state.moments) state.moments.gather(columns, m, from, means, G, capacity);
    else {
      state.design.gram(columns, m, from, d, state.centred, means, G, capacity);
      if (this.couplings) takeOffCouplings(this.couplings, state.design, quadratic, from);
    }
  }

  /** Removes the members for which `keep` is false; the Gram entries of the others are kept. */
  prune(keep: (j: number, t: number) => boolean): void {
    const { quadratic, slot } = this;
    if (quadratic.m === 0) return;
    const c = quadratic.columns.view;
    const kept: number[] = [];
    for (let t = 0; t < quadratic.m; t++) {
      if (keep(c[t], t)) kept.push(t);
      else slot[c[t]] = -1;
    }
    quadratic.compact(kept);
    for (let t = 0; t < quadratic.m; t++) slot[c[t]] = t;
  }

  /** The curvatures that the Gram matrix was computed with, if there are no couplings. */
  get taken(): Float64Array | undefined {
    return this.couplings ? undefined : this.d.view;
  }

  /**
   * Copies b and the penalty at the members into the quadratic model. If the curvature is to be `shift` times the Gram
   * matrix, the remaining terms are divided by `shift` instead.
   */
  load(shift = 1): void {
    const { quadratic, state } = this;
    const { m, capacity } = quadratic;
    const columns = quadratic.columns.view;
    gather(state.beta, columns, m, quadratic.b.view);
    const penalty = quadratic.penalty.view;
    layOut(state, columns, m, penalty, capacity);
    if (shift === 1) return;
    const q = quadratic.q.view;
    // Only a1 of the penalty is divided: models with an a2 are never shifted.
    for (let t = 0; t < m; t++) {
      q[t] /= shift;
      penalty[t] /= shift;
    }
  }
}

/**
 * Assigns slots from m on to those of list[0 … size) that have none, and lists them in `columns`; returns the new
 * number of members.
 */
function enter(list: Int32Array, size: number, slot: Int32Array, columns: Int32Array, m: number): number {
  for (let t = 0; t < size; t++) {
    const j = list[t];
    if (slot[j] >= 0) continue;
    slot[j] = m;
    columns[m++] = j;
  }
  return m;
}
