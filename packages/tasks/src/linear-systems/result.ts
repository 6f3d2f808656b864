import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const facts = v.object({
  rows: v.number(),
  cols: v.number(),
  entries: said(v.number(), 'That are not 0.'),
  symmetric: v.boolean(),
  dominance: said(v.picklist(['strict', 'weak', 'none']), 'Of the diagonal over the rest of its row.'),
  mMatrix: said(v.boolean(), 'Proven by signs and dominance; false says nothing.'),
  definite: v.optional(
    said(v.picklist(['positive', 'negative', 'indefinite']), 'Of symmetric matrices, where it is known.'),
  ),
  inertia: v.optional(
    said(
      v.object({ positive: v.number(), negative: v.number(), zero: v.number(), certain: v.boolean() }),
      'Of LDLᵀ factors.',
    ),
  ),
  components: v.optional(said(v.number(), 'Connected parts, of square matrices.')),
  bandwidth: v.number(),
  structuralRank: v.number(),
  rank: v.optional(said(v.number(), 'That was found.')),
  condition: v.optional(said(v.number(), 'Estimate of ‖A‖₁‖A⁻¹‖₁.')),
  determinant: v.optional(v.object({ sign: v.number(), log: v.number() })),
});

const solution = v.object({
  name: said(v.string(), 'Of the right-hand side.'),
  status: v.string(),
  kind: said(v.picklist(['solution', 'least-squares']), 'Whether Ax = b, or ‖b − Ax‖ is least.'),
  residual: said(v.number(), '‖b − Ax‖/‖b‖.'),
  normalResidual: v.optional(said(v.number(), 'Of least squares: ‖Aᵀr‖/(‖A‖‖r‖).')),
  backwardError: v.optional(said(v.number(), 'Share by which entries of A and b may be wrong for x to be exact.')),
  forwardError: v.optional(said(v.number(), 'Bound of the error of x, as a share of its largest value.')),
  trueError: v.optional(said(v.number(), 'Where b = A·1: largest |x − 1|.')),
  iterations: v.number(),
  seconds: v.number(),
});

export const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  matrix: facts,
  solver: v.object({
    method: v.string(),
    preconditioner: v.string(),
    name: v.string(),
    because: v.string(),
    tried: said(list(v.string()), 'What was tried before it, and why it was not kept.'),
    factorEntries: v.optional(v.number()),
    seconds: said(v.number(), 'To set it up.'),
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
  history: v.optional(said(list(v.object({ step: v.number(), residual: v.number() })), 'Of the last right-hand side.')),
};
export const solveResult = v.object(entries);
export type SolveResult = ResultOf<typeof entries>;
