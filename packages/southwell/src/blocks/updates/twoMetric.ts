import { fail } from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import type { CoordinatePenalty, SeparablePenalty } from '../../penalties/index.ts';
import type { BlockContext } from '../context.ts';
import type { ProximalUpdate } from './rule.ts';

/** Distance to the bound below which a coordinate may be active, as in the authors' code. */
const NEAR = 1e-4;

/**
 * TMP, two-metric projection (Gafni & Bertsekas 1984) for x ≥ 0 with a term alpha·x: coordinates near their bound with
 * ∇F pointing towards it take a gradient step scaled by 1/Σ_{i∈A}L_i, the others a Newton step; both are projected, and
 * α is halved until F decreases sufficiently along the projection arc.
 */
export function twoMetricProjection(): ProximalUpdate {
  return {
    name: 'twoMetric',
    handlesPenalty: true,
    start(context) {
      const penalty = projectable(context.penalty);
      return (block, next) => twoMetric(context, penalty, block, next);
    },
  };
}

function twoMetric(context: BlockContext, penalty: SeparablePenalty, block: Int32Array, next: Float64Array): void {
  const { x } = context;
  const m = block.length;
  const H = context.problem.quadratic ? context.bound(block) : context.hessian(block);
  const g = context.blockGradient(block);
  const d = new Float64Array(m);
  const working: number[] = [];
  let activeL = 0;
  for (let a = 0; a < m; a++) {
    // The one-sided derivative of the penalty from inside, since the bound is not a kink of it.
    g[a] += penalty.derivative(block[a], Math.max(x[block[a]], NEAR));
    if (x[block[a]] < NEAR && g[a] > 0) activeL += context.problem.coordinateLipschitz[block[a]];
    else working.push(a);
  }
  for (let a = 0; a < m; a++) d[a] = activeL > 0 ? -g[a] / activeL : 0;
  const w = working.length;
  const M = new Float64Array(w * w);
  const rhs = new Float64Array(w);
  for (let s = 0; s < w; s++) {
    const a = working[s];
    for (let t = 0; t < w; t++) M[s * w + t] = H[a * m + working[t]];
    M[s * w + s] += penalty.inSupport(block[a], x[block[a]]) ? penalty.curvature(block[a], x[block[a]]) : 0;
    rhs[s] = -g[a];
  }
  const direction = rhs.slice();
  const factor = factorPositive(M, w);
  factor.solve(direction);
  if (factor.rank < w) {
    // If the working system is singular (more columns than rows), the component of −∇_W outside its range, where the
    // pseudo-inverse is 0, takes a gradient step, so that the scaling stays positive definite.
    let L = 0;
    for (let s = 0; s < w; s++) L += M[s * w + s];
    for (let s = 0; s < w; s++) {
      let left = rhs[s];
      for (let t = 0; t < w; t++) left -= M[s * w + t] * direction[t];
      d[working[s]] = direction[s] + (L > 0 ? left / L : left);
    }
  } else for (let s = 0; s < w; s++) d[working[s]] = direction[s];
  const free = new Uint8Array(m);
  for (const a of working) free[a] = 1;
  for (let alpha = 1; alpha > 1e-20; alpha /= 2) {
    // The predicted decrease for α (Bertsekas 1982, eq. 34): active coordinates count by their actual displacement;
    // otherwise large gradients of coordinates at their bound would require a decrease that no step can achieve.
    let promised = 0;
    for (let a = 0; a < m; a++) {
      next[a] = Math.max(0, x[block[a]] + alpha * d[a]);
      promised += g[a] * (free[a] ? alpha * d[a] : next[a] - x[block[a]]);
    }
    if (promised === 0) return;
    if (context.trial(block, next) <= 1e-10 * promised) return;
  }
  for (let a = 0; a < m; a++) next[a] = x[block[a]];
}

/** The projection is onto x ≥ 0, and the penalty must be smooth in the interior. */
function projectable(penalty: SeparablePenalty | undefined): SeparablePenalty {
  const parameters = (penalty as CoordinatePenalty | undefined)?.parameters;
  const every = (v: number | ArrayLike<number>, ok: (x: number) => boolean): boolean =>
    typeof v === 'number' ? ok(v) : Array.from(v).every(ok);
  const fits =
    penalty?.convex &&
    parameters !== undefined &&
    every(parameters.lower, (v) => v === 0) &&
    every(parameters.upper, (v) => v === Number.POSITIVE_INFINITY);
  if (!fits) {
    fail(
      'NOT_SUPPORTED',
      `Two-metric projection needs the penalty nonNegative(alpha), not ${penalty ? `"${penalty.name}"` : 'none'}; use ` +
        '"proximalNewton", which takes any separable penalty.',
    );
  }
  return penalty;
}
