import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    'Learning which variable causes which means finding an acyclic graph with a good score. Given an order of the variables, the best graph is a set of ordinary regressions, so only the order is hard. TOPO searches orders by swapping pairs, and asks the gradient of the acyclicity function which swaps are promising: those that the present graph forbids least. It also polishes the result of other methods such as NOTEARS, which stop short of a true minimum. We compare scores and wrong edges with the true order, NOTEARS, GOLEM and swaps at random on random linear models.',
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
    level: 'scaled',
    note: 'Linear models of up to 100 variables with Gaussian noise of equal variances, beside NOTEARS and GOLEM of at most 20; logistic models and small neural networks are left out.',
  },
  claims: [
    {
      id: 'reaches-true-score',
      sentence: 'From a random order, swaps reach the score of the true order.',
      quick: 'From a random order of 60 variables, swaps reach the score of the true order.',
      quantity: 'score minus that of the true order; structural Hamming distance (SHD) at threshold 0.3',
      setting: {
        quick: '20 variables, 80 expected edges; 60 and 240',
        full: '20 variables, 80 expected edges; 100 and 400',
      },
      ...locked.claims['reaches-true-score'],
    },
    {
      id: 'by-gradient',
      sentence: 'In most draws, swaps by the gradient are better than as many swaps at random.',
      quantity: 'evaluations until the score is near that of the true order; scores that few candidates reach',
      setting: { quick: '50 variables, 200 expected edges', full: '100 variables, 400 expected edges' },
      ...locked.claims['by-gradient'],
    },
    {
      id: 'lower-scores',
      sentence: 'From a random order, swaps reach lower scores than NOTEARS and GOLEM.',
      quick: 'From a random order of 10 variables, swaps reach lower scores than NOTEARS and GOLEM.',
      quantity: 'gaps to the score of the true order, each with the regressions along its order refitted',
      setting: { quick: '10 variables, 40 expected edges', full: '20 variables, 80 expected edges' },
      ...locked.claims['lower-scores'],
    },
    {
      id: 'repairs-notears',
      sentence: 'NOTEARS stops above the attainable score, and swaps repair it.',
      quick: 'NOTEARS stops above the attainable score on 10 variables, and swaps repair it.',
      quantity: 'gap of NOTEARS, refitted, before and after swaps',
      setting: { quick: '10 variables, 40 expected edges', full: '20 variables, 80 expected edges' },
      ...locked.claims['repairs-notears'],
    },
    {
      id: 'monotone',
      sentence: 'Every accepted round lowers the score.',
      quantity:
        'largest change of the score over accepted rounds, computed anew by elimination; none at all counts as a miss',
      ...locked.claims.monotone,
    },
  ],
  picture: {
    experiment: 'orders',
    title: '60 variables',
    series: ['draw 0', 'draw 1', 'draw 2', 'true order, draw 1'],
    says: 'Score against rounds of swaps from three random orders, beside the score of the true order.',
  },
} as const satisfies PaperRecord;
