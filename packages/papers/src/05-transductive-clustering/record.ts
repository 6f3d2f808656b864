import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
  terms: {
    SLK: 'scalable Laplacian K-modes, clusters with a graph of neighbours',
    MS: 'modes by mean shift',
    NMI: 'normalised mutual information',
  },
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
    level: 'miniature',
    note: 'In the few-shot part, features of pretrained ResNets are replaced by PCA features of MNIST digits; clusters are those of 8 × 8 digits and MNIST. The optimiser is complete.',
  },
  claims: [
    {
      id: 'one-shot',
      sentence:
        'With one example a class, clustering the queries beats nearest prototypes, and the graph term adds to it.',
      quantity:
        'differences of accuracy over the same 5-way episodes on unseen digits; λ of LaplacianShot is the best of a grid on the base digits',
      setting: { quick: 'features from 400 digits a base class', full: 'features from all digits of the base classes' },
      ...locked.claims['one-shot'],
    },
    {
      id: 'moving-prototypes',
      sentence:
        'With one example a class, prototypes that move with the assignments beat those of LaplacianShot, which has the same graph but keeps them.',
      quantity:
        'difference of accuracy over the same 5-way episodes on unseen digits; λ of both is the best of a grid on the base digits',
      setting: { quick: 'features from 400 digits a base class', full: 'features from all digits of the base classes' },
      ...locked.claims['moving-prototypes'],
    },
    {
      id: 'clamped-labels',
      sentence: 'With five examples a class, holding their labels fixed is what makes the method pay.',
      quantity: 'differences of accuracy over the same 5-way episodes, SLK at λ = 1',
      setting: { quick: 'features from 400 digits a base class', full: 'features from all digits of the base classes' },
      ...locked.claims['clamped-labels'],
    },
    {
      id: 'clustering',
      sentence: 'The graph term improves clusters of whole data sets.',
      quick: 'The graph term improves clusters of 8 × 8 digits.',
      quantity: 'normalised mutual information (NMI) at λ = 2 minus that of K-means from the same starts',
      setting: { quick: '8 × 8 digits', full: '8 × 8 digits and MNIST' },
      ...locked.claims.clustering,
    },
    {
      id: 'bound-passes',
      sentence: 'A pass over all assignments in parallel lowers the relaxed energy at first, and never raises it.',
      quantity: 'passes on 8 × 8 digits, prototypes as they start, F by its own formula',
      setting: { quick: 'three starts, 10 passes each', full: 'ten starts, 60 passes each' },
      ...locked.claims['bound-passes'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'clustering',
    title: 'Digits: mutual information',
    series: ['λ = 0', 'λ = 2', 'K-modes'],
    says: 'Mutual information of clusters and digits against iterations, with the graph of neighbours and without it.',
  },
} as const satisfies PaperRecord;
