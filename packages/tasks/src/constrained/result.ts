import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

/** Infinite bounds are null in JSON. */
const bound = v.nullable(v.number());

const entry = {
  name: v.string(),
  value: said(v.nullable(v.number()), 'Null if no point was found.'),
  lower: said(bound, 'Null if there is none.'),
  upper: bound,
  multiplier: said(
    v.nullable(v.number()),
    'The rate at which the optimum changes with the active bound, in the sense of the model; null with integers.',
  ),
  at: said(v.nullable(v.picklist(['lower', 'upper', 'both'])), 'The bound that the value is at.'),
};

const violated = v.object({
  name: v.string(),
  kind: v.picklist(['row', 'bound']),
  value: v.number(),
  lower: bound,
  upper: bound,
  violation: v.number(),
});

export const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  model: v.object({
    kind: v.picklist(['linear', 'quadratic', 'nonlinear']),
    sense: v.picklist(['minimize', 'maximize']),
    variables: v.number(),
    rows: v.number(),
    nonzeros: said(v.number(), 'Entries of the Jacobian.'),
    integers: v.number(),
    fixed: said(v.number(), 'Variables with equal bounds.'),
    equalities: v.number(),
  }),
  solver: v.object({ method: v.string(), because: v.string() }),
  objective: said(v.nullable(v.number()), 'In the sense of the model; null if it is not finite.'),
  residuals: said(
    v.object({
      primal: v.nullable(v.number()),
      dual: v.nullable(v.number()),
      complementarity: v.nullable(v.number()),
      relative: v.nullable(v.number()),
    }),
    'Errors of the optimality conditions of the model as stated, recomputed at the end; with integers only those of rows and bounds.',
  ),
  iterations: v.number(),
  work: v.record(v.string(), v.number()),
  variables: list(v.object(entry)),
  rows: list(v.object(entry)),
  violated: said(list(violated), 'Rows and bounds that the point violates, the worst first.'),
  ray: v.optional(
    said(v.record(v.string(), v.number()), 'A direction along which the objective improves without end.'),
  ),
  conflict: v.optional(
    said(
      v.object({ names: list(v.string()), minimal: v.boolean() }),
      'Rows and bounds that cannot hold together; minimal if each of them is needed.',
    ),
  ),
  sensitivity: v.optional(
    said(
      v.object({ name: v.string(), objective: v.number(), variables: v.record(v.string(), v.number()) }),
      'Derivatives of the optimum and of the variables by a right-hand side or bound.',
    ),
  ),
  derivatives: v.optional(
    said(
      list(
        v.object({
          of: said(v.string(), 'objective, or the name of a row.'),
          by: said(list(v.string()), 'One variable of a first derivative, two of a second one.'),
          given: v.nullable(v.number()),
          byDifferences: v.nullable(v.number()),
        }),
      ),
      'Derivatives that differ from differences near the initial point, the worst first.',
    ),
  ),
  advice: list(v.string()),
  status,
  next: v.optional(v.string()),
  seconds: said(v.number(), 'Reading included.'),
  solText: said(v.string(), 'The solution as a .sol file.'),
  history: v.optional(
    said(
      v.object({
        iterations: list(v.number()),
        errors: said(v.record(v.string(), list(v.number())), 'By what they are errors of.'),
        points: v.optional(said(list(list(v.number())), 'Values of the variables, of small models.')),
      }),
      'The course of the run; for pictures alone.',
    ),
  ),
};

export const modelResult = v.object(entries);
export type ModelResult = ResultOf<typeof entries>;
