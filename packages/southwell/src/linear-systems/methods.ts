/** Solvers by name, with titles. */
export const METHODS = {
  cholesky: 'Cholesky factor',
  ldlt: 'LDLᵀ factor',
  lu: 'LU factors',
  qr: 'QR factors',
  cg: 'conjugate gradients',
  minres: 'MINRES',
  bicgstab: 'BiCGSTAB',
  gmres: 'GMRES',
  lsmr: 'LSMR',
} as const;
export type SystemMethod = keyof typeof METHODS;

/** Preconditioners by name, with titles. */
export const PRECONDITIONERS = {
  none: 'no preconditioner',
  jacobi: 'the diagonal',
  ssor: 'SSOR',
  'incomplete-cholesky': 'an incomplete Cholesky factor',
  'incomplete-lu': 'incomplete LU factors',
  multigrid: 'algebraic multigrid',
} as const;
export type PreconditionerName = keyof typeof PRECONDITIONERS;

export const isDirect = (method: SystemMethod): boolean => ['cholesky', 'ldlt', 'lu', 'qr'].includes(method);

/** Whether a method takes symmetric matrices only. */
export const keepsSymmetry = (method: SystemMethod): boolean => ['cholesky', 'ldlt', 'cg', 'minres'].includes(method);

/** Preconditioners that a method supports, its default first. */
export const TAKES: Readonly<Record<SystemMethod, readonly PreconditionerName[]>> = {
  cholesky: ['none'],
  ldlt: ['none'],
  lu: ['none'],
  qr: ['none'],
  cg: ['incomplete-cholesky', 'multigrid', 'ssor', 'jacobi', 'none'],
  minres: ['none', 'incomplete-cholesky', 'multigrid', 'ssor'],
  bicgstab: ['incomplete-lu', 'multigrid', 'jacobi', 'none'],
  gmres: ['incomplete-lu', 'multigrid', 'jacobi', 'none'],
  lsmr: ['none'],
};

/** A solver, and the reason for trying it. */
export interface Attempt {
  readonly method: SystemMethod;
  readonly preconditioner: PreconditionerName;
  /** A clause: "it is positive definite". */
  readonly because: string;
  /** Number of steps after which the total is estimated: if that exceeds `most`, another solver is tried. */
  readonly probe?: number;
  /** Maximum number of steps. Default: as requested. */
  readonly most?: number;
  /** Tried only if the previous solver was expected to finish within this many steps. */
  readonly below?: number;
}

/**
 * A choice between factors and multigrid by the cost of factors, which takes an ordering: it is made only if what
 * precedes it was not enough.
 */
export interface Undecided {
  /** Number of digits that are wanted. */
  readonly digits: number;
  /** Whether factors are preferred whatever they cost, if they fit into memory. */
  readonly direct: boolean;
}

/** What is tried, in order. */
export type Planned = Attempt | Undecided;

/** "conjugate gradients with SSOR". */
export function nameOf({ method, preconditioner }: Pick<Attempt, 'method' | 'preconditioner'>): string {
  return isDirect(method) || preconditioner === 'none'
    ? METHODS[method]
    : `${METHODS[method]} with ${PRECONDITIONERS[preconditioner]}`;
}

/** How far a method had come: a clause. */
export function progressAt(method: SystemMethod, residual: number, steps: number): string {
  const size = residual.toExponential(1);
  return method === 'lsmr'
    ? `‖Aᵀr‖ was at ${size} of ‖A‖‖r‖ after ${steps} steps`
    : `was at ${size} of b after ${steps} steps`;
}
