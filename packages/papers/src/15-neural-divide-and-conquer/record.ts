import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 15,
  slug: '15-neural-divide-and-conquer',
  title: 'UDC: A Unified Neural Divide-and-Conquer Framework for Large-Scale Combinatorial Optimization Problems',
  authors: 5,
  firstAuthors: ['Zheng', 'Zhou', 'Tong'],
  date: '2024-07',
  venue: 'NeurIPS 2024',
  arxiv: '2407.00312',
  code: 'https://github.com/CIAM-Group/NCO_code',
  family: 'combinatorial',
  methods: ['UDC', 'divide and conquer', 'ICAM', 'POMO', 'LKH3', 'travelling salesman problem', '2-opt'],
  summary:
    'Neural solvers of routing problems do well on a hundred cities and badly on thousands. UDC cuts a large problem into small ones with a graph network, solves the pieces with another, and trains the two together, so that a poor cut is blamed on the cutter rather than on the solver. Afterwards pieces are taken anew at shifted places, which mends the seams between them. One recipe serves ten problems. We will train small versions on tours of a hundred cities and ask what division, solver and mending each contribute beside local search.',
  formulas: [
    {
      tex: String.raw`\min_{x \in \Omega(\mathcal G)} f(x, \mathcal G) \;\approx\; \sum_{k} \min_{s_k} f'(s_k, \mathcal G_k)`,
      says: 'The instance is divided into pieces whose costs add up, and each piece is solved on its own.',
    },
    {
      tex: String.raw`h_i \leftarrow h_i + \operatorname{SiLU}\Bigl(\operatorname{BN}\bigl(U h_i + \operatorname{mean}_j\, \sigma(e_{ij}) \odot V h_j\bigr)\Bigr)`,
      says: 'The dividing network passes messages over nearest neighbours, gated by the features of the edges.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'The same pipeline and training rule with small networks, 100 to 200 cities, pieces of 10 to 20 and minutes of training instead of ten GPU-days; bars for the trained networks are not calibrated.',
  },
  claims: [
    {
      id: 'trained-division',
      sentence:
        'A trained division leads to better tours than sixteen nearest-neighbour starts, and far better than an untrained one.',
      quantity: 'mean excess over the reference tour after 50 rounds with exact pieces',
      bar: {
        quick: 'stored weights, two instances of 100 cities: ≤ 10 %',
        full: 'eight instances: ≤ 8.2 % and ≥ 30 points below the untrained network',
      },
    },
    {
      id: 'trained-conqueror',
      sentence: 'The trained solver is nearly exact on the pieces.',
      quantity: 'mean excess over exact paths of 20 cities',
      bar: { quick: '≤ 5 % on 100 pieces', full: '≤ 3 %' },
    },
    {
      id: 'shifted-pieces',
      sentence: 'Taking the pieces at shifted places improves the tour where repeating the same pieces cannot.',
      quantity: 'gain in points from round 1 to 2 with exact pieces, shifted and unshifted',
      measures: {
        shifted: { quantity: 'gain with shifted pieces, points', '≥': { quick: 1, full: 2 } },
        unshifted: { quantity: 'gain with the same pieces, points', '≥': 0, '≤': 0 },
      },
    },
    {
      id: 'knapsack',
      sentence: 'The same scheme with exact pieces never loses value on a knapsack and ends near the optimum.',
      quantity: 'shortfall from the exact value at 500 items; largest loss in a round',
      bar: { quick: '≤ 0.2 %; 0, one instance', full: '≤ 0.2 %; 0' },
    },
  ],
};
