/** Refinements of the sketched solution, with descriptions. */
export const REFINEMENTS = {
  none: 'the solution of the sketched problem',
  lsqr: 'LSQR that the sketch preconditions, begun anew once',
  iterative: 'iterative sketching with momentum',
} as const;
export type Refinement = keyof typeof REFINEMENTS;
