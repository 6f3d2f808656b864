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
      quantity: 'score minus that of the true order; structural Hamming distance at threshold 0.3',
      setting: {
        quick: '10 variables, 20 expected edges, three draws',
        full: '20 variables, 80 expected edges, five draws; 100 variables, 400 expected edges, three draws',
      },
      measures: {
        gapOfTen: { quantity: '10 variables: gap', count: { of: 'draws', '≤': 0.01 }, '≥': { quick: 2 } },
        distanceOfTen: { quantity: '10 variables: SHD, mean', '≤': { quick: 1 } },
        gapOfTwenty: { quantity: '20 variables: gap', count: { of: 'draws', '≤': 0.01 }, '≥': { full: 4 } },
        distanceOfTwenty: { quantity: '20 variables: SHD, mean', '≤': { full: 3 } },
        gapOfHundred: { quantity: '100 variables: gap', count: { of: 'draws', '≤': 0.1 }, '≥': { full: 2 } },
      },
    },
    {
      id: 'repairs-notears',
      sentence: 'NOTEARS stops above the attainable score, and swaps repair it.',
      quantity: 'gap of NOTEARS, refitted, before and after swaps',
      setting: { quick: '10 variables, three draws', full: '20 variables, five draws' },
      measures: {
        before: { quantity: 'gap of NOTEARS, mean', '≥': { full: 0.1 } },
        change: { quantity: 'change of the gap by swaps, largest', '≤': { quick: 0 } },
        after: { quantity: 'gap after swaps, largest', '≤': 0.01 },
      },
    },
    {
      id: 'monotone',
      sentence: 'Every accepted round lowers the score.',
      quantity: 'largest change of the score over accepted rounds',
      measures: { rise: { quantity: 'largest change of the score in a round', '<': 0 } },
    },
  ],
} as const satisfies PaperRecord;
