import { arenaFor } from '@southwell/kernels';
import type { MatrixLike } from '../../arrays/index.ts';
import { type Certificate, fail, type OptionKeys, type Status } from '../../core/index.ts';
import { asOperator, type LinearOperator } from '../../operators/index.ts';
import { powerOfTwo, Space, safeNorm, type Vector } from '../space.ts';
import { checkVector, type LinearIterate, type SolverOptions, solverKeys } from '../system.ts';

export interface LeastSquaresOptions extends Omit<SolverOptions, 'tol'> {
  /** Damping: minimises ‖b − Ax‖² + damp²‖x‖². Default 0. */
  readonly damp?: number;
  /** Relative error of A: stops when ‖Aᵀr‖ ≤ atol‖A‖‖r‖. Default 1e-8. */
  readonly atol?: number;
  /** Relative error of b: stops when ‖r‖ ≤ btol‖b‖ + atol‖A‖‖x‖. Default 1e-8. */
  readonly btol?: number;
  /** Condition limit: stops when the estimated condition number of A exceeds it. Default: none. */
  readonly conditionLimit?: number;
}

const { tol: _, ...keys } = solverKeys;
export const leastSquaresKeys: OptionKeys<LeastSquaresOptions> = {
  ...keys,
  damp: true,
  atol: true,
  btol: true,
  conditionLimit: true,
};

/** Quantities that a method tracks, in scaled units. */
interface State {
  readonly residual: number;
  /** ‖Aᵀr‖. */
  readonly normal: number;
  /** Estimate of ‖A‖. */
  readonly norm: number;
  readonly condition: number;
}

/**
 * A least-squares problem for Golub–Kahan bidiagonalisation (1965). With damping, A is extended by damp·I below it, so
 * that starting from another point, or restarting, amounts to another right-hand side.
 */
export class LeastSquaresSystem {
  readonly space: Space;
  readonly x: Vector;
  readonly u: Vector;
  readonly v: Vector;
  alpha = 0;
  beta = 0;
  readonly reference: number;
  private readonly A: LinearOperator;
  private readonly b: Vector;
  private readonly image: Vector;
  private readonly back: Vector;
  private readonly damp: number;
  private readonly atol: number;
  private readonly btol: number;
  private readonly conditionLimit: number;
  private readonly scale: number;
  private products = 0;
  private looks = 0;
  private least = Number.POSITIVE_INFINITY;

  /** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
  constructor(
    private readonly name: string,
    A: MatrixLike | LinearOperator,
    b: ArrayLike<number>,
    options: LeastSquaresOptions,
  ) {
    const { damp = 0, atol = 1e-8, btol = 1e-8, conditionLimit = Number.POSITIVE_INFINITY } = options;
    for (const [key, value] of Object.entries({ damp, atol, btol, conditionLimit })) {
      if (!(value >= 0)) fail('INVALID_PARAMETER', `${key} must be at least 0, but is ${value}.`);
    }
    [this.damp, this.atol, this.btol, this.conditionLimit] = [damp, atol, btol, conditionLimit];
    this.A = asOperator(A);
    const { rows, cols } = this.A;
    if (!this.A.applyTransposed) {
      fail(
        'INVALID_PARAMETER',
        `${name} needs products with Aᵀ: give the operator an applyTransposed, or use minres or gmres.`,
      );
    }
    checkVector('b', b, rows, 'A', 'rows');
    if (options.x0) checkVector('x0', options.x0, cols, 'A', 'columns');
    this.space = new Space(this.A.arena ?? arenaFor(32 * (rows + 4 * cols)), cols);
    const { space } = this;
    const long = rows + (damp > 0 ? cols : 0);
    [this.b, this.u, this.image] = [space.vector(long), space.vector(long), space.vector(long)];
    [this.x, this.v, this.back] = [space.vector(), space.vector(), space.vector()];
    this.b.view.set(b);
    this.scale = powerOfTwo(safeNorm(this.b.view));
    space.scale(1 / this.scale, this.b);
    this.reference = space.norm(this.b);
    if (options.x0 && this.reference > 0) {
      this.x.view.set(options.x0);
      space.scale(1 / this.scale, this.x);
    }
  }

  private forward(x: Vector, out: Vector): void {
    const { rows } = this.A;
    this.products++;
    this.A.apply(x.view, out.view.subarray(0, rows));
    if (this.damp === 0) return;
    const [from, to] = [x.view, out.view];
    for (let j = 0; j < from.length; j++) to[rows + j] = this.damp * from[j];
  }

  private backward(u: Vector, out: Vector): void {
    const { rows } = this.A;
    this.products++;
    this.A.applyTransposed!(u.view.subarray(0, rows), out.view);
    if (this.damp === 0) return;
    const [from, to] = [u.view, out.view];
    for (let j = 0; j < to.length; j++) to[j] += this.damp * from[rows + j];
  }

  /** Initialises u and v from the residual at x. */
  begin(): void {
    const { space, u, v } = this;
    this.forward(this.x, u);
    space.xpby(this.b, -1, u);
    this.beta = space.norm(u);
    if (this.beta > 0) space.scale(1 / this.beta, u);
    this.backward(u, v);
    this.alpha = space.norm(v);
    if (this.alpha > 0) space.scale(1 / this.alpha, v);
  }

  /** Computes the next u and v. */
  step(): void {
    const { space, u, v, image, back } = this;
    this.forward(v, image);
    space.xpby(image, -this.alpha, u);
    this.beta = space.norm(u);
    if (this.beta > 0) space.scale(1 / this.beta, u);
    this.backward(u, back);
    space.xpby(back, -this.beta, v);
    this.alpha = space.norm(v);
    if (this.alpha > 0) space.scale(1 / this.alpha, v);
  }

  get trivial(): boolean {
    return this.reference === 0 || this.space.n === 0;
  }

  /**
   * The current iterate, with the final status if the run ends here, and whether to restart from x because the
   * recurrences have drifted.
   */
  judge(iteration: number, state: State): { readonly iterate: LinearIterate; readonly anew: boolean } {
    const { residual, normal, norm, condition } = state;
    const size = this.space.norm(this.x);
    const compatible = (r: number) => r <= this.btol * this.reference + this.atol * norm * size;
    const least = (n: number, r: number) => n <= this.atol * norm * r;
    const metrics = {
      residual: this.relative(residual),
      normalResidual: quotient(normal, norm * residual),
      norm,
      condition,
    };
    const exhausted = this.alpha === 0 || this.beta === 0;
    const rounded = normal <= Number.EPSILON * norm * residual || residual <= Number.EPSILON * this.reference;
    if (
      !compatible(residual) &&
      !least(normal, residual) &&
      condition <= this.conditionLimit &&
      !exhausted &&
      !rounded
    ) {
      return { iterate: this.at(iteration, metrics), anew: false };
    }
    const truth = this.truth(norm);
    if (compatible(truth.residual) || least(truth.normal, truth.residual)) {
      const next = truth.residual <= 10 * Number.EPSILON * this.reference || compatible(truth.residual);
      return { iterate: this.at(iteration, metrics, next ? truth.own : truth.least, 'converged'), anew: false };
    }
    if (condition > this.conditionLimit) {
      const words = `The condition number of A, about ${condition.toPrecision(3)}, exceeds conditionLimit. Set damp, or drop columns.`;
      return { iterate: this.at(iteration, metrics, truth.own, 'stalled', words), anew: false };
    }
    // If a restart gains nothing, the limit is set by rounding.
    const gained = quotient(truth.normal, norm * truth.residual) < 0.5 * this.least;
    this.least = Math.min(this.least, quotient(truth.normal, norm * truth.residual));
    if (!gained || ++this.looks > 20) {
      const words = `${this.name} is limited by rounding before atol and btol are reached: use looser tolerances.`;
      return { iterate: this.at(iteration, metrics, truth.least, 'stalled', words), anew: false };
    }
    return { iterate: this.at(iteration, metrics, truth.least), anew: true };
  }

  /** The only iterate if b is 0 or orthogonal to the columns of A. */
  nothing(): LinearIterate {
    const own = this.truth(0).own;
    return this.at(
      0,
      { residual: own.relative, normalResidual: 0 },
      { kind: 'normalResidual', value: 0, relative: 0 },
      'converged',
    );
  }

  private relative(r: number): number {
    return quotient(r, this.reference);
  }

  /** True values of ‖b − Ax‖ and ‖Aᵀ(b − Ax)‖. */
  private truth(norm: number): { residual: number; normal: number; own: Certificate; least: Certificate } {
    const { space, image, back } = this;
    this.forward(this.x, image);
    space.xpby(this.b, -1, image);
    const residual = space.norm(image);
    this.backward(image, back);
    const normal = space.norm(back);
    return {
      residual,
      normal,
      own: { kind: 'residual', value: residual * this.scale, relative: this.relative(residual) },
      least: { kind: 'normalResidual', value: normal * this.scale, relative: quotient(normal, norm * residual) },
    };
  }

  at(
    iteration: number,
    metrics: Readonly<Record<string, number>>,
    certificate?: Certificate,
    done?: Status,
    next?: string,
  ): LinearIterate {
    const system = this;
    let proof = certificate;
    return {
      iteration,
      objective: undefined,
      get certificate() {
        return proof;
      },
      metrics,
      work: { matrixVectorProducts: this.products },
      ...(done && { done }),
      ...(next && { next }),
      snapshot() {
        proof ??= system.truth(metrics.norm ?? 0).least;
        return system.x.view.map((v) => v * system.scale);
      },
    };
  }

  end(): void {
    this.space.end();
  }
}

const quotient = (a: number, b: number): number => (a === 0 ? 0 : a / b);
