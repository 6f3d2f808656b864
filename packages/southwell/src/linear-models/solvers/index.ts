import { andersonDescent } from './andersonDescent.ts';
import { proximalGradient } from './proximalGradient.ts';
import { workingSets } from './workingSets/index.ts';

/** The solvers of linear models by name; the first is the default. */
export const linearSolvers = {
  'working-sets': workingSets,
  'proximal-gradient': proximalGradient,
  'anderson-descent': andersonDescent,
} as const;

export type SolverName = keyof typeof linearSolvers;
