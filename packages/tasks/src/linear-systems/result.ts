import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const facts = v.object({
  rows: v.number(),
  cols: v.number(),
  entries: said(v.number(), 'Number of non-zero entries.'),
  symmetric: v.boolean(),
  dominance: said(v.picklist(['strict', 'weak', 'none']), 'Diagonal dominance by rows.'),
  mMatrix: said(v.boolean(), 'Proven by signs and dominance; false proves nothing.'),
  definite: v.optional(said(v.picklist(['positive', 'negative', 'indefinite']), 'For symmetric matrices, if known.')),
  inertia: v.optional(
    said(
      v.object({ positive: v.number(), negative: v.number(), zero: v.number(), certain: v.boolean() }),
      'Of LDLᵀ factors.',
    ),
  ),
  components: v.optional(said(v.number(), 'Number of connected components of square matrices.')),
  bandwidth: v.number(),
  structuralRank: v.number(),
  rank: v.optional(said(v.number(), 'The numerical rank, if determined.')),
  scaled: v.optional(
    said(
      v.picklist(['rows', 'columns', 'rows and columns']),
      'What is scaled, as sizes differ by orders of magnitude.',
    ),
  ),
  condition: v.optional(said(v.number(), 'Estimate of ‖A‖₁‖A⁻¹‖₁, of the scaled matrix if it is scaled.')),
  determinant: v.optional(v.object({ sign: v.number(), log: v.number() })),
});

const solution = v.object({
  name: said(v.string(), 'Name of the right-hand side.'),
  status: v.string(),
  kind: said(v.picklist(['solution', 'least-squares']), 'Whether Ax = b, or x minimises ‖b − Ax‖.'),
  residual: said(v.number(), '‖b − Ax‖/‖b‖.'),
  normalResidual: v.optional(said(v.number(), 'For least squares: ‖Aᵀr‖/(‖A‖‖r‖).')),
  backwardError: v.optional(said(v.number(), 'Componentwise backward error.')),
  forwardError: v.optional(
    said(v.number(), 'Bound on the error of x, relative to its largest value; of iterations an estimate.'),
  ),
  trueError: v.optional(said(v.number(), 'For b = A·1: largest |x − 1|.')),
  iterations: v.number(),
  seconds: v.number(),
});

export const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  matrix: facts,
  solver: v.object({
    method: v.string(),
    preconditioner: v.string(),
    name: v.string(),
    because: v.string(),
    tried: said(list(v.string()), 'Solvers tried before, and the reasons for rejecting them.'),
    factorEntries: v.optional(v.number()),
    seconds: said(v.number(), 'Seconds for the set-up.'),
  }),
  solutions: list(solution),
  x: said(v.record(v.string(), list(v.number())), 'A column for each right-hand side.'),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Reading included.'),
  modelText: said(v.string(), 'The factorisation as JSON.'),
  pattern: v.optional(
    said(
      v.object({ width: v.number(), height: v.number(), values: list(v.number()) }),
      'Where entries are; for pictures alone.',
    ),
  ),
  history: v.optional(
    said(list(v.object({ step: v.number(), residual: v.number() })), 'Residuals of the last right-hand side.'),
  ),
};
export const solveResult = v.object(entries);
export type SolveResult = ResultOf<typeof entries>;
