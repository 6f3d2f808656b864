import type { PaperRecord } from '../record.ts';

export const record = {
  number: 5,
  slug: '05-transductive-clustering',
  title: 'Transductive Few-Shot Learning: Clustering is All You Need?',
  authors: 5,
  firstAuthors: ['Ziko', 'Boudiaf', 'Dolz'],
  date: '2021-06',
  venue: 'arXiv preprint, 2021',
  arxiv: '2106.09516',
  code: 'https://github.com/imtiazziko/SLK-few-shot',
  family: 'clustering',
  methods: ['SLK', 'SLK-Means', 'SLK-MS', 'K-means', 'K-modes', 'mean shift', 'LaplacianShot'],
  summary:
    'Few-shot methods label a batch of images from one or five examples a class, often by elaborate training. This work answers with clustering: K-means or mean-shift prototypes, a graph term that makes neighbours agree, and the known labels held fixed. A bound optimiser updates all assignments in parallel and never raises the energy. Plain clustering on good features already rivals far heavier methods; the graph helps most when examples are few. We test both on digits described by features of other digits, and the graph term on clustering whole data sets.',
  formulas: [
    {
      tex: String.raw`\min_{Z,C}\; \sum_{p,k} z_{pk}\, d(x_p, c_k) - \tfrac{\lambda}{2} \sum_k z_k^\top W z_k`,
      says: 'Points should lie near their prototype, and neighbours in the graph W should share a cluster.',
    },
    {
      tex: String.raw`z_p \leftarrow \operatorname{softmax}\Bigl(-a_p + \lambda \textstyle\sum_q W_{pq}\, z_q\Bigr)`,
      says: 'One parallel pass minimises an upper bound of the relaxed energy, a being the distances to the prototypes.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Optimiser and clustering study are complete; in the few-shot part, features of pretrained ResNets are replaced by PCA features of MNIST digits.',
  },
  claims: [
    {
      id: 'one-shot',
      sentence:
        'With one example a class, clustering the queries beats nearest prototypes, and the graph term adds to it.',
      quantity: 'accuracy over paired 5-way episodes on unseen digits, against nearest prototypes',
      setting: { quick: '60 episodes', full: '300 episodes, paired 95 % intervals' },
      measures: {
        kMeans: { quantity: 'K-means − prototypes, points', '≥': { quick: 0.5, full: 1.5 } },
        slk: { quantity: 'SLK (λ = 1) − prototypes, points', '≥': { quick: 1.5, full: 3 } },
        kMeansLow: { quantity: 'K-means − prototypes, lower end of the interval', '≥': { full: 0 } },
        slkLow: { quantity: 'SLK − prototypes, lower end of the interval', '≥': { full: 0 } },
      },
    },
    {
      id: 'clamped-labels',
      sentence: 'With five examples a class, holding their labels fixed is what makes the method pay.',
      quantity: 'accuracy of SLK at λ = 1 over paired episodes',
      setting: { quick: '60 episodes', full: '300 episodes' },
      measures: {
        overPrototypes: { quantity: 'SLK − prototypes, points', '≥': { quick: 2, full: 3.5 } },
        overFree: { quantity: 'labels held − not held, points', '≥': { quick: 2, full: 4 } },
      },
    },
    {
      id: 'clustering',
      sentence: 'The graph term improves clusters of whole data sets.',
      quantity: 'mean normalised mutual information at λ = 2 minus that of K-means from the same starts',
      setting: { quick: '8 × 8 digits, three starts', full: '8 × 8 digits and MNIST, ten starts' },
      measures: {
        gain: { quantity: '{each set}: NMI at λ = 2 − K-means', '≥': { quick: 0.02, full: 0.03 } },
      },
    },
  ],
} as const satisfies PaperRecord;
