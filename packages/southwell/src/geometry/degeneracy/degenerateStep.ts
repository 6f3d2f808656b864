import {
  checkOptions,
  choiceOption,
  fail,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigen } from '@southwell/numerics/linalg';
import { analyseDegeneracy, checkHessian, type Degeneracy, degeneracyRecords } from './degeneracy.ts';

/**
 * Methods for H x = g if it does not constrain every motion: `dcreg`, preconditioned conjugate gradients; `none`, the
 * least-norm solution; `me-sr`, `me-tsvd`, `me-treg`, eigenvalues of H below an absolute threshold, whose directions
 * are projected out of the step, left out of the inverse, or damped; `fcn-sr`, eigenvalues far below the largest one,
 * projected out.
 */
export const degeneracyTitles = {
  dcreg: 'dcreg',
  none: 'none',
  'me-sr': 'me-sr',
  'me-tsvd': 'me-tsvd',
  'me-treg': 'me-treg',
  'fcn-sr': 'fcn-sr',
} as const;
export type DegeneracyMethod = keyof typeof degeneracyTitles;
export const DEGENERACY_METHODS = Object.keys(degeneracyTitles) as readonly DegeneracyMethod[];

export const degenerateRecords = {
  ...degeneracyRecords,
  /** Default `dcreg`. */
  method: choiceOption(degeneracyTitles),
  /** Maximum number of conjugate-gradient iterations. Default 10. */
  maxSteps: limitOption(0),
  /** Conjugate-gradient tolerance relative to ‖g‖. Default 1e-6. */
  tolerance: numberOption({ min: 0 }),
  /** ME-…: eigenvalues of H below this are degenerate; it depends on units and on the number of points. Default 120. */
  eigenvalueThreshold: numberOption({ min: 0 }),
  /** ME-TReg: added to the diagonal. Default 100. */
  damping: numberOption({ min: 0 }),
  /** An earlier analysis to reuse. */
  degeneracy: otherOption<Degeneracy>('an analysis'),
};

export interface DegenerateOptions extends OptionsOf<typeof degenerateRecords> {}

export interface DegenerateStep {
  readonly step: Float64Array;
  /** The analysis on which DCReg is based. */
  readonly degeneracy?: Degeneracy;
  /** Number of conjugate-gradient iterations; 0 for direct solutions. */
  readonly iterations: number;
  /** ‖g − H x‖/‖g‖. */
  readonly residual: number;
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const times = (A: Float64Array, x: Float64Array) =>
  Float64Array.from({ length: 6 }, (_, i) => dot(A.subarray(6 * i, 6 * i + 6), x));

/** Eigenvalues below 10⁻¹²λ_max count as 0: no motion along unconstrained directions. */
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

/** The projection of x onto the eigenvectors of H that are kept. */
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

/** Preconditioned conjugate gradients from 0. Stops early where H is singular along the residual. */
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
  checkOptions('solveDegenerate', degenerateRecords, options);
  const { method = 'dcreg', maxSteps = 10, tolerance = 1e-6, eigenvalueThreshold = 120, damping = 100 } = options;
  const { conditionThreshold = 10, targetCondition = 10 } = options;
  checkHessian(H);
  if (g.length !== 6) fail('INVALID_SHAPE', `The right-hand side must have six numbers, not ${g.length}.`);
  const [A, b] = [Float64Array.from(H), Float64Array.from(g)];
  if (!b.every(Number.isFinite)) fail('NON_FINITE', 'The right-hand side must be finite.');
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
