import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'In a cluster the slowest machine sets the pace. Gradient codes give each worker several chunks so that the sum can be decoded without the slow ones, at the price of extra work each round. If gradients of several models are computed in turn, that work can be spread over time: a worker that was slow makes up for it later, and only then. Two such schemes tolerate bursts of slowness for a fraction of the load. We compute loads, simulate run times on random and on measured delays, beside plain gradient codes and beside sending again what was missed, and train models on threads that really cancel what is late.',
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
  terms: {
    'M-SGC': 'multiplexed sequential gradient coding: private chunks, sent again if missed, and coded sets',
    'SR-SGC': 'selective-reattempt sequential gradient coding: a gradient code whose missing tasks are repeated later',
  },
  fidelity: {
    level: 'scaled',
    note: "Codes, decoders, loads and simulated times are complete; the 256-worker cloud becomes an event simulator on recorded and on random delays, and threads with 16 slots. Read off the authors' code.",
  },
  claims: [
    {
      id: 'loads',
      sentence: 'The schemes have the stated loads.',
      quantity: 'errors of the four published normalised loads; ratio of loads',
      setting: { quick: '256 workers, 45 models of bursts', full: '256 workers, 96 models of bursts' },
      ...locked.claims.loads,
    },
    {
      id: 'run-time',
      sentence: 'Spreading the coding over time shortens the run.',
      quantity: 'simulated total time of the best M-SGC below the best gradient code; SR-SGC against it',
      setting: { quick: '32 workers, 60 jobs, two paths', full: '64 workers, 150 jobs, five paths and fresh ones' },
      ...locked.claims['run-time'],
    },
    {
      id: 'fresh-rounds',
      sentence: 'Codes look faster than they are on the rounds that chose them.',
      quantity: 'time of chosen codes over that of the best ones, on paths that did not choose',
      setting: { quick: '32 workers, 60 jobs, two paths', full: '64 workers, 150 jobs, five paths' },
      ...locked.claims['fresh-rounds'],
    },
    {
      id: 'slope',
      sentence: 'The saving grows with the cost of load.',
      quantity: 'saving over the best gradient code on fresh paths, by the seconds of the whole data set',
      setting: { quick: '32 workers, 60 jobs, four paths', full: '64 workers, 150 jobs, three paths' },
      ...locked.claims.slope,
    },
    {
      id: 'deadline',
      sentence:
        'With one round to spare and few slow workers, M-SGC is faster than the best gradient code because of its own code.',
      quantity: 'simulated time on fresh paths below the best gradient code, and below sending again without a code',
      setting: { quick: '16 workers, 100 jobs, eight paths', full: '64 workers, 150 jobs, ten paths' },
      ...locked.claims.deadline,
    },
    {
      id: 'measured',
      sentence: 'On measured delays of cloud functions, M-SGC is faster than the best gradient code.',
      quantity: 'time on the second half of the rounds, of codes that were chosen on the first',
      setting: {
        quick: '256 workers, five series of 20 to 30 rounds',
        full: '256 workers, five series of 20 to 30 rounds',
      },
      ...locked.claims.measured,
    },
    {
      id: 'exact-training',
      sentence:
        'Coded training gives the parameters of uncoded training for any pattern of stragglers that is allowed.',
      quantity: 'largest relative difference of parameters',
      setting: {
        quick: 'two models of 800 digits, 8 workers, three patterns a code',
        full: 'four models of 10,000 digits, 16 workers, six patterns a code',
      },
      ...locked.claims['exact-training'],
    },
    {
      id: 'seconds',
      sentence: 'An executor that cancels slow work saves the seconds that the simulation says.',
      quantity: 'wall seconds saved over waiting for all, over those that the simulation says',
      setting: {
        quick: '16 slots on threads, two ten times as slow, six jobs of 2,000 digits',
        full: '16 slots on threads, two ten times as slow, 24 jobs of 10,000 digits',
      },
      ...locked.claims.seconds,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'run-time',
    title: 'jobs by time',
    says: 'Jobs that are decoded by the simulated time, for the best code of each rule on one path of delays.',
  },
} as const satisfies PaperRecord;
