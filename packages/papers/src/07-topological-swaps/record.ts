import type { PaperRecord } from '../record.ts';

export const record = {
  number: 7,
  slug: '07-topological-swaps',
  title: 'Optimizing NOTEARS Objectives via Topological Swaps',
  authors: 4,
  firstAuthors: ['Deng', 'Bello', 'Aragam'],
  date: '2023-05',
  venue: 'ICML 2023',
  arxiv: '2305.17277',
  code: 'https://github.com/Duntrain/TOPO',
  family: 'structure-learning',
  methods: ['TOPO', 'NOTEARS', 'topological swaps', 'DAGMA', 'log-det acyclicity'],
  summary:
    'Learning which variable causes which means finding an acyclic graph with a good score. Given an order of the variables, the best graph is a set of ordinary regressions, so only the order is hard. TOPO searches orders by swapping pairs, and asks the gradient of the acyclicity function which swaps are promising: those that the present graph forbids least. It also polishes the result of other methods such as NOTEARS, which stop short of a true minimum. We compare scores and wrong edges with the true order and with NOTEARS on random linear models.',
  terms: { SHD: 'structural Hamming distance, the wrong edges' },
  formulas: [
    {
      tex: String.raw`\min_\Theta\; Q(\Theta) \quad\text{subject to}\quad h(W(\Theta)) = 0`,
      says: 'The score is minimised over graphs on which the acyclicity function vanishes.',
    },
    {
      tex: String.raw`h(W) = -\log\det\bigl(sI - \lvert W\rvert\bigr) + d\log s,\qquad \nabla h = \bigl(sI - \lvert W\rvert\bigr)^{-\top}`,
      says: 'Entry (i, j) of the gradient counts the directed walks from j back to i, the cycles that a new edge would close.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "Linear models at the paper's kind of size; its logistic models and small neural networks are left out.",
  },
  claims: [
    {
      id: 'reaches-true-score',
      sentence: 'From a random order, swaps reach the score of the true order, with few wrong edges.',
      quick:
        'From a random order of 20 or 60 variables, swaps reach the score of the true order, with few wrong edges.',
      ingredient: 'enough candidate swaps, those of the smallest acyclicity gradient first',
      quantity: 'score minus that of the true order; structural Hamming distance (SHD) at threshold 0.3',
      draws: { quick: [20, 40, 80], full: [20, 40] },
      setting: {
        quick: '20 variables, 80 expected edges; 60 and 240',
        full: '20 variables, 80 expected edges; 100 and 400',
      },
      measures: {
        gapOfTwenty: { quantity: '20 variables: gap', over: 'share', count: { of: 'draws', '≤': 0.01 }, '≥': 0.8 },
        better: { quantity: '20 variables: swaps of any two that would still lower the score, all draws', '≤': 0 },
        distanceOfTwenty: { quantity: '20 variables: SHD', over: 'mean', '≤': 3 },
        gapOfMore: {
          quantity: '{60 or 100} variables: gap',
          over: 'share',
          count: { of: 'draws', '≤': 0.1 },
          '≥': 2 / 3,
        },
        secondsOfMore: { quantity: '100 variables: seconds', over: 'median', '≤': { full: 60 } },
      },
    },
    {
      id: 'repairs-notears',
      sentence: 'NOTEARS stops above the attainable score, and swaps repair it.',
      quick: 'NOTEARS stops above the attainable score on 10 variables, and swaps repair it.',
      ingredient: 'the swaps',
      quantity: 'gap of NOTEARS, refitted, before and after swaps',
      draws: { quick: [20, 40, 80], full: [20, 40, 80] },
      setting: { quick: '10 variables, 40 expected edges', full: '20 variables, 80 expected edges' },
      measures: {
        // What stops short must be NOTEARS, not a part of it.
        cycles: { quantity: 'h of NOTEARS', over: 'share', count: { of: 'draws', '≤': 1e-8 }, '≥': 0.8 },
        fitted: {
          quantity: 'loss of NOTEARS above that refitted along its order',
          over: 'median',
          '≤': 0.01,
        },
        // The score is a sum over variables.
        before: { quantity: 'gap of NOTEARS', over: 'mean', '≥': { quick: 0.05, full: 0.1 } },
        change: { quantity: 'change of the gap by swaps, largest', '≤': 0 },
        after: { quantity: 'gap after swaps', over: 'share', count: { of: 'draws', '≤': 0.01 }, '≥': 0.8 },
      },
    },
    {
      id: 'monotone',
      sentence: 'Every accepted round lowers the score.',
      ingredient: 'swaps made at once lie in stretches of the order that do not meet',
      quantity:
        'largest change of the score over accepted rounds, computed anew by elimination; none at all counts as a miss',
      measures: { rise: { quantity: 'largest change of the score in a round', '<': 0 } },
    },
  ],
  picture: {
    experiment: 'orders',
    title: '60 variables',
    series: { 'draw 0': 'draw 1', 'draw 1': 'draw 2', 'draw 2': 'draw 3', 'true order, draw 1': 'true order' },
    says: 'Score against rounds of swaps from three random orders, beside the score of the true order.',
  },
} as const satisfies PaperRecord;
