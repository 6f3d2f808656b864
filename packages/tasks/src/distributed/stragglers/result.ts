import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import { list, said, status } from '../../result.ts';

const seconds = v.nullable(v.number());
const run = v.object({
  seconds: said(seconds, 'Of all jobs; null if the run stalls, since a dead worker is needed.'),
  waitOuts: said(v.number(), 'Rounds that waited for all workers, since the code did not tolerate the slow ones.'),
});

const code = v.object({
  kind: said(v.picklist(['none', 'gc', 'sr-sgc', 'm-sgc']), 'No code, gradient code, or one of two sequential codes.'),
  s: v.optional(said(v.number(), 'Stragglers that a gradient code tolerates.')),
  B: v.optional(said(v.number(), 'Longest burst of a straggler, in rounds.')),
  W: v.optional(said(v.number(), 'Rounds of a window, in which few workers straggle.')),
  lambda: v.optional(said(v.number(), 'Stragglers in a window.')),
  load: said(v.number(), 'Share of the data set that a worker has in a round.'),
  delay: said(v.number(), 'Rounds that a job may be late.'),
  choosing: said(run, 'On the first half of the rounds, which chose it.'),
});

export const stragglersResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  workers: list(v.string()),
  rounds: said(v.object({ choosing: v.number(), reporting: v.number() }), 'The first half chooses, the rest reports.'),
  jobs: said(v.object({ choosing: v.number(), reporting: v.number() }), 'Jobs of the runs that are compared.'),
  verdict: said(
    v.picklist(['pays', 'no-code', 'does-not-pay', 'stalls']),
    'Whether the chosen code saves time on the rounds that did not choose it; no-code: none was chosen; stalls: a dead worker is needed.',
  ),
  saved: said(
    v.nullable(v.object({ seconds: v.number(), share: v.number() })),
    'By the chosen code on the rounds that did not choose it, beside no code; null without a code, or if a run stalls.',
  ),
  savedChoosing: said(seconds, 'The share on the rounds that chose it, which is optimistic.'),
  best: said(
    list(
      v.object({
        ...code.entries,
        reporting: v.object({
          ...run.entries,
          stalledIn: v.optional(said(v.number(), 'The round, from 1, that would not end.')),
        }),
        finish: said(list(v.number()), 'When jobs are decoded on the rounds that report.'),
      }),
    ),
    'The chosen code first, then the best of each other kind, as the first half ranks them.',
  ),
  codes: said(list(code), 'All codes that were tried, the fastest first.'),
  tried: said(v.object({ codes: v.number(), of: v.number() }), 'Codes that were tried, of those that were to be.'),
  shown: said(
    v.object({
      first: said(v.number(), 'The first round that is drawn, from 1.'),
      answers: said(list(list(seconds)), 'By worker: seconds of rounds at the load of the chosen code; null: never.'),
      ends: said(list(v.number()), 'Seconds of these rounds with the chosen code.'),
      all: said(list(seconds), 'Seconds until all workers have answered, without a code; null: never.'),
    }),
    'The rounds of the picture.',
  ),
  advice: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
});

export type StragglersResult = ResultOf<typeof stragglersResult.entries>;
