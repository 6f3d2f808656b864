import { fail, type Iterate } from '@southwell/numerics/core';
import { clamp, poolAdjacentViolators } from '@southwell/numerics/projections';
import { UnionFind } from '../blocks/index.ts';
import { gapCertificate, type Spread, spreadOf } from './data.ts';
import { type Chains, chainsOf, type Order } from './orders.ts';

/** State of the method, as plain data. */
export interface MonotoneState {
  readonly iteration: number;
  /** Multipliers of the relations, in the order of the chains. */
  readonly multipliers: Float64Array;
  /** Change of the multipliers in the last iteration. */
  readonly last: Float64Array;
  /** The best fit so far, one value for each node. */
  readonly best: Float64Array;
}

/** The problem on nodes: rows that must be equal are merged into their weighted mean, and y is shifted and scaled. */
export class Problem {
  readonly y: Float64Array;
  readonly w: Float64Array;
  readonly low: number;
  readonly high: number;
  /** Σ w (y − its node's mean)²: the part that no fit can explain. */
  readonly within: number;
  readonly spread: Spread;

  constructor(
    readonly order: Order,
    y: Float64Array,
    w: Float64Array,
    readonly unit: number,
    readonly bounds: readonly [number, number],
  ) {
    const { nodes, nodeOf } = order;
    this.spread = spreadOf(y, w);
    const { mean, scale } = this.spread;
    this.y = new Float64Array(nodes);
    this.w = new Float64Array(nodes);
    const moved = y.map((v) => (v - mean) * scale);
    for (let i = 0; i < y.length; i++) {
      const v = nodeOf[i];
      this.w[v] += w[i];
      this.y[v] += (moved[i] - this.y[v]) * (w[i] / this.w[v]);
    }
    this.within = 0;
    for (let i = 0; i < y.length; i++) this.within += w[i] * (moved[i] - this.y[nodeOf[i]]) ** 2;
    [this.low, this.high] = bounds.map((v) => (v - mean) * scale);
  }

  /** Σ w (y − z)². */
  squares(z: Float64Array): number {
    const { y, w } = this;
    let sum = this.within;
    for (let v = 0; v < z.length; v++) sum += w[v] * (y[v] - z[v]) ** 2;
    return sum;
  }

  /**
   * Midway between the largest value below each node and the smallest above it, within the bounds: a feasible point.
   */
  feasible(z: Float64Array): Float64Array {
    const { nodes, pointers, to } = this.order;
    const [up, down] = [z.slice(), z.slice()];
    for (let v = 0; v < nodes; v++) {
      for (let e = pointers[v]; e < pointers[v + 1]; e++) if (up[to[e]] < up[v]) up[to[e]] = up[v];
    }
    for (let v = nodes - 1; v >= 0; v--) {
      for (let e = pointers[v]; e < pointers[v + 1]; e++) if (down[to[e]] < down[v]) down[v] = down[to[e]];
    }
    for (let v = 0; v < nodes; v++)
      up[v] = clamp(up[v] === down[v] ? up[v] : (up[v] + down[v]) / 2, this.low, this.high);
    return up;
  }
}

/** Maximum number of reduced subspaces tried before an extrapolated step is given up. */
const TRIES = 8;

/** Σ w a b. */
function inner(w: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let v = 0; v < w.length; v++) sum += w[v] * a[v] * b[v];
  return sum;
}

/** The minimiser of Σ w (z + a q + b p)²; along q alone if p adds nothing. */
function bestOfPlane(w: Float64Array, q: Float64Array, p: Float64Array, z: Float64Array): [number, number] {
  const [qq, qz, pp, pq, pz] = [inner(w, q, q), inner(w, q, z), inner(w, p, p), inner(w, p, q), inner(w, p, z)];
  const determinant = pp * qq - pq * pq;
  if (determinant > 1e-10 * pp * qq) return [(pq * pz - pp * qz) / determinant, (pq * qz - qq * pz) / determinant];
  return [qq > 0 ? -qz / qq : 0, 0];
}

/** The dual: multipliers of the relations along chains, and the corresponding point z = y − W⁻¹Aᵀλ. */
class Dual {
  readonly chains: Chains;
  readonly z: Float64Array;
  /** At each position of a chain the multiplier of the relation to the next one; 0 at its end. */
  readonly multipliers: Float64Array;
  /** Change of the multipliers in the last step; zeros before the first. */
  readonly last: Float64Array;
  private readonly buffers;

  constructor(
    private readonly problem: Problem,
    resume?: MonotoneState,
  ) {
    this.chains = chainsOf(problem.order);
    const { count, nodes, starts } = this.chains;
    const places = nodes.length;
    if (resume && (resume.multipliers.length !== places || resume.best.length !== problem.y.length)) {
      fail('INVALID_PARAMETER', 'The checkpoint belongs to another order: resume with the rows it was written for.');
    }
    this.multipliers = resume?.multipliers.slice() ?? new Float64Array(places);
    this.last = resume?.last.slice() ?? new Float64Array(places);
    this.z = new Float64Array(problem.y.length);
    let longest = 0;
    for (let c = 0; c < count; c++) longest = Math.max(longest, starts[c + 1] - starts[c]);
    const chain = () => new Float64Array(longest);
    const node = () => new Float64Array(problem.y.length);
    this.buffers = {
      chain: { r: chain(), w: chain(), means: chain(), weights: chain(), ends: new Int32Array(longest) },
      ...{ before: new Float64Array(places), swept: new Float64Array(places), step: new Float64Array(places) },
      ...{ zSwept: node(), q: node(), p: node() },
    };
    this.settle();
  }

  /** Recomputes z from the multipliers, so that rounding errors do not accumulate. */
  settle(): void {
    this.z.set(this.problem.y);
    this.push(this.multipliers, this.z);
  }

  /** out −= W⁻¹Aᵀd. */
  private push(d: Float64Array, out: Float64Array): void {
    const { w } = this.problem;
    const { nodes } = this.chains;
    for (let p = 0; p + 1 < nodes.length; p++) {
      const m = d[p];
      if (m === 0) continue;
      out[nodes[p]] -= m / w[nodes[p]];
      out[nodes[p + 1]] += m / w[nodes[p + 1]];
    }
  }

  /**
   * Sweeps over all chains up and back, then an extrapolation within the plane of that step and the last one, as far as
   * optimal for the dual: locally optimal conjugate gradients (Knyazev 2001), preconditioned by the sweeps. Returns
   * false if the sweeps changed nothing.
   */
  step(): boolean {
    const { multipliers, last } = this;
    const { count } = this.chains;
    const { before, step } = this.buffers;
    before.set(multipliers);
    let moved = false;
    for (let c = 0; c < count; c++) if (this.improve(c)) moved = true;
    for (let c = count - 1; c >= 0; c--) if (this.improve(c)) moved = true;
    this.settle();
    for (let e = 0; e < step.length; e++) {
      // Multipliers at 0 stay there.
      if (multipliers[e] === 0) step[e] = last[e] = 0;
      else step[e] = multipliers[e] - before[e];
    }
    this.extrapolate();
    for (let e = 0; e < step.length; e++) last[e] = multipliers[e] - before[e];
    return moved;
  }

  /**
   * The optimal point of the plane, with negative multipliers set to 0; if that is no better than the sweeps alone,
   * these multipliers are removed from the plane, and so on. The dual is better if Σ w z² is smaller.
   */
  private extrapolate(): void {
    const { multipliers, last, z, problem } = this;
    const { w } = problem;
    const { swept, zSwept, step, q, p } = this.buffers;
    swept.set(multipliers);
    zSwept.set(z);
    const least = inner(w, z, z);
    for (let tries = 0, cut = true; tries < TRIES && cut; tries++) {
      q.fill(0);
      p.fill(0);
      this.push(step, q);
      this.push(last, p);
      const [a, b] = bestOfPlane(w, q, p, zSwept);
      cut = false;
      for (let e = 0; e < swept.length; e++) {
        const m = swept[e] + a * step[e] + b * last[e];
        if (m < 0) {
          cut = true;
          step[e] = last[e] = 0;
        }
        multipliers[e] = Math.max(0, m);
      }
      this.settle();
      if (inner(w, z, z) < least) return;
    }
    multipliers.set(swept);
    z.set(zSwept);
  }

  /**
   * The optimal multipliers of one chain given the others, by pooling adjacent violators; returns whether they changed.
   */
  improve(c: number): boolean {
    const { z, multipliers, problem } = this;
    const { nodes, starts } = this.chains;
    const { r, w, means, weights, ends } = this.buffers.chain;
    const [from, to] = [starts[c], starts[c + 1]];
    let before = 0;
    for (let p = from; p < to; p++) {
      const v = nodes[p];
      w[p - from] = problem.w[v];
      r[p - from] = z[v] + (multipliers[p] - before) / problem.w[v];
      before = multipliers[p];
    }
    const blocks = poolAdjacentViolators(to - from, r, w, means, weights, ends);
    let moved = false;
    for (let b = 0, k = 0; b < blocks; b++) {
      const mean = means[b];
      let sum = 0;
      for (const end = ends[b]; k < end; k++) {
        sum += w[k] * (r[k] - mean);
        const m = k === end - 1 || sum < 0 ? 0 : sum;
        if (multipliers[from + k] !== m) {
          multipliers[from + k] = m;
          moved = true;
        }
        z[nodes[from + k]] = mean;
      }
    }
    return moved;
  }

  /** The weighted mean of y over the nodes linked by positive multipliers: the optimum once these are correct. */
  tied(): Float64Array {
    const { y, w } = this.problem;
    const { nodes } = this.chains;
    const sets = new UnionFind(y.length);
    for (let p = 0; p < nodes.length; p++) if (this.multipliers[p] > 0) sets.union(nodes[p], nodes[p + 1]);
    const [sum, weight] = [new Float64Array(y.length), new Float64Array(y.length)];
    for (let v = 0; v < y.length; v++) {
      const s = sets.find(v);
      weight[s] += w[v];
      sum[s] += (y[v] - sum[s]) * (w[v] / weight[s]);
    }
    const out = new Float64Array(y.length);
    for (let v = 0; v < out.length; v++) out[v] = sum[sets.find(v)];
    return out;
  }

  /**
   * The duality gap at a feasible point x: with c the point z clipped to the bounds, Σ w ((x − c)² + 2 (x − c)(c − z))
   * + 2 Σ λ (x_j − x_i), whose terms are non-negative; and the KKT residual, the largest difference between x and c, or
   * across a relation with λ > 0.
   */
  gap(x: Float64Array): { gap: number; residual: number } {
    const { z, multipliers, problem } = this;
    const { w, low, high } = problem;
    const { nodes } = this.chains;
    let [gap, residual] = [0, 0];
    for (let v = 0; v < x.length; v++) {
      const c = clamp(z[v], low, high);
      const d = x[v] - c;
      gap += w[v] * d * (d + 2 * (c - z[v]));
      residual = Math.max(residual, Math.abs(d));
    }
    for (let p = 0; p + 1 < nodes.length; p++) {
      if (multipliers[p] === 0) continue;
      const slack = x[nodes[p + 1]] - x[nodes[p]];
      gap += 2 * multipliers[p] * slack;
      residual = Math.max(residual, slack);
    }
    return { gap, residual };
  }
}

/**
 * Block coordinate ascent in the dual: the relations are partitioned into chains, and a block step is exact isotonic
 * regression along one of them (Dykstra's algorithm; Dykstra & Robertson 1982 for rows and columns of a table). An
 * iteration passes through all chains and back. The point is the better of two feasible ones: z made feasible, and the
 * means over nodes linked by positive multipliers, which is the optimum itself once these are correct, after finitely
 * many iterations. O(nodes + relations) an iteration and memory.
 */
export function* solve(problem: Problem, resume?: MonotoneState): Generator<Iterate<Float64Array>> {
  const { spread, unit } = problem;
  const { mean, scale } = spread;
  const dual = new Dual(problem, resume);
  let best = resume?.best.slice() ?? problem.feasible(dual.tied());
  let found = dual.gap(best);
  for (let iteration = resume?.iteration ?? 0, moved = true; ; iteration++) {
    yield {
      iteration,
      objective: problem.squares(best) / scale / scale / unit,
      certificate: gapCertificate(found.gap, spread, unit),
      metrics: { kktResidual: found.residual / scale },
      work: { epochs: 2 * iteration },
      done: moved ? undefined : 'stalled',
      snapshot: () => best.map((v) => clamp(v / scale + mean, ...problem.bounds)),
      checkpoint: (): MonotoneState => ({
        iteration,
        multipliers: dual.multipliers.slice(),
        last: dual.last.slice(),
        best: best.slice(),
      }),
    };
    moved = dual.step();
    found = dual.gap(best);
    const tied = dual.tied();
    const repaired = problem.feasible(tied);
    const candidates = repaired.every((v, i) => v === tied[i]) ? [tied] : [repaired, problem.feasible(dual.z)];
    for (const candidate of candidates) {
      // Compared by gaps, which are sums of small terms: objectives agree up to rounding long before points do.
      const other = dual.gap(candidate);
      if (other.gap < found.gap) [best, found] = [candidate, other];
    }
  }
}
