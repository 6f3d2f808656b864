import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import { list, said, status } from '../../result.ts';

const rates = v.object({
  lambda2: said(v.number(), 'Smallest positive eigenvalue of the Laplacian, with shares as rates.'),
  lambdaMax: v.number(),
  chi1: said(v.number(), '1 / lambda2.'),
  chi2: said(v.number(), 'Half of the largest effective resistance of a link that is used.'),
  communications: said(
    v.number(),
    'Expected communications per unit of time, in which every node computes one gradient: the square root of 2 · chi1 · chi2.',
  ),
  cost: v.optional(said(v.number(), 'Their expected cost.')),
});

export const gossipResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  objective: v.string(),
  nodes: said(list(v.object({ node: v.string(), x: v.number(), y: v.number() })), 'With their places in the picture.'),
  uniform: said(rates, 'All links used equally often.'),
  given: v.optional(said(rates, 'The rates in the table.')),
  best: rates,
  lowerBound: v.optional(
    said(
      v.number(),
      'No rates that use the same links need fewer communications (or a lower cost) than this; absent where that is not known.',
    ),
  ),
  saving: said(v.number(), 'Share of the communications (or of their cost) with uniform rates that is saved.'),
  savingOfGiven: v.optional(said(v.number(), 'Share that is saved compared with the rates in the table.')),
  links: list(
    v.object({
      from: v.string(),
      to: v.string(),
      share: said(v.number(), 'Share of this link in all communications.'),
      rate: said(v.number(), 'Expected communications over this link per unit of time.'),
      given: v.optional(said(v.number(), 'Its share with the rates in the table.')),
      cost: v.optional(v.number()),
      resistance: said(v.number(), 'Effective resistance between its nodes, with shares as conductances.'),
    }),
  ),
  simulated: v.optional(
    said(
      list(
        v.object({
          rates: said(v.picklist(['uniform', 'given', 'best']), 'The rates of links.'),
          reached: said(v.boolean(), 'Whether the squared error fell to 1e-6 of that of the start.'),
          time: said(v.number(), 'Units of time until then, in each of which every node computes one gradient.'),
          gradients: v.number(),
          communications: v.number(),
        }),
      ),
      'What DADAO needed for quadratics of the given condition number.',
    ),
  ),
  events: v.optional(said(v.string(), 'Event list of the first units of time, as JSON.')),
  next: v.optional(said(v.string(), 'What it means, or what to try, if the tolerance was not reached.')),
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
});

export type GossipResult = ResultOf<typeof gossipResult.entries>;
