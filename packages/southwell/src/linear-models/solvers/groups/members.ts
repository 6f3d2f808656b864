import type { Block } from '@southwell/kernels';
import { sumOfRows } from '@southwell/numerics/core';
import type { GroupGradients } from './certificate.ts';
import { GroupQuadratic } from './quadratic.ts';
import type { GroupState } from './state.ts';

/** The groups in a quadratic model of the loss, whose Gram matrix under frozen curvatures is kept and extended. */
export class GroupMembers {
  readonly quadratic: GroupQuadratic;
  /** Groups in the quadratic model, in order. */
  list: number[] = [];
  private readonly isMember: Uint8Array;
  /** shift_k = −Σ_t δ_t·means[t·K + k] keeps the intercepts optimal in the quadratic model. */
  private means = new Float64Array(0);

  constructor(private readonly state: GroupState) {
    this.quadratic = new GroupQuadratic(state.design.arena);
    this.isMember = new Uint8Array(state.count);
  }

  release(): void {
    this.quadratic.release();
  }

  has(u: number): boolean {
    return this.isMember[u] === 1;
  }

  /** Removes the members for which `keep` is false; the Gram entries of the others are kept. */
  prune(keep: (u: number, t: number) => boolean): void {
    const kept: number[] = [];
    const { starts } = this.quadratic;
    const { K } = this.state;
    const means: number[] = [];
    this.list.forEach((u, t) => {
      if (keep(u, t)) {
        kept.push(t);
        for (let a = starts.view[t] * K; a < starts.view[t + 1] * K; a++) means.push(this.means[a]);
      } else this.isMember[u] = 0;
    });
    if (kept.length === this.list.length) return;
    this.quadratic.compact(kept);
    this.list = kept.map((t) => this.list[t]);
    this.means.set(means);
  }

  /** Adds groups, with Gram entries under the frozen curvatures. */
  extend(list: readonly number[]): void {
    const { quadratic, state } = this;
    const entering = list.filter((u) => !this.has(u));
    const from = quadratic.m;
    let m = from;
    for (const u of entering) m += state.sizeOf(u);
    if (m > quadratic.capacity) {
      quadratic.reserve(Math.max(m, Math.round(1.3 * m)));
      const means = new Float64Array(quadratic.capacity * state.K);
      means.set(this.means.subarray(0, from * state.K));
      this.means = means;
    }
    const starts = quadratic.starts.view;
    m = from;
    for (const u of entering) {
      this.isMember[u] = 1;
      quadratic.ridge[this.list.length] = 0;
      this.list.push(u);
      m += state.sizeOf(u);
      starts[this.list.length] = m;
    }
    const first = quadratic.groups;
    quadratic.groups = this.list.length;
    quadratic.m = m;
    if (m > from) this.gram(from / state.K, first);
  }

  /** Gram entries of the features from index `from` (members from index `first`), with the intercepts eliminated. */
  gram(from: number, first: number): void {
    const { quadratic, state } = this;
    const m = state.listFeatures(this.list);
    const scratch = state.design.arena.scratch();
    const means = scratch.f64(m);
    if (state.K === 1) {
      state.loss.curvature(0, 0, state.d.view);
      state.design.gram(state.features, m, from, state.d, state.centred, means, quadratic.G, quadratic.capacity);
      for (let t = from; t < m; t++) this.means[t] = means.view[t];
    } else this.channelGram(m, from, means, scratch.f64(m * m));
    scratch.release();
    for (let t = first; t < this.list.length; t++) {
      quadratic.ridge[t] = 0;
      quadratic.computeBound(t);
    }
  }

  /** As {@link gram} for several channels; `meansBlock` and T are workspace. */
  private channelGram(m: number, from: number, meansBlock: Block<Float64Array>, T: Block<Float64Array>): void {
    const { quadratic, state } = this;
    const { design, loss, K, d, centred, features, dots } = state;
    const ld = quadratic.capacity;
    quadratic.G.view.fill(0, from * K * ld, m * K * ld);
    for (let r = 0; r < from * K; r++) quadratic.G.view.fill(0, r * ld + from * K, r * ld + m * K);
    this.means.fill(0, from * K * K, m * K * K);
    const H = new Float64Array(K * K);
    const A = new Float64Array(loss.coupled && centred ? m * K * K : 0);
    const scatter = (k: number, l: number, sign: number) => {
      const [G, t] = [quadratic.G.view, T.view];
      for (let c = from; c < m; c++) {
        for (let r = 0; r < m; r++) {
          const x = sign * t[c * m + r];
          G[(c * K + l) * ld + r * K + k] = x;
          G[(r * K + k) * ld + c * K + l] = x;
          G[(c * K + k) * ld + r * K + l] = x;
          G[(r * K + l) * ld + c * K + k] = x;
        }
      }
    };
    for (let k = 0; k < K; k++) {
      for (let l = k; l < (loss.coupled ? K : k + 1); l++) {
        if (!loss.shared || k === 0) {
          const sign = loss.curvature(k, l, d.view);
          design.gram(features, m, from, d, centred && !loss.coupled, meansBlock, T, m);
          if (loss.coupled && centred) {
            H[k * K + l] += sign * sumOfRows(design.rows, d.view);
            design.gradientSubset(d, features, m, dots);
            for (let t = 0; t < m; t++) {
              A[(t * K + k) * K + l] = sign * dots.view[t];
              A[(t * K + l) * K + k] = sign * dots.view[t];
            }
          }
          scatter(k, l, sign);
        } else scatter(k, l, 1);
        if (centred && !loss.coupled)
          for (let t = from; t < m; t++) this.means[(t * K + k) * K + k] = meansBlock.view[t];
      }
    }
    if (loss.coupled && centred) this.eliminateIntercepts(m, from, H, A);
  }

  /** G ← G − A H⁻ Aᵀ: eliminates the intercepts. */
  private eliminateIntercepts(m: number, from: number, H: Float64Array, A: Float64Array): void {
    const { quadratic, state, means } = this;
    const { K } = state;
    const ld = quadratic.capacity;
    const G = quadratic.G.view;
    const solve = state.interceptSolver((k, l) => H[k * K + l]);
    for (let t = 0; t < m * K; t++) solve(A, t * K, means, t * K);
    for (let c = from * K; c < m * K; c++) {
      for (let r = 0; r <= c; r++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += means[c * K + k] * A[r * K + k];
        const x = G[c * ld + r] - sum;
        G[c * ld + r] = x;
        G[r * ld + c] = x;
      }
    }
  }

  /** Sets q to the gradient at the members, without the ridge term. */
  loadGradient(): GroupGradients {
    const { state, quadratic } = this;
    const { K } = state;
    const m = state.listFeatures(this.list);
    const q = quadratic.q.view;
    state.read(m, (t, k, value) => {
      q[t * K + k] = value;
    });
    return { list: this.list, q, starts: quadratic.starts.view };
  }

  /** Copies the coefficients and the penalty of the members into the quadratic model. */
  loadPoint(): void {
    const { quadratic, state } = this;
    const { penalty, groups, K, coef } = state;
    const [b, q, starts] = [quadratic.b.view, quadratic.q.view, quadratic.starts.view];
    this.list.forEach((u, t) => {
      quadratic.l1.view[t] = penalty.l1[u];
      quadratic.l2.view[t] = penalty.l2[u];
      quadratic.setRidge(t, penalty.ridge[u]);
      let at = starts[t];
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
        for (let k = 0; k < K; k++, at++) {
          b[at] = coef[groups.columns[a] * K + k];
          q[at] -= penalty.ridge[u] * b[at];
        }
      }
    });
  }

  /** Change of the intercepts if the members' coefficients move to b. */
  shiftTo(b: Float64Array): Float64Array {
    const { state, means } = this;
    const { K, coef } = state;
    const m = state.listFeatures(this.list);
    const features = state.features.view;
    const shift = new Float64Array(K);
    if (!state.centred) return shift;
    for (let t = 0; t < m; t++) {
      for (let k = 0; k < K; k++) {
        const change = b[t * K + k] - coef[features[t] * K + k];
        if (change === 0) continue;
        for (let l = 0; l < K; l++) shift[l] -= change * means[(t * K + k) * K + l];
      }
    }
    return shift;
  }
}
