import type { DenseMatrix } from '@southwell/numerics/arrays';
import { allowedParents, type Knowledge, needsMask } from '../knowledge.ts';
import { OrderFactor, type OrderFit, regression, varianceLeft } from './orderFactor.ts';

/**
 * An {@link OrderFit} in which each node is regressed only on those predecessors that may be its parents. Nodes for
 * which the possible orders already rule out every forbidden parent use an {@link OrderFactor}; the others are
 * regressed one by one. The residual variance of each of these for a set of parents is computed once and cached: O(d³)
 * each, O(d) memory a set.
 * @throws SINGULAR as OrderFactor does.
 */
export class MaskedFactor implements OrderFit {
  private readonly plain: OrderFactor;
  /** 1 for nodes that are regressed one by one. */
  private readonly masked: Uint8Array;
  private readonly known = new Map<string, number>();

  constructor(
    private readonly C: DenseMatrix,
    order: ArrayLike<number>,
    private readonly knowledge: Knowledge,
    private readonly ridge = 0,
    private readonly names?: readonly string[],
  ) {
    this.masked = Uint8Array.from({ length: C.rows }, (_, node) => (needsMask(knowledge, node) ? 1 : 0));
    this.plain = new OrderFactor(C, order, ridge, names, (node) => !this.masked[node]);
  }

  get order(): Int32Array {
    return this.plain.order;
  }

  /** Half the sum of the residual variances of the masked nodes at positions a to b. */
  private segment(order: Int32Array, a: number, b: number): number {
    let sum = 0;
    for (let p = a; p <= b; p++) {
      const node = order[p];
      if (!this.masked[node]) continue;
      const parents = allowedParents(order.subarray(0, p), node, this.knowledge);
      const key = `${node}:${parents.join()}`;
      let variance = this.known.get(key);
      if (variance === undefined) {
        variance = varianceLeft(this.C, node, parents, this.ridge, this.names);
        this.known.set(key, variance);
      }
      sum += variance / 2;
    }
    return sum;
  }

  score(): number {
    return this.plain.score() + this.segment(this.order, 0, this.order.length - 1);
  }

  swapGain(a: number, b: number): number {
    const other = this.order.slice();
    [other[a], other[b]] = [other[b], other[a]];
    return this.plain.swapGain(a, b) + (this.segment(other, a, b) - this.segment(this.order, a, b));
  }

  swap(pairs: ReadonlyArray<readonly [number, number]>): void {
    this.plain.swap(pairs);
  }

  coefficients(): Float64Array {
    const B = this.plain.coefficients();
    const { order } = this;
    const d = order.length;
    this.regressions((p, _, weights) => {
      for (let q = 0; q < p; q++) B[p * d + q] = weights.get(order[q]) ?? 0;
    });
    return B;
  }

  weights(): DenseMatrix {
    const W = this.plain.weights();
    this.regressions((_, node, weights) => {
      for (let i = 0; i < W.rows; i++) W.set(i, node, weights.get(i) ?? 0);
    });
    return W;
  }

  /** Visits the masked nodes: position, node, and weights by parents. */
  private regressions(visit: (p: number, node: number, weights: ReadonlyMap<number, number>) => void): void {
    const { C, order, ridge } = this;
    order.forEach((node, p) => {
      if (!this.masked[node]) return;
      const parents = allowedParents(order.subarray(0, p), node, this.knowledge);
      const { weights } = regression(C, node, parents, ridge);
      visit(p, node, new Map(parents.map((parent, k) => [parent, weights[k]])));
    });
  }
}
