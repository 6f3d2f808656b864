import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 28,
  slug: '28-sequential-gradient-coding',
  title: 'Sequential Gradient Coding For Straggler Mitigation',
  authors: 3,
  firstAuthors: ['Krishnan', 'Ebrahimi', 'Khisti'],
  date: '2022-11',
  venue: 'ICLR 2023',
  arxiv: '2211.13802',
  code: 'https://github.com/mamaj/Sequential-Gradient-Coding',
  family: 'distributed',
  methods: ['gradient coding', 'SR-SGC', 'M-SGC', 'stragglers', 'fractional repetition code'],
  summary:
    'In a cluster the slowest machine sets the pace. Gradient codes give each worker several chunks so that the sum can be decoded without the slow ones, at the price of extra work each round. If gradients of several models are computed in turn, that work can be spread over time: a worker that was slow makes up for it later, and only then. Two such schemes tolerate bursts of slowness for a fraction of the load. We will reproduce loads exactly, simulate run times, and train models whose parameters must equal the uncoded ones.',
  formulas: [
    {
      tex: String.raw`g(t) = \sum_j g_j(t) = a^\top B_A\,\bigl[g_1(t), \dots, g_n(t)\bigr]^\top,\qquad a^\top B_A = \mathbf 1^\top`,
      says: 'From the answers of any n − s workers a linear combination gives the full gradient.',
    },
    {
      tex: String.raw`\text{straggler} \iff d_i > (1 + \mu)\min_j d_j`,
      says: 'A worker is dropped from a round when it takes longer than a multiple of the fastest.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "Codes, decoders, loads and simulated times are complete; the 256-worker cloud becomes an event simulator. Read off the authors' code.",
  },
  claims: [
    {
      id: 'loads',
      sentence: 'The schemes have the stated loads.',
      quantity: 'largest error of the four published normalised loads',
      measures: {
        error: { quantity: 'largest error of the four published normalised loads', '≤': 1e-12 },
      },
    },
    {
      id: 'run-time',
      sentence: 'Spreading the coding over time shortens the run.',
      quantity: 'simulated total time of the best M-SGC below the best gradient code; SR-SGC against it',
      setting: { quick: '32 workers, 60 jobs, two seeds', full: '64 workers, 150 jobs, five seeds and fresh paths' },
      measures: {
        mean: { quantity: 'mean saving over the best gradient code, %', '≥': { quick: 5, full: 12 } },
        each: { quantity: '{each seed and fresh path}: saving, %', '≥': { full: 8 } },
        selective: { quantity: 'SR-SGC over the best gradient code', '≤': { full: 1 } },
      },
    },
    {
      id: 'exact-training',
      sentence:
        'Coded training gives the parameters of uncoded training for any pattern of stragglers that is allowed.',
      quantity: 'largest relative difference of parameters',
      setting: { quick: 'two models, 8 workers', full: 'four models, 16 workers' },
      measures: {
        difference: { quantity: 'largest relative difference of parameters', '≤': 1e-8 },
      },
    },
  ],
};
