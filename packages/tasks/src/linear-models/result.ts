import * as v from 'valibot';
import { classification } from '../classes/result.ts';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const numbers = list(v.number());

const data = v.object({
  name: v.string(),
  rows: v.number(),
  features: v.number(),
  density: said(v.number(), 'Share of the entries that are not zero.'),
  notes: said(list(v.string()), 'What was done to the data.'),
  target: v.string(),
  classes: v.optional(list(v.object({ label: v.string(), rows: v.number() }))),
  targetMean: v.optional(v.number()),
  targetSd: v.optional(v.number()),
  events: v.optional(said(v.number(), 'Rows whose event was seen.')),
  strata: v.optional(said(v.number(), 'How many there are.')),
});

const coefficient = v.object({
  name: v.string(),
  response: v.optional(said(v.string(), 'The class or target that it counts for, where there are several.')),
  value: v.number(),
  perSd: said(v.number(), 'The effect of one standard deviation of the feature.'),
});

const model = v.object({
  kind: v.string(),
  title: v.string(),
  loss: v.string(),
  alpha: v.number(),
  gamma: v.optional(
    said(v.number(), 'The weight of the penalised fit in a relaxed one: 1 if there is no unpenalised fit.'),
  ),
  l1Ratio: v.optional(v.number()),
  standardize: v.boolean(),
  intercept: said(
    v.union([v.number(), v.record(v.string(), v.number())]),
    'By class or target where there are several.',
  ),
  active: said(v.number(), 'Features with a coefficient that is not zero.'),
  coefficients: said(list(coefficient), 'Not zero, largest effect of one standard deviation first.'),
});

const fit = v.object({
  status,
  objective: v.number(),
  gap: v.optional(v.number()),
  certificate: v.optional(v.string()),
  iterations: v.number(),
  seconds: v.number(),
  message: v.string(),
});

const path = v.object({
  alphas: numbers,
  active: numbers,
  devianceRatio: numbers,
  aic: numbers,
  bic: numbers,
  notRelaxed: v.optional(said(v.number(), 'Alphas whose features have no unpenalised fit, of relaxed ones.')),
  chosenBy: v.string(),
});

const chosenPoint = v.object({
  index: v.number(),
  alpha: v.number(),
  gamma: v.optional(v.number()),
  score: v.number(),
  standardError: v.number(),
  active: said(v.nullable(v.number()), 'Null where the path was cut off before.'),
});

const crossValidation = v.object({
  folds: v.number(),
  foldColumn: v.optional(said(v.string(), 'The column whose values are the folds.')),
  scoring: v.string(),
  greaterIsBetter: v.boolean(),
  alphas: numbers,
  mean: said(numbers, 'Of relaxed fits at the gamma that is kept.'),
  standardError: numbers,
  gammas: v.optional(
    said(list(v.object({ gamma: v.number(), mean: numbers, standardError: numbers })), 'Of relaxed fits, all of them.'),
  ),
  min: chosenPoint,
  oneStandardError: chosenPoint,
  rule: v.picklist(['min', '1se']),
});

const holdout = v.object({
  rows: v.number(),
  predicted: said(v.number(), 'Those of them that lack no value.'),
  score: v.optional(said(v.object({ name: v.string(), value: v.number(), rows: v.number() }), 'As predict has it.')),
  notes: list(v.string()),
});

const explanation = v.object({
  solver: v.string(),
  why: said(list(v.string()), 'Why this solver, and what it was given.'),
  problems: said(v.number(), 'Problems whose seconds are added up: the path, and folds of this thread.'),
  phases: list(v.object({ phase: v.string(), seconds: v.number() })),
  foldThreads: v.optional(
    said(v.number(), 'Threads that the folds ran in; the phases have the seconds of the first alone.'),
  ),
  exchanges: v.optional(
    said(
      v.object({ ranks: v.number(), messages: v.number(), bytes: v.number(), seconds: v.number() }),
      'Among ranks: what all sent, and the seconds of the one that was longest in it, waiting included; they are in the phases, too.',
    ),
  ),
});

const left = v.object({
  rank: v.number(),
  kind: v.string(),
  what: v.string(),
  messages: v.number(),
  bytes: v.number(),
});
export type Left = v.InferOutput<typeof left>;

const federated = v.object({
  clients: v.number(),
  ranks: v.number(),
  perRound: said(v.number(), 'Clients that take part in a round.'),
  noise: said(v.number(), 'Variance of the noise on each number of a model, up and down.'),
  form: v.picklist(['robust', 'dual']),
  why: said(v.string(), 'Why this form.'),
  rounds: v.number(),
  rho: v.optional(said(v.number(), 'The penalty at the end, of the form with duals.')),
  up: said(v.number(), 'Numbers that clients sent in the rounds, all of them together, as if each were on its own.'),
  down: said(v.number(), 'Numbers that they received.'),
  left: said(list(left), 'What each rank sent, by kind; none if all clients are in one process.'),
});

const curves = v.object({
  path: v.optional(
    v.object({
      alphas: numbers,
      lines: list(v.object({ name: v.string(), values: numbers })),
      left: said(v.number(), 'Lines that are left out.'),
    }),
  ),
  survival: v.optional(
    said(
      v.object({
        times: numbers,
        lines: list(v.object({ name: v.string(), values: list(v.nullable(v.number())) })),
        left: said(v.number(), 'Strata that are left out.'),
      }),
      'The share without an event, step by step: of quartiles of the linear predictor, or of strata at its median.',
    ),
  ),
  convergence: said(
    list(v.object({ kept: v.boolean(), seconds: numbers, gap: list(v.nullable(v.number())) })),
    'For each alpha: seconds since its fit began, relative gap.',
  ),
});

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data,
  model,
  fit,
  path: v.optional(path),
  crossValidation: v.optional(crossValidation),
  holdout: v.optional(said(holdout, 'The rows that were kept from the fit.')),
  classification: v.optional(classification),
  explanation: v.optional(explanation),
  federated: v.optional(said(federated, 'Of a federated fit: who took part, and what travelled.')),
  advice: said(list(v.string()), 'What might make a better model.'),
  tol: said(v.number(), 'The relative gap asked for.'),
  status,
  seconds: said(v.number(), 'Of everything: reading, fitting, cross-validating.'),
  modelText: said(v.string(), 'The model as it is saved.'),
  curves: v.optional(said(curves, 'For pictures alone.')),
};

export const fitResult = v.object(entries);
export type FitResult = ResultOf<typeof entries>;
export type Coefficient = v.InferOutput<typeof coefficient>;
export type ChosenPoint = v.InferOutput<typeof chosenPoint>;
export type Curves = v.InferOutput<typeof curves>;
