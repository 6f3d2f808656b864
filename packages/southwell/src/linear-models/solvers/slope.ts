import type { Block } from '@southwell/kernels';
import { type Iterate, type Status, sumOfRows } from '@southwell/numerics/core';
import type { BoundLoss } from '../../losses/index.ts';
import type { Design } from '../design/design.ts';
import { accelerate, type Composite, largestCurvature } from './accelerated.ts';
import { centreIntercepts, newtonMove } from './intercept.ts';
import { bySize, dualSortedL1, proxSortedL1, sortedL1 } from './sortedL1.ts';
import type { LinearPoint } from './state.ts';

type Vector = Block<Float64Array>;

/** Storage for a predictor and the negative gradient at it. */
interface Room {
  readonly eta: Vector;
  readonly v: Vector;
}

const STEPS = 20_000;
/** Steps between evaluations of the gap. */
const LOOK_EVERY = 10;

/** A smooth loss under the sorted L1 norm: working sets outside, FISTA with restarts inside. */
export class SlopeSolver {
  readonly nullValue: number;
  readonly nullGradient: Float64Array;
  /** Loss at the last iterate. */
  lossValue = 0;
  private beta: Float64Array;
  private intercept = 0;

  /** `weights` times `curvature` bound the second derivatives of the loss. */
  constructor(
    readonly design: Design,
    private readonly loss: BoundLoss,
    private readonly weights: Float64Array,
    private readonly curvature: number,
    private readonly offset: Float64Array | undefined,
    private readonly centre: boolean,
  ) {
    const { n, p } = design;
    this.beta = new Float64Array(p);
    const scratch = design.arena.scratch();
    const room = { eta: scratch.f64(n), v: scratch.f64(n) };
    this.nullValue = this.evaluate([], [], room).value;
    this.lossValue = this.nullValue;
    this.nullGradient = new Float64Array(p);
    design.gradient(room.v, this.nullGradient, true);
    scratch.release();
  }

  /** Moves to a point in the units of the data, as if it were the initial point. */
  moveTo({ coef, intercept }: LinearPoint): void {
    const scale = this.design.scale.view;
    this.beta = coef.map((v, j) => v / scale[j]);
    this.intercept = this.centre ? intercept : 0;
  }

  /** Linear predictor at the last iterate, offset included. */
  linearPredictor(): Float64Array {
    const scratch = this.design.arena.scratch();
    const room = { eta: scratch.f64(this.design.n), v: scratch.f64(this.design.n) };
    const columns = this.support();
    this.evaluate(columns, this.at(columns), room);
    const out = room.eta.view.slice();
    scratch.release();
    return out;
  }

  private support(): number[] {
    const out: number[] = [];
    this.beta.forEach((b, j) => {
      if (b !== 0) out.push(j);
    });
    return out;
  }

  private at(columns: readonly number[]): Float64Array {
    return Float64Array.from(columns, (j) => this.beta[j]);
  }

  /** Computes eta, v and the optimal intercept for coefficients b of the listed columns. */
  private evaluate(columns: ArrayLike<number>, b: ArrayLike<number>, { eta, v }: Room) {
    const { design, loss, offset } = this;
    eta.view.fill(this.intercept);
    if (offset) for (let i = 0; i < offset.length; i++) eta.view[i] += offset[i];
    const scratch = design.arena.scratch();
    const list = scratch.i32(Math.max(1, columns.length));
    for (let t = 0; t < columns.length; t++) list.view[t] = columns[t];
    design.add(list, Float64Array.from(b), columns.length, eta);
    const d = scratch.f64(design.n).view;
    const [e, r] = [eta.view, v.view];
    let value = loss.derivatives(e, r, d);
    const intercepts = Float64Array.of(this.intercept);
    if (this.centre) {
      const old = [new Float64Array(e.length)];
      const evaluate = () => loss.derivatives(e, r, d);
      const newton = (sums: Float64Array) => newtonMove(sums[0], sumOfRows(design.rows, d));
      value = centreIntercepts({ eta: [e], v: [r], old, evaluate, newton, rows: design.rows }, value, intercepts);
    }
    scratch.release();
    return { value, intercept: intercepts[0] };
  }

  /** Duality gap at coefficients b, with the loss there and X̃ᵀv where they may differ from zero. */
  private gap(value: number, b: Float64Array, gradient: Float64Array, lambda: Float64Array, { eta, v }: Room): number {
    const { offset, loss } = this;
    const s = Math.min(1, 1 / dualSortedL1(gradient, lambda));
    let shift = 0;
    if (offset) for (let i = 0; i < offset.length; i++) shift += v.view[i] * offset[i];
    return Math.max(0, value + sortedL1(b, lambda) + loss.conjugate(v.view, s, eta.view) + s * shift);
  }

  *iterates(lambda: Float64Array, tol: number): Generator<Iterate<LinearPoint>> {
    const { design } = this;
    const { p, n, arena } = design;
    const scratch = arena.scratch();
    try {
      const room = { eta: scratch.f64(n), v: scratch.f64(n) };
      const g = new Float64Array(p);
      const absolute = tol * Math.max(this.nullValue, Number.MIN_VALUE);
      let floor = Number.POSITIVE_INFINITY;
      let stuck = 0;
      let size = Math.max(16, Math.round(2 * Math.sqrt(p)));
      for (let iteration = 0; ; iteration++) {
        const support = this.support();
        const at = this.evaluate(support, this.at(support), room);
        this.intercept = at.intercept;
        this.lossValue = at.value;
        design.gradient(room.v, g);
        const gap = this.gap(at.value, this.beta, g, lambda, room);
        const done: Status | undefined = stuck >= 4 ? 'stalled' : undefined;
        yield {
          iteration,
          objective: at.value + sortedL1(this.beta, lambda),
          certificate: { kind: 'dualityGap', value: gap, relative: gap / Math.max(this.nullValue, Number.MIN_VALUE) },
          active: support.length,
          work: { matrixVectorProducts: iteration + 1 },
          done,
          snapshot: () => this.point(),
        };
        if (done) return;
        stuck = gap < 0.9 * floor ? 0 : size >= p ? stuck + 1 : stuck;
        floor = Math.min(floor, gap);
        const columns = this.chooseColumns(support, g, size);
        size = Math.min(p, 2 * size);
        this.descend(columns, lambda, Math.max(0.2 * absolute, 0.02 * gap) * 0.1 ** stuck, room);
      }
    } finally {
      scratch.release();
    }
  }

  /** The support and the columns with the largest gradients; twice as many each time, finally all. */
  private chooseColumns(support: readonly number[], g: Float64Array, size: number): number[] {
    const chosen = new Set(support);
    for (const j of bySize(g)) {
      if (chosen.size >= Math.max(size, 2 * support.length)) break;
      if (this.design.norms[j] > 0) chosen.add(j);
    }
    return [...chosen];
  }

  /** The point in the units of the data. */
  private point(): LinearPoint {
    const scale = this.design.scale.view;
    return { coef: this.beta.map((b, j) => b * scale[j] + 0), intercept: this.intercept };
  }

  /** FISTA on the listed columns, all others zero, to a gap of `tol`. */
  private descend(columns: number[], lambda: Float64Array, tol: number, room: Room): void {
    const { design } = this;
    const m = columns.length;
    const scratch = design.arena.scratch();
    try {
      const list = scratch.i32(m);
      list.view.set(columns);
      const dots = scratch.f64(m);
      const weights = scratch.f64(design.n);
      weights.view.set(this.weights);
      const gradient = () => {
        design.gradientSubset(room.v, list, m, dots);
        return dots.view.slice(0, m);
      };
      const f: Composite = {
        value: (b) => this.evaluate(columns, b, room).value,
        pull: (b) => ({ value: this.evaluate(columns, b, room).value, pull: gradient() }),
        prox: (z, step) => proxSortedL1(z, lambda, step),
      };
      const L = largestCurvature(design, list, m, weights, this.curvature, this.centre);
      if (!(L > 0)) return;
      let b = this.at(columns);
      let k = 0;
      for (b of accelerate(f, b, L)) {
        k++;
        if (k % LOOK_EVERY === 0) {
          const here = this.evaluate(columns, b, room);
          if (this.gap(here.value, b, gradient(), lambda, room) <= tol) break;
        }
        if (k === STEPS) break;
      }
      this.beta.fill(0);
      columns.forEach((j, i) => {
        this.beta[j] = b[i];
      });
    } finally {
      scratch.release();
    }
  }
}
