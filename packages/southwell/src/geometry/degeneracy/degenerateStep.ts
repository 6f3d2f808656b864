import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigen } from '@southwell/numerics/linalg';
import { analyseDegeneracy, checkHessian, type Degeneracy, type DegeneracyOptions } from './degeneracy.ts';

/**
 * Handling of H x = g if it does not constrain every motion: `dcreg`, preconditioned conjugate gradients; `none`, the least-norm
 * solution; `me-sr`, `me-tsvd`, `me-treg`, eigenvalues of H below an absolute threshold, whose directions are projected out of
 * the step, left out of the inverse, or damped; `fcn-sr`, eigenvalues far below the largest one, projected out.
 */
export const DEGENERACY_METHODS = ['dcreg', 'none', 'me-sr', 'me-tsvd', 'me-treg', 'fcn-sr'] as const;
export type DegeneracyMethod = (typeof DEGENERACY_METHODS)[number];

export interface DegenerateOptions extends DegeneracyOptions {
  /** Default `dcreg`. */
  readonly method?: DegeneracyMethod;
  /** Maximum conjugate-gradient iterations. Default 10. */
  readonly maxSteps?: number;
  /** Conjugate-gradient tolerance relative to ‖g‖. Default 1e-6. */
  readonly tolerance?: number;
  /** ME-…: eigenvalues of H below it are degenerate; it depends on units and on the number of points. Default 120. */
  readonly eigenvalueThreshold?: number;
  /** ME-TReg: what is added to the diagonal. Default 100. */
  readonly damping?: number;
  /** An earlier analysis to reuse. */
  readonly degeneracy?: Degeneracy;
}
export const degenerateKeys: OptionKeys<DegenerateOptions> = {
  ...{ method: true, conditionThreshold: true, targetCondition: true, maxSteps: true, tolerance: true },
  ...{ eigenvalueThreshold: true, damping: true, degeneracy: true },
};

export interface DegenerateStep {
  readonly step: Float64Array;
  /** Of DCReg: what it is based on. */
  readonly degeneracy?: Degeneracy;
  /** Of conjugate gradients; 0 for direct solutions. */
  readonly iterations: number;
  /** ‖g − H x‖/‖g‖. */
  readonly residual: number;
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const times = (A: Float64Array, x: Float64Array) =>
  Float64Array.from({ length: 6 }, (_, i) => dot(A.subarray(6 * i, 6 * i + 6), x));

/** Eigenvalues below 10⁻¹²λ_max count as 0: no motion along what nothing is known of. */
function leastNorm(H: Float64Array, g: Float64Array, keep: (value: number, largest: number) => boolean): Float64Array {
  const { values, vectors } = symmetricEigen(H, 6);
  const largest = Math.max(...values, 0);
  const x = new Float64Array(6);
  for (let j = 0; j < 6; j++) {
    if (!(values[j] > 1e-12 * largest) || !keep(values[j], largest)) continue;
    let along = 0;
    for (let i = 0; i < 6; i++) along += vectors[6 * i + j] * g[i];
    for (let i = 0; i < 6; i++) x[i] += (along / values[j]) * vectors[6 * i + j];
  }
  return x;
}

function direct(H: Float64Array, g: Float64Array): Float64Array {
  const factor = H.slice();
  const x = g.slice();
  if (!choleskyInPlace(factor, 6)) return leastNorm(H, g, () => true);
  choleskySolveInPlace(factor, 6, x);
  return x;
}

/** The projection of x on the eigenvectors of H that are kept. */
function projected(H: Float64Array, x: Float64Array, keep: (value: number, largest: number) => boolean): Float64Array {
  const { values, vectors } = symmetricEigen(H, 6);
  const largest = Math.max(...values, 0);
  const out = new Float64Array(6);
  for (let j = 0; j < 6; j++) {
    if (!keep(values[j], largest)) continue;
    let along = 0;
    for (let i = 0; i < 6; i++) along += vectors[6 * i + j] * x[i];
    for (let i = 0; i < 6; i++) out[i] += along * vectors[6 * i + j];
  }
  return out;
}

/** Conjugate gradients from 0, preconditioned. Ends early where H is flat along what is left. */
function conjugateGradients(
  H: Float64Array,
  g: Float64Array,
  P: Float64Array,
  { maxSteps, tolerance }: { readonly maxSteps: number; readonly tolerance: number },
): { readonly x: Float64Array; readonly iterations: number } {
  const x = new Float64Array(6);
  const r = g.slice();
  const goal = tolerance * Math.sqrt(dot(g, g));
  let z = times(P, r);
  let p = z.slice();
  let rz = dot(r, z);
  let iterations = 0;
  while (iterations < maxSteps && Math.sqrt(dot(r, r)) > goal) {
    const Hp = times(H, p);
    const curvature = dot(p, Hp);
    if (!(curvature > 0)) break;
    const alpha = rz / curvature;
    for (let k = 0; k < 6; k++) {
      x[k] += alpha * p[k];
      r[k] -= alpha * Hp[k];
    }
    iterations++;
    z = times(P, r);
    const next = dot(r, z);
    if (!(next > 0)) break;
    const beta = next / rz;
    rz = next;
    p = p.map((v, k) => z[k] + beta * v);
  }
  return { x, iterations };
}

/**
 * Solves H x = g, rotations first, robustly to degenerate motions. O(1).
 * @throws as {@link analyseDegeneracy}.
 */
export function solveDegenerate(
  H: ArrayLike<number>,
  g: ArrayLike<number>,
  options: DegenerateOptions = {},
): DegenerateStep {
  knownKeys('solveDegenerate', options, degenerateKeys);
  const { method = 'dcreg', maxSteps = 10, tolerance = 1e-6, eigenvalueThreshold = 120, damping = 100 } = options;
  const { conditionThreshold = 10, targetCondition = 10 } = options;
  if (!DEGENERACY_METHODS.includes(method)) {
    fail('INVALID_PARAMETER', `method is one of ${DEGENERACY_METHODS.join(', ')}, not '${method}'.`);
  }
  checkHessian(H);
  if (g.length !== 6) fail('INVALID_SHAPE', `The right-hand side has six numbers, not ${g.length}.`);
  const [A, b] = [Float64Array.from(H), Float64Array.from(g)];
  if (!b.every(Number.isFinite)) fail('NON_FINITE', 'The right-hand side is of finite numbers.');
  const above = (value: number) => value >= eigenvalueThreshold;
  const near = (value: number, largest: number) => value * conditionThreshold >= largest;
  let x: Float64Array;
  let iterations = 0;
  let degeneracy: Degeneracy | undefined;
  switch (method) {
    case 'dcreg':
      degeneracy = options.degeneracy ?? analyseDegeneracy(A, { conditionThreshold, targetCondition });
      if (degeneracy.mask.includes(true)) {
        ({ x, iterations } = conjugateGradients(A, b, degeneracy.preconditioner, { maxSteps, tolerance }));
      } else x = direct(A, b);
      break;
    case 'none':
      x = direct(A, b);
      break;
    case 'me-sr':
      x = projected(A, direct(A, b), above);
      break;
    case 'me-tsvd':
      x = leastNorm(A, b, above);
      break;
    case 'fcn-sr':
      x = projected(A, direct(A, b), near);
      break;
    case 'me-treg': {
      const weak = symmetricEigen(A, 6).values.some((value) => !above(value));
      const damped = A.map((v, k) => (weak && k % 7 === 0 ? v + damping : v));
      x = direct(damped, b);
      break;
    }
  }
  const size = Math.sqrt(dot(b, b));
  const left = b.map((v, k) => v - times(A, x)[k]);
  return {
    step: x,
    ...(degeneracy && { degeneracy }),
    iterations,
    residual: size > 0 ? Math.sqrt(dot(left, left)) / size : 0,
  };
}
