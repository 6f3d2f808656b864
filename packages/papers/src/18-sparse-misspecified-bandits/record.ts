import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 18,
  slug: '18-sparse-misspecified-bandits',
  title: 'Does Sparsity Help in Learning Misspecified Linear Bandits?',
  authors: 2,
  firstAuthors: ['Dong', 'Yang'],
  date: '2023-03',
  venue: 'ICML 2023 (PMLR 202)',
  arxiv: '2303.16998',
  family: 'decision',
  methods: [
    'linear bandits',
    'epsilon-net elimination',
    'G-optimal design',
    'orthogonal matching pursuit',
    'misspecification',
  ],
  summary:
    'A learner chooses among actions whose rewards are nearly, not exactly, linear in known features. If every feature may count, errors of the model grow by the square root of the dimension unless exponentially many actions are tried. This paper asks whether it helps that only s features matter. It does: an action within a constant of the model error is found with queries exponential in s alone, and no method can do much better. We will run elimination over a net beside least squares on hard, random and adversarial instances and count queries.',
  formulas: [
    {
      tex: String.raw`r_a = \varphi_a^\top\theta^* + \nu_a,\qquad \lvert\nu_a\rvert \le \varepsilon,\quad \lVert\theta^*\rVert_0 \le s`,
      says: 'Rewards are linear in few features, up to an error of at most ε.',
    },
    {
      tex: String.raw`\lvert\mathcal N\rvert \le \binom{d}{s}\Bigl(1 + \frac{2}{\varepsilon}\Bigr)^{s}`,
      says: 'A net over sparse parameters has so many points, which bounds the queries.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'The paper has neither code nor experiments; the elimination method is reconstructed, lower bounds become constructed instances, and good features get a standard substitute.',
  },
  claims: [
    {
      id: 'no-dimension-barrier',
      sentence:
        'On a hard instance the loss of least squares grows with the dimension, while sparse elimination stays within a constant of the model error.',
      quantity: 'suboptimality over ε at d = 64, 256 and 1024',
      bar: {
        quick: 'up to d = 256: least squares grows with slope ≥ 0.5; elimination ≤ 4, matching pursuit ≤ 2',
        full: 'least squares with slope in [0.5, 0.9] and > 7 at 1024; elimination ≤ 4 and matching pursuit ≤ 2 at every d',
      },
    },
    {
      id: 'few-queries',
      sentence: 'On random instances a handful of queries suffices.',
      quantity: 'suboptimality and number of queries, s = 2',
      bar: {
        quick: 'five instances, d = 10 and 20: all ≤ 4ε, median ≤ 60 queries',
        full: '20 instances at each d up to 60: all ≤ 4ε, median ≤ 60 queries, never more than the net; with noise failure rate ≤ 0.05',
      },
    },
    {
      id: 'adversarial',
      sentence: 'Errors chosen against the learner do not break it.',
      quantity: 'worst suboptimality over random sign patterns',
      setting: { quick: '20 patterns', full: '200 patterns' },
      measures: {
        worst: { quantity: 'worst suboptimality over ε', '≤': 4 },
      },
    },
    {
      id: 'needle',
      sentence:
        'Exponential growth in s cannot be avoided: a needle among nearly orthogonal actions takes half of all queries.',
      quantity: 'slope of log queries in s',
      bar: { quick: 's = 4 to 8: ≥ 0.6·ln 2', full: 's = 4 to 12: ≥ 0.6·ln 2' },
    },
  ],
};
